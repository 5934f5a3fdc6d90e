//! How people come into a world: organisations, invitations, joining, logging in and hanging up.

use super::{Console, World, chance};
use ed25519_dalek::SigningKey;
use rialto_server::{
    clock::Clock as _,
    conversation::{Arrival, Wake},
    session::Session,
};
use rialto_shared::{
    command::Command,
    entry::{Facts, Worded},
    id::{Hash, OrgId, PublicKey, RoomId, digest16},
    limits,
    protocol::{self, Binding, InviteCode, Up},
    room::org,
    standing::{OrgKind, Role},
    statement::{Certificate, Use, public_key, sign},
    time::Span,
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

impl World {
    /// A new organisation, begun by the operator.
    pub(crate) fn organisation(&mut self, name: &str, kind: OrgKind) -> OrgId {
        let org = OrgId::from_bits(digest16("test-org", &[name.as_bytes()]));
        self.operate(
            RoomId::org(org),
            Command::Org(org::Command::Open { kind }),
            &[name],
        )
        .expect("an organisation");
        org
    }

    /// The first person of an organisation, invited by the operator: its admin, with a new root key.
    pub(crate) fn claim(&mut self, org: OrgId, name: &str) -> usize {
        let code = self.code(name);
        let invitation = org::Invitation {
            code: org::invitation_code(&code.0),
            chain: vec![],
            role: Role::Admin,
            alliance: false,
            until: self.clock.now() + Span::days(7),
        };
        self.operate(
            RoomId::org(org),
            Command::Org(org::Command::Invite { invitation }),
            &[],
        )
        .expect("an invitation");
        let root = SigningKey::from_bytes(&chance(self.seed, "root", self.consoles.len() as u64).0);
        let key = self.device_key(name);
        let to = public_key(&key);
        let chain = vec![Certificate::issue(
            &root,
            self.house.server,
            org,
            to,
            Use::Admin,
        )];
        self.join(code, org, name, key, chain, Some(public_key(&root)))
    }

    /// Somebody whom the vendor's admin seats in an organisation: they come by a link after the notice, with a new root key.
    pub(crate) fn seated(&mut self, vendor: usize, org: OrgId, name: &str) -> usize {
        let code = self.code(name);
        let invitation = org::Invitation {
            code: org::invitation_code(&code.0),
            chain: vec![],
            role: Role::Admin,
            alliance: false,
            until: self.clock.now() + Span::days(6),
        };
        let successor = org::Successor::Invited(invitation);
        let seat = Command::Org(org::Command::SeatAdmin { org, successor });
        let home = RoomId::org(self.consoles[vendor].org);
        self.say(vendor, home, seat, &[]).expect("it is announced");
        self.pass(limits::SUCCESSION_NOTICE);
        let root =
            SigningKey::from_bytes(&chance(self.seed, "new root", self.consoles.len() as u64).0);
        let (key, server) = (self.device_key(name), self.house.server);
        let chain = vec![Certificate::issue(
            &root,
            server,
            org,
            public_key(&key),
            Use::Admin,
        )];
        self.join(code, org, name, key, chain, Some(public_key(&root)))
    }

    pub(crate) fn device_key(&self, name: &str) -> SigningKey {
        SigningKey::from_bytes(
            &Hash::of("test-device", &[&self.seed.to_be_bytes(), name.as_bytes()]).0,
        )
    }

    pub(crate) fn code(&self, name: &str) -> InviteCode {
        InviteCode(digest16(
            "test-code",
            &[&self.seed.to_be_bytes(), name.as_bytes()],
        ))
    }

    /// A person invited by an admin at a console.
    pub(crate) fn invite(&mut self, admin: usize, name: &str, role: Role, alliance: bool) -> usize {
        let code = self.code(name);
        let (org, server) = (self.consoles[admin].org, self.house.server);
        let invite_key = org::invitation_key(&code.0);
        let (issuer, to) = (&self.consoles[admin].key, public_key(&invite_key));
        let kind = if role == Role::Admin {
            Use::InviteAdmin
        } else {
            Use::Invite
        };
        let mut chain = self.consoles[admin].chain.clone();
        chain.push(Certificate::issue(issuer, server, org, to, kind));
        let invitation = org::Invitation {
            code: org::invitation_code(&code.0),
            chain: chain.clone(),
            role,
            alliance,
            until: self.clock.now() + Span::days(7),
        };
        self.say(
            admin,
            RoomId::org(org),
            Command::Org(org::Command::Invite { invitation }),
            &[],
        )
        .expect("an invitation");
        let key = self.device_key(name);
        let kind = if role == Role::Admin {
            Use::Admin
        } else {
            Use::Device
        };
        chain.push(Certificate::issue(
            &invite_key,
            server,
            org,
            public_key(&key),
            kind,
        ));
        self.join(code, org, name, key, chain, None)
    }

    fn join(
        &mut self,
        code: InviteCode,
        org: OrgId,
        name: &str,
        key: SigningKey,
        chain: Vec<Certificate>,
        root: Option<PublicKey>,
    ) -> usize {
        let hash = org::invitation_code(&code.0);
        let join = org::Command::Join {
            code: hash,
            key: public_key(&key),
            chain: chain.clone(),
            root,
        };
        let texts = vec![self.salted(name)];
        let facts = Facts::write(&Worded::new(Command::Org(join), texts.clone()));
        let index = self.consoles.len();
        self.consoles
            .push(Console::new((org::member_of(hash), org), key, chain));
        let preimage = self.greet(index);
        let signature = sign(&self.consoles[index].key, &preimage.0);
        self.up(
            index,
            &Up::Join {
                code: code.to_string(),
                facts,
                texts,
                signature,
            },
        );
        self.up(
            index,
            &Up::Resume {
                cursors: vec![],
                last: true,
            },
        );
        self.settle();
        assert!(
            self.consoles[index].closed().is_none(),
            "{name} joins: {:?}",
            self.consoles[index].heard
        );
        index
    }

    /// Opens a connection and says hello; what the device signs to log in.
    pub(crate) fn greet(&mut self, index: usize) -> Hash {
        self.arrivals += 1;
        // A connection's nonces depend on whose it is and how often they came, not on how many others there are.
        let console = &mut self.consoles[index];
        let (who, came) = (console.device, console.came);
        let own = |what: &str| {
            Hash::of(
                "test-nonce",
                &[what.as_bytes(), &who.bits(), &came.to_be_bytes()],
            )
        };
        let (nonce, client) = (own("server"), own("client"));
        let wake = Wake::default();
        let arrival = Arrival {
            number: self.arrivals,
            binding: Binding::Plain,
            nonce,
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            wake: wake.clone(),
        };
        console.arrive(Session::new(Arc::clone(&self.house), arrival), wake);
        self.up(
            index,
            &Up::Hello {
                versions: vec![protocol::VERSION],
                nonce: client,
            },
        );
        let device = self.consoles[index].device;
        protocol::login_preimage(
            client,
            nonce,
            self.house.server,
            Binding::Plain,
            device,
            protocol::VERSION,
        )
    }

    /// Comes back with the cursors held, and sends again what was not answered.
    pub(crate) fn log_in(&mut self, index: usize) {
        self.knock(index);
        let cursors: Vec<_> = self.consoles[index]
            .cursors
            .iter()
            .map(|(room, head)| (*room, *head))
            .collect();
        self.resume(index, cursors);
        for frame in self.consoles[index].unanswered.clone().into_values() {
            self.raw(index, &frame);
        }
        self.settle();
    }

    /// Opens a connection and logs in; nothing is resumed yet.
    pub(crate) fn knock(&mut self, index: usize) {
        let preimage = self.greet(index);
        let signature = sign(&self.consoles[index].key, &preimage.0);
        let device = self.consoles[index].device;
        self.up(index, &Up::Login { device, signature });
    }

    /// Says what is held, in one frame.
    pub(crate) fn resume(
        &mut self,
        index: usize,
        cursors: Vec<(RoomId, rialto_shared::entry::Head)>,
    ) {
        self.up(
            index,
            &Up::Resume {
                cursors,
                last: true,
            },
        );
        self.settle();
    }

    /// Hangs up without a word.
    pub(crate) fn hang_up(&mut self, index: usize) {
        self.consoles[index].session = None;
        self.settle();
    }

    /// A second console of the same device, key and lane. It has not come yet.
    pub(crate) fn twin(&mut self, index: usize) -> usize {
        let twin = self.consoles[index].twin();
        self.consoles.push(twin);
        self.consoles.len() - 1
    }
}
