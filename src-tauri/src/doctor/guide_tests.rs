//! That the administrator's guide and the code say the same: scopes, permissions, ports, keys, places, variables.

use std::collections::BTreeSet;

use earshot_doctor::features::{PERMISSIONS, Right, SCOPES};
use earshot_doctor::{Check, Examination, Row};
use earshot_engine::sign_in::PORTS;

const GUIDE: &str = include_str!("../../../docs/administrators.md");
const KEYS: &str = include_str!("../managed/keys.rs");
/// Where variables of the environment are read.
const READERS: [&str; 3] =
    [include_str!("../overrides.rs"), include_str!("../managed/mod.rs"), include_str!("../logging/mod.rs")];

/// From a heading to the next one of its kind.
fn section(heading: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("\n{heading}\n")).expect("the heading");
    let mark = format!("\n{} ", heading.split(' ').next().expect("a mark"));
    rest.split_once(&mark).map_or(rest, |(section, _)| section)
}

/// What is written as code in the first column of a section's last table.
fn named(section: &str) -> BTreeSet<String> {
    let table = section.rsplit_once("|---|").expect("a table").1;
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let words = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    words.map(str::to_owned).collect()
}

fn names(rights: &[Right]) -> BTreeSet<String> {
    rights.iter().map(|right| right.any_of[0].to_owned()).collect()
}

#[test]
fn the_scopes_are_those_that_are_looked_for() {
    assert_eq!(named(section("### Scopes")), names(SCOPES));
}

#[test]
fn the_permissions_are_those_that_are_looked_for() {
    let all = PERMISSIONS.iter().flat_map(|right| right.any_of).map(|name| (*name).to_owned()).collect();
    assert_eq!(named(section("## Roles and permissions")), all);
}

#[test]
fn the_managed_keys_are_those_that_are_read() {
    let (_, keys) = KEYS.split_once("struct Keys {").expect("the keys");
    let (keys, _) = keys.split_once('}').expect("their end");
    let keys = keys.lines().filter_map(|line| Some(line.trim().split_once(": ")?.0.to_owned())).collect();
    assert_eq!(named(section("## Managed settings")), keys);
}

#[test]
fn the_return_addresses_are_those_that_are_listened_on() {
    let client = section("## The OAuth client");
    let found = client.matches("http://localhost:").count();
    assert_eq!(found, PORTS.len());
    for port in PORTS {
        assert!(client.contains(&format!("`http://localhost:{port}/callback`")), "{port}");
    }
}

#[test]
fn the_variables_are_those_that_are_read() {
    let of = |text: &str| {
        let words =
            text.split(|c: char| !(c.is_ascii_uppercase() || c == '_')).filter(|word| word.starts_with("EARSHOT_"));
        words.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(of(GUIDE), READERS.iter().flat_map(|source| of(source)).collect());
}

#[test]
fn the_places_are_those_that_are_used() {
    let managed = READERS[1];
    for place in ["/etc/earshot/config.toml", "/Library/Application Support/Earshot/config.toml"] {
        assert!(GUIDE.contains(place) && managed.contains(place), "{place}");
    }
    for place in [crate::settings::FILE, "journal/journal.db", "logs/"] {
        assert!(GUIDE.contains(&format!("`~/.local/share/{}/{place}`", crate::logging::IDENTIFIER)), "{place}");
    }
    let client = format!("EARSHOT_CLIENT_ID={}\n", earshot_simulator::PUBLIC_CLIENT_ID);
    assert!(GUIDE.contains(&client) && GUIDE.contains("http://127.0.0.1:8090\n"));
}

#[test]
fn the_rows_that_the_guide_points_to_exist_and_the_sample_looks_like_one() {
    let titles: BTreeSet<_> = Check::ALL.iter().map(|check| check.title()).collect();
    let troubles = section("## When something is wrong").lines().filter(|line| line.starts_with("| ")).skip(1);
    for cell in troubles.filter_map(|line| line.split(" | ").nth(1)).filter(|cell| !cell.starts_with('(')) {
        for title in cell.split([',', ';']).map(str::trim).filter(|title| *title != "grant") {
            assert!(titles.contains(title), "{title}");
        }
    }
    let sample = section("## Checking: `earshot --doctor`");
    for check in Check::ALL {
        let begin = Row::ok(check, "").lines();
        assert!(sample.contains(begin.get(..20).expect("a column")), "{check:?}");
    }
    let last = Examination::default().sum();
    assert!(sample.contains(&last[last.find("failed").expect("the word")..last.find("not").expect("the word")]));
}
