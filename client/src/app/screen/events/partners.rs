//! What happens between organisations, and in one's own, as sentences.

use super::{Happened, own, word};
use crate::app::words::moment;
use rialto_shared::{
    id::OrgId,
    room::{org, referral, relation, side},
    time::Timestamp,
};

pub(super) fn org(of: &Happened<'_>, event: &org::Event) -> String {
    let who = &of.who;
    if let org::Event::Joined { member, role, .. } = event {
        return format!("{} joined as {role}", of.person(*member));
    }
    if let org::Event::Invited { invitation } = event {
        return format!("{who} invited somebody as {}", invitation.role);
    }
    if let org::Event::RoleSet { member, role, .. } = event {
        return format!("{who} made {} {role}", of.person(*member));
    }
    if let org::Event::Removed { member } = event {
        return format!("{who} removed {}", of.person(*member));
    }
    if let org::Event::HandedOver { from, to } = event {
        return of.hands(None, *from, *to);
    }
    if let org::Event::Suspended { member, on } = event {
        let verb = if *on { "suspended" } else { "took back" };
        return format!("{who} {verb} {}", of.person(*member));
    }
    connecting(of, event)
        .or_else(|| asked_for(of, event))
        .or_else(|| itself(of, event))
        .unwrap_or_default()
}

/// What the vendor does about an organisation without an admin, and what its people say to it.
fn succession(of: &Happened<'_>, event: &org::Event) -> Option<String> {
    let who = &of.who;
    let whom = |successor: &org::Successor| match successor {
        org::Successor::Member(member) => of.person(*member),
        org::Successor::Invited(_) => "somebody who is invited".to_owned(),
    };
    let when = |at| {
        let day = moment::day_words(at, of.app.now, &of.app.zone);
        format!("{day} {}", moment::clock(at, &of.app.zone))
    };
    if let org::Event::SuccessorNamed { org, successor } = event {
        let org = of.app.org_name(*org);
        return Some(format!(
            "{who} seats {} as an admin of {org}, whose people may object",
            whom(successor)
        ));
    }
    if let org::Event::SuccessorAnnounced { successor, from } = event {
        let keys = match successor {
            org::Successor::Member(_) => "",
            org::Successor::Invited(_) => {
                "; the keys are new then, and devices sign again once certified anew"
            }
        };
        return Some(format!(
            "{who} seats {} as an admin here, {}, unless somebody here objects (rialto org object){keys}",
            whom(successor),
            when(*from)
        ));
    }
    if let org::Event::SuccessionPutOff { .. } = event {
        let words = "the server was down: whom the vendor seats here has an hour more to wait";
        return Some(words.to_owned());
    }
    if let org::Event::SuccessorRefused {} = event {
        return Some(format!("{who} objects: nobody is seated as an admin here"));
    }
    if let org::Event::SuccessionLapsed {} = event {
        let words = "whom the vendor meant to seat is no longer there to be seated";
        return Some(words.to_owned());
    }
    if let org::Event::SuccessorSeated { successor } = event {
        return Some(match successor {
            org::Successor::Member(member) => format!(
                "nobody objected: {} is an admin here, and may renew your organisation's keys (rialto org renew-key)",
                of.person(*member)
            ),
            org::Successor::Invited(_) => "nobody objected: an admin may come by the vendor's link, with new keys; devices sign \
                                           again once they have certified them"
                .to_owned(),
        });
    }
    None
}

/// What an organisation says of itself, and its people and devices.
fn itself(of: &Happened<'_>, event: &org::Event) -> Option<String> {
    let who = &of.who;
    if let org::Event::Opened { org, .. } = event {
        return Some(format!("{} begins here", of.app.org_name(*org)));
    }
    if let org::Event::InvitationTried { by, member, .. } = event {
        let whose = by.map_or_else(String::new, |by| format!(", from {}", of.person(by)));
        let joined = of.person(*member);
        return Some(format!(
            "the invitation that {joined} joined by{whose}, was tried again and refused: somebody else has the link"
        ));
    }
    if let org::Event::Cancelled { .. } = event {
        return Some(format!("{who} took an invitation back"));
    }
    if let org::Event::Revoked { .. } = event {
        return Some(format!(
            "{who} revoked a device: it can do nothing any more"
        ));
    }
    if let org::Event::Enrolling { enrolment } = event {
        let whose = of.person(enrolment.member);
        return Some(format!("{who} lets one more device of {whose} in"));
    }
    if let org::Event::Enrolled { member, name, .. } = event {
        let whose = of.person(*member);
        return Some(format!("{whose} has one more device{}", of.quoted(*name)));
    }
    if let Some(words) = succession(of, event) {
        return Some(words);
    }
    if let org::Event::Certified { .. } = event {
        return Some(format!("{who} certified a device: what it signs counts"));
    }
    if let org::Event::Named { member, name } = event {
        let member = of.person(*member);
        return Some(format!("{member} set their name{}", of.quoted(*name)));
    }
    if let org::Event::Renamed { name, .. } = event {
        let name = of.quoted(*name);
        return Some(format!("{who} set the organisation's name{name}"));
    }
    if let org::Event::ChannelOpened { settings, .. } = event {
        return Some(format!("{who} opened the channel #{}", settings.handle));
    }
    if let org::Event::Classified { .. } = event {
        let words = "the vendor recorded what your organisation is and in which programs";
        return Some(words.to_owned());
    }
    if let org::Event::Halted { on } = event {
        let verb = if *on { "suspended" } else { "took back" };
        return Some(format!("the vendor {verb} your organisation"));
    }
    if let org::Event::Preferred { preference } = event {
        let whose = match preference {
            org::Preference::AllowAll => "everybody's",
            org::Preference::DenyAll => "nobody's, unless you asked first",
        };
        let words = format!("{who} said whose requests to connect are heard: {whose}");
        return Some(words);
    }
    None
}

