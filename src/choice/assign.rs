//! The assignment step: first plans for everybody, and after each simulated day the best responses to what was
//! experienced, the gap, and who switches.
//!
//! Timetables do not change over the iterations, so journeys by lines are searched once and kept packed. Roads are
//! searched anew in every step, once for car and taxi together, and not at all for an agent whom even empty roads would
//! not make change its mind.
//!
//! Agents are worked on in parallel in chunks of a fixed size; every sum is taken within a chunk in the order of the
//! agents and over the chunks in their order, so no result depends on the number of threads.

use super::alternatives::{Planner, Recost, RoadWay, Scratch};
use super::model::Taste;
use super::pace::Pace;
use super::packed::{Journeys, Packed};
use super::peers::Peers;
use super::report::{StepReport, Tally, report};
use super::trip::{Trip, modes};
use crate::demand::plan::Plan;
use crate::demand::{Agent, Demand, Timing};
use crate::ids::AgentIx;
use crate::mode::Mode;
use crate::network::Network;
use crate::network::times::LinkTimes;
use crate::random::{Draws, Purpose};
use crate::routing::potentials::TREE_BYTES;
use crate::scenario::settings::Settings;
use rayon::prelude::*;

/// Agents that one task works on.
pub(super) const CHUNK: usize = 1024;

/// Chooses for all agents of a demand.
#[derive(Clone, Debug)]
pub struct Chooser<'a> {
    pub(super) planner: Planner<'a>,
    demand: &'a Demand,
    taste: Taste,
    peers: Peers,
    seed: u64,
    /// Whether no agent has a choice.
    no_choice: bool,
    /// Journeys by lines, chunk after chunk of agents.
    journeys: Vec<Journeys>,
}

/// What an agent likes best, with the cost as it feels it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    pub felt_cny: f64,
    pub way: Way,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// The plan at hand.
    Keep,
    Walk,
    Cycle,
    /// The packed journey.
    Lines,
    /// By road; the links lie in the scratch.
    Road(Mode, RoadWay),
}

