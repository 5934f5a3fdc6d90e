//! Everything that follows from the log, written by one function: what the desk runs for each new entry is what a rebuild
//! runs for each old one, and [`super::verify`] compares the two.

use super::{
    LedgerError,
    rows::{self, Rows, RowsMut, Table},
};
use rialto_shared::{
    audience::Principal,
    entry::{Entry, Head, Seq},
    event::Event,
    id::{DeviceId, Hash, MemberId, Nonce, OrgId, PublicKey, RoomId},
    room::{self, Own, Room, State, Texts, channel, key, org, talk},
    standing::{MemberCard, OrgCard, OrgKind, Status, Tie},
    statement::Certificate,
    time::Timestamp,
    timeline::{self, Marks, Note},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Room → head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadRow {
    /// The last entry.
    pub head: Head,
    /// When it was made.
    pub at: Timestamp,
    /// The last message said, for unread counts that system entries do not move.
    pub said: Seq,
}

impl Default for HeadRow {
    fn default() -> Self {
        Self {
            head: Head::default(),
            at: Timestamp::EPOCH,
            said: Seq::ZERO,
        }
    }
}

/// Device → whose, and its certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Whose.
    pub member: MemberId,
    /// Of which organisation.
    pub org: OrgId,
    /// Its key.
    pub key: PublicKey,
    /// From the root to the key; empty while nobody has certified it.
    pub chain: Vec<Certificate>,
    /// Whether it may log in.
    pub revoked: bool,
}

/// A room with its standing texts, as it is read and written together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The room.
    pub room: Room,
    /// Its standing texts.
    pub texts: Texts,
}

/// Takes an entry into a loaded room and into every row that follows from it.
///
/// # Errors
/// When the storage fails or a row cannot be read.
pub fn derive(
    rows: &mut impl RowsMut,
    loaded: &mut Loaded,
    entry: &Entry,
    position: u64,
) -> Result<(), LedgerError> {
    let quiet = only_moves_the_head(&entry.event);
    let before = (!quiet).then(|| loaded.clone());
    room::apply(&mut loaded.room, entry);
    rows.put(
        Table::At,
        &rows::at(entry.room, entry.seq),
        position.to_be_bytes().to_vec(),
    );
    put_head(rows, loaded.room.head, entry)?;
    if let Some(before) = before {
        loaded.texts.keep(&loaded.room, entry);
        put_room(rows, entry.room, &before, loaded);
        put_tie(rows, entry.room, &loaded.room);
        put_deals(rows, entry.room, &before.room, &loaded.room);
        put_reference(rows, entry.room, &before.room, &loaded.room);
    }
    put_talk(rows, loaded, entry)?;
    if let Event::Org(event) = &entry.event {
        put_org(rows, &loaded.room, entry, event)?;
    }
    if let Event::Key(key::Event::Renewed { org, .. }) = &entry.event {
        put_renewed(rows, &loaded.room, entry, *org)?;
    }
    put_nonce(rows, entry);
    Ok(())
}

/// The claim under which a signed command that was executed is found by its nonce.
#[must_use]
pub fn nonce_claim(device: DeviceId, nonce: Nonce) -> Hash {
    Hash::of("rialto-claim-nonce", &[&device.bits(), &nonce.bits()])
}

/// What was signed is used up: by every entry that it caused alike, each names the room that judged it.
fn put_nonce(rows: &mut impl RowsMut, entry: &Entry) {
    let Some(said) = entry.statement.as_ref().and_then(|one| one.read().ok()) else {
        return;
    };
    let claim = nonce_claim(said.device, said.nonce);
    rows.put(Table::Claims, &claim.0, said.room.to_key().to_vec());
}

/// Talk that changes nothing of a room but its head: the common case, which writes no room.
const fn only_moves_the_head(event: &Event) -> bool {
    matches!(
        event,
        Event::Talk(
            talk::Event::Said { .. } | talk::Event::Edited { .. } | talk::Event::Reacted { .. }
        )
    )
}

fn put_head(rows: &mut impl RowsMut, head: Head, entry: &Entry) -> Result<(), LedgerError> {
    let key = entry.room.to_key();
    let mut row: HeadRow = rows.row(Table::Heads, &key)?.unwrap_or_default();
    row.head = head;
    row.at = entry.at;
    if matches!(entry.event, Event::Talk(talk::Event::Said { .. })) {
        row.said = entry.seq;
    }
    rows.put_row(Table::Heads, &key, &row);
    Ok(())
}

