//! What a supervisor and a scraper ask, over HTTP, on a listener of its own that only this machine reaches: `/livez`, whether
//! the network's thread turns; `/readyz`, whether somebody may be sent here, and why not, as JSON; `/metrics`, for Prometheus.
//!
//! No label holds a name or an id of a room, a person or an organisation: what is counted here, anybody may see.

mod http;

use crate::connection::Stop;
use http::{Answer, Asked};
use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

/// Askers at a time.
const ASKERS_MAX: usize = 8;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(5);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Seconds: a commit is an fsync, and what waits for one.
const COMMIT_BUCKETS: [f64; 12] = [
    0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 2.048,
];
/// How often old samples are let go of, where nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why nobody should be sent to this server now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The part that is not well: `ledger`, `disk`, `stopping`.
    pub part: &'static str,
    /// What is wrong with it.
    pub words: String,
}

/// What can be asked of a server that runs. None of it waits for anything but the file system.
pub trait Vital: Send + Sync + 'static {
    /// Why it is not ready; nothing where it is.
    fn unready(&self) -> Vec<Reason>;
    /// Sets the gauges that nobody sets as they change.
    fn gauge(&self);
}

/// A server that is not ready once it is told to stop.
pub struct UntilStopped {
    /// The server.
    pub vital: Arc<dyn Vital>,
    /// Whether it goes on.
    pub stopped: watch::Receiver<Stop>,
}

impl std::fmt::Debug for UntilStopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UntilStopped").finish_non_exhaustive()
    }
}

impl Vital for UntilStopped {
    fn unready(&self) -> Vec<Reason> {
        let mut reasons = self.vital.unready();
        if *self.stopped.borrow() != Stop::Serving {
            reasons.push(Reason {
                part: "stopping",
                words: "it lets people finish, and accepts nobody".to_owned(),
            });
        }
        reasons
    }

    fn gauge(&self) {
        self.vital.gauge();
    }
}

#[derive(Serialize)]
struct Readiness<'a> {
    ready: bool,
    reasons: &'a [Reason],
}

/// The process's metrics, collected from the first time on that somebody wants them.
fn metrics() -> Option<&'static PrometheusHandle> {
    static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let metrics = METRICS.get_or_init(|| {
        let commits = Matcher::Full("rialto_commit_seconds".to_owned());
        PrometheusBuilder::new()
            .set_buckets_for_metric(commits, &COMMIT_BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .inspect_err(|error| tracing::error!(%error, "no metrics are collected"))
            .ok()
    });
    metrics.as_ref()
}

