//! The warm start: first plans by incremental loading on point queues.
//!
//! If everybody chose on empty roads, the first simulated day would lock up and its times would teach little. So agents
//! choose in rounds, a keyed part of them at a time, and after each round the vehicles chosen so far are loaded on point
//! queues: every link passes a part of its capacity, what comes beyond it waits, and waiting is added to free flow by bin of
//! time. Every agent searches once, so this costs no more than choosing at once. Departures queue with those who come by
//! road: a point queue does not tell the wait at the origin from the one on the link.

use super::assign::Chooser;
use crate::assign::{Options, RoadCosts, RoadTrips, assign_roads};
use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Demand, Tour};
use crate::ids::LinkIx;
use crate::network::Network;
use crate::network::times::LinkTimes;
use crate::random::mix;
use crate::scenario::settings::WarmStart;
use crate::units::HOUR_MS;
use rayon::prelude::*;

/// Rounds of the warm start: so small a part of the demand is the most that chooses without seeing each other.
const ROUNDS: u64 = 32;

/// Part of its capacity that a link passes where queues spill back, turns block each other and streams merge: all that
/// point queues do not know. Gap of the first simulated day of `baiyun` (November 2026; with eight rounds and whole
/// capacities 17.5 %, and the second day in hard gridlock): 1.0: 16.0 %, 0.8: 10.4 %, 0.6: 6.1 %, 0.5: 4.58 %, 0.45: 4.56 %.
const PASSED: f64 = 0.5;

/// Gap to which static assignments are made: what their times leave out weighs more.
const STATIC_GAP: f64 = 1e-3;

