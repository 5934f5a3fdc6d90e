//! A server's identity key is replaced: the same server to all who know it, and no way back for whoever has the old one.

use crate::town::{PATIENCE, Person, Town, join};
use rialto::{
    account::Home,
    client::{Client, ClientError},
    link::{Joiner, LinkState, News},
    route::Route,
};
use rialto_server::{admin::Response, config::TlsMode};
use rialto_shared::standing::Role;
use tokio::time::timeout;

/// What connecting to an account comes to, in words where it is no.
async fn connects(home: &tempfile::TempDir) -> Result<(), String> {
    let account = Home::at(home.path()).open(None).unwrap();
    match Client::connect(account).await {
        Ok(client) => {
            client.close().unwrap();
            Ok(())
        }
        Err(ClientError::Offline(why)) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn clients_follow_a_new_key_say_so_once_and_never_go_back() {
    let mut town = Town::open(TlsMode::Own).await;
    let link = town.organisation("Northwind", true);
    let home = tempfile::tempdir().unwrap();
    join(&home, &link, "Tom").await;
    let mut tom = Person::open(home, "Tom").await;
    let waiting = tom.invite(Role::Rep, false).await;
    let home = tom.leave();
    town.stop().await;
    let file = town.identity_file();
    let first = std::fs::read(&file).unwrap();
    town.rotate();
    town.rotate();
    let second = std::fs::read(&file).unwrap();
    town.start().await;
    // Said once, when it is first seen; then it is what is known.
    for said in [true, false] {
        let account = Home::at(home.path()).open(None).unwrap();
        let (link, mut news) = rialto::link::Link::start(&account);
        let mut rotated = false;
        loop {
            match timeout(PATIENCE, news.recv()).await.unwrap().unwrap() {
                News::Rotated => rotated = true,
                News::State(LinkState::Live { .. }) => break,
                News::State(LinkState::Connecting) => {}
                other @ (News::State(_) | News::Frame(_)) => panic!("{other:?}"),
            }
        }
        assert_eq!(rotated, said);
        drop(link);
    }
    // An invitation from before names the same server.
    let mia = Person::join(&waiting, "Mia").await;
    assert_eq!(mia.client.console().account().about.server, link.server);
    drop(mia);
    town.stop().await;
    // What was thrown away, or copied: the server of the link, and not the one that is known.
    std::fs::write(&file, &first).unwrap();
    town.read_identity();
    town.start().await;
    let why = connects(&home).await.unwrap_err();
    assert!(why.contains("a key that it had replaced"), "{why}");
    town.stop().await;
    // Another successor of the old key, however often that is replaced.
    for _ in 0..3 {
        town.rotate();
    }
    town.start().await;
    let why = connects(&home).await.unwrap_err();
    assert!(why.contains("another new one than is known here"), "{why}");
    // Whoever has nothing but the link cannot know.
    assert!(Joiner::ask(&link, Route::default()).await.is_ok());
    town.stop().await;
    std::fs::write(&file, &second).unwrap();
    town.rotate();
    town.start().await;
    connects(&home).await.unwrap();
    let verified = town.operate(rialto_server::admin::Request::Verify);
    assert!(matches!(verified, Response::Verdict(verdict) if verdict.faults.is_empty()));
    town.stop().await;
}
