//! The desk: what one batch works on, in two layers over the write transaction.
//!
//! A command with all that it asks of other rooms works on the scratch layer, which is merged into the batch when
//! everything is settled and dropped when it is refused: a refused command leaves no trace. The batch is written to the
//! tables once, at its end.

mod clocks;
mod deals;
mod entering;
mod finish;
mod lookup;
mod onward;

use super::{
    LedgerError,
    derive::{self, DeviceRow, Loaded},
    rows::{self, Rows, RowsMut, Table},
};
use crate::bell::Topic;
use lookup::answers;
use redb::{ReadableTable as _, WriteTransaction};
use rialto_shared::{
    ask::{Address, Ask},
    command::{Command, Named},
    entry::{Author, Entry, Seq, Worded},
    event::Event,
    id::{Hash, MemberId, OrgId, RoomId, digest16},
    limits,
    rejection::Rejection,
    room::{self, Actor, Admission, Case, Cited, Own, Policy, State, Taking, Texts, org},
    standing::{MemberCard, OrgCard, Role, Standing, Status, Tie},
    statement::Statement,
    time::Timestamp,
    timeline::{self, Marks, Note},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Bound,
    rc::Rc,
};

/// Rows written since the layer below, and rooms as they stand.
#[derive(Debug, Default)]
struct Layer {
    rows: BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>,
    rooms: BTreeMap<RoomId, Rc<Loaded>>,
    fresh: Vec<Fresh>,
}

/// An entry that this batch made.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The entry.
    pub entry: Entry,
    /// Its stored bytes.
    pub bytes: Vec<u8>,
}

/// What a commit did to one room.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The entry that changed its audience last.
    pub audience_at: Seq,
    /// Whether older texts were erased.
    pub erased: bool,
}

/// What a commit did.
#[derive(Debug)]
pub struct Finished {
    /// Its number.
    pub commit: u64,
    /// The entries that it made, in commit order.
    pub fresh: Vec<Fresh>,
    /// The rooms that it changed.
    pub rooms: BTreeMap<RoomId, Change>,
    /// Whom to wake.
    pub topics: BTreeSet<Topic>,
}

/// What a server is set to: the same for every command of a run.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The server's id.
    pub server: Hash,
    /// The key that ids are derived under; never leaves the server.
    pub secret: [u8; 32],
    /// What this server demands.
    pub policy: Policy,
    /// The decider's term; 1 on a single server.
    pub term: u64,
}

/// Whose command it is.
#[derive(Debug, Clone)]
pub enum Who {
    /// A member, from one of their devices.
    Member {
        /// Who, and of which organisation.
        standing: Box<Standing>,
        /// From which device.
        device: rialto_shared::id::DeviceId,
    },
    /// The operator.
    Operator,
    /// Somebody with an invitation's code, as the member that they become.
    Newcomer {
        /// Who they become.
        member: MemberId,
        /// Of which organisation.
        org: OrgId,
        /// From which device.
        device: rialto_shared::id::DeviceId,
    },
}

/// What one batch works on.
pub struct Desk<'t> {
    transaction: &'t WriteTransaction,
    setting: &'t Setting,
    batch: Layer,
    scratch: Layer,
    position: u64,
    settled_position: u64,
    topics: BTreeSet<Topic>,
    /// Rooms as they stood before the batch: read and decoded once, however often it looks at them.
    read: RefCell<BTreeMap<RoomId, Rc<Loaded>>>,
    /// Now, for everything in this batch.
    pub now: Timestamp,
}

impl std::fmt::Debug for Desk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Rows for Desk<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let place = (table, key.to_vec());
        if let Some(row) = self
            .scratch
            .rows
            .get(&place)
            .or_else(|| self.batch.rows.get(&place))
        {
            return Ok(row.clone());
        }
        let table = self.transaction.open_table(table.definition())?;
        Ok(table.get(key)?.map(|row| row.value().to_vec()))
    }
}

impl RowsMut for Desk<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.scratch.rows.insert((table, key.to_vec()), Some(value));
    }

    fn remove(&mut self, table: Table, key: &[u8]) {
        self.scratch.rows.insert((table, key.to_vec()), None);
    }
}

