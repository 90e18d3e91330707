//! The warm start: first plans by incremental loading on point queues.
//!
//! If everybody chose on empty roads, the first simulated day would lock up and its times would teach little. So agents
//! choose in rounds, a keyed part of them at a time, and after each round the vehicles chosen so far are loaded on point
//! queues: every link passes a part of its capacity, what comes beyond it waits, and waiting is added to free flow by bin of
//! time. Every agent searches once, so this costs no more than choosing at once. Departures queue with those who come by
//! road: a point queue does not tell the wait at the origin from the one on the link.

use super::assign::Chooser;
use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Demand, Tour};
use crate::ids::LinkIx;
use crate::network::Network;
use crate::network::times::LinkTimes;
use crate::random::mix;
use crate::units::HOUR_MS;
use rayon::prelude::*;

/// Rounds of the warm start: so small a part of the demand is the most that chooses without seeing each other.
const ROUNDS: u64 = 32;

/// Part of its capacity that a link passes where queues spill back, turns block each other and streams merge: all that
/// point queues do not know. Gap of the first simulated day of `baiyun` (November 2026; with eight rounds and whole
/// capacities 17.5 %, and the second day in hard gridlock): 1.0: 16.0 %, 0.8: 10.4 %, 0.6: 6.1 %, 0.5: 4.58 %, 0.45: 4.56 %.
const PASSED: f64 = 0.5;

impl Chooser<'_> {
    /// First plans of all agents, chosen in rounds on the queues of those who chose before.
    pub fn warm_start(&self, free: &LinkTimes) -> Vec<Option<Plan>> {
        if self.has_no_choice() {
            return self.first_plans(free);
        }
        let agents = &self.demand().agents;
        // Both ways of a tour are chosen in one round.
        let round_of = |agent: &Agent| mix(agent.key, 0x7761_726d) % ROUNDS;
        let rounds: Vec<u64> = (0..agents.len())
            .map(|a| round_of(if agents[a].tour == Some(Tour::Back) { &agents[a - 1] } else { &agents[a] }))
            .collect();
        let mut plans: Vec<Option<Plan>> = vec![None; agents.len()];
        let mut queues = PointQueues::new(free);
        let mut times = free.clone();
        for round in 0..ROUNDS {
            self.choose_first(&mut plans, &times, |agent| round_of(agent) == round);
            for ((plan, agent), of) in plans.iter().zip(agents).zip(&rounds) {
                if let (Some(plan), true) = (plan, *of == round) {
                    queues.load(plan, agent, &times, self.visit_ms(agent));
                }
            }
            times = queues.times(free, self.network(), self.demand());
        }
        plans
    }
}

/// Vehicles that enter links, by bin.
struct PointQueues {
    /// Half PCU that enter link `l` in bin `b`, at `l * bins + b`.
    entries: Vec<u32>,
    bins: usize,
}

impl PointQueues {
    fn new(free: &LinkTimes) -> PointQueues {
        PointQueues { entries: vec![0; free.travel_ms.len()], bins: free.bins }
    }

    /// Adds the vehicle of a plan, driven at the given times.
    fn load(&mut self, plan: &Plan, agent: &Agent, times: &LinkTimes, visit_ms: i64) {
        let mut now = plan.departure;
        for leg in &plan.legs {
            match leg {
                Leg::Walk { ms } | Leg::Cycle { ms } => now = now.plus(*ms),
                Leg::Visit { .. } => now = now.plus(visit_ms),
                // What is driven after a ride is little, and its moment is not known here.
                Leg::Ride { .. } => return,
                Leg::Drive { route } => {
                    for &link in route {
                        self.entries[link.i() * self.bins + times.bin(now)] += (agent.vehicle.pcu() * 2.0) as u32;
                        now = now.plus(times.travel_ms(link, now));
                    }
                }
            }
        }
    }

    /// Free flow plus the mean wait of a bin behind a queue that is served at capacity.
    fn times(&self, free: &LinkTimes, network: &Network, demand: &Demand) -> LinkTimes {
        let mut times = free.clone();
        let bin_h = free.bin_ms as f64 / HOUR_MS as f64;
        times.travel_ms.par_chunks_exact_mut(self.bins).enumerate().for_each(|(l, row)| {
            let capacity = network.roads.capacity_pcu_h[LinkIx::from(l).i()] * demand.sample * PASSED;
            let mut queue = 0.0f64;
            for (ms, &entered) in row.iter_mut().zip(&self.entries[l * self.bins..]) {
                let after = (queue + f64::from(entered) / 2.0 - capacity * bin_h).max(0.0);
                if queue + after > 0.0 && capacity > 0.0 {
                    *ms += ((queue + after) / 2.0 / capacity * HOUR_MS as f64) as u32;
                }
                queue = after;
            }
        });
        times.make_fifo();
        times
    }
}
