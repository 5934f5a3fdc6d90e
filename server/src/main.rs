//! `rialtod`: maps what was typed to what is done, and what came of it to an exit code.

mod cli;

use anyhow::{Context as _, anyhow};
use clap::Parser as _;
use cli::{
    Cli, Mode,
    output::{self, Exit},
};
use rialto_server::{
    admin::{self, CallError, Office, Reception, Request, Response, Trouble},
    config::{self, Config, FILE_VARIABLE, LogFormat},
    identity::{FileError, Identity, IdentityError, create_folder},
    serve::{self, Premises, ServeError},
};
use rialto_server::{
    ledger,
    residence::{LEDGER_FILE, Residence, keeping},
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    ledger::fault::keep_quiet();
    // What stands behind the front is named here, and nowhere else.
    let exit = run::<Residence>(&cli).unwrap_or_else(|error| {
        output::talk(format_args!("rialtod: {error:#}"));
        Exit::Failed
    });
    ExitCode::from(exit.code())
}

fn run<P: Premises>(cli: &Cli) -> anyhow::Result<Exit> {
    match &cli.mode {
        Mode::Config(mode) => return configuration(cli, mode),
        Mode::Completions { shell } => {
            return cli::pages::completions(*shell).map(|()| Exit::Done);
        }
        Mode::Man { folder } => return cli::pages::man(folder.as_deref()).map(|()| Exit::Done),
        Mode::Init { .. }
        | Mode::Serve
        | Mode::Status(_)
        | Mode::Org(_)
        | Mode::Invite(_)
        | Mode::Member(_)
        | Mode::Device(_)
        | Mode::Import(_)
        | Mode::Verify(_)
        | Mode::Identity(_)
        | Mode::Notices(_)
        | Mode::Backup(_)
        | Mode::Restore { .. } => {}
    }
    let config = match read(cli, None)? {
        Ok(config) => config,
        Err(exit) => return Ok(exit),
    };
    if let Some((request, json)) = cli.mode.request() {
        return ask(&config, &request, json);
    }
    match &cli.mode {
        Mode::Init { vendor } => init::<P>(&config, vendor),
        Mode::Serve => serve::<P>(&config),
        Mode::Verify(listed) => with_or_else(&config, &Request::Verify, listed.json, |identity| {
            keeping::verify(&config, identity).map(Response::Verdict)
        }),
        Mode::Backup(backup) => back_up(&config, backup),
        Mode::Restore { file, listed } => show(
            &of(keeping::restore(&config, file).map(Response::Kept)),
            listed.json,
        ),
        Mode::Import(cli::Import::Orgs(orgs)) => {
            let request = orgs
                .request()
                .with_context(|| format!("{} cannot be read", orgs.file()))?;
            with_or_else(&config, &request, orgs.json, |identity| {
                Ok(offline::<P>(&config, identity, request.clone()))
            })
        }
        Mode::Identity(mode) => keys(&config, *mode),
        Mode::Status(_)
        | Mode::Org(_)
        | Mode::Invite(_)
        | Mode::Member(_)
        | Mode::Device(_)
        | Mode::Notices(_)
        | Mode::Config(_)
        | Mode::Completions { .. }
        | Mode::Man { .. } => Err(anyhow!("this mode asks nothing")),
    }
}

// --- the configuration ---

fn configuration(cli: &Cli, mode: &cli::Config) -> anyhow::Result<Exit> {
    let file = match mode {
        cli::Config::Check { file } => file.as_deref(),
        cli::Config::Show => None,
    };
    match (read(cli, file)?, mode) {
        (Err(exit), _) => return Ok(exit),
        (Ok(_), cli::Config::Check { .. }) => output::data("ok\n")?,
        (Ok(config), cli::Config::Show) => output::data(&config::shown(&config))?,
    }
    Ok(Exit::Done)
}

/// The configuration in force; every problem is told.
fn read(cli: &Cli, file: Option<&Path>) -> anyhow::Result<Result<Config, Exit>> {
    let file = file.or(cli.config.as_deref()).map(Path::to_owned);
    let file = file
        .or_else(|| std::env::var_os(FILE_VARIABLE).map(PathBuf::from))
        .or_else(|| beside_the_data(cli));
    let text = match &file {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?,
        None => String::new(),
    };
    // Variables that are no Unicode are no keys of ours.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    match config::read(&text, variables) {
        Ok(mut config) => {
            if let Some(data) = &cli.data {
                config.data_dir.clone_from(data);
            }
            Ok(Ok(config))
        }
        Err(problems) => {
            let name = file.map_or("the environment".to_owned(), |file| {
                file.display().to_string()
            });
            for problem in problems {
                output::talk(format_args!("{name}: {problem}"));
            }
            Ok(Err(Exit::Failed))
        }
    }
}

