//! What changes hands, shown before it does: as far as whoever hands over may read it, and no further.

use super::super::{
    super::{
        exit::{Exit, Failure},
        output, talk,
    },
    member,
    words::usage,
    work::{Work, meant},
};
use crate::replica::Replica;
use rialto_shared::{
    audience::Grant,
    command::Command,
    id::{MemberId, OrgId, RoomId},
    room::{Room, State, deal::Deal, org, referral::Referral, side::About},
};
use serde_json::json;

/// Something that a person has in hand in a room.
struct Piece {
    room: RoomId,
    what: &'static str,
    moves: bool,
    words: String,
}

impl Piece {
    fn new(room: RoomId, what: &'static str, words: impl Into<String>) -> Self {
        Self {
            room,
            what,
            moves: true,
            words: words.into(),
        }
    }

    fn stays(room: RoomId, what: &'static str, why: &str) -> Self {
        Self {
            moves: false,
            ..Self::new(room, what, why)
        }
    }
}

pub(super) async fn act(
    mut work: Work<'_>,
    from: &str,
    to: &str,
    (preview, yes): (bool, bool),
) -> Result<(), Failure> {
    let from = of_ours(&work, from)?;
    let to = member::named(&work, to)?;
    let (giver, taker) = (work.person_name(from), work.person_name(to));
    work.org()?;
    let pieces = pieces(work.replica(), work.own, from);
    for piece in &pieces {
        let title = work.replica().title(piece.room);
        let verdict = if piece.moves { "moves" } else { "stays" };
        work.print(
            &json!({"room": piece.room, "title": title, "what": piece.what, "moves": piece.moves,
                "words": piece.words}),
            &format!("{verdict}  {}  {title}  {}", piece.what, piece.words),
        )?;
    }
    work.talk(
        "conversations stay, and so do seats in channels, and what waits in an Inbox of other things",
    );
    if preview {
        return work.close();
    }
    if !yes && !agreed(&giver, &taker)? {
        return Err(Failure::new(Exit::Failure, "nothing was handed over"));
    }
    let command = Command::Org(org::Command::HandOver { from, to });
    let receipt = work.submit(RoomId::org(work.own), command, &[]).await?;
    work.talk(&format!(
        "{taker} has in hand what {giver} had; each room says so itself, the last of very many a little later"
    ));
    talk::receipt(work.context, &work.client, &receipt)?;
    work.close()
}

fn agreed(giver: &str, taker: &str) -> Result<bool, Failure> {
    let question = format!("Hand all that moves over from {giver} to {taker}? (yes or no)");
    let answer = output::ask(&question)
        .ok_or_else(|| usage("nobody is here to be asked: pass --yes, or --preview"))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// A person of one's own organisation, gone or not.
fn of_ours(work: &Work<'_>, text: &str) -> Result<MemberId, Failure> {
    if text == "me" {
        return Ok(work.me);
    }
    let people = work.org()?.people.keys();
    let known = people.map(|id| (*id, work.person_name(*id))).collect();
    let plain = text.trim_start_matches('@').replace('.', " ");
    Ok(meant(&plain, known)?)
}

fn pieces(replica: &Replica, own: OrgId, who: MemberId) -> Vec<Piece> {
    let mut pieces = vec![];
    for (room, held) in replica.rooms().filter(|(_, held)| !held.closed) {
        match &held.room.state {
            State::Side(side) if side.org == own => {
                side_of(replica, room, &held.room, who, &mut pieces);
            }
            State::Referral(referral) => referred(room, referral, own, who, &mut pieces),
            State::Deal(deal) => dealt(room, deal, own, who, &mut pieces),
            State::Channel(_) if named(&held.room, who) => {
                pieces.push(Piece::stays(room, "channel", "its leads give its seats"));
            }
            State::Side(_)
            | State::Channel(_)
            | State::Void
            | State::Org(_)
            | State::Inbox(_)
            | State::Direct(_)
            | State::Profile(_)
            | State::Relation(_)
            | State::Record(_) => {}
        }
    }
    pieces
}

fn named(room: &Room, who: MemberId) -> bool {
    let mut grants = room.audience.grants.iter();
    grants.any(|grant| matches!(grant, Grant::Member { id, .. } if *id == who))
}

fn side_of(replica: &Replica, room: RoomId, held: &Room, who: MemberId, pieces: &mut Vec<Piece>) {
    let State::Side(side) = &held.state else {
        return;
    };
    if side.owner == Some(who) {
        pieces.push(Piece::new(room, "case", "they have it"));
    } else if named(held, who) {
        pieces.push(Piece::new(room, "seat", "in what is private to us"));
    }
    // Whether they are in it is not for whoever has no seat there to know beforehand; its own log says what moved.
    if let About::Deal { room: deal } = side.about
        && replica.room(deal).is_none()
    {
        let words = "a deal in which you have no seat: what they have in hand there moves too";
        pieces.push(Piece::new(room, "deal", words));
    }
}

fn referred(room: RoomId, referral: &Referral, own: OrgId, who: MemberId, pieces: &mut Vec<Piece>) {
    if referral.from.org == own && referral.owner == who {
        let clock = if referral.stage.is_open() {
            format!(
                "we referred it; it is to be answered by {}",
                referral.until.to_rfc3339()
            )
        } else {
            "we referred it".to_owned()
        };
        pieces.push(Piece::new(room, "referral", clock));
    }
    let handoff = referral.handoff.as_ref().filter(|_| referral.to == own);
    if let Some(handoff) = handoff.filter(|handoff| handoff.people.contains(&who)) {
        let by = handoff.contact_by.to_rfc3339();
        let words = format!("we work on it; the customer was to be contacted by {by}");
        pieces.push(Piece::new(room, "referral", words));
    }
}

fn dealt(room: RoomId, deal: &Deal, own: OrgId, who: MemberId, pieces: &mut Vec<Piece>) {
    if deal.called.contains_key(&who) {
        let why = "a party called them in by name, and signed it";
        pieces.push(Piece::stays(room, "call", why));
    }
    let party = deal.party(own);
    let Some(role) = party.and_then(|party| party.people.get(&who)) else {
        return;
    };
    pieces.push(Piece::new(room, "deal", format!("their seat, as {role}")));
    for (seq, task) in deal
        .tasks
        .open()
        .filter(|(_, task)| task.to.member == Some(who))
    {
        let words = format!("task {seq}, due {}", task.to.due);
        pieces.push(Piece::new(room, "task", words));
    }
    let waits = deal.invitations.values().filter(|open| open.inviter == who);
    for open in waits {
        let until = open.until.to_rfc3339();
        let words = format!("an invitation of theirs, to be answered by {until}");
        pieces.push(Piece::new(room, "invitation", words));
    }
}
