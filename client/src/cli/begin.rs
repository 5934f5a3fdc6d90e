//! Beginning: joining, who one is, and what works.

use super::{
    Context,
    args::Verb,
    exit::{Exit, Failure},
    output,
};
use crate::{
    account::{Account, Joining, keep_known},
    client::{Client, ClientError},
    console::now,
    link::{Joined, Joiner, Offer},
    request,
};
use rialto_shared::{
    entry::SaltedText,
    id::RoomId,
    protocol::{InviteLink, Transport},
    room::State,
    text::TextKind,
};
use serde_json::json;

/// How often a person is asked for a name that can be one.
const ASKED_MAX: usize = 3;

/// Joining, where there is no account yet and somebody at a terminal has a link.
pub(super) fn first_verb(context: &Context) -> Option<Verb> {
    if !context.output.watched() || context.home.accounts().is_ok_and(|known| !known.is_empty()) {
        return None;
    }
    let link = output::ask("There is no account yet. Your invitation's link?")?;
    Some(Verb::Join { link, name: None })
}

pub(super) async fn join(
    context: &Context,
    link: &str,
    name: Option<String>,
) -> Result<Account, Failure> {
    let link: InviteLink = link
        .parse()
        .map_err(|error| Failure::new(Exit::Usage, format!("{error}")))?;
    let account = match &context.account {
        Some(name) => name.clone(),
        None => context.home.free_name(&link.host)?,
    };
    let route = context.way.to(&link.host, None)?;
    if let Some(proxy) = &route.proxy {
        context.output.talk(&format!(
            "going through the proxy {proxy}, which sees where to and nothing of what is said"
        ));
    }
    if let Some(joining) = context.home.joining_again(&link)?
        && let Some(joined) = Joiner::again(&link, route.clone(), &joining).await?
    {
        return settle(context, &account, joining, joined).await;
    }
    let joiner = Joiner::ask(&link, route).await?;
    context.output.talk(match link.transport {
        Transport::Tls => "the server is the one that invited you; the connection is bound to it",
        Transport::Proxy => "the server is the one that invited you, behind a proxy that it trusts",
        Transport::Plain => "the server is the one that invited you, on this machine, without TLS",
    });
    let name = named(context, joiner.offer.as_ref().ok(), name)?;
    let joining = context.home.joining(&link)?;
    let joined = joiner.join(&joining, name).await?;
    settle(context, &account, joining, joined).await
}

/// Makes the account, and has who one is and one's rooms on this machine.
async fn settle(
    context: &Context,
    account: &str,
    joining: Joining,
    joined: Joined,
) -> Result<Account, Failure> {
    let mut account = context
        .home
        .settle(joining, account, joined.about, joined.claimed)?;
    context.way.lead(&mut account)?;
    if joined.known.rotations > 0 {
        keep_known(&account.dir, joined.known)?;
        account.known = Some(joined.known);
    }
    context.output.talk(&format!(
        "your key is in {}, readable by you alone",
        account.dir.display()
    ));
    // Who one is, and one's rooms, are here from now on, also where the server is not.
    match Client::connect(account.clone()).await {
        Ok(client) => client.close()?,
        Err(error) => context
            .output
            .talk(&format!("joined, and not connected yet: {error}")),
    }
    context.output.data(
        &json!({
            "account": account.name, "server": account.about.server, "server_name": joined.server_name,
            "member": account.about.member, "org": account.about.org, "device": account.about.device,
            "claimed": joined.claimed,
        }),
        &format!("joined {} as account {}", joined.server_name, account.name),
    )?;
    Ok(account)
}

/// Says what the link is to, and what whoever comes in by it is called: the person, or one more device of theirs. Asked for
/// where it was not given and somebody is there to answer, again where it cannot be one.
fn named(
    context: &Context,
    offer: Option<&Offer>,
    given: Option<String>,
) -> Result<SaltedText, Failure> {
    if let Some(offer) = offer {
        let org = offer.org_name.as_ref();
        let org = org.map_or("an organisation", |name| name.as_str());
        let claims = if offer.claims {
            ", which nobody has claimed: its root key will be made here"
        } else if offer.renews {
            ": its keys are new from then on, and you certify the devices of its people anew"
        } else {
            ""
        };
        context.output.talk(&match &offer.person {
            Some(person) => format!("this is to be one more device of {person} ({org})"),
            None => format!("you are invited to {org} as {}{claims}", offer.role),
        });
    }
    if let Some(given) = given {
        return Ok(request::text("name", TextKind::Name, &given)?);
    }
    let (question, usage) = if offer.is_some_and(|offer| offer.person.is_some()) {
        (
            "What is this device called?",
            "pass --name NAME: what this device is called in your list of devices",
        )
    } else {
        (
            "Your name, as others will see it?",
            "pass --name NAME: others will see it",
        )
    };
    for _ in 0..ASKED_MAX {
        let Some(answer) = output::ask(question) else {
            break;
        };
        match request::text("name", TextKind::Name, &answer) {
            Ok(name) => return Ok(name),
            Err(error) => context.output.talk(&error.to_string()),
        }
    }
    Err(Failure::new(Exit::Usage, usage))
}

