//! Truckloads of the hubs' freight services and the truck calls that carry them. Units: tonnes, TEU, milliseconds.
//!
//! 1. A service's freight is split into truckloads, the last one partly full. A truckload of an export comes to the hub
//!    a dwell before the service is closed, one of an import is fetched a dwell after its service; dwells are
//!    exponential and measured on the gate's clock ([`super::gate`]), so that calls fall into open hours.
//! 2. `two_way_share` of the calls bring and fetch a load in one visit: exports in the order of time, evenly spread, each
//!    take the latest import that still waits for a truck (its goods then rest a little longer). Such a call serves one
//!    zone both ways, and the other calls run empty one way: see [`TruckRuns`].
//! 3. Calls are sampled after they are made, because a gate sees few of them: the running sum of a hub's calls over the
//!    open hours is rounded, so that each hour and the whole day are exact to ±1 call, and within an hour those
//!    with the smallest permanent random number are taken [Ohlsson 1995, coordination of samples]. A variant that changes
//!    some services thus keeps most of the other calls, and other hubs keep all.
//! 4. Where the gate gives appointments, calls move to slots with room: [`super::slots`].
//!
//! Zones send and take freight by their manufacturing jobs: jobs of the zone × share of manufacturing in its district
//! (all jobs where no district tells sectors), thinned out by free-flow truck minutes.

use super::frame::{DAY_MS, Frame};
use super::gate::GateClock;
use super::reach::{Reach, willingness};
use super::sampling::{Weights, along};
use super::slots;
use super::{Agent, Class, Consignment, Demand, Place, Purpose, Timing};
use crate::error::{Error, Problem, Result};
use crate::ids::{AgentIx, HubIx, NodeIx, ServiceIx, ZoneIx};
use crate::network::Network;
use crate::network::hubs::{Hub, Service};
use crate::random::{Draws, Purpose as DrawPurpose, mix, signature};
use crate::scenario::hubs::{ChainUser, Direction};
use crate::units::{HOUR_MS, MINUTE_MS, Time};

/// The truck calls of all hubs, hub after hub in the order of time, and the consignments that they carry, in the order
/// of their calls; consignments number the trucks from 0.
pub fn freight(frame: &Frame) -> Result<(Vec<Agent>, Vec<Consignment>)> {
    let (mut agents, mut consignments) = (Vec::new(), Vec::new());
    for h in 0..frame.network.hubs.hubs.len() {
        let Some(gate) = Gate::new(frame, HubIx::from(h))? else { continue };
        let loads: Vec<Load> = frame.network.hubs.of(gate.ix).flat_map(|(ix, s)| gate.loads_of(ix, s)).collect();
        let calls = combined(loads, frame.scenario.settings.freight.two_way_share);
        let mut calls = gate.sampled(calls);
        slots::assign(frame, gate.hub, gate.clock, &mut calls);
        for call in calls {
            let (agent, carried) = gate.truck(&call, AgentIx::from(agents.len()));
            agents.push(agent);
            consignments.extend(carried);
        }
    }
    Ok((agents, consignments))
}

/// Trucks mean to be at the gate at least this long before the hub stops taking what they bring, and come for what they
/// fetch at the earliest this long after its service: half an hour to pass gate and yard (general knowledge, unverified).
const HANDLING_MS: i64 = 30 * MINUTE_MS;

/// A truckload with the moment at which a truck of its own would be at the gate.
#[derive(Clone, Debug)]
struct Load {
    key: u64,
    service: ServiceIx,
    outbound: bool,
    tonnes: f64,
    teu: f64,
    time: Time,
    /// When it is too late for the service of an export.
    deadline: Option<Time>,
    /// When an import has come.
    ready: Option<Time>,
    /// Days between truck and service.
    days: u16,
}

/// A visit of a truck: a load brought, a load fetched, or both.
#[derive(Clone, Debug)]
pub(super) struct Call {
    brings: Option<Load>,
    fetches: Option<Load>,
    /// When the truck means to be at the gate.
    pub(super) time: Time,
    /// Start of its slot.
    pub(super) slot: Option<Time>,
}

