# One door for people: plain `make` lists what it can do. The work is in scripts/, one small script each.

.DEFAULT_GOAL := help
.PHONY: help setup run simulator check test desktop-test sdk-test package-test compare fmt bindings man screenshots mutants fuzz herd soak \
	bench bench-desktop package clean

help: ## This list
	@echo "Earshot. What make can do:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '%-20s %s\n' "$$name" "$$text"; done
	@echo "Arguments for the program go into ARGS:  make run ARGS='--hidden'"

setup: ## Install what building and testing need, and nothing that is there already
	@scripts/setup.sh test

run: ## Start Earshot in practice mode, with a contact centre inside (no account needed)
	@scripts/run.sh $(ARGS)

simulator: ## Start the local Genesys Cloud on port 8090, to sign in to as if it were the real one
	@scripts/simulator.sh $(ARGS)

check: ## The developer's loop: format, lints, tests without a desktop
	@scripts/check.sh

test: ## Everything, as the build machine runs it
	@scripts/test.sh

desktop-test: ## Only the desktop tests: the real app on a desktop of its own; ARGS='test_offers' runs one file
	@scripts/desktop-test.sh $(ARGS)

sdk-test: ## Only the simulator against the official JavaScript and Python SDKs
	@scripts/sdk-test.sh

compare: ## The usual reconnecting recipes and Earshot through the same faults, into docs/compare.md; ARGS='--only idles' for one
	@scripts/compare.sh $(ARGS)

fmt: ## Format all sources
	@scripts/fmt.sh

bindings: ## Generate the page's TypeScript types from the Rust ones
	@scripts/bindings.sh

man: ## Make the manual pages in docs/man again, from the programs' own words
	@scripts/man.sh

screenshots: ## Make the pictures in docs/pictures again, from the real app
	@scripts/screenshots.sh

mutants: ## Break the failure table on purpose, line by line, and see that a test notices
	@scripts/mutants.sh $(ARGS)

fuzz: ## Hostile input for every reader of network data, SECONDS_EACH=60 for each; ARGS='tokens' runs one reader
	@scripts/fuzz.sh $(ARGS)

herd: ## Ten thousand clients after an outage, in virtual time: figures and plots in docs/; FLEET=1000 for fewer
	@scripts/herd.sh

soak: ## Virtual days of faults, then ten real minutes of them; prints two tables (EARSHOT_SOAK_HOURS, EARSHOT_SOAK_SECONDS)
	@scripts/soak.sh

bench: ## How fast the engine is: events, journal, and until a lone close is caught up; ARGS='journal' runs one
	@scripts/bench.sh $(ARGS)

package: ## The .deb and .rpm packages, into target/package; ARGS='--profile dev' from the programs of make test
	@scripts/package.sh $(ARGS)

package-test: ## Install, start, upgrade and remove the packages (as root on Debian; elsewhere in a folder of its own)
	@scripts/package-test.sh $(ARGS)

bench-desktop: ## How fast and how big the desktop program is, beside Chromium; into docs/bench-desktop.md
	@scripts/bench-desktop.sh $(ARGS)

clean: ## Remove everything that was built or installed into this folder
	@scripts/clean.sh
