//! How readily agents switch: a step that is kept while the gap falls and shortened where it rises.
//!
//! Self-regulated averaging [Liu, He and He 2009]: the step is the share that would switch on the first day divided by a
//! number that grows by much after an iteration whose gap rose (people moved too many at once) and by little otherwise.
//! The usual 1/n slows down whether or not there is need: on a Sioux Falls of 37,485 trips whose drivers count time
//! alone it took 13 iterations to a gap of 1 %, this takes fewer (the figures stand with the test).
//!
//! An agent's own chance grows with its regret, up to the step. From which regret on it is full follows the gap: what
//! was a small regret on the first day is a large one when nearly everybody is content.

use super::report::REGRET;

/// By how much the divisor of the step grows after an iteration whose gap rose.
const AFTER_RISE: f64 = 1.0;

/// By how much it grows after one whose gap fell.
const AFTER_FALL: f64 = 0.15;

/// Regret, in gaps of the iteration before, from which an agent switches as readily as it can.
const FULL_AT_GAPS: f64 = 3.0;

/// How far those who keep a plan go towards a better arrival in the first iteration. All the way overshoots.
const APPROACH: f64 = 0.6;

/// How fast that falls with the divisor of the step.
const APPROACH_FALLS: f64 = 0.3;

/// How readily agents switch after an iteration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Iteration, from 1.
    pub iteration: u32,
    share: f64,
    divisor: f64,
    gap: Option<f64>,
}

impl Pace {
    /// Of the first iteration, in which the share of those who would gain most that switches is `share`.
    pub fn new(share: f64) -> Pace {
        Pace { iteration: 1, share, divisor: 1.0, gap: None }
    }

    /// Of the next iteration, when this one had a relative gap.
    #[must_use]
    pub fn after(self, gap: f64) -> Pace {
        let rose = self.gap.is_some_and(|before| gap > before);
        let grown = if rose { AFTER_RISE } else { AFTER_FALL };
        Pace { iteration: self.iteration + 1, divisor: self.divisor + grown, gap: Some(gap), ..self }
    }

    /// The chance of an agent to switch, by its regret as a share of its cost.
    pub fn chance(&self, regret: f64) -> f64 {
        let full = self.gap.map_or(REGRET, |gap| (FULL_AT_GAPS * gap).clamp(1e-4, REGRET));
        self.share / self.divisor * (regret / full).min(1.0)
    }

    /// The same of one who rides lines before and after. Whoever changes from one vehicle to another moves a place in a
    /// queue and no more, where one car more or less on a full road holds up all behind it, so this step shortens by the
    /// root of the divisor only. `baiyun` came to 1.45 % in ten iterations so, and to 1.66 % with the step of roads; by the
    /// 19th both stood near 1.25 % (November 2026).
    pub fn chance_on_lines(&self, regret: f64) -> f64 {
        self.chance(regret) * self.divisor.sqrt()
    }

    /// The part of the way that somebody who keeps a plan goes towards a better arrival.
    pub fn approach(&self) -> f64 {
        APPROACH / (1.0 + APPROACH_FALLS * (self.divisor - 1.0))
    }

    /// What has faded by this iteration of something that is whole in the first one.
    pub fn fading(&self) -> f64 {
        5.0 / f64::from(self.iteration + 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_gap_shortens_the_step_and_a_falling_one_hardly() {
        let first = Pace::new(0.5);
        assert_eq!(first.chance(1.0), 0.5);
        // Half of the regret at which the chance is full.
        assert_eq!(first.chance(REGRET / 2.0), 0.25);
        let fell = first.after(0.10).after(0.05);
        assert!((fell.chance(1.0) - 0.5 / 1.3).abs() < 1e-12);
        let rose = first.after(0.10).after(0.20);
        assert!((rose.chance(1.0) - 0.5 / 2.15).abs() < 1e-12);
        assert_eq!((fell.iteration, rose.iteration), (3, 3));
        // On lines by the root: 0.5 / √2.15.
        assert!((rose.chance_on_lines(1.0) - 0.5 / 2.15f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn when_nearly_everybody_is_content_a_small_regret_is_enough() {
        // A gap of 0.5 %: full from 1.5 % on.
        let late = Pace::new(0.6).after(0.005);
        assert!((late.chance(0.015) - 0.6 / 1.15).abs() < 1e-12);
        assert!((late.chance(0.0075) - 0.3 / 1.15).abs() < 1e-12);
    }
}
