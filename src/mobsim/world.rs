//! The ECS world of a day, its entities and resources, and the one chained schedule that runs in every window.

use super::calendar::Calendar;
use super::hubs::{self, Enters, HubTraffic};
use super::kerb::{self, Ending};
use super::lines::{self, Buses, LineInbox, LineTraffic};
use super::road::{GateQueue as RoadQueue, LaidRoute, Passage, RoadSetup, RoadTraffic, RoadWindow};
use super::services::Services;
use super::transfer::{self, Itinerary, State};
use super::{DayInput, DayProgress, DayReport, DaySetup};
use crate::demand::plan::Leg;
use crate::demand::{Agent, AgentCounts};
use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, LinkIx, NodeIx};
use crate::network::hubs::{Hub, Hubs};
use crate::network::line_times::LineTimes;
use crate::network::passages::{Diversion, Kind, LinkTraffic};
use crate::units::{MINUTE_MS, Time};
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings, SingleThreadedExecutor};
use rustc_hash::FxHashMap;
use std::ops::ControlFlow;

/// The current window: from its start up to, not including, its end.
#[derive(Resource, Clone, Copy, Debug)]
pub(super) struct Window {
    pub start: Time,
    pub end: Time,
}

/// What the day runs on.
#[derive(Resource, Clone)]
pub(super) struct Given {
    pub input: DayInput,
    pub setup: DaySetup,
    /// Entity of an agent.
    pub entities: Vec<Entity>,
    /// Routes of all drive legs, agent after agent; `None` for a drive that stays where it is.
    routes: Vec<Option<LaidRoute>>,
    /// First of an agent's routes.
    first_route: Vec<u32>,
    /// What drives end in that end at hubs: by agent its drive, counted from 0, what it ends in, and whether through a gate.
    endings: FxHashMap<AgentIx, (u16, Ending, bool)>,
    /// Stable signatures of vehicle runs, where some of them are on the road.
    vehicle_keys: Vec<u64>,
}

impl Given {
    /// Stable signature of a traveller or vehicle run.
    pub fn key(&self, agent: AgentIx) -> u64 {
        let travellers = &self.input.demand.agents;
        travellers.get(agent.i()).map_or_else(|| self.vehicle_keys[agent.i() - travellers.len()], |a| a.key)
    }

    /// What the drive that an agent has just made ends in, if at a hub, and whether it came through a gate of the road.
    fn ending(&self, agent: AgentIx, agents: &Query<&Itinerary>) -> Option<(Ending, bool)> {
        let &(drive, ending, gated) = self.endings.get(&agent)?;
        let itinerary = agents.get(self.entities[agent.i()]).expect("every agent is an entity for the whole day");
        (itinerary.drives == drive + 1).then_some((ending, gated))
    }

    /// The route of an agent's drive leg, counted from 0.
    pub fn route(&self, agent: AgentIx, drive: u16) -> Option<LaidRoute> {
        self.routes[self.first_route[agent.i()] as usize + usize::from(drive)]
    }
}

/// Road traffic as a resource.
#[derive(Resource)]
pub(super) struct Road {
    pub traffic: RoadTraffic,
    pub window: RoadWindow,
    /// Who took another route so far.
    pub diverted: Vec<Diversion>,
    /// Queues before the gates of hubs, minute by minute.
    pub queues: Vec<RoadQueue>,
}

/// Moments at which agents go on with their plan.
#[derive(Resource)]
pub(super) struct Wakes(pub Calendar);

/// Agents that a station has released in this window, with the moment.
#[derive(Resource, Default)]
pub(super) struct Released(pub Vec<(Time, AgentIx)>);

/// Events of the window, in no order until they are published.
#[derive(Resource, Default)]
pub(super) struct Happened(pub Vec<Event>);

/// What is counted.
#[derive(Resource, Default)]
pub(super) struct Counted(pub DayReport);

/// A day ready to run.
pub(super) struct Day {
    world: World,
    schedule: Schedule,
    setup: DaySetup,
}

