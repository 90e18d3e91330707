//! Hubs in the day: travellers, trucks and items enter the nets of their hubs; what the nets tell becomes events, sends
//! agents on, and frees the places behind the gates of the road.
//!
//! Within a window the nets run after the road, so who drives into a hub joins it at the moment at which the road lets it
//! in, and who is on the road frees its server at that moment. The other way, a place that is freed can be reached from the
//! road [`TRANSFER_MS`] later, which no window exceeds. So the window does not matter.

use super::hub::{Entry, Net, NetSetup, Told};
use super::kerb::{self, At};
use super::road::{GateQueue as RoadQueue, RoadGate, RoadTraffic};
use super::world::{Given, Happened, Released, Road, Wakes, Window};
use super::{DayInput, DaySetup, TRANSFER_MS};
use crate::demand::Agent;
use crate::demand::items::{ItemKind, Traits, late_ms};
use crate::events::{Event, What};
use crate::ids::{AgentIx, HubIx, NodeIx, ProcessIx, ServiceIx, StoreIx};
use crate::network::hubs::Hubs;
use crate::network::passages::{AtProcess, GateQueue};
use crate::random::signature;
use crate::scenario::hubs::{ChainUser, Direction, HandOver};
use crate::units::{MINUTE_MS, Time};
use bevy_ecs::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// The nets of all hubs and who waits around them.
#[derive(Resource)]
pub(super) struct HubTraffic {
    nets: Vec<Net>,
    /// Gate of the road that leads into a process.
    gates: Vec<Option<u32>>,
    /// Nodes of these gates.
    nodes: Vec<NodeIx>,
    /// Those whom the road's gate has given a place and who will visit the hub next.
    admitted: FxHashSet<AgentIx>,
    /// Those who hold a server until the road has taken them.
    holding: FxHashMap<AgentIx, HubIx>,
    /// Whether the vehicle of a service is simulated and arrives.
    due: Vec<bool>,
    /// Those who get off when their service has come.
    waiting: FxHashMap<ServiceIx, Vec<AgentIx>>,
}

/// How somebody enters a hub.
#[derive(Clone, Copy, Debug)]
pub(super) struct Enters {
    pub at: At,
    /// Whether the road's gate has given it a place.
    pub by_road: bool,
    /// Whether its last server holds it until it is on the road.
    pub holds: bool,
}

impl HubTraffic {
    /// The hubs as the day begins, with all their items on the way.
    pub fn new(input: &DayInput, setup: DaySetup) -> HubTraffic {
        let (hubs, demand) = (&input.network.hubs, &input.demand);
        let net_setup = NetSetup { seed: setup.seed, sample: demand.sample, start: setup.start, end: setup.end };
        // Networks made by hand may have no names; their processes are told apart by number.
        let names = input.network.names.processes.all();
        let key = |p: ProcessIx| names.get(p.i()).map_or(u64::from(p.0), |name| signature(name));
        let nets = (0..hubs.hubs.len()).map(|h| Net::new(hubs, HubIx::from(h), &key, net_setup)).collect();
        let (mut gates, mut nodes) = (vec![None; hubs.processes.len()], Vec::new());
        for (process, hub, user, terminal) in kerb::gates(hubs) {
            let hub = &hubs.hubs[hub.i()];
            let node = if user == ChainUser::Truck { hub.truck_in } else { hub.place(terminal).drop_off };
            if let Some(node) = node {
                gates[process.i()] = Some(nodes.len() as u32);
                nodes.push(node);
            }
        }
        let due = vec![false; hubs.services.len()];
        let mut traffic = HubTraffic {
            nets,
            gates,
            nodes,
            admitted: FxHashSet::default(),
            holding: FxHashMap::default(),
            due,
            waiting: FxHashMap::default(),
        };
        traffic.begin(input, setup);
        traffic
    }

