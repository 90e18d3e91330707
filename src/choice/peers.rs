//! Agents who are alike: the same ends, the same wished moment, the same value of time. What they balance among them.
//!
//! Many alike who all answer to the same times never come to rest: everybody's best departure is the same, and any rule
//! by which they go there, however slowly, moves the peak about [Iryo 2008; Guo, Yang and Huang 2018]. A stable way
//! [Jin 2021] goes from the arrival backwards. Who waits in a queue keeps its turn and sets out later when it pays more
//! than its peers on average, since those before it do likewise, and earlier when it pays less, until all pay the same. Who pays more than they do
//! without any wait has a turn that is not worth having, gives it up, and looks for another where less is paid. The
//! rest, a fading part, moves by its regret like everybody else.
//!
//! On 3,600 alike before a bottleneck of 1,800 an hour, in a model of the bottleneck alone with bins of a minute, best
//! responses with steps of 1/n stand at 1.25 times the cost of equilibrium after 200 iterations and still cycle after
//! 10,000; by this rule the cost is within 1 % after 60 (November 2026).

use super::alternatives::Scratch;
use super::assign::{Chooser, Decision, Learning};
use super::trip::Trip;
use super::ways::{Best, Look};
use crate::demand::plan::Plan;
use crate::demand::{Agent, Place};
use crate::mode::Mode;
use crate::random::{Draws, mix};
use crate::units::SECOND_MS;

/// Agents alike from which on they balance costs among them: fewer do not fill a queue of their own.
const LEAST: usize = 50;

/// Part of the difference to what peers pay that is made good in an iteration.
const BALANCE: f64 = 0.4;

/// Largest chance of giving up a turn that is not worth having.
const GIVE_UP: f64 = 0.4;

/// Largest chance to move by regret, in the first iteration.
const MOVE: f64 = 0.1;

/// Excess cost, as a share of what peers pay, from which on these chances are full.
const FULL: f64 = 0.05;

/// Who loses less than this on the way does not stand in a queue, milliseconds.
const QUEUED_MS: i64 = 10 * SECOND_MS;

/// No group.
const ALONE: u32 = u32::MAX;

/// Who is alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Peers {
    /// Group by agent; [`ALONE`] for most.
    group: Vec<u32>,
    groups: usize,
}

/// What peers pay on average, yuan, by group.
#[derive(Clone, Debug, Default)]
pub(super) struct Paid(Vec<(f64, u32)>);

impl Peers {
    /// Groups the agents; `trips` gives the trip of each.
    pub fn new<'a>(agents: &[Agent], trip: impl Fn(&Agent) -> Trip<'a>) -> Peers {
        let mut alike: Vec<([u64; 3], u32)> = Vec::new();
        for (a, agent) in (0..).zip(agents).filter(|(_, agent)| agent.tour.is_none()) {
            let trip = trip(agent);
            if let Some(wish) = trip.wish {
                let wants = mix(wish.time.0 as u64, trip.party.value_cny_ms.to_bits());
                alike.push(([place(agent.from), place(agent.to), wants], a));
            }
        }
        alike.sort_unstable();
        let mut peers = Peers { group: Vec::new(), groups: 0 };
        for same in alike.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() >= LEAST) {
            peers.group.resize(agents.len(), ALONE);
            same.iter().for_each(|&(_, a)| peers.group[a as usize] = peers.groups as u32);
            peers.groups += 1;
        }
        peers
    }

    fn group(&self, agent: usize) -> Option<usize> {
        self.group.get(agent).filter(|&&g| g != ALONE).map(|&g| g as usize)
    }

    /// What each group pays on average; `cost` gives what an agent pays for time on the road and schedule delay, if it is
    /// there.
    pub fn paid(&self, cost: impl Fn(usize) -> Option<f64>) -> Paid {
        let mut paid = vec![(0.0, 0); self.groups];
        for agent in 0..self.group.len() {
            if let Some(group) = self.group(agent)
                && let Some(cost) = cost(agent)
            {
                paid[group].0 += cost;
                paid[group].1 += 1;
            }
        }
        Paid(paid)
    }

    /// What the peers of an agent pay on average, yuan; `None` for one who has too few.
    pub fn pay(&self, agent: usize, paid: &Paid) -> Option<f64> {
        let (sum, count) = paid.0[self.group(agent)?];
        (count as usize >= LEAST).then(|| sum / f64::from(count))
    }
}

