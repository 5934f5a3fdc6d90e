//! Who reads a room, in words: what stands over its messages, and in the border of every composer. Saying something to more
//! people than one meant is the worst mistake that can be made here.

use crate::app::{
    App,
    compose::Desk,
    words::{Shown, line::Tone},
};
use rialto_shared::{
    audience::{Grant, Rule},
    id::{OrgId, RoomId},
    room::{Room, State, channel::Reach},
};
use std::collections::BTreeSet;

/// The organisations that a room's audience names, and how many people.
fn named(room: &Room) -> (BTreeSet<OrgId>, usize) {
    let mut orgs = BTreeSet::new();
    let mut people = 0_usize;
    for grant in &room.audience.grants {
        match grant {
            Grant::Member { org, .. } => {
                people += 1;
                orgs.insert(*org);
            }
            Grant::Org { id, .. } => {
                orgs.insert(*id);
            }
            Grant::Tied { .. } | Grant::Rule { .. } => {}
        }
    }
    (orgs, people)
}

fn org_names(app: &App, orgs: &BTreeSet<OrgId>) -> String {
    let replica = app.console.replica();
    let names: Vec<String> = orgs.iter().map(|org| replica.org_name(*org)).collect();
    names.join(", ")
}

fn plural(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// Who reads it, in a few words.
#[must_use]
pub fn summary(app: &App, room: RoomId) -> Shown {
    let Some(held) = app.console.replica().room(room) else {
        return Shown::default();
    };
    let (orgs, people) = named(&held.room);
    let words = match &held.room.state {
        State::Channel(channel) => match &channel.settings.reach {
            Reach::Announcement => "everyone reads, the vendor posts".to_owned(),
            Reach::Community => "everyone on this server".to_owned(),
            Reach::Types(types) => {
                let types: Vec<String> = types.iter().map(ToString::to_string).collect();
                format!("partners of type {}, and the vendor", types.join(", "))
            }
            Reach::Private => format!(
                "{}, {}",
                plural(people, "person", "people"),
                plural(orgs.len(), "organisation", "organisations")
            ),
        },
        State::Direct(direct) => plural(direct.people.len(), "person", "people"),
        State::Org(_) | State::Side(_) => "private to your organisation".to_owned(),
        State::Record(_) => "your organisation's leads and admins".to_owned(),
        State::Referral(referral) if !referral.joined => {
            "your organisation's leads alone, until you answer".to_owned()
        }
        State::Relation(_) | State::Referral(_) | State::Deal(_) => {
            plural(orgs.len(), "organisation", "organisations")
        }
        State::Profile(_) | State::Inbox(_) | State::Void => String::new(),
    };
    Shown::said(words)
}

/// What stands in a composer's border: where it goes, and who will read it.
#[must_use]
pub fn of_composer(app: &App, desk: Desk) -> (Shown, Tone) {
    let replica = app.console.replica();
    let Some(held) = replica.room(desk.room) else {
        return (Shown::own("Message"), Tone::Dim);
    };
    let (orgs, _) = named(&held.room);
    let title = replica.title(desk.room);
    let verb = if desk.thread.is_some() {
        "Reply in thread · "
    } else {
        ""
    };
    let (words, tone) = match &held.room.state {
        State::Channel(_) => (
            format!("{title} · {}", summary(app, desk.room).as_str()),
            Tone::Plain,
        ),
        State::Direct(_) => (format!("only {title} and you"), Tone::Plain),
        State::Org(_) | State::Side(_) => {
            let org = replica
                .me
                .as_ref()
                .map(|me| replica.org_name(me.standing.org.id));
            (
                format!("PRIVATE TO {}", org.unwrap_or_default().to_uppercase()),
                Tone::Good,
            )
        }
        // A stranger offers it: they read nothing of this room before the answer, and never what was said before.
        State::Referral(referral) if !referral.joined => (
            format!(
                "ONLY THE LEADS OF {}: {} does not read this, also after you answer",
                replica.org_name(referral.to).to_uppercase(),
                replica.org_name(referral.from.org)
            ),
            Tone::Good,
        ),
        State::Relation(_) | State::Referral(_) | State::Deal(_) => {
            let to = match orgs.len() {
                2 => "VISIBLE TO BOTH".to_owned(),
                n => format!("VISIBLE TO ALL {n}"),
            };
            // What is easily forgotten stands first: a border may be too short for the rest.
            let vendor = if vendor_reads(&held.room) {
                " AND THE VENDOR"
            } else {
                ""
            };
            (
                format!("{to}{vendor}: {}", org_names(app, &orgs)),
                Tone::Warn,
            )
        }
        State::Profile(_) | State::Inbox(_) | State::Record(_) | State::Void => (title, Tone::Dim),
    };
    (Shown::said(format!("{verb}{words}")), tone)
}

/// Whether the vendor's alliance managers read a room by a rule.
fn vendor_reads(room: &Room) -> bool {
    room.audience.grants.iter().any(|grant| match grant {
        Grant::Rule { rule, .. } => *rule == Rule::Alliance,
        Grant::Member { .. } | Grant::Org { .. } | Grant::Tied { .. } => false,
    })
}
