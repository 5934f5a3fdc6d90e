//! The parties of a deal and their people: who is asked in, who is here, what each may do, and the vendor on call.

use super::{ALL, Sheet, held, made};
use crate::app::{
    App,
    form::{Field, Form, Ready},
};
use rialto_shared::{
    id::{MemberId, OrgId, RoomId},
    room::deal::{self, Can, Deal, Presence, Responsibility},
    standing::Role,
};
use std::collections::BTreeSet;
use strum::VariantArray as _;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parting {
    /// An organisation is asked in.
    Invite,
    /// An invitation is taken back.
    Cancel,
    /// People of one's own are named.
    People,
    /// They are taken out.
    RemovePeople,
    /// One's own organisation says what it does.
    Responsible,
    /// A party may do more, or less.
    Allow,
    /// It is looked whether an agreement is there.
    Recheck,
    /// A party is taken out.
    RemoveParty,
    /// The vendor is called.
    Call,
}

pub(super) fn sheet(app: &App, room: RoomId, what: Parting) -> Sheet {
    let deal = held(app, room)?;
    let others = |_: ()| {
        deal.active()
            .map(|(org, _)| org)
            .filter(|org| *org != deal.host)
    };
    let party = |orgs: Vec<OrgId>| {
        let names: Vec<String> = orgs.into_iter().map(|org| app.org_name(org)).collect();
        if names.is_empty() {
            return Err("there is no such organisation in this deal".to_owned());
        }
        Ok(Field::choice("organisation", ALL, &names))
    };
    Ok(match what {
        Parting::Invite => ("Ask an organisation in", invitation(app)),
        Parting::Cancel => {
            let asked = deal.invitations.keys().copied().collect();
            ("Take an invitation back", vec![party(asked)?])
        }
        Parting::People => (
            "Name people of your organisation",
            vec![
                Field::text("people", "with commas between").knowing(app.colleagues()),
                Field::choice("role", ALL, &[Role::Rep, Role::Viewer, Role::Lead]),
            ],
        ),
        Parting::RemovePeople => {
            let own = app.own_org().and_then(|org| deal.party(org));
            let own = own.ok_or("your organisation is no party of this deal")?;
            let replica = app.console.replica();
            let here = own.people.keys().map(|id| replica.person_name(*id));
            let people = Field::text("people", "with commas between").knowing(here.collect());
            ("Take people of yours out", vec![people])
        }
        Parting::Responsible => {
            let does = Field::choice("responsibility", ALL, &responsibilities());
            ("What your organisation does here", vec![does])
        }
        Parting::Allow => (
            "What a party may do",
            vec![
                party(others(()).collect())?,
                Field::flag("may invite", "it may ask others in", false),
                Field::flag("may edit", "it may edit what the deal is about", false),
            ],
        ),
        Parting::Recheck => {
            let asked = deal.invitations.keys().copied();
            let all = others(()).chain(asked).collect();
            ("Look again for an agreement", vec![party(all)?])
        }
        Parting::RemoveParty => ("Take a party out", vec![party(others(()).collect())?]),
        Parting::Call => ("Call the vendor", call_fields(app, deal)?),
    })
}

/// What a partner takes: the vendor's part is the vendor's.
fn responsibilities() -> Vec<Responsibility> {
    let all = Responsibility::VARIANTS.iter().copied();
    all.filter(|one| *one != Responsibility::Vendor).collect()
}

fn invitation(app: &App) -> Vec<Field> {
    let org = app.directory.chosen().map(|org| app.org_name(org));
    vec![
        Field::filled(
            "organisation",
            "by its name, or the beginning of it",
            org.unwrap_or_default(),
        )
        .knowing(app.partners()),
        Field::choice("responsibility", "what they are to do", &responsibilities()),
        Field::text("message", "all that they see before they answer"),
        Field::flag(
            "history",
            "they see what was written before they came",
            false,
        ),
        Field::flag("may invite", "they may ask others in", false),
        Field::flag("may edit", "they may edit what the deal is about", false),
    ]
}

fn call_fields(app: &App, deal: &Deal) -> Result<Vec<Field>, String> {
    let here = |id: &MemberId| {
        deal.called.contains_key(id)
            || deal
                .active()
                .any(|(_, party)| party.people.contains_key(id))
    };
    let contacts = app.vendor_contacts();
    let free: Vec<String> = contacts
        .iter()
        .filter(|(id, _)| !here(id))
        .map(|(_, name)| name.clone())
        .collect();
    if free.is_empty() {
        return Err(if contacts.is_empty() {
            "the vendor names no alliance manager on its profile: there is nobody to call until its admins do".to_owned()
        } else {
            "every alliance manager of the vendor who is known here is in this deal".to_owned()
        });
    }
    let first = free.first().cloned().unwrap_or_default();
    Ok(vec![
        Field::filled("people", "whom, with commas between", first).knowing(free),
        Field::text(
            "words",
            "what for; they see it and who asks, every party too",
        ),
    ])
}

