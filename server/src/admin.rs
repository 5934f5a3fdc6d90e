//! The operator's way in: a socket in the data folder, one JSON object a line each way.
//!
//! Who may open the socket is the operator: it is the owner's only, and the kernel says who is at the other end. What a
//! request does is the [`Office`]'s, which speaks as the Operator and signs nothing. There is no other administrative door,
//! and none on the network.

mod caller;
mod import;
mod kept;
mod report;
mod socket;

#[cfg(test)]
pub(crate) mod tests;

pub use caller::{CallError, call};
pub use import::{Alike, CutText, ImportOrder, ImportReport, RefusedRow};
pub use kept::{Keeping, Kept};
pub(crate) use report::WAY_OUT;
pub use report::{data, json, talk};
pub use socket::{AdminSocket, Callers, SocketError};

use crate::{config::Address, notices::NoticesReport};
use rialto_shared::{
    id::{DeviceId, Hash, MemberId, OrgId},
    mail::{MailAddress, MailError},
    protocol::{InviteCode, InviteLink},
    rejection::{Refusal, Rejection},
    room::org::invitation_code,
    standing::{OrgKind, Role, Status},
    text::{Text, TextKind},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The socket's name in the data folder.
pub const SOCKET_FILE: &str = "admin.sock";

/// What the operator asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// How the server is.
    Status,
    /// Founds the vendor's organisation, once, and invites its first admin.
    Init {
        /// The vendor's name.
        vendor: String,
    },
    /// A partner organisation, unclaimed until its first admin joins.
    OrgCreate {
        /// Its name.
        name: String,
    },
    /// All organisations.
    OrgList,
    /// Suspends an organisation, or reinstates it.
    OrgSuspend {
        /// Which.
        org: OrgId,
        /// Whether it is suspended from now on.
        on: bool,
    },
    /// An invitation of one person.
    Invite {
        /// Into which organisation.
        org: OrgId,
        /// As what; the first of an organisation is its admin.
        role: Role,
        /// As an alliance manager: the vendor's people only.
        alliance: bool,
        /// Where the link is mailed, at once; nothing of it is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mail: Option<String>,
    },
    /// Open invitations, of one organisation or all.
    InviteList {
        /// Which.
        org: Option<OrgId>,
    },
    /// Takes an invitation back.
    InviteCancel {
        /// Whose.
        org: OrgId,
        /// The hash of its code, as listed.
        code: Hash,
    },
    /// The members of an organisation.
    MemberList {
        /// Which.
        org: OrgId,
    },
    /// Suspends a member, or reinstates them.
    MemberSuspend {
        /// Who.
        member: MemberId,
        /// Whether they are suspended from now on.
        on: bool,
    },
    /// Removes a member, for ever.
    MemberRemove {
        /// Who.
        member: MemberId,
    },
    /// Gives a member another role.
    MemberRole {
        /// Who.
        member: MemberId,
        /// Which.
        role: Role,
    },
    /// Devices.
    DeviceList {
        /// Whose.
        of: Holder,
    },
    /// Revokes a device: its connections close, and it logs in no more.
    DeviceRevoke {
        /// Which.
        device: DeviceId,
    },
    /// Imports organisations from a table on the server's machine.
    ImportOrgs(ImportOrder),
    /// How notices stand.
    NoticesStatus,
    /// A mail to this address, now.
    NoticesTest {
        /// Which.
        address: String,
    },
    /// Replays the log and compares everything that was derived from it.
    Verify,
    /// Writes a backup of everything.
    BackUp {
        /// Where to, on the server's machine.
        file: PathBuf,
    },
}

/// What the operator has mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailed {
    /// That mail arrives.
    Test,
    /// An invitation's link.
    Link {
        /// The link.
        link: String,
        /// When the invitation is over.
        until: Timestamp,
    },
}

/// Whose devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// One member's.
    Member(MemberId),
    /// Those of all members of an organisation.
    Org(OrgId),
}

/// How the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The program's version.
    pub version: String,
    /// The server's id.
    pub server: Hash,
    /// The vendor's organisation; none before `init`.
    pub vendor: Option<OrgId>,
    /// Since when it runs.
    pub since: Timestamp,
    /// Connections with a login.
    pub connected: u64,
    /// Organisations.
    pub orgs: u64,
    /// Members that take part.
    pub members: u64,
    /// Rooms.
    pub rooms: u64,
    /// Entries in the log.
    pub entries: u64,
    /// Bytes of the ledger's file.
    pub bytes: u64,
}

/// An organisation in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgRow {
    /// Which.
    pub id: OrgId,
    /// Its name; none once erased.
    pub name: Option<Text>,
    /// Vendor or partner.
    pub kind: OrgKind,
    /// Whether it takes part.
    pub status: Status,
    /// Whether somebody has joined.
    pub claimed: bool,
    /// Members that take part.
    pub members: u64,
}