pub(super) fn whoami(context: &Context) -> Result<(), Failure> {
    let console = context.console()?;
    let about = &console.account().about;
    let replica = console.replica();
    let me = replica.me.as_ref();
    // The server's own words at the last login; cards may be forgotten, this is not.
    let card = me.and_then(|me| me.standing.member.name.as_ref());
    let name = card.map_or_else(
        || replica.person_name(about.member),
        |name| name.text.to_string(),
    );
    let card = me.and_then(|me| me.standing.org.name.as_ref());
    let org = card.map_or_else(|| replica.org_name(about.org), |name| name.text.to_string());
    let role = me.map(|me| me.standing.member.role);
    let role_words = role.map_or_else(String::new, |role| format!(", {role}"));
    context.output.data(
        &json!({
            "account": console.account().name, "server": about.server, "host": about.host,
            "port": about.port, "transport": about.transport, "member": about.member, "org": about.org,
            "device": about.device, "name": name, "org_name": org, "role": role,
            "alliance": me.is_some_and(|me| me.standing.member.alliance),
            "certified": !about.chain.is_empty(), "unsent": console.unanswered(),
        }),
        &format!(
            "{name} ({org}{role_words}), {} on {}:{}, account {}, device {}",
            about.member,
            about.host,
            about.port,
            console.account().name,
            about.device
        ),
    )
}

/// One thing that doctor looked at.
struct Finding {
    what: &'static str,
    good: bool,
    words: String,
}

pub(super) async fn doctor(context: &Context) -> Result<(), Failure> {
    let finding = |what, good, words: String| Finding { what, good, words };
    let mut findings = vec![finding(
        "home",
        true,
        context.home.path().display().to_string(),
    )];
    match context.account() {
        Ok(account) => {
            findings.push(finding("account", true, account.name.clone()));
            reach(account, &mut findings).await;
        }
        Err(failure) => findings.push(finding("account", false, failure.words)),
    }
    let term = std::env::var("TERM").unwrap_or_default();
    let plain: String = term
        .chars()
        .filter(char::is_ascii_graphic)
        .take(40)
        .collect();
    findings.push(finding(
        "terminal",
        !plain.is_empty() && plain != "dumb",
        plain,
    ));
    if std::env::var_os("ZELLIJ").is_some() {
        let words = "zellij takes Ctrl+G, Ctrl+Q and Alt+arrows: use F-keys or the leader";
        findings.push(finding("keys", true, words.to_owned()));
    }
    let mut good = true;
    for finding in &findings {
        good &= finding.good;
        let mark = if finding.good { "ok" } else { "NO" };
        context.output.data(
            &json!({"what": finding.what, "good": finding.good, "words": finding.words}),
            &format!("{mark}  {}: {}", finding.what, finding.words),
        )?;
    }
    if good {
        return Ok(());
    }
    Err(Failure::new(Exit::Failure, "not all is well"))
}

async fn reach(account: Account, findings: &mut Vec<Finding>) {
    let finding = |what, good, words: String| Finding { what, good, words };
    let address = format!("{}:{}", account.about.host, account.about.port);
    let client = match Client::connect(account).await {
        Ok(client) => client,
        Err(error) => {
            let what = match &error {
                ClientError::Store(_) | ClientError::Submit(_) => "store",
                ClientError::Offline(_)
                | ClientError::ShutOut
                | ClientError::Late
                | ClientError::Unavailable
                | ClientError::Refused(_) => "server",
            };
            findings.push(finding(what, false, format!("{address}: {error}")));
            return;
        }
    };
    let console = client.console();
    findings.push(finding("server", true, address));
    if let Some(server_now) = console.replica().me.as_ref().and_then(|me| me.server_now) {
        let skew = now().as_millis().saturating_sub(server_now.as_millis()) / 1_000;
        let words = format!(
            "this clock and the server's differ by about {} s",
            skew.abs()
        );
        findings.push(finding("clock", skew.abs() < 300, words));
    }
    let about = &console.account().about;
    let certified = console
        .replica()
        .room(RoomId::org(about.org))
        .is_some_and(|held| {
            matches!(&held.room.state, State::Org(org)
                if org.devices.get(&about.device).is_some_and(|device| device.certified))
        });
    let words = if certified {
        "this device is certified: it may sign for your organisation"
    } else {
        "this device has no certificate: it signs no commitments until an admin certifies it"
    };
    findings.push(finding("device", certified, words.to_owned()));
    let unsent = console.unanswered();
    findings.push(finding(
        "outbox",
        true,
        format!("{unsent} commands wait for an answer"),
    ));
}
