//! What all parts of the synthesis share: inputs, seed, sample, and the simulated part of a typical day.
//!
//! The day is typical: yesterday and tomorrow run like today. Whoever would have to set out yesterday evening for a
//! service of tonight stands for the one who sets out tonight for the same service of tomorrow, so a moment outside the
//! simulated part is replaced by its twin one or more days away. Without this, everything that begins before midnight
//! would pile up at the first moment. A moment none of whose twins is simulated belongs to nobody who is simulated.

use crate::error::{Error, Problem, Result};
use crate::network::Network;
use crate::random::{Draws, Purpose, signature};
use crate::scenario::Scenario;
use crate::units::{HOUR_MS, Time};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Inputs of the synthesis, and the simulated part of the day.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// What the planner wrote.
    pub scenario: &'a Scenario,
    /// Supply.
    pub network: &'a Network,
    /// Supply on whose roads destinations and catchments are chosen: the base's, so that a variant's roads change how
    /// people travel and not where they mean to go.
    pub base: &'a Network,
    /// Seed of all draws.
    pub seed: u64,
    /// Share of the population that becomes agents, in (0, 1].
    pub sample: f64,
    /// First simulated moment.
    pub start: Time,
    /// First moment that is not simulated any more.
    pub end: Time,
}

impl<'a> Frame<'a> {
    /// A frame, or the problems of its sample and of the times of the day.
    pub fn new(scenario: &'a Scenario, network: &'a Network, seed: u64, sample: f64) -> Result<Frame<'a>> {
        let mut problems = Vec::new();
        let time = &scenario.settings.time;
        if !(sample > 0.0 && sample <= 1.0) {
            let wanted = "a share above 0 and up to 1";
            problems.push(Problem::new("scenario.toml", sample.to_string(), wanted).column("run.sample"));
        }
        let mut read = |key: &str, text: &str| {
            Time::parse(text).unwrap_or_else(|| {
                problems.push(Problem::new("scenario.toml", format!("\"{text}\""), "HH:MM or HH:MM:SS").column(key));
                Time(0)
            })
        };
        let (start, end) = (read("time.start", &time.start), read("time.end", &time.end));
        if problems.is_empty() && end <= start {
            let (found, wanted) = (format!("\"{}\"", time.end), format!("a moment after time.start ({start})"));
            problems.push(Problem::new("scenario.toml", found, wanted).column("time.end"));
        }
        if problems.is_empty() {
            Ok(Frame { scenario, network, base: network, seed, sample, start, end })
        } else {
            Err(Error::Problems(problems))
        }
    }

    /// By how much a moment has to be moved (a whole number of days, mostly none) to lie in the simulated part;
    /// `None` when no day brings it there.
    pub fn shift_ms(&self, moment: Time) -> Option<i64> {
        if (self.start..self.end).contains(&moment) {
            return Some(0);
        }
        let twin = self.start.plus(moment.since(self.start).rem_euclid(DAY_MS));
        (twin < self.end).then(|| twin.since(moment))
    }

    /// The draws that make an agent or a consignment what it is.
    pub fn draws(&self, key: u64) -> Draws {
        Draws::new(self.seed, Purpose::Synthesis, key, 0)
    }

    /// The keyed start in (0, 1) of a sequence of rounding thresholds.
    pub fn threshold_start(&self, name: &str) -> f64 {
        Draws::new(self.seed, Purpose::Rounding, signature(name), 0).uniform()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Town;
    use super::*;

    #[test]
    fn yesterday_evening_stands_for_tonight() {
        let mut town = Town::new();
        town.scenario.settings.time.end = "24:00".into();
        let frame = town.frame(1.0);
        let at = |hours: i64| frame.shift_ms(Time(hours * HOUR_MS)).map(|ms| ms / HOUR_MS);
        assert_eq!([at(0), at(23), at(-1), at(24), at(-30)], [Some(0), Some(0), Some(24), Some(-24), Some(48)]);
        // a simulated morning sees only the moments of the morning
        town.scenario.settings.time.start = "06:00".into();
        town.scenario.settings.time.end = "10:00".into();
        let frame = town.frame(1.0);
        assert_eq!(frame.shift_ms(Time(5 * HOUR_MS)), None);
        assert_eq!(frame.shift_ms(Time(31 * HOUR_MS)), Some(-DAY_MS));
    }

    #[test]
    fn a_wrong_sample_and_a_backward_day_are_told() {
        let mut town = Town::new();
        assert!(Frame::new(&town.scenario, &town.network, 1, 0.0).is_err());
        assert!(Frame::new(&town.scenario, &town.network, 1, f64::NAN).is_err());
        town.scenario.settings.time.end = "00:00".into();
        let message = Frame::new(&town.scenario, &town.network, 1, 1.0).unwrap_err().to_string();
        assert!(message.contains("time.end"), "{message}");
    }
}
