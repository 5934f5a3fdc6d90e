//! What is packaged is there: every path of the Debian package's metadata, and the pages that both programs print.

use super::sources;
use crate::kills::rialtod;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The first strings of the metadata's assets: what is taken from where.
fn assets(manifest: &str) -> Vec<String> {
    let (_, after) = manifest.split_once("\nassets = [\n").expect("assets");
    let (list, _) = after.split_once("\n]").expect("their end");
    list.lines()
        .map(|line| {
            line.trim()
                .trim_start_matches("[\"")
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// Whether a pattern, which has a star in its last part or none, is a file or matches one.
fn matches(pattern: &Path) -> bool {
    let name = pattern.file_name().unwrap().to_str().unwrap();
    let Some((_, end)) = name.split_once('*') else {
        return pattern.is_file();
    };
    let inside = fs::read_dir(pattern.parent().unwrap())
        .into_iter()
        .flatten();
    inside
        .flatten()
        .any(|file| file.file_name().to_str().unwrap().ends_with(end))
}

#[test]
fn what_the_debian_package_takes_is_there() {
    let root = sources::root();
    let manifest = fs::read_to_string(root.join("server/Cargo.toml")).unwrap();
    let pages = tempfile::tempdir().unwrap();
    let binaries = PathBuf::from(rialtod().get_program());
    let binaries = binaries.parent().unwrap();
    let made = Command::new("bash")
        .arg(root.join("server/package/pages"))
        .args([binaries, pages.path()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let assets = assets(&manifest);
    assert!(assets.len() > 4, "{assets:?}");
    for asset in assets {
        let place = if let Some(binary) = asset.strip_prefix("target/release/") {
            binaries.join(binary)
        } else if let Some(page) = asset.strip_prefix("../target/package/") {
            pages.path().join(page)
        } else {
            root.join("server").join(&asset)
        };
        assert!(matches(&place), "{asset}: nothing at {}", place.display());
    }
    assert!(manifest.contains("unit-name = \"rialtod\""));
    let unit = fs::read_to_string(root.join("server/package/rialtod.service")).unwrap();
    assert!(unit.contains("ExecStart=/usr/bin/rialtod "));
}
