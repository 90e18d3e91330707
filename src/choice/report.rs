//! What a step of the assignment did, and how far from equilibrium the plans were that it started from.

use super::cost::Party;
use crate::mode::Mode;

/// Regret, as a share of the cost at hand, from which an agent counts as regretful and switches as readily as it can.
pub const REGRET: f64 = 0.05;

/// What a step did, and how far from equilibrium the plans were that it started from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepReport {
    /// Σ (cost − best cost) / Σ cost over agents that have a choice: what they could save, with constants and frozen
    /// errors in it, against the generalised cost of what they do.
    pub relative_gap: f64,
    /// Mean of cost − best cost, yuan per agent that has a choice.
    pub average_excess_cny: f64,
    /// Share of agents that could save more than [`REGRET`] of their cost.
    pub regret_share: f64,
    /// Agents that have a choice and a plan.
    pub choosers: u64,
    /// Agents that took another plan.
    pub switched: u64,
    /// Agents without any plan: nothing leads to where they want to go.
    pub removed: u64,
    /// Agents by [`Mode`] before switching.
    pub mode_counts: [u64; Mode::COUNT],
    /// Persons by [`Mode`] before switching.
    pub mode_persons: [u64; Mode::COUNT],
    /// Mean generalised cost of a person by [`Mode`] on the experienced times, yuan; 0 where nobody travels so.
    pub mode_cost_cny: [f64; Mode::COUNT],
    /// Mean time from door to door or hall of a person by [`Mode`] on the experienced times, seconds; 0 where nobody
    /// travels so.
    pub mode_time_s: [f64; Mode::COUNT],
}

impl StepReport {
    /// Share of the persons who travel by a mode; [`Mode::Transit`] stands for all that ride lines.
    pub fn mode_share(&self, mode: Mode) -> f64 {
        let all: u64 = self.mode_persons.iter().sum();
        let of = Mode::ALL.into_iter().filter(|&m| m == mode || (mode == Mode::Transit && m.rides_lines()));
        let part: u64 = of.map(|m| self.mode_persons[m as usize]).sum();
        if all == 0 { 0.0 } else { part as f64 / all as f64 }
    }
}

/// Sums over a chunk of agents, taken in the order of the agents.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    excess_cny: f64,
    cost_cny: f64,
    choosers: u64,
    regretful: u64,
    /// Agents that took another plan.
    pub switched: u64,
    /// Agents without a plan.
    pub removed: u64,
    mode_counts: [u64; Mode::COUNT],
    mode_persons: [u64; Mode::COUNT],
    mode_cost_cny: [f64; Mode::COUNT],
    mode_person_ms: [i64; Mode::COUNT],
}

impl Tally {
    /// Counts a plan with its cost.
    pub fn plan(&mut self, mode: Mode, party: &Party, cost_cny: f64) {
        self.mode_counts[mode as usize] += 1;
        self.mode_persons[mode as usize] += party.persons as u64;
        self.mode_cost_cny[mode as usize] += cost_cny;
    }

    /// Counts the time that a plan takes.
    pub fn time(&mut self, mode: Mode, party: &Party, travel_ms: i64) {
        self.mode_person_ms[mode as usize] += party.persons as i64 * travel_ms;
    }

    /// Counts an agent with a choice: what its plan costs, and how much less the best would.
    pub fn regret(&mut self, cost_cny: f64, regret_cny: f64) {
        self.choosers += 1;
        self.cost_cny += cost_cny.abs();
        self.excess_cny += regret_cny;
        self.regretful += u64::from(regret_cny > REGRET * cost_cny.abs());
    }

    fn add(&mut self, other: &Tally) {
        self.excess_cny += other.excess_cny;
        self.cost_cny += other.cost_cny;
        self.choosers += other.choosers;
        self.regretful += other.regretful;
        self.switched += other.switched;
        self.removed += other.removed;
        for m in 0..Mode::ALL.len() {
            self.mode_counts[m] += other.mode_counts[m];
            self.mode_persons[m] += other.mode_persons[m];
            self.mode_cost_cny[m] += other.mode_cost_cny[m];
            self.mode_person_ms[m] += other.mode_person_ms[m];
        }
    }
}

/// The report of a step from the sums of its chunks, in their order.
pub fn report(tallies: &[Tally]) -> StepReport {
    let mut all = Tally::default();
    tallies.iter().for_each(|tally| all.add(tally));
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let mut mode_cost_cny = all.mode_cost_cny;
    for (cost, &persons) in mode_cost_cny.iter_mut().zip(&all.mode_persons) {
        *cost = share(*cost, persons as f64);
    }
    let mut mode_time_s = all.mode_person_ms.map(|ms| ms as f64 / 1_000.0);
    for (time, &persons) in mode_time_s.iter_mut().zip(&all.mode_persons) {
        *time = share(*time, persons as f64);
    }
    StepReport {
        relative_gap: share(all.excess_cny, all.cost_cny),
        average_excess_cny: share(all.excess_cny, all.choosers as f64),
        regret_share: share(all.regretful as f64, all.choosers as f64),
        choosers: all.choosers,
        switched: all.switched,
        removed: all.removed,
        mode_counts: all.mode_counts,
        mode_persons: all.mode_persons,
        mode_cost_cny,
        mode_time_s,
    }
}
