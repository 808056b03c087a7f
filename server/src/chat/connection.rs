//! The only code that touches a socket: one loop over a closed set of events. What to do is decided by
//! [`super::state`].
//!
//! Sending never blocks reading: at most one frame is on its way, control frames wait in a bounded queue, and chunks are
//! read from the generation's log when the socket is free, so that a slow socket gets fewer, larger frames. Which answers
//! those are is [`follow`]'s.

mod follow;

use self::follow::beginning_of;
use super::{
    allowance::Allowance,
    authorize,
    generation::{self, LiveGeneration, Progress},
    pace::Pace,
    prompt::{self, Taken},
    state::{Answer, Effect, Frame, Input, SocketState},
};
use crate::{
    app::AppState,
    limits,
    problem::{ApiError, ApiResult},
    session::{LiveSession, SessionEvent, SocketPlace},
    telemetry::trace,
};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::{
    FutureExt, SinkExt, StreamExt,
    future::{BoxFuture, OptionFuture},
    stream::{SplitSink, SplitStream},
};
use std::{collections::VecDeque, pin::pin, sync::Arc, task::Poll, time::Duration};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout},
};
use wire::{
    GenerationId, ProblemCode, SignInId, Timestamp,
    socket::{CloseReason, ServerEvent, close_code},
};

/// Control frames that may wait for a slow socket. When there are more, it is closed and finds everything again when it
/// reconnects.
const OUTBOX: usize = 64;
/// Generations remembered as followed: more than can be told of twice.
const FOLLOWED: usize = 32;
/// So few prompts left are worth a word.
const FEW_PROMPTS: u32 = 2;
/// A frame that is not taken in this time means that nobody is there.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// No pong in this time after a ping: nobody is there.
const PONG_TIMEOUT: Duration = Duration::from_secs(10);
/// The peer's time to answer our close frame, or to take our answer to its own.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

type Following = VecDeque<(Arc<LiveGeneration>, watch::Receiver<()>)>;
type Sink = SplitSink<WebSocket, Message>;

/// Who a socket belongs to, and where it begins.
#[derive(Debug)]
pub struct Visitor {
    /// The session.
    pub session: Arc<LiveSession>,
    /// Its place in it; left when dropped.
    pub place: SocketPlace,
    /// What the session's sockets are told.
    pub events: broadcast::Receiver<SessionEvent>,
    /// The sign-in it came with.
    pub sign_in: SignInId,
    /// When its credentials end.
    pub expires_at: Timestamp,
    /// The generation it asked to resume, and the last `seq` it has.
    pub resume: Option<(GenerationId, u64)>,
}

/// Serves one socket to its end.
pub async fn serve(app: AppState, socket: WebSocket, visitor: Visitor) {
    let Visitor {
        session,
        place: _place,
        events,
        sign_in,
        expires_at,
        resume,
    } = visitor;
    let (sink, stream) = socket.split();
    let life = Duration::from_millis(expires_at.as_millis().saturating_sub(app.clock.now().as_millis()));
    let mut connection = Connection {
        state: SocketState::new(session.record.id, session.chatbot_name.clone()),
        app,
        session,
        sign_in,
        following: VecDeque::new(),
        followed: VecDeque::new(),
        outbox: VecDeque::new(),
        sending: None,
        idle_sink: Some(sink),
        taking: None,
        closing: None,
        pace: Pace::new(Instant::now()),
        allowance: Allowance::new(Instant::now()),
    };
    connection.open(resume).await;
    connection.run(stream, events, life).await;
}

struct Connection {
    app: AppState,
    session: Arc<LiveSession>,
    sign_in: SignInId,
    state: SocketState,
    /// The generations that the state follows, with their wake-ups.
    following: Following,
    /// Those it followed lately: what it is told of again is not sent again.
    followed: VecDeque<GenerationId>,
    outbox: VecDeque<Message>,
    /// The frame on its way; gives the sink back, or nothing when the socket is dead.
    sending: Option<BoxFuture<'static, Option<Sink>>>,
    idle_sink: Option<Sink>,
    /// The prompt being taken in. A task of its own: it goes on when the socket is gone. No frame is read meanwhile.
    taking: Option<JoinHandle<ApiResult<Taken>>>,
    closing: Option<u16>,
    /// When the next piece of an answer may go.
    pace: Pace,
    /// What the client may still say.
    allowance: Allowance,
}

