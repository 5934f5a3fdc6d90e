//! What happens in a deal, as sentences.

use super::{Happened, word};
use crate::app::words::moment;
use rialto_shared::{
    entry::{Seq, Slot},
    id::{MemberId, OrgId, RoomId},
    room::deal::{Assignment, Can, Deal, Event, Presence, Stage},
};

fn deal<'a>(of: &Happened<'a>, room: RoomId) -> Option<&'a Deal> {
    of.app.console.replica().room(room)?.room.state.deal()
}

/// The stage that the deal was in before the move at this entry, as far as its course remembers.
fn before(of: &Happened<'_>, room: RoomId, at: Seq) -> Option<Stage> {
    let moves = &deal(of, room)?.course.moves;
    let here = moves.iter().position(|one| one.entry == at)?;
    Some(moves.get(here.checked_sub(1)?)?.to)
}

fn task_name(of: &Happened<'_>, room: RoomId, task: Seq) -> String {
    let held = of.app.console.replica().room(room);
    let title = deal(of, room)
        .and_then(|deal| deal.tasks.list.get(&task))
        .and_then(|task| held?.texts.get(task.title));
    let logged = held.and_then(|held| held.entry(task)?.entry.text(Slot(0)));
    title
        .or(logged)
        .map_or_else(|| "a task".to_owned(), |text| format!("“{}”", text.text))
}

fn assigned(of: &Happened<'_>, to: &Assignment) -> String {
    let org = of.app.org_name(to.owner);
    let who = to.member.map_or_else(
        || org.clone(),
        |member| format!("{} ({org})", of.person(member)),
    );
    format!("{who}, by {}", to.due)
}

const fn presence(to: Presence) -> &'static str {
    match to {
        Presence::InRoom => "the vendor reads this",
        Presence::OnCall => "the vendor is on call",
        Presence::NotPresent => "the vendor is not here",
    }
}

fn may(can: Can) -> &'static str {
    match (can.invite, can.edit) {
        (true, true) => "may ask others in and edit what the deal is about",
        (true, false) => "may ask others in",
        (false, true) => "may edit what the deal is about",
        (false, false) => "may neither ask others in nor edit what the deal is about",
    }
}

pub(super) fn sentence(of: &Happened<'_>, room: RoomId, event: &Event) -> String {
    let (who, app) = (&of.who, of.app);
    let org = |org: OrgId| app.org_name(org);
    match event {
        Event::Opened(opening) => {
            let from = opening.imported.map(|slot| of.quoted(slot));
            format!("{who} opened the deal{}", from.unwrap_or_default())
        }
        Event::StageMoved { to } => {
            let from = before(of, room, of.entry.seq);
            let from = from.map_or_else(String::new, |from| format!(" from {}", word(from)));
            format!("{who} moved the stage{from} to {}", word(to))
        }
        Event::HandedOver { org, from, to } => of.hands(Some(*org), *from, *to),
        Event::Won {} => format!("{who} declared it won"),
        Event::Lost { reason, words } => {
            format!(
                "{who} declared it lost, {}{}",
                word(reason),
                of.quoted(*words)
            )
        }
        Event::Frozen { reason } => {
            format!("{who} stopped everything but talk{}", of.quoted(*reason))
        }
        Event::Unfrozen {} => format!("{who} let the deal go on"),
        Event::Retitled { title } => format!("{who} set the title{}", of.quoted(*title)),
        Event::CustomerSet { customer } => {
            format!("{who} set the customer{}", of.quoted(*customer))
        }
        Event::ProblemSet { .. } => format!("{who} said what the problem is"),
        Event::Valued { value } => format!("{who} set the value to {value}"),
        Event::TargetSet { close } => format!("{who} set the close to {close}"),
        Event::NextStepSet { next_step } => {
            format!("{who} said what is next{}", of.quoted(*next_step))
        }
        Event::TaskAdded { .. }
        | Event::TaskReassigned { .. }
        | Event::TaskDone { .. }
        | Event::TaskDropped { .. }
        | Event::TaskDue { .. } => task(of, room, event),
        Event::PresenceProposed { to, .. } => format!("{who} proposed that {}", presence(*to)),
        Event::PresenceSigned { org: by, .. } => {
            format!("{who} signed the proposed presence for {}", org(*by))
        }
        Event::PresenceSet { to, .. } => format!("every party has signed: {}", presence(*to)),
        Event::PresenceLapsed { .. } => {
            "not every party signed in time: the vendor's presence stays as it is".to_owned()
        }
        Event::VendorCalled { members, words, .. } => {
            let people = of.people(members.iter());
            format!("{who} called {people} in{}", of.quoted(*words))
        }
        Event::VendorAsked { members, words, .. } => {
            let people = of.people(members.iter());
            format!("{who} asked {people} for help{}", of.quoted(*words))
        }
        Event::Invited(_)
        | Event::InvitationCancelled { .. }
        | Event::InvitationExpired { .. }
        | Event::Accepted(_)
        | Event::Declined { .. }
        | Event::PeopleAdded { .. }
        | Event::PeopleRemoved { .. }
        | Event::Left { .. }
        | Event::Withdrawn { .. }
        | Event::PartyRemoved { .. }
        | Event::Allowed { .. }
        | Event::ResponsibilitySet { .. }
        | Event::Agreed { .. } => party(of, event),
    }
}

