//! Links against a real socket: whom a link trusts, and what it says to whom it does not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{
    Distrust, Endpoint, JoinError, Joiner, Link, LinkError, LinkState, News, Order, Proof, Sight,
    fake::{Fake, Peer},
    socket::{Socket, may_reach},
};
use crate::{account::Home, request, route::Route, sample};
use rialto_shared::{
    command::Command,
    id::Hash,
    protocol::{Binding, Down, InviteCode, InviteLink, Transport, Up, VERSION, challenge_preimage},
    rejection::{Refusal, Rejection},
    room::org::{self, device_of, invitation_key},
    standing::Role,
    statement::{Certificate, Use, public_key, sign, verify_chain},
    text::TextKind,
};
use tokio::sync::mpsc::Receiver;

/// Everything that the other end says until it is gone.
async fn rest(mut peer: Peer) -> Vec<Up> {
    while peer.up().await.is_some() {}
    peer.heard
}

/// What opening a link comes to, when the server answers the hello with this.
async fn judged(fake: &Fake, key: u8, server: Hash, binding: Binding) -> (LinkError, Vec<Up>) {
    let endpoint = fake.endpoint();
    let client = async {
        let mut socket = Socket::open(&endpoint).await.unwrap();
        socket.prove(&endpoint).await.unwrap_err()
    };
    let other = async {
        let mut peer = fake.accept().await;
        let key = sample::key(key);
        peer.prove(&key, server, binding).await;
        rest(peer).await
    };
    tokio::join!(client, other)
}

#[tokio::test]
async fn another_server_than_the_pinned_one_hears_nothing_but_a_random_number() {
    let fake = Fake::plain().await;
    let stranger = rialto_shared::protocol::server_id(public_key(&sample::key(7)));
    let (error, heard) = judged(&fake, 7, stranger, Binding::Plain).await;
    assert!(matches!(error, LinkError::Distrust(Distrust::Server)));
    assert!(matches!(heard.as_slice(), [Up::Hello { .. }]), "{heard:?}");
}

#[tokio::test]
async fn a_server_that_claims_the_pinned_id_with_another_key_is_refused() {
    let fake = Fake::plain().await;
    let (error, heard) = judged(&fake, 7, fake.server(), Binding::Plain).await;
    assert!(matches!(error, LinkError::Distrust(Distrust::Key)));
    assert_eq!(heard.len(), 1);
}

#[tokio::test]
async fn a_proof_for_another_certificate_is_refused_and_the_right_one_taken() {
    let fake = Fake::tls().await;
    let other = Binding::Tls(Hash::plain(b"another certificate"));
    let (error, heard) = judged(&fake, 200, fake.server(), other).await;
    assert!(matches!(error, LinkError::Distrust(Distrust::Certificate)));
    assert_eq!(heard.len(), 1);
    for wrong in [Binding::Plain, Binding::BehindProxy] {
        let (error, _) = judged(&fake, 200, fake.server(), wrong).await;
        assert!(matches!(
            error,
            LinkError::Distrust(Distrust::Binding { .. })
        ));
    }
    let endpoint = fake.endpoint();
    let client = async {
        let mut socket = Socket::open(&endpoint).await.unwrap();
        socket.prove(&endpoint).await.map(|_| ())
    };
    let server = async {
        let mut peer = fake.accept().await;
        peer.prove(&fake.key, fake.server(), fake.binding()).await;
        peer
    };
    let (proven, _peer) = tokio::join!(client, server);
    assert!(proven.is_ok());
}

/// What a challenge signed by this key, over this nonce, for this binding, comes to.
fn challenged(
    transport: Transport,
    binding: Binding,
    signer: u8,
    nonce: Hash,
    version: u16,
) -> Result<(), Distrust> {
    let key = public_key(&sample::key(200));
    let endpoint = Endpoint {
        transport,
        host: "localhost".to_owned(),
        port: 1,
        server: sample::server(),
        route: Route::default(),
        known: None,
    };
    let sight = Sight {
        certificate: (transport != Transport::Plain).then(|| Hash::plain(b"certificate")),
        loopback: true,
    };
    let server_nonce = Hash([3; 32]);
    let preimage = challenge_preimage(nonce, server_nonce, endpoint.server, binding);
    let challenge = Down::Challenge {
        version,
        server: endpoint.server,
        key,
        rotations: vec![],
        nonce: server_nonce,
        binding,
        signature: sign(&sample::key(signer), &preimage.0),
    };
    Proof::judge(&endpoint, sight, Hash([1; 32]), &challenge)
        .unwrap()
        .map(|_| ())
}

