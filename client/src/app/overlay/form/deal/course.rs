//! How far a deal is, how it ends, what stops it, and how the vendor is present.

use super::{ALL, Sheet, held, made};
use crate::app::{
    App,
    form::{Field, Form, Ready},
};
use rialto_shared::{
    id::RoomId,
    room::deal::{self, LostReason, Presence, Stage},
};
use strum::VariantArray as _;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Steering {
    /// The stage moves.
    Stage,
    /// It is lost.
    Lose,
    /// Everything but talk stops.
    Freeze,
    /// Another presence of the vendor is proposed.
    Presence,
}

pub(super) fn sheet(app: &App, room: RoomId, what: Steering) -> Sheet {
    let deal = held(app, room)?;
    Ok(match what {
        Steering::Stage => {
            let now = deal.course.stage.value;
            let stage = Field::choice("stage", ALL, Stage::VARIANTS);
            let stage = stage.at(now.map_or("", |stage| stage.into()));
            ("Move the stage", vec![stage])
        }
        Steering::Lose => (
            "Lost",
            vec![
                Field::choice("reason", ALL, LostReason::VARIANTS),
                Field::text("words", "a line; every party sees it"),
            ],
        ),
        Steering::Freeze => ("Stop everything but talk", vec![Field::text("reason", ALL)]),
        Steering::Presence => {
            let now = deal.presence.value;
            let others: Vec<Presence> = Presence::VARIANTS
                .iter()
                .copied()
                .filter(|presence| Some(*presence) != now)
                .collect();
            let presence = Field::choice("presence", "every party must sign it", &others);
            ("How the vendor is present", vec![presence])
        }
    })
}

pub(super) fn ready(app: &App, form: &Form, room: RoomId, what: Steering) -> Result<Ready, String> {
    match what {
        Steering::Stage => stage(app, form, room),
        Steering::Lose => {
            let reason = form.read("reason", "one of the list")?;
            let words = form.needed("words")?;
            let sentence =
                "Ends the deal as lost for every party, signed by you. It cannot be opened again.";
            made(room, deal::Command::Lose { reason }, &[words], sentence)
        }
        Steering::Freeze => {
            let reason = form.needed("reason")?;
            let sentence =
                "Stops everything but talk for every party until it is lifted, signed by you.";
            made(room, deal::Command::Freeze {}, &[reason], sentence)
        }
        Steering::Presence => {
            let to = form.read("presence", "one of the list")?;
            let sentence = match to {
                Presence::InRoom => {
                    "Proposes to every party that the vendor's alliance managers read and write here, signed by you; it is so once all have signed, or lapses in 7 days."
                }
                Presence::OnCall => {
                    "Proposes to every party that the vendor comes when it is called, signed by you; it is so once all have signed, or lapses in 7 days."
                }
                Presence::NotPresent => {
                    "Proposes to every party that the vendor is not here, signed by you; it is so once all have signed, or lapses in 7 days."
                }
            };
            made(room, deal::Command::ProposePresence { to }, &[], sentence)
        }
    }
}

fn stage(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let course = &held(app, room)?.course;
    let to: Stage = form.read("stage", "one of the list")?;
    let name = |stage: Stage| stage.to_string().replace('_', " ");
    if course.stage.value == Some(to) {
        return Err(format!("stage: it is {} already", name(to)));
    }
    let from = course.stage.value.map_or_else(String::new, name);
    let sentence = format!(
        "Moves {} from {from} to {}, signed by you; every party sees it.",
        app.console.replica().title(room),
        name(to)
    );
    let at = course.stage.at;
    made(room, deal::Command::MoveStage { to, at }, &[], &sentence)
}
