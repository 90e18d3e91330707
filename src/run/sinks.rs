//! All that listens to a day: indicators and the digest.

use crate::events::{Event, EventDigest, EventSink};
use crate::metrics::{Context, Indicators};

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