impl<'a> Chooser<'a> {
    /// Prepares roads, bounds and journeys by lines for all agents.
    pub fn new(network: &'a Network, settings: &Settings, demand: &'a Demand, seed: u64) -> Chooser<'a> {
        let planner = Planner::new(network, settings, demand, TREE_BYTES);
        let taste = Taste::new(&planner.prices, settings.choice.scale_per_cny, seed);
        let journeys = demand
            .agents
            .par_chunks(CHUNK)
            .map_init(|| Scratch::new(network), |scratch, agents| Journeys::search(&planner, agents, scratch))
            .collect();
        let no_choice = demand.agents.iter().all(|agent| modes(agent).is_empty());
        let peers = Peers::new(&demand.agents, |agent| planner.trip(agent));
        Chooser { planner, demand, taste, peers, seed, no_choice, journeys }
    }

    /// Whether no agent has a choice: all keep a given route or stay in their hub. Such a run is pure network loading.
    pub fn has_no_choice(&self) -> bool {
        self.no_choice
    }

    /// What a step would tell where nobody has a choice: who travels how, at the costs of the plans. The gap is 0 because
    /// there is nothing to be gained, whatever the roads are like. No plan is costed again, as nothing depends on it.
    pub fn standing(&self, plans: &[Option<Plan>]) -> StepReport {
        assert!(self.no_choice, "nobody has a choice");
        let tally_of = |(plans, agents): (&[Option<Plan>], &[Agent])| {
            let mut tally = Tally::default();
            for (plan, agent) in plans.iter().zip(agents) {
                match plan {
                    Some(plan) => tally.plan(plan.mode, &self.planner.prices.party(agent), plan.cost_cny),
                    None => tally.removed += 1,
                }
            }
            tally
        };
        let tallies: Vec<Tally> =
            plans.par_chunks(CHUNK).zip(self.demand.agents.par_chunks(CHUNK)).map(tally_of).collect();
        report(&tallies)
    }

    /// Memory of the search bounds and of the packed journeys, bytes.
    pub fn memory_bytes(&self) -> usize {
        self.planner.bound_bytes() + self.journeys.iter().map(Journeys::bytes).sum::<usize>()
    }

    /// Who chooses.
    pub(super) fn demand(&self) -> &Demand {
        self.demand
    }

    /// What they choose on.
    pub(super) fn network(&self) -> &Network {
        self.planner.network
    }

    /// Working memory of one thread.
    pub(super) fn scratch(&self) -> Scratch {
        Scratch::new(self.planner.network)
    }

    /// What an agent's visit of a hub takes when nobody queues, milliseconds.
    pub(super) fn visit_ms(&self, agent: &Agent) -> i64 {
        let trip = self.planner.trip(agent);
        trip.from.visit_ms().max(trip.to.visit_ms())
    }

    /// The plan that an agent likes best at the given times; `None` when nothing leads where it wants to go: it is
    /// removed.
    pub(super) fn first_plan(&self, agent: usize, times: &LinkTimes, scratch: &mut Scratch) -> Option<Plan> {
        let packed = self.journeys[agent / CHUNK].at(agent % CHUNK);
        self.first(&self.look(&self.demand.agents[agent], packed, times), scratch)
    }

    /// The plan that each agent likes best at the given times, all choosing at once; `None` for those who are removed.
    pub fn first_plans(&self, times: &LinkTimes) -> Vec<Option<Plan>> {
        let mut plans: Vec<Option<Plan>> = vec![None; self.demand.agents.len()];
        plans.par_chunks_mut(CHUNK).enumerate().for_each_init(
            || self.scratch(),
            |scratch, (chunk, plans)| {
                for (i, plan) in plans.iter_mut().enumerate() {
                    *plan = self.first_plan(chunk * CHUNK + i, times, scratch);
                }
            },
        );
        plans
    }

    /// Every plan that is open to an agent at the given times, one a mode in the order of modes.
    pub fn alternatives(&self, agent: AgentIx, times: &LinkTimes) -> Vec<Plan> {
        let scratch = &mut Scratch::new(self.planner.network);
        let packed = self.journeys[agent.i() / CHUNK].at(agent.i() % CHUNK);
        let look = self.look(&self.demand.agents[agent.i()], packed, times);
        let mut plans = Vec::new();
        for &mode in modes(look.agent) {
            let way = match mode {
                Mode::Walk => Some(Way::Walk),
                Mode::Cycle => Some(Way::Cycle),
                Mode::Transit => Some(Way::Lines),
                _ => self.planner.road(&look.trip, times, scratch).map(|way| Way::Road(mode, way)),
            };
            plans.extend(way.and_then(|way| self.plan(&look, way, scratch)));
        }
        if modes(look.agent).is_empty() {
            plans.extend(self.planner.fixed_plan(look.agent, &look.trip, times));
        }
        plans
    }

    /// Lets everybody look at a day: costs the plans at hand on the experienced times, finds the best responses to them,
    /// and lets agents switch with a chance that grows with their regret and follows the pace.
    pub fn step(&self, plans: &mut [Option<Plan>], day: Day<'_>, pace: &Pace) -> StepReport {
        assert_eq!(plans.len(), self.demand.agents.len(), "one plan an agent");
        let costs = self.recost(plans, day.times);
        let paid = self.peers.paid(|agent| {
            let drives = plans[agent].as_ref().is_some_and(|plan| plan.mode.vehicle().is_some());
            costs[agent / CHUNK][agent % CHUNK].filter(|_| drives).map(|recost| recost.timing_cny)
        });
        let tallies: Vec<Tally> = plans
            .par_chunks_mut(CHUNK)
            .zip(self.demand.agents.par_chunks(CHUNK))
            .zip(self.journeys.par_iter().zip(&costs))
            .enumerate()
            .map_init(
                || self.scratch(),
                |scratch, (chunk, ((plans, agents), (journeys, costs)))| {
                    let mut tally = Tally::default();
                    for (i, ((plan, agent), recost)) in plans.iter_mut().zip(agents).zip(costs).enumerate() {
                        if let (Some(plan), Some(recost)) = (plan, recost) {
                            let peers_pay = self.peers.pay(chunk * CHUNK + i, &paid);
                            let look = self.look(agent, journeys.at(i), day.times);
                            let learning = Learning { recost: *recost, chosen_on: day.chosen_on, pace, peers_pay };
                            self.learn(&look, &learning, plan, scratch, &mut tally);
                        } else {
                            tally.removed += 1;
                        }
                    }
                    tally
                },
            )
            .collect();
        report(&tallies)
    }

    /// What the plans at hand take at the experienced times, chunk after chunk.
    fn recost(&self, plans: &[Option<Plan>], times: &LinkTimes) -> Vec<Vec<Option<Recost>>> {
        let chunks = plans.par_chunks(CHUNK).zip(self.demand.agents.par_chunks(CHUNK)).zip(&self.journeys);
        chunks
            .map(|((plans, agents), journeys)| {
                let all = plans.iter().zip(agents).enumerate();
                all.map(|(i, (plan, agent))| {
                    plan.as_ref().map(|plan| self.recost_one(&self.look(agent, journeys.at(i), times), plan))
                })
                .collect()
            })
            .collect()
    }

    fn recost_one(&self, look: &Look<'_>, plan: &Plan) -> Recost {
        match look.packed.filter(|_| plan.mode == Mode::Transit) {
            Some(packed) => Recost {
                cost_cny: plan.cost_cny,
                there: packed.arrival,
                travel_ms: packed.travel_ms(&look.trip),
                lost_ms: 0,
                timing_cny: 0.0,
            },
            None => self.planner.recost(&look.trip, plan, look.times),
        }
    }

    fn first(&self, look: &Look<'_>, scratch: &mut Scratch) -> Option<Plan> {
        if modes(look.agent).is_empty() {
            return self.planner.fixed_plan(look.agent, &look.trip, look.times);
        }
        let best = self.best(look, Best { felt_cny: f64::INFINITY, way: Way::Keep }, scratch);
        self.plan(look, best.way, scratch)
    }

    fn look<'b>(&'b self, agent: &'b Agent, packed: Option<Packed<'b>>, times: &'b LinkTimes) -> Look<'b> {
        Look { agent, trip: self.planner.trip(agent), packed, times }
    }

    /// One agent's part of a step.
    fn learn(
        &self,
        look: &Look<'_>,
        learning: &Learning<'_>,
        plan: &mut Plan,
        scratch: &mut Scratch,
        tally: &mut Tally,
    ) {
        let Look { agent, trip, times, .. } = look;
        let Recost { cost_cny, there, travel_ms, .. } = learning.recost;
        tally.plan(plan.mode, &trip.party, cost_cny);
        tally.time(plan.mode, &trip.party, travel_ms);
        if modes(agent).is_empty() {
            plan.cost_cny = cost_cny;
            return;
        }
        let felt_cny = cost_cny + self.taste.added_cny(agent.key, &trip.party, plan.mode);
        let best = self.best(look, Best { felt_cny, way: Way::Keep }, scratch);
        let regret_cny = felt_cny - best.felt_cny;
        tally.regret(cost_cny, regret_cny);
        let mut draws = Draws::new(self.seed, Purpose::Switch, agent.key, learning.pace.iteration);
        if let Some(peers_pay) = learning.peers_pay.filter(|_| plan.mode.vehicle().is_some()) {
            let moved = self.balance(look, learning, plan, (best.way, regret_cny, peers_pay), scratch, &mut draws);
            tally.switched += u64::from(moved);
            return;
        }
        let chance = learning.pace.chance(regret_cny / cost_cny.abs());
        if regret_cny > 0.0
            && draws.uniform() < chance
            && let Some(better) = self.plan(look, best.way, scratch)
            && self.still_better(look, learning.chosen_on, plan, &better)
        {
            *plan = better;
            tally.switched += 1;
            return;
        }
        plan.cost_cny = cost_cny;
        if trip.timing == Timing::WantsToBeThere && trip.wish.is_none() && plan.mode.vehicle().is_some() {
            // Departures follow the expected duration; the plan itself is kept.
            plan.departure = self.planner.shifted(plan.departure, trip.time.since(there));
            plan.cost_cny = self.planner.recost(trip, plan, times).cost_cny;
        }
    }

    /// Whether a plan is felt to cost less than another one also on the times that are chosen on, where these are not
    /// those of the last day alone: a chance of one day moves nobody then.
    fn still_better(&self, look: &Look<'_>, chosen_on: Option<&LinkTimes>, old: &Plan, new: &Plan) -> bool {
        let Some(times) = chosen_on else { return true };
        let look = Look { times, ..*look };
        let felt = |plan: &Plan| {
            self.recost_one(&look, plan).cost_cny + self.taste.added_cny(look.agent.key, &look.trip.party, plan.mode)
        };
        felt(new) < felt(old)
    }

    /// The alternative that is felt to cost least, if one costs less than what is at hand.
    fn best(&self, look: &Look<'_>, at_hand: Best, scratch: &mut Scratch) -> Best {
        let Look { agent, trip, packed, times } = look;
        let planner = &self.planner;
        let mut best = at_hand;
        let mut take = |felt_cny: f64, way: Way| {
            if felt_cny < best.felt_cny {
                best = Best { felt_cny, way };
            }
            best.felt_cny
        };
        // Modes on the road with what taste adds, for those that empty roads could make the best.
        let mut by_road = [None; 2];
        let mut least_cny = at_hand.felt_cny;
        for &mode in modes(agent) {
            let added = || self.taste.added_cny(agent.key, &trip.party, mode);
            match mode {
                Mode::Walk => {
                    if let Some(ms) = planner.walk_ms(trip) {
                        least_cny = take(planner.own_power_cny(trip, mode, ms) + added(), Way::Walk);
                    }
                }
                Mode::Cycle => {
                    if let Some(ms) = planner.cycle_ms(trip) {
                        least_cny = take(planner.own_power_cny(trip, mode, ms) + added(), Way::Cycle);
                    }
                }
                Mode::Transit => {
                    if let Some(packed) = packed {
                        least_cny = take(packed.cost_cny + added(), Way::Lines);
                    }
                }
                Mode::Car | Mode::Truck => by_road[0] = Some((mode, added())),
                Mode::Taxi => by_road[1] = Some((mode, added())),
            }
        }
        let could_be_best = |&(mode, added): &(Mode, f64)| {
            planner.road_bound_cny(trip, mode).is_some_and(|bound| bound + added < least_cny)
        };
        let open: [Option<(Mode, f64)>; 2] = by_road.map(|mode| mode.filter(could_be_best));
        if open.iter().any(Option::is_some)
            && let Some(way) = planner.road(trip, times, scratch)
        {
            for (mode, added) in open.into_iter().flatten() {
                take(planner.road_cny(trip, mode, &way) + added, Way::Road(mode, way));
            }
        }
        best
    }

    pub(super) fn plan(&self, look: &Look<'_>, way: Way, scratch: &Scratch) -> Option<Plan> {
        match way {
            Way::Keep => None,
            Way::Walk => self.planner.walk_plan(&look.trip),
            Way::Cycle => self.planner.cycle_plan(&look.trip),
            Way::Lines => look.packed.map(|packed| packed.plan(&look.trip)),
            Way::Road(mode, way) => Some(self.planner.road_plan(&look.trip, mode, &way, scratch)),
        }
    }
}

