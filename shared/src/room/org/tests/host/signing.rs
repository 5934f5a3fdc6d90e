//! Who causes what: commands that are signed, and asks of rooms that this host has not.

use super::*;

impl Host {
    pub(super) fn cause(
        &self,
        who: Who,
        id: RoomId,
        command: &Worded<Command>,
        facts: String,
    ) -> Cause {
        let kind = command.what.kind();
        let Who::Member(member) = who else {
            let author = Author::Operator;
            return Cause {
                author,
                statement: None,
                kind,
            };
        };
        let named = command.what.named(&command.texts);
        let log = self.rooms.get(&id).map_or(&[][..], |held| &held.log);
        let subject = named
            .cites
            .and_then(|seq| log.iter().find(|one| one.seq == seq));
        let (org, device) = (self.org_of(member), DeviceId::from_bits(member.bits()));
        let statement = command.what.signed().then(|| {
            let declaration = Declaration {
                server: server(),
                org,
                device,
                nonce: Nonce::from_bits(u128::try_from(log.len()).unwrap().to_be_bytes()),
                room: id,
                kind: kind.clone(),
                subject: subject
                    .map(Entry::hash)
                    .or(named.answers)
                    .unwrap_or(Hash::ZERO),
                facts,
            };
            let chain = chain(org, &self.roots[&org]);
            Box::new(Statement::make(&device_key(org), &declaration, chain))
        });
        Cause {
            author: Author::Member {
                id: member,
                org,
                device,
            },
            statement,
            kind,
        }
    }

    /// Another room's ask, for what no room of this host would ask. An offer to a stranger is signed in its Side.
    pub(crate) fn ask(&mut self, who: MemberId, id: RoomId, ask: &Ask) {
        let mut cause = Cause {
            author: Author::Member {
                id: who,
                org: self.org_of(who),
                device: DeviceId::from_bits(who.bits()),
            },
            statement: None,
            kind: String::new(),
        };
        if let Ask::Org(asked) = ask
            && let org::Ask::Asked { to, words, .. } = &**asked
        {
            let offer = Command::Side(side::Command::OfferWithRequest {
                to: *to,
                shown: Hash::ZERO,
                full: Hash::ZERO,
            });
            let offer = Worded::new(offer, vec![words.clone()]);
            let case = RoomId::new(RoomKind::Side, who.bits());
            cause = self.cause(Who::Member(who), case, &offer, Facts::write(&offer));
        }
        let events = self.answers(id, ask);
        self.settle(id, &cause, events);
    }
}

pub(super) fn device_key(org: OrgId) -> SigningKey {
    SigningKey::from_bytes(&Hash::plain(&org.bits()).0)
}

pub(super) fn chain(org: OrgId, root: &SigningKey) -> Vec<Certificate> {
    let device = public_key(&device_key(org));
    vec![Certificate::issue(root, server(), org, device, Use::Admin)]
}
