//! README shows what is: its screens are what the console draws, and its client is the file that `.ci/run` runs.

use rialto::demo::screens;

const BEGIN: &str = "<!-- screens -->\n";
const END: &str = "\n<!-- end of screens -->\n";
/// Puts what the command prints between the two lines.
const RENEW: &str = "cargo run -q --bin rialto -- demo --screens | \
                     sed -i -e '/^<!-- screens -->$/,/^<!-- end of/{//!d}' -e '/^<!-- screens -->$/r /dev/stdin' README.md";

#[test]
fn readmes_screens_are_those_that_the_command_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (_, after) = readme.split_once(BEGIN).expect(BEGIN);
    let (shown, _) = after.split_once(END).expect(END);
    let drawn = screens().unwrap();
    assert!(
        shown == drawn.trim_end(),
        "README shows other screens than the console draws. Look at them, and renew them:\n\n    {RENEW}\n\n{drawn}"
    );
}

#[test]
fn screens_are_the_same_each_time() {
    assert_eq!(screens().unwrap(), screens().unwrap());
}

/// Puts the file between the two lines.
const RENEW_CLIENT: &str = "(echo '```python'; cat tests/python/client.py; echo '```') | \
                            sed -i -e '/^<!-- client -->$/,/^<!-- end of client/{//!d}' -e '/^<!-- client -->$/r /dev/stdin' README.md";

#[test]
fn readmes_client_is_the_file_that_is_run() {
    let above = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let readme = std::fs::read_to_string(format!("{above}/README.md")).unwrap();
    let file = std::fs::read_to_string(format!("{above}/tests/python/client.py")).unwrap();
    let block = format!("<!-- client -->\n```python\n{file}```\n<!-- end of client -->\n");
    assert!(
        readme.contains(&block),
        "README shows another client than tests/python/client.py. Renew it:\n\n    {RENEW_CLIENT}\n"
    );
}