impl Connection {
    async fn run(
        &mut self,
        mut stream: SplitStream<WebSocket>,
        mut events: broadcast::Receiver<SessionEvent>,
        life: Duration,
    ) {
        let app = Arc::clone(&self.app);
        // Made once, and moved when they have to be: a timer costs more than a token.
        let mut shutdown = pin!(app.shutdown.cancelled());
        let mut expiry = pin!(sleep(life));
        let mut ping = pin!(sleep(ping_pause(&app)));
        let mut pong = pin!(sleep(PONG_TIMEOUT));
        let mut awaits_pong = false;
        loop {
            self.send_next().await;
            if self.sending.is_none() && self.idle_sink.is_none() {
                return;
            }
            if let (Some(code), None, true) = (self.closing, &self.sending, self.outbox.is_empty()) {
                return self.close(code, stream).await;
            }
            let open = self.closing.is_none();
            tokio::select! {
                biased;
                () = shutdown.as_mut(), if open => self.step(Input::Closed(CloseReason::ServerShutdown)).await,
                event = events.recv(), if open => self.told(event).await,
                () = expiry.as_mut(), if open => self.step(Input::Closed(CloseReason::Expired)).await,
                Some(taken) = OptionFuture::from(self.taking.as_mut()), if open => {
                    self.taking = None;
                    // A pong may have come while nobody read: it has its time from now on.
                    pong.as_mut().reset(Instant::now() + PONG_TIMEOUT);
                    self.taken(taken.unwrap_or_else(|_panicked| Err(ApiError::of(ProblemCode::Internal)))).await;
                }
                Some(sink) = OptionFuture::from(self.sending.as_mut()) => {
                    self.sending = None;
                    self.idle_sink = sink;
                }
                frame = stream.next(), if open && self.taking.is_none() => match frame {
                    Some(Ok(Message::Text(text))) => {
                        self.session.heard(app.clock.now());
                        self.hear(Frame::Text(text.to_string())).await;
                    }
                    Some(Ok(Message::Binary(_))) => self.hear(Frame::Binary).await,
                    Some(Ok(Message::Pong(_))) => awaits_pong = false,
                    Some(Ok(Message::Ping(_))) => {}
                    Some(Ok(Message::Close(_))) => return drain(stream).await,
                    None => return,
                    Some(Err(error)) if is_too_big(&error) => {
                        let error = ApiError::new(ProblemCode::TooLarge, "This message is far too large.");
                        self.step(Input::Say(super::state::error_event(error, true))).await;
                        self.closing = Some(close_code::TOO_BIG);
                    }
                    Some(Err(_)) => return,
                },
                () = news(&mut self.following, self.pace.next()), if open && self.sending.is_none() => {
                    self.progress().await;
                }
                () = ping.as_mut(), if open => {
                    let now = Instant::now();
                    ping.as_mut().reset(now + ping_pause(&app));
                    if !std::mem::replace(&mut awaits_pong, true) {
                        pong.as_mut().reset(now + PONG_TIMEOUT);
                    }
                    self.outbox.push_back(Message::Ping(Default::default()));
                }
                () = pong.as_mut(), if awaits_pong && self.taking.is_none() => return,
            }
        }
    }

    async fn hear(&mut self, frame: Frame) {
        let input = if self.allowance.take(Instant::now()) {
            Input::Frame(frame)
        } else {
            Input::Refused(too_many_frames())
        };
        self.step(input).await;
    }

    async fn progress(&mut self) {
        let (Some(answer), Some((generation, watch))) = (self.state.current(), self.following.front_mut())
        else {
            return;
        };
        let untold = generation.sources().filter(|_| !answer.sourced);
        let progress = untold.map_or_else(|| generation.read(answer.seen), Progress::Sources);
        match &progress {
            // There may be more behind it: come again when this frame is sent.
            Progress::Sources(_) => watch.mark_changed(),
            Progress::Text(chunk) => {
                let crowd = self.app.chat.crowd();
                self.pace.goes(chunk.text.len(), crowd, Instant::now());
                // What is said from now on wakes us by itself.
                if chunk.more {
                    watch.mark_changed();
                }
            }
            Progress::Ended(_) | Progress::Lost => drop(self.following.pop_front()),
            Progress::Waiting(_) => {}
        }
        self.step(Input::Progress(progress)).await;
    }

    async fn told(&mut self, event: Result<SessionEvent, broadcast::error::RecvError>) {
        match event {
            Ok(SessionEvent::Say(event)) => self.step(Input::Say(*event)).await,
            Ok(SessionEvent::Started(generation)) if self.followed.contains(&generation.id) => {}
            Ok(SessionEvent::Started(generation)) => {
                let answer = beginning_of(&generation);
                self.follow(generation, answer).await;
            }
            Ok(SessionEvent::SignInEnded(sign_in)) if sign_in == self.sign_in => {
                self.step(Input::Closed(CloseReason::LoggedOut)).await;
            }
            Ok(SessionEvent::SignInEnded(_)) => {}
            Ok(SessionEvent::Closed(reason)) => self.step(Input::Closed(reason)).await,
            Err(_) => self.step(Input::Overrun).await,
        }
    }

    async fn follow(&mut self, generation: Arc<LiveGeneration>, answer: Answer) {
        if !self.following.iter().any(|(known, _)| known.id == generation.id) {
            self.watch(&generation);
        }
        self.step(Input::Follow(answer)).await;
    }

    fn watch(&mut self, generation: &Arc<LiveGeneration>) {
        self.following
            .push_back((Arc::clone(generation), generation.watch()));
        self.followed.push_back(generation.id);
        if self.followed.len() > FOLLOWED {
            self.followed.pop_front();
        }
    }

    async fn taken(&mut self, taken: ApiResult<Taken>) {
        if taken.is_ok() {
            self.allowance.give_back();
        }
        match taken {
            Ok(Taken::Begun) => {}
            Ok(Taken::Repeated(acknowledgement)) => self.step(Input::Say(acknowledgement)).await,
            Err(error) => self.step(Input::Refused(error)).await,
        }
    }