/// Requests to connect, and what became of them.
fn connecting(of: &Happened<'_>, event: &org::Event) -> Option<String> {
    let who = &of.who;
    let name = |org: &OrgId| of.app.org_name(*org);
    if let org::Event::Asked { to, words, .. } = event {
        return Some(format!(
            "{who} asked {} to connect{}",
            name(to),
            of.quoted(*words)
        ));
    }
    if let org::Event::Withdrawn { to } = event {
        return Some(format!("{who} took the request to {} back", name(to)));
    }
    if let org::Event::Knocked {
        from,
        words,
        referral,
        ..
    } = event
    {
        let with = if referral.is_some() {
            " and offers a referral"
        } else {
            ""
        };
        return Some(format!(
            "{} asks to connect{with}{}",
            name(from),
            of.quoted(*words)
        ));
    }
    if let org::Event::Recalled { from } = event {
        return Some(format!("{} took its request back", name(from)));
    }
    if let org::Event::Replied { from, take, .. } = event {
        return Some(match take {
            org::Take::Both => format!("{who} connected with {} and took its referral", name(from)),
            org::Take::Connection => format!("{who} connected with {}", name(from)),
            org::Take::Neither => format!("{who} did not connect with {}", name(from)),
        });
    }
    if let org::Event::Met { from, .. } = event {
        return Some(format!("{} had asked too: you are connected", name(from)));
    }
    if let org::Event::Answered { by, take, .. } = event {
        return Some(match take {
            org::Take::Both => format!(
                "{} is connected with you now and took the referral",
                name(by)
            ),
            org::Take::Connection => format!("{} is connected with you now", name(by)),
            org::Take::Neither => format!("{} does not want to connect with you", name(by)),
        });
    }
    if let org::Event::Disconnected { from } = event {
        return Some(format!("the connection with {} is over", name(from)));
    }
    if let org::Event::Excluded { org, on } = event {
        let verb = if *on { "no longer hears" } else { "hears" };
        return Some(format!("{who} {verb} requests of {}", name(org)));
    }
    None
}

/// What deals ask of an organisation, and what the vendor does with organisations.
fn asked_for(of: &Happened<'_>, event: &org::Event) -> Option<String> {
    let who = &of.who;
    let name = |org: &OrgId| of.app.org_name(*org);
    if let org::Event::DealInvited {
        from,
        responsibility,
        message,
        ..
    } = event
    {
        let (from, what) = (name(from), word(responsibility));
        return Some(format!(
            "{from} asks you into a deal, as {what}{}",
            of.quoted(*message)
        ));
    }
    if let org::Event::DealInvitationClosed { how, .. } = event {
        return Some(format!("an invitation to a deal is over: {}", word(how)));
    }
    if let org::Event::DealCalled {
        from,
        members,
        words,
        ..
    } = event
    {
        let (from, people) = (name(from), of.people(members.iter()));
        return Some(format!(
            "{from} asks {people} for help with a deal{}",
            of.quoted(*words)
        ));
    }
    if let org::Event::Admitted { org, .. } | org::Event::OrgInvited { org, .. } = event {
        return Some(format!("{who} invited {}", name(org)));
    }
    if let org::Event::OrgClassified { org, .. } = event {
        return Some(format!("{who} recorded what {} is", name(org)));
    }
    if let org::Event::OrgSuspended { org, on } = event {
        let verb = if *on { "suspended" } else { "took back" };
        return Some(format!("{who} {verb} {}", name(org)));
    }
    None
}