impl Call {
    /// A call at the moment of the load that sets it: the one brought, which has a deadline, else the one fetched.
    fn new(brings: Option<Load>, fetches: Option<Load>) -> Call {
        let mut call = Call { brings, fetches, time: Time(0), slot: None };
        call.time = call.first().time;
        call
    }

    /// The load that sets the time.
    fn first(&self) -> &Load {
        self.brings.as_ref().or(self.fetches.as_ref()).expect("a call has a load")
    }

    /// What tells calls of one moment apart.
    pub(super) fn key(&self) -> u64 {
        self.first().key
    }

    /// Whether the truck can as well come at another moment: what it brings is in time and what it fetches has come.
    pub(super) fn may_come(&self, time: Time) -> bool {
        let in_time =
            self.brings.as_ref().and_then(|load| load.deadline).is_none_or(|last| time.plus(HANDLING_MS) <= last);
        in_time && self.fetches.as_ref().and_then(|load| load.ready).is_none_or(|ready| time >= ready.plus(HANDLING_MS))
    }
}

/// Joins exports and imports into calls in the order of time. With share s, T of E + I loads' calls are two-way when
/// T = s·(E + I − T), that is T = (E + I)·s / (1 + s), at most the smaller of both.
fn combined(mut loads: Vec<Load>, two_way_share: f64) -> Vec<Call> {
    loads.sort_by_key(|load| (load.time, load.key));
    let exports = loads.iter().filter(|load| load.outbound).count();
    let share = two_way_share.clamp(0.0, 1.0);
    let wanted = (loads.len() as f64 * share / (1.0 + share)).min(exports.min(loads.len() - exports) as f64);
    let step = if exports > 0 { wanted / exports as f64 } else { 0.0 };
    let (mut calls, mut waiting, mut owed) = (Vec::with_capacity(loads.len()), Vec::new(), 0.5);
    for load in loads {
        if !load.outbound {
            waiting.push(load);
            continue;
        }
        owed += step;
        let fetches = if owed >= 1.0 { waiting.pop() } else { None };
        owed -= f64::from(u8::from(fetches.is_some()));
        calls.push(Call::new(Some(load), fetches));
    }
    calls.extend(waiting.into_iter().map(|load| Call::new(None, Some(load))));
    calls.sort_by_key(|call| (call.time, call.key()));
    calls
}

/// A hub's gate as trucks see it.
struct Gate<'a> {
    frame: &'a Frame<'a>,
    ix: HubIx,
    hub: &'a Hub,
    clock: GateClock,
    reach: Reach,
    zones: Weights,
}

