//! Actions on referrals, and on our own side of them.

use crate::app::{
    App,
    action::{Action, Entry, Group, Headless::Command, Scope::Lists, plain},
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
        run: |app| app.open_form(Some(Purpose::Referral(OnReferral::Case))),
        ..plain(Command(
            "referral new --customer X --need X --industry retail --country DE --size 1-9 --want lead --band <10k --currency EUR",
        ))
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
        run: |app| app.case_form(OnReferral::Offer),
        ..plain(Command("referral offer CASE ORG"))
    },
    Entry {
        action: Action::EditCase,
        name: "redraft",
        label: "change the draft",
        group: Group::Referral,
        when: App::may_offer,
        run: |app| app.case_form(OnReferral::Redraft),
        ..plain(Command(
            "referral redraft CASE --customer X --need X --industry retail --country DE --size 1-9 --want lead --band <10k --currency EUR",
        ))
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
        run: App::erase_draft,
        ..plain(Command("referral erase CASE"))
    },
    Entry {
        action: Action::SideAdd,
        name: "our-people",
        label: "name a person for our side",
        group: Group::Referral,
        when: |app| app.case().is_some(),
        consequence: Some("They read what is private to your organisation here."),
        run: |app| app.case_form(OnReferral::SideAdd),
        ..plain(Command("side add ROOM PERSON"))
    },
    Entry {
        action: Action::SideRemove,
        name: "our-people-out",
        label: "take a person out of our side",
        group: Group::Referral,
        when: |app| app.case().is_some(),
        consequence: Some("They lose this at once; it is signed by you."),
        run: |app| app.case_form(OnReferral::SideRemove),
        ..plain(Command("side remove ROOM PERSON"))
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
        consequence: Some("Where you are connected, the sender sees that you have looked at it."),
        run: App::view_referral,
        ..plain(Command("referral view ROOM"))
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
        run: |app| app.referral_form(OnReferral::Accept),
        ..plain(Command("referral accept ROOM"))
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
        run: |app| app.referral_form(OnReferral::Decline),
        ..plain(Command("referral decline ROOM capacity WORDS"))
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
        run: App::contacted,
        ..plain(Command("referral contacted ROOM"))
    },
    Entry {
        action: Action::Qualified,
        name: "qualified",
        label: "qualify: there is something to win",
        group: Group::Referral,
        when: |app| {
            app.referral()
                .is_some_and(|(_, held, ours)| ours && held.stage == Stage::Contacted)
        },
        consequence: Some("The sender sees it."),
        run: App::qualified,
        ..plain(Command("referral qualified ROOM"))
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
        run: |app| app.referral_form(OnReferral::Convert),
        ..plain(Command("referral convert ROOM --title T --customer C"))
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
        run: |app| app.referral_form(OnReferral::Return),
        ..plain(Command("referral return ROOM capacity WORDS"))
    },
    Entry {
        action: Action::WithdrawReferral,
        name: "take-back",
        label: "take your offer back",
        group: Group::Referral,
        when: App::may_take_back,
        consequence: Some("The receiver no longer sees an open offer; it is signed by you."),
        run: App::withdraw_referral,
        ..plain(Command("referral withdraw ROOM"))
    },
];
