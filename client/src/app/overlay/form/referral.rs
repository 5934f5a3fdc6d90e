//! Forms on referrals: drafting, offering, answering.

use super::{Field, Form, Purpose, Ready};
use crate::{
    account::chance,
    app::{App, words::Shown},
    request,
};
use rialto_shared::{
    command::Command,
    entry::Worded,
    id::{Hash, OrgId, RoomId, Salt},
    room::{
        State, inbox,
        referral::{self, DeclineReason},
        side::{
            self, Band, Consent, Draft, Fee, SizeBand, Teaser, Terms, Urgency, ValueBand, Want,
        },
    },
};
use rialto_shared::{
    country::{Country, CountryError},
    industry::Industry,
};
use strum::VariantArray as _;

/// What a form on a referral is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnReferral {
    /// Taking it.
    Accept(RoomId),
    /// Not taking it.
    Decline(RoomId),
    /// Giving it back.
    Return(RoomId),
    /// Opening its deal.
    Convert(RoomId),
    /// Drafting a customer to be referred.
    Case,
    /// Offering a case.
    Offer(RoomId),
}

pub(super) fn form(app: &App, purpose: OnReferral) -> Option<Form> {
    let replica = app.console.replica();
    let title = |room: RoomId| replica.title(room);
    let reasons = Field::choice("reason", "they see it", DeclineReason::VARIANTS);
    let why = Field::text("words", "a line; they see it");
    Some(match purpose {
        OnReferral::Accept(room) => {
            let me = replica.person_name(replica.my_id()?);
            let people = Field::filled("people", "who works on it, with commas between", me);
            Form::new(
                Purpose::Referral(purpose),
                format!("Accept {}", title(room)),
                vec![people],
            )
        }
        OnReferral::Decline(room) => Form::new(
            Purpose::Referral(purpose),
            format!("Decline {}", title(room)),
            vec![reasons, why],
        ),
        OnReferral::Return(room) => Form::new(
            Purpose::Referral(purpose),
            format!("Give back {}", title(room)),
            vec![reasons, why],
        ),
        OnReferral::Convert(room) => {
            let customer = customer(app, room).unwrap_or_default();
            let fields = vec![
                Field::text("title", "what the deal is called; every party sees it"),
                Field::filled("customer", "as every party of the deal sees them", customer),
            ];
            Form::new(
                Purpose::Referral(purpose),
                format!("Open the deal of {}", title(room)),
                fields,
            )
        }
        OnReferral::Case => Form::new(
            Purpose::Referral(purpose),
            "New referral · kept private until you offer it",
            case(),
        ),
        OnReferral::Offer(_) => offer(app, purpose),
    })
}

/// The customer, once they are shown.
fn customer(app: &App, room: RoomId) -> Option<String> {
    let held = app.console.replica().room(room)?;
    let State::Referral(referral) = &held.room.state else {
        return None;
    };
    let at = referral.dossier.first()?;
    Some(held.texts.get(*at)?.text.to_string())
}

fn case() -> Vec<Field> {
    let hidden = "shown only after they accept";
    let shown = "shown at once";
    vec![
        Field::text("customer", hidden),
        Field::text("contact", hidden),
        Field::text("notes", "shown only after they accept; may stay empty"),
        Field::text("need", "shown at once: do not name the customer here"),
        Field::choice("industry", shown, Industry::VARIANTS),
        Field::text("country", "shown at once; two capitals, such as DE"),
        Field::choice("size", "shown at once; people", SizeBand::VARIANTS),
        Field::choice("want", shown, Want::VARIANTS),
        Field::choice("worth", shown, Band::VARIANTS),
        Field::filled("currency", shown, "EUR".to_owned()),
        Field::choice("urgency", shown, Urgency::VARIANTS).at("normal"),
        Field::filled(
            "fee in percent",
            "what you are owed; shown at once",
            "0".to_owned(),
        ),
        Field::filled("months", "for how long from acceptance", "12".to_owned()),
        Field::flag(
            "consent",
            "the customer agreed to be named and contacted: an offer needs it",
            false,
        ),
        Field::text("basis", "how they agreed; never leaves your organisation"),
        Field::text("agreed on", "such as 2026-05-04; today where empty"),
    ]
}