fn beside_the_data(cli: &Cli) -> Option<PathBuf> {
    let variable = || std::env::var_os("RIALTOD_SERVER_DATA_DIR").map(PathBuf::from);
    let folder = cli.data.clone().or_else(variable);
    let folder = folder.unwrap_or_else(|| Config::default().data_dir);
    let file = folder.join("rialtod.toml");
    file.is_file().then_some(file)
}

// --- with a running server ---

fn ask(config: &Config, request: &Request, json: bool) -> anyhow::Result<Exit> {
    match admin::call(&config.data_dir, request) {
        Ok(response) => show(&response, json),
        Err(error @ CallError::NotRunning(_)) => {
            output::talk(format_args!("rialtod: {error}"));
            Ok(Exit::NotRunning)
        }
        Err(error) => Err(error.into()),
    }
}

fn show(response: &Response, json: bool) -> anyhow::Result<Exit> {
    let exit = exit_of(response);
    if json {
        output::data(&admin::json(response))?;
    } else {
        output::data(&admin::data(response))?;
        let talk = admin::talk(response);
        if !talk.is_empty() {
            output::talk(talk);
        }
    }
    Ok(exit)
}

fn exit_of(response: &Response) -> Exit {
    match response {
        Response::Trouble(trouble) => exit_of_trouble(trouble),
        Response::Verdict(verdict) if !verdict.faults.is_empty() => Exit::Damaged,
        Response::Imported(report) if !report.adds_up() => Exit::Failed,
        Response::Imported(report) if !report.refused.is_empty() => Exit::Refused,
        Response::Condition(_)
        | Response::Created(_)
        | Response::Invited(_)
        | Response::Orgs(_)
        | Response::Invitations(_)
        | Response::Members(_)
        | Response::Devices(_)
        | Response::Notices(_)
        | Response::Imported(_)
        | Response::Done
        | Response::Kept(_)
        | Response::Verdict(_) => Exit::Done,
    }
}

const fn exit_of_trouble(trouble: &Trouble) -> Exit {
    match trouble {
        Trouble::Refused(_) => Exit::Refused,
        Trouble::Failed(_) => Exit::Failed,
        Trouble::Corrupt(_) => Exit::Damaged,
    }
}

// --- on the data folder itself ---

fn init<P: Premises>(config: &Config, vendor: &str) -> anyhow::Result<Exit> {
    create_folder(&config.data_dir)?;
    let identity = Arc::new(Identity::load_or_create(&config.data_dir)?);
    rialto_server::identity::tls::security(config, serve::wall_clock())?;
    let vendor = vendor.to_owned();
    let response = offline::<P>(config, &identity, Request::Init { vendor });
    show(&response, false)
}

/// The running server makes a backup, else it is made of the data folder itself; to read one through takes neither.
fn back_up(config: &Config, backup: &cli::Backup) -> anyhow::Result<Exit> {
    if let Some(cli::BackupVerify::Verify { file, listed }) = &backup.verify {
        let read = keeping::read_through(file).map(Response::Kept);
        return show(&of(read), listed.json);
    }
    let file = backup.file.as_deref().context("FILE is missing")?;
    // The server has another working folder than whoever asks.
    let file = std::path::absolute(file)?;
    let request = Request::BackUp { file: file.clone() };
    with_or_else(config, &request, backup.listed.json, |identity| {
        keeping::back_up(config, identity, &file).map(Response::Kept)
    })
}

fn of(done: Result<Response, Trouble>) -> Response {
    done.unwrap_or_else(Response::Trouble)
}

/// Asked of the running server, else answered on the data folder itself.
fn with_or_else(
    config: &Config,
    request: &Request,
    json: bool,
    otherwise: impl FnOnce(&Arc<Identity>) -> Result<Response, Trouble>,
) -> anyhow::Result<Exit> {
    match admin::call(&config.data_dir, request) {
        Ok(response) => return show(&response, json),
        Err(CallError::NotRunning(_)) => {}
        Err(error) => return Err(error.into()),
    }
    match identity(config)? {
        Ok(identity) => show(&of(otherwise(&identity)), json),
        Err(exit) => Ok(exit),
    }
}

