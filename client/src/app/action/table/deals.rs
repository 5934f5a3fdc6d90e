//! Actions on deals.

use crate::app::{
    App,
    action::{
        Action, Entry, Group,
        Headless::{Command, Owed},
        PLAIN,
        Scope::Lists,
    },
    form::{OnDeal, Parting, Purpose, Saying, Steering, Tasking},
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        action: Action::NewDeal,
        name: "new-deal",
        label: "new deal",
        group: Group::Deal,
        keys: &[(Lists, "space n d")],
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
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Stage)),
        ..PLAIN
    },
    Entry {
        action: Action::NextStep,
        name: "next-step",
        label: "say what is next",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal next ROOM TEXT"),
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::NextStep)),
        ..PLAIN
    },
    Entry {
        action: Action::SetValue,
        name: "value",
        label: "say what it is worth",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal value ROOM EUR1"),
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Value)),
        ..PLAIN
    },
    Entry {
        action: Action::SetClose,
        name: "close-date",
        label: "say by when it is closed",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal close-date ROOM 2026-05-04"),
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Close)),
        ..PLAIN
    },
    Entry {
        action: Action::Retitle,
        name: "title",
        label: "say what it is called",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Title)),
        ..PLAIN
    },
    Entry {
        action: Action::SetCustomer,
        name: "customer",
        label: "say who the customer is",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Customer)),
        ..PLAIN
    },
    Entry {
        action: Action::SetProblem,
        name: "problem",
        label: "say what the problem is",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Say(room, Saying::Problem)),
        ..PLAIN
    },
    Entry {
        action: Action::AddTask,
        name: "task",
        label: "set a task",
        group: Group::Deal,
        when: App::deal_runs,
        headless: Command("deal task add ROOM T --due 2026-05-04"),
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Add)),
        ..PLAIN
    },
    Entry {
        action: Action::TaskDone,
        name: "task-done",
        label: "a task is done",
        group: Group::Deal,
        when: App::has_tasks,
        headless: Command("deal task done ROOM 1"),
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Done)),
        ..PLAIN
    },
    Entry {
        action: Action::TakeTask,
        name: "task-take",
        label: "take a task on yourself",
        group: Group::Deal,
        when: App::has_tasks,
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Take)),
        ..PLAIN
    },
    Entry {
        action: Action::MoveTask,
        name: "task-move",
        label: "give a task to others, or another day",
        group: Group::Deal,
        when: App::has_tasks,
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Move)),
        ..PLAIN
    },
    Entry {
        action: Action::DropTask,
        name: "task-drop",
        label: "a task is no longer wanted",
        group: Group::Deal,
        when: App::has_tasks,
        consequence: Some("It is closed for every party."),
        headless: Command("deal task drop ROOM 1"),
        run: |app| app.deal_form(|room| OnDeal::Task(room, Tasking::Drop)),
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
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Invite)),
        ..PLAIN
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
        headless: Command("deal cancel ROOM ORG"),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Cancel)),
        ..PLAIN
    },
    Entry {
        action: Action::NamePeople,
        name: "people",
        label: "name people of yours",
        group: Group::Deal,
        when: App::in_deal,
        consequence: Some("Every party sees whom you name."),
        headless: Command("deal add ROOM PERSON"),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::People)),
        ..PLAIN
    },
    Entry {
        action: Action::RemovePeople,
        name: "people-out",
        label: "take people of yours out",
        group: Group::Deal,
        when: App::in_deal,
        consequence: Some("They lose the deal at once; it is signed by you."),
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::RemovePeople)),
        ..PLAIN
    },
    Entry {
        action: Action::Responsible,
        name: "responsible",
        label: "say what you do in it",
        group: Group::Deal,
        when: App::deal_runs,
        consequence: Some("Every party sees it."),
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Responsible)),
        ..PLAIN
    },
    Entry {
        action: Action::Allow,
        name: "allow",
        label: "say what a party may do",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts() && app.has_partners(),
        consequence: Some("Every party sees it."),
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Allow)),
        ..PLAIN
    },
    Entry {
        action: Action::Recheck,
        name: "recheck",
        label: "look again for an agreement",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts() && app.lacks_agreement(),
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Recheck)),
        ..PLAIN
    },
    Entry {
        action: Action::RemoveParty,
        name: "party-out",
        label: "take a party out",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts() && app.has_partners(),
        consequence: Some("Its people lose the deal at once; it is signed by you."),
        headless: Owed,
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::RemoveParty)),
        ..PLAIN
    },
    Entry {
        action: Action::CallVendor,
        name: "call",
        label: "call the vendor",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.may_call(),
        consequence: Some("They see who calls and the words; it is signed by you."),
        headless: Command("deal call ROOM WORDS PERSON"),
        run: |app| app.deal_form(|room| OnDeal::Party(room, Parting::Call)),
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
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Presence)),
        ..PLAIN
    },
    Entry {
        action: Action::SignPresence,
        name: "sign-presence",
        label: "sign the proposed presence",
        group: Group::Deal,
        when: App::may_sign_presence,
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
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Freeze)),
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
        when: |app| app.deal_runs() && app.hosts(),
        consequence: Some(
            "Ends the deal for every party, signed by you. It cannot be opened again.",
        ),
        headless: Command("deal win ROOM"),
        run: App::win,
        ..PLAIN
    },
    Entry {
        action: Action::Lose,
        name: "lost",
        label: "declare it lost",
        group: Group::Deal,
        when: |app| app.deal_runs() && app.hosts(),
        consequence: Some("Ends the deal for every party."),
        headless: Command("deal lose ROOM price WORDS"),
        run: |app| app.deal_form(|room| OnDeal::Steer(room, Steering::Lose)),
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
            let asked = app.asked_into();
            app.open_form(asked.map(|room| Purpose::Deal(OnDeal::Come(room))))
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
            let asked = app.asked_into();
            app.open_form(asked.map(|room| Purpose::Deal(OnDeal::StayOut(room))))
        },
        ..PLAIN
    },
    Entry {
        action: Action::LeaveDeal,
        name: "leave-deal",
        label: "give your own seat back",
        group: Group::Deal,
        when: App::in_deal,
        consequence: Some("You lose the deal at once; every party sees that you went."),
        headless: Owed,
        run: App::leave_deal,
        ..PLAIN
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
        headless: Command("deal withdraw ROOM"),
        run: App::withdraw_deal,
        ..PLAIN
    },
];