fn task(of: &Happened<'_>, room: RoomId, event: &Event) -> String {
    let who = &of.who;
    let name = |task: &Seq| task_name(of, room, *task);
    if let Event::TaskAdded { to, title } = event {
        let title = of.entry.text(*title);
        let title = title.map_or_else(|| "a task".to_owned(), |text| format!("“{}”", text.text));
        return format!("{who} set {title} for {}", assigned(of, to));
    }
    if let Event::TaskReassigned { task, to } = event {
        return format!("{who} gave {} to {}", name(task), assigned(of, to));
    }
    if let Event::TaskDone { task } = event {
        return format!("{who}: {} is done", name(task));
    }
    if let Event::TaskDropped { task } = event {
        return format!("{who}: {} is no longer wanted", name(task));
    }
    if let Event::TaskDue { task } = event {
        return format!("{} is due", name(task));
    }
    String::new()
}

fn party(of: &Happened<'_>, event: &Event) -> String {
    let who = &of.who;
    let org = |org: &OrgId| of.app.org_name(*org);
    let people = |people: &[MemberId]| of.people(people.iter());
    if let Event::Invited(asked) = event {
        let left = moment::day_words(asked.until, of.app.now, &of.app.zone);
        let what = word(asked.responsibility);
        return format!(
            "{who} asked {} in, as {what}, until {left}",
            org(&asked.org)
        );
    }
    if let Event::InvitationCancelled { org: asked } = event {
        return format!("{who} took the invitation of {} back", org(asked));
    }
    if let Event::InvitationExpired { org: asked, .. } = event {
        return format!("{} did not answer in time", org(asked));
    }
    if let Event::Accepted(came) = event {
        let with: Vec<MemberId> = came.people.iter().map(|one| one.id).collect();
        let author = of.entry.author.member();
        let others: Vec<MemberId> = with.into_iter().filter(|id| Some(*id) != author).collect();
        let came = org(&came.org);
        return if others.is_empty() {
            format!("{who} came in for {came}")
        } else {
            format!("{who} came in for {came}, with {}", people(&others))
        };
    }
    if let Event::Declined {
        org: asked,
        reason,
        words,
        ..
    } = event
    {
        let reason = word(reason);
        return format!(
            "{} does not come in, {reason}{}",
            org(asked),
            of.quoted(*words)
        );
    }
    staffing(of, event)
}

/// The people of the parties, and what each party does and may do.
fn staffing(of: &Happened<'_>, event: &Event) -> String {
    let who = &of.who;
    let org = |org: &OrgId| of.app.org_name(*org);
    let people = |people: &[MemberId]| of.people(people.iter());
    if let Event::PeopleAdded {
        org: by,
        people: named,
    } = event
    {
        let ids: Vec<MemberId> = named.iter().map(|one| one.id).collect();
        let role = named
            .first()
            .map_or_else(String::new, |one| one.role.to_string());
        return format!("{who} named {} for {}, as {role}", people(&ids), org(by));
    }
    if let Event::PeopleRemoved {
        org: by,
        people: gone,
    } = event
    {
        return format!("{who} took {} of {} out", people(gone), org(by));
    }
    if let Event::Left { org: by, member } = event {
        return format!("{} of {} left", of.person(*member), org(by));
    }
    if let Event::Withdrawn { org: by, .. } = event {
        return format!("{who} took {} out of the deal", org(by));
    }
    if let Event::PartyRemoved { org: by, .. } = event {
        return format!("{who} took {} out of the deal, as its host", org(by));
    }
    if let Event::Allowed { org: by, can } = event {
        return format!("{who} said that {} {}", org(by), may(*can));
    }
    if let Event::ResponsibilitySet {
        org: by,
        responsibility,
    } = event
    {
        return format!("{who}: {} is here as {}", org(by), word(responsibility));
    }
    if let Event::Agreed { org: by, nda } = event {
        let there = if *nda {
            "is in force"
        } else {
            "is not in force"
        };
        return format!("the agreement of the host with {} {there}", org(by));
    }
    String::new()
}
