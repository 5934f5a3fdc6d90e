//! The operator's door, over a real socket, with an office that keeps its books in memory.

use super::*;
use rialto_shared::time::Span;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener, UnixStream},
    },
    sync::Mutex,
};

const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);
const WEEK: Span = Span::days(7);

/// Organisations by name, and the hashes of codes.
#[derive(Debug, Default)]
pub(crate) struct Books {
    orgs: Mutex<Vec<OrgRow>>,
    codes: Mutex<Vec<InvitationRow>>,
    mails: Mutex<Vec<(String, Mailed)>>,
}

fn absent() -> Trouble {
    Trouble::from(&Rejection::NoSuchThing("the id"))
}

impl Books {
    fn enter(&self, name: &Text, kind: OrgKind) -> OrgId {
        let mut orgs = self.orgs.lock().unwrap();
        let id = OrgId::from_bits([u8::try_from(orgs.len()).unwrap(); 16]);
        orgs.push(OrgRow {
            id,
            name: Some(name.clone()),
            kind,
            status: Status::Active,
            claimed: false,
            members: 0,
        });
        id
    }
}

impl Office for Books {
    fn condition(&self) -> Result<Condition, Trouble> {
        let orgs = self.orgs.lock().unwrap();
        Ok(Condition {
            version: "1".to_owned(),
            server: Hash([9; 32]),
            vendor: orgs.first().map(|row| row.id),
            since: NOW,
            connected: 0,
            orgs: u64::try_from(orgs.len()).unwrap(),
            members: 0,
            rooms: 0,
            entries: 0,
            bytes: 0,
        })
    }
    fn found(&self, vendor: &Text) -> Result<OrgId, Trouble> {
        if !self.orgs.lock().unwrap().is_empty() {
            return Err(Trouble::from(&Rejection::Already("the vendor")));
        }
        Ok(self.enter(vendor, OrgKind::Vendor))
    }
    fn create_org(&self, name: &Text) -> Result<OrgId, Trouble> {
        Ok(self.enter(name, OrgKind::Partner))
    }
    fn orgs(&self) -> Result<Vec<OrgRow>, Trouble> {
        Ok(self.orgs.lock().unwrap().clone())
    }
    fn suspend_org(&self, org: OrgId, on: bool) -> Result<(), Trouble> {
        let mut orgs = self.orgs.lock().unwrap();
        let row = orgs
            .iter_mut()
            .find(|row| row.id == org)
            .ok_or_else(absent)?;
        row.status = if on {
            Status::Suspended
        } else {
            Status::Active
        };
        Ok(())
    }
    fn invite(
        &self,
        org: OrgId,
        role: Role,
        alliance: bool,
        code: Hash,
    ) -> Result<Timestamp, Trouble> {
        let until = NOW + WEEK;
        self.codes.lock().unwrap().push(InvitationRow {
            org,
            code,
            role,
            alliance,
            until,
        });
        Ok(until)
    }
    fn invitations(&self, _org: Option<OrgId>) -> Result<Vec<InvitationRow>, Trouble> {
        Ok(self.codes.lock().unwrap().clone())
    }
    fn cancel_invitation(&self, _org: OrgId, code: Hash) -> Result<(), Trouble> {
        self.codes.lock().unwrap().retain(|row| row.code != code);
        Ok(())
    }
    fn members(&self, _org: OrgId) -> Result<Vec<MemberRow>, Trouble> {
        Ok(vec![])
    }
    fn suspend_member(&self, _member: MemberId, _on: bool) -> Result<(), Trouble> {
        Err(absent())
    }
    fn remove_member(&self, _member: MemberId) -> Result<(), Trouble> {
        Err(absent())
    }
    fn set_role(&self, _member: MemberId, _role: Role) -> Result<(), Trouble> {
        Err(absent())
    }
    fn devices(&self, _of: Holder) -> Result<Vec<DeviceRow>, Trouble> {
        Ok(vec![])
    }
    fn revoke_device(&self, _device: DeviceId) -> Result<(), Trouble> {
        Err(absent())
    }
    fn import_orgs(&self, _order: &ImportOrder) -> Result<ImportReport, Trouble> {
        Err(absent())
    }
    fn notices(&self) -> Result<NoticesReport, Trouble> {
        Ok(NoticesReport::default())
    }
    fn mails(&self) -> bool {
        true
    }
    fn mail(&self, to: &MailAddress, what: &Mailed) -> Result<(), Trouble> {
        if to.domain() == "down.example" {
            return Err(Trouble::Failed("the mail server is not reached".to_owned()));
        }
        self.mails
            .lock()
            .unwrap()
            .push((to.to_string(), what.clone()));
        Ok(())
    }
    fn verify(&self) -> Result<Verdict, Trouble> {
        panic!("an office that makes a mistake");
    }
    fn back_up(&self, _file: &Path) -> Result<Kept, Trouble> {
        Err(absent())
    }
}