impl Day {
    pub fn new(input: &DayInput, setup: DaySetup) -> Day {
        let mut world = World::new();
        let mut hubs = HubTraffic::new(input, setup);
        let road_setup = RoadSetup {
            start_ms: setup.start.0 as u32,
            window_ms: setup.window_ms,
            gridlock_ms: setup.gridlock_ms,
            bin_ms: setup.bin_ms,
            sample: input.demand.sample,
            block_nodes: setup.block_nodes,
            kinds: kinds(input),
            listened: setup.listened,
            gates: hubs.road_gates(&input.network.hubs, input.demand.sample),
            outlets: outlets(&input.network.hubs),
            reroute: setup.reroute,
        };
        let mut traffic = RoadTraffic::new(&input.network.roads, &road_setup, on_road(input));
        let laid = lay_routes(input, setup, &hubs, &mut traffic);
        world.insert_resource(Buses::new(
            &input.network.lines,
            &input.sections,
            input.demand.agents.len(),
            &mut traffic,
        ));
        world.insert_resource(Road {
            traffic,
            window: RoadWindow::default(),
            diverted: Vec::new(),
            queues: Vec::new(),
        });
        let lines = LineTraffic::new(&mut world, &input.network.lines, input.demand.sample, setup);
        world.insert_resource(lines);
        let departures = input.plans.iter().flatten().map(|plan| plan.departure);
        let mut wakes = Calendar::with_room(setup.start, setup.end, i64::from(setup.window_ms), departures);
        let mut counted = DayReport::default();
        for (a, plan) in input.plans.iter().enumerate() {
            counted.agents.created += 1;
            match plan {
                Some(_) if hubs.is_on_board(AgentIx::from(a), &input.demand.agents[a]) => {}
                Some(plan) => wakes.enter(plan.departure, AgentIx::from(a)),
                None => counted.agents.removed += 1,
            }
        }
        world.insert_resource(hubs);
        world.insert_resource(Wakes(wakes));
        world.insert_resource(Counted(counted));
        let vehicle_keys = if input.sections.is_empty() { Vec::new() } else { input.network.lines.run_keys() };
        world.insert_resource(Given {
            input: input.clone(),
            setup,
            entities: Vec::new(),
            routes: laid.routes,
            first_route: laid.first,
            endings: laid.endings,
            vehicle_keys,
        });
        world.insert_resource(Services::new(input, setup));
        world.init_resource::<LineInbox>();
        world.init_resource::<lines::Replanned>();
        world.init_resource::<Released>();
        world.init_resource::<Happened>();
        world.insert_resource(Window { start: setup.start, end: setup.start });
        // Agents come last: a resource is an entity too, and what comes after a million others costs each kind of resource
        // a table of that length (48 bytes an agent, 2026-11).
        let entities = transfer::spawn_agents(&mut world, input.plans.len());
        world.resource_mut::<Given>().entities = entities;
        Day { world, schedule: schedule(), setup }
    }

    pub fn run(
        mut self,
        sink: &mut dyn EventSink,
        watch: &mut dyn FnMut(DayProgress) -> ControlFlow<()>,
    ) -> (DayReport, LinkTraffic, LineTimes) {
        let width = i64::from(self.setup.window_ms);
        let mut start = self.setup.start;
        while start < self.setup.end {
            self.world.insert_resource(Window { start, end: start.plus(width) });
            self.schedule.run(&mut self.world);
            self.publish(sink);
            if start.0 % MINUTE_MS == 0 && watch(DayProgress { time: start, agents: self.agents() }).is_break() {
                break;
            }
            start = start.plus(width);
        }
        if start >= self.setup.end {
            self.too_late(sink);
        }
        let mut report = self.world.resource::<Counted>().0;
        report.agents = self.agents_by_state();
        report.locked = self.world.resource::<HubTraffic>().locked();
        let given = self.world.remove_resource::<Given>().expect("the day runs on something");
        let hubs = self.world.remove_resource::<HubTraffic>().expect("a day has hubs, if none");
        let Road { traffic: road, diverted, queues, .. } = &mut *self.world.resource_mut::<Road>();
        report.road = road.counts;
        report.road.trace = road.trace(|agent| given.key(agent));
        diverted.sort_unstable();
        let (gate_queues, at_processes) = (hubs.queues(queues), hubs.at_processes());
        let traffic = LinkTraffic {
            diverted: std::mem::take(diverted),
            gate_queues,
            at_processes,
            ..road.traffic(start.0 as u32)
        };
        (report, traffic, LineTraffic::finish(&mut self.world, &given.input.network.lines))
    }

