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

    /// A number of the range, which stands in for a wrong one until the reader refuses the scenario as a whole, so
    /// that one mistake is told once.
    pub fn stand_in(self) -> f64 {
        if self.high <= 1.0 { self.high } else { self.low.max(0.0) + if self.low_open { 1.0 } else { 0.0 } }
    }
}

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
/// At least one.
pub(in crate::scenario) const FROM_ONE: Range = range(1.0, false, f64::INFINITY, "a number ≥ 1");
/// A longitude.
pub(in crate::scenario) const LONGITUDE: Range = range(-180.0, false, 180.0, "a longitude in [-180, 180] degrees");
/// A latitude.
pub(in crate::scenario) const LATITUDE: Range = range(-90.0, false, 90.0, "a latitude in [-90, 90] degrees");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_lies_in_its_range() {
        for range in [ANY, POSITIVE, NOT_NEGATIVE, SHARE, PORTION, FROM_ONE, LONGITUDE, LATITUDE] {
            assert!(range.holds(range.stand_in()), "{}", range.words);
            assert!(!range.holds(f64::NAN) && !range.holds(f64::INFINITY), "{}", range.words);
        }
        assert!(!PORTION.holds(0.0) && SHARE.holds(0.0) && !SHARE.holds(1.01));
    }
}
