//! The wire as JSON Schema, for clients that share no code with this one: drawn from the types themselves, so that it
//! cannot say anything else than they do. What serde reads from a string by a rule of its own has its schema beside that rule,
//! by `written_as`; what travels as a string of JSON says what is in it.
//!
//! `protocol.schema.json` is what [`wire`] gives; a test compares them.

use crate::{
    command::Command,
    entry::{Facts, Record},
    event::{BONDS, Bond, CAUSES, Event, SIGNED},
    protocol::{Down, Snapshot, Up},
    statement::Declaration,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

/// Gives a type that serde writes as a string its schema: what it is, and the pattern of the string.
macro_rules! written_as {
    ($name:ident, $words:expr, $pattern:expr) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $words, "pattern": $pattern })
            }
        }
    };
}
pub(crate) use written_as;

/// A string of JSON, of which exactly the bytes are hashed and signed.
macro_rules! json_of {
    ($(#[$doc:meta])* $name:ident: $held:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": generator.subschema_for::<$held>(),
                })
            }
        }
    };
}

json_of!(
    /// The facts of a command, on their way.
    CommandFacts: Facts<Command>
);
json_of!(
    /// The facts of an entry.
    EventFacts: Facts<Event>
);
json_of!(
    /// What a device signed.
    SignedDeclaration: Declaration
);

/// The schema of everything on the wire: `Up` and `Down` under `$defs`, the [`Snapshot`] whose JSON comes in parts, and all
/// that is in them; and under `x-causes` which signed command may cause which kinds of entries ([`CAUSES`]), under `x-bonds`
/// what it binds them to say ([`BONDS`]), under `x-signed` which kinds only a signed command causes ([`SIGNED`]).
#[must_use]
pub fn wire() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let ways = [
        generator.subschema_for::<Up>(),
        generator.subschema_for::<Down>(),
    ];
    generator.subschema_for::<Snapshot>();
    generator.subschema_for::<Record>();
    let mut causes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (command, effects) in CAUSES {
        causes.entry(command).or_default().extend(*effects);
    }
    let mut bonds: BTreeMap<&str, BTreeMap<&str, &[Bond]>> = BTreeMap::new();
    for (command, event, binds) in BONDS {
        bonds.entry(command).or_default().insert(event, binds);
    }
    let description = "Text frames of JSON over a WebSocket: Up from a client, Down from the server. A client tolerates \
                       fields and kinds that it does not know.";
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The wire of Rialto, version 1",
        "description": description,
        "anyOf": ways,
        "$defs": generator.take_definitions(true),
        "x-causes": causes,
        "x-bonds": bonds,
        "x-signed": SIGNED,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENEW: &str = "cargo run -q -p rialto-shared --example schema > schema.new && mv schema.new shared/protocol.schema.json";

    #[test]
    fn the_file_is_what_the_types_say() {
        let file: Value = serde_json::from_str(include_str!("../../protocol.schema.json")).unwrap();
        assert!(
            file == wire(),
            "shared/protocol.schema.json is stale; renew it:\n\n    {RENEW}\n"
        );
    }

    /// Two types of one name would be told apart by a number that moves when a third comes.
    #[test]
    fn every_type_has_a_name_of_its_own() {
        let schema = wire();
        let names = schema["$defs"].as_object().unwrap().keys();
        let numbered: Vec<&String> = names
            .filter(|name| name.ends_with(|last: char| last.is_ascii_digit()))
            .collect();
        assert!(
            numbered.is_empty(),
            "#[schemars(rename)] is wanted for {numbered:?}"
        );
    }
}
