//! A tour through every command: each is sent from an action that stands in the palette, after a question where it
//! cannot be undone or others see it; or it stands in a short list with the reason why not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::{ANA, PRIYA, Stage, sent};
use crate::app::{action::Action, effect::Effect, overlay::Overlay};
use rialto_shared::{
    command::Command,
    protocol::Up,
    room::{channel, deal, inbox, org as org_room, profile, referral, relation, side, talk},
};
mod scenes;

use scenes::*;
use std::collections::BTreeSet;
use strum::VariantArray as _;

/// Commands that no action sends, and why.
const ELSEWHERE: [(&str, &str); 22] = [
    ("org.open", "the operator's"),
    ("org.join", "`rialto join`: there is no console before it"),
    ("org.invite", "prints a secret link once: `rialto invite`"),
    ("org.admit", "prints a secret link once: `rialto org admit`"),
    (
        "org.invite_org",
        "prints a secret link once: `rialto org invite`",
    ),
    (
        "org.seat_admin",
        "prints a secret link once: `rialto org seat-admin`",
    ),
    ("org.object", "administration: `rialto org object`"),
    (
        "org.renew",
        "once in an organisation's trouble: `rialto org renew-key`",
    ),
    ("org.cancel", "goes with the links: `rialto invite cancel`"),
    (
        "org.enrol",
        "prints a secret link once: `rialto device link`",
    ),
    (
        "org.hand_over",
        "administration, shown before it is done: `rialto org handover`",
    ),
    ("org.certify", "handles keys: `rialto device`"),
    ("org.revoke", "handles keys: `rialto device`"),
    ("org.role", "administration: `rialto member role`"),
    ("org.suspend", "administration: `rialto member suspend`"),
    ("org.remove", "administration: `rialto member remove`"),
    ("org.classify", "administration: `rialto org classify`"),
    ("org.suspend_org", "administration: `rialto org suspend`"),
    ("org.name", "set once, when joining"),
    (
        "org.rename",
        "the vendor's record and the organisation's admin",
    ),
    ("org.open_channel", "administration: `rialto channel open`"),
    (
        "inbox.import_deal",
        "another system's deals: `rialto deal import`, `deal upsert`",
    ),
];

/// All kinds of commands, but those of a profile: what an organisation says of itself is `rialto profile set`.
fn kinds() -> BTreeSet<String> {
    fn of<V: Copy + Into<&'static str>>(room: &str, verbs: &[V]) -> Vec<String> {
        let verbs = verbs.iter().map(|verb| (*verb).into());
        verbs.map(|verb: &str| format!("{room}.{verb}")).collect()
    }
    assert_eq!(
        profile::Verb::VARIANTS.len(),
        12,
        "a profile has another command"
    );
    [
        of("talk", talk::Verb::VARIANTS),
        of("org", org_room::Verb::VARIANTS),
        of("inbox", inbox::Verb::VARIANTS),
        of("channel", channel::Verb::VARIANTS),
        of("relation", relation::Verb::VARIANTS),
        of("side", side::Verb::VARIANTS),
        of("referral", referral::Verb::VARIANTS),
        of("deal", deal::Verb::VARIANTS),
    ]
    .concat()
    .into_iter()
    .collect()
}

/// What the commands among effects are.
fn sends(effects: &[Effect]) -> Vec<String> {
    let commands = sent(effects).into_iter().filter_map(|up| {
        let Up::Command { facts, texts, .. } = up else {
            return None;
        };
        let command = Command::read(facts, texts.clone()).unwrap();
        Some(command.what.kind())
    });
    commands.collect()
}

/// A stop: where one stands, what is done, what is filled in, and what is then sent. The last key of the second keys is
/// the one that sends it; nothing goes before.
type Stop = (fn() -> Stage, Action, &'static str, &'static str);

