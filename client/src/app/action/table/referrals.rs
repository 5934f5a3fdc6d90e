//! Actions on referrals, and on our own side of them.

use crate::app::{
    App,
    action::{
        Action, Entry, Group,
        Headless::{Command, Owed},
        PLAIN,
        Scope::Lists,
    },
    form::{OnReferral, Purpose},
};
use rialto_shared::room::referral::Stage;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::NewReferral,
        name: "new-referral",
        label: "new referral",
        group: Group::Referral,
        keys: &[(Lists, "space n r")],
        headless: Command(
            "referral new --customer X --need X --industry retail --country DE --size 1-9 --want lead --band <10k --currency EUR",
        ),
        run: |app| app.open_form(Some(Purpose::Referral(OnReferral::Case))),
        ..PLAIN
    },
    Entry {
        action: Action::OfferCase,
        name: "offer",
        label: "offer this case",
        group: Group::Referral,
        when: App::may_offer,
        consequence: Some(
            "The organisation sees what is shown at once; the rest only when it accepts.",
        ),
        headless: Command("referral offer CASE ORG"),
        run: |app| app.case_form(OnReferral::Offer),
        ..PLAIN
    },
    Entry {
        action: Action::EditCase,
        name: "redraft",
        label: "change the draft",
        group: Group::Referral,
        when: App::may_offer,
        headless: Owed,
        run: |app| app.case_form(OnReferral::Redraft),
        ..PLAIN
    },
    Entry {
        action: Action::EraseCase,
        name: "erase-draft",
        label: "erase the texts of the draft",
        group: Group::Referral,
        when: App::may_erase_draft,
        consequence: Some(
            "The texts of the draft that stands are gone for good, for everyone in your organisation.",
        ),
        headless: Owed,
        run: App::erase_draft,
        ..PLAIN
    },
    Entry {
        action: Action::SideAdd,
        name: "our-people",
        label: "name a person for our side",
        group: Group::Referral,
        when: |app| app.case().is_some(),
        consequence: Some("They read what is private to your organisation here."),
        headless: Owed,
        run: |app| app.case_form(OnReferral::SideAdd),
        ..PLAIN
    },
    Entry {
        action: Action::SideRemove,
        name: "our-people-out",
        label: "take a person out of our side",
        group: Group::Referral,
        when: |app| app.case().is_some(),
        consequence: Some("They lose this at once; it is signed by you."),
        headless: Owed,
        run: |app| app.case_form(OnReferral::SideRemove),
        ..PLAIN
    },
    Entry {
        action: Action::SeenReferral,
        name: "seen-referral",
        label: "say that you have seen it",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| ours && held.stage == Stage::Offered)
        },
        consequence: Some("The sender sees that you have looked at it."),
        headless: Command("referral view ROOM"),
        run: App::view_referral,
        ..PLAIN
    },
    Entry {
        action: Action::AcceptReferral,
        name: "accept",
        label: "accept the referral",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| ours && held.stage.is_open())
        },
        consequence: Some(
            "Commits your organisation; the sender learns it, and you see what was held back.",
        ),
        headless: Command("referral accept ROOM"),
        run: |app| app.referral_form(OnReferral::Accept),
        ..PLAIN
    },
    Entry {
        action: Action::DeclineReferral,
        name: "decline",
        label: "decline the referral",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| ours && held.stage.is_open())
        },
        consequence: Some("Declines for good; the sender sees reason and words."),
        headless: Command("referral decline ROOM capacity WORDS"),
        run: |app| app.referral_form(OnReferral::Decline),
        ..PLAIN
    },
    Entry {
        action: Action::Contacted,
        name: "contacted",
        label: "the customer was contacted",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| ours && held.stage == Stage::Accepted)
        },
        consequence: Some("The sender sees it."),
        headless: Command("referral contacted ROOM"),
        run: App::contacted,
        ..PLAIN
    },
    Entry {
        action: Action::Qualified,
        name: "qualified",
        label: "there is something to win",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| ours && held.stage == Stage::Contacted)
        },
        consequence: Some("The sender sees it."),
        headless: Command("referral qualified ROOM"),
        run: App::qualified,
        ..PLAIN
    },
    Entry {
        action: Action::Convert,
        name: "convert",
        label: "open the deal",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| ours && held.stage == Stage::Qualified)
        },
        consequence: Some("Opens the deal for both organisations."),
        headless: Command("referral convert ROOM --title T --customer C"),
        run: |app| app.referral_form(OnReferral::Convert),
        ..PLAIN
    },
    Entry {
        action: Action::ReturnReferral,
        name: "give-back",
        label: "give the referral back",
        group: Group::Referral,
        when: |app| {
            app.referral().is_some_and(|(_, held, ours)| {
                ours && matches!(held.stage, Stage::Accepted | Stage::Contacted)
            })
        },
        consequence: Some("Gives the customer back for good; the sender sees reason and words."),
        headless: Command("referral return ROOM capacity WORDS"),
        run: |app| app.referral_form(OnReferral::Return),
        ..PLAIN
    },
    Entry {
        action: Action::WithdrawReferral,
        name: "take-back",
        label: "take your offer back",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| !ours && held.stage.is_open())
        },
        consequence: Some("The receiver no longer sees an open offer; it is signed by you."),
        headless: Command("referral withdraw ROOM"),
        run: App::withdraw_referral,
        ..PLAIN
    },
];
