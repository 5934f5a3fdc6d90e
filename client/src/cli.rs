//! The command line: the same client without a screen, for scripts, pipes and screen readers.
//!
//! stdout is data, stderr is talk; `--json` makes each datum one line of JSON. What a command does is in the file of its
//! kind; only `output` prints.

mod args;
mod begin;
#[cfg(feature = "demo")]
mod demo;
mod exit;
mod exporting;
mod importing;
mod nouns;
mod output;
mod people;
mod proof;
mod rooms;
mod show;
mod tail;
mod talk;

pub use exit::Exit;

use crate::{
    account::{About, Account, Home},
    client::Client,
    console::Console,
    route::{Choice, Environment, ProxyError, Route, Trust},
    terminal,
};
use args::{Args, ChannelVerb, ExportWhat, RoomVerb, Verb, pages};
use clap::{CommandFactory as _, Parser as _};
use exit::Failure;
use output::Output;
use std::ffi::OsString;

/// What every command has at hand.
struct Context {
    home: Home,
    account: Option<String>,
    way: Way,
    output: Output,
}

/// What was said of the way to the server.
struct Way {
    proxy: Option<Choice>,
    trust: Option<Trust>,
    remember: bool,
    environment: Environment,
}

impl Way {
    /// The way to a host: as was said, else as is kept, else as the environment says.
    fn to(&self, host: &str, kept: Option<&About>) -> Result<Route, ProxyError> {
        let choice = self
            .proxy
            .as_ref()
            .or(kept.and_then(|about| about.proxy.as_ref()));
        Ok(Route {
            proxy: match choice {
                Some(choice) => choice.clone().into(),
                None => self.environment.proxy(host)?,
            },
            trust: self
                .trust
                .or(kept.map(|about| about.trust))
                .unwrap_or_default(),
        })
    }

    /// Takes an account this way, and keeps it for the next time where that was asked for.
    fn lead(&self, account: &mut Account) -> Result<(), Failure> {
        account.route = self.to(&account.about.host, Some(&account.about))?;
        if self.remember {
            let proxy = self.proxy.clone().or(account.about.proxy.take());
            account.set_route(proxy, account.route.trust)?;
        }
        Ok(())
    }
}

impl Context {
    fn account(&self) -> Result<Account, Failure> {
        let mut account = self.home.open(self.account.as_deref())?;
        self.way.lead(&mut account)?;
        Ok(account)
    }

    async fn client(&self) -> Result<Client, Failure> {
        Ok(Client::connect(self.account()?).await?)
    }

    fn console(&self) -> Result<Console, Failure> {
        Ok(Console::open(self.account()?)?)
    }
}

/// What a command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// It was done, or refused: the process ends with this.
    Done(Exit),
    /// The screens, for this account.
    Screens(Box<Account>),
    /// The screens, for the account of this demo, which is kept until they are left.
    #[cfg(feature = "demo")]
    Demo(Box<crate::demo::Demo>),
}

/// Runs a command line. Without a command the screens are asked for.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> Asked {
    let args: Vec<OsString> = args.into_iter().collect();
    let json = args
        .iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| arg == "--json");
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) if json && error.use_stderr() => {
            let words = error.render().to_string();
            Output { json }.failure(&Failure::new(Exit::Usage, words.trim()));
            return Asked::Done(Exit::Usage);
        }
        Err(error) => {
            // Help and version are data, everything else is talk: clap knows which.
            drop(error.print());
            return Asked::Done(if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            });
        }
    };
    let output = Output { json: args.json };
    match begin(args, output) {
        Ok(asked) => asked,
        Err(failure) => {
            output.failure(&failure);
            Asked::Done(failure.exit)
        }
    }
}

fn begin(args: Args, output: Output) -> Result<Asked, Failure> {
    #[cfg(feature = "demo")]
    if let Some(Verb::Demo(asked)) = &args.verb {
        return demo::begin(asked, output);
    }
    match &args.verb {
        Some(Verb::Completions { shell }) => {
            pages::completions(output, *shell)?;
            return Ok(Asked::Done(Exit::Ok));
        }
        Some(Verb::Man { folder }) => {
            pages::man(output, folder.as_deref())?;
            return Ok(Asked::Done(Exit::Ok));
        }
        Some(_) | None => {}
    }
    let context = Context {
        home: Home::find(args.home.as_deref())?,
        account: args.account,
        way: Way {
            proxy: args.proxy,
            trust: args.trust,
            remember: args.remember,
            environment: Environment::read(|name| std::env::var(name).ok()),
        },
        output,
    };
    let verb = match args.verb {
        Some(verb) => verb,
        None => match context.account() {
            Ok(account) => return Ok(Asked::Screens(Box::new(account))),
            // Whoever has an invitation and nothing else is asked for it.
            Err(failure) => begin::first_verb(&context).ok_or(failure)?,
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failure, error.to_string()))?;
    if let Verb::Join { link, name } = verb {
        let account = runtime.block_on(begin::join(&context, &link, name))?;
        // Whoever sits at a terminal has joined to look around.
        return Ok(if output.watched() {
            Asked::Screens(Box::new(account))
        } else {
            Asked::Done(Exit::Ok)
        });
    }
    runtime.block_on(act(&context, verb))?;
    Ok(Asked::Done(Exit::Ok))
}

