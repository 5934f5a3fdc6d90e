//! Deals that an organisation is asked into, as its own room knows them: who asks and the words, and nothing of the deal.
//! Its leads answer in the deal itself, naming what the entry says that invited them.

use super::{Ask, Event, Org};
use crate::{
    ask::{Address, Ask as Asked},
    entry::{Entry, Seq, Slot, TextRef, Worded},
    event,
    id::{Hash, OrgId},
    limits,
    room::{Room, State, deal::Responsibility, inbox},
    standing::Role,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// An open invitation to a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DealInvitation {
    /// Who asks.
    pub from: OrgId,
    /// What this organisation is to do there.
    pub responsibility: Responsibility,
    /// The words.
    pub message: TextRef,
    /// What the deal's entry says that invited, which the answer names and signs: [`crate::event::matter`].
    pub matter: Hash,
    /// When it is over.
    pub until: Timestamp,
}

pub(super) fn take(room: &Room, ask: &Ask) -> Option<Worded<event::Event>> {
    let State::Org(org) = &room.state else {
        return None;
    };
    let worded = |event, texts| Some(Worded::new(event::Event::Org(event), texts));
    if let Ask::DealInvitation {
        deal,
        from,
        responsibility,
        message,
        until,
        matter,
    } = ask
    {
        let full = org.deals.len() >= limits::ORG_DEAL_INVITATIONS_MAX;
        // Excluded looks like unanswered.
        if full || org.deals.contains_key(deal) || org.excluded.contains(from) {
            return None;
        }
        let invited = Event::DealInvited {
            deal: *deal,
            from: *from,
            responsibility: *responsibility,
            message: Slot(0),
            until: *until,
            matter: *matter,
        };
        worded(invited, vec![message.clone()])
    } else if let Ask::DealInvitationClosed { deal, how } = ask {
        org.deals.get(deal)?;
        let (deal, how) = (*deal, *how);
        worded(Event::DealInvitationClosed { deal, how }, vec![])
    } else if let Ask::DealCall {
        deal,
        from,
        members,
        words,
    } = ask
    {
        let called = Event::DealCalled {
            deal: *deal,
            from: *from,
            members: members.clone(),
            words: Slot(0),
        };
        worded(called, vec![words.clone()])
    } else {
        None
    }
}

pub(super) fn apply(org: &mut Org, seq: Seq, event: &Event) {
    if let Event::DealInvitationClosed { deal, .. } = event {
        org.deals.remove(deal);
    }
    let Event::DealInvited {
        deal,
        from,
        responsibility,
        message,
        until,
        matter,
    } = event
    else {
        return;
    };
    let open = DealInvitation {
        from: *from,
        responsibility: *responsibility,
        message: TextRef {
            seq,
            slot: *message,
        },
        matter: *matter,
        until: *until,
    };
    org.deals.insert(*deal, open);
}

/// Points to this entry whoever it is for: the leads to an invitation, those named to a call. An invitation that is over
/// waits for none of the leads.
pub(super) fn react(room: &Room, entry: &Entry, event: &Event) -> Vec<(Address, Asked)> {
    let point = |what| {
        Asked::Inbox(inbox::Ask::Point {
            what,
            room: entry.room,
            seq: entry.seq,
        })
    };
    let leads = |org: &Org| Address::Roles {
        org: org.id,
        min_role: Role::Lead,
    };
    if let (Event::DealInvited { .. }, State::Org(org)) = (event, &room.state) {
        vec![(leads(org), point(inbox::What::DealInvitation))]
    } else if let (Event::DealInvitationClosed { .. }, State::Org(org)) = (event, &room.state) {
        let open = org.deals.values().map(|open| open.message.seq);
        let kinds = &[inbox::What::DealInvitation];
        vec![(leads(org), inbox::settle(kinds, entry.room, open))]
    } else if let Event::DealCalled { members, .. } = event {
        members
            .iter()
            .map(|member| {
                let to = Address::inbox(*member);
                (to, point(inbox::What::VendorCalled))
            })
            .collect()
    } else {
        vec![]
    }
}