#[test]
fn a_challenge_holds_for_this_connection_alone() {
    let plain = |signer, nonce, version| {
        challenged(Transport::Plain, Binding::Plain, signer, nonce, version)
    };
    let ours = Hash([1; 32]);
    assert_eq!(plain(200, ours, VERSION), Ok(()));
    assert_eq!(plain(7, ours, VERSION), Err(Distrust::Signature));
    assert_eq!(
        plain(200, Hash([2; 32]), VERSION),
        Err(Distrust::Signature),
        "an answer to somebody else's number"
    );
    assert_eq!(plain(200, ours, 9), Err(Distrust::Version(9)));
    let proxied = |transport| challenged(transport, Binding::BehindProxy, 200, ours, VERSION);
    assert_eq!(proxied(Transport::Proxy), Ok(()));
    for transport in [Transport::Tls, Transport::Plain] {
        assert!(matches!(proxied(transport), Err(Distrust::Binding { .. })));
    }
}

#[test]
fn without_tls_only_this_machine_is_reached() {
    for (address, reached) in [
        ("127.0.0.1", true),
        ("::1", true),
        ("::ffff:127.0.0.1", true),
        ("192.0.2.1", false),
        ("10.0.0.1", false),
        ("fe80::1", false),
    ] {
        let address = address.parse().unwrap();
        assert_eq!(may_reach(Transport::Plain, address), reached, "{address}");
        assert!(may_reach(Transport::Tls, address));
    }
}

async fn state(news: &mut Receiver<News>) -> LinkState {
    loop {
        if let News::State(state) = news.recv().await.unwrap() {
            return state;
        }
    }
}

#[tokio::test]
async fn a_link_comes_back_by_itself_and_drops_orders_for_the_connection_that_was() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::plain().await;
    let (link, mut news) = Link::start(&fake.account(folder.path()));
    let first = async {
        let mut peer = fake.accept().await;
        peer.prove(&fake.key, fake.server(), fake.binding()).await;
        peer.up().await.unwrap();
        peer.down(&sample::welcome(1)).await;
    };
    let watch = async {
        assert_eq!(state(&mut news).await, LinkState::Connecting);
        assert_eq!(state(&mut news).await, LinkState::Live { connection: 1 });
        assert!(matches!(state(&mut news).await, LinkState::Down { .. }));
        link.order(Order::Send {
            connection: 1,
            frame: Box::new(Up::Ping { id: 77 }),
        })
        .unwrap();
        link.order(Order::Reconnect).unwrap();
        assert_eq!(state(&mut news).await, LinkState::Connecting);
    };
    tokio::join!(first, watch);
    let mut peer = fake.accept().await;
    peer.prove(&fake.key, fake.server(), fake.binding()).await;
    assert!(matches!(peer.up().await, Some(Up::Login { .. })));
    peer.down(&sample::welcome(1)).await;
    assert_eq!(state(&mut news).await, LinkState::Live { connection: 2 });
    link.order(Order::Send {
        connection: 2,
        frame: Box::new(Up::Ping { id: 78 }),
    })
    .unwrap();
    assert_eq!(peer.up().await, Some(Up::Ping { id: 78 }));
}

#[tokio::test]
async fn a_refused_login_is_not_tried_again_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::plain().await;
    let (_link, mut news) = Link::start(&fake.account(folder.path()));
    let mut peer = fake.accept().await;
    peer.prove(&fake.key, fake.server(), fake.binding()).await;
    peer.up().await.unwrap();
    peer.down(&Down::Error {
        id: None,
        error: Refusal::from(&Rejection::Unsigned(
            "this device may not log in here".to_owned(),
        )),
        fatal: true,
    })
    .await;
    assert_eq!(state(&mut news).await, LinkState::Connecting);
    let LinkState::Refused { why, shut: true } = state(&mut news).await else {
        panic!("refused for good");
    };
    assert!(why.contains("may not log in here"), "{why}");
}

fn invitation(fake: &Fake) -> InviteLink {
    let endpoint = fake.endpoint();
    InviteLink {
        transport: Transport::Plain,
        host: endpoint.host,
        port: endpoint.port,
        code: InviteCode([42; 16]),
        server: endpoint.server,
    }
}

fn offer(chain: Vec<Certificate>, claimed: bool) -> Down {
    Down::Invitation {
        person: None,
        org: sample::org(1),
        org_name: Some(TextKind::Name.parse("Northwind").unwrap()),
        role: Role::Admin,
        chain,
        claimed,
        renews: false,
    }
}

/// A server that offers this and takes whoever joins; gives back what they joined with.
async fn take_in(fake: &Fake, offer: Down) -> org::Command {
    let mut peer = fake.accept().await;
    peer.prove(&fake.key, fake.server(), fake.binding()).await;
    let Some(Up::Invitation { code }) = peer.up().await else {
        panic!("asks what the invitation is to");
    };
    assert_eq!(code.parse::<InviteCode>().unwrap(), InviteCode([42; 16]));
    peer.down(&offer).await;
    let Some(Up::Join { facts, texts, .. }) = peer.up().await else {
        panic!("joins");
    };
    peer.down(&sample::welcome(1)).await;
    let Command::Org(command) = Command::read(&facts, texts).unwrap().what else {
        panic!("judged by the organisation's room");
    };
    command
}

