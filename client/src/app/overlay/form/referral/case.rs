//! The wizard of a referral: the customer, what is shown at once, who gets it, and all of it once more before it is sent.
//!
//! The preview is made by the same lines that the receiver's screen is made of, from the draft as it would be sent.

use super::{Offering, OnReferral, offer, side_at};
use crate::{
    account::chance,
    app::{
        App,
        form::{Field, Form, Purpose, Ready},
        screen::referrals::{as_shown, paragraph, terms_line},
        words::{
            Shown,
            line::{Line, Tone},
            wrap,
        },
    },
    request,
};
use rialto_shared::{
    command::Command,
    country::{Country, CountryError},
    entry::{SaltedText, Seq, Slot, TextRef, Worded},
    id::{OrgId, RoomId, Salt},
    industry::Industry,
    money::Money,
    room::{
        inbox,
        side::{
            self, Band, Consent, Draft, Drafted, Fee, SizeBand, Teaser, Terms, Urgency, ValueBand,
            Want,
        },
    },
};
use std::collections::BTreeSet;
use strum::VariantArray as _;

const STEPS: &[&str] = &["Customer", "Shown now", "Receiver", "Look once more"];
const STEPS_ANEW: &[&str] = &["Customer", "Shown now", "Look once more"];
/// The step that asks who gets it.
const RECEIVER: usize = 2;

/// The wizard, empty.
pub(super) fn wizard(app: &App) -> Form {
    let receiver = offer(app).into_iter().map(|field| field.step(RECEIVER));
    let fields = customer().into_iter().chain(shown_now()).chain(receiver);
    let mut form = Form::new(
        Purpose::Referral(OnReferral::Case),
        "New referral",
        fields.collect(),
    );
    if let Some(to) = form.fields.iter_mut().find(|field| field.label == "to") {
        to.hint = "who gets it; empty keeps it private to your organisation";
    }
    form.in_steps(STEPS)
}

/// The same over a draft that is there.
pub(super) fn redraft(app: &App, room: RoomId) -> Result<Form, String> {
    let fields = customer().into_iter().chain(shown_now()).collect();
    let purpose = Purpose::Referral(OnReferral::Redraft(room));
    let mut form = Form::new(purpose, "Change the draft", fields).in_steps(STEPS_ANEW);
    let side = side_at(app, room)?;
    let case = side.case.as_ref().ok_or("there is no draft to change")?;
    let Some(drafted) = &case.draft.value else {
        return Ok(form);
    };
    for (label, said) in said_of(app, room, (case.draft.at, drafted)) {
        if let Some(field) = form.fields.iter_mut().find(|field| field.label == label) {
            field.take(&said);
        }
    }
    Ok(form)
}

