//! From a link to the Inbox on a company's laptop: the built binary in a terminal, with nothing but a proxy to the world.

use super::proxy::{HOST, Proxy};
use crate::{journeys::demo::Seen, town::Town};
use rialto_server::config::{Config, TlsMode};
use std::{
    path::Path,
    process::{Command, Output},
    sync::atomic::Ordering,
    time::Instant,
};
use tokio::task::spawn_blocking;

async fn town() -> Town {
    let named = |config: &mut Config| config.public_host = HOST.parse().ok();
    Town::set_up(TlsMode::Own, named).await
}

/// The built binary, with no more of an environment than this.
fn rialto(home: &Path, words: &[&str], environment: &[(&str, &str)]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().unwrap().parent().unwrap().join("rialto");
    let mut command = Command::new(binary);
    command.env_clear().env("RIALTO_HOME", home);
    command.args(words).envs(environment.iter().copied());
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What somebody types, counted.
struct Typist {
    seen: Seen,
    inputs: u32,
}

impl Typist {
    fn line(&mut self, words: &str) {
        self.inputs += 1;
        self.seen.press(&format!("{words}\r"));
    }
}

#[tokio::test]
async fn from_a_link_to_the_inbox_through_a_proxy_in_one_command_and_two_inputs() {
    let mut town = town().await;
    let link = town.organisation("Northwind", true).to_string();
    assert!(link.starts_with(&format!("https://{HOST}:")), "{link}");
    let proxy = Proxy::carrying(town.address(), Some("tom:pa55")).await;
    let (url, home) = (proxy.url("tom:pa55@"), tempfile::tempdir().unwrap());
    let folder = home.path().to_owned();
    let (commands, inputs) = spawn_blocking(move || {
        let from = Instant::now();
        let environment = [
            ("HTTPS_PROXY", url.as_str()),
            ("RIALTO_HOME", folder.to_str().unwrap()),
        ];
        // Nothing but the name of the program: it asks for the rest.
        let seen = Seen::start(&[], &environment);
        let mut typist = Typist { seen, inputs: 0 };
        typist.seen.sees("Your invitation's link?");
        typist.line(&link);
        typist.seen.sees("you are invited to Northwind");
        typist.seen.sees("Your name, as others will see it?");
        typist.line("Tom Becker");
        typist.seen.sees("[1 Inbox");
        typist.seen.sees("Tom Becker");
        println!(
            "from the link to the Inbox, through a proxy: 1 command, {} inputs, {:.1} s",
            typist.inputs,
            from.elapsed().as_secs_f64()
        );
        typist.seen.press("\u{11}");
        assert!(typist.seen.ended().success());
        (1, typist.inputs)
    })
    .await
    .unwrap();
    assert!(commands <= 3 && inputs <= 12);
    // The name in the link leads nowhere but through the proxy; and what went through it is not little.
    assert!(proxy.tunnels.load(Ordering::Relaxed) >= 2);
    let [up, down] = [0, 1].map(|way| proxy.carried[way].load(Ordering::Relaxed));
    assert!(up > 1_000 && down > 1_000, "{up} up, {down} down");
    town.stop().await;
}

#[tokio::test]
async fn a_proxy_is_remembered_only_where_that_is_asked_and_each_no_is_said() {
    let mut town = town().await;
    let link = town.organisation("Northwind", true).to_string();
    let proxy = Proxy::carrying(town.address(), Some("tom:pa55")).await;
    let (right, wrong, bare) = (proxy.url("tom:pa55@"), proxy.url("tom:no@"), proxy.url(""));
    spawn_blocking(move || {
        let home = tempfile::tempdir().unwrap();
        let join = ["join", link.as_str(), "--name", "Tom"];
        let run = |words: &[&str], environment: &[(&str, &str)]| {
            let output = rialto(home.path(), words, environment);
            (output.status.code(), stderr(&output))
        };
        for (url, words) in [
            (bare.as_str(), "wants a name and a password (407)"),
            (
                wrong.as_str(),
                "does not take the name and password in its address (407)",
            ),
            ("http://127.0.0.1:1", "cannot be reached"),
            (
                "socks5://127.0.0.1:1",
                "HTTPS_PROXY: a proxy of the sort \"socks5\"",
            ),
        ] {
            let (code, said) = run(&join, &[("HTTPS_PROXY", url)]);
            assert!(said.contains(words) && !said.contains("tom:no"), "{said}");
            assert!(matches!(code, Some(2 | 3)), "{code:?}");
        }
        let (code, said) = run(&join, &[("https_proxy", right.as_str())]);
        assert_eq!(code, Some(0), "{said}");
        let rooms = |words: &[&str], environment: &[(&str, &str)]| {
            run(&[&["doctor"], words].concat(), environment).0
        };
        // It was in the environment once, and is forgotten with it.
        assert_ne!(rooms(&[], &[]), Some(0));
        assert_ne!(
            rooms(
                &[],
                &[
                    ("HTTPS_PROXY", right.as_str()),
                    ("NO_PROXY", ".northwind.test")
                ]
            ),
            Some(0)
        );
        let by_words = ["--proxy", right.as_str()];
        run(&[&["rooms"], &by_words[..]].concat(), &[]);
        let kept = || {
            let folder = home.path().join("accounts").join(HOST).join("account.json");
            std::fs::read_to_string(folder).unwrap().contains("pa55")
        };
        assert!(!kept());
        let (code, said) = run(&[&["rooms", "--remember"], &by_words[..]].concat(), &[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(kept());
        let (code, said) = run(&["rooms"], &[]);
        assert_eq!(code, Some(0), "{said}");
        run(&["rooms", "--proxy", "none", "--remember"], &[]);
        assert!(!kept());
    })
    .await
    .unwrap();
    town.stop().await;
}

#[tokio::test]
async fn a_proxy_that_inspects_is_refused_in_a_sentence_and_hears_nothing_of_the_invitation() {
    let mut town = town().await;
    let link = town.organisation("Northwind", true);
    let proxy = Proxy::inspecting(town.address()).await;
    let (url, printed) = (proxy.url(""), link.to_string());
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, proxy.authority.as_ref().unwrap()).unwrap();
    let home = folder.path().join("home");
    spawn_blocking(move || {
        let store = authority.to_str().unwrap();
        // Also where the company's authority is in the laptop's trust store: it is not the server.
        for (more, environment) in [
            (vec![], vec![]),
            (vec!["--trust", "system"], vec![("SSL_CERT_FILE", store)]),
        ] {
            let join = ["join", &printed, "--name", "Tom", "--proxy", &url];
            let words = [join.to_vec(), more].concat();
            let output = rialto(&home, &words, &environment);
            assert_eq!(output.status.code(), Some(5), "{output:?}");
            let said = stderr(&output);
            assert!(said.contains("somebody is in between"), "{said}");
            assert!(
                said.contains("nothing was sent through it, no invitation either"),
                "{said}"
            );
        }
        assert!(!home.join("accounts").exists() && !home.join("joining").exists());
    })
    .await
    .unwrap();
    let heard = proxy.heard();
    assert!(
        heard.contains("GET / HTTP/1.1") && heard.contains("\"hello\""),
        "{heard}"
    );
    assert!(!heard.contains(&link.code.to_string()), "{heard}");
    assert!(
        !heard.contains("\"invitation\"") && !heard.contains("\"login\""),
        "{heard}"
    );
    town.stop().await;
}

#[tokio::test]
async fn where_asked_the_systems_trust_store_has_to_vouch_for_the_certificate_too() {
    let mut town = town().await;
    let links = [
        town.organisation("Northwind", true),
        town.organisation("Alder", false),
    ];
    let proxy = Proxy::carrying(town.address(), None).await;
    let stranger = Proxy::inspecting(town.address()).await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    std::fs::write(&other, stranger.authority.as_ref().unwrap()).unwrap();
    let own = town.certificate();
    let (url, path) = (proxy.url(""), folder.path().to_owned());
    spawn_blocking(move || {
        let printed = links.map(|link| link.to_string());
        let join = |home: &str, link: &str, store: &Path, trust: &str| {
            let words = [
                "join", link, "--name", "Tom", "--proxy", &url, "--trust", trust,
            ];
            let store = [("SSL_CERT_FILE", store.to_str().unwrap())];
            let output = rialto(&path.join(home), &words, &store);
            (output.status.code(), stderr(&output))
        };
        let (code, said) = join("a", &printed[0], &other, "system");
        assert_eq!(code, Some(5), "{said}");
        assert!(
            said.contains("this system's trust store does not vouch"),
            "{said}"
        );
        let (code, said) = join("a", &printed[0], &own, "system");
        assert_eq!(code, Some(0), "{said}");
        let (code, said) = join("b", &printed[1], &other, "pinned");
        assert_eq!(code, Some(0), "{said}");
    })
    .await
    .unwrap();
    town.stop().await;
}