fn serve<P: Premises>(config: &Config) -> anyhow::Result<Exit> {
    let identity = match identity(config)? {
        Ok(identity) => identity,
        Err(exit) => return Ok(exit),
    };
    log(config);
    let premises = match P::open(config, Arc::clone(&identity)) {
        Ok(premises) => premises,
        Err(trouble) => return show(&Response::Trouble(trouble), false),
    };
    if let Some(exit) = unfounded(premises.office().as_ref())? {
        return match premises.close() {
            Ok(()) => Ok(exit),
            Err(trouble) => show(&Response::Trouble(trouble), false),
        };
    }
    let ready = |address| output::talk(format_args!("rialtod: serving on {address}"));
    match serve::run(config, &identity, premises, ready) {
        Ok(()) => Ok(Exit::Done),
        Err(ServeError::Broken(trouble)) => match show(&Response::Trouble(trouble), false)? {
            Exit::Damaged => Ok(Exit::Damaged),
            Exit::Done | Exit::Failed | Exit::NotRunning | Exit::Refused | Exit::Broken => {
                Ok(Exit::Broken)
            }
        },
        Err(error) => Err(error.into()),
    }
}

/// Why nobody is served yet: an `init` that was interrupted left an identity and no vendor.
fn unfounded(office: &impl Office) -> anyhow::Result<Option<Exit>> {
    match office.condition() {
        Ok(condition) if condition.vendor.is_some() => Ok(None),
        Ok(_) => {
            output::talk("rialtod: there is no vendor yet: run `rialtod init --vendor NAME` first");
            Ok(Some(Exit::Refused))
        }
        Err(trouble) => show(&Response::Trouble(trouble), false).map(Some),
    }
}

/// The identity of a folder that was initialised.
fn identity(config: &Config) -> anyhow::Result<Result<Arc<Identity>, Exit>> {
    match Identity::load(&config.data_dir) {
        Ok(identity) => Ok(Ok(Arc::new(identity))),
        Err(IdentityError::File(FileError::Absent(path))) => {
            output::talk(format_args!(
                "rialtod: {path} is not there: make a server with `rialtod init --vendor NAME` first"
            ));
            Ok(Err(Exit::Refused))
        }
        Err(error) => Err(error.into()),
    }
}

/// The identity key, shown or replaced. It is replaced while nobody else has the folder's ledger open: a server would go on
/// with the key that it has read.
fn keys(config: &Config, mode: cli::Identity) -> anyhow::Result<Exit> {
    let mut identity = match identity(config)? {
        Ok(identity) => identity,
        Err(exit) => return Ok(exit),
    };
    match mode {
        cli::Identity::Show => {}
        cli::Identity::Rotate => {
            match admin::call(&config.data_dir, &Request::Status) {
                Err(CallError::NotRunning(_)) => {}
                Ok(_) | Err(_) => {
                    output::talk("rialtod: a server runs on this folder: stop it first");
                    return Ok(Exit::Refused);
                }
            }
            let held = ledger::open(&config.data_dir.join(LEDGER_FILE))
                .context("the ledger cannot be held meanwhile")?;
            identity = Arc::new(Identity::rotate(&config.data_dir)?);
            drop(held);
            output::talk(
                "the old key has signed the new one and is gone from this folder; backups from before hold it still",
            );
        }
    }
    let (server, key, count) = (
        identity.server(),
        identity.public(),
        identity.rotations().len(),
    );
    output::data(&format!(
        "server id     {server}\nidentity key  {key}\nreplaced      {count} times\n"
    ))?;
    Ok(Exit::Done)
}

/// One request on a ledger that no server has open.
fn offline<P: Premises>(config: &Config, identity: &Arc<Identity>, request: Request) -> Response {
    let premises = match P::open(config, Arc::clone(identity)) {
        Ok(premises) => premises,
        Err(trouble) => return Response::Trouble(trouble),
    };
    let reception = Reception {
        office: premises.office(),
        address: config.address(),
        server: identity.server(),
    };
    let response = reception.answer(request);
    drop(reception);
    match premises.close() {
        Ok(()) => response,
        Err(trouble) => Response::Trouble(trouble),
    }
}

/// To stderr, ids only: what people write has no `Debug` that shows it.
fn log(config: &Config) {
    let builder = tracing_subscriber::fmt()
        .with_max_level(config.log.level)
        .with_ansi(false)
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