fn put_room(rows: &mut impl RowsMut, id: RoomId, before: &Loaded, after: &Loaded) {
    let key = id.to_key();
    rows.put_row(Table::Rooms, &key, &after.room);
    if before.texts != after.texts {
        put_texts(rows, &key, &after.texts);
    }
    let had: BTreeSet<Principal> = before.room.audience.roster().collect();
    let has: BTreeSet<Principal> = after.room.audience.roster().collect();
    for gone in had.difference(&has) {
        rows.remove(Table::Seats, &rows::seat(*gone, id));
    }
    for new in has.difference(&had) {
        rows.put(Table::Seats, &rows::seat(*new, id), vec![]);
    }
    let due = |room: &Room| room::due(room).map(|(time, _)| rows::due(time, id));
    let (was, is) = (due(&before.room), due(&after.room));
    if was != is {
        if let Some(key) = was {
            rows.remove(Table::Due, &key);
        }
        if let Some(key) = is {
            rows.put(Table::Due, &key, vec![]);
        }
    }
}

/// No texts, no row: a room whose texts were all erased is as one that never had any, also when it is rebuilt.
fn put_texts(rows: &mut impl RowsMut, key: &[u8], texts: &Texts) {
    if texts.is_empty() {
        rows.remove(Table::Texts, key);
    } else {
        rows.put_row(Table::Texts, key, texts);
    }
}

fn put_talk(
    rows: &mut impl RowsMut,
    loaded: &mut Loaded,
    entry: &Entry,
) -> Result<(), LedgerError> {
    if let (Event::Talk(talk::Event::Said { thread, .. }), Some(member)) =
        (&entry.event, entry.author.member())
    {
        rows.put_row(
            Table::Own,
            &rows::own(entry.room, member),
            &Own {
                said: Some(entry.at),
            },
        );
        if let Some(message) = thread {
            rows.put(
                Table::Threads,
                &rows::thread(entry.room, *message, entry.seq),
                vec![],
            );
        }
    }
    let Some(target) = timeline::target(&entry.event) else {
        return Ok(());
    };
    let key = rows::at(entry.room, target);
    let mut note: Note = rows.row(Table::Notes, &key)?.unwrap_or_default();
    let erased = if timeline::erases(&entry.event) {
        note.erases(target)
    } else {
        vec![]
    };
    timeline::note(&mut note, entry);
    rows.put_row(Table::Notes, &key, &note);
    if let (Event::Talk(talk::Event::Reacted { .. }), Some(member)) =
        (&entry.event, entry.author.member())
    {
        let key = rows::mark(entry.room, target, member);
        let mut marks: Marks = rows.row(Table::Marks, &key)?.unwrap_or_default();
        timeline::mark(&mut marks, entry);
        if marks.reactions.is_empty() {
            rows.remove(Table::Marks, &key);
        } else {
            rows.put_row(Table::Marks, &key, &marks);
        }
    }
    erase(rows, loaded, entry.room, &erased)
}

/// Takes the texts of these entries out of the log and out of the standing texts.
///
/// # Errors
/// When the storage fails or an entry cannot be read.
pub fn erase(
    rows: &mut impl RowsMut,
    loaded: &mut Loaded,
    room: RoomId,
    seqs: &[Seq],
) -> Result<(), LedgerError> {
    for seq in seqs {
        let Some(position) = rows.get(Table::At, &rows::at(room, *seq))? else {
            continue;
        };
        let Some(bytes) = rows.get(Table::Log, &position)? else {
            continue;
        };
        rows.put(
            Table::Log,
            &position,
            Entry::decode(&bytes)?.erased().encode(),
        );
    }
    let before = loaded.texts.clone();
    loaded.texts.erase(seqs);
    if before != loaded.texts {
        put_texts(rows, &room.to_key(), &loaded.texts);
    }
    Ok(())
}

/// Two organisations' tie follows from their Relation: there while it is open, with what is in force.
fn put_tie(rows: &mut impl RowsMut, id: RoomId, room: &Room) {
    let State::Relation(relation) = &room.state else {
        return;
    };
    let [one, other] = &relation.parties;
    let key = rows::tie(one.org, other.org);
    match relation.tie() {
        Some(agreements) => rows.put_row(
            Table::Ties,
            &key,
            &Tie {
                relation: id,
                agreements,
            },
        ),
        None => rows.remove(Table::Ties, &key),
    }
}

/// Which deals rest on which tie follows from the deals alone: a Relation, which others read, names none.
fn put_deals(rows: &mut impl RowsMut, id: RoomId, before: &Room, after: &Room) {
    let keys = |room: &Room| -> BTreeSet<Vec<u8>> {
        let deal = room.state.deal().into_iter();
        deal.flat_map(|deal| deal.bound().map(|org| rows::deal(deal.host, org, id)))
            .collect()
    };
    let (had, has) = (keys(before), keys(after));
    for gone in had.difference(&has) {
        rows.remove(Table::Deals, gone);
    }
    for new in has.difference(&had) {
        rows.put(Table::Deals, new, vec![]);
    }
}