fn reception() -> Reception<Books> {
    Reception {
        office: Arc::new(Books::default()),
        address: crate::config::Config::default().address(),
        server: Hash([9; 32]),
    }
}

/// A server on a folder of its own; what runs in `shell` is another thread, as the operator's shell is another process.
async fn with_server<T: Send + 'static>(shell: impl FnOnce(PathBuf) -> T + Send + 'static) -> T {
    let folder = tempfile::tempdir().unwrap();
    let socket = AdminSocket::open(&folder.path().join(SOCKET_FILE)).unwrap();
    let serving = tokio::spawn(socket.attend(Arc::new(reception())));
    let path = folder.path().to_owned();
    let result = tokio::task::spawn_blocking(move || shell(path))
        .await
        .unwrap();
    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    assert!(
        !folder.path().join(SOCKET_FILE).exists(),
        "the socket is put away"
    );
    result
}

fn raw(folder: &Path, line: &[u8]) -> String {
    let stream = UnixStream::connect(folder.join(SOCKET_FILE)).unwrap();
    (&stream).write_all(line).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn the_vendor_is_founded_once_and_its_link_leads_to_the_stored_hash() {
    with_server(|folder| {
        let init = Request::Init { vendor: "  Acme \t".to_owned() };
        let Response::Invited(invited) = call(&folder, &init).unwrap() else {
            panic!("no invitation");
        };
        assert_eq!(invited.until, NOW + WEEK);
        let link: InviteLink = invited.link.parse().unwrap();
        assert_eq!(link.server, Hash([9; 32]));
        let Response::Invitations(rows) = call(&folder, &Request::InviteList { org: None }).unwrap() else {
            panic!("no list");
        };
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].code, invitation_code(&link.code.0));
        assert_eq!(rows[0].role, Role::Admin);
        let Response::Orgs(rows) = call(&folder, &Request::OrgList).unwrap() else {
            panic!("no list");
        };
        assert_eq!(rows[0].name.as_ref().unwrap().as_str(), "Acme");
        let again = call(&folder, &init).unwrap();
        assert!(matches!(&again, Response::Trouble(Trouble::Refused(refusal)) if refusal.code == "already"), "{again:?}");
    })
    .await;
}

#[test]
fn an_invitation_s_link_is_mailed_at_once_or_the_operator_is_told_that_it_was_not() {
    let reception = reception();
    let org = reception
        .office
        .enter(&TextKind::Name.parse("Alder").unwrap(), OrgKind::Partner);
    let invite = |mail: &str| {
        reception.answer(Request::Invite {
            org,
            role: Role::Admin,
            alliance: false,
            mail: Some(mail.to_owned()),
        })
    };
    let Response::Invited(invited) = invite("ana@alder.example") else {
        panic!("no invitation");
    };
    let link = invited.link.clone();
    let until = invited.until;
    assert_eq!((invited.mailed, &invited.trouble), (Some(true), &None));
    let sent = ("ana@alder.example".to_owned(), Mailed::Link { link, until });
    assert_eq!(*reception.office.mails.lock().unwrap(), [sent]);
    let response = invite("ana@down.example");
    assert!(talk(&response).contains("not mailed (the mail server is not reached)"));
    let before = reception.office.codes.lock().unwrap().len();
    assert!(matches!(
        invite("Ana"),
        Response::Trouble(Trouble::Refused(_))
    ));
    let after = reception.office.codes.lock().unwrap().len();
    assert_eq!(before, after, "no address, no invitation");
}

