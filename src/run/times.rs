//! What flows back from a day: the times of roads and services as they were experienced.

use crate::network::line_times::LineTimes;
use crate::network::times::LinkTimes;

/// Experienced times.
#[derive(Clone)]
pub(super) struct Times {
    pub roads: LinkTimes,
    pub lines: LineTimes,
}

impl Times {
    /// This day with the weight `share` and an earlier one with the rest.
    pub fn blend(&self, before: &Times, share: f64) -> Times {
        Times { roads: self.roads.blend(&before.roads, share), lines: self.lines.blend(&before.lines, share) }
    }
}