/// An external reference is claimed by its Side for as long as it stands there.
fn put_reference(rows: &mut impl RowsMut, id: RoomId, before: &Room, after: &Room) {
    let claim = |room: &Room| Some(room.state.side()?.reference.value?.claim);
    let (was, is) = (claim(before), claim(after));
    if was == is {
        return;
    }
    if let Some(claim) = was {
        rows.remove(Table::Claims, &claim.0);
    }
    if let Some(claim) = is {
        rows.put(Table::Claims, &claim.0, id.to_key().to_vec());
    }
}

/// The claim under which the vendor's own room is found.
#[must_use]
pub fn vendor_claim() -> Hash {
    Hash::of("rialto-claim-vendor", &[])
}

fn put_org(
    rows: &mut impl RowsMut,
    room: &Room,
    entry: &Entry,
    event: &org::Event,
) -> Result<(), LedgerError> {
    let State::Org(state) = &room.state else {
        return Ok(());
    };
    match event {
        org::Event::Opened { claim, .. } | org::Event::Renamed { claim, .. } => {
            put_name(rows, room, state, entry, *claim)?;
        }
        org::Event::Classified { .. } | org::Event::Halted { .. } => {
            put_org_card(rows, room, state, entry)?;
        }
        org::Event::Invited { invitation }
        | org::Event::SuccessorAnnounced {
            successor: org::Successor::Invited(invitation),
            ..
        } => put_code(rows, entry.room, invitation.code),
        org::Event::Joined { .. } => put_joined(rows, room, state, entry, event)?,
        org::Event::Enrolling { enrolment } => put_code(rows, entry.room, enrolment.code),
        org::Event::Enrolled {
            member,
            device,
            key,
            chain,
            ..
        } => put_device(rows, state.id, *member, (*device, *key, chain)),
        org::Event::RoleSet { member, .. }
        | org::Event::Suspended { member, .. }
        | org::Event::SuccessorSeated {
            successor: org::Successor::Member(member),
        }
        | org::Event::Named { member, .. } => put_card(rows, state, *member, entry)?,
        org::Event::Removed { member } => {
            put_card(rows, state, *member, entry)?;
            for device in devices_of(&state.devices, *member) {
                revoke(rows, device)?;
            }
        }
        org::Event::Revoked { device } => revoke(rows, *device)?,
        org::Event::Certified { device, chain } => certify(rows, *device, chain)?,
        org::Event::ChannelOpened { room, settings, .. } => put_channel(rows, *room, settings),
        org::Event::Cancelled { .. }
        | org::Event::Admitted { .. }
        | org::Event::OrgInvited { .. }
        | org::Event::OrgClassified { .. }
        | org::Event::OrgSuspended { .. }
        | org::Event::HandedOver { .. }
        | org::Event::SuccessorNamed { .. }
        | org::Event::SuccessorAnnounced { .. }
        | org::Event::SuccessorSeated { .. }
        | org::Event::SuccessionPutOff { .. }
        | org::Event::SuccessorRefused {}
        | org::Event::SuccessionLapsed {}
        | org::Event::Asked { .. }
        | org::Event::Withdrawn { .. }
        | org::Event::Knocked { .. }
        | org::Event::Recalled { .. }
        | org::Event::Replied { .. }
        | org::Event::Met { .. }
        | org::Event::Answered { .. }
        | org::Event::Disconnected { .. }
        | org::Event::Excluded { .. }
        | org::Event::Preferred { .. }
        | org::Event::DealInvited { .. }
        | org::Event::DealInvitationClosed { .. }
        | org::Event::DealCalled { .. }
        | org::Event::InvitationTried { .. } => {}
    }
    Ok(())
}

fn put_name(
    rows: &mut impl RowsMut,
    room: &Room,
    state: &org::Org,
    entry: &Entry,
    claim: Hash,
) -> Result<(), LedgerError> {
    let here = entry.room.to_key().to_vec();
    if state.kind == OrgKind::Vendor {
        rows.put(Table::Claims, &vendor_claim().0, here.clone());
    }
    rows.put(Table::Claims, &claim.0, here);
    put_org_card(rows, room, state, entry)
}

fn put_channel(rows: &mut impl RowsMut, room: RoomId, settings: &channel::Settings) {
    if settings.reach.public() {
        let claim = org::channel_claim(settings.handle.as_str());
        rows.put(Table::Claims, &claim.0, room.to_key().to_vec());
    }
}

/// A code is found by its hash: of a person's invitation, and of a device's.
fn put_code(rows: &mut impl RowsMut, room: RoomId, code: Hash) {
    let claim = org::invitation_claim(code);
    rows.put(Table::Claims, &claim.0, room.to_key().to_vec());
}