const ASKED: [Stop; 33] = [
    (
        Stage::council,
        Action::Redact,
        "s<tab>not here<enter>",
        "talk.redact",
    ),
    (Stage::council, Action::Mute, "<tab>8<enter>", "talk.mute"),
    (muted, Action::Unmute, "<enter>", "talk.unmute"),
    (own_selected, Action::Delete, "", "talk.delete"),
    (
        Stage::council,
        Action::GiveSeat,
        "priya<ctrl+s>",
        "channel.invite",
    ),
    (
        Stage::council,
        Action::TakeSeat,
        "mei<enter>",
        "channel.remove",
    ),
    (Stage::council, Action::LeaveSeat, "", "channel.leave"),
    (Stage::council, Action::Archive, "", "channel.archive"),
    (
        Stage::in_deal,
        Action::MoveStage,
        "c<enter>",
        "deal.move_stage",
    ),
    (
        Stage::in_deal,
        Action::DropTask,
        "<enter>",
        "deal.drop_task",
    ),
    (
        Stage::in_deal,
        Action::InviteOrg,
        "kumo<tab><tab>Come<ctrl+s>",
        "deal.invite",
    ),
    (
        Stage::asked_in,
        Action::CancelInvite,
        "<enter>",
        "deal.cancel_invitation",
    ),
    (
        Stage::in_deal,
        Action::Allow,
        "<tab>y<enter><enter>",
        "deal.allow",
    ),
    (
        Stage::in_deal,
        Action::RemoveParty,
        "<enter>",
        "deal.remove_party",
    ),
    (
        Stage::in_deal,
        Action::CallVendor,
        "<tab>Price help<enter>",
        "deal.call_vendor",
    ),
    (
        Stage::in_deal,
        Action::ProposePresence,
        "<enter>",
        "deal.propose_presence",
    ),
    (
        Stage::proposed,
        Action::SignPresence,
        "",
        "deal.sign_presence",
    ),
    (
        Stage::in_deal,
        Action::Freeze,
        "a review<enter>",
        "deal.freeze",
    ),
    (Stage::frozen, Action::Unfreeze, "", "deal.unfreeze"),
    (Stage::in_deal, Action::Win, "", "deal.win"),
    (
        Stage::in_deal,
        Action::Lose,
        "p<tab>too dear<enter>",
        "deal.lose",
    ),
    (Stage::as_guest, Action::WithdrawDeal, "", "deal.withdraw"),
    (with_rui, Action::LeaveDeal, "", "deal.leave"),
    (
        with_rui,
        Action::RemovePeople,
        "rui<enter>",
        "deal.remove_people",
    ),
    (
        with_rui,
        Action::NamePeople,
        "rui<tab>v<enter>",
        "deal.add_people",
    ),
    (
        Stage::asked_into_deal,
        Action::ComeIn,
        "<enter>",
        "deal.accept_invitation",
    ),
    (
        Stage::asked_into_deal,
        Action::StayOut,
        "<tab>No hands<enter>",
        "deal.decline_invitation",
    ),
    (
        || Stage::on_referral(vec![]),
        Action::AcceptReferral,
        "<enter>",
        "referral.accept",
    ),
    (
        || Stage::on_referral(vec![]),
        Action::DeclineReferral,
        "c<tab>no hands<enter>",
        "referral.decline",
    ),
    (
        || Stage::on_referral(vec![]),
        Action::SeenReferral,
        "",
        "referral.view",
    ),
    (
        || Stage::on_referral(Stage::accepted()),
        Action::Contacted,
        "",
        "referral.contacted",
    ),
    (
        || Stage::on_referral(Stage::accepted()),
        Action::ReturnReferral,
        "c<tab>no hands<enter>",
        "referral.return",
    ),
    (
        qualified,
        Action::Convert,
        "New line<enter><enter>",
        "referral.convert",
    ),
];
const ASKED_MORE: [Stop; 17] = [
    (contacted, Action::Qualified, "", "referral.qualified"),
    (offered, Action::WithdrawReferral, "", "referral.withdraw"),
    (
        Stage::at_case_offered,
        Action::WithdrawReferral,
        "",
        "side.withdraw",
    ),
    (
        Stage::in_directory,
        Action::Connect,
        "Hello<enter>",
        "org.connect",
    ),
    (Stage::having_asked, Action::WithdrawAsk, "", "org.withdraw"),
    (Stage::in_directory, Action::Exclude, "", "org.exclude"),
    (Stage::excluding, Action::Include, "", "org.exclude"),
    (
        Stage::asked_to_connect,
        Action::AnswerConnection,
        "<tab><enter>",
        "org.answer_connection",
    ),
    (
        Stage::on_relation,
        Action::Agree,
        "<tab>in the vault<ctrl+s>",
        "relation.agree",
    ),
    (
        || Stage::with_agreement(PRIYA),
        Action::Confirm,
        "",
        "relation.confirm",
    ),
    (
        || Stage::with_agreement(ANA),
        Action::EndAgreement,
        "<enter>",
        "relation.end",
    ),
    (
        Stage::on_relation,
        Action::Disconnect,
        "",
        "relation.disconnect",
    ),
    (
        Stage::at_case,
        Action::OfferCase,
        "northwind<enter><enter>",
        "side.offer",
    ),
    (
        Stage::at_case,
        Action::OfferCase,
        "kumo<tab>Hello<enter>",
        "side.offer_with_request",
    ),
    (Stage::at_case, Action::EraseCase, "", "side.erase_draft"),
    (
        side_with_rui,
        Action::SideAdd,
        "rui<tab>v<enter>",
        "side.add",
    ),
    (
        side_with_rui,
        Action::SideRemove,
        "rui<enter>",
        "side.remove",
    ),
];

