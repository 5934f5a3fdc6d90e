//! Every command by every kind of actor with every kind of input: one documented answer each.
//!
//! The commands come from [`crate::world::example`], whose matches are exhaustive. Commands are handed to the writer directly, as
//! they would be if they were on their way while their sender was removed, suspended or revoked. What a well-formed command
//! gets from whom is pinned as one table, `golden/matrix.snap`: read its diff as a change of who may do what.

mod stage;

use crate::world::example::{self, Example, Named};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::RoomId,
    limits,
    protocol::{Outcome, Signed, Up},
    rejection::Refusal,
};
use stage::{Actor, Stage};
use std::{collections::BTreeSet, fmt::Write as _};
use strum::VariantArray as _;

/// Every code that a command may be refused with.
const CODES: [&str; 24] = [
    "already",
    "entry.absent",
    "invitation.expired",
    "invitation.revoked",
    "limit",
    "malformed",
    "muted",
    "number.conflict",
    "number.superseded",
    "over_quota",
    "role.other",
    "role.too_low",
    "room.absent",
    "room.unsuited",
    "slow_mode",
    "stale",
    "state",
    "taken",
    "text.empty",
    "text.forbidden",
    "thing.absent",
    "too_wide",
    "unsigned",
    "value",
];

/// A refusal is documented and says something.
fn documented(refusal: &Refusal, context: &str) {
    assert!(
        CODES.contains(&refusal.code.as_str()),
        "{context}: {} is no documented code",
        refusal.code
    );
    assert!(refusal.words.len() > 3, "{context}: {refusal:?}");
}

/// The code of an answer.
fn code(outcome: &Outcome, context: &str) -> String {
    match outcome {
        Outcome::Accepted { .. } => "yes".to_owned(),
        Outcome::Refused(refusal) => {
            documented(refusal, context);
            refusal.code.clone()
        }
    }
}

/// One of a command's inputs, made out of the well-formed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
enum Input {
    Malformed,
    UnknownField,
    OverLimit,
    OtherText,
    NoTexts,
    OldNumber,
    Unsigned,
    SignedByAnother,
    OtherSubject,
    OtherRoom,
}

impl Input {
    /// The code that everybody gets who gets so far, seat or not; none, where the room has its say.
    const fn expected(self, signed: bool, worded: bool) -> Option<&'static str> {
        match self {
            Self::Malformed | Self::UnknownField => Some("malformed"),
            Self::OverLimit => Some("limit"),
            Self::OtherText | Self::NoTexts if worded => Some("malformed"),
            Self::OldNumber => Some("number.superseded"),
            Self::Unsigned | Self::SignedByAnother | Self::OtherRoom if signed => Some("unsigned"),
            Self::OtherText
            | Self::NoTexts
            | Self::Unsigned
            | Self::SignedByAnother
            | Self::OtherSubject
            | Self::OtherRoom => None,
        }
    }

    /// The frame with this input in it; none, where the command has no such thing.
    fn frame(self, stage: &mut Stage, who: usize, room: RoomId, example: &Example) -> Option<Up> {
        let mut frame = stage.frame(who, room, example);
        let Up::Command {
            n,
            room: to,
            facts,
            texts,
            signed,
            ..
        } = &mut frame
        else {
            return None;
        };
        match self {
            Self::Malformed => facts.truncate(facts.len() - 1),
            Self::UnknownField => *facts = with_field(facts),
            Self::OverLimit => facts.push_str(&" ".repeat(limits::FACTS_BYTES_MAX)),
            Self::OtherText => texts.first_mut()?.salt.0[0] ^= 1,
            Self::NoTexts => {
                texts.first()?;
                texts.clear();
            }
            Self::OldNumber => *n = 0,
            Self::Unsigned => *signed = None,
            Self::SignedByAnother => *signed = Some(stage.signature(TOM_ELSE, room, example)?),
            Self::OtherSubject => {
                *signed = Some(stage.resigned(who, signed.take()?));
            }
            Self::OtherRoom => *to = RoomId::inbox(stage.member(who)),
        }
        Some(frame)
    }
}

/// Whoever signs what is another's.
const TOM_ELSE: usize = crate::world::KIM;

