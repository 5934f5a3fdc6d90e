//! The loop of one connection, from the upgrade to the goodbye.
//!
//! It goes in turns. A turn begins with whatever comes first (a frame, an answer, the bell, the clock, the server's end),
//! takes what else has queued up meanwhile, and carries out all effects of it with one flush: a flush for each message
//! costs a system call and a TLS record each. While a turn is written nothing is read, so a client that does not take its
//! answers cannot ask for more.

use super::{
    Arrival, Conversation, Effect, Host, Limits, Stop,
    gauge::Gauge,
    limiter::Bucket,
    parting::{Ending, close, fault, part},
};
use crate::frame::Frame;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use rialto_shared::{
    closing::CloseCode,
    limits::{CONNECTION_UNANSWERED_MAX, MESSAGE_BYTES_MAX},
    time::{Span, Timestamp},
};
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{
            Role, WebSocketConfig,
            frame::{
                Frame as WireFrame,
                coding::{Data, OpCode},
            },
        },
    },
};

/// What one turn takes in: frames, and as many answers.
const TURN_INPUTS_MAX: usize = 64;
/// Frames before the login: hello and login, and a few spare.
const FRAMES_BEFORE_LOGIN_MAX: u32 = 8;
/// Pings and pongs of the client's: at once, and a second.
const CONTROLS_BURST: u32 = 40;
const CONTROLS_PER_SECOND: u32 = 4;
/// How long answers are waited for when the server stops; the listener waits longer.
const LEAVING: Duration = Duration::from_secs(15);
/// Clients come back spread over this after a stop.
const RETRY_MS: std::ops::Range<i64> = 1_000..6_000;

/// Every field of the library's configuration: its defaults are for other uses.
fn wire_limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .write_buffer_size(32 * 1024)
        .max_write_buffer_size(256 * 1024)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
        .accept_unmasked_frames(false)
}

/// What a turn begins with.
#[derive(Debug)]
enum Input<A> {
    Read(Option<Result<Message, tungstenite::Error>>),
    Answer(A),
    Woken,
    Clock,
    Stop,
}

/// What one turn is to do, in order, and whether it is the last.
type Turn<C> = Vec<Effect<<C as Conversation>::Submission>>;

pub(super) struct Exchange<'a, S, H: Host> {
    socket: WebSocketStream<Gauge<S>>,
    host: &'a H,
    conversation: H::Conversation,
    limits: &'a Limits,
    arrival: Arrival,
    stop: watch::Receiver<Stop>,
    to_answer: mpsc::UnboundedSender<<H::Conversation as Conversation>::Answer>,
    answers: mpsc::UnboundedReceiver<<H::Conversation as Conversation>::Answer>,
    /// Submissions without an answer yet.
    unanswered: usize,
    frames: Bucket,
    frames_before_login: u32,
    controls: Bucket,
    heard_at: Instant,
    ping_at: Instant,
    login_until: Option<Instant>,
    /// The client sent more than its rate: nothing is read before this.
    read_from: Instant,
    leaving_until: Option<Instant>,
}

impl<S, H: Host> std::fmt::Debug for Exchange<'_, S, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange")
            .field("number", &self.arrival.number)
            .finish_non_exhaustive()
    }
}

/// Talks until one side parts. `logged_in` is called once, as soon as a device has logged in.
pub(super) async fn exchange<S, H>(
    stream: S,
    host: &H,
    limits: &Limits,
    arrival: Arrival,
    stop: watch::Receiver<Stop>,
    logged_in: impl FnOnce(),
) where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Host,
{
    let number = arrival.number;
    let config = Some(wire_limits());
    let socket = WebSocketStream::from_raw_socket(Gauge::new(stream), Role::Server, config).await;
    let conversation = host.converse(arrival.clone());
    let (to_answer, answers) = mpsc::unbounded_channel();
    let now = Instant::now();
    let mut exchange = Exchange {
        socket,
        host,
        conversation,
        limits,
        arrival,
        stop,
        to_answer,
        answers,
        unanswered: 0,
        frames: Bucket::per_second(limits.frames_per_second, limits.burst),
        frames_before_login: 0,
        controls: Bucket::per_second(CONTROLS_PER_SECOND, CONTROLS_BURST),
        heard_at: now,
        ping_at: now + ping_every(limits),
        login_until: Some(now + limits.login),
        read_from: now,
        leaving_until: None,
    };
    let ending = exchange.run(logged_in).await;
    match &ending {
        Ending::Close(closing) => {
            let code = closing.code.code();
            tracing::info!(connection = number, code, "closing");
            let reason: &'static str = closing.code.into();
            metrics::counter!("rialto_connections_closed_total", "reason" => reason).increment(1);
        }
        Ending::Parted => tracing::debug!(connection = number, "parted"),
        Ending::Gone => tracing::debug!(connection = number, "gone"),
    }
    part(exchange.socket, ending).await;
}