    /// Puts what is there when the day begins into the stores, and all items on their way.
    fn begin(&mut self, input: &DayInput, setup: DaySetup) {
        let (network, demand) = (&*input.network, &*input.demand);
        let hubs = &network.hubs;
        let stock = &demand.stock;
        for (s, store) in hubs.stores.iter().enumerate() {
            let content = stock.content.get(s).copied().unwrap_or_default();
            self.nets[store.hub.i()].set_content(StoreIx::from(s), content);
        }
        let mut vehicles = vec![None; hubs.services.len()];
        for (i, item) in demand.items.list.iter().enumerate() {
            let ItemKind::Service(service) = item.kind else { continue };
            vehicles[service.i()] = Some(demand.items.agent(i).0);
            if hubs.services[service.i()].direction == Direction::Arrival {
                self.due[service.i()] = true;
            }
        }
        for (i, item) in demand.items.list.iter().enumerate() {
            let scheduled = hubs.services[item.service.i()].time;
            let entry = item_entry(input, setup, i);
            let net = &mut self.nets[item.hub.i()];
            match item.kind {
                ItemKind::Service(service) => {
                    let starts = match hubs.services[service.i()].direction {
                        // An arrival is scheduled for when its passengers get off.
                        Direction::Arrival => {
                            scheduled.plus(late_ms(network, service, setup.seed) - hubs.free_ms(item.hub, item.chain))
                        }
                        Direction::Departure => scheduled,
                    };
                    net.enter(starts, entry);
                }
                ItemKind::Freight(c) => {
                    let consignment = &demand.consignments[c.i()];
                    let users = &hubs.hubs[item.hub.i()].users;
                    let before = |min: f64| scheduled.plus(-(min * MINUTE_MS as f64).round() as i64);
                    let (loads, closed) = (before(users.load_min), before(users.cut_off_min));
                    let is_there = stock.there.binary_search(&c).is_ok();
                    match (consignment.outbound, is_there, vehicles[item.service.i()]) {
                        (true, true, _) => net.enter(loads, entry),
                        (true, false, _) => {
                            // What comes after its train has closed stays in the yard.
                            let truck = consignment.agent.0;
                            net.enter_when_dropped(truck, HandOver::Freight, loads, closed, entry);
                        }
                        (false, _, Some(train)) => {
                            net.enter_when_dropped(train, HandOver::Freight, setup.start, Time::NEVER, entry);
                        }
                        (false, _, None) => net.enter(scheduled, entry),
                    }
                    if !consignment.outbound && !is_there {
                        net.owe(consignment.agent.0, HandOver::Freight, entry.token);
                    }
                }
                ItemKind::Bags(party) => {
                    let departs = hubs.services[item.service.i()].direction == Direction::Departure;
                    let by = if departs { Some(party.0) } else { vehicles[item.service.i()] };
                    match by {
                        Some(by) => net.enter_when_dropped(by, HandOver::Bags, setup.start, Time::NEVER, entry),
                        None => net.enter(scheduled, entry),
                    }
                    if !departs {
                        net.owe(party.0, HandOver::Bags, entry.token);
                    }
                }
            }
        }
    }

    /// The gates that the road needs, with the places that a sample meets.
    pub fn road_gates(&self, hubs: &Hubs, sample: f64) -> Vec<RoadGate> {
        let mut gates: Vec<RoadGate> = self.nodes.iter().map(|&node| RoadGate { node, places: 0 }).collect();
        for (process, gate) in hubs.processes.iter().zip(&self.gates) {
            if let (Some(places), Some(gate)) = (process.places, *gate) {
                gates[gate as usize].places = Net::places(places, sample);
            }
        }
        gates
    }

    /// The gate of the road that an agent is to drive into, where the road ends at that gate's node.
    pub fn gate(&self, input: &DayInput, setup: DaySetup, agent: AgentIx, at: At, end: NodeIx) -> Option<u32> {
        let traits = input.demand.traits(&input.network, agent, at.hub, setup.seed);
        let key = input.demand.agents[agent.i()].key;
        let process = self.nets[at.hub.i()].first_step(at.chain, key, traits.classes)?;
        self.gates[process.i()].filter(|&gate| self.nodes[gate as usize] == end)
    }

    /// Somebody enters a hub.
    pub fn enter(&mut self, given: &Given, agent: AgentIx, time: Time, how: Enters) {
        let (demand, hubs) = (&given.input.demand, &given.input.network.hubs);
        let of = &demand.agents[agent.i()];
        let Traits { classes, brings, fetches } =
            demand.traits(&given.input.network, agent, how.at.hub, given.setup.seed);
        if how.holds {
            self.holding.insert(agent, how.at.hub);
        }
        let early_ms = hubs.hubs[how.at.hub.i()].appointments.map_or(0, |a| a.early_ms);
        let entry = Entry {
            token: agent.0,
            key: of.key,
            chain: how.at.chain,
            party: of.party,
            classes,
            brings,
            fetches,
            holds: how.holds,
            by_road: how.by_road,
            not_before: of.slot.map_or(given.setup.start, |slot| slot.plus(-early_ms)),
        };
        self.nets[how.at.hub.i()].enter(time, entry);
    }

    /// The road's gate has given a place to somebody whose visit begins next.
    pub fn admit(&mut self, agent: AgentIx) {
        self.admitted.insert(agent);
    }

    /// Whether the road's gate has given somebody a place who now begins a visit.
    pub fn has_place(&mut self, agent: AgentIx) -> bool {
        self.admitted.remove(&agent)
    }

    /// The road has taken somebody's vehicle.
    pub fn left(&mut self, agent: AgentIx, time: Time) {
        if let Some(hub) = self.holding.remove(&agent) {
            self.nets[hub.i()].left(time, agent.0);
        }
    }

