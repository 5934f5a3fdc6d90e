//! Accounts on a real disk: whose they are, and what is refused.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{About, Account, AccountError, DeviceKey, Home};
use crate::{request, route::Trust, sample};
use rialto_shared::{
    command::Command,
    id::Hash,
    protocol::{InviteCode, InviteLink, Transport},
    room::org::{self, invitation_key},
    standing::Role,
    statement::{Certificate, Use, public_key, verify_chain},
    time::Timestamp,
};
use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

fn link() -> InviteLink {
    InviteLink {
        transport: Transport::Tls,
        host: "console.example.com".to_owned(),
        port: 7_450,
        code: InviteCode([1; 16]),
        server: Hash::plain(b"server"),
    }
}

fn about() -> About {
    About {
        server: link().server,
        transport: Transport::Tls,
        host: link().host,
        port: link().port,
        member: sample::member(1),
        org: sample::org(1),
        device: sample::device(1),
        chain: vec![],
        proxy: None,
        trust: Trust::Pinned,
    }
}

fn settled(home: &Home, name: &str, claimed: bool) -> Account {
    let joining = home.joining(&link()).unwrap();
    home.settle(joining, name, about(), claimed).unwrap()
}

#[test]
fn an_account_is_its_owners_alone_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    assert!(matches!(home.open(None), Err(AccountError::None)));
    let made = settled(&home, "work", true);
    let opened = home.open(None).unwrap();
    assert_eq!(opened.about, made.about);
    assert_eq!(opened.key.public(), made.key.public());
    assert_eq!(
        opened.root.unwrap().public(),
        made.root.as_ref().unwrap().public()
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&made.dir), 0o700);
    for file in ["account.json", "device.key", "root.key"] {
        assert_eq!(mode(&made.dir.join(file)), 0o600, "{file}");
    }
}

#[test]
fn what_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    let made = settled(&home, "work", false);
    assert!(made.root.is_none() && !made.dir.join("root.key").exists());
    for (path, mode) in [
        (made.dir.join("device.key"), 0o640),
        (made.dir.join("account.json"), 0o604),
        (made.dir.clone(), 0o750),
    ] {
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let refused = home.open(None);
        assert!(
            matches!(&refused, Err(AccountError::Wide { mode: found, .. }) if *found == mode),
            "{refused:?}"
        );
        fs::set_permissions(&path, before).unwrap();
    }
    assert!(home.open(None).is_ok());
}

#[test]
fn several_accounts_are_told_apart_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    settled(&home, "work", false);
    assert_eq!(home.free_name("work").unwrap(), "work-2");
    settled(&home, "lab", false);
    assert!(
        matches!(home.open(None), Err(AccountError::Several(known)) if known == ["lab", "work"])
    );
    assert_eq!(home.open(Some("lab")).unwrap().name, "lab");
    assert!(matches!(
        home.open(Some("x")),
        Err(AccountError::Unknown { .. })
    ));
    for name in ["", "../work", ".hidden", "a/b", "a b"] {
        let joining = home.joining(&link()).unwrap();
        assert!(
            matches!(
                home.settle(joining, name, about(), false),
                Err(AccountError::Name)
            ),
            "{name:?}"
        );
    }
    let joining = home.joining(&link()).unwrap();
    let taken = home.settle(joining, "lab", about(), false);
    assert!(matches!(taken, Err(AccountError::Exists(_))));
}

#[test]
fn a_key_file_that_holds_no_key_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    let made = settled(&home, "work", false);
    fs::write(made.dir.join("device.key"), "not a key").unwrap();
    let error = home.open(None).unwrap_err().to_string();
    assert!(error.contains("holds no key"), "{error}");
}

#[test]
fn a_key_is_never_debugged() {
    let key = DeviceKey::from_seed(&[7; 32]);
    assert!(!format!("{key:?}").contains("0707"));
}

#[test]
fn an_admins_invitation_lets_the_code_certify_one_device_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    let mut account = settled(&home, "work", true);
    let invite = request::invite(&account, Role::Rep, false, Timestamp::EPOCH).unwrap();
    assert_eq!(invite.link.server, account.about.server);
    let Command::Org(org::Command::Invite { invitation }) = invite.command.what else {
        panic!("an invitation");
    };
    let root = account.root.as_ref().unwrap().public();
    let code = invitation_key(&invite.link.code.0);
    let certify = |to| {
        let (server, of) = (account.about.server, account.about.org);
        let device = public_key(&sample::key(8));
        let last = Certificate::issue(&code, server, of, device, to);
        let chain: Vec<_> = invitation.chain.iter().cloned().chain([last]).collect();
        verify_chain(&chain, server, of, root)
    };
    assert_eq!(certify(Use::Device), Ok(public_key(&sample::key(8))));
    assert!(certify(Use::Admin).is_err());
    account.root = None;
    assert!(request::invite(&account, Role::Rep, false, Timestamp::EPOCH).is_err());
}
