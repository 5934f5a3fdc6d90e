//! What `rialtod serve` runs behind its front: the ledger with its writer, the sessions, and the operator's office.

mod importing;
pub mod keeping;
pub mod monitor;
pub mod notices;
pub mod serve;
mod telling;

use crate::{
    admin::{
        Condition, DeviceRow, Holder, ImportOrder, ImportReport, InvitationRow, Kept, Mailed,
        MemberRow, Office, OrgRow, Trouble, Verdict, WAY_OUT,
    },
    clock::{Clock, SystemClock},
    config::Config,
    connection::{Answers, Arrival, Host},
    identity::{FileError, Identity, close_to_others, create_folder, tls::CERTIFICATE_FILE},
    ledger::{
        self, LedgerError,
        fault::guarded,
        reader::Snapshot,
        rows::{self, Rows as _, Table},
        writer::Work,
    },
    notices::{Dispatch, NoticesReport, QUEUE_FILE},
    serve::Premises,
    server::{Server, Setup, chance, salted},
    session::Session,
};
use metrics::gauge;
use monitor::{Reason, Vital};
use rialto_shared::{
    command::Command,
    entry::{SaltedText, Seq},
    event::Event,
    id::{DeviceId, Hash, MemberId, OrgId, RoomId},
    limits,
    mail::MailAddress,
    rejection::Rejection,
    room::{State, org},
    standing::{MemberCard, OrgCard, OrgKind, Role, Status},
    text::{Text, TextKind},
    time::Timestamp,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The ledger's file in the data folder.
pub const LEDGER_FILE: &str = "ledger.redb";

/// The server and its office.
#[derive(Debug)]
pub struct Residence {
    server: Arc<Server>,
    office: Arc<Bureau>,
    telling: telling::Telling,
}

/// The operator's office over a running server.
#[derive(Debug)]
pub struct Bureau {
    server: Arc<Server>,
    since: Timestamp,
    file: PathBuf,
    dispatch: Arc<Dispatch>,
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        if error.is_damage() {
            Self::Corrupt(format!("{error}; {WAY_OUT}"))
        } else {
            Self::Failed(error.to_string())
        }
    }
}

impl Residence {
    /// The same, by another clock than the system's.
    ///
    /// # Errors
    /// See [`Premises::open`].
    pub fn by(
        clock: Arc<dyn Clock>,
        config: &Config,
        identity: &Identity,
    ) -> Result<Self, Trouble> {
        private(config)?;
        let file = config.data_dir.join(LEDGER_FILE);
        let setup = Setup {
            database: ledger::open(&file)?,
            identity: identity.key().clone(),
            rotations: identity.rotations().to_vec(),
            secret: identity.ids(),
            name: config.name.clone(),
            policy: config.policy,
            clock,
        };
        let telling = telling::Telling::open(config, identity)?;
        let server = Arc::new(Server::start_with(setup, vec![telling.follower()])?);
        server
            .space()
            .keep(config.data_dir.clone(), config.min_free);
        let since = server.now();
        let office = Arc::new(Bureau {
            server: Arc::clone(&server),
            since,
            file,
            dispatch: telling.dispatch(),
        });
        Ok(Self {
            server,
            office,
            telling,
        })
    }
}

impl Premises for Residence {
    type Host = Server;
    type Office = Bureau;

    fn open(config: &Config, identity: Arc<Identity>) -> Result<Self, Trouble> {
        Self::by(Arc::new(SystemClock), config, &identity)
    }

    fn begin(&self) {
        self.telling.begin(&self.server);
    }

    fn host(&self) -> Arc<Server> {
        Arc::clone(&self.server)
    }

    fn office(&self) -> Arc<Bureau> {
        Arc::clone(&self.office)
    }

    fn vital(&self) -> Arc<dyn Vital> {
        self.office.clone()
    }

    async fn broken(&self) -> Trouble {
        let broken = self.server.broken().await;
        let why = broken.why;
        if broken.damage {
            return Trouble::Corrupt(format!("{why}; {WAY_OUT}"));
        }
        Trouble::Failed(format!(
            "the ledger can no longer be written ({why}): nothing that was answered yes is lost; start the server again"
        ))
    }