impl Chooser<'_> {
    /// First plans of all agents, chosen in rounds on the queues of those who chose before.
    pub fn warm_start(&self, free: &LinkTimes, start: WarmStart) -> Vec<Option<Plan>> {
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
        let least = match start {
            WarmStart::Queues => free.clone(),
            WarmStart::Static => self.static_times(free),
        };
        let mut times = least.clone();
        for round in 0..ROUNDS {
            self.choose_first(&mut plans, &times, |agent| round_of(agent) == round);
            for ((plan, agent), of) in plans.iter().zip(agents).zip(&rounds) {
                if let (Some(plan), true) = (plan, *of == round) {
                    queues.load(plan, agent, &times, self.visit_ms(agent));
                }
            }
            times = queues.times(free, self.network(), self.demand());
            times.travel_ms.iter_mut().zip(&least.travel_ms).for_each(|(ms, &least)| *ms = (*ms).max(least));
        }
        plans
    }

    /// Times of a static user equilibrium for every hour, of the vehicles that would set out in it if everybody chose on
    /// empty roads. Hours do not know of each other: who is still under way in the next one counts in the first.
    fn static_times(&self, free: &LinkTimes) -> LinkTimes {
        let (network, sample) = (self.network(), self.demand().sample);
        let bins_an_hour = (HOUR_MS / free.bin_ms) as usize;
        let mut by_hour: Vec<Vec<RoadTrips>> = vec![Vec::new(); free.bins.div_ceil(bins_an_hour)];
        for (plan, agent) in self.first_plans(free).iter().zip(&self.demand().agents) {
            let Some(plan) = plan else { continue };
            for leg in &plan.legs {
                let Leg::Drive { route } = leg else { continue };
                let (Some(first), Some(last)) = (route.first(), route.last()) else { continue };
                let (from, to) = (network.roads.from[first.i()], network.roads.to[last.i()]);
                let trips = &mut by_hour[free.bin(plan.departure) / bins_an_hour];
                trips.push(RoadTrips { from, to, pcu_h: agent.vehicle.pcu() / sample });
            }
        }
        let solve = |trips: &Vec<RoadTrips>| {
            let options = Options { gap: STATIC_GAP, allow_unreachable: true, ..Options::default() };
            (!trips.is_empty()).then(|| assign_roads(&network.roads, trips, &RoadCosts::default(), &options))
        };
        let hours: Vec<_> = by_hour.par_iter().map(solve).collect();
        let mut times = free.clone();
        for (hour, found) in hours.into_iter().enumerate() {
            // Roads that cannot be made a static network tell nothing: the hour stays free.
            let Some(Ok(found)) = found else { continue };
            for (row, time_s) in times.travel_ms.chunks_exact_mut(free.bins).zip(&found.assignment.time) {
                let bins = hour * bins_an_hour..((hour + 1) * bins_an_hour).min(free.bins);
                row[bins].iter_mut().for_each(|ms| *ms = (*ms).max((time_s * 1_000.0) as u32));
            }
        }
        times.make_fifo();
        times
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::toy;
    use crate::ids::LinkIx;
    use crate::units::{SECOND_MS, Time};

    /// 6 km at 10 m/s take 600 s; 1,800 cars in the hour from eight fill its capacity of 1,800 an hour, and by the function
    /// of the Bureau of Public Roads they take 1.15 · 600 = 690 s. In other hours nobody sets out. With half of the
    /// population simulated 900 agents are as many cars.
    #[test]
    fn a_static_equilibrium_knows_the_hour_of_the_cars() {
        let roads = toy::roads(&[[113.0, 23.0], [113.06, 23.0]], &[(0, 1, 6_000.0, 10.0, 0.0)]);
        let network = toy::network(roads, toy::lines(0, vec![], &[]), &[]);
        for (sample, every_ms) in [(1.0, 2 * SECOND_MS), (0.5, 4 * SECOND_MS)] {
            let car = |i: i64| {
                let mut agent = toy::agent(i as u64, 0, 1, Time(8 * HOUR_MS + i * every_ms));
                agent.drives = true;
                agent
            };
            let mut demand = toy::demand((0..HOUR_MS / every_ms).map(car).collect());
            demand.sample = sample;
            let chooser = Chooser::new(&network, &toy::settings(), &demand, 1);
            let free = LinkTimes::free_flow(&network.roads, Time(0), Time(24 * HOUR_MS));
            let times = chooser.static_times(&free);
            let at = |quarter: i64| times.travel_ms(LinkIx(0), Time(quarter * HOUR_MS / 4 + HOUR_MS / 8));
            assert_eq!([31, 32, 35, 36].map(at), [600_000, 690_000, 690_000, 600_000], "sample {sample}");
        }
    }

    /// The road above with an hour of demand twice its capacity: who chooses later meets the queue of those before and
    /// finds the road slower than free, from whichever start.
    #[test]
    fn later_rounds_meet_the_queues_of_earlier_ones() {
        let links = [(0, 1, 6_000.0, 10.0, 0.0), (0, 1, 9_000.0, 10.0, 0.0)];
        let roads = toy::roads(&[[113.0, 23.0], [113.06, 23.0]], &links);
        let network = toy::network(roads, toy::lines(0, vec![], &[]), &[]);
        let car = |i: u64| {
            let mut agent = toy::agent(i, 0, 1, Time(8 * HOUR_MS + i as i64 * SECOND_MS));
            agent.drives = true;
            agent
        };
        let demand = toy::demand((0..3_600).map(car).collect());
        let chooser = Chooser::new(&network, &toy::settings(), &demand, 1);
        let free = LinkTimes::free_flow(&network.roads, Time(0), Time(24 * HOUR_MS));
        let on_the_long_one = |plans: &[Option<Plan>]| {
            let takes = |plan: &&Option<Plan>| {
                let legs = plan.iter().flat_map(|plan| plan.legs.iter());
                legs.into_iter().any(|leg| matches!(leg, Leg::Drive { route } if route.first() == Some(&LinkIx(1))))
            };
            plans.iter().filter(takes).count()
        };
        assert_eq!(on_the_long_one(&chooser.first_plans(&free)), 0);
        for start in [WarmStart::Queues, WarmStart::Static] {
            let count = on_the_long_one(&chooser.warm_start(&free, start));
            assert!((600..3_000).contains(&count), "{count} by {start:?}");
        }
    }
}