fn certify(
    rows: &mut impl RowsMut,
    device: DeviceId,
    chain: &[Certificate],
) -> Result<(), LedgerError> {
    if let Some(mut row) = rows.row::<DeviceRow>(Table::Devices, &device.bits())? {
        row.chain = chain.to_vec();
        rows.put_row(Table::Devices, &device.bits(), &row);
    }
    Ok(())
}

/// No certificate that starts from a former root key stands under anything that is signed from here on.
fn put_renewed(
    rows: &mut impl RowsMut,
    room: &Room,
    entry: &Entry,
    whose: OrgId,
) -> Result<(), LedgerError> {
    let State::Org(state) = &room.state else {
        return Ok(());
    };
    // An organisation's room also says of others that theirs is another.
    if whose != state.id {
        return Ok(());
    }
    for device in state.devices.keys() {
        certify(rows, *device, &[])?;
    }
    put_org_card(rows, room, state, entry)
}

fn put_joined(
    rows: &mut impl RowsMut,
    room: &Room,
    state: &org::Org,
    entry: &Entry,
    event: &org::Event,
) -> Result<(), LedgerError> {
    let org::Event::Joined {
        member,
        device,
        key,
        chain,
        root,
        ..
    } = event
    else {
        return Ok(());
    };
    put_device(rows, state.id, *member, (*device, *key, chain));
    put_card(rows, state, *member, entry)?;
    if root.is_some() {
        put_org_card(rows, room, state, entry)?;
    }
    Ok(())
}

fn put_device(
    rows: &mut impl RowsMut,
    org: OrgId,
    member: MemberId,
    (device, key, chain): (DeviceId, PublicKey, &[Certificate]),
) {
    let row = DeviceRow {
        member,
        org,
        key,
        chain: chain.to_vec(),
        revoked: false,
    };
    rows.put_row(Table::Devices, &device.bits(), &row);
}

pub(super) fn devices_of(
    devices: &BTreeMap<DeviceId, org::Device>,
    member: MemberId,
) -> Vec<DeviceId> {
    devices
        .iter()
        .filter(|(_, device)| device.member == member)
        .map(|(id, _)| *id)
        .collect()
}

fn revoke(rows: &mut impl RowsMut, device: DeviceId) -> Result<(), LedgerError> {
    if let Some(mut row) = rows.row::<DeviceRow>(Table::Devices, &device.bits())? {
        row.revoked = true;
        rows.put_row(Table::Devices, &device.bits(), &row);
    }
    Ok(())
}

fn put_card(
    rows: &mut impl RowsMut,
    state: &org::Org,
    member: MemberId,
    entry: &Entry,
) -> Result<(), LedgerError> {
    let Some(person) = state.people.get(&member) else {
        return Ok(());
    };
    let had: Option<MemberCard> = rows.row(Table::Cards, &member.bits())?;
    let name = if person.name.seq == entry.seq {
        entry.text(person.name.slot).cloned()
    } else {
        had.and_then(|card| card.name)
    };
    let card = MemberCard {
        id: member,
        org: state.id,
        name,
        role: person.role,
        alliance: person.alliance,
        status: person.status,
    };
    rows.put_row(Table::Cards, &member.bits(), &card);
    Ok(())
}

fn put_org_card(
    rows: &mut impl RowsMut,
    room: &Room,
    state: &org::Org,
    entry: &Entry,
) -> Result<(), LedgerError> {
    let had: Option<OrgCard> = rows.row(Table::Orgs, &state.id.bits())?;
    let name = match state.name.value {
        Some(name) if name.seq == entry.seq => entry.text(name.slot).cloned(),
        Some(_) | None => had.and_then(|card| card.name),
    };
    let class = state.class.value.clone().unwrap_or_default();
    let card = OrgCard {
        id: state.id,
        kind: state.kind,
        name,
        types: class.types,
        levels: class.levels,
        status: if state.status == Status::Suspended {
            Status::Suspended
        } else {
            Status::Active
        },
        root: state.root,
        former: key::former(room, state.id),
    };
    rows.put_row(Table::Orgs, &state.id.bits(), &card);
    Ok(())
}

/// Reads a room whole.
///
/// # Errors
/// When the storage fails or a row cannot be read.
pub fn load(rows: &impl Rows, id: RoomId) -> Result<Loaded, LedgerError> {
    let key = id.to_key();
    let Some(head) = rows.row::<HeadRow>(Table::Heads, &key)? else {
        return Ok(Loaded::default());
    };
    let mut room: Room = rows.row(Table::Rooms, &key)?.unwrap_or_default();
    room.head = head.head;
    let texts = rows.row(Table::Texts, &key)?.unwrap_or_default();
    Ok(Loaded { room, texts })
}
