//! The table of what signed commands bind: see [`super::Bond`].

use super::Bond::{
    self, Answers, As, At, AtOrg, Author, Between, Concerns, Either, Everybody, Follows, Has,
    HeldBack, Home, Is, Itself, Maker, Number, OfDraft, Opening, Parties, Present, Promise,
    Requested, Said, Same, Sent, Term, Text, Texts, There, Unanimous, With,
};
use crate::limits;

/// What holds of an event under a signed command of a kind.
pub type Bonds = (&'static str, &'static str, &'static [Bond]);

/// What signed commands bind, for each pair of [`super::CAUSES`].
#[rustfmt::skip]
pub const BONDS: &[Bonds] = &[
    ("talk.redact", "talk.redacted", &[There, Same("target"), Same("reason"), Texts]),
    ("org.remove", "org.removed", &[There, Same("member")]),
    ("org.remove", "channel.left", &[Same("member")]),
    ("org.hand_over", "org.handed_over", &[There, Same("from"), Same("to")]),
    ("org.hand_over", "side.handed_over", &[Same("from"), Same("to")]),
    ("org.hand_over", "referral.handed_over", &[Maker("org"), Same("from"), Same("to")]),
    ("org.hand_over", "deal.handed_over", &[Maker("org"), Same("from"), Same("to")]),
    ("org.suspend_org", "org.org_suspended", &[There, Same("org"), Same("on")]),
    ("org.seat_admin", "org.successor_named", &[There, Same("org"), Same("successor")]),
    ("org.seat_admin", "org.successor_announced", &[AtOrg("org"), Same("successor")]),
    ("channel.remove", "channel.removed", &[There, Same("member")]),
    ("org.connect", "org.asked", &[There, Same("to"), Has("referral", false), Texts]),
    ("org.connect", "org.knocked", &[AtOrg("to"), Maker("from"), Has("referral", false), Texts]),
    ("org.connect", "org.met", &[AtOrg("to"), Maker("from"), Has("referral", false), Texts]),
    ("org.connect", "org.answered", &[Home, As("by", "to"), Is("take", "connection")]),
    ("org.connect", "relation.opened", &[Parties("to")]),
    ("org.connect", "relation.reopened", &[Parties("to")]),
    (
        "org.answer_connection",
        "org.replied",
        &[
            There,
            Same("from"),
            Same("take"),
            Same("people"),
            Answers(&[("org.knocked", &[Number("knock"), Same("root"), Same("referral")])]),
        ],
    ),
    (
        "org.answer_connection",
        "org.answered",
        &[AtOrg("from"), Maker("by"), Same("take"), Follows("org.asked", &[REQUESTED])],
    ),
    ("org.answer_connection", "relation.opened", &[Said("take", CONNECTS), Parties("from")]),
    ("org.answer_connection", "relation.reopened", &[Said("take", CONNECTS), Parties("from")]),
    ("relation.agree", "relation.proposed", &[There, Maker("by"), Same("kind"), Same("from"), Same("to"), Texts]),
    (
        "relation.confirm",
        "relation.confirmed",
        &[There, Same("proposal"), Answers(&[("relation.proposed", &[Number("proposal"), Term])])],
    ),
    // What is signed names the entry that was confirmed, or that proposed it where nobody has.
    (
        "relation.end",
        "relation.ended",
        &[
            There,
            Maker("by"),
            Same("kind"),
            Answers(&[("relation.proposed", &[Number("proposal")]), ("relation.confirmed", &[Same("proposal")])]),
        ],
    ),
    ("relation.disconnect", "relation.disconnected", &[There, Maker("by")]),
    ("relation.disconnect", "org.disconnected", &[Concerns("from"), Between("from")]),
    (
        "side.offer",
        "side.offered",
        &[There, Same("to"), Is("need", "0"), Has("words", false), Promise("promise"), DRAFT],
    ),
    (
        "side.offer",
        "referral.opened",
        &[Maker("from.org"), Same("to"), Sent("case"), Is("connected", "true"), Promise("promise")],
    ),
    ("side.offer", "referral.shown", &[As("org", "to")]),
    (
        "side.offer_with_request",
        "side.offered",
        &[There, Same("to"), Is("need", "0"), Is("words", "1"), Text("words"), Promise("promise"), DRAFT],
    ),
    (
        "side.offer_with_request",
        "referral.opened",
        &[Maker("from.org"), Same("to"), Sent("case"), Is("connected", "false"), Promise("promise")],
    ),
    ("side.offer_with_request", "referral.shown", &[As("org", "to")]),
    ("side.offer_with_request", "org.asked", &[Home, Same("to"), Has("referral", true), Texts]),
    ("side.offer_with_request", "org.knocked", &[AtOrg("to"), Maker("from"), Has("referral", true), Texts]),
    ("side.offer_with_request", "org.met", &[AtOrg("to"), Maker("from"), Has("referral", true), Texts]),
    ("side.offer_with_request", "org.answered", &[Home, As("by", "to"), Is("take", "connection")]),
    ("side.offer_with_request", "relation.opened", &[Parties("to")]),
    ("side.offer_with_request", "relation.reopened", &[Parties("to")]),
    ("side.remove", "side.removed", &[There, Same("member")]),
    ("side.withdraw", "side.withdrawn", &[There, Same("offer")]),
    ("side.withdraw", "side.closed", &[There, Same("offer"), Is("how", "withdrawn")]),
    ("side.withdraw", "referral.withdrawn", &[At("offer")]),
    (
        "side.withdraw",
        "org.withdrawn",
        &[Home, Follows("org.asked", &[Same("to"), Itself(&[As("referral", "offer")])])],
    ),
    ("side.withdraw", "org.recalled", &[Maker("from")]),
    ("referral.accept", "referral.accepted", &[There, Same("people")]),
    ("referral.accept", "referral.disclosed", &[There, CUSTOMER, CONTACT, NOTES, DISCLOSED]),
    ("referral.accept", "side.opened", &[Maker("org"), Sent("about.referral.room"), Same("people")]),
    ("referral.accept", "side.released", &[Sent("offer"), RELEASED]),
    ("referral.decline", "referral.declined", &[There, Same("reason"), Has("words", true), Texts]),
    ("referral.decline", "side.closed", &[Sent("offer"), Is("how", "declined")]),
    ("referral.withdraw", "referral.withdrawn", &[There]),
    ("referral.withdraw", "side.closed", &[Sent("offer"), Is("how", "withdrawn")]),
    (
        "referral.withdraw",
        "org.withdrawn",
        &[Home, Follows("org.asked", &[Same("to"), Itself(&[Sent("referral")])])],
    ),
    ("referral.withdraw", "org.recalled", &[Maker("from")]),
    ("referral.return", "referral.returned", &[There, Same("reason"), Texts]),
    // What was passed on before it was given back is withdrawn from whom it was passed on to, in the same room.
    (
        "referral.return",
        "side.closed",
        &[Either(&[Sent("offer"), Is("how", "returned")], &[Is("how", "withdrawn")])],
    ),
    ("referral.convert", "referral.converted", &[There, Is("title", "0"), Is("customer", "1"), Texts]),
    (
        "referral.convert",
        "deal.opened",
        &[
            Maker("host"),
            Sent("origin"),
            Is("title", "0"),
            Is("customer", "1"),
            Texts,
            Is("presence", "not_present"),
            Has("problem", false),
            Has("value", false),
            Has("close", false),
            Has("imported", false),
        ],
    ),
    ("referral.convert", "side.opened", &[Has("about.deal.room", true)]),
    (
        "org.answer_connection",
        "referral.accepted",
        &[Said("take", &["both"]), Same("people"), Opening(&[REQUESTED])],
    ),
    (
        "org.answer_connection",
        "referral.declined",
        &[
            Said("take", &["connection", "neither"]),
            Is("reason", "not_now"),
            Has("words", false),
            Opening(&[REQUESTED]),
        ],
    ),
    (
        "org.answer_connection",
        "referral.disclosed",
        &[Said("take", &["both"]), CUSTOMER, CONTACT, NOTES, DISCLOSED, Opening(&[REQUESTED])],
    ),
    ("org.answer_connection", "side.opened", &[Said("take", &["both"]), Maker("org"), Same("people")]),
    ("org.answer_connection", "side.released", &[Said("take", &["both"]), RELEASED, OF_REQUEST]),
    (
        "org.answer_connection",
        "side.closed",
        &[Said("take", &["connection", "neither"]), Is("how", "declined"), OF_REQUEST],
    ),
    (
        "deal.accept_invitation",
        "deal.accepted",
        &[
            There,
            Maker("org"),
            With("people"),
            Answers(&[("deal.invited", &[Number("invitation"), Same("org"), Author("inviter")])]),
        ],
    ),
    ("deal.accept_invitation", "org.deal_invitation_closed", &[Sent("deal"), Is("how", "accepted")]),
    ("deal.accept_invitation", "side.opened", &[Maker("org"), Sent("about.deal.room"), With("people")]),
    (
        "deal.decline_invitation",
        "deal.declined",
        &[
            There,
            Maker("org"),
            Same("reason"),
            Texts,
            Answers(&[("deal.invited", &[Same("org"), Author("inviter")])]),
        ],
    ),
    ("deal.decline_invitation", "org.deal_invitation_closed", &[Sent("deal"), Is("how", "declined")]),
    ("deal.remove_people", "deal.people_removed", &[There, Maker("org"), Same("people")]),
    ("deal.withdraw", "deal.withdrawn", &[There, Maker("org"), Everybody("people")]),
    ("deal.remove_party", "deal.party_removed", &[There, Same("org"), Everybody("people")]),
    ("deal.move_stage", "deal.stage_moved", &[There, Same("to")]),
    ("deal.win", "deal.won", &[There]),
    ("deal.win", "deal.invitation_cancelled", &[There]),
    ("deal.lose", "deal.lost", &[There, Same("reason"), Texts]),
    ("deal.lose", "deal.invitation_cancelled", &[There]),
    ("deal.freeze", "deal.frozen", &[There, Texts]),
    ("deal.unfreeze", "deal.unfrozen", &[There]),
    ("deal.propose_presence", "deal.presence_proposed", &[There, Maker("org"), Same("to")]),
    ("deal.propose_presence", "deal.presence_set", &[There, Same("to"), Unanimous("dismissed")]),
    ("deal.sign_presence", "deal.presence_signed", &[There, Maker("org"), Same("proposal"), PROPOSAL]),
    (
        "deal.sign_presence",
        "deal.presence_set",
        &[There, Answers(&[("deal.presence_proposed", &[Same("to")])]), Unanimous("dismissed")],
    ),
    (
        "deal.call_vendor",
        "deal.vendor_called",
        &[There, Maker("org"), Same("members"), Texts, Present(&["on_call"])],
    ),
    (
        "deal.call_vendor",
        "deal.vendor_asked",
        &[There, Maker("org"), Same("members"), Texts, Present(&["not_present"])],
    ),
    ("deal.call_vendor", "org.deal_called", &[Sent("deal"), Maker("from"), Same("members"), Texts]),
];

/// What of a request to connect connects.
const CONNECTS: &[&str] = &["both", "connection"];

/// The draft that an offer is of, which what was signed holds the commitments of.
const DRAFT: Bond = Follows("side.drafted", &[Number("draft"), OfDraft("promise")]);

/// A request to connect that went out with a referral, which the answer names.
const REQUESTED: Bond = Requested(limits::CONNECT_SPAN.as_millis());

/// The offer to a stranger that such an answer speaks of.
const OF_REQUEST: Bond = Follows("side.offered", &[Same("offer"), REQUESTED]);

/// The texts that a referral shows once it is accepted, each in its place.
const CUSTOMER: Bond = Is("customer", "0");
const CONTACT: Bond = Is("contact", "1");
const NOTES: Bond = Either(&[Has("notes", false)], &[Is("notes", "2")]);

/// They are those that the sender promised.
const DISCLOSED: Bond = Opening(&[HeldBack("promise")]);

/// The same, as the sender's Side gives them out; none where the operator has erased them.
const RELEASED: Bond = Either(
    &[Is("texts", "[]")],
    &[
        Either(&[Is("texts", "[0,1]")], &[Is("texts", "[0,1,2]")]),
        Follows("side.offered", &[Same("offer"), HeldBack("promise")]),
    ],
);

/// The proposal that a party signs.
const PROPOSAL: Bond = Answers(&[("deal.presence_proposed", &[Number("proposal")])]);