/// What a draft says, by the fields of the form.
fn said_of(
    app: &App,
    room: RoomId,
    (seq, drafted): (Seq, &Drafted),
) -> Vec<(&'static str, String)> {
    let draft = &drafted.draft;
    let held = app.console.replica().room(room);
    let labels = ["need", "customer"]
        .into_iter()
        .chain(draft.contact.then_some("contact"))
        .chain(draft.notes.then_some("notes"))
        .chain(draft.consent.map(|_| "basis"));
    let texts = (0..).zip(labels).filter_map(|(slot, label)| {
        let at = TextRef {
            seq,
            slot: Slot(slot),
        };
        Some((label, held?.texts.get(at)?.text.to_string()))
    });
    let teaser = &draft.teaser;
    let fee = match draft.terms.fee {
        Fee::Bps(bps) => format!("{}.{:02}", bps / 100, bps % 100),
        Fee::Flat(amount) => amount.to_string(),
    };
    let mut said: Vec<(&'static str, String)> = texts.collect();
    said.extend([
        ("industry", teaser.industry.to_string()),
        ("country", teaser.country.as_str().to_owned()),
        ("size", teaser.size.to_string()),
        ("want", teaser.want.to_string()),
        ("worth", teaser.value.band.to_string()),
        ("currency", teaser.value.currency.as_str().to_owned()),
        ("urgency", teaser.urgency.to_string()),
        ("fee", fee),
        ("months", draft.terms.months.to_string()),
    ]);
    if let Some(consent) = draft.consent {
        said.push(("consent", "yes".to_owned()));
        said.push(("agreed on", consent.obtained_at.to_string()));
    }
    said
}

fn customer() -> Vec<Field> {
    let hidden = "shown only after they accept";
    vec![
        Field::text("customer", hidden),
        Field::text(
            "contact",
            "who to talk to there; shown only after they accept",
        ),
        Field::text("notes", "shown only after they accept; may stay empty"),
        Field::flag(
            "consent",
            "the customer agreed to be named and contacted: an offer needs it",
            false,
        ),
        Field::text("basis", "how they agreed; never leaves your organisation"),
        Field::text("agreed on", "such as 2026-05-04; today where empty"),
    ]
}

fn shown_now() -> impl Iterator<Item = Field> {
    let shown = "shown at once";
    let fields = vec![
        Field::text("need", "shown at once: do not name the customer here"),
        Field::open_choice("industry", shown, Industry::VARIANTS),
        Field::text("country", "shown at once; two capitals, such as DE"),
        Field::open_choice("size", "shown at once; people", SizeBand::VARIANTS),
        Field::open_choice("want", shown, Want::VARIANTS),
        Field::open_choice("worth", shown, Band::VARIANTS),
        Field::filled("currency", shown, "EUR".to_owned()),
        Field::choice("urgency", shown, Urgency::VARIANTS).at("normal"),
        Field::filled(
            "fee",
            "what you are owed, shown at once: percent such as 10, or EUR 2,000",
            "0".to_owned(),
        ),
        Field::filled("months", "for how long from acceptance", "12".to_owned()),
    ];
    fields.into_iter().map(|field| field.step(1))
}

fn teaser(form: &Form) -> Result<Teaser, String> {
    let country = form.needed("country")?.to_uppercase();
    Ok(Teaser {
        industry: form.read("industry", "one of the list")?,
        country: country
            .parse::<Country>()
            .map_err(|error: CountryError| format!("country: {error}"))?,
        size: form.read("size", "one of the list")?,
        want: form.read("want", "one of the list")?,
        value: ValueBand {
            band: form.read("worth", "one of the list")?,
            currency: form.read("currency", "three capitals, such as EUR")?,
        },
        urgency: form.read("urgency", "one of the list")?,
    })
}

fn terms(form: &Form) -> Result<Terms, String> {
    let want = "a percentage from 0 to 100, or an amount such as EUR 2,000";
    let said = form.needed("fee")?.trim_end_matches('%').trim_end();
    let fee = match said.parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => {
            let bps = format!("{:.0}", percent * 100.0).parse();
            Fee::Bps(bps.map_err(|_| format!("fee: {want}"))?)
        }
        Ok(_) => return Err(format!("fee: {want}")),
        Err(_) => Fee::Flat(Money::parse(said).map_err(|_| format!("fee: {want}"))?),
    };
    let months = form.read("months", "a number from 1 to 120")?;
    Ok(Terms { fee, months })
}

fn consent(app: &App, form: &Form) -> Result<Option<Consent>, String> {
    if !form.yes("consent") {
        return Ok(None);
    }
    form.needed("basis")?;
    let agreed = form.read_if_said("agreed on", "a date such as 2026-05-04")?;
    Ok(Some(Consent {
        share_pii: true,
        may_contact: true,
        obtained_at: agreed.unwrap_or_else(|| app.now.date()),
    }))
}

/// The draft as it would be sent, with its texts in their order.
fn drafted(app: &App, form: &Form, salt: Salt) -> Result<(Draft, Vec<SaltedText>), String> {
    let optional = |label: &str| Some(form.said(label)).filter(|said| !said.is_empty());
    let (contact, notes) = (optional("contact"), optional("notes"));
    let consent = consent(app, form)?;
    let draft = Draft {
        teaser: teaser(form)?,
        contact: contact.is_some(),
        notes: notes.is_some(),
        consent,
        terms: terms(form)?,
        excluded: BTreeSet::new(),
        salt,
    };
    let basis = consent.is_some().then(|| form.said("basis"));
    let texts: Vec<&str> = [form.needed("need")?, form.needed("customer")?]
        .into_iter()
        .chain(contact)
        .chain(notes)
        .chain(basis)
        .collect();
    let command = Command::Inbox(inbox::Command::OpenCase {
        draft: draft.clone(),
    });
    let worded = request::worded(command, &texts).map_err(|error| error.to_string())?;
    draft
        .holds(&worded.texts, app.now)
        .map_err(|error| error.to_string())?;
    Ok((draft, worded.texts))
}

/// Whether the step that is seen can be left.
pub(super) fn check(app: &App, form: &Form) -> Result<(), String> {
    match form.step {
        0 => {
            form.needed("customer")?;
            consent(app, form).map(|_| ())
        }
        1 => drafted(app, form, Salt([0; 32])).map(|_| ()),
        _ => receiver(app, form).map(|_| ()),
    }
}