/// A signed command, and the kind that it says it is: read once for all the entries that it causes.
#[derive(Clone)]
struct Signed {
    statement: Box<Statement>,
    kind: String,
}

impl Signed {
    fn read(statement: Box<Statement>) -> Option<Self> {
        let kind = statement.read().ok()?.kind;
        Some(Self { statement, kind })
    }
}

/// What a command asks of a room, with whoever causes it.
struct Cause {
    author: Author,
    signed: Option<Signed>,
    position: u64,
}

impl<'t> Desk<'t> {
    /// A desk over this transaction.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn new(
        transaction: &'t WriteTransaction,
        setting: &'t Setting,
        now: Timestamp,
    ) -> Result<Self, LedgerError> {
        let mut desk = Self {
            transaction,
            setting,
            batch: Layer::default(),
            scratch: Layer::default(),
            position: 0,
            settled_position: 0,
            topics: BTreeSet::new(),
            read: RefCell::default(),
            now,
        };
        let meta = |key| {
            desk.get(Table::Meta, key)
                .map(|row| row.map_or(0, |row| rows::read_u64(&row)))
        };
        let (position, time) = (meta(rows::META_POSITION)?, meta(rows::META_TIME)?);
        desk.position = position;
        desk.settled_position = position;
        // Time never runs backwards, not even across a restart with a wrong clock.
        desk.now = now.max(Timestamp::from_millis(time.cast_signed()));
        Ok(desk)
    }

    /// Merges what a command did into the batch.
    pub fn settle(&mut self) {
        let scratch = std::mem::take(&mut self.scratch);
        self.batch.rows.extend(scratch.rows);
        self.batch.rooms.extend(scratch.rooms);
        self.batch.fresh.extend(scratch.fresh);
        self.settled_position = self.position;
    }

    /// Drops what a command did.
    pub fn drop_scratch(&mut self) {
        self.scratch = Layer::default();
        self.position = self.settled_position;
    }

    /// The number of the commit before this one.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn commit_before(&self) -> Result<u64, LedgerError> {
        Ok(self
            .get(Table::Meta, rows::META_COMMIT)?
            .map_or(0, |row| rows::read_u64(&row)))
    }

    /// Wakes somebody after the commit.
    pub fn ring(&mut self, topic: Topic) {
        self.topics.insert(topic);
    }

    /// Whether anything is to be written.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.batch.rows.is_empty() && self.scratch.rows.is_empty()
    }

    fn load(&self, id: RoomId) -> Result<Rc<Loaded>, LedgerError> {
        let changed = self.scratch.rooms.get(&id);
        if let Some(loaded) = changed.or_else(|| self.batch.rooms.get(&id)) {
            return Ok(Rc::clone(loaded));
        }
        if let Some(loaded) = self.read.borrow().get(&id) {
            return Ok(Rc::clone(loaded));
        }
        let loaded = Rc::new(derive::load(self, id)?);
        self.read.borrow_mut().insert(id, Rc::clone(&loaded));
        Ok(loaded)
    }

    /// Whether this member is seated in the room with this id, as it stands.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn admits(&self, who: &Standing, id: RoomId) -> Result<bool, LedgerError> {
        Ok(self.terms(who, &self.load(id)?.room)?.is_some())
    }

    /// Judges a command and does all that it causes, on the scratch layer. `seed` is what its ids are derived from.
    ///
    /// # Errors
    /// The outer one when the storage fails; the inner one is the rule's no.
    pub fn judge(
        &mut self,
        who: &Who,
        id: RoomId,
        command: &Worded<Command>,
        statement: Option<Box<Statement>>,
        seed: &[u8],
    ) -> Result<Result<(Seq, Seq), Rejection>, LedgerError> {
        let named = command.what.named(&command.texts);
        let (events, author) = {
            let found = self.look_up(who, id, &named)?;
            if let Err(rejection) = answers(&found, &named, statement.as_deref()) {
                return Ok(Err(rejection));
            }
            let fresh = self.fresh(seed);
            match room::decide(
                &found.case(who, id, self.setting, &fresh, self.now),
                command,
            ) {
                Ok(events) => (events, author(who)),
                Err(rejection) => return Ok(Err(rejection)),
            }
        };
        if events.is_empty() {
            return Ok(Err(Rejection::State("there is nothing to do")));
        }
        self.happen(id, events, author, statement)
    }

    /// Has the organisation that a code invited to take note that it is tried again, where it was used. Nothing is answered:
    /// whoever tries learns nothing by it.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn tried(&mut self, code: Hash) -> Result<(), LedgerError> {
        let Some(id) = self.holder(org::invitation_claim(code))? else {
            return Ok(());
        };
        let cause = Cause {
            author: Author::Rule,
            signed: None,
            position: 0,
        };
        let mut asks = VecDeque::new();
        let ask = Ask::Org(Box::new(org::Ask::InvitationTried(code)));
        self.answer(id, &ask, &cause, &mut asks)?;
        if self.follow(&cause, asks)?.is_err() {
            self.drop_scratch();
        }
        Ok(())
    }

    /// Puts events into a room and does all that they ask of others, breadth first.
    fn happen(
        &mut self,
        id: RoomId,
        events: Vec<Worded<Event>>,
        author: Author,
        statement: Option<Box<Statement>>,
    ) -> Result<Result<(Seq, Seq), Rejection>, LedgerError> {
        let mut asks: VecDeque<(Address, Ask, u64)> = VecDeque::new();
        let cause = Cause {
            author,
            signed: statement.and_then(Signed::read),
            position: 0,
        };
        let range = self.append(id, events, &cause, &mut asks)?;
        Ok(self.follow(&cause, asks)?.map(|()| range))
    }

    /// Has everything answered that is asked, and what that asks in turn, breadth first.
    fn follow(
        &mut self,
        first: &Cause,
        mut asks: VecDeque<(Address, Ask, u64)>,
    ) -> Result<Result<(), Rejection>, LedgerError> {
        let mut asked = 0;
        while let Some((address, ask, position)) = asks.pop_front() {
            let targets = self.expand(address, position)?;
            asked += match address {
                // How many deals there are, or who leads an organisation, must not be what a command is refused for.
                Address::Deals { .. }
                | Address::Seated { .. }
                | Address::Roles { .. }
                | Address::Heirs { .. }
                | Address::Vendor { .. } => 1,
                Address::Room(_) => targets.len(),
            };
            if asked > limits::REACTIONS_MAX {
                return Ok(Err(Rejection::TooWide));
            }
            let shown = ask.shows_author();
            let cause = Cause {
                author: if shown { first.author } else { Author::Rule },
                signed: first.signed.clone().filter(|_| shown),
                position,
            };
            for target in targets {
                self.answer(target, &ask, &cause, &mut asks)?;
            }
        }
        Ok(Ok(()))
    }

    /// Asks one room, and puts what it answers into its log.
    fn answer(
        &mut self,
        id: RoomId,
        ask: &Ask,
        cause: &Cause,
        asks: &mut VecDeque<(Address, Ask, u64)>,
    ) -> Result<(), LedgerError> {
        if let Ask::Inbox(ask) = ask
            && let Some((room, seq)) = ask.told_of()
            && !self.may_be_pointed(id, room, seq)?
        {
            return Ok(());
        }
        let loaded = self.load(id)?;
        let seed = [&id.to_key()[..], &loaded.room.head.seq.0.to_be_bytes()].concat();
        let fresh = self.fresh(&seed);
        let tie = match ask.tie() {
            Some([one, other]) => self.tied(one, other)?,
            None => None,
        };
        let taking = Taking {
            id,
            room: &loaded.room,
            texts: &loaded.texts,
            tie: tie.as_ref(),
            ask,
            fresh: &fresh,
            now: self.now,
        };
        let events = room::take(&taking);
        if !events.is_empty() {
            self.append(id, events, cause, asks)?;
        }
        Ok(())
    }

    /// A pointer goes only to whoever may read the entry, in this same transaction.
    fn may_be_pointed(&self, inbox: RoomId, room: RoomId, seq: Seq) -> Result<bool, LedgerError> {
        let Some(who) = self.standing(MemberId::from_bits(inbox.bits()))? else {
            return Ok(false);
        };
        let target = self.load(room)?;
        Ok(self
            .terms(&who, &target.room)?
            .is_some_and(|terms| terms.since <= seq))
    }

    /// The rooms that an address stands for. `position` is that of the entry that asks.
    fn expand(&mut self, address: Address, position: u64) -> Result<Vec<RoomId>, LedgerError> {
        match address {
            Address::Room(id) => Ok(vec![id]),
            Address::Deals { of } => self.deals(of, None, position),
            Address::Seated { member } => self.in_hand(member, None, position),
            Address::Heirs { org, of } if self.has_in_hand(of)? => {
                self.people(org, Role::Admin, false)
            }
            Address::Heirs { .. } => Ok(vec![]),
            Address::Roles { org, min_role } => self.people(org, min_role, false),
            Address::Vendor {
                min_role,
                alliance_only,
            } => match self.vendor()? {
                Some(vendor) => self.people(vendor, min_role, alliance_only),
                None => Ok(vec![]),
            },
        }
    }

    fn people(
        &self,
        org: OrgId,
        min_role: Role,
        alliance_only: bool,
    ) -> Result<Vec<RoomId>, LedgerError> {
        let loaded = self.load(RoomId::org(org))?;
        let State::Org(state) = &loaded.room.state else {
            return Ok(vec![]);
        };
        let meant = state.people.iter().filter(|(_, person)| {
            let fits = person.role >= min_role && (person.alliance || !alliance_only);
            fits && person.status == Status::Active
        });
        Ok(meant.map(|(member, _)| RoomId::inbox(*member)).collect())
    }

    fn fresh(&self, seed: &[u8]) -> Vec<[u8; 16]> {
        let id = |i: usize| {
            let place = u64::try_from(i).unwrap_or(u64::MAX).to_be_bytes();
            digest16("rialto-fresh-1", &[&self.setting.secret, seed, &place])
        };
        (0..limits::FRESH_MAX).map(id).collect()
    }

    /// The member whose next device an open code of this organisation lets in, if it is such a code.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn enrols(&self, room: RoomId, code: Hash) -> Result<Option<MemberId>, LedgerError> {
        let loaded = self.load(room)?;
        let enrolment = loaded.room.state.org().and_then(|org| org.enrols(code));
        Ok(enrolment.map(|open| open.member))
    }

    /// Whose next device a code let in that is used up, if this device came by it. The log says so, and nothing else does.
    ///
    /// # Errors
    /// When the storage fails or a row cannot be read.
    pub fn enrolled(
        &self,
        room: RoomId,
        device: rialto_shared::id::DeviceId,
    ) -> Result<Option<MemberId>, LedgerError> {
        let loaded = self.load(room)?;
        let known = loaded
            .room
            .state
            .org()
            .and_then(|org| org.devices.get(&device));
        let named = known.filter(|known| known.name.is_some() && !known.revoked);
        Ok(named.map(|known| known.member))
    }

    /// The device's row, if it exists.
    ///
    /// # Errors
    /// When the storage fails or the row cannot be read.
    pub fn device(
        &self,
        device: rialto_shared::id::DeviceId,
    ) -> Result<Option<DeviceRow>, LedgerError> {
        self.row(Table::Devices, &device.bits())
    }

    /// The rooms in which something is due by now, earliest first, at most `max`.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn due_rooms(&self, max: usize) -> Result<Vec<RoomId>, LedgerError> {
        let table = self.transaction.open_table(Table::Due.definition())?;
        let end = rows::due_by(self.now);
        let mut rooms = Vec::new();
        for row in table.range::<&[u8]>(..=end.as_slice())?.take(max) {
            rooms.extend(rows::room_of(row?.0.value()));
        }
        Ok(rooms)
    }
}

const fn author(who: &Who) -> Author {
    match who {
        Who::Member { standing, device } => Author::Member {
            id: standing.member.id,
            org: standing.org.id,
            device: *device,
        },
        Who::Newcomer {
            member,
            org,
            device,
        } => Author::Member {
            id: *member,
            org: *org,
            device: *device,
        },
        Who::Operator => Author::Operator,
    }
}