impl<'a> Gate<'a> {
    /// `None` for a hub without freight.
    fn new(frame: &'a Frame<'a>, ix: HubIx) -> Result<Option<Gate<'a>>> {
        let (network, hub) = (frame.network, &frame.network.hubs.hubs[ix.i()]);
        if !network.hubs.of(ix).any(|(_, s)| s.tonnes > 0.0 || s.teu > 0.0) {
            return Ok(None);
        }
        let node = hub.truck_in.or(hub.truck_out).ok_or_else(|| no_gate(frame, hub))?;
        check_loads(frame, ix, hub)?;
        let mut reach = Reach::new(frame.base, node, hub.truck_class, true);
        keep_those_with_a_way_back(network, hub, &mut reach);
        let decay = frame.scenario.settings.freight.decay_per_min;
        let jobs = manufacturing_jobs(network);
        let zones = Weights::new(jobs.iter().zip(&reach.minutes).map(|(jobs, &min)| jobs * willingness(decay, min)));
        if zones.total() <= 0.0 {
            let message = format!("hub {}: no zone with jobs is joined to its truck gate by road, both ways", hub.id);
            return Err(Error::Model(message));
        }
        let clock = GateClock::new(hub.gate.0, hub.gate.1);
        Ok(Some(Gate { frame, ix, hub, clock, reach, zones }))
    }

    /// The truckloads of a service, all of them.
    fn loads_of(&self, ix: ServiceIx, service: &Service) -> Vec<Load> {
        let users = &self.hub.users;
        let name = signature(&format!("{}/freight", self.frame.network.names.services.name(ix.0)));
        let full = [(service.tonnes, users.truck_load_t), (service.teu, users.truck_load_teu)];
        let mut loads = Vec::new();
        for (unit, (amount, per_truck)) in full.into_iter().enumerate().filter(|(_, (amount, _))| *amount > 0.0) {
            let count = (amount / per_truck).ceil();
            for number in 0..count as u64 {
                let load = (amount - number as f64 * per_truck).min(per_truck);
                let (tonnes, teu) = if unit == 0 { (load, 0.0) } else { (0.0, load) };
                // tonnes and TEU of one service are numbered apart, so that one does not shift the other's draws
                let key = mix(name, number << 1 | unit as u64);
                loads.extend(self.load(key, ix, service, tonnes, teu));
            }
        }
        loads
    }

    /// A truckload at its moment; `None` when that is not simulated.
    fn load(&self, key: u64, ix: ServiceIx, service: &Service, tonnes: f64, teu: f64) -> Option<Load> {
        let drawn_ms = self.frame.draws(key).exponential(self.hub.users.dwell_h * HOUR_MS as f64);
        let dwell_ms = drawn_ms.max(HANDLING_MS as f64);
        let closed = service.time.plus(-((self.hub.users.cut_off_min * MINUTE_MS as f64).round() as i64));
        let outbound = service.direction == Direction::Departure;
        let time =
            if outbound { self.clock.after(closed, -dwell_ms) } else { self.clock.after(service.time, dwell_ms) };
        let shift = self.frame.shift_ms(time)?;
        let deadline = outbound.then(|| closed.plus(shift));
        let ready = (!outbound).then(|| service.time.plus(shift));
        // An export's truck is moved to a later day by as many days as its service leaves after it, an import's to an
        // earlier one.
        let days = if outbound { shift } else { -shift } / DAY_MS;
        let days = u16::try_from(days).unwrap_or(0);
        Some(Load { key, service: ix, outbound, tonnes, teu, time: time.plus(shift), deadline, ready, days })
    }

    /// The calls of a sample, in their order: exact to ±1 in every stretch of hours, and within an hour those with the
    /// smallest permanent random numbers.
    fn sampled(&self, mut calls: Vec<Call>) -> Vec<Call> {
        if self.frame.sample >= 1.0 || calls.is_empty() {
            return calls;
        }
        let hours = (self.frame.end.since(self.frame.start) + HOUR_MS - 1) / HOUR_MS;
        let hour_of = |call: &Call| (call.time.since(self.frame.start) / HOUR_MS) as usize;
        let mut by_hour = vec![0usize; hours as usize];
        calls.iter().for_each(|call| by_hour[hour_of(call)] += 1);
        let mut take = vec![0usize; hours as usize];
        let start = self.frame.threshold_start(&format!("{}/trucks", self.hub.id));
        along(by_hour.iter().map(|&n| n as f64 * self.frame.sample), start, |hour, n| take[hour] = n as usize);
        let number = |call: &Call| Draws::new(self.frame.seed, DrawPurpose::Rounding, call.key(), 0).uniform();
        calls.sort_by(|a, b| {
            let order = hour_of(a).cmp(&hour_of(b)).then(number(a).total_cmp(&number(b)));
            order.then(a.key().cmp(&b.key()))
        });
        let mut taken = vec![0; hours as usize];
        calls.retain(|call| {
            let hour = hour_of(call);
            taken[hour] += 1;
            taken[hour] <= take[hour]
        });
        calls.sort_by_key(|call| (call.time, call.key()));
        calls
    }

    /// The truck of a call and the consignments that it carries.
    fn truck(&self, call: &Call, agent: AgentIx) -> (Agent, Vec<Consignment>) {
        let first = call.first();
        let mut draws = self.frame.draws(mix(first.key, 1));
        let zone = self.zones.pick(draws.uniform()).expect("the gate has zones with freight");
        let nodes = &self.reach.nodes[zone];
        let services = &self.frame.network.hubs.services;
        let consignment = |load: &Load| Consignment {
            key: load.key,
            agent,
            hub: self.ix,
            service: load.service,
            zone: ZoneIx::from(zone),
            tonnes: load.tonnes,
            teu: load.teu,
            outbound: load.outbound,
            scope: services[load.service.i()].scope,
            days: load.days,
        };
        let truck = Agent {
            key: mix(first.key, 0),
            class: Class::Truck,
            purpose: Purpose::Freight,
            from: Place::Node(nodes[draws.below(nodes.len())]),
            to: Place::Hub(self.ix, ChainUser::Truck),
            zone: Some(ZoneIx::from(zone)),
            hub: Some(self.ix),
            service: Some(first.service),
            scope: services[first.service.i()].scope,
            time: call.time,
            timing: Timing::WantsToBeThere,
            deadline: first.deadline,
            vehicle: self.hub.truck_class,
            car: false,
            party: 1,
            drives: false,
            tour: None,
            route: None,
            came_by: None,
            slot: call.slot,
        };
        (truck, call.brings.iter().chain(&call.fetches).map(consignment).collect())
    }
}