    /// Hands the events of the window over in their total order.
    fn publish(&mut self, sink: &mut dyn EventSink) {
        let mut happened = self.world.resource_mut::<Happened>();
        happened.0.sort_unstable();
        for event in &happened.0 {
            sink.event(event);
        }
        happened.0.clear();
    }

    /// The day is over: whoever has not come through in time for its service has missed it.
    fn too_late(&mut self, sink: &mut dyn EventSink) {
        let given = self.world.remove_resource::<Given>().expect("the day runs on something");
        let time = self.setup.end;
        let mut late = 0;
        for (a, agent) in given.input.demand.agents.iter().enumerate() {
            let missed = agent.deadline.is_some_and(|last| last < time) && agent.leaves_by().is_some();
            if !missed || given.input.plans[a].is_none() {
                continue;
            }
            let itinerary = self.world.get::<Itinerary>(given.entities[a]).expect("every agent is an entity");
            // Who waits for another service has been told already.
            if !matches!(itinerary.state, State::Done | State::Waits) {
                sink.event(&Event { time, agent: AgentIx::from(a), what: What::Missed });
                late += 1;
            }
        }
        self.world.insert_resource(given);
        let mut counted = self.world.resource_mut::<Counted>();
        counted.0.missed += late;
        counted.0.stranded += late;
    }

    /// Where the agents are, counted one by one: the other side of the books that [`Self::agents`] balances.
    fn agents_by_state(&mut self) -> AgentCounts {
        let counted = self.agents();
        let mut query = self.world.query::<&Itinerary>();
        let done = query.iter(&self.world).filter(|i| i.state == State::Done).count() as u64;
        let without_plan = self.world.resource::<Given>().input.plans.iter().filter(|p| p.is_none()).count() as u64;
        let all = query.iter(&self.world).count() as u64;
        let agents =
            AgentCounts { created: all, arrived: done, under_way: all - done - without_plan, removed: without_plan };
        assert_eq!(agents, counted, "every agent is in exactly one place");
        agents
    }

    fn agents(&self) -> AgentCounts {
        let mut agents = self.world.resource::<Counted>().0.agents;
        agents.under_way = agents.created - agents.arrived - agents.removed;
        agents
    }
}

/// The order of one window: agents go on with their plans, then every station does its part, then those released are
/// entered into the calendar. One chain; ambiguity is an error.
fn schedule() -> Schedule {
    let mut schedule = Schedule::default();
    schedule.set_build_settings(ScheduleBuildSettings { ambiguity_detection: LogLevel::Error, ..Default::default() });
    schedule.set_executor(SingleThreadedExecutor::new());
    schedule.add_systems((transfer::go_on, drive, lines::run_lines, hubs::serve, transfer::release).chain());
    schedule
}

/// Sends those on by another route who have lost too much, and moves road traffic through the window.
#[expect(clippy::too_many_arguments, reason = "a system names every resource that it takes")]
fn drive(
    window: Res<Window>,
    given: Res<Given>,
    agents: Query<&Itinerary>,
    mut road: ResMut<Road>,
    mut buses: ResMut<Buses>,
    mut hubs: ResMut<HubTraffic>,
    mut released: ResMut<Released>,
    mut happened: ResMut<Happened>,
) {
    let Road { traffic, window: out, diverted, queues } = &mut *road;
    let start_ms = window.start.0 as u32;
    if let Some(router) = &given.input.router {
        let new = traffic.reroute(start_ms, &given.input.network.roads, &**router);
        let what = |d: &Diversion| Event { time: d.at, agent: d.agent, what: What::Diverted { link: d.on } };
        happened.0.extend(new.iter().map(what));
        diverted.extend(new);
    }
    traffic.window(start_ms, out);
    happened.0.extend(out.passages.drain(..).map(event));
    for (ms, agent) in out.ended.drain(..) {
        let time = Time(i64::from(ms));
        if let Some(run) = buses.run_of(agent) {
            buses.came.push((time, run));
            continue;
        }
        match given.ending(agent, &agents) {
            Some((Ending::Kerb(at), by_road)) => {
                hubs.enter(&given, agent, time, Enters { at, by_road, holds: false });
            }
            Some((Ending::Visit(_), true)) => {
                hubs.admit(agent);
                released.0.push((time, agent));
            }
            _ => released.0.push((time, agent)),
        }
    }
    for (ms, agent) in out.departed.drain(..) {
        hubs.left(agent, Time(i64::from(ms)));
    }
    queues.append(&mut out.gate_queues);
}

