//! Prints the JSON Schema of the wire: what stands in `protocol.schema.json`.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    let schema = serde_json::to_string_pretty(&rialto_shared::schema::wire())?;
    writeln!(io::stdout(), "{schema}")
}