    fn close(self) -> Result<(), Trouble> {
        drop(self.office);
        // It reads the ledger: what it was handing over it hands over again.
        drop(self.telling);
        // Connections let go of the server within the drain; what still holds it then does not keep the file open for long.
        let mut server = self.server;
        for _ in 0..200 {
            match Arc::try_unwrap(server) {
                Ok(mut last) => {
                    last.stop();
                    return guarded(|| {
                        drop(last);
                        Ok(())
                    });
                }
                Err(held) => server = held,
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

/// Everything in the data folder is its owner's only. Keys that others could read are refused where they are read; what
/// this program writes beside them is taken from others again, and said.
fn private(config: &Config) -> Result<(), Trouble> {
    let failed = |error: FileError| Trouble::Failed(error.to_string());
    create_folder(&config.data_dir).map_err(failed)?;
    for name in [LEDGER_FILE, CERTIFICATE_FILE, QUEUE_FILE] {
        let file = config.data_dir.join(name);
        if close_to_others(&file).map_err(failed)? {
            tracing::warn!(file = %file.display(), "was open to others than its owner: now mode 600");
        }
    }
    Ok(())
}

impl Vital for Bureau {
    fn unready(&self) -> Vec<Reason> {
        let mut reasons = vec![];
        if self.server.is_broken() {
            reasons.push(Reason {
                part: "ledger",
                words: "it can no longer be written".to_owned(),
            });
        }
        if self.server.space().was_short() {
            reasons.push(Reason {
                part: "disk",
                words: format!(
                    "{} bytes are left, fewer than storage.min_free_mib: nothing is written until there are more",
                    self.server.space().free()
                ),
            });
        }
        reasons
    }

    fn gauge(&self) {
        let count = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let mib = |bytes: u64| count(bytes / 1024) * 1024.0;
        let space = self.server.space();
        gauge!("rialto_sessions").set(count(self.server.house().presence.count()));
        gauge!("rialto_disk_free_bytes").set(mib(space.free()));
        gauge!("rialto_read_only").set(f64::from(u8::from(space.was_short())));
        let ledger = fs::metadata(&self.file).map_or(0, |file| file.len());
        gauge!("rialto_ledger_bytes").set(mib(ledger));
    }
}

impl Host for Server {
    type Conversation = Session;

    fn converse(&self, arrival: Arrival) -> Session {
        self.session(arrival)
    }

    fn submit(&self, submission: Work, answers: Answers<Session>) {
        Self::submit(
            self,
            submission,
            Box::new(move |done| drop(answers.send(done))),
        );
    }

    fn now(&self) -> Timestamp {
        Self::now(self)
    }
}

impl Bureau {
    /// The server that it administers.
    #[must_use]
    pub const fn server(&self) -> &Arc<Server> {
        &self.server
    }

    fn operate(
        &self,
        room: RoomId,
        what: org::Command,
        texts: Vec<SaltedText>,
    ) -> Result<(Seq, Seq), Trouble> {
        self.server
            .operate(room, Command::Org(what), texts)
            .map_err(|rejection| Trouble::from(&rejection))
    }

    fn snapshot(&self) -> Result<Snapshot, Trouble> {
        Ok(self.server.house().snapshot()?)
    }

    fn org(&self, org: OrgId) -> Result<Box<org::Org>, Trouble> {
        let State::Org(org) = self.snapshot()?.load(RoomId::org(org))?.room.state else {
            return Err(Trouble::from(&Rejection::NoSuchThing("org")));
        };
        Ok(org)
    }

    fn card(&self, member: MemberId) -> Result<MemberCard, Trouble> {
        let card = self.snapshot()?.card(member)?;
        card.ok_or_else(|| Trouble::from(&Rejection::NoSuchThing("member")))
    }

    fn cards(&self) -> Result<Vec<OrgCard>, Trouble> {
        let mut cards: Vec<OrgCard> = Vec::new();
        self.snapshot()?.each(Table::Orgs, |_, value| {
            cards.push(rows::decode(Table::Orgs, value)?);
            Ok(())
        })?;
        Ok(cards)
    }

    fn vendor(&self) -> Result<Option<OrgId>, Trouble> {
        Ok(self.snapshot()?.vendor()?)
    }

    fn begin(&self, name: &Text, kind: OrgKind) -> Result<OrgId, Trouble> {
        let org = OrgId::from_bits(chance());
        let name = salted("name", TextKind::Name, name.as_str())
            .map_err(|rejection| Trouble::from(&rejection))?;
        self.operate(RoomId::org(org), org::Command::Open { kind }, vec![name])?;
        Ok(org)
    }
}

impl Office for Bureau {
    fn condition(&self) -> Result<Condition, Trouble> {
        let snapshot = self.snapshot()?;
        let (mut members, mut rooms) = (0, 0);
        snapshot.each(Table::Cards, |_, value| {
            let card: MemberCard = rows::decode(Table::Cards, value)?;
            members += u64::from(card.status == Status::Active);
            Ok(())
        })?;
        snapshot.each(Table::Heads, |_, _| {
            rooms += 1;
            Ok(())
        })?;
        let entries = snapshot
            .get(Table::Meta, rows::META_POSITION)?
            .map_or(0, |row| rows::read_u64(&row));
        Ok(Condition {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server: self.server.house().server,
            vendor: self.vendor()?,
            since: self.since,
            connected: self.server.house().presence.count(),
            orgs: u64::try_from(self.cards()?.len()).unwrap_or(u64::MAX),
            members,
            rooms,
            entries,
            bytes: fs::metadata(&self.file).map_or(0, |file| file.len()),
        })
    }

    fn found(&self, vendor: &Text) -> Result<OrgId, Trouble> {
        if self.vendor()?.is_some() {
            return Err(Trouble::from(&Rejection::Already("vendor")));
        }
        self.begin(vendor, OrgKind::Vendor)
    }

    fn create_org(&self, name: &Text) -> Result<OrgId, Trouble> {
        self.begin(name, OrgKind::Partner)
    }

    fn orgs(&self) -> Result<Vec<OrgRow>, Trouble> {
        let mut members: BTreeMap<OrgId, u64> = BTreeMap::new();
        self.snapshot()?.each(Table::Cards, |_, value| {
            let card: MemberCard = rows::decode(Table::Cards, value)?;
            *members.entry(card.org).or_default() += u64::from(card.status == Status::Active);
            Ok(())
        })?;
        let mut cards = self.cards()?;
        let name = |card: &OrgCard| {
            card.name
                .as_ref()
                .map(|name| name.text.as_str().to_lowercase())
        };
        cards.sort_by_key(|card| (card.kind, name(card)));
        let row = |card: OrgCard| OrgRow {
            id: card.id,
            name: card.name.map(|name| name.text),
            kind: card.kind,
            status: card.status,
            claimed: card.root.is_some(),
            members: members.get(&card.id).copied().unwrap_or_default(),
        };
        Ok(cards.into_iter().map(row).collect())
    }

    fn suspend_org(&self, org: OrgId, on: bool) -> Result<(), Trouble> {
        let vendor = self
            .vendor()?
            .ok_or_else(|| Trouble::from(&Rejection::NoSuchThing("vendor")))?;
        self.operate(
            RoomId::org(vendor),
            org::Command::SuspendOrg { org, on },
            vec![],
        )?;
        Ok(())
    }

    fn invite(
        &self,
        org: OrgId,
        role: Role,
        alliance: bool,
        code: Hash,
    ) -> Result<Timestamp, Trouble> {
        let until = self.server.now() + limits::INVITATION_SPAN;
        let invitation = org::Invitation {
            code,
            chain: vec![],
            role,
            alliance,
            until,
        };
        self.org(org)?;
        self.operate(
            RoomId::org(org),
            org::Command::Invite { invitation },
            vec![],
        )?;
        Ok(until)
    }

    fn invitations(&self, org: Option<OrgId>) -> Result<Vec<InvitationRow>, Trouble> {
        let orgs = match org {
            Some(org) => vec![org],
            None => self.cards()?.into_iter().map(|card| card.id).collect(),
        };
        let now = self.server.now();
        let mut listed = Vec::new();
        for org in orgs {
            let open = self
                .org(org)?
                .invitations
                .into_values()
                .filter(|invitation| invitation.until > now);
            listed.extend(open.map(|invitation| InvitationRow {
                org,
                code: invitation.code,
                role: invitation.role,
                alliance: invitation.alliance,
                until: invitation.until,
            }));
        }
        Ok(listed)
    }

    fn cancel_invitation(&self, org: OrgId, code: Hash) -> Result<(), Trouble> {
        self.operate(RoomId::org(org), org::Command::Cancel { code }, vec![])?;
        Ok(())
    }

    fn members(&self, org: OrgId) -> Result<Vec<MemberRow>, Trouble> {
        let state = self.org(org)?;
        let snapshot = self.snapshot()?;
        let mut listed = Vec::new();
        for (member, person) in &state.people {
            let devices = state
                .devices
                .values()
                .filter(|device| device.member == *member && !device.revoked);
            listed.push(MemberRow {
                id: *member,
                name: snapshot
                    .card(*member)?
                    .and_then(|card| card.name)
                    .map(|name| name.text),
                role: person.role,
                alliance: person.alliance,
                status: person.status,
                devices: u64::try_from(devices.count()).unwrap_or(u64::MAX),
            });
        }
        Ok(listed)
    }

    fn suspend_member(&self, member: MemberId, on: bool) -> Result<(), Trouble> {
        let room = RoomId::org(self.card(member)?.org);
        self.operate(room, org::Command::Suspend { member, on }, vec![])?;
        Ok(())
    }

    fn remove_member(&self, member: MemberId) -> Result<(), Trouble> {
        let room = RoomId::org(self.card(member)?.org);
        self.operate(room, org::Command::Remove { member }, vec![])?;
        Ok(())
    }

    fn set_role(&self, member: MemberId, role: Role) -> Result<(), Trouble> {
        let org = self.card(member)?.org;
        let person = self.org(org)?.people.get(&member).cloned();
        let person = person.ok_or_else(|| Trouble::from(&Rejection::NoSuchThing("member")))?;
        let role = org::Command::Role {
            member,
            role,
            alliance: person.alliance,
            at: person.at,
        };
        self.operate(RoomId::org(org), role, vec![])?;
        Ok(())
    }

    fn devices(&self, of: Holder) -> Result<Vec<DeviceRow>, Trouble> {
        let (org, only) = match of {
            Holder::Org(org) => (org, None),
            Holder::Member(member) => (self.card(member)?.org, Some(member)),
        };
        let since: BTreeMap<DeviceId, Timestamp> =
            ledger::entries(&self.snapshot()?, RoomId::org(org))?
                .into_iter()
                .filter_map(|entry| {
                    let Event::Org(org::Event::Joined { device, .. }) = entry.event else {
                        return None;
                    };
                    Some((device, entry.at))
                })
                .collect();
        let listed = self.org(org)?.devices.into_iter();
        let listed = listed.filter(|(_, device)| only.is_none_or(|member| device.member == member));
        let row = |(id, device): (DeviceId, org::Device)| DeviceRow {
            id,
            member: device.member,
            since: since.get(&id).copied().unwrap_or(Timestamp::EPOCH),
            revoked: device.revoked,
        };
        Ok(listed.map(row).collect())
    }

    fn revoke_device(&self, device: DeviceId) -> Result<(), Trouble> {
        let found = self.snapshot()?.device(device)?;
        let found = found.ok_or_else(|| Trouble::from(&Rejection::NoSuchThing("device")))?;
        self.operate(
            RoomId::org(found.org),
            org::Command::Revoke { device },
            vec![],
        )?;
        Ok(())
    }

    fn import_orgs(&self, order: &ImportOrder) -> Result<ImportReport, Trouble> {
        importing::carry_out(&self.server, order)
    }

    fn notices(&self) -> Result<NoticesReport, Trouble> {
        Ok(self.dispatch.report(self.snapshot()?.position()?))
    }

    fn mails(&self) -> bool {
        self.dispatch.mails()
    }

    fn mail(&self, to: &MailAddress, what: &Mailed) -> Result<(), Trouble> {
        self.write_mail(to, what)
    }

    fn verify(&self) -> Result<Verdict, Trouble> {
        keeping::verdict(&self.snapshot()?, self.server.house().server)
    }

    fn back_up(&self, file: &Path) -> Result<Kept, Trouble> {
        let snapshot = self.snapshot()?;
        let folder = self.file.parent().unwrap_or(Path::new("."));
        keeping::made(&snapshot, self.server.house().server, folder, file)
    }
}