/// Who gets it, where somebody does at once; and whether it can be offered as it is.
fn receiver(app: &App, form: &Form) -> Result<Option<OrgId>, String> {
    if form.said("to").is_empty() {
        return Ok(None);
    }
    let to = form.org(app, "to")?;
    if Some(to) == app.own_org() {
        return Err("to: that is your own organisation".to_owned());
    }
    if !app.connected(to) && form.said("words").is_empty() {
        return Err(needs_words(&app.org_name(to)));
    }
    form.needed("contact")
        .map_err(|_| "contact: an offer needs somebody to talk to")?;
    if !form.yes("consent") {
        return Err("consent: an offer needs the customer's agreement".to_owned());
    }
    let (draft, texts) = drafted(app, form, Salt([0; 32]))?;
    let promise = Drafted::new(draft, &texts).promise();
    promise.map_err(|error| error.to_string())?;
    Ok(Some(to))
}

pub(super) fn needs_words(name: &str) -> String {
    format!(
        "words: you are not connected with {name}, so the offer goes with a request to connect, in words"
    )
}

/// What happens with an offer, and who sees what of it.
pub(super) fn offering_words(app: &App, to: OrgId) -> Shown {
    let name = app.org_name(to);
    let what = "what is shown at once; customer, contact and notes only if they accept";
    Shown::said(if app.connected(to) {
        format!("Offers this customer to {name}, signed by you: they see {what}.")
    } else {
        format!(
            "Asks {name} to connect and offers them this customer, signed by you: they see your words and {what}."
        )
    })
}

/// A case is begun; where somebody is to get it, it is offered as soon as it is there.
pub(super) fn begun(app: &App, form: &Form) -> Result<Ready, String> {
    let me = app.console.replica().my_id();
    let me = me.ok_or("you are not known here yet")?;
    let salt = Salt(chance().map_err(|error| error.to_string())?);
    let (draft, texts) = drafted(app, form, salt)?;
    let offer = receiver(app, form)?.map(|to| Offering {
        salt,
        to,
        words: form.said("words").to_owned(),
    });
    let command = Command::Inbox(inbox::Command::OpenCase { draft });
    Ok(Ready {
        room: RoomId::inbox(me),
        command: Worded::new(command, texts),
        // The last step of the wizard has said it.
        sentence: None,
        offer,
    })
}

pub(super) fn redrafted(app: &App, form: &Form, room: RoomId) -> Result<Ready, String> {
    let side = side_at(app, room)?;
    let at = side.case.as_ref().map(|case| case.draft.at);
    let salt = Salt(chance().map_err(|error| error.to_string())?);
    let (draft, texts) = drafted(app, form, salt)?;
    let at = at.unwrap_or_default();
    let command = Command::Side(side::Command::Draft { at, draft });
    Ok(Ready {
        room,
        command: Worded::new(command, texts),
        sentence: None,
        offer: None,
    })
}

/// What the receiver sees, when; and at the last step what happens on Enter.
pub(super) fn preview(app: &App, form: &Form, cells: usize) -> Vec<Line> {
    let mut lines = vec![];
    if form.at_end() {
        let words = match receiver(app, form) {
            Ok(Some(to)) => offering_words(app, to),
            Ok(None) => Shown::own(
                "Keeps this private to your organisation. Nobody else sees any of it until you offer it.",
            ),
            Err(words) => Shown::said(words),
        };
        let (rows, _) = wrap(words.as_str(), cells.saturating_sub(2), 4);
        let row = |row| Line::own(" ", Tone::Plain).put(row, Tone::Strong);
        lines.extend(rows.into_iter().map(row));
        lines.push(Line::empty());
    }
    let to = form.org(app, "to").map(|org| app.org_name(org));
    let who = to.unwrap_or_else(|_| "the receiver".to_owned());
    lines.push(Line::own(" SHOWN NOW", Tone::Heading).say(format!(" to {who}"), Tone::Dim));
    match (teaser(form), terms(form), consent(app, form)) {
        (Ok(teaser), Ok(terms), Ok(consent)) => {
            lines.extend(as_shown(&teaser, form.said("need"), cells));
            lines.push(terms_line(terms, consent));
        }
        (Err(words), _, _) | (_, Err(words), _) | (_, _, Err(words)) => {
            let words = format!(" once it is filled in: {words}");
            lines.push(Line::of(Shown::said(words), Tone::Dim));
        }
    }
    lines.push(Line::own(" SHOWN AFTER THEY ACCEPT", Tone::Heading));
    for label in ["customer", "contact", "notes"] {
        let said = form.said(label);
        let said = if said.is_empty() { "(nothing)" } else { said };
        lines.extend(paragraph(label, said, cells));
    }
    if form.yes("consent") {
        lines.push(Line::own(" NEVER SHOWN TO THEM", Tone::Heading));
        lines.extend(paragraph("basis", form.said("basis"), cells));
    }
    lines
}