/// An open invitation in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    /// Whose.
    pub org: OrgId,
    /// The hash of its code: the code itself nobody has but the invited.
    pub code: Hash,
    /// As what.
    pub role: Role,
    /// As an alliance manager.
    pub alliance: bool,
    /// When it is over.
    pub until: Timestamp,
}

/// A member in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// Who.
    pub id: MemberId,
    /// Their name; none once erased.
    pub name: Option<Text>,
    /// Their role.
    pub role: Role,
    /// An alliance manager.
    pub alliance: bool,
    /// Whether they take part.
    pub status: Status,
    /// Devices that may log in.
    pub devices: u64,
}

/// A device in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Which.
    pub id: DeviceId,
    /// Whose.
    pub member: MemberId,
    /// Since when.
    pub since: Timestamp,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Entries read.
    pub entries: u64,
    /// Rooms folded.
    pub rooms: u64,
    /// What is wrong, most telling first; empty where all is well.
    pub faults: Vec<String>,
    /// The digest over all tables.
    pub state: Hash,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// A rule says no.
    #[error("{}", .0.words)]
    Refused(Refusal),
    /// It could not be done now, or here.
    #[error("{0}")]
    Failed(String),
    /// What is stored is not what was stored.
    #[error("{0}")]
    Corrupt(String),
}

impl From<&Rejection> for Trouble {
    fn from(rejection: &Rejection) -> Self {
        Self::Refused(rejection.into())
    }
}

impl Trouble {
    /// A refusal of the operator's own door.
    pub fn refused(code: &str, field: &str, words: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            code: code.to_owned(),
            field: field.to_owned(),
            words: words.into(),
        })
    }
}

/// An invitation that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// To hand to the person.
    pub link: String,
    /// Into which organisation.
    pub org: OrgId,
    /// When it is over.
    pub until: Timestamp,
    /// Whether the mail server took it, where it was to be mailed; else the link is to be handed over in another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed: Option<bool>,
    /// Why it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// What the operator is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// How the server is.
    Condition(Condition),
    /// An organisation was made.
    Created(OrgId),
    /// An invitation was made.
    Invited(Invited),
    /// Organisations.
    Orgs(Vec<OrgRow>),
    /// Invitations.
    Invitations(Vec<InvitationRow>),
    /// Members.
    Members(Vec<MemberRow>),
    /// Devices.
    Devices(Vec<DeviceRow>),
    /// How notices stand.
    Notices(NoticesReport),
    /// What an import did, or would do.
    Imported(ImportReport),
    /// It was done.
    Done,
    /// What a verification found.
    Verdict(Verdict),
    /// A backup.
    Kept(Kept),
    /// It was not done.
    Trouble(Trouble),
}

/// What stands behind the operator's door. Every method may wait for the disk: none is called on the network's thread.
pub trait Office: Send + Sync + 'static {
    /// How the server is.
    ///
    /// # Errors
    /// As all of these: a rule's no, or a failure.
    fn condition(&self) -> Result<Condition, Trouble>;
    /// Founds the vendor's organisation; refused where there is one.
    fn found(&self, vendor: &Text) -> Result<OrgId, Trouble>;
    /// Makes a partner organisation.
    fn create_org(&self, name: &Text) -> Result<OrgId, Trouble>;
    /// All organisations, the vendor first.
    fn orgs(&self) -> Result<Vec<OrgRow>, Trouble>;
    /// Suspends or reinstates an organisation.
    fn suspend_org(&self, org: OrgId, on: bool) -> Result<(), Trouble>;
    /// Opens an invitation by the hash of its code; says until when.
    fn invite(
        &self,
        org: OrgId,
        role: Role,
        alliance: bool,
        code: Hash,
    ) -> Result<Timestamp, Trouble>;
    /// Open invitations.
    fn invitations(&self, org: Option<OrgId>) -> Result<Vec<InvitationRow>, Trouble>;
    /// Takes an invitation back.
    fn cancel_invitation(&self, org: OrgId, code: Hash) -> Result<(), Trouble>;
    /// The members of an organisation.
    fn members(&self, org: OrgId) -> Result<Vec<MemberRow>, Trouble>;
    /// Suspends or reinstates a member.
    fn suspend_member(&self, member: MemberId, on: bool) -> Result<(), Trouble>;
    /// Removes a member.
    fn remove_member(&self, member: MemberId) -> Result<(), Trouble>;
    /// Gives a member another role.
    fn set_role(&self, member: MemberId, role: Role) -> Result<(), Trouble>;
    /// Devices.
    fn devices(&self, of: Holder) -> Result<Vec<DeviceRow>, Trouble>;
    /// Revokes a device.
    fn revoke_device(&self, device: DeviceId) -> Result<(), Trouble>;
    /// Imports organisations.
    fn import_orgs(&self, order: &ImportOrder) -> Result<ImportReport, Trouble>;
    /// How notices stand.
    fn notices(&self) -> Result<NoticesReport, Trouble>;
    /// Whether mail is configured.
    fn mails(&self) -> bool;
    /// Mails this, now.
    fn mail(&self, to: &MailAddress, what: &Mailed) -> Result<(), Trouble>;
    /// Replays the log.
    fn verify(&self) -> Result<Verdict, Trouble>;
    /// Backs everything up.
    fn back_up(&self, file: &Path) -> Result<Kept, Trouble>;
}