#[tokio::test]
async fn a_rules_no_and_a_line_that_is_no_request_are_answered_and_the_socket_lives_on() {
    with_server(|folder| {
        let nobody = Request::OrgSuspend {
            org: OrgId::from_bits([7; 16]),
            on: true,
        };
        assert!(matches!(
            call(&folder, &nobody).unwrap(),
            Response::Trouble(Trouble::Refused(_))
        ));
        let nameless = Request::OrgCreate {
            name: " \u{200b} ".to_owned(),
        };
        assert!(matches!(
            call(&folder, &nameless).unwrap(),
            Response::Trouble(Trouble::Refused(_))
        ));
        for line in [
            &b"\n"[..],
            b"{}\n",
            b"\"status\n",
            b"\xff\xfe\n",
            b"{\"org_list\":{\"x\":1}}\n",
            b"\"drop\"\n",
        ] {
            assert!(
                raw(&folder, line).contains("this is no request"),
                "{line:?}"
            );
        }
        let long = vec![b'x'; 64 * 1024];
        assert!(raw(&folder, &long).contains("at most 65536 bytes"));
        let mistake = call(&folder, &Request::Verify).unwrap();
        assert!(matches!(mistake, Response::Trouble(Trouble::Failed(_))));
        assert!(matches!(
            call(&folder, &Request::Status).unwrap(),
            Response::Condition(_)
        ));
    })
    .await;
}

#[tokio::test]
async fn the_socket_is_its_owners_only_and_one_server_has_it() {
    with_server(|folder| {
        let path = folder.join(SOCKET_FILE);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(
            AdminSocket::open(&path),
            Err(SocketError::Running(_))
        ));
        assert!(matches!(
            call(&folder, &Request::Status).unwrap(),
            Response::Condition(_)
        ));
    })
    .await;
}

#[tokio::test]
async fn what_a_killed_server_left_is_put_away_and_an_absent_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(SOCKET_FILE);
    assert!(matches!(
        call(folder.path(), &Request::Status),
        Err(CallError::NotRunning(_))
    ));
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    assert!(matches!(
        call(folder.path(), &Request::Status),
        Err(CallError::NotRunning(_))
    ));
    AdminSocket::open(&path).unwrap();
}

#[test]
fn every_request_and_response_reads_back() {
    let (org, member) = (OrgId::from_bits([1; 16]), MemberId::from_bits([2; 16]));
    for request in [
        Request::Status,
        Request::Init {
            vendor: "A".to_owned(),
        },
        Request::OrgCreate {
            name: "B".to_owned(),
        },
        Request::OrgList,
        Request::OrgSuspend { org, on: true },
        Request::Invite {
            org,
            role: Role::Rep,
            alliance: false,
            mail: Some("ana@alder.example".to_owned()),
        },
        Request::NoticesStatus,
        Request::NoticesTest {
            address: "ana@alder.example".to_owned(),
        },
        Request::InviteList { org: Some(org) },
        Request::InviteCancel {
            org,
            code: Hash([3; 32]),
        },
        Request::MemberList { org },
        Request::MemberSuspend { member, on: false },
        Request::MemberRemove { member },
        Request::MemberRole {
            member,
            role: Role::Lead,
        },
        Request::DeviceList {
            of: Holder::Member(member),
        },
        Request::DeviceRevoke {
            device: DeviceId::from_bits([4; 16]),
        },
        Request::ImportOrgs(ImportOrder {
            file: "/srv/partners.csv".to_owned(),
            columns: vec!["organization=name".to_owned()],
            values: vec!["partner_type.member=none".to_owned()],
            truncate: true,
            dry: false,
        }),
        Request::Verify,
    ] {
        let text = serde_json::to_string(&request).unwrap();
        assert!(!text.contains('\n'));
        assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
    }
    let response = reception().answer(Request::Init {
        vendor: "Acme".to_owned(),
    });
    let text = serde_json::to_string(&response).unwrap();
    assert_eq!(serde_json::from_str::<Response>(&text).unwrap(), response);
}