/// Jobs in manufacturing by zone.
fn manufacturing_jobs(network: &Network) -> Vec<f64> {
    let share = |jobs: &[f64; 4]| {
        let all: f64 = jobs.iter().sum();
        if all > 0.0 { jobs[0] / all } else { 0.0 }
    };
    let districts = &network.places.districts;
    let told = districts.iter().any(|d| share(&d.jobs) > 0.0);
    let zones = network.places.zones.iter();
    zones.map(|z| if told { z.jobs * share(&districts[z.district.i()].jobs) } else { z.jobs }).collect()
}

/// Drops nodes to which no truck comes back from the gate.
fn keep_those_with_a_way_back(network: &Network, hub: &Hub, reach: &mut Reach) {
    let Some(out) = hub.truck_out.or(hub.truck_in) else { return };
    let back = network.roads.free_flow_tree(out, hub.truck_class, false);
    for (nodes, minutes) in reach.nodes.iter_mut().zip(&mut reach.minutes) {
        nodes.retain(|n: &NodeIx| back[n.i()] < Time::NEVER.0);
        if nodes.is_empty() {
            *minutes = f64::INFINITY;
        }
    }
}

fn file_of<'a>(frame: &'a Frame, hub: &Hub) -> &'a str {
    frame.scenario.hubs.iter().find(|f| f.hub_id == hub.id).map_or("scenario.toml", |f| &f.path)
}

fn no_gate(frame: &Frame, hub: &Hub) -> Error {
    let problem =
        Problem::new(file_of(frame, hub), "none", "a node at which trucks reach the gate of a hub with freight");
    Error::Problems(vec![problem.column("access.truck_in_node")])
}

/// A truck must carry something, or a service would need trucks without end.
fn check_loads(frame: &Frame, ix: HubIx, hub: &Hub) -> Result<()> {
    let users = &hub.users;
    let any = |amount: fn(&Service) -> f64| frame.network.hubs.of(ix).any(|(_, s)| amount(s) > 0.0);
    let uses = [
        (any(|s| s.tonnes), users.truck_load_t, "users.truck_load_t"),
        (any(|s| s.teu), users.truck_load_teu, "users.truck_load_teu"),
    ];
    let wrong = |&&(used, load, _): &&(bool, f64, &str)| used && !(load > 0.0 && load.is_finite());
    let problem = |&(_, load, key): &(bool, f64, &str)| {
        Problem::new(file_of(frame, hub), load.to_string(), "a load above 0").column(key)
    };
    let problems: Vec<Problem> = uses.iter().filter(wrong).map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Problems(problems)) }
}

/// Runs of trucks between zones and hubs, two a call: to the hub and back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TruckRuns {
    /// Calls at hubs.
    pub calls: u32,
    /// Runs to a hub with a load.
    pub loaded_to_hub: u32,
    /// Runs from a hub with a load.
    pub loaded_from_hub: u32,
}

impl TruckRuns {
    /// Runs without a load.
    pub fn empty(&self) -> u32 {
        2 * self.calls - self.loaded_to_hub - self.loaded_from_hub
    }

