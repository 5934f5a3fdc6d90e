//! Actions on deals.

use crate::app::{
    App,
    action::{Action, Entry, Group, Headless::Command, Scope::Lists, plain},
    form::{OnDeal, Parting, Purpose, Saying, Steering, Tasking},
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::NewDeal,
        name: "new-deal",
        label: "new deal",
        group: Group::Deal,
        keys: &[(Lists, "space n d")],
        run: |app| app.open_form(Some(Purpose::Deal(OnDeal::Open))),
        ..plain(Command("deal open --title T --customer C --problem P"))
    },
    Entry {
        action: Action::MoveStage,
        name: "stage",
        label: "move the stage",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("Every party sees it; it is signed by you."),
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Stage)),
        ..plain(Command("deal stage ROOM qualified"))
    },
    Entry {
        action: Action::NextStep,
        name: "next-step",
        label: "say what is next",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::NextStep)),
        ..plain(Command("deal next ROOM TEXT"))
    },
    Entry {
        action: Action::SetValue,
        name: "value",
        label: "say what it is worth",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Value)),
        ..plain(Command("deal value ROOM EUR1"))
    },
    Entry {
        action: Action::SetClose,
        name: "close-date",
        label: "say by when it is closed",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Close)),
        ..plain(Command("deal close-date ROOM 2026-05-04"))
    },
    Entry {
        action: Action::Retitle,
        name: "title",
        label: "say what it is called",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Title)),
        ..plain(Command("deal title ROOM TITLE"))
    },
    Entry {
        action: Action::SetCustomer,
        name: "customer",
        label: "say who the customer is",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Customer)),
        ..plain(Command("deal customer ROOM CUSTOMER"))
    },
    Entry {
        action: Action::SetReference,
        name: "reference",
        label: "say what your own systems call it",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Reference)),
        ..plain(Command("deal reference ROOM REFERENCE"))
    },
    Entry {
        action: Action::SetProblem,
        name: "problem",
        label: "say what the problem is",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Problem)),
        ..plain(Command("deal problem ROOM TEXT"))
    },
    Entry {
        action: Action::AddTask,
        name: "task",
        label: "set a task",
        group: Group::Deal,
        when: App::deal_runs,
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Add)),
        ..plain(Command("deal task add ROOM T --due 2026-05-04"))
    },
    Entry {
        action: Action::TaskDone,
        name: "task-done",
        label: "a task is done",
        group: Group::Deal,
        when: App::has_tasks,
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Done)),
        ..plain(Command("deal task done ROOM 1"))
    },
    Entry {
        action: Action::TakeTask,
        name: "task-take",
        label: "take a task on yourself",
        group: Group::Deal,
        when: App::has_tasks,
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Take)),
        ..plain(Command("deal task take ROOM 1"))
    },
    Entry {
        action: Action::MoveTask,
        name: "task-move",
        label: "give a task to others, or another day",
        group: Group::Deal,
        when: App::has_tasks,
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Move)),
        ..plain(Command("deal task move ROOM 1 --org ORG"))
    },
    Entry {
        action: Action::DropTask,
        name: "task-drop",
        label: "a task is no longer wanted",
        group: Group::Deal,
        when: App::has_tasks,
        consequence: Some("It is closed for every party."),
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Drop)),
        ..plain(Command("deal task drop ROOM 1"))
    },
    Entry {
        action: Action::InviteOrg,
        name: "invite",
        label: "ask an organisation in",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("They see who asks and the message, and the deal once they come."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Invite)),
        ..plain(Command("deal invite ROOM ORG reseller MESSAGE"))
    },
    Entry {
        action: Action::CancelInvite,
        name: "uninvite",
        label: "take an invitation back",
        group: Group::Deal,
        when: |app| {
            app.deal_runs()
                && app
                    .deal()
                    .is_some_and(|(_, deal)| !deal.invitations.is_empty())
        },
        consequence: Some("They can no longer come in by it."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Cancel)),
        ..plain(Command("deal cancel ROOM ORG"))
    },
    Entry {
        action: Action::NamePeople,
        name: "people",
        label: "name people of yours",
        group: Group::Deal,
        when: App::in_deal,
        consequence: Some("Every party sees whom you name."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::People)),
        ..plain(Command("deal add ROOM PERSON"))
    },
    Entry {
        action: Action::RemovePeople,
        name: "people-out",
        label: "take people of yours out",
        group: Group::Deal,
        when: App::in_deal,
        consequence: Some("They lose the deal at once; it is signed by you."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::RemovePeople)),
        ..plain(Command("deal remove ROOM PERSON"))
    },
    Entry {
        action: Action::Responsible,
        name: "responsible",
        label: "say what you do in it",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("Every party sees it."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Responsible)),
        ..plain(Command("deal responsible ROOM reseller"))
    },
    Entry {
        action: Action::Allow,
        name: "allow",
        label: "say what a party may do",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts() && app.has_partners(),
        consequence: Some("Every party sees it."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Allow)),
        ..plain(Command("deal allow ROOM ORG --can-invite"))
    },
    Entry {
        action: Action::Recheck,
        name: "recheck",
        label: "look again for an agreement",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts() && app.lacks_agreement(),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Recheck)),
        ..plain(Command("deal recheck ROOM ORG"))
    },
    Entry {
        action: Action::RemoveParty,
        name: "party-out",
        label: "take a party out",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts() && app.has_partners(),
        consequence: Some("Its people lose the deal at once; it is signed by you."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::RemoveParty)),
        ..plain(Command("deal expel ROOM ORG"))
    },
    Entry {
        action: Action::CallVendor,
        name: "call",
        label: "call the vendor",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.may_call(),
        consequence: Some("They see who calls and the words; it is signed by you."),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Call)),
        ..plain(Command("deal call ROOM WORDS"))
    },
    Entry {
        action: Action::ProposePresence,
        name: "presence",
        label: "how the vendor is present",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.deal().is_some_and(|(_, deal)| deal.proposal.is_none()),
        consequence: Some("Every party must sign it."),
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Presence)),
        ..plain(Command("deal presence ROOM propose on_call"))
    },
    Entry {
        action: Action::SignPresence,
        name: "sign-presence",
        label: "sign the proposed presence",
        group: Group::Deal,
        when: App::may_sign_presence,
        consequence: Some("Once every party has signed, it is so."),
        run: App::sign_presence,
        ..plain(Command("deal presence ROOM sign"))
    },
    Entry {
        action: Action::Freeze,
        name: "freeze",
        label: "stop everything but talk",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("It stops for every party."),
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Freeze)),
        ..plain(Command("deal freeze ROOM REASON"))
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
        run: App::unfreeze,
        ..plain(Command("deal unfreeze ROOM"))
    },
    Entry {
        action: Action::Win,
        name: "won",
        label: "declare it won",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts(),
        consequence: Some(
            "Ends the deal for every party, signed by you. It cannot be opened again.",
        ),
        run: App::win,
        ..plain(Command("deal win ROOM"))
    },
    Entry {
        action: Action::Lose,
        name: "lost",
        label: "declare it lost",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts(),
        consequence: Some("Ends the deal for every party."),
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Lose)),
        ..plain(Command("deal lose ROOM price WORDS"))
    },
    Entry {
        action: Action::ComeIn,
        name: "come-in",
        label: "come into the deal",
        group: Group::Deal,
        when: |app| app.asked_into().is_some(),
        consequence: Some("Your organisation becomes a party."),
        run: |app| {
            let asked = app.asked_into();
            app.open_form(asked.map(|room| Purpose::Deal(OnDeal::Come(room))))
        },
        ..plain(Command("deal accept ROOM"))
    },
    Entry {
        action: Action::StayOut,
        name: "stay-out",
        label: "do not come into the deal",
        group: Group::Deal,
        when: |app| app.asked_into().is_some(),
        consequence: Some("The parties see reason and words."),
        run: |app| {
            let asked = app.asked_into();
            app.open_form(asked.map(|room| Purpose::Deal(OnDeal::StayOut(room))))
        },
        ..plain(Command("deal decline ROOM other WORDS"))
    },
    Entry {
        action: Action::LeaveDeal,
        name: "leave-deal",
        label: "give your own seat back",
        group: Group::Deal,
        when: App::in_deal,
        consequence: Some("You lose the deal at once; every party sees that you went."),
        run: App::leave_deal,
        ..plain(Command("deal leave ROOM"))
    },
    Entry {
        action: Action::WithdrawDeal,
        name: "withdraw",
        label: "take your organisation out",
        group: Group::Deal,
        when: |app| app.in_deal() && !app.hosts(),
        consequence: Some(
            "All its people lose the deal at once and its tasks go to the host; signed by you, and every party sees it.",
        ),
        run: App::withdraw_deal,
        ..plain(Command("deal withdraw ROOM"))
    },
];
