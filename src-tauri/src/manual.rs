//! For whoever packages Earshot: the manual page, made from the command line's own words and committed. This test fails
//! when the committed page is not what they give.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;

use crate::Arguments;

#[test]
fn the_committed_manual_page_is_current() {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page).expect("a page");
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man/earshot.1");
    if std::env::var_os("EARSHOT_WRITE_MAN").is_some() {
        fs::write(&committed, &page).expect("the page can be written");
    }
    let kept = fs::read(&committed).unwrap_or_default();
    assert!(kept == page, "docs/man/earshot.1 is not current. Run: make man");
}
