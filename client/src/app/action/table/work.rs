//! Actions on referrals and deals.

use crate::app::{
    App,
    action::{Action, Entry, Group, Headless::Command, PLAIN, Scope::Lists},
    form::{OnDeal, OnReferral, Purpose},
};
use rialto_shared::room::referral::Stage;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::NewReferral,
        name: "new-referral",
        label: "new referral",
        group: Group::Referral,
        keys: &[(Lists, "space n r")],
        when: |_| true,
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
        run: |app| {
            app.open_form(
                app.case()
                    .map(|(room, _)| Purpose::Referral(OnReferral::Offer(room))),
            )
        },
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
        run: |app| {
            app.open_form(
                app.referral()
                    .map(|(room, ..)| Purpose::Referral(OnReferral::Accept(room))),
            )
        },
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
        run: |app| {
            app.open_form(
                app.referral()
                    .map(|(room, ..)| Purpose::Referral(OnReferral::Decline(room))),
            )
        },
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
        run: |app| {
            app.open_form(
                app.referral()
                    .map(|(room, ..)| Purpose::Referral(OnReferral::Convert(room))),
            )
        },
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
        run: |app| {
            app.open_form(
                app.referral()
                    .map(|(room, ..)| Purpose::Referral(OnReferral::Return(room))),
            )
        },
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
    Entry {
        action: Action::NewDeal,
        name: "new-deal",
        label: "new deal",
        group: Group::Deal,
        keys: &[(Lists, "space n d")],
        when: |_| true,
        headless: Command("deal open --title T --customer C --problem P"),
        run: |app| app.open_form(Some(Purpose::Deal(OnDeal::Open))),
        ..PLAIN
    },
    Entry {
        action: Action::MoveStage,
        name: "stage",
        label: "move the stage",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("Every party sees it; it is signed by you."),
        headless: Command("deal stage ROOM qualified"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Stage(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::NextStep,
        name: "next-step",
        label: "say what is next",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal next ROOM TEXT"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::NextStep(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::SetValue,
        name: "value",
        label: "say what it is worth",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal value ROOM EUR1"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Value(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::SetClose,
        name: "close-date",
        label: "say by when it is closed",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal close-date ROOM 2026-05-04"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Close(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::AddTask,
        name: "task",
        label: "set a task",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal task add ROOM T --due 2026-05-04"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Task(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::TaskDone,
        name: "task-done",
        label: "a task is done",
        group: Group::Deal,
        when: |app| {
            app.deal_runs()
                && app
                    .deal()
                    .is_some_and(|(_, deal)| deal.tasks.open().next().is_some())
        },
        headless: Command("deal task done ROOM 1"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::TaskDone(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::InviteOrg,
        name: "invite",
        label: "ask an organisation in",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("They see who asks and the message, and the deal once they come."),
        headless: Command("deal invite ROOM ORG reseller MESSAGE"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Invite(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::NamePeople,
        name: "people",
        label: "name people of yours",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("Every party sees whom you name."),
        headless: Command("deal add ROOM PERSON"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::People(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::ProposePresence,
        name: "presence",
        label: "how the vendor is present",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.deal().is_some_and(|(_, deal)| deal.proposal.is_none()),
        consequence: Some("Every party must sign it."),
        headless: Command("deal presence ROOM propose on_call"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Presence(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::SignPresence,
        name: "sign-presence",
        label: "sign the proposed presence",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.deal().is_some_and(|(_, deal)| deal.proposal.is_some()),
        consequence: Some("Once every party has signed, it is so."),
        headless: Command("deal presence ROOM sign"),
        run: App::sign_presence,
        ..PLAIN
    },
    Entry {
        action: Action::Freeze,
        name: "freeze",
        label: "stop everything but talk",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("It stops for every party."),
        headless: Command("deal freeze ROOM REASON"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Freeze(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::Unfreeze,
        name: "unfreeze",
        label: "let the deal go on",
        group: Group::Deal,
        when: |app| {
            app.deal()
                .is_some_and(|(_, deal)| deal.frozen.is_some() && deal.end.is_none())
        },
        consequence: Some("It goes on for every party."),
        headless: Command("deal unfreeze ROOM"),
        run: App::unfreeze,
        ..PLAIN
    },
    Entry {
        action: Action::Win,
        name: "won",
        label: "declare it won",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("Ends the deal for every party."),
        headless: Command("deal win ROOM"),
        run: App::win,
        ..PLAIN
    },
    Entry {
        action: Action::Lose,
        name: "lost",
        label: "declare it lost",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("Ends the deal for every party."),
        headless: Command("deal lose ROOM price WORDS"),
        run: |app| {
            app.open_form(
                app.deal()
                    .map(|(room, _)| Purpose::Deal(OnDeal::Lose(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::ComeIn,
        name: "come-in",
        label: "come into the deal",
        group: Group::Deal,
        when: |app| app.asked_into().is_some(),
        consequence: Some("Your organisation becomes a party."),
        headless: Command("deal accept ROOM"),
        run: |app| {
            app.open_form(
                app.asked_into()
                    .map(|room| Purpose::Deal(OnDeal::Come(room))),
            )
        },
        ..PLAIN
    },
    Entry {
        action: Action::StayOut,
        name: "stay-out",
        label: "do not come into the deal",
        group: Group::Deal,
        when: |app| app.asked_into().is_some(),
        consequence: Some("The parties see reason and words."),
        headless: Command("deal decline ROOM other WORDS"),
        run: |app| {
            app.open_form(
                app.asked_into()
                    .map(|room| Purpose::Deal(OnDeal::StayOut(room))),
            )
        },
        ..PLAIN
    },
];
