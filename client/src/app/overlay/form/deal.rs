//! Forms on deals.

use super::{Field, Form, Purpose, Ready};
use crate::{
    app::{App, words::Shown},
    request,
};
use rialto_shared::{
    command::Command,
    entry::Seq,
    id::{Hash, OrgId, RoomId},
    money::Money,
    room::{
        State,
        deal::{
            self, Assignment, Can, Deal, DeclineReason, LostReason, Presence, Responsibility, Stage,
        },
        inbox,
    },
    standing::Role,
    time::Date,
};
use strum::VariantArray as _;

const ALL: &str = "every party sees it";
const DAY: &str = "a date such as 2026-05-04";

fn held(app: &App, room: RoomId) -> Option<&Deal> {
    match app
        .console
        .replica()
        .room(room)
        .map(|held| &held.room.state)
    {
        Some(State::Deal(deal)) => Some(deal),
        Some(_) | None => None,
    }
}

fn title_of(app: &App, room: RoomId) -> String {
    app.console.replica().title(room)
}

/// What a form on a deal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnDeal {
    /// Opening one.
    Open,
    /// Moving its stage.
    Stage(RoomId),
    /// Saying what is next.
    NextStep(RoomId),
    /// Saying what it is worth.
    Value(RoomId),
    /// Saying by when it is closed.
    Close(RoomId),
    /// Setting a task.
    Task(RoomId),
    /// A task is done.
    TaskDone(RoomId),
    /// Losing it.
    Lose(RoomId),
    /// Stopping everything but talk.
    Freeze(RoomId),
    /// Asking an organisation in.
    Invite(RoomId),
    /// Naming people of one's own.
    People(RoomId),
    /// Proposing how the vendor is present.
    Presence(RoomId),
    /// Coming in.
    Come(RoomId),
    /// Not coming in.
    StayOut(RoomId),
}

pub(super) fn form(app: &App, purpose: OnDeal) -> Option<Form> {
    let (title, fields) = match purpose {
        OnDeal::Open => ("New deal".to_owned(), opening()),
        OnDeal::Stage(room) => {
            let now = held(app, room)?.course.stage.value;
            let stage = Field::choice("stage", ALL, Stage::VARIANTS);
            let stage = stage.at(now.map_or("", |stage| stage.into()));
            ("Move the stage".to_owned(), vec![stage])
        }
        OnDeal::NextStep(_) => one("What is next", "next step", ALL),
        OnDeal::Value(_) => one(
            "What it is worth",
            "value",
            "such as EUR 48,000; every party sees it",
        ),
        OnDeal::Close(_) => one(
            "By when it is closed",
            "close",
            "such as 2026-12-18; every party sees it",
        ),
        OnDeal::Task(room) => ("New task".to_owned(), task(app, room)?),
        OnDeal::TaskDone(room) => ("Which task is done".to_owned(), tasks(app, room)?),
        OnDeal::Lose(_) => (
            "Lost".to_owned(),
            vec![
                Field::choice("reason", ALL, LostReason::VARIANTS),
                Field::text("words", "a line; every party sees it"),
            ],
        ),
        OnDeal::Freeze(_) => one("Stop everything but talk", "reason", ALL),
        OnDeal::Invite(_) => ("Ask an organisation in".to_owned(), invitation(app)),
        OnDeal::People(_) => (
            "Name people of your organisation".to_owned(),
            vec![
                Field::text("people", "with commas between"),
                Field::choice("role", ALL, &[Role::Rep, Role::Viewer, Role::Lead]),
            ],
        ),
        OnDeal::Presence(_) => (
            "How the vendor is present".to_owned(),
            vec![Field::choice(
                "presence",
                "every party must sign it",
                Presence::VARIANTS,
            )],
        ),
        OnDeal::Come(_) => (
            "Come into the deal".to_owned(),
            vec![Field::text(
                "people",
                "who comes beside you, with commas between",
            )],
        ),
        OnDeal::StayOut(_) => (
            "Do not come into the deal".to_owned(),
            vec![
                Field::choice("reason", "they see it", DeclineReason::VARIANTS),
                Field::text("words", "a line; they see it"),
            ],
        ),
    };
    Some(Form::new(Purpose::Deal(purpose), title, fields))
}

