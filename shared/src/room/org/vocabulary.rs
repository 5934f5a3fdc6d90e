//! What can be asked of an organisation's room, and what can become true in it.

use super::{Class, Enrolment, Invitation, Preference, Successor, Take};
use crate::{
    entry::{Seq, Slot},
    id::{DeviceId, Hash, MemberId, OrgId, PublicKey, RoomId},
    room::{channel, deal},
    standing::{OrgKind, Role},
    statement::Certificate,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What can be asked.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumDiscriminants,
    schemars::JsonSchema,
)]
#[schemars(rename = "OrgCommand")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(name(Verb), derive(strum::VariantArray, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The commands without their fields.")]
pub enum Command {
    /// The operator begins an organisation.
    Open {
        /// Vendor or partner.
        kind: OrgKind,
    },
    /// Invites a person.
    Invite {
        /// The invitation.
        invitation: Invitation,
    },
    /// Takes an open invitation back.
    Cancel {
        /// The hash of its code.
        code: Hash,
    },
    /// Whoever holds an invitation's code becomes a member.
    Join {
        /// The hash of the code.
        code: Hash,
        /// The key of their device.
        key: PublicKey,
        /// The certificates of that key; empty where nobody certified the invitation.
        chain: Vec<Certificate>,
        /// The organisation's root key, where this claims it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<PublicKey>,
    },
    /// Sets a person's role.
    Role {
        /// Whose.
        member: MemberId,
        /// Which.
        role: Role,
        /// Whether they are an alliance manager: the vendor's people only.
        alliance: bool,
        /// The entry that set it last.
        at: Seq,
    },
    /// Suspends a person, or takes them back.
    Suspend {
        /// Whom.
        member: MemberId,
        /// Suspended, or not.
        on: bool,
    },
    /// Removes a person for good: at the next commit every seat of theirs is gone.
    Remove {
        /// Whom.
        member: MemberId,
    },
    /// Revokes a device: one's own, or any by an admin.
    Revoke {
        /// Which.
        device: DeviceId,
    },
    /// Gives a device the certificates that it lacks, or better ones.
    Certify {
        /// Which.
        device: DeviceId,
        /// From the root to the device.
        chain: Vec<Certificate>,
    },
    /// Lets a member's next device in, by a code: one's own, or anybody's by an admin. It replaces the member's open one.
    Enrol {
        /// Whose, and by which code.
        enrolment: Enrolment,
        /// Whether the devices that the member has are revoked with it: an admin, whose member has lost them.
        revoke: bool,
    },
    /// An admin hands over what a person of the organisation has in hand, wherever that is: cases, referrals, seats in
    /// deals, tasks, and whatever waits for them there.
    HandOver {
        /// Who had it, gone or not.
        from: MemberId,
        /// Who has it now.
        to: MemberId,
    },
    /// Sets one's own name.
    Name {},
    /// Sets the organisation's name.
    Rename {
        /// The entry that set it last.
        at: Seq,
    },
    /// Opens a channel.
    OpenChannel {
        /// How it is set.
        settings: channel::Settings,
    },
    /// The vendor begins a partner organisation and invites its first admin.
    Admit {
        /// The invitation, which claims it.
        invitation: Invitation,
    },
    /// The vendor invites the first admin of an organisation that nobody has claimed.
    InviteOrg {
        /// Which.
        org: OrgId,
        /// The invitation, which claims it.
        invitation: Invitation,
    },
    /// An admin of the vendor's seats an admin in an organisation that has none to be reached. Everybody there is told, and may
    /// object, for [`crate::limits::SUCCESSION_NOTICE`].
    SeatAdmin {
        /// Which.
        org: OrgId,
        /// Whom.
        successor: Successor,
    },
    /// Whom the vendor seated makes the organisation a new root key, once: where nobody has the old one, nothing could be signed
    /// there ever again. All other devices are certified anew.
    Renew {
        /// The new root key.
        root: PublicKey,
        /// From it to a device of whoever asks.
        chain: Vec<Certificate>,
    },
    /// A person of the organisation does not want whom the vendor seats: nobody is seated.
    Object {
        /// The entry that announced them.
        at: Seq,
    },
    /// The vendor records an organisation's types and programs.
    Classify {
        /// Whose.
        org: OrgId,
        /// What.
        class: Class,
    },
    /// The vendor suspends an organisation, or takes it back.
    SuspendOrg {
        /// Which.
        org: OrgId,
        /// Suspended, or not.
        on: bool,
    },
    /// Asks another organisation to connect.
    Connect {
        /// Which.
        to: OrgId,
    },
    /// Takes a request back that nobody has answered.
    Withdraw {
        /// To whom it went.
        to: OrgId,
    },
    /// Answers a request to connect, and the referral that it carries.
    AnswerConnection {
        /// Whose request.
        from: OrgId,
        /// What the entry says that brought it: [`crate::event::matter`].
        knock: Hash,
        /// What is taken of it.
        take: Take,
        /// Who works on the referral, where it is taken: one to [`crate::limits::ANSWER_PEOPLE_MAX`].
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        people: BTreeSet<MemberId>,
    },
    /// No longer hears an organisation's requests, or hears them again. It learns nothing of it.
    Exclude {
        /// Which.
        org: OrgId,
        /// Excluded, or not.
        on: bool,
    },
    /// Says whose requests are heard at all.
    Prefer {
        /// Whose.
        preference: Preference,
        /// The entry that set it last.
        at: Seq,
    },
}