/// What is sent without a question: in a room whose readers its composer or its form names, or in one's own.
const AT_ONCE: [Stop; 25] = [
    (writing, Action::Send, "", "talk.say"),
    (own_selected, Action::Edit, "!<enter>", "talk.edit"),
    (Stage::council, Action::React, "<enter>", "talk.react"),
    (Stage::council, Action::Pin, "", "talk.pin"),
    (
        Stage::council,
        Action::Purpose,
        "!<enter>",
        "channel.purpose",
    ),
    (Stage::morning, Action::Done, "", "inbox.done"),
    (not_kept, Action::Join, "", "inbox.join"),
    (kept, Action::Leave, "", "inbox.leave"),
    (
        Stage::morning,
        Action::SetNotices,
        "ana@brightpath.example<ctrl+s>",
        "inbox.set_notices",
    ),
    (
        Stage::in_directory,
        Action::Prefer,
        "d<enter>",
        "org.prefer",
    ),
    (
        Stage::at_work,
        Action::NewDeal,
        "T<tab>C<tab>P<ctrl+s>",
        "inbox.open_deal",
    ),
    (Stage::in_deal, Action::Retitle, "!<enter>", "deal.retitle"),
    (
        beside_our_side,
        Action::SetReference,
        "006-77<enter>",
        "side.reference",
    ),
    (
        Stage::in_deal,
        Action::SetCustomer,
        "!<enter>",
        "deal.customer",
    ),
    (
        Stage::in_deal,
        Action::SetProblem,
        "It leaks<enter>",
        "deal.problem",
    ),
    (
        Stage::in_deal,
        Action::SetValue,
        "<ctrl+u>EUR 5<enter>",
        "deal.value",
    ),
    (
        Stage::in_deal,
        Action::SetClose,
        "<ctrl+u>2099-12-24<enter>",
        "deal.target_close",
    ),
    (
        Stage::in_deal,
        Action::NextStep,
        "Call<enter>",
        "deal.next_step",
    ),
    (
        Stage::in_deal,
        Action::AddTask,
        "Call<tab>N<tab>tom<tab>2099-06-01<enter>",
        "deal.add_task",
    ),
    (
        Stage::in_deal,
        Action::TaskDone,
        "<enter>",
        "deal.done_task",
    ),
    (
        Stage::in_deal,
        Action::TakeTask,
        "<tab>2099-06-01<enter>",
        "deal.reassign_task",
    ),
    (
        Stage::in_deal,
        Action::MoveTask,
        "<right><tab>N<tab><tab>2099-06-01<enter>",
        "deal.reassign_task",
    ),
    (Stage::in_deal, Action::Recheck, "<enter>", "deal.recheck"),
    (
        Stage::in_deal,
        Action::Responsible,
        "r<enter>",
        "deal.responsible",
    ),
    (
        Stage::at_case,
        Action::EditCase,
        "<pagedown><pagedown><enter>",
        "side.draft",
    ),
];
/// The wizard asks in its last step.
const WIZARD: &str = "Umbrella<pagedown>Demo soon<tab><right><tab>DE<tab><right><tab><right><tab><right>\
    <pagedown><pagedown><enter>";