fn with_field(facts: &str) -> String {
    let mut json: serde_json::Value = serde_json::from_str(facts).expect("facts");
    let (_, room) = json["fact"]
        .as_object_mut()
        .unwrap()
        .iter_mut()
        .next()
        .unwrap();
    let (_, command) = room.as_object_mut().unwrap().iter_mut().next().unwrap();
    command["later"] = serde_json::json!(1);
    json.to_string()
}

/// Whether whoever stands so is to the room as if it were not there.
const fn outside(actor: Actor) -> bool {
    match actor {
        Actor::Outsider
        | Actor::RemovedMeanwhile
        | Actor::Suspended
        | Actor::OfSuspended
        | Actor::Revoked => true,
        Actor::Viewer | Actor::Rep | Actor::Lead | Actor::Admin | Actor::Muted => false,
    }
}

/// Everything but the well-formed is refused as documented, and nothing is written.
fn refusals(stage: &mut Stage, actor: Actor, room: RoomId, example: &Example) {
    let who = actor.console();
    let kind = example.0.kind();
    let before = stage.commits();
    for input in Input::VARIANTS {
        let context = format!("{kind} by {actor:?}, {input:?}");
        let signed = example.0.signed();
        let wanted = input.expected(signed, !example.1.is_empty());
        if wanted.is_none() && *input != Input::OtherSubject {
            // Signed or not, to this room or that: it is well formed, and no refusal to test here.
            continue;
        }
        let Some(frame) = input.frame(stage, who, room, example) else {
            continue;
        };
        let outcome = stage.submit(who, frame);
        let got = code(&outcome, &context);
        match wanted {
            _ if actor == Actor::Revoked => assert_eq!(got, "room.absent", "{context}"),
            Some(wanted) => assert_eq!(got, wanted, "{context}"),
            None if !stage.seated(who, room) => assert_eq!(got, "room.absent", "{context}"),
            None => {
                assert!(
                    ["unsigned", "entry.absent"].contains(&got.as_str()),
                    "{context}: {got}"
                );
            }
        }
        assert_eq!(stage.commits(), before, "{context} left a trace");
    }
}

/// An absent room and one that this actor may not see: the same answer, byte for byte.
fn absent(stage: &mut Stage, actor: Actor, room: RoomId, example: &Example) {
    let who = actor.console();
    let kind = example.0.kind();
    let nowhere = RoomId::new(room.kind(), [0xAB; 16]);
    let mut answers = BTreeSet::new();
    for place in [room, nowhere] {
        let frame = stage.frame(who, place, example);
        let answer = stage.submit(who, frame);
        answers.insert(serde_json::to_string(&answer).unwrap());
    }
    assert_eq!(answers.len(), 1, "{kind} by {actor:?}: {answers:?}");
    assert!(
        answers.iter().all(|answer| answer.contains("room.absent")),
        "{kind} by {actor:?}: {answers:?}"
    );
}

/// The same number with the same body, and with another.
fn repeated(stage: &mut Stage, who: usize, frame: &Up, first: &Outcome, context: &str) {
    let commits = stage.commits();
    assert_eq!(&stage.submit(who, frame.clone()), first, "{context}, again");
    let mut other = frame.clone();
    if let Up::Command { facts, signed, .. } = &mut other {
        facts.push(' ');
        if let Some(Signed { declaration, .. }) = signed {
            declaration.push(' ');
        }
    }
    let answer = stage.submit(who, other);
    assert_eq!(
        code(&answer, context),
        "number.conflict",
        "{context}, another body"
    );
    assert_eq!(stage.commits(), commits, "{context}, again: left a trace");
}

