//! The assignment step: first plans for everybody, and after each simulated day the best responses to what was
//! experienced, the gap, and who switches.
//!
//! Roads are searched anew in every step, once for car and taxi together, and not at all for an agent whom even empty roads
//! would not make change its mind.
//!
//! **Journeys by lines** are searched once by the timetable and kept packed. After a day they are costed on its services by
//! walking their legs: vehicles as late and as full as they were, denied boardings waited out. What a day does can only
//! add to the cost by the timetable, which is thus a bound: it is searched again on the services of the day where the best
//! journey that is known costs more than 1 % above it and a journey at that bound would be the best of all. What is found
//! is kept and known from then on. Two things are left out: a vehicle that ran ahead of its timetable, or came late and so
//! suits a wish better, may make a journey that nobody looks for, and journeys from or to a car ride on the services of the
//! day, but between the stops that the timetable made the best.
//!
//! **Which routes are chosen from.** As a rule routes have no errors of their own: of a mode an agent takes the route (and
//! departure) of least cost on the experienced times, so the choice set is every route of the network, and the plan at
//! hand, a best response to earlier days, is kept until another one costs less. A choice without errors needs no
//! correction for routes that overlap; where routes have errors, see [`super::overlap`].
//!
//! Agents are worked on in parallel in chunks of a fixed size; every sum is taken within a chunk in the order of the
//! agents and over the chunks in their order, so no result depends on the number of threads.

use super::alternatives::{Planner, Scratch};
use super::crowding::Crowding;
use super::model::Taste;
use super::overlap::{Known, RouteTaste};
use super::pace::Pace;
use super::packed::{Journeys, Packed, Rode};
use super::peers::{Paid, Peers};
use super::recost::Recost;
use super::report::{StepReport, Tally, report};
use super::services::Services;
use super::trip::modes;
use super::ways::{Look, Searched};
use crate::demand::plan::Plan;
use crate::demand::{Agent, Demand, Timing, Tour};
use crate::ids::AgentIx;
use crate::mode::Mode;
use crate::network::Network;
use crate::network::line_times::LineTimes;
use crate::network::times::LinkTimes;
use crate::random::{Draws, Purpose};
use crate::routing::potentials::TREE_BYTES;
use crate::scenario::settings::Settings;
use crate::units::Time;
use rayon::prelude::*;

/// Agents that one task works on.
pub(super) const CHUNK: usize = 1024;

/// Corrections of a departure towards an arrival that is meant.
const CORRECTIONS: usize = 3;

/// Chooses for all agents of a demand.
#[derive(Clone, Debug)]
pub struct Chooser<'a> {
    pub(super) planner: Planner<'a>,
    demand: &'a Demand,
    pub(super) taste: Taste,
    /// Taste for routes, where they have errors.
    pub(super) route_taste: Option<RouteTaste>,
    peers: Peers,
    seed: u64,
    /// Whether no agent has a choice.
    no_choice: bool,
    /// Journeys by lines by the timetable, chunk after chunk of agents.
    journeys: Vec<Journeys>,
    /// Journeys by lines that were found on the services of a day since.
    found: Vec<Journeys>,
    crowding: Crowding,
}

/// A day that agents learn from.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// The times that were experienced: on them plans are costed and best responses are searched.
    pub times: &'a LinkTimes,
    /// Times over several days, on which a plan must be better as well before somebody switches to it; `None` where the
    /// last day alone counts.
    pub chosen_on: Option<&'a LinkTimes>,
    /// The times on which the departures of the plans at hand were set, if any day has passed.
    pub planned_on: Option<&'a LinkTimes>,
    /// Services as they were experienced; none where they ran as planned.
    pub services: Option<&'a Services<'a>>,
    /// Services over several days, to go with `chosen_on`.
    pub services_chosen_on: Option<&'a Services<'a>>,
}

/// What an agent does after a day.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// It keeps its plan, whose cost is now known to be this, yuan.
    Keeps(f64),
    /// It keeps all but the departure; the cost follows.
    Leaves(Time, f64),
    /// It takes another plan.
    Takes(Plan),
}

/// What an agent learns on besides what it looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learning<'a> {
    /// What its plan took, by way of a tour.
    pub recosts: [Option<Recost>; 2],
    /// Times over several days, if they count.
    pub chosen_on: Option<&'a LinkTimes>,
    /// Services over several days.
    pub services_chosen_on: Option<&'a Services<'a>>,
    /// The times on which its departure was set, if any day has passed.
    pub planned_on: Option<&'a LinkTimes>,
    /// How readily agents switch.
    pub pace: &'a Pace,
    /// What its peers pay for time on the road and schedule delay on average, yuan, if it has enough.
    pub peers_pay: Option<f64>,
}

