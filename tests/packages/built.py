"""The packages under test: where they are, and what they say they hold. `scripts/package-test.sh` builds them."""

import os
import pathlib
import subprocess
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOW = pathlib.Path(os.environ.get("EARSHOT_PACKAGES", ROOT / "target/package-test/now"))
OLD = pathlib.Path(os.environ.get("EARSHOT_OLD_PACKAGES", ROOT / "target/package-test/old"))
PACKAGES = ("earshot", "earshot-tools")
# Of the programs in them: `dev` or `release`.
PROFILE = os.environ.get("EARSHOT_PROFILE", "dev")


def run(*command, **more):
    """What a command says; it must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **more)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def deb(package, folder=NOW):
    """The one .deb of a package."""
    [found] = folder.glob(f"{package}_*.deb")
    return found


def rpm(package, folder=NOW):
    """The one .rpm of a package."""
    [found] = folder.glob(f"{package}-[0-9]*.rpm")
    return found


def field(package, name):
    """A field of a .deb's control file."""
    return run("dpkg-deb", "--field", deb(package), name).strip()


def members(package):
    """What a .deb unpacks, as members of a tar archive by absolute path."""
    process = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb(package)], stdout=subprocess.PIPE)
    with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
        found = {member.name.lstrip("."): member for member in archive}
    process.stdout.close()
    process.wait()
    return found


def files(package):
    """The files among them."""
    return {name for name, member in members(package).items() if member.isfile()}
