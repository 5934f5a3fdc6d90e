//! The parties of a deal and their people: asked in, named, let do more or less, and taken out.

use super::{
    super::{
        super::{exit::Failure, output},
        words::usage,
        work::Work,
    },
    Invite, PartyVerb,
    act::{deal, step},
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{OrgId, RoomId},
    room::deal::{self, Can, Deal, Responsibility},
};

pub(super) async fn act(mut work: Work<'_>, verb: PartyVerb) -> Result<(), Failure> {
    match verb {
        PartyVerb::Invite(asked) => invite(work, asked).await,
        PartyVerb::Cancel { room, org } => cancel(work, &room, &org).await,
        PartyVerb::Add { room, person, role } => {
            let people = work.people(&person).await?;
            step(work, &room, deal::Command::AddPeople { people, role }, &[]).await
        }
        PartyVerb::Remove { room, person } => {
            let people = work.people(&person).await?;
            step(work, &room, deal::Command::RemovePeople { people }, &[]).await
        }
        PartyVerb::Responsible {
            room,
            responsibility,
        } => {
            let (room, deal) = deal(&mut work, &room).await?;
            let own = deal.party(work.own);
            let at = own.map_or(Seq::ZERO, |party| party.responsibility.at);
            let command = deal::Command::Responsible { responsibility, at };
            work.send(room, Command::Deal(command), &[]).await
        }
        PartyVerb::Allow {
            room,
            org,
            can_invite,
            can_edit,
        } => {
            let (room, deal, org) = party(&mut work, &room, &org).await?;
            let at = deal.party(org).map_or(Seq::ZERO, |party| party.can_at);
            let can = Can {
                invite: can_invite,
                edit: can_edit,
            };
            let command = deal::Command::Allow { org, can, at };
            work.send(room, Command::Deal(command), &[]).await
        }
        PartyVerb::Recheck { room, org } => {
            let org = work.find_org(&org).await?;
            step(work, &room, deal::Command::Recheck { org }, &[]).await
        }
        PartyVerb::Expel { room, org } => {
            let (room, _, org) = party(&mut work, &room, &org).await?;
            let command = Command::Deal(deal::Command::RemoveParty { org });
            work.send(room, command, &[]).await
        }
    }
}

/// The deal that is meant, and a party of it that is.
async fn party(
    work: &mut Work<'_>,
    room: &str,
    org: &str,
) -> Result<(RoomId, Deal, OrgId), Failure> {
    let org = work.find_org(org).await?;
    let (room, deal) = deal(work, room).await?;
    if deal.party(org).is_none() {
        return Err(usage(format!(
            "{} is no party of this deal, or no longer: see `rialto deal show {room}`",
            work.org_name(org)
        )));
    }
    Ok((room, deal, org))
}

async fn cancel(mut work: Work<'_>, room: &str, org: &str) -> Result<(), Failure> {
    let org = work.find_org(org).await?;
    let (room, deal) = deal(&mut work, room).await?;
    if !deal.invitations.contains_key(&org) {
        return Err(usage(format!(
            "{} is not asked into this deal, or no longer: see `rialto deal show {room}`",
            work.org_name(org)
        )));
    }
    let command = Command::Deal(deal::Command::CancelInvitation { org });
    work.send(room, command, &[]).await
}

async fn invite(mut work: Work<'_>, invite: Invite) -> Result<(), Failure> {
    let org = work.find_org(&invite.org).await?;
    if invite.responsibility == Responsibility::Vendor {
        return Err(usage(
            "the vendor is not invited: see `rialto deal presence` and `rialto deal call`",
        ));
    }
    let message = output::text(&invite.message)?;
    let command = deal::Command::Invite {
        org,
        responsibility: invite.responsibility,
        history: invite.history,
        can: Can {
            invite: invite.can_invite,
            edit: invite.can_edit,
        },
    };
    step(work, &invite.room, command, &[&message]).await
}