/// The organisation that is chosen, among these.
fn chosen(app: &App, form: &Form, among: impl Iterator<Item = OrgId>) -> Result<OrgId, String> {
    let name = form.needed("organisation")?;
    let mut among = among;
    among
        .find(|org| app.org_name(*org) == name)
        .ok_or_else(|| "organisation: it is not in this deal any more".to_owned())
}

fn names(app: &App, people: &BTreeSet<MemberId>) -> String {
    let replica = app.console.replica();
    let names: Vec<String> = people.iter().map(|id| replica.person_name(*id)).collect();
    names.join(", ")
}

pub(super) fn ready(app: &App, form: &Form, room: RoomId, what: Parting) -> Result<Ready, String> {
    let deal = held(app, room)?;
    let parties = || deal.active().map(|(org, _)| org);
    match what {
        Parting::Invite => invite(app, form, room),
        Parting::Cancel => {
            let org = chosen(app, form, deal.invitations.keys().copied())?;
            let sentence = format!(
                "{} can no longer come in by that invitation; every party sees it.",
                app.org_name(org)
            );
            made(
                room,
                deal::Command::CancelInvitation { org },
                &[],
                &sentence,
            )
        }
        Parting::People => {
            let people = form.people(app, "people")?;
            let role = form.read("role", "one of the list")?;
            let sentence = format!(
                "{} read all that your organisation reads here, as {role}; every party sees whom you name.",
                names(app, &people)
            );
            made(
                room,
                deal::Command::AddPeople { people, role },
                &[],
                &sentence,
            )
        }
        Parting::RemovePeople => {
            form.needed("people")?;
            let people = form.people(app, "people")?;
            let sentence = format!(
                "{} lose this deal at once, signed by you; every party sees it.",
                names(app, &people)
            );
            made(room, deal::Command::RemovePeople { people }, &[], &sentence)
        }
        Parting::Responsible => {
            let responsibility = form.read("responsibility", "one of the list")?;
            let own = app.own_org().and_then(|org| deal.party(org));
            let at = own.ok_or("your organisation is no party of this deal")?;
            let at = at.responsibility.at;
            made(
                room,
                deal::Command::Responsible { responsibility, at },
                &[],
                "",
            )
        }
        Parting::Allow => allow(app, form, room, deal),
        Parting::Recheck => {
            let asked = deal.invitations.keys().copied();
            let org = chosen(app, form, parties().chain(asked))?;
            made(room, deal::Command::Recheck { org }, &[], "")
        }
        Parting::RemoveParty => {
            let org = chosen(app, form, parties())?;
            let sentence = format!(
                "{} and all its people lose this deal at once, and its tasks are yours; signed by you, and every party sees it.",
                app.org_name(org)
            );
            made(room, deal::Command::RemoveParty { org }, &[], &sentence)
        }
        Parting::Call => call(app, form, room, deal),
    }
}

fn allow(app: &App, form: &Form, room: RoomId, deal: &Deal) -> Result<Ready, String> {
    let org = chosen(app, form, deal.active().map(|(org, _)| org))?;
    let at = deal
        .party(org)
        .map(|party| party.can_at)
        .unwrap_or_default();
    let can = Can {
        invite: form.yes("may invite"),
        edit: form.yes("may edit"),
    };
    let may = |on: bool| if on { "may" } else { "may not" };
    let sentence = format!(
        "{} {} ask others in, and {} edit what the deal is about; every party sees it.",
        app.org_name(org),
        may(can.invite),
        may(can.edit)
    );
    made(room, deal::Command::Allow { org, can, at }, &[], &sentence)
}

fn call(app: &App, form: &Form, room: RoomId, deal: &Deal) -> Result<Ready, String> {
    form.needed("people")?;
    let members = form.people(app, "people")?;
    let contacts = app.vendor_contacts();
    if let Some(other) = members
        .iter()
        .find(|id| !contacts.iter().any(|(known, _)| known == *id))
    {
        let name = app.console.replica().person_name(*other);
        return Err(format!(
            "people: {name} is no alliance manager of the vendor"
        ));
    }
    let who = names(app, &members);
    let sentence = if deal.presence.value == Some(Presence::OnCall) {
        format!(
            "Brings {who} into this deal at once, signed by you: they read it from then on, and every party sees it."
        )
    } else {
        format!(
            "Asks {who} for help, signed by you: they see who asks and your words and nothing of the deal; every party sees it."
        )
    };
    let words = form.needed("words")?;
    made(
        room,
        deal::Command::CallVendor { members },
        &[words],
        &sentence,
    )
}

fn invite(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let org = form.org(app, "organisation")?;
    let command = deal::Command::Invite {
        org,
        responsibility: form.read("responsibility", "one of the list")?,
        history: form.yes("history"),
        can: Can {
            invite: form.yes("may invite"),
            edit: form.yes("may edit"),
        },
    };
    let past = if form.yes("history") {
        "everything that was ever said here"
    } else {
        "what is said from then on"
    };
    let sentence = format!(
        "{} sees who asks and your message now, and {past} once they come.",
        app.org_name(org)
    );
    made(room, command, &[form.needed("message")?], &sentence)
}
