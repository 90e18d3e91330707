//! All that listens to a day: indicators and the digest.

use crate::events::{Event, EventDigest, EventSink};
use crate::metrics::{Context, Indicators};
use std::sync::mpsc::SyncSender;

/// The listeners of one day.
pub(super) struct Sinks {
    pub indicators: Indicators,
    pub digest: EventDigest,
}

impl Sinks {
    pub fn new(context: &Context) -> Sinks {
        Sinks { indicators: Indicators::new(context), digest: EventDigest::default() }
    }
}

impl EventSink for Sinks {
    fn event(&mut self, event: &Event) {
        self.indicators.event(event);
        self.digest.event(event);
    }
}

/// Batches that may wait for the listener before the simulation does.
pub(super) const BATCHES: usize = 8;

/// Events in a batch.
const BATCH: usize = 1 << 15;

/// Gathers events and hands them over in batches, in their order.
pub(super) struct Batches {
    to: SyncSender<Vec<Event>>,
    events: Vec<Event>,
}

impl Batches {
    pub fn new(to: SyncSender<Vec<Event>>) -> Batches {
        Batches { to, events: Vec::with_capacity(BATCH) }
    }

    /// Hands over what has been gathered.
    pub fn hand_over(&mut self) {
        let batch = std::mem::replace(&mut self.events, Vec::with_capacity(BATCH));
        // A listener that is gone has panicked, and its panic is what the caller will see.
        let _ = self.to.send(batch);
    }
}

impl EventSink for Batches {
    fn event(&mut self, event: &Event) {
        self.events.push(*event);
        if self.events.len() == BATCH {
            self.hand_over();
        }
    }
}
