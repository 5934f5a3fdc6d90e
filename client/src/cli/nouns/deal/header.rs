//! What a deal states: each is replaced on its own, naming the entry that set it last.

use super::{
    super::{
        super::{exit::Failure, output},
        words::usage,
        work::Work,
    },
    HeaderVerb,
    act::deal,
};
use crate::request;
use rialto_shared::{
    command::Command,
    id::RoomId,
    room::{State, Stated, deal, side},
    text::TextKind,
};
use serde_json::json;

pub(super) async fn act(mut work: Work<'_>, verb: HeaderVerb) -> Result<(), Failure> {
    let (room, command, text) = match verb {
        HeaderVerb::Stage { room, stage } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let at = deal.course.stage.at;
            (room, deal::Command::MoveStage { to: stage, at }, None)
        }
        HeaderVerb::Title { room, title } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let at = deal.header.title.at;
            (room, deal::Command::Retitle { at }, Some(title))
        }
        HeaderVerb::Customer { room, customer } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let at = deal.header.customer.at;
            (room, deal::Command::Customer { at }, Some(customer))
        }
        HeaderVerb::Problem { room, text } => {
            let text = output::text(&text)?;
            let (room, deal) = deal(&mut work, &room).await?;
            let at = deal.header.problem.at;
            (room, deal::Command::Problem { at }, Some(text))
        }
        HeaderVerb::Next { room, text } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let at = deal.header.next_step.at;
            (room, deal::Command::NextStep { at }, Some(text))
        }
        HeaderVerb::Value { room, money } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let (value, at) = (money, deal.header.value.at);
            (room, deal::Command::Value { value, at }, None)
        }
        HeaderVerb::CloseDate { room, date } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let (close, at) = (date, deal.header.close.at);
            (room, deal::Command::TargetClose { close, at }, None)
        }
        HeaderVerb::Reference {
            room,
            reference,
            clear,
        } => return called(work, &room, reference, clear).await,
    };
    let texts: Vec<&str> = text.iter().map(String::as_str).collect();
    work.send(room, Command::Deal(command), &texts).await
}

/// What the organisation's own systems call the deal: it stands in its Side, and is said there.
async fn called(
    mut work: Work<'_>,
    room: &str,
    reference: Option<String>,
    clear: bool,
) -> Result<(), Failure> {
    let (deal, _) = deal(&mut work, room).await?;
    let (room, had) = beside(&work, deal)?;
    let reference = match reference {
        Some(reference) => {
            let text = request::text("REFERENCE", TextKind::Title, &reference);
            Some(text.map_err(|error| usage(error.to_string()))?.text)
        }
        None if clear => None,
        None => {
            let now = work.text(room, had.value.map(|had| had.text));
            let now = now.map(str::to_owned);
            work.print(
                &json!({"deal": deal, "external_reference": now}),
                now.as_deref().unwrap_or_default(),
            )?;
            return work.close();
        }
    };
    let own = work.own;
    let claim = reference
        .as_ref()
        .map(|text| side::reference_claim(own, side::Named::Deal, text.as_str()));
    let command = side::Command::Reference { claim, at: had.at };
    let texts: Vec<&str> = reference.iter().map(|text| text.as_str()).collect();
    work.send(room, Command::Side(command), &texts).await
}

/// The organisation's Side of a deal, and what stands there.
fn beside(work: &Work<'_>, deal: RoomId) -> Result<(RoomId, Stated<side::Reference>), Failure> {
    let room = deal::side_of(deal, work.own);
    let side = work.state(room).and_then(State::side);
    side.map(|side| (room, side.reference.clone()))
        .ok_or_else(|| usage("you are not in your organisation's own room beside this deal"))
}