/// A day that agents learn from.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// The times that were experienced: on them plans are costed and best responses are searched.
    pub times: &'a LinkTimes,
    /// Times over several days, on which a plan must be better as well before somebody switches to it; `None` where the
    /// last day alone counts.
    pub chosen_on: Option<&'a LinkTimes>,
}

/// What an agent learns on besides what it looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learning<'a> {
    /// What its plan took.
    pub recost: Recost,
    /// Times over several days, if they count.
    pub chosen_on: Option<&'a LinkTimes>,
    /// How readily agents switch.
    pub pace: &'a Pace,
    /// What its peers pay for time on the road and schedule delay on average, yuan, if it has enough.
    pub peers_pay: Option<f64>,
}

/// What an agent looks at.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub agent: &'a Agent,
    pub trip: Trip<'a>,
    pub packed: Option<Packed<'a>>,
    pub times: &'a LinkTimes,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::toy::{self, Link};
    use crate::demand::plan::Leg;
    use crate::demand::{Class, Place, Purpose as Why};
    use crate::ids::{HubIx, LinkIx};
    use crate::scenario::hubs::ChainUser;
    use crate::units::{HOUR_MS, Time};

    const EIGHT: Time = Time(8 * HOUR_MS);

    /// Three centres in a row 8 km apart, two parallel roads between neighbours (one short, one long), a line over all.
    fn row_of_centres() -> Network {
        let positions = [[113.0, 23.0], [113.08, 23.0], [113.16, 23.0]];
        let links: Vec<Link> = [(0, 1), (1, 0), (1, 2), (2, 1)]
            .into_iter()
            .flat_map(|(a, b)| [(a, b, 8_200.0, 15.0, 0.0), (a, b, 9_500.0, 15.0, 0.0)])
            .collect();
        let lines = vec![
            toy::line(&[0, 1, 2], &[600, 600], 18_000, 480, 140),
            toy::line(&[2, 1, 0], &[600, 600], 18_000, 480, 140),
        ];
        let walks = [(0, 0, 240), (1, 1, 240), (2, 2, 240)];
        toy::with_hub(toy::network(toy::roads(&positions, &links), toy::lines(3, lines, &[]), &walks), 2, &[(2, 60)])
    }

    /// Residents and passengers of the hub all over the row.
    fn crowd(n: usize) -> Demand {
        let agent = |i: usize| {
            let mut draws = Draws::new(5, Purpose::Generate, i as u64, 0);
            let from = draws.below(3) as u32;
            let to = (from + 1 + draws.below(2) as u32) % 3;
            let time = Time(6 * HOUR_MS + draws.below(12 * HOUR_MS as usize) as i64);
            let mut agent = toy::agent(i as u64, from, to, time);
            agent.car = draws.uniform() < 0.5;
            agent.party = 1 + draws.below(3) as u16;
            match draws.below(4) {
                0 => {
                    agent.to = Place::Hub(HubIx(0), ChainUser::Departing);
                    agent.timing = Timing::WantsToBeThere;
                }
                1 => agent.from = Place::Hub(HubIx(0), ChainUser::Arriving),
                2 => agent.purpose = Why::Commute,
                _ => {}
            }
            agent
        };
        toy::demand((0..n).map(agent).collect())
    }

    /// Congested times: the short roads take twice their free-flow time from 7:00 to 9:00.
    fn morning_peak(network: &Network) -> LinkTimes {
        let mut times = LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS));
        for link in (0..network.roads.links()).step_by(2) {
            for bin in 28..36 {
                times.travel_ms[link * times.bins + bin] *= 2;
            }
        }
        times.make_fifo();
        times
    }

    fn day(times: &LinkTimes) -> Day<'_> {
        Day { times, chosen_on: None }
    }

    fn free(network: &Network) -> LinkTimes {
        LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS))
    }

    #[test]
    fn transit_is_taken_by_those_for_whom_cost_less_error_is_lower() {
        // For every agent the mode taken must be the least of cost + constant − error over all its plans.
        let network = row_of_centres();
        let (demand, settings) = (crowd(400), toy::settings());
        let chooser = Chooser::new(&network, &settings, &demand, 3);
        let times = free(&network);
        let plans = chooser.first_plans(&times);
        let mut by_lines = 0;
        for (i, agent) in demand.agents.iter().enumerate() {
            let party = chooser.planner.prices.party(agent);
            let felt = |plan: &Plan| plan.cost_cny + chooser.taste.added_cny(agent.key, &party, plan.mode);
            let all = chooser.alternatives(AgentIx::from(i), &times);
            let least = all.iter().min_by(|a, b| felt(a).total_cmp(&felt(b)));
            assert_eq!(plans[i].as_ref(), least);
            by_lines += u32::from(plans[i].as_ref().is_some_and(|plan| plan.mode == Mode::Transit));
        }
        assert!((40..360).contains(&by_lines), "both are taken: {by_lines} by lines");
    }

    #[test]
    fn a_cheaper_fare_draws_people_to_the_line() {
        let (mut network, demand, settings) = (row_of_centres(), crowd(1_000), toy::settings());
        let by_lines = |network: &Network| {
            let chooser = Chooser::new(network, &settings, &demand, 3);
            chooser
                .step(&mut chooser.first_plans(&free(network)), day(&free(network)), &Pace::new(0.5))
                .mode_share(Mode::Transit)
        };
        let before = by_lines(&network);
        network.lines.lines.iter_mut().for_each(|line| line.fare_per_km_cny = 0.0);
        assert!(by_lines(&network) > before);
    }

    #[test]
    fn zero_change_is_zero_and_threads_do_not_matter() {
        let (network, demand, settings) = (row_of_centres(), crowd(3_000), toy::settings());
        let day = || {
            let chooser = Chooser::new(&network, &settings, &demand, 3);
            let mut plans = chooser.first_plans(&free(&network));
            let report = chooser.step(&mut plans, day(&morning_peak(&network)), &Pace::new(0.5));
            (plans, report)
        };
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let one = pool(1).install(day);
        assert_eq!(one, pool(1).install(day));
        assert_eq!(one, pool(2).install(day));
        assert_eq!(one, pool(7).install(day));
        assert!(one.1.switched > 0 && one.1.relative_gap > 0.0);
    }

    #[test]
    fn the_gap_is_zero_when_everyone_is_on_the_best_response() {
        let (network, demand, settings) = (row_of_centres(), crowd(2_000), toy::settings());
        let chooser = Chooser::new(&network, &settings, &demand, 3);
        for times in [free(&network), morning_peak(&network)] {
            let mut plans = chooser.first_plans(&times);
            let before = plans.clone();
            let report = chooser.step(&mut plans, day(&times), &Pace::new(0.5));
            assert_eq!((report.relative_gap, report.average_excess_cny, report.switched), (0.0, 0.0, 0));
            assert_eq!((report.choosers, report.removed), (2_000, 0));
            assert_eq!(report.mode_counts.iter().sum::<u64>(), 2_000);
            let modes = |plans: &[Option<Plan>]| plans.iter().flatten().map(|p| p.mode).collect::<Vec<_>>();
            assert_eq!(modes(&before), modes(&plans));
        }
    }

    #[test]
    fn the_gap_falls_while_agents_learn_of_a_congested_short_cut() {
        // The times are fixed: everybody was told that the short roads are free, and finds them slow every day. Each
        // step lets some of the regretful go over to the long ones.
        let (network, demand, settings) = (row_of_centres(), crowd(2_000), toy::settings());
        let chooser = Chooser::new(&network, &settings, &demand, 3);
        let mut plans = chooser.first_plans(&free(&network));
        let times = morning_peak(&network);
        let mut pace = Pace::new(0.5);
        let mut next = || {
            let report = chooser.step(&mut plans, day(&times), &pace);
            pace = pace.after(report.relative_gap);
            report
        };
        let reports = [next(), next(), next()];
        assert!(reports[0].relative_gap > 1.5 * reports[1].relative_gap, "{reports:?}");
        assert!(reports[1].relative_gap > reports[2].relative_gap && reports[2].relative_gap > 0.0);
        assert!(reports[0].regret_share > reports[1].regret_share);
    }

    #[test]
    fn regret_is_the_difference_of_the_two_routes_in_yuan() {
        // One agent drives the short road (8,200 m at 15 m/s: 546.667 s), which now takes 1,093 s, and keeps to it
        // (switch share 0). The long one is 9,500 m: 633.333 s. At 19 yuan/h and 0.8 yuan/km the short one costs
        // 1,093.334 s · 19/3600 + 6.56 = 12.330, the long one 633.333 s · 19/3600 + 7.6 = 10.943: the excess is 1.388.
        let network = row_of_centres();
        let mut settings = toy::settings();
        settings.choice.constant_cny = [(Mode::Car, -1e4)].into();
        let demand = toy::demand(vec![toy::agent(1, 0, 1, EIGHT)]);
        let chooser = Chooser::new(&network, &settings, &demand, 3);
        let mut plans = chooser.first_plans(&free(&network));
        let plan = plans[0].clone().expect("a road");
        assert_eq!(plan.legs, [Leg::Drive { route: vec![LinkIx(0)].into() }]);
        let mut times = free(&network);
        let bins = times.bins;
        times.travel_ms[..bins].fill(1_093_334);
        let report = chooser.step(&mut plans, day(&times), &Pace::new(0.0));
        let excess = (1_093.334 - 633.333) * 19.0 / 3_600.0 + 6.56 - 7.6;
        assert!((report.average_excess_cny - excess).abs() < 1e-6, "{report:?}");
        assert_eq!(plans[0].as_ref().map(|p| &p.legs), Some(&plan.legs));
        // The plan is kept and its cost brought up to date.
        assert!((report.mode_cost_cny[Mode::Car as usize] - (1_093.334 * 19.0 / 3_600.0 + 6.56)).abs() < 1e-9);
        assert_eq!(plans[0].as_ref().map(|p| p.cost_cny), Some(report.mode_cost_cny[Mode::Car as usize]));
    }

    #[test]
    fn who_has_no_way_is_removed_and_given_routes_and_transfers_are_kept() {
        let network = row_of_centres();
        let island = {
            let mut roads = network.roads.clone();
            roads.capacity_pcu_h.fill(0.0);
            toy::network(roads, toy::lines(0, vec![], &[]), &[])
        };
        let settings = toy::settings();
        let far = toy::demand(vec![toy::agent(1, 0, 2, EIGHT)]);
        let chooser = Chooser::new(&island, &settings, &far, 3);
        let mut plans = chooser.first_plans(&free(&island));
        assert_eq!(plans, [None]);
        let report = chooser.step(&mut plans, day(&free(&island)), &Pace::new(0.5));
        assert_eq!((report.removed, report.choosers, report.relative_gap), (1, 0, 0.0));

        let inside = Place::Hub(HubIx(0), ChainUser::Transfer);
        let transfer = Agent { class: Class::Transfer, from: inside, to: inside, ..toy::agent(2, 0, 0, EIGHT) };
        let given = Agent { route: Some(vec![LinkIx(1)].into()), ..toy::agent(3, 0, 1, EIGHT) };
        let demand = toy::demand(vec![transfer, given]);
        let chooser = Chooser::new(&network, &settings, &demand, 3);
        let mut plans = chooser.first_plans(&free(&network));
        let legs: Vec<_> = plans.iter().flatten().map(|p| p.legs.clone()).collect();
        let visit = vec![Leg::Visit { hub: HubIx(0), chain: 2 }];
        assert_eq!(legs, [visit, vec![Leg::Drive { route: vec![LinkIx(1)].into() }]]);
        // The given route is the long one; nobody is asked to leave it.
        let report = chooser.step(&mut plans, day(&free(&network)), &Pace::new(0.5));
        assert_eq!((report.choosers, report.switched, report.relative_gap), (0, 0, 0.0));
    }

    #[test]
    fn a_passenger_who_would_be_late_sets_out_earlier_the_next_day() {
        // Both roads to the hub take 1,200 s more than on empty roads; nobody may switch, but departures follow.
        let network = row_of_centres();
        let mut settings = toy::settings();
        (settings.choice.early_weight, settings.choice.late_weight) = (0.0, 0.0);
        settings.choice.constant_cny = [(Mode::Car, -1e4)].into();
        let to = Place::Hub(HubIx(0), ChainUser::Departing);
        let agent = Agent { to, timing: Timing::WantsToBeThere, ..toy::agent(1, 1, 2, EIGHT) };
        let demand = toy::demand(vec![agent]);
        let chooser = Chooser::new(&network, &settings, &demand, 3);
        let mut plans = chooser.first_plans(&free(&network));
        let before = plans[0].as_ref().map(|p| p.departure).expect("a road");
        let mut times = free(&network);
        times.travel_ms.iter_mut().for_each(|ms| *ms += 1_200_000);
        chooser.step(&mut plans, day(&times), &Pace::new(0.0));
        assert_eq!(plans[0].as_ref().map(|p| p.departure), Some(before.plus(-1_200_000)));
    }
}
