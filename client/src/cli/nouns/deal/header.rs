//! What a deal states: each is replaced on its own, naming the entry that set it last.

use super::{
    super::{
        super::{exit::Failure, output},
        work::Work,
    },
    HeaderVerb,
    act::deal,
};
use rialto_shared::{command::Command, room::deal};

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
    };
    let texts: Vec<&str> = text.iter().map(String::as_str).collect();
    work.send(room, Command::Deal(command), &texts).await
}
