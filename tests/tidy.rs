//! The house style, as tests over the repository's own files: what a review would otherwise have to say each time.
//! Each rule is a function of text in `rules`, tried there on an offender made for it; here each meets the repository.
//! What the compiler and clippy already refuse is not repeated.

mod package;
mod readme;
mod rules;
mod sources;

use sources::Source;

/// Fails with every offender in one message, so that one run is enough to put all of them right.
#[track_caller]
fn assert_none(rule: &str, offenders: &[String]) {
    assert!(
        offenders.is_empty(),
        "{rule}:\n  {}",
        offenders.join("\n  ")
    );
}

/// The offences of `rule` in `files`, each under its file's path.
fn offenders(files: &[Source], rule: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    files
        .iter()
        .flat_map(|file| {
            rule(file)
                .into_iter()
                .map(move |offence| format!("{}: {offence}", file.path))
        })
        .collect()
}

/// A walk that finds nothing would pass every rule.
#[test]
fn the_walk_finds_every_package() {
    let rust = sources::rust();
    for known in [
        "client/src/lib.rs",
        "server/src/lib.rs",
        "shared/src/lib.rs",
        "tests/tidy.rs",
        "tests/tidy/rules.rs",
    ] {
        assert!(
            rust.iter().any(|file| file.path == known),
            "{known} is not among the {} sources found",
            rust.len()
        );
    }
    let all = sources::all();
    for known in ["Cargo.toml", "README.md", ".ci/run", "shared/.clippy.toml"] {
        assert!(
            all.iter().any(|file| file.path == known),
            "{known} is not among the {} files found",
            all.len()
        );
    }
    assert!(
        all.iter().all(|file| !file.path.starts_with("target/")),
        "the build folder is not a source"
    );
}

#[test]
fn files_are_short() {
    assert_none(
        "a file has at most 600 lines besides its tests; split it by noun",
        &offenders(&sources::rust(), rules::long),
    );
}

#[test]
fn folders_are_small() {
    assert_none(
        "a folder has at most 14 sources directly inside; give some of them a folder of their own",
        &rules::crowded(&sources::rust()),
    );
}

#[test]
fn modules_are_nouns() {
    assert_none(
        "a module is named for the thing in it",
        &offenders(&sources::rust(), rules::nameless),
    );
}

#[test]
fn nothing_is_ignored_or_left_to_do() {
    assert_none(
        "what is not done is not there, and a test that does not run is none",
        &offenders(&sources::rust(), rules::unfinished),
    );
}

#[test]
fn tests_do_not_sleep() {
    assert_none(
        "a test waits for what it awaits, or moves a manual clock",
        &offenders(&sources::rust(), rules::sleeping),
    );
}

#[test]
fn every_source_says_what_it_is() {
    assert_none(
        "a source begins with a //! head that says what it is and why",
        &offenders(&sources::rust(), rules::headless),
    );
}

#[test]
fn nothing_invisible_is_in_the_text() {
    assert_none(
        "control, bidi and invisible characters are written as escapes",
        &offenders(&sources::all(), rules::invisible),
    );
}

#[test]
fn only_ci_knows_what_lies_beside_the_clone() {
    assert_none(
        "only .ci/run names the folder beside the clone; all others read RIALTO_ECOSYSTEM_CSV",
        &offenders(&sources::all(), rules::outside),
    );
}