    /// Whether an agent comes by a service whose vehicle is simulated: then it gets off when that has come, and has no moment
    /// of its own before. No earlier than the least transfer time after, or it would matter whether that is in one window.
    pub fn is_on_board(&mut self, agent: AgentIx, of: &Agent) -> bool {
        let Some(service) = of.comes_by().filter(|service| self.due[service.i()]) else { return false };
        self.waiting.entry(service).or_default().push(agent);
        true
    }

    /// Queues before the road's gates, by the process behind each.
    pub fn queues(&self, of_gates: &[RoadQueue]) -> Vec<GateQueue> {
        let mut process = vec![ProcessIx(0); self.nodes.len()];
        for (p, gate) in self.gates.iter().enumerate() {
            if let Some(gate) = *gate {
                process[gate as usize] = ProcessIx::from(p);
            }
        }
        let of = |q: &RoadQueue| GateQueue {
            process: process[q.gate as usize],
            at: Time(i64::from(q.at_ms)),
            vehicles: q.vehicles,
            own_m: q.own_m,
            public_m: q.public_m,
        };
        of_gates.iter().map(of).collect()
    }

    /// Who is in service when the day ends, or keeps a server after it.
    pub fn at_processes(&self) -> Vec<AtProcess> {
        let mut all: Vec<AtProcess> = self.nets.iter().flat_map(Net::at_servers).collect();
        all.sort_unstable();
        all
    }

    /// Those who wait for a place at a full process.
    pub fn locked(&self) -> u64 {
        self.nets.iter().map(|net| net.locked() as u64).sum()
    }
}

/// How an item passes its chain.
fn item_entry(input: &DayInput, setup: DaySetup, item: usize) -> Entry {
    let (items, it) = (&input.demand.items, input.demand.items.list[item]);
    let Traits { classes, brings, fetches } = items.traits(&input.network, &input.demand, item, setup.seed);
    Entry {
        token: items.agent(item).0,
        key: it.key,
        chain: it.chain,
        party: 1,
        classes,
        brings,
        fetches,
        holds: false,
        by_road: false,
        not_before: setup.start,
    }
}

/// Runs the nets through the window.
pub(super) fn serve(
    window: Res<Window>,
    given: Res<Given>,
    mut hubs: ResMut<HubTraffic>,
    mut road: ResMut<Road>,
    mut wakes: ResMut<Wakes>,
    mut released: ResMut<Released>,
    mut happened: ResMut<Happened>,
) {
    let HubTraffic { nets, gates, waiting, .. } = &mut *hubs;
    let demand = &given.input.demand;
    let mut happens = |time, token, what| happened.0.push(Event { time, agent: AgentIx(token), what });
    for net in nets {
        net.run(window.end);
        for told in net.told.drain(..) {
            match told {
                Told::Queued { time, token, process } => happens(time, token, What::Queued { process }),
                Told::Served { time, token, process, arrived, began } => {
                    happens(time, token, What::Served { process, arrived, began });
                }
                Told::Cleared { time, token, process, since } => happens(time, token, What::Cleared { process, since }),
                Told::Stored { time, token, store, change } => happens(time, token, What::Stored { store, change }),
                Told::Placed { time, process } => {
                    if let Some(gate) = gates[process.i()] {
                        free_place(&mut road.traffic, gate, time);
                    }
                }
                Told::Done { time, token } => {
                    let agent = AgentIx(token);
                    match demand.items.get(agent).map(|item| (item.kind, item.chain)) {
                        None => released.0.push((time, agent)),
                        Some((ItemKind::Service(service), chain)) => {
                            let hubs_given = &given.input.network.hubs;
                            let scheduled = &hubs_given.services[service.i()];
                            let late_ms = match scheduled.direction {
                                Direction::Arrival => time.since(scheduled.time),
                                Direction::Departure => {
                                    let free_ms = hubs_given.free_ms(scheduled.hub, chain);
                                    time.since(scheduled.time) - free_ms
                                }
                            };
                            happens(time, token, What::ServiceDone { service, late_ms });
                            if scheduled.direction == Direction::Arrival {
                                for agent in waiting.remove(&service).unwrap_or_default() {
                                    let plan =
                                        given.input.plans[agent.i()].as_ref().expect("who is on board has a plan");
                                    let off = plan.departure.plus(late_ms.max(0));
                                    wakes.0.enter(off.max(time.plus(TRANSFER_MS)), agent);
                                }
                            }
                        }
                        Some(_) => {}
                    }
                }
            }
        }
    }
}

/// A place behind a gate is free; the road can use it the least transfer time later.
fn free_place(traffic: &mut RoadTraffic, gate: u32, time: Time) {
    traffic.free_place(gate, time.plus(TRANSFER_MS).0 as u32);
}
