//! Build script of the desktop program: checks that the page has been built (it goes into the program), and hands Tauri
//! our capability and permission files, which live here and not at the root.

use std::path::Path;
use std::process::exit;

const PAGES: [&str; 2] = ["ui/dist/index.html", "ui/dist/popup.html"];

fn main() {
    // The page is part of the program: a changed page must mean a changed program.
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=icons");
    for page in PAGES {
        if !Path::new(page).is_file() {
            println!(
                "cargo::error={page} is missing: the page goes into the program, so it is built first. \
                 Run `make ui`, or `npm ci && npm run build` in ui/."
            );
            exit(1);
        }
    }
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={}", format!("{error:#}").replace('\n', " "));
        exit(1);
    }
}