/// Begins to collect, so that what happens before the first question is counted too.
pub fn collect() {
    if metrics().is_some() {
        gauge!("rialto_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        describe();
    }
}

/// What is so many at a time.
const GAUGES: [(&str, &str); 7] = [
    ("rialto_build_info", "1, by version"),
    ("rialto_sessions", "Connections that have logged in"),
    (
        "rialto_unauthenticated",
        "Connections that have not logged in",
    ),
    ("rialto_queue_jobs", "Jobs that wait for the writer"),
    (
        "rialto_disk_free_bytes",
        "Bytes that the data folder's disk has left",
    ),
    ("rialto_ledger_bytes", "Bytes of the ledger's file"),
    (
        "rialto_read_only",
        "1 while the disk has less left than storage.min_free_mib",
    ),
];

/// What was so many since the start.
const COUNTERS: [(&str, &str); 4] = [
    ("rialto_entries_total", "Entries that were committed"),
    (
        "rialto_refused_total",
        "Commands that were refused, by the code of the refusal",
    ),
    (
        "rialto_connections_refused_total",
        "Connections that were cut before anything was read, by reason",
    ),
    (
        "rialto_connections_closed_total",
        "Connections that the server closed, by reason: login_refused and no_login are logins that failed, lagging is a reader that was too slow",
    ),
];

/// What each metric is, for whoever reads `/metrics`.
fn describe() {
    for (name, words) in GAUGES {
        metrics::describe_gauge!(name, words);
    }
    for (name, words) in COUNTERS {
        metrics::describe_counter!(name, words);
    }
    metrics::describe_histogram!(
        "rialto_commit_seconds",
        "From the begin of a batch to its being durable"
    );
}

/// Answers, until dropped.
pub async fn attend(listener: TcpListener, vital: Arc<dyn Vital>) {
    let askers = Arc::new(Semaphore::new(ASKERS_MAX));
    let upkeep = tokio::spawn(async {
        loop {
            sleep(UPKEEP).await;
            metrics().into_iter().for_each(PrometheusHandle::run_upkeep);
        }
    });
    let _upkeep = Aborted(upkeep);
    loop {
        let Ok(place) = Arc::clone(&askers).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let vital = Arc::clone(&vital);
                tokio::spawn(async move {
                    // Whoever is slow or gone is no concern of the server's.
                    drop(timeout(PATIENCE, converse(stream, vital)).await);
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a scraper");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A task that ends with whoever began it.
struct Aborted(tokio::task::JoinHandle<()>);

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn converse(mut stream: TcpStream, vital: Arc<dyn Vital>) -> std::io::Result<()> {
    let asked = http::asked(&mut stream).await?;
    let body = !matches!(asked, Asked::Head(_));
    let answer = match asked {
        Asked::Get(path) | Asked::Head(path) => answer(&path, vital).await,
        Asked::Other => Answer::text(405, "only GET and HEAD"),
        Asked::Nonsense => Answer::text(400, "this is no request"),
    };
    http::say(&mut stream, &answer, body).await
}

async fn answer(path: &str, vital: Arc<dyn Vital>) -> Answer {
    match path {
        "/livez" => Answer::text(200, "ok"),
        "/readyz" => {
            let reasons = of_disk(vital, |vital| vital.unready()).await;
            let ready = reasons.is_empty();
            let body = serde_json::to_string(&Readiness {
                ready,
                reasons: &reasons,
            });
            Answer {
                status: if ready { 200 } else { 503 },
                kind: "application/json",
                body: body.unwrap_or_default() + "\n",
            }
        }
        "/metrics" => {
            of_disk(vital, |vital| vital.gauge()).await;
            Answer {
                status: 200,
                kind: "text/plain; version=0.0.4",
                body: metrics().map(PrometheusHandle::render).unwrap_or_default(),
            }
        }
        _ => Answer::text(404, "there are /livez, /readyz and /metrics"),
    }
}

/// Asks what may wait for the file system, not on the network's thread.
async fn of_disk<T: Default + Send + 'static>(
    vital: Arc<dyn Vital>,
    ask: impl FnOnce(&dyn Vital) -> T + Send + 'static,
) -> T {
    tokio::task::spawn_blocking(move || ask(vital.as_ref()))
        .await
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[derive(Default)]
    struct Patient(Mutex<Vec<Reason>>);

    impl Vital for Patient {
        fn unready(&self) -> Vec<Reason> {
            self.0.lock().unwrap().clone()
        }
        fn gauge(&self) {
            gauge!("rialto_sessions").set(3);
        }
    }

    async fn ask(address: std::net::SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn whoever_asks_is_told_and_nobody_holds_the_door() {
        collect();
        let patient = Arc::new(Patient::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<dyn Vital> = patient.clone();
        let attending = tokio::spawn(attend(listener, asked));
        // One who says nothing keeps nobody waiting.
        let silent = TcpStream::connect(address).await.unwrap();
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let told = ask(address, &get("/livez")).await;
        assert!(
            told.starts_with("HTTP/1.1 200 OK\r\n") && told.ends_with("\r\n\r\nok\n"),
            "{told}"
        );
        let told = ask(address, &get("/readyz?verbose")).await;
        assert!(
            told.ends_with("{\"ready\":true,\"reasons\":[]}\n"),
            "{told}"
        );
        patient.0.lock().unwrap().push(Reason {
            part: "disk",
            words: "it is full".to_owned(),
        });
        let told = ask(address, &get("/readyz")).await;
        assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
        let body = told.rsplit("\r\n").next().unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["reasons"][0]["part"], "disk");
        let told = ask(address, &get("/metrics")).await;
        assert!(
            told.contains("\nrialto_sessions 3\n") && told.contains("rialto_build_info{"),
            "{told}"
        );
        let told = ask(address, "HEAD /livez HTTP/1.1\r\n\r\n").await;
        assert!(told.ends_with("\r\n\r\n"), "no body: {told}");
        for (request, status) in [
            (get("/"), "404"),
            ("POST /livez HTTP/1.1\r\n\r\n".to_owned(), "405"),
            ("nonsense\r\n\r\n".to_owned(), "400"),
            (
                format!("GET /livez HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(9_000)),
                "400",
            ),
        ] {
            let told = ask(address, &request).await;
            assert!(
                told.starts_with(&format!("HTTP/1.1 {status} ")),
                "{request}: {told}"
            );
        }
        drop(silent);
        attending.abort();
    }
}