    async fn step(&mut self, input: Input) {
        let mut effects: VecDeque<Effect> = self.state.step(input).into();
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Send(mut event) => {
                    self.app.drawings.draw_end(&mut event).await;
                    self.put(&event);
                }
                Effect::Ask(ask) => {
                    let (app, session, sign_in) =
                        (Arc::clone(&self.app), Arc::clone(&self.session), self.sign_in);
                    let taking = async move {
                        let left = limits::count_prompt(&app, session.record.user_id).await?;
                        let left = (left <= FEW_PROMPTS).then_some(left);
                        prompt::take(&app, &session, sign_in, ask, left).await
                    };
                    let taking = trace::prompt(&self.session.record, taking);
                    self.taking = Some(self.app.tasks.spawn(taking));
                }
                Effect::Stop => match authorize::frame(&self.app, &self.session.record, self.sign_in).await {
                    Ok(_) => {
                        let conversation = self.session.record.conversation_id;
                        if let Err(error) = generation::stop_in(&self.app, conversation).await {
                            effects.extend(self.state.step(Input::Refused(error.into())));
                        }
                    }
                    Err(error) => effects.extend(self.state.step(Input::Refused(error))),
                },
                Effect::Find {
                    generation_id,
                    after_seq,
                } => {
                    let input = match self.find(generation_id, after_seq).await {
                        Ok(answer) => Input::Follow(answer),
                        Err(error) => Input::Refused(error),
                    };
                    if let (Input::Follow(_), Some((_, watch))) = (&input, self.following.front_mut()) {
                        watch.mark_changed();
                    }
                    effects.extend(self.state.step(input));
                }
                Effect::Close(code) => self.closing = Some(code),
            }
        }
    }

    fn put(&mut self, event: &ServerEvent) {
        self.app.metrics.said(event);
        match serde_json::to_string(event) {
            Ok(json) if self.outbox.len() < OUTBOX => self.outbox.push_back(Message::text(json)),
            Ok(_) => self.closing = Some(close_code::SERVICE_RESTART),
            Err(error) => tracing::error!(%error, "Could not write a frame"),
        }
    }

    async fn send_next(&mut self) {
        if self.sending.is_some() || self.outbox.is_empty() {
            return;
        }
        if let (Some(mut sink), Some(message)) = (self.idle_sink.take(), self.outbox.pop_front()) {
            // All that waits goes out in one write.
            let rest: Vec<Message> = self.outbox.drain(..).collect();
            let send = async move {
                sink.feed(message).await.ok()?;
                for message in rest {
                    sink.feed(message).await.ok()?;
                }
                sink.flush().await.ok()?;
                Some(sink)
            };
            let mut send = send.boxed();
            match futures::poll!(&mut send) {
                // Nearly always: the system has room for a frame.
                Poll::Ready(sink) => self.idle_sink = sink,
                Poll::Pending => {
                    let sent = timeout(SEND_TIMEOUT, send);
                    self.sending = Some(sent.map(|sent| sent.ok().flatten()).boxed());
                }
            }
        }
    }

    /// The close handshake: our frame, then whatever the peer still says, until it says its own or time is up.
    async fn close(&mut self, code: u16, mut stream: SplitStream<WebSocket>) {
        let Some(mut sink) = self.idle_sink.take() else {
            return;
        };
        let frame = CloseFrame {
            code,
            reason: Default::default(),
        };
        let handshake = async {
            if sink.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = stream.next().await {}
            }
        };
        let _late_or_not = timeout(CLOSE_TIMEOUT, handshake).await;
    }
}

/// Reads a closed socket to its end: the library answers a close frame when it is read from again, not when it gives it
/// to us. Without the answer a browser takes its own good-bye for a broken connection.
async fn drain(mut stream: SplitStream<WebSocket>) {
    let end = async { while let Some(Ok(_)) = stream.next().await {} };
    let _late_or_not = timeout(CLOSE_TIMEOUT, end).await;
}

/// Waits until there is more of the answer being sent, and it may go; for ever when there is none.
async fn news(following: &mut Following, not_before: Instant) {
    // First: whoever has seen that there is more must come to send it.
    if not_before > Instant::now() {
        sleep_until(not_before).await;
    }
    match following.front_mut() {
        // An error would mean that the generation is gone, and it cannot be: we hold it.
        Some((_, watch)) => drop(watch.changed().await),
        None => std::future::pending().await,
    }
}

fn too_many_frames() -> ApiError {
    let detail = "That is more than anybody can have to say. Please wait a second.";
    ApiError::new(ProblemCode::RateLimited, detail).retry_after(1)
}

fn ping_pause(app: &AppState) -> Duration {
    app.config
        .chat
        .ping_interval
        .mul_f32(0.9 + 0.2 * rand::random::<f32>())
}

fn is_too_big(error: &axum::Error) -> bool {
    // The library's error is boxed twice; its text is the only stable thing about it.
    error.to_string().to_ascii_lowercase().contains("too long")
}