/// The line of one command: what each actor is answered.
fn line(base: &Stage, place: usize) -> String {
    let mut line = String::new();
    for actor in Actor::VARIANTS {
        let mut stage = base.copy();
        let who = actor.console();
        let (room, example) = stage.example(place, *actor);
        let context = format!("{} by {actor:?}", example.0.kind());
        refusals(&mut stage, *actor, room, &example);
        assert!(
            !outside(*actor) || *actor == Actor::RemovedMeanwhile || !stage.seated(who, room),
            "{context}: not outside"
        );
        if !stage.seated(who, room) {
            absent(&mut stage, *actor, room, &example);
        }
        let before = stage.commits();
        let frame = stage.frame(who, room, &example);
        let outcome = if *actor == Actor::RemovedMeanwhile {
            stage.submit_after_removal(who, frame.clone())
        } else {
            stage.submit(who, frame.clone())
        };
        let got = code(&outcome, &context);
        if got == "yes" && stage.revoked(who) {
            // Who takes their own device away is answered once, and from then on as nobody.
            let again = stage.submit(who, frame);
            assert_eq!(code(&again, &context), "room.absent", "{context}");
        } else if got == "yes" {
            repeated(&mut stage, who, &frame, &outcome, &context);
        } else if *actor != Actor::RemovedMeanwhile {
            assert_eq!(stage.commits(), before, "{context} left a trace");
        }
        assert!(!outside(*actor) || got == "room.absent", "{context}: {got}");
        write!(line, " {got:<13}").unwrap();
        stage.verify();
    }
    format!("{:<23}{}\n", base.kind(place), line.trim_end())
}

#[test]
fn every_command_is_answered_as_documented() {
    let base = Stage::new();
    let mut table = format!("{:<23}", "");
    for actor in Actor::VARIANTS {
        let name: &'static str = actor.into();
        write!(table, " {name:<13}").unwrap();
    }
    table = format!("{}\n", table.trim_end());
    for place in 0..base.kinds() {
        table.push_str(&line(&base, place));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("matrix", table));
}

#[test]
fn names_that_mean_nothing_are_refused_and_leave_no_trace() {
    let base = Stage::new();
    for place in 0..base.kinds() {
        for actor in [Actor::Outsider, Actor::Rep, Actor::Lead, Actor::Admin] {
            let mut stage = base.copy();
            let (room, _) = stage.example(place, actor);
            let strangers = Named {
                at: Seq(999),
                entry: Seq(999),
                ..example::strangers(stage.now())
            };
            let example = example::examples(&strangers).remove(place);
            let context = format!("{} of strangers by {actor:?}", example.0.kind());
            let before = stage.commits();
            let frame = stage.frame(actor.console(), room, &example);
            let outcome = stage.submit(actor.console(), frame);
            if code(&outcome, &context) != "yes" {
                assert_eq!(stage.commits(), before, "{context} left a trace");
            }
            stage.verify();
        }
    }
}

/// Every command that replaces something refuses to replace what its author has not seen.
#[test]
fn what_was_changed_meanwhile_is_not_replaced() {
    let base = Stage::new();
    let mut stale = 0;
    for place in 0..base.kinds() {
        let mut stage = base.copy();
        let (room, (command, texts)) = stage.example(place, Actor::Admin);
        let late = stage.late(command);
        let Some(command) = late else { continue };
        let context = command.kind();
        let frame = stage.frame(Actor::Admin.console(), room, &(command, texts));
        let outcome = stage.submit(Actor::Admin.console(), frame);
        let got = code(&outcome, &context);
        // A thing of a room that is of another kind is refused for that first.
        assert!(
            ["stale", "thing.absent", "room.unsuited"].contains(&got.as_str()),
            "{context}: {got}"
        );
        stale += usize::from(got == "stale");
    }
    assert!(stale >= 10, "{stale} commands were refused as stale");
}

#[test]
fn the_table_of_codes_is_whole() {
    let mut sorted = CODES.to_vec();
    sorted.sort_unstable();
    assert_eq!(sorted, CODES);
}

/// What is asked of a room of another kind.
#[test]
fn a_command_in_a_room_of_another_kind_is_refused_in_words() {
    let base = Stage::new();
    for place in 0..base.kinds() {
        for room in base.homes() {
            let mut stage = base.copy();
            let (home, example) = stage.example(place, Actor::Admin);
            let talks = matches!(example.0, Command::Talk(_));
            if home.kind() == room.kind() || talks {
                continue;
            }
            let context = format!("{} in {room}", example.0.kind());
            let before = stage.commits();
            let frame = stage.frame(Actor::Admin.console(), room, &example);
            let outcome = stage.submit(Actor::Admin.console(), frame);
            assert_ne!(code(&outcome, &context), "yes", "{context}");
            assert_eq!(stage.commits(), before, "{context} left a trace");
        }
    }
}