fn offer(app: &App, purpose: OnReferral) -> Form {
    let to = match app.directory.chosen() {
        Some(org) => app.org_name(org),
        None => String::new(),
    };
    let fields = vec![
        Field::filled("to", "the organisation that gets it", to),
        Field::text(
            "words",
            "where you are not connected: they go with the request to connect",
        ),
    ];
    Form::new(Purpose::Referral(purpose), "Offer this case", fields)
}

pub(super) fn ready(app: &App, form: &Form, purpose: OnReferral) -> Result<Ready, String> {
    match purpose {
        OnReferral::Accept(room) => accept(app, form, room),
        OnReferral::Decline(room) => {
            let command = referral::Command::Decline {
                reason: form.read("reason", "one of the list")?,
            };
            answer(
                app,
                room,
                command,
                form.needed("words")?,
                "Declines this referral for good",
            )
        }
        OnReferral::Return(room) => {
            let command = referral::Command::Return {
                reason: form.read("reason", "one of the list")?,
            };
            answer(
                app,
                room,
                command,
                form.needed("words")?,
                "Gives the customer back for good",
            )
        }
        OnReferral::Convert(room) => {
            let command = Command::Referral(referral::Command::Convert {});
            let texts = [form.needed("title")?, form.needed("customer")?];
            let sentence = format!(
                "Opens the deal for both organisations, signed by you: {} sees it at once.",
                other(app, room)
            );
            Ok(Ready {
                room,
                command: request::worded(command, &texts).map_err(|error| error.to_string())?,
                sentence: Some(Shown::said(sentence)),
            })
        }
        OnReferral::Case => draft(app, form),
        OnReferral::Offer(side) => offered(app, form, side),
    }
}

fn other(app: &App, room: RoomId) -> String {
    let replica = app.console.replica();
    match replica.room(room).map(|held| &held.room.state) {
        Some(State::Referral(referral)) => {
            let own = app.own_org();
            let org = if own == Some(referral.to) {
                referral.from.org
            } else {
                referral.to
            };
            replica.org_name(org)
        }
        Some(_) | None => "the other organisation".to_owned(),
    }
}

fn accept(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let held = app.console.replica().room(room);
    let Some(State::Referral(held)) = held.map(|held| &held.room.state) else {
        return Err("this referral is not here".to_owned());
    };
    if !app.connected(held.from.org) {
        return Err(
            "you are not connected: answer their request to connect instead, which takes both"
                .to_owned(),
        );
    }
    let command = Command::Referral(referral::Command::Accept {
        from: held.from.org,
        people: form.people(app, "people")?,
    });
    let sentence = format!(
        "Commits your organisation, signed by you: {} learns it, and you see customer, contact and notes.",
        other(app, room)
    );
    Ok(Ready {
        room,
        command: Worded::plain(command),
        sentence: Some(Shown::said(sentence)),
    })
}

fn answer(
    app: &App,
    room: RoomId,
    command: referral::Command,
    text: &str,
    what: &str,
) -> Result<Ready, String> {
    let sentence = format!(
        "{what}, signed by you: {} sees reason and words.",
        other(app, room)
    );
    Ok(Ready {
        room,
        command: request::worded(Command::Referral(command), &[text])
            .map_err(|error| error.to_string())?,
        sentence: Some(Shown::said(sentence)),
    })
}