async fn joined(fake: &Fake, home: &Home, offer: Down) -> (super::Joined, org::Command) {
    let link = invitation(fake);
    let client = async {
        let joiner = Joiner::ask(&link, Route::default()).await.unwrap();
        let joining = home.joining(&link).unwrap();
        let name = request::text("name", TextKind::Name, "Ann").unwrap();
        let joined = joiner.join(&joining, name).await.unwrap();
        home.settle(joining, "ann", joined.about.clone(), joined.claimed)
            .unwrap();
        joined
    };
    tokio::join!(client, take_in(fake, offer))
}

#[tokio::test]
async fn whoever_joins_an_unclaimed_organisation_claims_it_with_a_root_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    let fake = Fake::plain().await;
    let (joined, command) = joined(&fake, &home, offer(vec![], false)).await;
    let account = home.open(None).unwrap();
    let org::Command::Join {
        key, chain, root, ..
    } = command
    else {
        panic!("a join");
    };
    assert!(joined.claimed);
    assert_eq!(root, Some(account.root.as_ref().unwrap().public()));
    let holder = verify_chain(&chain, fake.server(), sample::org(1), root.unwrap());
    assert_eq!(holder, Ok(key));
    assert_eq!(key, account.key.public());
    assert!(account.certifier().is_some());
}

#[tokio::test]
async fn whoever_joins_a_claimed_one_certifies_their_device_with_the_invitations_key() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    let fake = Fake::plain().await;
    let root = sample::key(3);
    let code = public_key(&invitation_key(&[42; 16]));
    let link = Certificate::issue(&root, fake.server(), sample::org(1), code, Use::InviteAdmin);
    let (joined, command) = joined(&fake, &home, offer(vec![link], true)).await;
    let org::Command::Join {
        key,
        chain,
        root: none,
        ..
    } = command
    else {
        panic!("a join");
    };
    assert!(!joined.claimed && none.is_none());
    let holder = verify_chain(&chain, fake.server(), sample::org(1), public_key(&root));
    assert_eq!(holder, Ok(key));
    let account = home.open(None).unwrap();
    assert!(account.root.is_none());
    assert_eq!(account.about.chain.len(), 2);
}

#[tokio::test]
async fn joining_again_after_a_lost_answer_logs_in_with_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    let fake = Fake::plain().await;
    let link = invitation(&fake);
    let first = home.joining(&link).unwrap();
    assert!(!first.again);
    let key = first.key.public();
    drop(first);
    let gone = Down::Error {
        id: None,
        error: Refusal::from(&Rejection::Revoked),
        fatal: false,
    };
    let client = async {
        let joiner = Joiner::ask(&link, Route::default()).await.unwrap();
        let joining = home.joining(&link).unwrap();
        assert!(joining.again && joining.key.public() == key);
        let name = request::text("name", TextKind::Name, "Ann").unwrap();
        joiner.join(&joining, name).await
    };
    let server = async {
        let mut peer = fake.accept().await;
        peer.prove(&fake.key, fake.server(), fake.binding()).await;
        peer.up().await.unwrap();
        peer.down(&gone).await;
        let mut again = fake.accept().await;
        again.prove(&fake.key, fake.server(), fake.binding()).await;
        let Some(Up::Login { device, .. }) = again.up().await else {
            panic!("logs in");
        };
        assert_eq!(device, device_of(key));
        again.down(&sample::welcome(1)).await;
    };
    let (joined, ()) = tokio::join!(client, server);
    assert_eq!(joined.unwrap().about.member, sample::member(1));
}

#[tokio::test]
async fn an_invitation_that_is_used_up_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(&folder.path().join("rialto"));
    let fake = Fake::plain().await;
    let link = invitation(&fake);
    let client = async {
        let joiner = Joiner::ask(&link, Route::default()).await.unwrap();
        let joining = home.joining(&link).unwrap();
        let name = request::text("name", TextKind::Name, "Ann").unwrap();
        joiner.join(&joining, name).await.unwrap_err()
    };
    let server = async {
        let mut peer = fake.accept().await;
        peer.prove(&fake.key, fake.server(), fake.binding()).await;
        peer.up().await.unwrap();
        peer.down(&Down::Error {
            id: None,
            error: Refusal::from(&Rejection::Revoked),
            fatal: false,
        })
        .await;
        rest(peer).await
    };
    let (error, heard) = tokio::join!(client, server);
    assert!(matches!(error, JoinError::Refused(refusal) if refusal.code == "invitation.revoked"));
    assert_eq!(heard.len(), 2, "the code and nothing more: {heard:?}");
}
