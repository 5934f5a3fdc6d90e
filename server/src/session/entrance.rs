//! From the first frame to a logged-in device.

use super::{Effects, Live, Phase, Session, Stage, send};
use crate::{
    bell::Topic,
    conversation::Effect,
    identity::proof,
    ledger::{LedgerError, rows::Rows as _, writer::Work},
};
use rialto_shared::{
    closing::CloseCode,
    command::Command,
    entry::SaltedText,
    id::{DeviceId, Hash, MemberId, RoomId, Signature},
    limits,
    protocol::{self, Down, InviteCode, Up},
    rejection::Rejection,
    room::{State, org},
    standing::Standing,
    statement::{public_key, signed},
    time::Timestamp,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

impl Session {
    /// Everything before a device is logged in. Whatever is not expected here ends the conversation.
    pub(super) fn enter(&mut self, up: Up, now: Timestamp) -> Result<Effects, LedgerError> {
        match (&self.stage, up) {
            (Stage::Silent, Up::Hello { versions, nonce }) => Ok(self.greet(&versions, nonce)),
            (Stage::Greeted { .. }, Up::Invitation { code }) => self.invitation(&code, now),
            (
                Stage::Greeted { .. },
                Up::Join {
                    code,
                    facts,
                    texts,
                    signature,
                },
            ) => Ok(self.join(&code, facts, texts, signature)),
            (Stage::Greeted { .. }, Up::Login { device, signature }) => {
                self.login(device, signature, now)
            }
            (_, _) => {
                let error = Rejection::Malformed(
                    "hello, then a login or an invitation, come first".to_owned(),
                );
                Ok(self.fatal(CloseCode::Malformed, &error))
            }
        }
    }

    fn greet(&mut self, versions: &[u16], client_nonce: Hash) -> Effects {
        if !versions.contains(&protocol::VERSION) {
            let error = Rejection::Value {
                field: "versions",
                want: "this server speaks version 1 of the wire",
            };
            return self.fatal(CloseCode::Malformed, &error);
        }
        let version = protocol::VERSION;
        let (nonce, binding, server) =
            (self.arrival.nonce, self.arrival.binding, self.house.server);
        self.stage = Stage::Greeted {
            client_nonce,
            version,
        };
        vec![send(&Down::Challenge {
            version,
            server,
            key: public_key(&self.house.identity),
            rotations: self.house.rotations.clone(),
            nonce,
            binding,
            signature: proof(&self.house.identity, server, client_nonce, nonce, binding),
        })]
    }

    fn preimage(&self, device: DeviceId) -> Option<Hash> {
        let Stage::Greeted {
            client_nonce,
            version,
        } = self.stage
        else {
            return None;
        };
        let (nonce, binding) = (self.arrival.nonce, self.arrival.binding);
        Some(protocol::login_preimage(
            client_nonce,
            nonce,
            self.house.server,
            binding,
            device,
            version,
        ))
    }

    /// Whoever knows the code may learn what it invites to. A code that never was, was used, was taken back or is past its
    /// time: one answer.
    fn invitation(&mut self, code: &str, now: Timestamp) -> Result<Effects, LedgerError> {
        let Ok(code) = code.parse::<InviteCode>() else {
            return Ok(self.fatal(CloseCode::LoginRefused, &Rejection::Revoked));
        };
        let hash = org::invitation_code(&code.0);
        let snapshot = self.house.snapshot()?;
        let claim = org::invitation_claim(hash);
        let room = snapshot.holder(claim)?;
        let Some(room) = room else {
            return Ok(self.fatal(CloseCode::LoginRefused, &Rejection::Revoked));
        };
        let loaded = snapshot.load(room)?;
        let State::Org(org) = &loaded.room.state else {
            return Ok(self.fatal(CloseCode::LoginRefused, &Rejection::Revoked));
        };
        let text = |at| loaded.texts.get(at).map(|text| text.text.clone());
        let open = org.invitations.get(&hash).map(|open| {
            let (role, chain) = (open.role, open.chain.clone());
            (open.until, role, chain, None)
        });
        let enrols = || {
            let open = org.enrols(hash)?;
            let person = org.people.get(&open.member)?;
            let chain = open.chain.clone();
            Some((open.until, person.role, chain, text(person.name)))
        };
        let open = open.or_else(enrols).filter(|(until, ..)| *until > now);
        let Some((_, role, chain, person)) = open else {
            if let Some(not_yet) = org.not_yet(hash) {
                return Ok(self.fatal(CloseCode::LoginRefused, &not_yet));
            }
            let noted = org.used.contains_key(&hash).then_some(hash);
            return Ok(self.tried(noted));
        };
        Ok(vec![send(&Down::Invitation {
            org: org.id,
            org_name: org.name.value.and_then(text),
            role,
            chain,
            claimed: org.root.is_some(),
            renews: org.root.is_some() && org.heir == Some(org::member_of(hash)),
            person,
        })])
    }

    /// The same answer as to a code that never was. That a used one is tried again is handed to the writer besides, once: an
    /// organisation that took note of it knows the code no longer.
    fn tried(&mut self, used: Option<Hash>) -> Effects {
        let mut effects: Effects = used
            .map(|code| Effect::Submit(Work::Tried { code }))
            .into_iter()
            .collect();
        effects.extend(self.fatal(CloseCode::LoginRefused, &Rejection::Revoked));
        effects
    }

    /// The invitation was open when it was asked about and is not any more; or it is said by somebody who never asked.
    pub(super) fn join_refused(&mut self, code: Hash, rejection: &Rejection) -> Effects {
        if *rejection == Rejection::Revoked {
            return self.tried(Some(code));
        }
        self.fatal(CloseCode::LoginRefused, rejection)
    }

    fn join(
        &mut self,
        code: &str,
        facts: String,
        texts: Vec<SaltedText>,
        signature: Signature,
    ) -> Effects {
        let Ok(code) = code.parse::<InviteCode>() else {
            return self.fatal(CloseCode::LoginRefused, &Rejection::Revoked);
        };
        let key = match Command::read(&facts, texts.clone()).map(|command| command.what) {
            Ok(Command::Org(org::Command::Join { key, .. })) => key,
            Ok(_) => {
                let error = Rejection::Malformed("a join holds an org.join".to_owned());
                return self.fatal(CloseCode::LoginRefused, &error);
            }
            Err(rejection) => return self.fatal(CloseCode::LoginRefused, &rejection),
        };
        let device = org::device_of(key);
        let proved = self
            .preimage(device)
            .is_some_and(|preimage| signed(key, &preimage.0, signature));
        if !proved {
            let error = Rejection::Unsigned("the new device's key did not sign this".to_owned());
            return self.fatal(CloseCode::LoginRefused, &error);
        }
        let code = org::invitation_code(&code.0);
        self.stage = Stage::Joining { device, code };
        vec![Effect::Submit(Work::Join { code, facts, texts })]
    }

    fn login(
        &mut self,
        device: DeviceId,
        signature: Signature,
        now: Timestamp,
    ) -> Result<Effects, LedgerError> {
        let known = self.house.snapshot()?.device(device)?;
        let preimage = self.preimage(device);
        let proved = known.filter(|known| {
            preimage.is_some_and(|preimage| signed(known.key, &preimage.0, signature))
                && !known.revoked
        });
        match proved {
            Some(known) => self.begin(known.member, device, now),
            // An unknown device, a wrong key and a revoked device: one answer.
            None => Ok(self.refuse_login()),
        }
    }

    fn refuse_login(&mut self) -> Effects {
        let error = Rejection::Unsigned("this device may not log in here".to_owned());
        self.fatal(CloseCode::LoginRefused, &error)
    }

    pub(super) fn joined(&mut self, member: MemberId, device: DeviceId, now: Timestamp) -> Effects {
        if !matches!(self.stage, Stage::Joining { device: asked, .. } if asked == device) {
            return vec![];
        }
        match self.begin(member, device, now) {
            Ok(effects) => effects,
            Err(error) => self.trouble(&error),
        }
    }

    fn begin(
        &mut self,
        member: MemberId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Effects, LedgerError> {
        // Listening begins before the first read: what is committed in between rings.
        self.house.bell.listen(&self.ear, Topic::Member(member));
        let found = self
            .house
            .snapshot()
            .and_then(|read| Ok((read.standing(member)?, read.vendor()?)));
        let found = found
            .map(|(standing, vendor)| standing.filter(Standing::active).map(|who| (who, vendor)));
        let Ok(Some((standing, vendor))) = found else {
            self.house.bell.unlisten(&self.ear, Topic::Member(member));
            return found.map(|_| self.refuse_login());
        };
        // The older connections stay: whoever is at work is not thrown out by a script that comes too often.
        if !self
            .house
            .devices
            .enter(device, limits::DEVICE_CONNECTIONS_MAX)
        {
            self.house.bell.unlisten(&self.ear, Topic::Member(member));
            let words = format!(
                "this device has {} connections already: close one",
                limits::DEVICE_CONNECTIONS_MAX
            );
            return Ok(self.close(CloseCode::Crowded, &words));
        }
        let org = standing.org.id;
        self.house.bell.listen(&self.ear, Topic::Org(org));
        self.house.bell.attend(&self.ear);
        // The welcome shows these two.
        let _new = (self.ear.hold_member(member), self.ear.hold_org(org));
        let _counted = self.house.presence.enter(member, u32::MAX);
        self.stage = Stage::Live(Box::new(Live {
            member,
            org,
            device,
            cursors: BTreeMap::new(),
            backlog: VecDeque::new(),
            phase: Phase::Resuming,
            held: BTreeMap::new(),
            counted: BTreeSet::new(),
            counts_due: BTreeSet::<RoomId>::new(),
            counts_sent: Timestamp::EPOCH,
            resumes: 0,
            lanes: BTreeSet::new(),
            typed: BTreeMap::new(),
            standing: standing.clone(),
            stale: false,
        }));
        tracing::info!(connection = self.arrival.number, %member, %device, "logged in");
        Ok(vec![send(&Down::Welcome {
            member: Box::new(standing.member),
            org: Box::new(standing.org),
            device,
            server_name: self.house.name.clone(),
            policy: self.house.policy,
            vendor,
            now,
        })])
    }
}
