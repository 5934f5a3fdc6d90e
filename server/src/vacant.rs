//! Premises with nobody in them: opening them says that this build has no ledger. There is no value of [`Nobody`], so there
//! is nothing that could answer wrongly.

use rialto_server::{
    admin::{
        Condition, DeviceRow, Holder, InvitationRow, MemberRow, Office, OrgRow, Trouble, Verdict,
    },
    config::Config,
    connection::{Answers, Arrival, Conversation, Effect, Host},
    identity::Identity,
    serve::Premises,
};
use rialto_shared::{
    id::{DeviceId, Hash, MemberId, OrgId},
    standing::Role,
    text::Text,
    time::{Span, Timestamp},
};
use std::{convert::Infallible, sync::Arc};

/// Nobody.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Nobody {}

/// Nothing behind the front.
#[derive(Debug)]
pub(crate) struct Vacant(Nobody);

impl Premises for Vacant {
    type Host = Nobody;
    type Office = Nobody;

    fn open(_config: &Config, _identity: Arc<Identity>) -> Result<Self, Trouble> {
        Err(Trouble::Failed("this build has no ledger".to_owned()))
    }
    fn host(&self) -> Arc<Nobody> {
        match self.0 {}
    }
    fn office(&self) -> Arc<Nobody> {
        match self.0 {}
    }
    async fn broken(&self) -> Trouble {
        match self.0 {}
    }
    fn close(self) {
        match self.0 {}
    }
}

impl Conversation for Nobody {
    type Submission = Infallible;
    type Answer = Infallible;

    fn receive(&mut self, _frame: &str, _now: Timestamp) -> Vec<Effect<Infallible>> {
        match *self {}
    }
    fn answered(&mut self, _answer: Infallible, _now: Timestamp) -> Vec<Effect<Infallible>> {
        match *self {}
    }
    fn woken(&mut self, _now: Timestamp) -> Vec<Effect<Infallible>> {
        match *self {}
    }
    fn leaving(&mut self, _now: Timestamp, _retry_after: Span) -> Vec<Effect<Infallible>> {
        match *self {}
    }
    fn authenticated(&self) -> bool {
        match *self {}
    }
}

impl Host for Nobody {
    type Conversation = Self;

    fn converse(&self, _arrival: Arrival) -> Self {
        match *self {}
    }
    fn submit(&self, _submission: Infallible, _answers: Answers<Self>) {
        match *self {}
    }
    fn now(&self) -> Timestamp {
        match *self {}
    }
}

impl Office for Nobody {
    fn condition(&self) -> Result<Condition, Trouble> {
        match *self {}
    }
    fn found(&self, _vendor: &Text) -> Result<OrgId, Trouble> {
        match *self {}
    }
    fn create_org(&self, _name: &Text) -> Result<OrgId, Trouble> {
        match *self {}
    }
    fn orgs(&self) -> Result<Vec<OrgRow>, Trouble> {
        match *self {}
    }
    fn suspend_org(&self, _org: OrgId, _on: bool) -> Result<(), Trouble> {
        match *self {}
    }
    fn invite(
        &self,
        _org: OrgId,
        _role: Role,
        _alliance: bool,
        _code: Hash,
    ) -> Result<Timestamp, Trouble> {
        match *self {}
    }
    fn invitations(&self, _org: Option<OrgId>) -> Result<Vec<InvitationRow>, Trouble> {
        match *self {}
    }
    fn cancel_invitation(&self, _org: OrgId, _code: Hash) -> Result<(), Trouble> {
        match *self {}
    }
    fn members(&self, _org: OrgId) -> Result<Vec<MemberRow>, Trouble> {
        match *self {}
    }
    fn suspend_member(&self, _member: MemberId, _on: bool) -> Result<(), Trouble> {
        match *self {}
    }
    fn remove_member(&self, _member: MemberId) -> Result<(), Trouble> {
        match *self {}
    }
    fn set_role(&self, _member: MemberId, _role: Role) -> Result<(), Trouble> {
        match *self {}
    }
    fn devices(&self, _of: Holder) -> Result<Vec<DeviceRow>, Trouble> {
        match *self {}
    }
    fn revoke_device(&self, _device: DeviceId) -> Result<(), Trouble> {
        match *self {}
    }
    fn verify(&self) -> Result<Verdict, Trouble> {
        match *self {}
    }
}