    /// Share of the runs that carry a load; 0 when there are no runs.
    pub fn loaded_share(&self) -> f64 {
        let loaded = self.loaded_to_hub + self.loaded_from_hub;
        if self.calls == 0 { 0.0 } else { f64::from(loaded) / f64::from(2 * self.calls) }
    }
}

impl Demand {
    /// The loaded and empty runs of trucks, of one hub or of all.
    pub fn truck_runs(&self, hub: Option<HubIx>) -> TruckRuns {
        let here = |h: Option<HubIx>| hub.is_none() || h == hub;
        let calls = self.agents.iter().filter(|a| a.class == Class::Truck && here(a.hub)).count() as u32;
        let mut runs = TruckRuns { calls, ..TruckRuns::default() };
        for consignment in self.consignments.iter().filter(|c| here(Some(c.hub))) {
            if consignment.outbound { runs.loaded_to_hub += 1 } else { runs.loaded_from_hub += 1 }
        }
        runs
    }

    /// Share of all truck runs that carry a load.
    pub fn loaded_share(&self) -> f64 {
        self.truck_runs(None).loaded_share()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, STATION, Town, passengers};
    use super::*;
    use crate::scenario::hubs::ServiceMode;

    fn day(town: &Town, sample: f64) -> Demand {
        let (agents, consignments) = freight(&town.frame(sample)).unwrap();
        Demand { agents, consignments, sample, ..Demand::default() }
    }

    #[test]
    fn every_tonne_is_carried_and_the_last_truck_is_partly_full() {
        let demand = day(&Town::new(), 1.0);
        // ten cargo flights of 101 t at 6 t a truck: 16 full trucks and one with 5 t
        assert_eq!(demand.consignments.len(), 170);
        let tonnes: f64 = demand.consignments.iter().map(|c| c.tonnes).sum();
        assert!((tonnes - 1010.0).abs() < 1e-9);
        assert_eq!(demand.consignments.iter().filter(|c| c.tonnes == 5.0).count(), 10);
    }

    #[test]
    fn a_share_of_the_calls_brings_and_fetches_and_the_rest_runs_empty_one_way() {
        let runs = day(&Town::new(), 1.0).truck_runs(Some(AIRPORT));
        // T = 170 · 0.3 / 1.3 = 39.2 two-way calls, 170 − T calls in all
        assert!((38..=40).contains(&(170 - runs.calls)), "{runs:?}");
        assert_eq!((runs.loaded_to_hub, runs.loaded_from_hub), (85, 85));
        assert_eq!(runs.empty(), 2 * runs.calls - 170);
        assert!((runs.loaded_share() - 170.0 / f64::from(2 * runs.calls)).abs() < 1e-12);
    }

    #[test]
    fn without_two_way_calls_half_of_the_runs_are_empty() {
        let mut town = Town::new();
        town.scenario.settings.freight.two_way_share = 0.0;
        assert_eq!(day(&town, 1.0).loaded_share(), 0.5);
    }

    #[test]
    fn trucks_call_in_open_hours_before_their_service_and_after_it() {
        let town = Town::new();
        let demand = day(&town, 1.0);
        for consignment in &demand.consignments {
            let truck = &demand.agents[consignment.agent.i()];
            let hour = truck.time.0 as f64 / HOUR_MS as f64;
            assert!((6.0..22.0).contains(&hour), "{hour}");
            assert_eq!(truck.zone, Some(consignment.zone));
            let service = &town.network.hubs.services[consignment.service.i()];
            if consignment.outbound {
                let deadline = truck.deadline.unwrap();
                assert!(truck.time <= deadline);
                let days = deadline.plus(10 * MINUTE_MS).since(service.time);
                assert_eq!(days.rem_euclid(24 * HOUR_MS), 0);
            }
        }
        let fetching = demand.agents.iter().filter(|a| a.deadline.is_none()).count();
        assert_eq!(fetching as u32, demand.truck_runs(None).calls - 85);
    }