pub(super) fn relation(of: &Happened<'_>, event: &relation::Event) -> String {
    let who = &of.who;
    match event {
        relation::Event::Opened { .. } => "the two organisations are connected".to_owned(),
        relation::Event::Reopened { .. } => "the two organisations are connected again".to_owned(),
        relation::Event::Proposed {
            kind,
            reference,
            from,
            to,
            ..
        } => {
            let to = to.map_or_else(String::new, |to| format!(" to {to}"));
            format!(
                "{who} proposed {} from {from}{to}{}",
                word(kind),
                of.quoted(*reference)
            )
        }
        relation::Event::Confirmed { begins, .. } => {
            let begins = if begins.is_some() {
                "signed by both"
            } else {
                "in force"
            };
            format!("{who} signed the proposed agreement: it is {begins}")
        }
        relation::Event::Began { .. } => "an agreement is in force".to_owned(),
        relation::Event::Expired { .. } => {
            "an agreement is over: its last day has passed".to_owned()
        }
        relation::Event::Lapsed { .. } => "a proposed agreement lapsed unsigned".to_owned(),
        relation::Event::Ended { kind, .. } => format!("{who} ended {}", word(kind)),
        relation::Event::Disconnected { by } => {
            format!("{who} ended the connection for {}", of.app.org_name(*by))
        }
    }
}

pub(super) fn referral(of: &Happened<'_>, event: &referral::Event) -> String {
    let who = &of.who;
    match event {
        referral::Event::Opened { to, .. } => {
            format!("{who} offered it to {}", of.app.org_name(*to))
        }
        referral::Event::Shown { org, .. } => format!("it is shown to {}", of.app.org_name(*org)),
        referral::Event::Joined {} => {
            "the two organisations are connected: both read from here on".to_owned()
        }
        referral::Event::Viewed {} => format!("{who} has seen it"),
        referral::Event::Accepted { people, .. } => {
            let them = of.people(people.iter());
            match people.len() {
                1 if them == *who => format!("{who} accepted it and works on it"),
                1 => format!("{who} accepted it; {them} works on it"),
                _ => format!("{who} accepted it; {them} work on it"),
            }
        }
        referral::Event::Disclosed { .. } => "customer, contact and notes are shown".to_owned(),
        referral::Event::Declined { reason, words } => {
            let words = words.map_or_else(String::new, |words| of.quoted(words));
            format!("{who} declined it, {}{words}", word(reason))
        }
        referral::Event::HandedOver { org, from, to } => of.hands(Some(*org), *from, *to),
        referral::Event::Expired {} => "nobody answered in time".to_owned(),
        referral::Event::Extended { until } => extended(of, *until),
        referral::Event::Withdrawn {} => of.did("took the offer back", "the offer was taken back"),
        referral::Event::Returned { reason, words } => {
            format!("{who} gave it back, {}{}", word(reason), of.quoted(*words))
        }
        referral::Event::ContactMissed {} => "the customer was not contacted in time".to_owned(),
        referral::Event::Contacted {} => format!("{who} contacted the customer"),
        referral::Event::Qualified {} => format!("{who} found that there is something to win"),
        referral::Event::Converted { title, .. } => {
            format!("{who} opened the deal{}", of.quoted(*title))
        }
        referral::Event::Concluded { outcome } => format!("its deal has ended: {}", word(outcome)),
    }
}

fn extended(of: &Happened<'_>, until: Timestamp) -> String {
    let day = moment::day_words(until, of.app.now, &of.app.zone);
    format!("the time to answer was extended to {day}")
}

pub(super) fn side(of: &Happened<'_>, event: &side::Event) -> String {
    let who = &of.who;
    match event {
        side::Event::Opened { .. } => of.did("began this", "this begins"),
        side::Event::Drafted { .. } => format!("{who} drafted it"),
        side::Event::Erased { .. } => format!("{who} erased a draft"),
        side::Event::Offered { to, .. } => format!("{who} offered it to {}", of.app.org_name(*to)),
        side::Event::Released { .. } => "customer, contact and notes were given out".to_owned(),
        side::Event::Extended { until, .. } => extended(of, *until),
        side::Event::Withdrawn { .. } => format!("{who} took the offer back"),
        side::Event::Closed { how, .. } => format!("the offer is over: {}", word(how)),
        side::Event::Added { member, role } => {
            format!("{who} named {} as {role}", of.person(*member))
        }
        side::Event::HandedOver { from, to } => of.hands(None, *from, *to),
        side::Event::Removed { member } => format!("{who} took {} out", of.person(*member)),
        side::Event::Referenced { reference, .. } => {
            format!(
                "{who} said what it is in our own system{}",
                of.quoted(*reference)
            )
        }
        side::Event::Unreferenced {} => format!("{who} took our own system's reference away"),
        side::Event::Kept { entry } => own::kept(of, entry, None),
    }
}