/// The event that a vehicle's entering or leaving a link is.
fn event(passage: Passage) -> Event {
    let (link, time) = (LinkIx(passage.link), |ms: u32| Time(i64::from(ms)));
    let what = match passage.entered_ms {
        Some(entered) => What::LinkLeft { link, entered: time(entered) },
        None => What::LinkEntered { link },
    };
    Event { time: time(passage.at_ms), agent: AgentIx(passage.agent), what }
}

/// The kinds of vehicles that agents and lines may put on the road.
fn kinds(input: &DayInput) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for agent in &input.demand.agents {
        let kind = kind(agent);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if !input.sections.is_empty() && !kinds.contains(&lines::BUS) {
        kinds.push(lines::BUS);
    }
    kinds
}

/// The kind of an agent's road vehicle.
pub(super) fn kind(agent: &Agent) -> Kind {
    Kind { class: agent.vehicle, of_hub: agent.hub.is_some() }
}

/// All who may be on the road in the order in which they set out, vehicles of lines last.
fn on_road(input: &DayInput) -> Vec<AgentIx> {
    let mut order = by_departure(input);
    if !input.sections.is_empty() {
        let travellers = order.len() as u32;
        order.extend((0..input.network.lines.departures).map(|run| AgentIx(travellers + run)));
    }
    order
}

/// Travellers in the order in which they set out.
fn by_departure(input: &DayInput) -> Vec<AgentIx> {
    let mut order: Vec<AgentIx> = (0..input.plans.len()).map(AgentIx::from).collect();
    order.sort_by_key(|a| input.plans[a.i()].as_ref().map_or(Time::NEVER, |plan| plan.departure));
    order
}

/// Where vehicles leave hubs.
fn outlets(hubs: &Hubs) -> Vec<NodeIx> {
    let of = |hub: &Hub| {
        let terminals = hub.terminals.iter().map(|t| t.pick_up);
        [hub.pick_up, hub.truck_out.or(hub.truck_in)].into_iter().chain(terminals).flatten().collect::<Vec<_>>()
    };
    let mut nodes: Vec<NodeIx> = hubs.hubs.iter().flat_map(of).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// Routes laid on the road.
struct Laid {
    /// Agent after agent; `None` for a drive that stays where it is.
    routes: Vec<Option<LaidRoute>>,
    /// Where each agent's begin.
    first: Vec<u32>,
    endings: FxHashMap<AgentIx, (u16, Ending, bool)>,
}

/// Lays the routes of all drive legs in the order in which agents set out.
fn lay_routes(input: &DayInput, setup: DaySetup, hubs: &HubTraffic, traffic: &mut RoadTraffic) -> Laid {
    let drives = |agent: usize| {
        let legs = input.plans[agent].iter().flat_map(|plan| plan.legs.iter().enumerate());
        legs.filter_map(|(l, leg)| if let Leg::Drive { route } = leg { Some((l, route)) } else { None })
    };
    let mut first = Vec::with_capacity(input.plans.len());
    let mut count = 0;
    for agent in 0..input.plans.len() {
        first.push(u32::try_from(count).expect("fewer than 2^32 drives"));
        count += drives(agent).count();
    }
    let mut laid = Laid { routes: vec![None; count], first, endings: FxHashMap::default() };
    for agent in by_departure(input) {
        let (of, plan) = (&input.demand.agents[agent.i()], input.plans[agent.i()].as_ref());
        for (drive, (leg, route)) in drives(agent.i()).enumerate() {
            let ending = plan.and_then(|plan| kerb::ending(&input.network.hubs, of, plan, leg));
            let gate = ending.zip(route.last()).and_then(|(ending, last)| {
                hubs.gate(input, setup, agent, ending.at(), input.network.roads.to[last.i()])
            });
            laid.routes[laid.first[agent.i()] as usize + drive] = traffic.lay(route.iter().copied(), gate);
            if let Some(ending) = ending {
                laid.endings.insert(agent, (drive as u16, ending, gate.is_some()));
            }
        }
    }
    laid
}

/// The itinerary of an agent, by its entity.
pub(super) fn itinerary<'a>(
    given: &Given,
    agents: &'a mut Query<&mut Itinerary>,
    agent: AgentIx,
) -> Mut<'a, Itinerary> {
    agents.get_mut(given.entities[agent.i()]).expect("every agent is an entity for the whole day")
}
