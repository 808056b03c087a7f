//! How much of a form its reader holds back without giving anything out.
//!
//! The reader of `multipart/form-data` keeps what it reads until it finds what it looks for (the first boundary, the end of
//! a part's headers), however long that takes, and looks through all of it each time more arrives. So the body goes through
//! [`Watched`]: one piece at a time, and none any more once [`HELD`] bytes were read since anything came out. What is wanted
//! of a form no more is passed over here, and not read there. Must not know: parts, files. Start at [`Watched`].

use axum::{
    Error,
    body::{Body, BodyDataStream, Bytes},
};
use futures::{Stream, ready};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

/// Bytes that the headers of a part, or what stands before the first, may have: those of a browser have some hundred.
const HELD: u64 = 64 * 1024;
/// Bytes that its reader gets at a time.
const PIECE: usize = 32 * 1024;

/// What the body and the reader of its parts tell each other.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Bytes that were read since something came out.
    held: AtomicU64,
    /// The rest is read, and given to nobody.
    passed_over: AtomicBool,
}

impl Watch {
    /// Something came out: a part, or a piece of one.
    pub(super) fn gave(&self) {
        self.held.store(0, Ordering::Relaxed);
    }

    /// Whether too much is held.
    pub(super) fn is_over(&self) -> bool {
        self.held.load(Ordering::Relaxed) > HELD
    }

    /// Nothing of it is wanted any more.
    pub(super) fn pass_over(&self) {
        self.passed_over.store(true, Ordering::Relaxed);
    }
}

/// A body that is watched.
pub(super) struct Watched {
    body: BodyDataStream,
    watch: Arc<Watch>,
    /// What came and was not given yet.
    rest: Bytes,
    /// Bytes that may still be passed over.
    left: u64,
    /// A piece was given just now.
    gave: bool,
}

impl Watched {
    /// Of this body, of which no more than `most` bytes are read.
    pub(super) fn new(body: Body, watch: Arc<Watch>, most: u64) -> Self {
        Self {
            body: body.into_data_stream(),
            watch,
            rest: Bytes::new(),
            left: most,
            gave: false,
        }
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while this.watch.passed_over.load(Ordering::Relaxed) {
            let Some(Ok(piece)) = ready!(Pin::new(&mut this.body).poll_next(context)) else {
                return Poll::Ready(None);
            };
            match this.left.checked_sub(length(&piece)) {
                Some(left) => this.left = left,
                None => return Poll::Ready(None),
            }
        }
        // Its reader takes all that it can get before it looks at any of it: so it gets one piece, and another when it asks
        // again.
        if std::mem::take(&mut this.gave) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if this.watch.is_over() {
            let error = std::io::Error::other("there is too much between the files of a form");
            return Poll::Ready(Some(Err(Error::new(error))));
        }
        if this.rest.is_empty() {
            this.rest = match ready!(Pin::new(&mut this.body).poll_next(context)) {
                Some(Ok(bytes)) => bytes,
                end => return Poll::Ready(end),
            };
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        this.gave = true;
        this.left = this.left.saturating_sub(length(&piece));
        this.watch.held.fetch_add(length(&piece), Ordering::Relaxed);
        Poll::Ready(Some(Ok(piece)))
    }
}

fn length(piece: &Bytes) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}