async fn act(context: &Context, verb: Verb) -> Result<(), Failure> {
    match verb {
        #[cfg(feature = "demo")]
        Verb::Demo(_) => Err(Failure::new(
            Exit::Usage,
            "a demo is begun before anything else",
        )),
        Verb::Completions { .. } | Verb::Man { .. } => Err(Failure::new(
            Exit::Usage,
            "what needs no account is done before anything else",
        )),
        Verb::Join { link, name } => begin::join(context, &link, name).await.map(drop),
        Verb::Whoami => begin::whoami(context),
        Verb::Doctor => begin::doctor(context).await,
        Verb::Rooms => rooms::list(context).await,
        Verb::Inbox { done } => rooms::inbox(context, done).await,
        Verb::Channels { words } => rooms::channels(context, &words.join(" ")).await,
        Verb::Channel { verb } => match verb {
            ChannelVerb::Join { channel } => rooms::join(context, &channel).await,
            ChannelVerb::Leave { channel } => rooms::leave(context, &channel).await,
            ChannelVerb::Act(verb) => nouns::channel(context, verb).await,
        },
        Verb::Room {
            verb: RoomVerb::Who { room },
        } => rooms::who(context, &room).await,
        Verb::Say(say) => talk::say(context, say).await,
        Verb::Edit { room, seq, text } => talk::edit(context, &room, seq, &text).await,
        Verb::Delete { room, seq } => talk::delete(context, &room, seq).await,
        Verb::React {
            room,
            seq,
            emoji,
            off,
        } => talk::react(context, &room, seq, &emoji, !off).await,
        Verb::Redact {
            room,
            seq,
            reason,
            words,
        } => talk::redact(context, &room, seq, reason, &words).await,
        Verb::Mute {
            room,
            person,
            minutes,
        } => talk::mute(context, &room, &person, minutes).await,
        Verb::Unmute { room, person } => talk::unmute(context, &room, &person).await,
        Verb::Pin { room, seq, off } => talk::pin(context, &room, seq, !off).await,
        Verb::Tail {
            room,
            from,
            limit,
            count,
        } => tail::tail(context, &room, from, limit, count).await,
        Verb::Page(page) => tail::page(context, page).await,
        Verb::Seen { room } => rooms::seen(context, &room).await,
        Verb::Find(find) => people::find(context, find).await,
        Verb::People { words } => people::people(context, &words.join(" ")).await,
        Verb::Invite(invite) => people::invite(context, invite).await,
        Verb::Dm { people, message } => people::direct(context, &people, message.as_deref()).await,
        Verb::Noun(noun) => nouns::act(context, noun).await,
        Verb::Verify { what, server } => proof::verify(context, &what, server),
        Verb::Export { what } => export(context, what).await,
    }
}

async fn export(context: &Context, what: ExportWhat) -> Result<(), Failure> {
    match what {
        ExportWhat::Deals { form } => exporting::deals(context, form).await,
        ExportWhat::Referrals { form } => exporting::referrals(context, form).await,
        ExportWhat::Room {
            room,
            form,
            offline,
        } => exporting::room(context, &room, form, offline).await,
    }
}

/// Runs the screens for an account until the person quits.
#[must_use]
pub fn screens(account: Account) -> Exit {
    match terminal::screens(account) {
        Ok(()) => Exit::Ok,
        Err(error) => {
            Output { json: false }.talk(&format!("rialto: {error}"));
            Exit::Failure
        }
    }
}

/// The whole command line, as clap has it: for man pages, completions and whoever goes over all of it.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Reads a whole command line, arguments and all: other ways in name them to people.
///
/// # Errors
/// What is wrong with it, in words; also where it names no command.
#[cfg(test)]
pub(crate) fn understands(words: &[&str]) -> Result<(), String> {
    match Args::try_parse_from([&["rialto"], words].concat()) {
        Ok(args) if args.verb.is_some() => Ok(()),
        Ok(_) => Err("it names no command".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
