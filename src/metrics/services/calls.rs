//! Punctuality: how late vehicles leave their stops, and come to their last one, against the timetable.
//!
//! Runs by headways are held against the times that the headways give. An early vehicle is no late one.

/// What the wider measure of punctuality means, for tables and key figures.
pub const WITHIN_300_S: &str = "share of calls at stops not more than 300 s late by the timetable, on leaving, at the last \
                                stop on coming";

/// Calls of vehicles at stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    calls: u64,
    within_60_s: u64,
    within_300_s: u64,
    /// Runs that came to their last stop, and their lateness.
    ended: u64,
    late_at_end_ms: i64,
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Calls {
    /// A vehicle calls at a stop.
    pub fn add(&mut self, late_ms: i64, is_last: bool) {
        self.calls += 1;
        self.within_60_s += u64::from(late_ms <= 60_000);
        self.within_300_s += u64::from(late_ms <= 300_000);
        if is_last {
            self.ended += 1;
            self.late_at_end_ms += late_ms;
        }
    }

    /// Takes in other calls.
    pub fn merge(&mut self, other: &Calls) {
        self.calls += other.calls;
        self.within_60_s += other.within_60_s;
        self.within_300_s += other.within_300_s;
        self.ended += other.ended;
        self.late_at_end_ms += other.late_at_end_ms;
    }

    /// Share of calls at most a minute late.
    pub fn within_60_s(&self) -> Option<f64> {
        share(self.within_60_s, self.calls)
    }

    /// Share of calls at most five minutes late.
    pub fn within_300_s(&self) -> Option<f64> {
        share(self.within_300_s, self.calls)
    }

    /// Mean lateness on coming to the last stop, seconds.
    pub fn late_at_end_s(&self) -> Option<f64> {
        (self.ended > 0).then(|| self.late_at_end_ms as f64 / 1_000.0 / self.ended as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_punctual_up_to_and_with_the_limit() {
        // Late by −30, 60, 61, 300 and 301 s, the last two of them at the end: 2 of 5 within a minute, 4 of 5 within
        // five; mean at the end 300.5 s.
        let mut calls = Calls::default();
        for (late_s, is_last) in [(-30, false), (60, false), (61, false), (300, true), (301, true)] {
            calls.add(late_s * 1_000, is_last);
        }
        assert_eq!((calls.within_60_s(), calls.within_300_s()), (Some(0.4), Some(0.8)));
        assert_eq!(calls.late_at_end_s(), Some(300.5));
        assert_eq!(Calls::default().within_60_s(), None);
    }
}