/// Takes requests to the office, and makes links of what comes back.
#[derive(Debug)]
pub struct Reception<O> {
    /// What does it.
    pub office: Arc<O>,
    /// What stands in links.
    pub address: Address,
    /// The server's id, in links too.
    pub server: Hash,
}

impl<O: Office> Reception<O> {
    /// Does what is asked.
    #[must_use]
    pub fn answer(&self, request: Request) -> Response {
        self.attend(request).unwrap_or_else(Response::Trouble)
    }

    fn attend(&self, request: Request) -> Result<Response, Trouble> {
        let office = &self.office;
        let done = |()| Response::Done;
        match request {
            Request::Status => office.condition().map(Response::Condition),
            Request::Init { vendor } => {
                let org = office.found(&name(&vendor)?)?;
                self.invite(org, Role::Admin, false, None)
            }
            Request::OrgCreate { name: wanted } => {
                office.create_org(&name(&wanted)?).map(Response::Created)
            }
            Request::OrgList => office.orgs().map(Response::Orgs),
            Request::OrgSuspend { org, on } => office.suspend_org(org, on).map(done),
            Request::Invite {
                org,
                role,
                alliance,
                mail,
            } => {
                let mail = mail.as_deref().map(address).transpose()?;
                if mail.is_some() && !office.mails() {
                    let words = "no mail is configured: see [mail] in `rialtod config show`";
                    return Err(Trouble::refused("mail.unset", "mail", words));
                }
                self.invite(org, role, alliance, mail.as_ref())
            }
            Request::InviteList { org } => office.invitations(org).map(Response::Invitations),
            Request::InviteCancel { org, code } => office.cancel_invitation(org, code).map(done),
            Request::MemberList { org } => office.members(org).map(Response::Members),
            Request::MemberSuspend { member, on } => office.suspend_member(member, on).map(done),
            Request::MemberRemove { member } => office.remove_member(member).map(done),
            Request::MemberRole { member, role } => office.set_role(member, role).map(done),
            Request::DeviceList { of } => office.devices(of).map(Response::Devices),
            Request::DeviceRevoke { device } => office.revoke_device(device).map(done),
            Request::ImportOrgs(order) => office.import_orgs(&order).map(Response::Imported),
            Request::NoticesStatus => office.notices().map(Response::Notices),
            Request::NoticesTest { address: to } => {
                office.mail(&address(&to)?, &Mailed::Test).map(done)
            }
            Request::Verify => office.verify().map(Response::Verdict),
            Request::BackUp { file } => office.back_up(&file).map(Response::Kept),
        }
    }

    /// The code is made here and leaves in the link only: what is stored is its hash.
    fn invite(
        &self,
        org: OrgId,
        role: Role,
        alliance: bool,
        mail: Option<&MailAddress>,
    ) -> Result<Response, Trouble> {
        let mut code = [0; 16];
        getrandom::fill(&mut code).map_err(|error| {
            Trouble::Failed(format!("the system gives no random bytes: {error}"))
        })?;
        let until = self
            .office
            .invite(org, role, alliance, invitation_code(&code))?;
        let Address {
            transport,
            host,
            port,
        } = self.address.clone();
        let link = InviteLink {
            transport,
            host: host.to_string().trim_matches(['[', ']']).to_owned(),
            port,
            code: InviteCode(code),
            server: self.server,
        };
        let link = link.to_string();
        let sent = mail.map(|to| {
            let link = link.clone();
            self.office.mail(to, &Mailed::Link { link, until })
        });
        let trouble = sent.as_ref().and_then(|sent| sent.as_ref().err());
        Ok(Response::Invited(Invited {
            link,
            org,
            until,
            mailed: sent.as_ref().map(Result::is_ok),
            trouble: trouble.map(ToString::to_string),
        }))
    }
}

fn address(raw: &str) -> Result<MailAddress, Trouble> {
    raw.parse()
        .map_err(|error: MailError| Trouble::refused("value", "address", error.to_string()))
}

/// The operator types like everybody else: cleaned, then judged.
fn name(raw: &str) -> Result<Text, Trouble> {
    let cleaned = rialto_shared::text::clean(TextKind::Name, raw);
    TextKind::Name.parse(&cleaned).map_err(|error| {
        Trouble::from(&Rejection::Text {
            field: "name",
            error,
        })
    })
}