/// Times of roads, and services where they did not run as planned.
type Met<'a> = (&'a LinkTimes, Option<&'a Services<'a>>);

/// Whether a mode drives from door to door.
fn by_road(mode: Mode) -> bool {
    mode.vehicle().is_some() && !mode.rides_lines()
}

/// What a chunk of agents has learned.
#[derive(Debug, Default)]
struct Learned {
    decisions: Vec<(usize, Decision)>,
    tally: Tally,
    /// Journeys that were found, with their agents.
    rode: Vec<(usize, Rode)>,
}

impl<'a> Chooser<'a> {
    /// Prepares roads, bounds and journeys by lines for all agents.
    pub fn new(network: &'a Network, settings: &Settings, demand: &'a Demand, seed: u64) -> Chooser<'a> {
        let planner = Planner::new(network, settings, demand, TREE_BYTES);
        let taste = Taste::new(&planner.prices, &settings.choice, seed);
        let before = |chunk: usize| (chunk * CHUNK).checked_sub(1).map(|last| &demand.agents[last]);
        let chunks = demand.agents.par_chunks(CHUNK).enumerate();
        let journeys: Vec<Journeys> = chunks
            .map_init(
                || Scratch::new(network, &planner.services),
                |scratch, (chunk, agents)| Journeys::search(&planner, agents, before(chunk), scratch),
            )
            .collect();
        let no_choice = demand.agents.iter().all(|agent| modes(agent).is_empty());
        let peers = Peers::new(&demand.agents, |agent| planner.trip(agent));
        let route_taste = RouteTaste::new(network, settings.choice.route_scale_per_cny, seed);
        let found = vec![Journeys::default(); journeys.len()];
        let crowding = Crowding::new(&settings.choice);
        Chooser { planner, demand, taste, route_taste, peers, seed, no_choice, journeys, found, crowding }
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
        self.planner.bound_bytes()
            + self.planner.services.bytes()
            + self.journeys.iter().chain(&self.found).map(Journeys::bytes).sum::<usize>()
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
        Scratch::new(self.planner.network, &self.planner.services)
    }

    /// The packed journey of an agent by a mode.
    pub(super) fn packed(&self, agent: usize, mode: Mode) -> Option<Packed<'_>> {
        self.journeys[agent / CHUNK].at(agent % CHUNK, mode)
    }

    /// The journey of an agent by a mode that was found on the services of a day.
    pub(super) fn found(&self, agent: usize, mode: Mode) -> Option<Packed<'_>> {
        self.found[agent / CHUNK].at(agent % CHUNK, mode)
    }

    /// Services of a day as they are felt.
    pub fn services(&self, times: &LineTimes) -> Services<'a> {
        Services::of_day(&self.planner.network.lines, times, self.crowding)
    }

    /// What an agent's visit of a hub takes when nobody queues, milliseconds.
    pub(super) fn visit_ms(&self, agent: &Agent) -> i64 {
        let trip = self.planner.trip(agent);
        trip.from.visit_ms().max(trip.to.visit_ms())
    }

    /// What an agent looks at; the way back of a tour is looked at with the way out.
    pub(super) fn look<'b>(&'b self, agent: usize, times: &'b LinkTimes) -> Look<'b> {
        let agents = &self.demand.agents;
        let back = (agents[agent].tour == Some(Tour::Out)).then(|| agents.get(agent + 1)).flatten();
        Look {
            agent: &agents[agent],
            ix: agent,
            trip: self.planner.trip(&agents[agent]),
            back: back.map(|back| self.planner.trip(back)),
            times,
            services: None,
            hand: [None; 2],
            known: None,
        }
    }

    /// The plans that an agent likes best at the given times, on the way out and back of a tour; none when nothing leads
    /// where it wants to go: it is removed.
    pub(super) fn first(&self, agent: usize, times: &LinkTimes, scratch: &mut Scratch) -> [Option<Plan>; 2] {
        let look = self.look(agent, times);
        if modes(look.agent).is_empty() {
            return [self.planner.fixed_plan(look.agent, &look.trip, look.times), None];
        }
        let best = self.best(&look, f64::INFINITY, &mut Searched::default(), scratch);
        best.mode.and_then(|mode| self.plans(&look, mode, scratch)).unwrap_or_default()
    }

    /// Lets those who are chosen take the plans that they like best at the given times, all at once.
    pub(super) fn choose_first(
        &self,
        plans: &mut [Option<Plan>],
        times: &LinkTimes,
        chosen: impl Fn(&Agent) -> bool + Sync,
    ) {
        let first = |scratch: &mut Scratch, chunk: usize| {
            let mut taken = Vec::new();
            for agent in chunk * CHUNK..((chunk + 1) * CHUNK).min(plans.len()) {
                let of = &self.demand.agents[agent];
                if of.tour != Some(Tour::Back) && chosen(of) {
                    let [out, back] = self.first(agent, times, scratch);
                    taken.push((agent, out));
                    if of.tour.is_some() {
                        taken.push((agent + 1, back));
                    }
                }
            }
            taken
        };
        let chunks = 0..plans.len().div_ceil(CHUNK);
        let taken: Vec<Vec<(usize, Option<Plan>)>> =
            chunks.into_par_iter().map_init(|| self.scratch(), first).collect();
        for (agent, plan) in taken.into_iter().flatten() {
            plans[agent] = plan;
        }
    }

    /// The plan that each agent likes best at the given times, all choosing at once; `None` for those who are removed.
    pub fn first_plans(&self, times: &LinkTimes) -> Vec<Option<Plan>> {
        let mut plans: Vec<Option<Plan>> = vec![None; self.demand.agents.len()];
        self.choose_first(&mut plans, times, |_| true);
        plans
    }

    /// Every plan that is open to an agent at the given times, one a mode in the order of modes; of a tour those of the way
    /// out.
    pub fn alternatives(&self, agent: AgentIx, times: &LinkTimes) -> Vec<Plan> {
        let scratch = &mut self.scratch();
        let look = self.look(agent.i(), times);
        if modes(look.agent).is_empty() {
            return self.planner.fixed_plan(look.agent, &look.trip, times).into_iter().collect();
        }
        let plans = modes(look.agent).iter().filter_map(|&mode| self.plans(&look, mode, scratch));
        plans.filter_map(|[out, _]| out).collect()
    }

    /// Lets everybody look at a day: costs the plans at hand on the experienced times, finds the best responses to them,
    /// and lets agents switch with a chance that grows with their regret and follows the pace.
    pub fn step(&mut self, plans: &mut [Option<Plan>], day: Day<'_>, pace: &Pace) -> StepReport {
        assert_eq!(plans.len(), self.demand.agents.len(), "one plan an agent");
        let costs = self.recost(plans, (day.times, day.services));
        let cost = |agent: usize| costs[agent / CHUNK].get(agent % CHUNK).copied().flatten();
        let paid = self.peers.paid(|agent| {
            let drives = plans[agent].as_ref().is_some_and(|plan| by_road(plan.mode));
            cost(agent).filter(|_| drives).map(|recost| recost.timing_cny)
        });
        let before: &[Option<Plan>] = plans;
        let known = self.route_taste.as_ref().map(|_| Known::new(self.demand, before));
        let this: &Chooser<'_> = self;
        let learned: Vec<Learned> = (0..costs.len())
            .into_par_iter()
            .map_init(
                || this.scratch(),
                |scratch, chunk| this.learn_all(before, chunk, (&day, pace, &paid, known.as_ref()), &cost, scratch),
            )
            .collect();
        let (mut tallies, mut rode) = (Vec::with_capacity(learned.len()), Vec::new());
        for of_chunk in learned {
            tallies.push(of_chunk.tally);
            rode.extend(of_chunk.rode);
            for (agent, decision) in of_chunk.decisions {
                let Some(plan) = &mut plans[agent] else { continue };
                match decision {
                    Decision::Keeps(cost_cny) => plan.cost_cny = cost_cny,
                    Decision::Leaves(departure, cost_cny) => (plan.departure, plan.cost_cny) = (departure, cost_cny),
                    Decision::Takes(better) => *plan = better,
                }
            }
        }
        self.keep(rode);
        report(&tallies)
    }

    /// Keeps journeys that were found.
    fn keep(&mut self, mut rode: Vec<(usize, Rode)>) {
        // A tour that begins in one chunk may end in the next.
        rode.sort_by_key(|(agent, _)| *agent);
        for new in rode.chunk_by_mut(|a, b| a.0 / CHUNK == b.0 / CHUNK) {
            let chunk = new[0].0 / CHUNK;
            new.iter_mut().for_each(|(agent, _)| *agent %= CHUNK);
            let agents = self.demand.agents.len().min((chunk + 1) * CHUNK) - chunk * CHUNK;
            self.found[chunk] = self.found[chunk].with(new, agents);
        }
    }

    /// What the plans at hand take at the experienced times, chunk after chunk.
    fn recost(&self, plans: &[Option<Plan>], times: Met<'_>) -> Vec<Vec<Option<Recost>>> {
        let chunks = plans.par_chunks(CHUNK).enumerate();
        chunks
            .map(|(chunk, plans)| {
                let one = |(i, plan): (usize, &Option<Plan>)| {
                    plan.as_ref().map(|plan| self.recost_one(chunk * CHUNK + i, plan, times))
                };
                plans.iter().enumerate().map(one).collect()
            })
            .collect()
    }

    /// What the plan of an agent takes.
    pub(super) fn recost_one(&self, agent: usize, plan: &Plan, (times, services): Met<'_>) -> Recost {
        let trip = self.planner.trip(&self.demand.agents[agent]);
        let by_lines = matches!(plan.mode, Mode::Bus | Mode::Rail).then(|| self.packed(agent, plan.mode)).flatten();
        match by_lines.filter(|_| services.is_none()) {
            Some(packed) => Recost {
                cost_cny: packed.cost_cny,
                there: packed.arrival,
                travel_ms: packed.travel_ms(&trip),
                lost_ms: 0,
                timing_cny: 0.0,
            },
            None => self.planner.recost_on(&trip, plan, times, services.unwrap_or(&self.planner.services)),
        }
    }

    /// The part of a step of a chunk of agents.
    fn learn_all(
        &self,
        plans: &[Option<Plan>],
        chunk: usize,
        (day, pace, paid, known): (&Day<'_>, &Pace, &Paid, Option<&Known>),
        cost: &impl Fn(usize) -> Option<Recost>,
        scratch: &mut Scratch,
    ) -> Learned {
        let mut learned = Learned::default();
        for agent in chunk * CHUNK..((chunk + 1) * CHUNK).min(plans.len()) {
            let of = &self.demand.agents[agent];
            if let (Some(plan), Some(recost)) = (&plans[agent], cost(agent)) {
                let party = self.planner.prices.party(of);
                learned.tally.plan(plan.mode, &party, recost.cost_cny);
                learned.tally.time(plan.mode, &party, recost.travel_ms);
            } else {
                learned.tally.removed += 1;
            }
            let back = if of.tour == Some(Tour::Out) { Some(agent + 1) } else { None };
            let hand = [plans[agent].as_ref(), back.and_then(|back| plans[back].as_ref())];
            if of.tour == Some(Tour::Back) || hand[0].is_none() || (back.is_some() && hand[1].is_none()) {
                continue;
            }
            let look = Look { hand, known, services: day.services, ..self.look(agent, day.times) };
            let recosts = [cost(agent), back.and_then(cost)];
            let peers_pay = self.peers.pay(agent, paid);
            let &Day { chosen_on, services_chosen_on, planned_on, .. } = day;
            let learning = Learning { recosts, chosen_on, services_chosen_on, planned_on, pace, peers_pay };
            self.learn(&look, &learning, scratch, &mut learned);
            learned.rode.extend(scratch.lines.drain(..).map(|rode| (agent + rode.way, rode)));
        }
        learned
    }

    /// One agent's part of a step.
    fn learn(&self, look: &Look<'_>, learning: &Learning<'_>, scratch: &mut Scratch, learned: &mut Learned) {
        let Learned { decisions, tally, .. } = learned;
        let recosts = || learning.recosts.iter().flatten();
        let cost_cny: f64 = recosts().map(|recost| recost.cost_cny).sum();
        let (hand, mut searched) = (look.hand, Searched::default());
        let Some(plan) = hand[0] else { return };
        if modes(look.agent).is_empty() {
            return decisions.push((look.ix, Decision::Keeps(cost_cny)));
        }
        let routes_cny = self.routes_at_hand_cny(look, &mut searched, scratch);
        let felt_cny = cost_cny + self.added_cny(look, plan.mode) + routes_cny;
        let best = self.best(look, felt_cny, &mut searched, scratch);
        let regret_cny = felt_cny - best.felt_cny;
        tally.regret(cost_cny, regret_cny);
        let mut draws = Draws::new(self.seed, Purpose::Switch, look.agent.key, learning.pace.iteration);
        if let Some(peers_pay) = learning.peers_pay.filter(|_| by_road(plan.mode)) {
            let decision = self.balance(look, learning, plan, (&best, regret_cny, peers_pay), scratch, &mut draws);
            tally.switched += u64::from(matches!(decision, Decision::Takes(_)));
            return decisions.push((look.ix, decision));
        }
        let regret = regret_cny / cost_cny.abs();
        let on_lines = plan.mode.rides_lines() && best.mode.is_some_and(Mode::rides_lines);
        let chance = if on_lines { learning.pace.chance_on_lines(regret) } else { learning.pace.chance(regret) };
        if let (true, Some(mode)) = (regret_cny > 0.0 && draws.uniform() < chance, best.mode)
            && let Some(better) = self.plans(look, mode, scratch)
            && self.still_better(look, (learning.chosen_on, learning.services_chosen_on), &better)
        {
            let taken = better.into_iter().flatten().enumerate();
            decisions.extend(taken.map(|(way, plan)| (look.ix + way, Decision::Takes(plan))));
            tally.switched += 1;
            return;
        }
        // Where a better departure of the same mode was found.
        let found = searched[0].as_ref().and_then(|roads| roads.first()).filter(|_| best.mode == Some(plan.mode));
        let better = [found.map(|road| road.way.there), None];
        for (way, (plan, recost)) in hand.into_iter().flatten().zip(recosts()).enumerate() {
            decisions.push((look.ix + way, self.keeps(look, way, learning, (plan, recost), better[way])));
        }
    }

    /// What an agent does who keeps its plan: its departure follows the expected duration, so that it arrives when it means
    /// to. That is the wished moment for those who are to be there to the minute. Those who chose a departure mean to
    /// arrive when they expected to, and go a part of the way to the arrival that would have been better: what the
    /// traffic of a day does to all departures at once must not wait until everybody has been drawn to switch.
    ///
    /// Measured on `baiyun` (November 2026): with steps and parts of the way that fall with 1/n the gap stands at 3.0 %
    /// after nine days, with these at 1.2 %. Corrections are a few steps of the plain kind and no search for the latest departure in time: that one is exact,
    /// but sends everybody off at the end of a queue at once, and the gap grows from day to day.
    fn keeps(
        &self,
        look: &Look<'_>,
        way: usize,
        learning: &Learning<'_>,
        (plan, recost): (&Plan, &Recost),
        better: Option<Time>,
    ) -> Decision {
        let Some(trip) = look.trips().nth(way) else { return Decision::Keeps(recost.cost_cny) };
        if trip.timing != Timing::WantsToBeThere || !by_road(plan.mode) {
            return Decision::Keeps(recost.cost_cny);
        }
        let by = |departure, times| self.planner.recost(trip, &Plan { departure, ..plan.clone() }, times);
        if trip.wish.is_none() {
            let departure = self.planner.shifted(plan.departure, trip.time.since(recost.there));
            return Decision::Leaves(departure, by(departure, look.times).cost_cny);
        }
        let Some(planned_on) = learning.planned_on else { return Decision::Keeps(recost.cost_cny) };
        let mut meant = by(plan.departure, planned_on).there;
        if let Some(better) = better {
            meant = meant.plus((learning.pace.approach() * better.since(meant) as f64) as i64);
        }
        let times = learning.chosen_on.unwrap_or(look.times);
        let mut departure = plan.departure;
        for _ in 0..CORRECTIONS {
            departure = self.planner.shifted(departure, meant.since(by(departure, times).there));
        }
        Decision::Leaves(departure, by(departure, look.times).cost_cny)
    }

    /// Whether plans are felt to cost less than those at hand also on the times that are chosen on, where these are not
    /// those of the last day alone: a chance of one day moves nobody then. Where routes have errors the last day decides.
    fn still_better(
        &self,
        look: &Look<'_>,
        (chosen_on, services): (Option<&LinkTimes>, Option<&Services<'_>>),
        better: &[Option<Plan>; 2],
    ) -> bool {
        let Some(times) = chosen_on.filter(|_| look.known.is_none()) else { return true };
        let felt = |plans: [Option<&Plan>; 2]| -> f64 {
            let ways = plans.into_iter().flatten().enumerate();
            let cost: f64 =
                ways.map(|(way, plan)| self.recost_one(look.ix + way, plan, (times, services)).cost_cny).sum();
            cost + plans[0].map_or(0.0, |plan| self.added_cny(look, plan.mode))
        };
        felt(better.each_ref().map(Option::as_ref)) < felt(look.hand)
    }
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
        Day { times, chosen_on: None, planned_on: None, services: None, services_chosen_on: None }
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
            by_lines += u32::from(plans[i].as_ref().is_some_and(|plan| plan.mode == Mode::Rail));
        }
        assert!((40..360).contains(&by_lines), "both are taken: {by_lines} by lines");
    }

    #[test]
    fn a_cheaper_fare_draws_people_to_the_line() {
        let (mut network, demand, settings) = (row_of_centres(), crowd(1_000), toy::settings());
        let by_lines = |network: &Network| {
            let mut chooser = Chooser::new(network, &settings, &demand, 3);
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
            let mut chooser = Chooser::new(&network, &settings, &demand, 3);
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
    fn both_ways_of_a_tour_are_made_in_one_mode_before_and_after_switching() {
        // As many tours as make a chunk end between the two ways of one.
        let network = row_of_centres();
        let mut agents = vec![toy::agent(0, 0, 1, EIGHT)];
        for (i, agent) in crowd(4_000).agents.into_iter().filter(|a| a.hub.is_none() && a.to != a.from).enumerate() {
            let (Place::Node(_), Place::Node(_)) = (agent.from, agent.to) else { continue };
            let out = Agent { tour: Some(Tour::Out), timing: Timing::WantsToBeThere, time: EIGHT, ..agent.clone() };
            let time = Time(17 * HOUR_MS);
            let key = 10_000 + i as u64;
            agents.push(Agent { tour: Some(Tour::Back), key, from: out.to, to: out.from, time, ..agent });
            let back = agents.len() - 1;
            agents.insert(back, out);
        }
        assert!(agents.len() > 2 * CHUNK && agents[CHUNK].tour == Some(Tour::Back));
        let (demand, settings) = (toy::demand(agents), toy::settings());
        let mut chooser = Chooser::new(&network, &settings, &demand, 3);
        let mut plans = chooser.first_plans(&free(&network));
        let pairs = |plans: &[Option<Plan>]| {
            let outs = (0..plans.len()).filter(|&a| demand.agents[a].tour == Some(Tour::Out));
            let mode = |a: usize| plans[a].as_ref().expect("a plan").mode;
            outs.map(|a| [mode(a), mode(a + 1)]).collect::<Vec<_>>()
        };
        let before = pairs(&plans);
        let report = chooser.step(&mut plans, day(&morning_peak(&network)), &Pace::new(1.0));
        let after = pairs(&plans);
        assert!(before.iter().chain(&after).all(|pair| pair[0] == pair[1]));
        assert!(report.switched > 0 && before != after, "{report:?}");
        assert_eq!(report.choosers, before.len() as u64 + 1);
        assert!(before.iter().any(|p| p[0] == Mode::Car) && before.iter().any(|p| p[0] == Mode::Rail));
    }

    #[test]
    fn the_gap_is_zero_when_everyone_is_on_the_best_response() {
        let (network, demand, settings) = (row_of_centres(), crowd(2_000), toy::settings());
        let mut chooser = Chooser::new(&network, &settings, &demand, 3);
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
        let mut chooser = Chooser::new(&network, &settings, &demand, 3);
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
        let mut chooser = Chooser::new(&network, &settings, &demand, 3);
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
        let mut chooser = Chooser::new(&island, &settings, &far, 3);
        let mut plans = chooser.first_plans(&free(&island));
        assert_eq!(plans, [None]);
        let report = chooser.step(&mut plans, day(&free(&island)), &Pace::new(0.5));
        assert_eq!((report.removed, report.choosers, report.relative_gap), (1, 0, 0.0));

        let inside = Place::Hub(HubIx(0), ChainUser::Transfer);
        let transfer = Agent { class: Class::Transfer, from: inside, to: inside, ..toy::agent(2, 0, 0, EIGHT) };
        let given = Agent { route: Some(vec![LinkIx(1)].into()), ..toy::agent(3, 0, 1, EIGHT) };
        let demand = toy::demand(vec![transfer, given]);
        let mut chooser = Chooser::new(&network, &settings, &demand, 3);
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
        let mut chooser = Chooser::new(&network, &settings, &demand, 3);
        let mut plans = chooser.first_plans(&free(&network));
        let before = plans[0].as_ref().map(|p| p.departure).expect("a road");
        let mut times = free(&network);
        times.travel_ms.iter_mut().for_each(|ms| *ms += 1_200_000);
        chooser.step(&mut plans, day(&times), &Pace::new(0.0));
        assert_eq!(plans[0].as_ref().map(|p| p.departure), Some(before.plus(-1_200_000)));
    }
}