fn draft(app: &App, form: &Form) -> Result<Ready, String> {
    let me = app
        .console
        .replica()
        .my_id()
        .ok_or("you are not known here yet")?;
    let consent = form.yes("consent");
    let country = form.needed("country")?.to_uppercase();
    let country: Country = country
        .parse()
        .map_err(|error: CountryError| format!("country: {error}"))?;
    let percent: f64 = form.read("fee in percent", "a number from 0 to 100")?;
    if !(0.0..=100.0).contains(&percent) {
        return Err("fee in percent: a number from 0 to 100".to_owned());
    }
    let bps: u32 = format!("{:.0}", percent * 100.0)
        .parse()
        .map_err(|_| "fee in percent: a number from 0 to 100")?;
    let optional = |label: &str| Some(form.said(label)).filter(|said| !said.is_empty());
    let (contact, notes) = (optional("contact"), optional("notes"));
    let draft = Draft {
        teaser: Teaser {
            industry: form.read("industry", "one of the list")?,
            country,
            size: form.read("size", "one of the list")?,
            want: form.read("want", "one of the list")?,
            value: ValueBand {
                band: form.read("worth", "one of the list")?,
                currency: form.read("currency", "three capitals, such as EUR")?,
            },
            urgency: form.read("urgency", "one of the list")?,
        },
        contact: contact.is_some(),
        notes: notes.is_some(),
        consent: match consent {
            true => Some(Consent {
                share_pii: true,
                may_contact: true,
                obtained_at: match optional("agreed on") {
                    Some(_) => form.read("agreed on", "a date such as 2026-05-04")?,
                    None => app.now.date(),
                },
            }),
            false => None,
        },
        terms: Terms {
            fee: Fee::Bps(bps),
            months: form.read("months", "a number from 1 to 120")?,
        },
        excluded: std::collections::BTreeSet::new(),
        salt: Salt(chance().map_err(|error| error.to_string())?),
    };
    let basis = if consent {
        Some(form.needed("basis")?)
    } else {
        None
    };
    let texts: Vec<&str> = [form.needed("need")?, form.needed("customer")?]
        .into_iter()
        .chain(contact)
        .chain(notes)
        .chain(basis)
        .collect();
    let command = Command::Inbox(inbox::Command::OpenCase { draft });
    Ok(Ready {
        room: RoomId::inbox(me),
        command: request::worded(command, &texts).map_err(|error| error.to_string())?,
        sentence: None,
    })
}

fn offered(app: &App, form: &Form, side: RoomId) -> Result<Ready, String> {
    let to = form.org(app, "to")?;
    let held = app.console.replica().room(side);
    let Some(State::Side(case)) = held.map(|held| &held.room.state) else {
        return Err("this case is not here".to_owned());
    };
    let stated = case.case.as_ref().map(|case| &case.draft);
    let Some(drafted) = stated.and_then(|draft| draft.value.as_ref()) else {
        return Err("there is no draft to offer".to_owned());
    };
    let promise = drafted.promise().map_err(|error| error.to_string())?;
    let (shown, full) = (promise.shown(), promise.full());
    let name = app.org_name(to);
    let what = "what is shown at once; customer, contact and notes only if they accept";
    if app.connected(to) {
        return Ok(Ready {
            room: side,
            command: Worded::plain(Command::Side(side::Command::Offer { to, shown, full })),
            sentence: Some(Shown::said(format!(
                "Offers this customer to {name}, signed by you: they see {what}."
            ))),
        });
    }
    stranger(form, (side, to, name), (shown, full), what)
}

fn stranger(
    form: &Form,
    (side, to, name): (RoomId, OrgId, String),
    (shown, full): (Hash, Hash),
    what: &str,
) -> Result<Ready, String> {
    let command = Command::Side(side::Command::OfferWithRequest { to, shown, full });
    let text = form.needed("words").map_err(|_| {
        format!("words: you are not connected with {name}, so the offer goes with a request to connect, in words")
    })?;
    Ok(Ready {
        room: side,
        command: request::worded(command, &[text]).map_err(|error| error.to_string())?,
        sentence: Some(Shown::said(format!(
            "Asks {name} to connect and offers them this customer, signed by you: they see your words and {what}."
        ))),
    })
}