/// A form of one text.
fn one(title: &str, label: &'static str, hint: &'static str) -> (String, Vec<Field>) {
    (title.to_owned(), vec![Field::text(label, hint)])
}

fn opening() -> Vec<Field> {
    vec![
        Field::text("title", "every party sees it"),
        Field::text("customer", "every party sees it"),
        Field::text("problem", "what the customer needs; every party sees it"),
        Field::text("value", "such as EUR 48,000; may stay empty"),
        Field::text("close", "such as 2026-12-18; may stay empty"),
        Field::choice(
            "vendor",
            "how its alliance managers are present",
            Presence::VARIANTS,
        )
        .at("not_present"),
        Field::text(
            "people",
            "colleagues who are in it, with commas between; may stay empty",
        ),
    ]
}

fn task(app: &App, room: RoomId) -> Option<Vec<Field>> {
    let replica = app.console.replica();
    let parties: Vec<String> = held(app, room)?
        .active()
        .map(|(org, _)| replica.org_name(org))
        .collect();
    let own = app
        .own_org()
        .map_or_else(String::new, |org| replica.org_name(org));
    Some(vec![
        Field::text("task", "every party sees it"),
        Field::choice("party", "who is to do it", &parties).at(&own),
        Field::text("due", "such as 2026-05-04"),
    ])
}

fn tasks(app: &App, room: RoomId) -> Option<Vec<Field>> {
    let texts = &app.console.replica().room(room)?.texts;
    let open: Vec<String> = held(app, room)?
        .tasks
        .open()
        .map(|(seq, task)| {
            let title = texts.get(task.title).map(|text| text.text.to_string());
            format!("{seq} {}", title.unwrap_or_default())
        })
        .collect();
    (!open.is_empty()).then(|| vec![Field::choice("task", "every party sees it", &open)])
}

