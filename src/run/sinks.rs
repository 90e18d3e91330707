//! All that listens to a day: indicators and the digest.

use crate::events::{Event, EventDigest, EventSink};
use crate::metrics::{Context, Indicators};
use crate::report::events::EventFile;

/// The listeners of one day.
pub(super) struct Sinks {
    pub indicators: Indicators,
    pub digest: EventDigest,
}

impl Sinks {
    pub fn new(context: &Context) -> Sinks {
        let vehicles = context.network.lines.run_keys();
        let items = context.demand.items.list.iter().map(|item| item.key);
        let keys = context.demand.agents.iter().map(|a| a.key).chain(vehicles).chain(items).collect();
        Sinks { indicators: Indicators::new(context), digest: EventDigest::new(keys) }
    }
}

impl EventSink for Sinks {
    fn event(&mut self, event: &Event) {
        self.indicators.event(event);
        self.digest.event(event);
    }
}

/// The listeners of a day, and the file of its events.
pub(super) struct Both<'a, 'b>(pub &'a mut Sinks, pub EventFile<'b>);

impl EventSink for Both<'_, '_> {
    fn event(&mut self, event: &Event) {
        self.0.event(event);
        self.1.event(event);
    }
}