/// What became true.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
    schemars::JsonSchema,
)]
#[schemars(rename = "OrgEvent")]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The organisation begins.
    Opened {
        /// Which.
        org: OrgId,
        /// Vendor or partner.
        kind: OrgKind,
        /// Its name.
        name: Slot,
        /// The claim that keeps look-alike names apart.
        claim: Hash,
    },
    /// Somebody is invited.
    Invited {
        /// The invitation.
        invitation: Invitation,
    },
    /// An invitation was taken back.
    Cancelled {
        /// The hash of its code.
        code: Hash,
    },
    /// An invited person is a member now.
    Joined {
        /// The hash of the code.
        code: Hash,
        /// Who.
        member: MemberId,
        /// Their name.
        name: Slot,
        /// Their role.
        role: Role,
        /// Whether they are an alliance manager.
        alliance: bool,
        /// Their device.
        device: DeviceId,
        /// Its key.
        key: PublicKey,
        /// Its certificates.
        chain: Vec<Certificate>,
        /// The organisation's root key, where this claimed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<PublicKey>,
    },
    /// A person's role was set.
    RoleSet {
        /// Whose.
        member: MemberId,
        /// Which.
        role: Role,
        /// Whether they are an alliance manager.
        alliance: bool,
    },
    /// A person was suspended or taken back.
    Suspended {
        /// Whom.
        member: MemberId,
        /// Suspended, or not.
        on: bool,
    },
    /// A person was removed for good.
    Removed {
        /// Whom.
        member: MemberId,
    },
    /// A device was revoked.
    Revoked {
        /// Which.
        device: DeviceId,
    },
    /// A device got certificates.
    Certified {
        /// Which.
        device: DeviceId,
        /// From the root to the device.
        chain: Vec<Certificate>,
    },
    /// A member's next device may come.
    Enrolling {
        /// Whose, and by which code.
        enrolment: Enrolment,
    },
    /// A member has one more device.
    Enrolled {
        /// The hash of the code.
        code: Hash,
        /// Whose.
        member: MemberId,
        /// The device.
        device: DeviceId,
        /// Its key.
        key: PublicKey,
        /// What its owner calls it.
        name: Slot,
        /// Its certificates.
        chain: Vec<Certificate>,
    },
    /// What a person had in hand is another's. Which rooms that is stands in those rooms alone.
    HandedOver {
        /// Who had it.
        from: MemberId,
        /// Who has it now.
        to: MemberId,
    },
    /// A person set their name.
    Named {
        /// Who.
        member: MemberId,
        /// The name.
        name: Slot,
    },
    /// The organisation's name was set.
    Renamed {
        /// The name.
        name: Slot,
        /// The claim that keeps look-alike names apart.
        claim: Hash,
    },
    /// A channel was opened.
    ChannelOpened {
        /// Its room.
        room: RoomId,
        /// How it is set.
        settings: channel::Settings,
        /// What it is for.
        purpose: Slot,
    },
    /// The vendor began an organisation.
    Admitted {
        /// Which.
        org: OrgId,
        /// Its name.
        name: Slot,
        /// The claim that keeps look-alike names apart.
        claim: Hash,
        /// Its first admin's invitation.
        invitation: Invitation,
    },
    /// The vendor invited an organisation's first admin.
    OrgInvited {
        /// Which.
        org: OrgId,
        /// The invitation.
        invitation: Invitation,
    },
    /// The vendor seats an admin in another organisation, whose people may object.
    SuccessorNamed {
        /// Which.
        org: OrgId,
        /// Whom.
        successor: Successor,
    },
    /// The vendor seats an admin here, unless somebody objects.
    SuccessorAnnounced {
        /// Whom.
        successor: Successor,
        /// When.
        from: Timestamp,
    },
    /// It ran out while nobody could object: it is put off.
    SuccessionPutOff {
        /// Until when.
        from: Timestamp,
    },
    /// Somebody here does not want them: they are not seated.
    SuccessorRefused {},
    /// It is over by itself: they went meanwhile, or are an admin already.
    SuccessionLapsed {},
    /// Nobody objected: they are an admin here, or their invitation is open.
    SuccessorSeated {
        /// Whom.
        successor: Successor,
    },
    /// The vendor recorded what an organisation is.
    OrgClassified {
        /// Whose.
        org: OrgId,
        /// What.
        class: Class,
    },
    /// The vendor suspended an organisation or took it back.
    OrgSuspended {
        /// Which.
        org: OrgId,
        /// Suspended, or not.
        on: bool,
    },
    /// This organisation's types and programs were recorded.
    Classified {
        /// What.
        class: Class,
    },
    /// This organisation was suspended or taken back.
    Halted {
        /// Suspended, or not.
        on: bool,
    },
    /// This organisation asked another one to connect.
    Asked {
        /// Which.
        to: OrgId,
        /// In which words.
        words: Slot,
        /// The referral that goes with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referral: Option<RoomId>,
        /// When it lapses.
        until: Timestamp,
    },
    /// This organisation took its request back.
    Withdrawn {
        /// To whom it went.
        to: OrgId,
    },
    /// Another organisation asks to connect.
    Knocked {
        /// Which.
        from: OrgId,
        /// Its root key.
        root: PublicKey,
        /// In which words.
        words: Slot,
        /// The referral that it offers with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referral: Option<RoomId>,
        /// When the request lapses.
        until: Timestamp,
    },
    /// That organisation took its request back.
    Recalled {
        /// Which.
        from: OrgId,
    },
    /// This organisation answered a request.
    Replied {
        /// Whose.
        from: OrgId,
        /// Their root key.
        root: PublicKey,
        /// The entry that brought the request.
        knock: Seq,
        /// The referral that it carried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referral: Option<RoomId>,
        /// What was taken.
        take: Take,
        /// Who works on the referral.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        people: BTreeSet<MemberId>,
    },
    /// Two requests crossed: each organisation had asked the other, so they are connected.
    Met {
        /// The other.
        from: OrgId,
        /// Its root key.
        root: PublicKey,
        /// In which words it asked.
        words: Slot,
        /// The referral that it offers with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referral: Option<RoomId>,
    },
    /// This organisation's request was answered.
    Answered {
        /// By whom.
        by: OrgId,
        /// What they took.
        take: Take,
        /// Their root key, where the two are connected now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<PublicKey>,
    },
    /// A connection ended.
    Disconnected {
        /// With whom.
        from: OrgId,
    },
    /// An organisation's requests are no longer heard, or are heard again.
    Excluded {
        /// Which.
        org: OrgId,
        /// Excluded, or not.
        on: bool,
    },
    /// It was said whose requests are heard.
    Preferred {
        /// Whose.
        preference: Preference,
    },
    /// This organisation is asked into a deal.
    DealInvited {
        /// Which.
        deal: RoomId,
        /// Who asks.
        from: OrgId,
        /// What it is to do there.
        responsibility: deal::Responsibility,
        /// In words.
        message: Slot,
        /// When the invitation is over.
        until: Timestamp,
        /// What the deal's entry says that invited, which the answer names and signs: [`crate::event::matter`].
        matter: Hash,
    },
    /// An invitation to a deal is no longer open.
    DealInvitationClosed {
        /// To which deal.
        deal: RoomId,
        /// What became of it.
        how: deal::Closing,
    },
    /// A party of a deal that the vendor is not present in asks these alliance managers.
    DealCalled {
        /// Which deal.
        deal: RoomId,
        /// Who asks.
        from: OrgId,
        /// Whom.
        members: Vec<MemberId>,
        /// In words.
        words: Slot,
    },
    /// An invitation that had been used was tried again, said once of each: somebody else has the link. Nobody knows who.
    InvitationTried {
        /// The hash of its code.
        code: Hash,
        /// Who had invited; nobody of this organisation, where it was the operator or the vendor.
        by: Option<MemberId>,
        /// Who had joined by it.
        member: MemberId,
    },
}
