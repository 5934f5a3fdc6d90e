//! What the app knows of the work between organisations: the deal, the referral or the case at hand, and who is connected.

use super::super::*;

impl App {
    /// Whether a deal's tasks and people stand beside its messages.
    #[must_use]
    pub fn deal_side(&self) -> bool {
        let deal = self
            .open_room()
            .is_some_and(|room| room.kind() == RoomKind::Deal);
        deal && self.size.width >= 110
    }

    /// What the open room says of itself above its messages.
    #[must_use]
    pub fn header(&self) -> Vec<words::line::Line> {
        let cells = usize::from(self.size.width);
        match self.open_room() {
            Some(room) => match room.kind() {
                RoomKind::Deal => screen::deals::header(self, room),
                RoomKind::Referral => screen::referrals::header(self, room, cells),
                RoomKind::Side => screen::referrals::case_header(self, room, cells),
                RoomKind::Org
                | RoomKind::Inbox
                | RoomKind::Channel
                | RoomKind::Direct
                | RoomKind::Profile
                | RoomKind::Card
                | RoomKind::Relation
                | RoomKind::Record => vec![],
            },
            None => vec![],
        }
    }

    /// How many lines that are, where there is room for them.
    #[must_use]
    pub fn header_lines(&self) -> u16 {
        let lines = u16::try_from(self.header().len()).unwrap_or(u16::MAX);
        lines.min(self.size.height / 3)
    }

    /// My organisation.
    #[must_use]
    pub fn own_org(&self) -> Option<OrgId> {
        let me = self.console.replica().me.as_ref()?;
        Some(me.standing.org.id)
    }

    /// My organisation's own room, where I read it.
    #[must_use]
    pub fn own(&self) -> Option<&Org> {
        let room = RoomId::org(self.own_org()?);
        self.console.replica().room(room)?.room.state.org()
    }

    /// Whether my organisation is connected with another.
    #[must_use]
    pub fn connected(&self, org: OrgId) -> bool {
        self.own().is_some_and(|own| own.connections.contains(&org))
    }

    /// Organisations that can be named here: those whose names are known.
    #[must_use]
    pub fn known_orgs(&self) -> BTreeSet<OrgId> {
        let found = self.directory.found.iter().map(|found| found.org);
        let cards = self.console.replica().orgs().map(|card| card.id);
        cards.chain(found).collect()
    }

    /// What an organisation is called, also where it was only found.
    #[must_use]
    pub fn org_name(&self, org: OrgId) -> String {
        let replica = self.console.replica();
        let found = self.directory.found.iter().find(|found| found.org == org);
        match (
            replica.org(org),
            found.and_then(|found| found.name.as_ref()),
        ) {
            (None, Some(name)) => name.to_string(),
            (Some(_), _) | (None, None) => replica.org_name(org),
        }
    }

    /// The entry that asked my organisation into a deal.
    #[must_use]
    pub fn deal_invitation(&self, deal: RoomId) -> Option<rialto_shared::id::Hash> {
        Some(self.own()?.deals.get(&deal)?.matter)
    }

    /// The deal at hand.
    #[must_use]
    pub fn deal(&self) -> Option<(RoomId, &Deal)> {
        let room = self.room_at_hand()?;
        let deal = self.console.replica().room(room)?.room.state.deal()?;
        Some((room, deal))
    }

    /// The referral at hand, and whether it was offered to us.
    #[must_use]
    pub fn referral(&self) -> Option<(RoomId, &Referral, bool)> {
        let room = self.room_at_hand()?;
        let referral = self.console.replica().room(room)?.room.state.referral()?;
        Some((room, referral, Some(referral.to) == self.own_org()))
    }

    /// The case at hand.
    #[must_use]
    pub fn case(&self) -> Option<(RoomId, &Side)> {
        let room = self.room_at_hand()?;
        let side = self.console.replica().room(room)?.room.state.side()?;
        Some((room, side))
    }
}