fn invitation(app: &App) -> Vec<Field> {
    let org = app.directory.chosen().map(|org| app.org_name(org));
    let roles: Vec<Responsibility> = Responsibility::VARIANTS
        .iter()
        .copied()
        .filter(|one| *one != Responsibility::Vendor)
        .collect();
    vec![
        Field::filled("organisation", "", org.unwrap_or_default()),
        Field::choice("responsibility", "what they are to do", &roles),
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

/// A command in a deal, with the sentence that comes first.
fn made(
    room: RoomId,
    command: deal::Command,
    texts: &[&str],
    sentence: &str,
) -> Result<Ready, String> {
    Ok(Ready {
        room,
        command: request::worded(Command::Deal(command), texts)
            .map_err(|error| error.to_string())?,
        sentence: (!sentence.is_empty()).then(|| Shown::said(sentence)),
    })
}

pub(super) fn ready(app: &App, form: &Form, purpose: OnDeal) -> Result<Ready, String> {
    match purpose {
        OnDeal::Open => open(app, form),
        OnDeal::Stage(room)
        | OnDeal::NextStep(room)
        | OnDeal::Value(room)
        | OnDeal::Close(room) => stated(app, form, purpose, room),
        OnDeal::Task(room) => set_task(app, form, room),
        OnDeal::TaskDone(room) => task_done(form, room),
        OnDeal::Lose(room) => {
            let reason = form.read("reason", "one of the list")?;
            let words = form.needed("words")?;
            let sentence =
                "Ends the deal as lost for every party, signed by you. It cannot be opened again.";
            made(room, deal::Command::Lose { reason }, &[words], sentence)
        }
        OnDeal::Freeze(room) => {
            let reason = form.needed("reason")?;
            let sentence =
                "Stops everything but talk for every party until it is lifted, signed by you.";
            made(room, deal::Command::Freeze {}, &[reason], sentence)
        }
        OnDeal::Invite(room) => invite(app, form, room),
        OnDeal::People(room) => {
            let people = form.people(app, "people")?;
            let role = form.read("role", "one of the list")?;
            let sentence =
                "Every party sees whom you name; they read all that your organisation reads here.";
            made(
                room,
                deal::Command::AddPeople { people, role },
                &[],
                sentence,
            )
        }
        OnDeal::Presence(room) => {
            let to = form.read("presence", "one of the list")?;
            let sentence = "Proposes it to every party, signed by you; it is so once all have signed, or lapses in 7 days.";
            made(room, deal::Command::ProposePresence { to }, &[], sentence)
        }
        OnDeal::Come(room) => {
            let invitation = asked(app, room)?;
            let mut people = form.people(app, "people")?;
            if let Some(me) = app.console.replica().my_id() {
                people.remove(&me);
            }
            let command = deal::Command::AcceptInvitation { invitation, people };
            made(
                room,
                command,
                &[],
                "Your organisation becomes a party, signed by you; every party sees it.",
            )
        }
        OnDeal::StayOut(room) => {
            let invitation = asked(app, room)?;
            let reason = form.read("reason", "one of the list")?;
            let command = deal::Command::DeclineInvitation { invitation, reason };
            let words = form.needed("words")?;
            made(
                room,
                command,
                &[words],
                "Declines for good, signed by you; the parties see reason and words.",
            )
        }
    }
}

/// What the entry says that asked one's organisation in.
fn asked(app: &App, room: RoomId) -> Result<Hash, String> {
    app.deal_invitation(room)
        .ok_or_else(|| "your organisation is not asked into this deal, or no longer".to_owned())
}

fn optional<T: std::str::FromStr>(
    form: &Form,
    label: &str,
    want: &str,
) -> Result<Option<T>, String> {
    match form.said(label) {
        "" => Ok(None),
        _ => form.read(label, want).map(Some),
    }
}

fn money(form: &Form, label: &str) -> Result<Option<Money>, String> {
    match form.said(label) {
        "" => Ok(None),
        said => Money::parse(said)
            .map(Some)
            .map_err(|error| format!("{label}: {error}")),
    }
}

fn open(app: &App, form: &Form) -> Result<Ready, String> {
    let me = app
        .console
        .replica()
        .my_id()
        .ok_or("you are not known here yet")?;
    let mut people = form.people(app, "people")?;
    people.remove(&me);
    let command = Command::Inbox(inbox::Command::OpenDeal {
        presence: form.read("vendor", "one of the list")?,
        value: money(form, "value")?,
        close: optional::<Date>(form, "close", DAY)?,
        people,
    });
    let texts = [
        form.needed("title")?,
        form.needed("customer")?,
        form.needed("problem")?,
    ];
    Ok(Ready {
        room: RoomId::inbox(me),
        command: request::worded(command, &texts).map_err(|error| error.to_string())?,
        sentence: None,
    })
}

fn stated(app: &App, form: &Form, purpose: OnDeal, room: RoomId) -> Result<Ready, String> {
    let deal = held(app, room).ok_or("this deal is not here")?;
    let header = &deal.header;
    if let OnDeal::Stage(_) = purpose {
        let to: Stage = form.read("stage", "one of the list")?;
        let at = deal.course.stage.at;
        let sentence = format!(
            "Moves {} to {}, signed by you; every party sees it.",
            title_of(app, room),
            to.to_string().replace('_', " ")
        );
        return made(room, deal::Command::MoveStage { to, at }, &[], &sentence);
    }
    if let OnDeal::NextStep(_) = purpose {
        let at = header.next_step.at;
        return made(
            room,
            deal::Command::NextStep { at },
            &[form.needed("next step")?],
            "",
        );
    }
    if let OnDeal::Value(_) = purpose {
        let value = money(form, "value")?.ok_or("value: nothing is said")?;
        let at = header.value.at;
        return made(room, deal::Command::Value { value, at }, &[], "");
    }
    let close = form.read("close", DAY)?;
    let at = header.close.at;
    made(room, deal::Command::TargetClose { close, at }, &[], "")
}

fn task_done(form: &Form, room: RoomId) -> Result<Ready, String> {
    let number = form.needed("task")?.split(' ').next().unwrap_or_default();
    let task = Seq(number.parse().map_err(|_| "task: one of the list")?);
    made(room, deal::Command::DoneTask { task }, &[], "")
}

fn set_task(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let replica = app.console.replica();
    let deal = held(app, room).ok_or("this deal is not here")?;
    let party = form.needed("party")?;
    let owner: OrgId = deal
        .active()
        .map(|(org, _)| org)
        .find(|org| replica.org_name(*org) == party)
        .ok_or("party: one of the list")?;
    let to = Assignment {
        owner,
        member: None,
        due: form.read("due", DAY)?,
    };
    made(
        room,
        deal::Command::AddTask { to },
        &[form.needed("task")?],
        "",
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