    #[test]
    fn the_mean_dwell_is_the_one_written() {
        let mut town = Town::new();
        let hub = &mut town.network.hubs.hubs[0];
        (hub.gate, hub.users.dwell_h, hub.users.truck_load_t) = ((Time(0), Time(24 * HOUR_MS)), 3.0, 0.05);
        town.scenario.settings.freight.two_way_share = 0.0;
        let demand = day(&town, 1.0);
        let rests: Vec<f64> = demand
            .consignments
            .iter()
            .filter(|c| c.outbound)
            .map(|c| &demand.agents[c.agent.i()])
            .map(|truck| truck.deadline.unwrap().since(truck.time) as f64 / HOUR_MS as f64)
            .collect();
        // five flights of 101 t in loads of 0.05 t; a deviation of 3 / √10,100 = 0.03 hours
        assert_eq!(rests.len(), 5 * 2020);
        assert!((rests.iter().sum::<f64>() / rests.len() as f64 - 3.0).abs() < 0.1);
    }

    #[test]
    fn every_open_hour_has_its_share_of_calls_in_a_sample() {
        let mut town = Town::new();
        town.network.hubs.hubs[0].users.truck_load_t = 1.0;
        let (all, tenth) = (day(&town, 1.0), day(&town, 0.1));
        let calls = |d: &Demand, hour: i64| d.agents.iter().filter(|a| a.time.0 / HOUR_MS == hour).count() as f64;
        for hour in 6..22 {
            assert!(calls(&tenth, hour) >= 1.0, "no call in hour {hour}");
            assert!((calls(&tenth, hour) - 0.1 * calls(&all, hour)).abs() < 1.0 + 1e-9);
        }
        assert!((tenth.agents.len() as f64 - 0.1 * all.agents.len() as f64).abs() < 1.0 + 1e-9);
        let tonnes = |d: &Demand| d.consignments.iter().map(|c| c.tonnes).sum::<f64>();
        // some 78 of 780 calls with one or two loads of 1 t: the sum of loads has a deviation of about 4 t
        assert!((tonnes(&tenth) - 0.1 * tonnes(&all)).abs() < 15.0, "{}", tonnes(&tenth));
    }

    #[test]
    fn a_dropped_service_leaves_most_sampled_calls_as_they_were() {
        let mut town = Town::new();
        town.network.hubs.hubs[0].users.truck_load_t = 1.0;
        town.scenario.settings.freight.two_way_share = 0.0;
        let before = day(&town, 0.2);
        let mut services = town.services();
        services.retain(|(name, _)| name != "airport/cargo-d2");
        town.set_services(services);
        let after = day(&town, 0.2);
        let kept = after.agents.iter().filter(|a| before.agents.iter().any(|b| b.key == a.key)).count();
        // nine of ten services remain, and with them at least nine tenths of the calls of the smaller sample
        assert!(kept as f64 >= 0.9 * after.agents.len() as f64, "{kept} of {}", after.agents.len());
    }

    #[test]
    fn containers_and_tonnes_of_one_train_travel_in_different_trucks() {
        let mut town = Town::new();
        let mut train = passengers(STATION, Direction::Arrival, 600, 0.0);
        (train.mode, train.teu, train.tonnes) = (ServiceMode::RailFreight, 17.0, 12.0);
        town.set_services(vec![("station/box".into(), train)]);
        let demand = day(&town, 1.0);
        // 17 TEU at 1.7 and 12 t at 6
        assert_eq!(demand.consignments.iter().filter(|c| c.teu > 0.0).count(), 10);
        assert_eq!(demand.consignments.iter().filter(|c| c.tonnes > 0.0).count(), 2);
        assert_eq!(demand.agents.len(), 12);
    }

    #[test]
    fn a_zone_that_trucks_cannot_leave_or_reach_gets_none() {
        let mut town = Town::new();
        for link in 0..town.network.roads.links() {
            // the last two zones can be reached by truck, but there is no way back
            if town.network.roads.from[link] == NodeIx(8) && town.network.roads.to[link] == NodeIx(7) {
                town.network.roads.uses[link].truck = false;
            }
        }
        let demand = day(&town, 1.0);
        assert!(demand.agents.iter().all(|a| a.zone < Some(ZoneIx(4))));
        town.network.hubs.hubs[0].users.truck_load_t = 0.0;
        assert!(freight(&town.frame(1.0)).unwrap_err().to_string().contains("truck_load_t"));
    }
}
