//! Ranges that numbers of the input must lie in, each with its words for messages.

/// A range of numbers.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Range {
    low: f64,
    low_open: bool,
    high: f64,
    /// What is wanted, in words.
    pub words: &'static str,
}

impl Range {
    /// Whether a number lies in the range; no range holds NaN or an infinity.
    pub fn holds(self, x: f64) -> bool {
        x.is_finite() && x <= self.high && if self.low_open { x > self.low } else { x >= self.low }
    }

    /// The range without what is so large that later sums could overflow, where it has no upper end of its own.
    pub fn words_of(self, x: f64) -> String {
        if self.high.is_infinite() && x.abs() > LARGEST {
            format!("{}, at most 1,000,000", self.words)
        } else {
            self.words.to_owned()
        }
    }

    /// Whether a number of a setting, hub or measure lies in the range and is not so large that sums overflow.
    pub fn holds_setting(self, x: f64) -> bool {
        self.holds(x) && (self.high.is_finite() || x.abs() <= LARGEST)
    }

    /// A number of the range, which stands in for a wrong one until the reader refuses the scenario as a whole, so
    /// that one mistake is told once.
    pub fn stand_in(self) -> f64 {
        if self.high <= 1.0 { self.high } else { self.low.max(0.0) + if self.low_open { 1.0 } else { 0.0 } }
    }
}

/// No setting is larger than this in size.
const LARGEST: f64 = 1e6;

const fn range(low: f64, low_open: bool, high: f64, words: &'static str) -> Range {
    Range { low, low_open, high, words }
}

/// Any finite number.
pub(in crate::scenario) const ANY: Range = range(f64::NEG_INFINITY, false, f64::INFINITY, "a number");
/// Above zero.
pub(in crate::scenario) const POSITIVE: Range = range(0.0, true, f64::INFINITY, "a number > 0");
/// Zero or above.
pub(in crate::scenario) const NOT_NEGATIVE: Range = range(0.0, false, f64::INFINITY, "a number ≥ 0");
/// A share.
pub(in crate::scenario) const SHARE: Range = range(0.0, false, 1.0, "a share in [0, 1]");
/// A share that is not nothing.
pub(in crate::scenario) const PORTION: Range = range(0.0, true, 1.0, "a share in (0, 1]");
/// A longitude.
pub(in crate::scenario) const LONGITUDE: Range = range(-180.0, false, 180.0, "a longitude in [-180, 180] degrees");
/// A latitude.
pub(in crate::scenario) const LATITUDE: Range = range(-90.0, false, 90.0, "a latitude in [-90, 90] degrees");

/// A day, seconds.
pub(in crate::scenario) const WITHIN_A_DAY: Range = range(0.0, false, 86_400.0, "seconds, from 0 to 86,400");
/// Seconds between departures.
pub(in crate::scenario) const HEADWAY: Range = range(1.0, false, 86_400.0, "seconds, from 1 to 86,400");
/// A mean service time.
pub(in crate::scenario) const SERVICE_TIME: Range = range(0.0, true, 86_400.0, "seconds, a number > 0, at most 86,400");
/// Minutes before a service.
pub(in crate::scenario) const MINUTES_BEFORE: Range = range(0.0, false, 2_880.0, "minutes, from 0 to 2,880");
/// How far people walk or cycle.
pub(in crate::scenario) const WALKED_M: Range = range(0.0, false, 100_000.0, "metres, from 0 to 100,000");
/// Lanes of a link.
pub(in crate::scenario) const LANES: Range = range(0.0, true, 100.0, "lanes, a number > 0, at most 100");
/// Capacity of a lane.
pub(in crate::scenario) const LANE_CAPACITY: Range =
    range(0.0, true, 100_000.0, "PCU per hour and lane, a number > 0, at most 100,000");
/// Capacity of a lane for a part of the day.
pub(in crate::scenario) const LANE_CAPACITY_OR_NONE: Range =
    range(0.0, false, 100_000.0, "PCU per hour and lane, from 0 to 100,000");
/// Lanes for a part of the day.
pub(in crate::scenario) const LANES_OR_NONE: Range = range(0.0, false, 100.0, "lanes, from 0 to 100");
/// Free speed.
pub(in crate::scenario) const SPEED_KMH: Range = range(0.1, false, 500.0, "a speed from 0.1 to 500 km/h");
/// Length of a link, metres.
pub(in crate::scenario) const LENGTH_M: Range = range(0.0, true, 1e7, "a length > 0, at most 10,000 km");
/// Jam density.
pub(in crate::scenario) const JAM_DENSITY: Range =
    range(10.0, false, 1_000.0, "PCU per kilometre and lane, from 10 to 1,000");
/// A toll.
pub(in crate::scenario) const TOLL: Range = range(0.0, false, 1e6, "yuan, from 0 to 1,000,000");
/// A price of a feed, in its own currency.
pub(in crate::scenario) const PRICE: Range = range(0.0, false, 1e6, "a price from 0 to 1,000,000");
/// Residents or jobs.
pub(in crate::scenario) const PEOPLE: Range = range(0.0, false, 1e10, "a number ≥ 0, at most 10,000,000,000");
/// Gross domestic product, yuan.
pub(in crate::scenario) const GDP: Range = range(0.0, false, 1e16, "a number ≥ 0, at most 1e16 (yuan)");
/// Seats of a service.
pub(in crate::scenario) const SEATS: Range = range(0.0, false, 100_000.0, "seats, from 0 to 100,000");
/// Freight of a service.
pub(in crate::scenario) const FREIGHT: Range = range(0.0, false, 1e6, "a number ≥ 0, at most 1,000,000");
/// Persons who travel together.
pub(in crate::scenario) const PARTY: Range = range(1.0, false, 3.0, "persons, from 1 to 3");
/// A load of a truck.
pub(in crate::scenario) const TRUCK_LOAD: Range = range(0.01, false, 10_000.0, "a load from 0.01 to 10,000");
/// Factor on services or servers.
pub(in crate::scenario) const FACTOR: Range = range(0.0, false, 100.0, "a factor from 0 to 100");
/// Factor that leaves something.
pub(in crate::scenario) const FACTOR_ABOVE_ZERO: Range = range(0.0, true, 100.0, "a factor > 0, at most 100");

/// A range of one setting.
pub(in crate::scenario) const fn between(low: f64, high: f64, words: &'static str) -> Range {
    range(low, false, high, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_lies_in_its_range() {
        for range in
            [ANY, POSITIVE, NOT_NEGATIVE, SHARE, PORTION, LONGITUDE, LATITUDE, LANES, SPEED_KMH, HEADWAY, TRUCK_LOAD]
        {
            assert!(range.holds(range.stand_in()), "{}", range.words);
            assert!(!range.holds(f64::NAN) && !range.holds(f64::INFINITY), "{}", range.words);
        }
        assert!(!PORTION.holds(0.0) && SHARE.holds(0.0) && !SHARE.holds(1.01));
    }
}