/// What is sent at a stop, or what is wrong there.
fn stop(stop: &Stop, asked: bool) -> Result<String, String> {
    let (stage, action, keys, kind) = stop;
    let mut stage = stage();
    let mut effects = stage.act(*action);
    let last = keys.rfind('<').unwrap_or(keys.len());
    let (before, last) = keys.split_at(last);
    effects.extend(stage.keys(before));
    let early = sends(&effects);
    effects.extend(stage.keys(last));
    if asked {
        let asks = matches!(stage.app.overlays.last(), Some(Overlay::Confirm(_)));
        if !asks || !sends(&effects).is_empty() {
            let screen = stage.screen(100, 30);
            return Err(format!("{action:?} asks nothing:\n{screen}"));
        }
        assert!(stage.keys("x").is_empty(), "only Enter does it");
        effects.extend(stage.keys("<enter>"));
    }
    let said = stage
        .app
        .notices
        .last()
        .map(|notice| notice.words.as_str().to_owned());
    if sends(&effects) != [*kind] || !last.is_empty() && !early.is_empty() {
        let screen = stage.screen(100, 30);
        return Err(format!("{action:?} sends no {kind}: {said:?}\n{screen}"));
    }
    Ok((*kind).to_owned())
}

#[test]
fn every_command_is_sent_from_the_screen_or_stands_in_the_list_with_a_reason() {
    let (mut sent, mut wrong) = (BTreeSet::new(), vec![]);
    let wizard: Stop = (
        Stage::at_work,
        Action::NewReferral,
        WIZARD,
        "inbox.open_case",
    );
    let asked = ASKED.iter().chain(&ASKED_MORE).map(|one| (one, true));
    let at_once = AT_ONCE.iter().chain([&wizard]).map(|one| (one, false));
    for (one, asks) in asked.chain(at_once) {
        match stop(one, asks) {
            Ok(kind) => {
                sent.insert(kind);
            }
            Err(words) => wrong.push(words),
        }
        let (_, action, ..) = one;
        assert!(
            !asks || action.entry().unwrap().consequence.is_some(),
            "{action:?}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut stage = Stage::morning();
    stage.keys("<ctrl+k>@mei<enter>");
    stage.sees("Begins a conversation between you and Mei Tanaka");
    let effects = stage.keys("<enter>");
    assert_eq!(sends(&effects), ["inbox.open_direct"]);
    sent.extend(sends(&effects));
    let listed = ELSEWHERE.iter().map(|(kind, _)| (*kind).to_owned());
    let known: BTreeSet<String> = sent.iter().cloned().chain(listed).collect();
    assert_eq!(known, kinds());
    for (kind, _) in ELSEWHERE {
        assert!(!sent.contains(kind), "{kind} is sent: it needs no reason");
    }
}