impl Chooser<'_> {
    /// How an agent on the road moves that has peers, who pay `peers_pay` on average: by its regret, with a chance that
    /// fades; away from a turn that is not worth having; or in its departure, so as to pay as much as its peers.
    pub(super) fn balance(
        &self,
        look: &Look<'_>,
        learning: &Learning<'_>,
        plan: &Plan,
        (best, regret_cny, peers_pay): (&Best, f64, f64),
        scratch: &mut Scratch,
        draws: &mut Draws,
    ) -> Decision {
        let Some(recost) = &learning.recosts[0] else { return Decision::Keeps(plan.cost_cny) };
        let trip = &look.trip;
        let [moves, gives_up, place, within] = std::array::from_fn(|_| draws.uniform());
        let value = trip.party.value_cny_ms;
        let full = FULL * peers_pay;
        let by_regret = MOVE * learning.pace.fading() * (regret_cny / full).min(1.0);
        let excess = recost.timing_cny - peers_pay;
        // What it would pay more than they without waiting, if it kept its turn.
        let in_vain = excess - value * recost.lost_ms as f64;
        let gives_up = in_vain > 0.0 && gives_up < GIVE_UP * (in_vain / full).min(1.0);
        if (regret_cny > 0.0 && moves < by_regret) || gives_up {
            let against_cny = if gives_up { peers_pay } else { recost.timing_cny };
            if let Some(better) = self.elsewhere(look, best.mode, against_cny, [place, within], scratch) {
                return Decision::Takes(better);
            }
        }
        let later_ms = if recost.lost_ms > QUEUED_MS {
            ((BALANCE * excess / value) as i64).min(recost.lost_ms)
        } else if excess > 0.0 {
            // Nobody is in its way: nearer to the wished moment.
            let prices = &self.planner.prices;
            match recost.there < trip.time {
                true => (BALANCE * excess / (value * prices.early_weight())) as i64,
                false => (-BALANCE * excess / (value * prices.late_weight())) as i64,
            }
        } else {
            0
        };
        let departure = self.planner.shifted(plan.departure, later_ms);
        let cost_cny = self.planner.recost(trip, &Plan { departure, ..plan.clone() }, look.times).cost_cny;
        Decision::Leaves(departure, cost_cny)
    }

    /// A plan that leaves when fewer do, on the best route; another mode as it is. `None` without a better mode or
    /// departure.
    fn elsewhere(
        &self,
        look: &Look<'_>,
        mode: Option<Mode>,
        against_cny: f64,
        uniform: [f64; 2],
        scratch: &mut Scratch,
    ) -> Option<Plan> {
        let (trip, planner, mode) = (&look.trip, &self.planner, mode?);
        let Some(wish) = trip.wish.filter(|_| mode.vehicle().is_some() && !mode.rides_lines()) else {
            return self.plans(look, mode, scratch)?[0].take();
        };
        planner.road(trip, look.times, scratch)?;
        let at = scratch.grid.draw(against_cny, uniform)?;
        let outset = planner.outset(trip, wish, planner.streets(trip.class), look.times);
        let way = planner.leaves(trip, outset.leaving(&scratch.out, at.max(outset.earliest)));
        Some(planner.road_plan(trip, mode, &way, scratch))
    }
}

fn place(place: Place) -> u64 {
    match place {
        Place::Node(node) => u64::from(node.0),
        Place::Hub(hub, user) => mix(u64::from(hub.0), 1 + user as u64),
    }
}