/// Two pings within the time of silence that is death.
fn ping_every(limits: &Limits) -> Duration {
    limits.idle * 4 / 9
}

impl<S, H> Exchange<'_, S, H>
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Host,
{
    async fn run(&mut self, logged_in: impl FnOnce()) -> Ending {
        let mut logged_in = Some(logged_in);
        loop {
            // A conversation that rings itself is ready again at once: others have their turn in between.
            tokio::task::coop::consume_budget().await;
            let input = self.next().await;
            let mut turn = Turn::<H::Conversation>::new();
            let now = self.host.now();
            let mut done = self.take(input, now, &mut turn).await.err();
            if done.is_none() {
                done = self.take_queued(now, &mut turn).err();
            }
            // Looked at in every turn: where something is always ready first, the alarm itself never wins.
            if done.is_none() && self.alarm() <= Instant::now() {
                done = self.clock().await.err();
            }
            if self.login_until.is_some() && self.conversation.authenticated() {
                self.login_until = None;
                logged_in.take().into_iter().for_each(|call| call());
            }
            // What was asked before a fault is still answered.
            let carried = self.carry_out(turn).await;
            if let Err(ending) = carried {
                return ending;
            }
            if let Some(ending) = done {
                return ending;
            }
            if self.leaving_until.is_some() && self.unanswered == 0 {
                return close(CloseCode::GoingAway, "the server stops");
            }
        }
    }

    /// Whatever comes first. What is ready together is taken in this order, and [`Self::take_queued`] takes the rest, so
    /// nothing starves.
    async fn next(&mut self) -> Input<<H::Conversation as Conversation>::Answer> {
        let reading = self.reads();
        let clock = self.alarm();
        tokio::select! {
            biased;
            _ = self.stop.changed(), if self.leaving_until.is_none() => Input::Stop,
            Some(answer) = self.answers.recv() => Input::Answer(answer),
            () = self.arrival.wake.rung() => Input::Woken,
            message = self.socket.next(), if reading => Input::Read(message),
            () = sleep_until(clock) => Input::Clock,
        }
    }

    /// Whether another frame is taken: not while the client is too fast, nor while the writer owes it too many answers.
    fn reads(&self) -> bool {
        self.leaving_until.is_none()
            && self.read_from <= Instant::now()
            && self.unanswered < CONNECTION_UNANSWERED_MAX
    }

    /// The next moment at which something is due.
    fn alarm(&self) -> Instant {
        let mut alarm = self.ping_at.min(self.heard_at + self.limits.idle);
        if self.read_from > Instant::now() {
            alarm = alarm.min(self.read_from);
        }
        let others = [self.login_until, self.leaving_until];
        others.into_iter().flatten().fold(alarm, Instant::min)
    }

    async fn take(
        &mut self,
        input: Input<<H::Conversation as Conversation>::Answer>,
        now: Timestamp,
        turn: &mut Turn<H::Conversation>,
    ) -> Result<(), Ending> {
        match input {
            Input::Read(message) => self.read(message, now, turn),
            Input::Answer(answer) => {
                self.answer(answer, now, turn);
                Ok(())
            }
            Input::Woken => {
                turn.extend(self.conversation.woken(now));
                Ok(())
            }
            Input::Clock => self.clock().await,
            Input::Stop => self.leave(now, turn),
        }
    }

    /// Takes what is there already, without waiting.
    fn take_queued(
        &mut self,
        now: Timestamp,
        turn: &mut Turn<H::Conversation>,
    ) -> Result<(), Ending> {
        for _ in 0..TURN_INPUTS_MAX {
            let Ok(answer) = self.answers.try_recv() else {
                break;
            };
            self.answer(answer, now, turn);
        }
        for _ in 0..TURN_INPUTS_MAX {
            if !self.reads() {
                break;
            }
            let Some(message) = self.socket.next().now_or_never() else {
                break;
            };
            self.read(message, now, turn)?;
        }
        Ok(())
    }

    fn answer(
        &mut self,
        answer: <H::Conversation as Conversation>::Answer,
        now: Timestamp,
        turn: &mut Turn<H::Conversation>,
    ) {
        self.unanswered = self.unanswered.saturating_sub(1);
        turn.extend(self.conversation.answered(answer, now));
    }

    fn read(
        &mut self,
        message: Option<Result<Message, tungstenite::Error>>,
        now: Timestamp,
        turn: &mut Turn<H::Conversation>,
    ) -> Result<(), Ending> {
        let message = message
            .ok_or(Ending::Gone)?
            .map_err(|error| fault(&error))?;
        let at = Instant::now();
        self.heard_at = at;
        match message {
            Message::Text(text) => {
                self.count_frame(at)?;
                turn.extend(self.conversation.receive(&text, now));
                Ok(())
            }
            Message::Binary(_) => Err(close(CloseCode::Binary, "frames are text here")),
            Message::Ping(_) | Message::Pong(_) => self
                .controls
                .take(at.into_std())
                .map_err(|_| close(CloseCode::Conduct, "too many pings")),
            Message::Close(_) => Err(Ending::Parted),
            Message::Frame(_) => Err(close(CloseCode::Protocol, "an unexpected frame")),
        }
    }

    /// A client that is too fast is read later, not refused: its frames wait in the socket, then at its own end.
    fn count_frame(&mut self, at: Instant) -> Result<(), Ending> {
        if self.login_until.is_some() && !self.conversation.authenticated() {
            self.frames_before_login += 1;
            if self.frames_before_login > FRAMES_BEFORE_LOGIN_MAX {
                return Err(close(CloseCode::Conduct, "too many frames before login"));
            }
        }
        // The frame is here, so it is served, and the wait for its token comes before the next.
        while let Err(wait) = self.frames.take(self.read_from.max(at).into_std()) {
            self.read_from = self.read_from.max(at) + wait;
        }
        Ok(())
    }

    async fn clock(&mut self) -> Result<(), Ending> {
        let now = Instant::now();
        if now >= self.heard_at + self.limits.idle {
            return Err(close(CloseCode::Lagging, "nothing was heard for too long"));
        }
        if self.login_until.is_some_and(|until| now >= until) && !self.conversation.authenticated()
        {
            return Err(close(CloseCode::NoLogin, "no login in time"));
        }
        if self.leaving_until.is_some_and(|until| now >= until) {
            return Err(close(CloseCode::GoingAway, "the server stops"));
        }
        if now >= self.ping_at {
            self.ping_at = now + ping_every(self.limits);
            self.write(Message::Ping(bytes::Bytes::new())).await?;
            self.flush().await?;
        }
        Ok(())
    }

    fn leave(&mut self, now: Timestamp, turn: &mut Turn<H::Conversation>) -> Result<(), Ending> {
        // Whoever could tell us to stop being gone counts as told to.
        let orphaned = self.stop.has_changed().is_err();
        let stop = *self.stop.borrow_and_update();
        match stop {
            Stop::Serving if !orphaned => Ok(()),
            Stop::Now => Err(close(CloseCode::GoingAway, "the server stops")),
            Stop::Serving | Stop::Draining => {
                self.leaving_until = Some(Instant::now() + LEAVING);
                turn.extend(self.conversation.leaving(now, self.retry_after()));
                Ok(())
            }
        }
    }

    /// Spread by the nonce: chance that is at hand, and different for each.
    fn retry_after(&self) -> Span {
        let [first, second, ..] = self.arrival.nonce.0;
        let spread = i64::from(u16::from_be_bytes([first, second]));
        Span::millis(RETRY_MS.start + spread % (RETRY_MS.end - RETRY_MS.start))
    }

    /// Everything, in order, then one flush.
    async fn carry_out(&mut self, turn: Turn<H::Conversation>) -> Result<(), Ending> {
        let mut ending = None;
        let mut written = false;
        for effect in turn {
            match effect {
                Effect::Send(frame) => {
                    written = true;
                    self.send(frame).await?;
                }
                Effect::Submit(submission) => {
                    self.unanswered += 1;
                    self.host.submit(submission, self.to_answer.clone());
                }
                Effect::Close(closing) => {
                    ending = Some(Ending::Close(closing));
                    break;
                }
            }
        }
        if written {
            self.flush().await?;
        }
        ending.map_or(Ok(()), Err)
    }

    async fn send(&mut self, frame: Frame) -> Result<(), Ending> {
        if frame.len() > MESSAGE_BYTES_MAX {
            let (connection, bytes) = (self.arrival.number, frame.len());
            tracing::error!(connection, bytes, "a frame above the limit was to be sent");
            return Err(close(CloseCode::Internal, "the server made a mistake"));
        }
        // A frame is text by its type: the bytes go as they are, neither copied nor checked again.
        let text = OpCode::Data(Data::Text);
        self.write(Message::Frame(WireFrame::message(
            frame.into_bytes(),
            text,
            true,
        )))
        .await
    }

    /// Into the library's buffer, which writes to the socket when it is full.
    async fn write(&mut self, message: Message) -> Result<(), Ending> {
        in_time(self.limits.write, self.socket.feed(message)).await
    }

    async fn flush(&mut self) -> Result<(), Ending> {
        in_time(self.limits.write, self.socket.flush()).await
    }
}

async fn in_time(
    limit: Duration,
    writing: impl Future<Output = Result<(), tungstenite::Error>>,
) -> Result<(), Ending> {
    match timeout(limit, writing).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(fault(&error)),
        Err(_) => Err(close(
            CloseCode::Lagging,
            "what was sent was not taken in time",
        )),
    }
}
