//! What rules a link besides its geometry: signals, turn penalties, closures, and capacities and speeds that change over
//! the day. All of it is a function of the moment alone, so it does not matter who looks when.
//!
//! Links are named by their number in the kernel: those of the network first, then turn bays.

use super::CLOCK_BITS;
use crate::mode::VehicleClass;
use rustc_hash::FxHashMap;

/// Later than any moment of a day.
const NEVER: u32 = u32::MAX - 2;

/// Times at which a signal and a closure are asked in turn before a passage is given up: a link that opens only while
/// the signal is red.
const TRIALS: usize = 1_000;

/// Rules of links and turns.
#[derive(Clone, Debug, Default)]
pub(super) struct Control {
    /// Rules of turns between two links.
    pub turns: FxHashMap<(u32, u32), Rule>,
    pub signals: Vec<Greens>,
    /// Periods of links in which something differs, link after link in the order of time.
    pub periods: Vec<Period>,
    /// Periods of a link: range in `periods`.
    pub varying: FxHashMap<u32, (u32, u32)>,
    /// Turn bay for each step of a route, by the link before the bays; the last one for routes that end.
    pub bays: FxHashMap<u32, Vec<u8>>,
}

/// What holds for a turn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rule {
    pub signal: Option<u32>,
    /// Added to the time of the link before.
    pub penalty_ms: u32,
}

/// A fixed-time signal: green intervals of a cycle.
#[derive(Clone, Debug)]
pub(super) struct Greens {
    pub cycle_ms: u32,
    pub offset_ms: u32,
    /// From and until, in order, within the cycle.
    pub greens: Vec<(u32, u32)>,
}

/// A period in which a link differs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub from_ms: u32,
    pub until_ms: u32,
    /// Headway of half a PCU, clock units.
    pub half_headway: u32,
    pub closed: bool,
    /// Free-flow times by class of vehicle.
    pub free_ms: [u32; 4],
}

impl Control {
    /// The turn bay that a step of a route leads to.
    pub fn bay(&self, link: u32, step: u32) -> u32 {
        let bays = &self.bays[&link];
        u32::from(bays[(step as usize).min(bays.len() - 1)])
    }

    /// The first moment from `at_ms` on at which one who has travelled `from` at `ready_ms` may pass on into `to`.
    pub fn passable(&self, from: u32, to: u32, ready_ms: u32, at_ms: u32) -> u32 {
        let rule = self.turns.get(&(from, to)).copied().unwrap_or_default();
        let mut at_ms = at_ms.max(ready_ms.saturating_add(rule.penalty_ms));
        for _ in 0..TRIALS {
            let green_ms = rule.signal.map_or(at_ms, |s| self.signals[s as usize].next_green(at_ms));
            let open_ms = self.next_open(to, green_ms);
            if open_ms == at_ms {
                return at_ms;
            }
            at_ms = open_ms;
            if at_ms >= NEVER {
                break;
            }
        }
        NEVER
    }

    fn period(&self, link: u32, at_ms: u32) -> Option<&Period> {
        let &(first, end) = self.varying.get(&link)?;
        let periods = &self.periods[first as usize..end as usize];
        let next = periods.partition_point(|p| p.from_ms <= at_ms);
        periods[..next].last().filter(|p| p.until_ms > at_ms)
    }

    /// The period of a link that a moment lies in, counted from 1; 0 outside of all.
    pub fn period_number(&self, link: u32, at_ms: u32) -> u32 {
        let Some(&(first, end)) = self.varying.get(&link) else { return 0 };
        let periods = &self.periods[first as usize..end as usize];
        let next = periods.partition_point(|p| p.from_ms <= at_ms);
        if periods[..next].last().is_some_and(|p| p.until_ms > at_ms) { next as u32 } else { 0 }
    }

    /// The first moment from `at_ms` on at which a link is open.
    pub fn next_open(&self, link: u32, mut at_ms: u32) -> u32 {
        while let Some(period) = self.period(link, at_ms).filter(|p| p.closed) {
            at_ms = period.until_ms;
        }
        at_ms
    }

    /// Headway of half a PCU in a period that differs, clock units.
    pub fn half_headway(&self, link: u32, at_ms: u32) -> Option<u32> {
        self.period(link, at_ms).filter(|p| !p.closed).map(|p| p.half_headway)
    }

    /// Free-flow time of a class in a period that differs.
    pub fn free_ms(&self, link: u32, class: VehicleClass, at_ms: u32) -> Option<u32> {
        self.period(link, at_ms).map(|p| p.free_ms[class as usize])
    }
}

impl Greens {
    fn next_green(&self, at_ms: u32) -> u32 {
        if self.cycle_ms == 0 || self.greens.is_empty() {
            return NEVER;
        }
        let phase = (u64::from(at_ms) + u64::from(self.cycle_ms) - u64::from(self.offset_ms % self.cycle_ms))
            % u64::from(self.cycle_ms);
        let phase = phase as u32;
        let within = self.greens.iter().find(|g| g.1 > phase);
        match within {
            Some(green) => at_ms + green.0.saturating_sub(phase),
            None => at_ms + (self.cycle_ms - phase) + self.greens[0].0,
        }
    }
}

/// Headway of half a PCU in clock units, for a capacity met by a sample.
pub(super) fn half_headway(capacity_pcu_h: f64, sample: f64) -> u32 {
    let headway_ms = if capacity_pcu_h > 0.0 { 3_600_000.0 / capacity_pcu_h } else { f64::INFINITY };
    let half = headway_ms / sample / 2.0 * f64::from(1u32 << CLOCK_BITS);
    // Two PCU an hour are the least that is told from none.
    half.round().min(f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn green_comes_again_every_cycle() {
        // Green from 10 to 30 s of 90 s, the cycle begins 5 s after the hour: green 15–35, 105–125 s …
        let signal = Greens { cycle_ms: 90_000, offset_ms: 5_000, greens: vec![(10_000, 30_000)] };
        let asked = [0, 15_000, 34_999, 35_000, 104_999, 110_000];
        let green = asked.map(|ms| signal.next_green(ms));
        assert_eq!(green, [15_000, 15_000, 34_999, 105_000, 105_000, 110_000]);
    }

    #[test]
    fn a_passage_waits_for_both_signal_and_opening() {
        let period = Period { from_ms: 0, until_ms: 40_000, half_headway: 1, closed: true, free_ms: [1; 4] };
        let control = Control {
            turns: [((0, 1), Rule { signal: Some(0), penalty_ms: 0 })].into_iter().collect(),
            signals: vec![Greens { cycle_ms: 90_000, offset_ms: 0, greens: vec![(10_000, 30_000)] }],
            periods: vec![period],
            varying: [(1, (0, 1))].into_iter().collect(),
            bays: FxHashMap::default(),
        };
        // Open from 40 s on, green from 100 s on.
        assert_eq!(control.passable(0, 1, 0, 0), 100_000);
        assert_eq!(control.passable(0, 2, 7, 3), 7);
    }
}
