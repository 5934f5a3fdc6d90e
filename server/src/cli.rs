//! The command line: what can be typed, and which request it is.

mod import;
pub(crate) mod output;
pub(crate) mod pages;

pub(crate) use import::Import;

use clap::{Args, Parser, Subcommand};
use rialto_server::admin::{Holder, Request};
use rialto_shared::{
    id::{DeviceId, Hash, MemberId, OrgId},
    mail::MailAddress,
    standing::Role,
};
use std::path::PathBuf;

/// The Rialto server: one binary, one data folder.
#[derive(Debug, Parser)]
#[command(name = "rialtod", version, max_term_width = 100, after_help = EXITS)]
pub(crate) struct Cli {
    /// The data folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The configuration file; without it $RIALTOD_CONFIG, or rialtod.toml in the data folder.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) mode: Mode,
}

const EXITS: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 no server is running, 4 refused, 5 the ledger is damaged,\n\
    6 the disk failed while serving: start it again.\n\
    Data goes to stdout, talk to stderr.";

#[derive(Debug, Subcommand)]
pub(crate) enum Mode {
    /// Make the data folder and the vendor's organisation; print the link that invites its first admin.
    Init {
        /// The vendor's name.
        #[arg(long, value_name = "NAME")]
        vendor: String,
    },
    /// Serve until told to stop (SIGTERM or Ctrl-C; twice: at once). SIGHUP reads the certificate's files again, and nobody
    /// is cut off.
    Serve,
    /// How the running server is.
    Status(Listed),
    /// Organisations.
    #[command(subcommand)]
    Org(Org),
    /// Invitations.
    #[command(subcommand)]
    Invite(Invite),
    /// Members of an organisation.
    #[command(subcommand)]
    Member(Member),
    /// Devices that log in.
    #[command(subcommand)]
    Device(Device),
    /// What members are told outside the console.
    #[command(subcommand)]
    Notices(Notices),
    /// Bring in what is kept elsewhere; with or without a running server.
    #[command(subcommand)]
    Import(Import),
    /// Replay the log and compare everything derived from it; with or without a running server.
    Verify(Listed),
    /// Write a backup of everything: one file, as secret as the data folder. With a running server, which writes it and serves
    /// on meanwhile, or without.
    Backup(Backup),
    /// Make a data folder of a backup: --data names it, and it is empty or not there yet.
    Restore {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        listed: Listed,
    },
    /// The server's identity key, which invitations pin.
    #[command(subcommand)]
    Identity(Identity),
    /// The configuration.
    #[command(subcommand)]
    Config(Config),
    /// Print what completes command lines in a shell.
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write it and one for each command into a folder.
    Man {
        /// The folder, made where there is none.
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Backup {
    /// Where to; nothing is written over.
    #[arg(required = true)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) listed: Listed,
    #[command(subcommand)]
    pub(crate) verify: Option<BackupVerify>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupVerify {
    /// Read a backup through, write nothing, and name the first damage.
    Verify {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        listed: Listed,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Identity {
    /// The server's id, its key, and how often that was replaced.
    Show,
    /// Replace the key by a new one that the old one signs, while no server runs. The server's id stays, invitations too; clients
    /// follow at their next login, and follow the old key no more.
    Rotate,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Listed {
    /// As JSON, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Org {
    /// Make a partner organisation; print its id.
    Create {
        /// Its name.
        name: String,
    },
    /// All organisations.
    List(Listed),
    /// Suspend an organisation: its people lose every seat at once.
    Suspend {
        /// Which (org_…).
        org: OrgId,
    },
    /// Reinstate a suspended organisation.
    Resume {
        /// Which (org_…).
        org: OrgId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Invite {
    /// Invite one person; print the link, which nobody can show again.
    Create {
        /// Into which organisation (org_…).
        #[arg(long)]
        org: OrgId,
        /// As what: viewer, rep, lead or admin; the first of an organisation is its admin.
        #[arg(long, value_parser = role, default_value = "admin")]
        role: Role,
        /// As an alliance manager: the vendor's people only.
        #[arg(long)]
        alliance: bool,
        /// Mail the link to this address, at once.
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<MailAddress>,
        #[command(flatten)]
        listed: Listed,
    },
    /// Open invitations.
    List {
        /// Of this organisation only (org_…).
        #[arg(long)]
        org: Option<OrgId>,
        #[command(flatten)]
        listed: Listed,
    },
    /// Take an invitation back.
    Cancel {
        /// Whose (org_…).
        #[arg(long)]
        org: OrgId,
        /// The hash of its code, as listed.
        code: Hash,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Member {
    /// The members of an organisation.
    List {
        /// Which (org_…).
        #[arg(long)]
        org: OrgId,
        #[command(flatten)]
        listed: Listed,
    },
    /// Suspend a member: every seat is lost at once.
    Suspend {
        /// Who (mem_…).
        member: MemberId,
    },
    /// Reinstate a suspended member.
    Resume {
        /// Who (mem_…).
        member: MemberId,
    },
    /// Remove a member, for ever.
    Remove {
        /// Who (mem_…).
        member: MemberId,
    },
    /// Give a member another role.
    Role {
        /// Who (mem_…).
        member: MemberId,
        /// viewer, rep, lead or admin.
        #[arg(value_parser = role)]
        role: Role,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Devices of a member or an organisation.
    List {
        /// Of this member (mem_…).
        #[arg(long, required_unless_present = "org", conflicts_with = "org")]
        member: Option<MemberId>,
        /// Of all members of this organisation (org_…).
        #[arg(long)]
        org: Option<OrgId>,
        #[command(flatten)]
        listed: Listed,
    },
    /// Revoke a device: its connections close, and it logs in no more.
    Revoke {
        /// Which (dev_…).
        device: DeviceId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Notices {
    /// How many wait and are under way, and what is wrong; never what they say.
    Status(Listed),
    /// Mail this address, at once, to see that mail arrives.
    Test {
        /// Which.
        address: MailAddress,
    },
}

impl Notices {
    fn request(&self) -> (Request, bool) {
        match self {
            Self::Status(listed) => (Request::NoticesStatus, listed.json),
            Self::Test { address } => {
                let address = address.to_string();
                (Request::NoticesTest { address }, false)
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say ok, or every problem with its line.
    Check {
        /// Which; else the one that `serve` would read.
        file: Option<PathBuf>,
    },
    /// The whole configuration as it is in force, each key with its use.
    Show,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse()
        .map_err(|_| "one of viewer, rep, lead, admin".to_owned())
}

impl Mode {
    /// What a mode asks of a running server, and whether it wants JSON; none for the modes that are more than a request.
    pub(crate) fn request(&self) -> Option<(Request, bool)> {
        match self {
            Self::Init { .. }
            | Self::Serve
            | Self::Import(_)
            | Self::Verify(_)
            | Self::Backup(_)
            | Self::Restore { .. }
            | Self::Completions { .. }
            | Self::Man { .. }
            | Self::Identity(_)
            | Self::Config(_) => None,
            Self::Status(listed) => Some((Request::Status, listed.json)),
            Self::Org(org) => Some(org.request()),
            Self::Invite(invite) => Some(invite.request()),
            Self::Member(member) => Some(member.request()),
            Self::Device(device) => device.request(),
            Self::Notices(notices) => Some(notices.request()),
        }
    }
}

impl Org {
    fn request(&self) -> (Request, bool) {
        match self {
            Self::Create { name } => (Request::OrgCreate { name: name.clone() }, false),
            Self::List(listed) => (Request::OrgList, listed.json),
            Self::Suspend { org } => (
                Request::OrgSuspend {
                    org: *org,
                    on: true,
                },
                false,
            ),
            Self::Resume { org } => (
                Request::OrgSuspend {
                    org: *org,
                    on: false,
                },
                false,
            ),
        }
    }
}

impl Invite {
    fn request(&self) -> (Request, bool) {
        match self {
            Self::Create {
                org,
                role,
                alliance,
                mail,
                listed,
            } => {
                let (org, role, alliance) = (*org, *role, *alliance);
                let mail = mail.as_ref().map(ToString::to_string);
                (
                    Request::Invite {
                        org,
                        role,
                        alliance,
                        mail,
                    },
                    listed.json,
                )
            }
            Self::List { org, listed } => (Request::InviteList { org: *org }, listed.json),
            Self::Cancel { org, code } => {
                let (org, code) = (*org, *code);
                (Request::InviteCancel { org, code }, false)
            }
        }
    }
}

impl Member {
    fn request(&self) -> (Request, bool) {
        match self {
            Self::List { org, listed } => (Request::MemberList { org: *org }, listed.json),
            Self::Suspend { member } => suspend(*member, true),
            Self::Resume { member } => suspend(*member, false),
            Self::Remove { member } => (Request::MemberRemove { member: *member }, false),
            Self::Role { member, role } => {
                let (member, role) = (*member, *role);
                (Request::MemberRole { member, role }, false)
            }
        }
    }
}

fn suspend(member: MemberId, on: bool) -> (Request, bool) {
    (Request::MemberSuspend { member, on }, false)
}

impl Device {
    fn request(&self) -> Option<(Request, bool)> {
        match self {
            Self::List {
                member,
                org,
                listed,
            } => {
                let of = member.map(Holder::Member).or(org.map(Holder::Org))?;
                Some((Request::DeviceList { of }, listed.json))
            }
            Self::Revoke { device } => Some((Request::DeviceRevoke { device: *device }, false)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_grammar_holds_together() {
        Cli::command().debug_assert();
    }

    /// What a line asks for, and whether as JSON.
    fn asks(line: &str) -> (Request, bool) {
        let cli = parsed(&format!("rialtod {line}")).unwrap();
        cli.mode.request().unwrap()
    }

    const ORG: OrgId = OrgId::from_bits([1; 16]);
    const MEMBER: MemberId = MemberId::from_bits([2; 16]);

    #[test]
    fn lines_about_organisations_are_their_requests() {
        let suspend = |on| (Request::OrgSuspend { org: ORG, on }, false);
        let name = "Acme".to_owned();
        assert_eq!(asks("status --json"), (Request::Status, true));
        assert_eq!(
            asks("org create Acme"),
            (Request::OrgCreate { name }, false)
        );
        assert_eq!(asks("org list"), (Request::OrgList, false));
        assert_eq!(asks(&format!("org suspend {ORG}")), suspend(true));
        assert_eq!(asks(&format!("org resume {ORG}")), suspend(false));
    }

    #[test]
    fn lines_about_invitations_are_their_requests() {
        let invite = |role, alliance| {
            (
                Request::Invite {
                    org: ORG,
                    role,
                    alliance,
                    mail: None,
                },
                false,
            )
        };
        let code = Hash([4; 32]);
        assert_eq!(
            asks(&format!("invite create --org {ORG}")),
            invite(Role::Admin, false)
        );
        assert_eq!(
            asks(&format!("invite create --org {ORG} --role REP --alliance")),
            invite(Role::Rep, true)
        );
        assert_eq!(
            asks("invite list --json"),
            (Request::InviteList { org: None }, true)
        );
        assert_eq!(
            asks(&format!("invite list --org {ORG}")),
            (Request::InviteList { org: Some(ORG) }, false)
        );
        let mailed = Request::Invite {
            org: ORG,
            role: Role::Admin,
            alliance: false,
            mail: Some("ana@alder.example".to_owned()),
        };
        assert_eq!(
            asks(&format!(
                "invite create --org {ORG} --mail ana@alder.example"
            )),
            (mailed, false)
        );
        assert_eq!(
            asks("notices test ana@alder.example"),
            (
                Request::NoticesTest {
                    address: "ana@alder.example".to_owned()
                },
                false
            )
        );
        assert_eq!(
            asks("notices status --json"),
            (Request::NoticesStatus, true)
        );
        let cancel = Request::InviteCancel { org: ORG, code };
        assert_eq!(
            asks(&format!("invite cancel --org {ORG} {code}")),
            (cancel, false)
        );
    }

    #[test]
    fn lines_about_members_and_devices_are_their_requests() {
        let suspend = |on| (Request::MemberSuspend { member: MEMBER, on }, false);
        let role = Request::MemberRole {
            member: MEMBER,
            role: Role::Lead,
        };
        let device = DeviceId::from_bits([3; 16]);
        let devices = |of| (Request::DeviceList { of }, false);
        assert_eq!(
            asks(&format!("member list --org {ORG} --json")),
            (Request::MemberList { org: ORG }, true)
        );
        assert_eq!(asks(&format!("member suspend {MEMBER}")), suspend(true));
        assert_eq!(asks(&format!("member resume {MEMBER}")), suspend(false));
        assert_eq!(
            asks(&format!("member remove {MEMBER}")),
            (Request::MemberRemove { member: MEMBER }, false)
        );
        assert_eq!(asks(&format!("member role {MEMBER} lead")), (role, false));
        assert_eq!(
            asks(&format!("device list --member {MEMBER}")),
            devices(Holder::Member(MEMBER))
        );
        assert_eq!(
            asks(&format!("device list --org {ORG}")),
            devices(Holder::Org(ORG))
        );
        assert_eq!(
            asks(&format!("device revoke {device}")),
            (Request::DeviceRevoke { device }, false)
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "init".to_owned(),
            "device list".to_owned(),
            format!("device list --org {ORG} --member {MEMBER}"),
            format!("org suspend {MEMBER}"),
            format!("invite create --org {ORG} --role king"),
            "frobnicate".to_owned(),
            format!("invite create --org {ORG} --mail Ana"),
            "notices test nobody".to_owned(),
        ] {
            assert_eq!(
                parsed(&format!("rialtod {line}")).unwrap_err().exit_code(),
                2,
                "{line}"
            );
        }
    }
}
