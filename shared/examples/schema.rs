//! Prints the JSON Schema of the wire: what stands in `protocol.schema.json`.

#![allow(
    clippy::disallowed_methods,
    reason = "the rules do no I/O; this prints what they look like"
)]

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    let schema = serde_json::to_string_pretty(&rialto_shared::schema::wire())?;
    writeln!(io::stdout(), "{schema}")
}
