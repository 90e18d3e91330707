//! The clock of a truck gate, which runs only while the gate is open.
//!
//! Goods rest in a hub while its gate is closed, so the time between a service and its truck is measured on this clock:
//! a mean dwell of d hours is d times the open share of the day on it. Trucks then call only in open hours, without a
//! pile at opening time that would stand for nothing but the rule.

use super::frame::DAY_MS;
use crate::units::Time;

/// The opening hours of a gate, the same every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateClock {
    open: Time,
    length_ms: i64,
}

impl GateClock {
    /// A gate that opens and closes at two moments of the day; over midnight when it closes before it opens, never
    /// closed when both are the same moment of the day.
    pub fn new(open: Time, close: Time) -> GateClock {
        let length_ms = match close.since(open).rem_euclid(DAY_MS) {
            0 => DAY_MS,
            length => length,
        };
        GateClock { open, length_ms }
    }

    /// Share of the day that the gate is open.
    pub fn open_share(&self) -> f64 {
        self.length_ms as f64 / DAY_MS as f64
    }

    /// Whether the gate is open at a moment.
    pub fn is_open(&self, moment: Time) -> bool {
        moment.since(self.open).rem_euclid(DAY_MS) < self.length_ms
    }

    /// Open milliseconds between the first opening of day 0 and a moment.
    fn reading(&self, moment: Time) -> i64 {
        let since = moment.since(self.open);
        since.div_euclid(DAY_MS) * self.length_ms + since.rem_euclid(DAY_MS).min(self.length_ms)
    }

    /// The open moment at a reading.
    fn moment(&self, reading: i64) -> Time {
        self.open.plus(reading.div_euclid(self.length_ms) * DAY_MS + reading.rem_euclid(self.length_ms))
    }

    /// The open moment that lies a dwell of so many milliseconds (negative: before) from a moment; the dwell is that of
    /// the whole day and is shortened to the open share of it.
    pub fn after(&self, moment: Time, dwell_ms: f64) -> Time {
        self.moment(self.reading(moment) + (dwell_ms * self.open_share()).round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::HOUR_MS;

    fn at(hours: f64) -> Time {
        Time((hours * HOUR_MS as f64) as i64)
    }

    #[test]
    fn a_gate_that_never_closes_keeps_ordinary_time() {
        let gate = GateClock::new(at(0.0), at(24.0));
        assert_eq!(gate.after(at(10.0), -11.5 * HOUR_MS as f64), at(-1.5));
        assert_eq!(gate.after(at(10.0), 20.0 * HOUR_MS as f64), at(30.0));
    }

    #[test]
    fn goods_rest_while_the_gate_is_closed() {
        // Open 6–18, half the day: 4 hours of dwell are 2 on the gate's clock. Before 07:00 these are 06:00–07:00 and
        // 17:00–18:00 of the day before.
        let gate = GateClock::new(at(6.0), at(18.0));
        assert_eq!(gate.after(at(7.0), -4.0 * HOUR_MS as f64), at(17.0 - 24.0));
        assert_eq!(gate.after(at(3.0), 4.0 * HOUR_MS as f64), at(8.0));
        assert_eq!(gate.after(at(17.0), 8.0 * HOUR_MS as f64), at(24.0 + 9.0));
    }

    #[test]
    fn a_gate_may_be_open_over_midnight() {
        // open 20–04: 8 of 24 hours, so 6 hours of dwell are 2 on the clock
        let gate = GateClock::new(at(20.0), at(4.0));
        assert_eq!(gate.after(at(25.0), -6.0 * HOUR_MS as f64), at(23.0));
        assert_eq!(gate.after(at(12.0), 6.0 * HOUR_MS as f64), at(22.0));
    }
}
