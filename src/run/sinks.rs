//! All that listens to a day: indicators, travel times, traffic by district, the digest.

use crate::events::{Event, EventDigest, EventSink};
use crate::metrics::district_traffic::DistrictTraffic;
use crate::metrics::link_times::ExperiencedTimes;
use crate::metrics::{Context, Indicators};

/// The listeners of one day.
pub(super) struct Sinks {
    pub indicators: Indicators,
    pub times: ExperiencedTimes,
    pub traffic: DistrictTraffic,
    pub digest: EventDigest,
}

impl Sinks {
    pub fn new(context: &Context) -> Sinks {
        Sinks {
            indicators: Indicators::new(context),
            times: ExperiencedTimes::new(context),
            traffic: DistrictTraffic::new(context),
            digest: EventDigest::default(),
        }
    }
}

impl EventSink for Sinks {
    fn event(&mut self, event: &Event) {
        self.indicators.event(event);
        self.times.event(event);
        self.traffic.event(event);
        self.digest.event(event);
    }
}
