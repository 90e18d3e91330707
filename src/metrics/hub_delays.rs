//! Delay attribution: where the users of each hub lose time, by cause and place; the tables `hub_delays` and `hub_missed`.
//!
//! Lost is what goes beyond a journey without others: time on a link beyond the free flow of the vehicle's class, time in
//! the departure queue, waits for vehicles of lines (from the first that was full on they count as denied), lateness of the
//! hub's services, waits at each process and time blocked after it, and after a missed service the time until the one
//! that was taken instead. Walking, riding, driving at free flow and being served are no delay. What is lost in a process
//! counts to that process's hub, all else to the hub that the party uses.
//!
//! All sums are whole milliseconds times persons (trucks: times trucks), and kept twice, by cause and by party, so that
//! causes add up to totals exactly.

mod tables;

use crate::demand::{Agent, Place, Purpose};
use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, HubIx, LineIx, LinkIx, ProcessIx, ServiceIx};
use crate::metrics::journeys::HubUse;
use crate::metrics::summary::kpi;
use crate::metrics::tokens::{Tokens, Unit};
use crate::metrics::{Context, Indicator};
use crate::mode::{Mode, VehicleClass};
use crate::network::Network;
use crate::network::passages::LinkTraffic;
use crate::scenario::hubs::{ChainUser, Direction};
use crate::table::{Kpi, Table};
use crate::units::{HOUR_MS, Time};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Who loses time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum User {
    Departing,
    Arriving,
    Transfer,
    /// Comes by a service of one hub and leaves by one of another.
    Connection,
    Truck,
    /// Passes processes of the hub on the way to or from a vehicle of a line, and uses no service of it.
    Line,
}

impl User {
    fn word(self) -> &'static str {
        match self {
            User::Departing => "departing",
            User::Arriving => "arriving",
            User::Transfer => "transfer",
            User::Connection => "connection",
            User::Truck => "truck",
            User::Line => "line",
        }
    }

    /// How an agent uses its hub, if it uses one.
    fn of(agent: &Agent) -> Option<User> {
        if let (Place::Hub(from, _), Place::Hub(to, ChainUser::Departing)) = (agent.from, agent.to)
            && from != to
        {
            return Some(User::Connection);
        }
        Some(match HubUse::of(agent)? {
            HubUse::Departing => User::Departing,
            HubUse::Arriving => User::Arriving,
            HubUse::Transfer => User::Transfer,
            HubUse::Truck => User::Truck,
        })
    }
}

/// What time is lost by, with where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// On a link, beyond free flow.
    Road(LinkIx),
    /// Before the first link.
    Origin(LinkIx),
    /// At a stop, for a vehicle of a line.
    Line(LineIx),
    /// At a stop, after a vehicle of the line was full.
    Denied(LineIx),
    /// By a service of the hub that was late.
    Service(ServiceIx),
    /// Before service in a process.
    Process(ProcessIx),
    /// On a server after service.
    Blocked(ProcessIx),
    /// From the departure of a missed service, or from being through where that was later, until the one taken instead.
    Missed,
}

/// How many kinds of causes there are.
const KINDS: usize = 8;

impl Cause {
    fn kind(self) -> usize {
        match self {
            Cause::Road(_) => 0,
            Cause::Origin(_) => 1,
            Cause::Line(_) => 2,
            Cause::Denied(_) => 3,
            Cause::Service(_) => 4,
            Cause::Process(_) => 5,
            Cause::Blocked(_) => 6,
            Cause::Missed => 7,
        }
    }

    fn word(self) -> &'static str {
        ["road", "origin", "line", "denied", "service", "process", "blocked", "missed"][self.kind()]
    }
}

/// What was lost by one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lost {
    /// Persons or trucks, once for each time that they lost time.
    persons: u64,
    /// Person-milliseconds by purpose.
    person_ms: [i64; 4],
}

impl Lost {
    fn total_ms(&self) -> i64 {
        self.person_ms.iter().sum()
    }

    fn add(&mut self, other: &Lost) {
        self.persons += other.persons;
        self.person_ms.iter_mut().zip(other.person_ms).for_each(|(a, b)| *a += b);
    }
}

/// A party that uses a hub.
#[derive(Clone, Copy, Debug)]
struct Party {
    user: User,
    hub: HubIx,
    service: Option<ServiceIx>,
    persons: u16,
    purpose: Purpose,
    vehicle: VehicleClass,
    /// When its drive began, until it is on its first link.
    at_origin: Option<Time>,
    /// When a vehicle first left it behind at the stop where it is.
    denied: Option<Time>,
    /// When it missed its service, and by what it had lost most until then.
    missed: Option<(Time, Option<Cause>)>,
    /// Service that took it instead.
    took: Option<ServiceIx>,
    /// Time lost by kind of cause, milliseconds.
    lost_ms: [i64; KINDS],
    /// The single largest loss in a process, or on its way by another cause.
    largest: Option<(i64, Cause)>,
}

/// Times of links at free flow by class of vehicle, with those of their periods.
#[derive(Debug, Default)]
struct FreeFlow {
    /// By link and class, milliseconds.
    ms: Vec<[u32; 4]>,
    /// Periods of links that have any: from, until, milliseconds by class.
    periods: FxHashMap<LinkIx, Vec<(Time, Time, [u32; 4])>>,
}

impl FreeFlow {
    fn new(network: &Network) -> FreeFlow {
        let roads = &network.roads;
        let of = |link: LinkIx, period: u32| VehicleClass::ALL.map(|c| roads.free_flow_ms_in(link, c, period) as u32);
        let links = || (0..roads.length_m.len()).map(LinkIx::from);
        let mut periods = FxHashMap::default();
        for link in links().filter(|&link| !roads.periods_of(link).is_empty()) {
            let own = roads.periods_of(link).iter().zip(1..).map(|(p, number)| (p.from, p.until, of(link, number)));
            periods.insert(link, own.collect());
        }
        FreeFlow { ms: links().map(|link| of(link, 0)).collect(), periods }
    }

    fn ms(&self, link: LinkIx, class: VehicleClass, entered: Time) -> i64 {
        let period = self.periods.get(&link).and_then(|own| own.iter().find(|p| p.0 <= entered && entered < p.1));
        i64::from(period.map_or(self.ms[link.i()], |p| p.2)[class as usize])
    }
}

/// Delays of hubs' users.
#[derive(Debug)]
pub struct HubDelays {
    free_flow: FreeFlow,
    hub_of_process: Vec<HubIx>,
    leaves: Vec<bool>,
    tokens: Tokens,
    /// Place of each agent among the parties, [`NOBODY`] for who uses no hub.
    party_of: Vec<u32>,
    parties: Vec<Party>,
    /// Parties that come by a service, until it is there, or leave by it.
    by_service: Vec<Vec<u32>>,
    of: BTreeMap<(HubIx, User, Cause), Lost>,
    /// By how much each leaving service was late.
    late_ms: BTreeMap<ServiceIx, i64>,
    /// Lost by those who are no party, person-milliseconds.
    line_ms: i64,
}

/// No place among the parties.
const NOBODY: u32 = u32::MAX;

impl HubDelays {
    /// Nobody has lost anything.
    pub fn new(context: &Context) -> HubDelays {
        let hubs = &context.network.hubs;
        let agents = if hubs.hubs.is_empty() { &[][..] } else { &context.demand.agents[..] };
        let mut parties = Vec::new();
        let mut by_service = vec![Vec::new(); hubs.services.len()];
        let mut party_of = vec![NOBODY; agents.len()];
        for (a, agent) in agents.iter().enumerate() {
            let (Some(user), Some(hub)) = (User::of(agent), agent.hub) else { continue };
            let place = parties.len() as u32;
            party_of[a] = place;
            let services = [agent.service, agent.came_by].into_iter().flatten();
            services.filter(|_| user != User::Truck).for_each(|service| by_service[service.i()].push(place));
            parties.push(Party {
                user,
                hub,
                service: agent.service,
                persons: if user == User::Truck { 1 } else { agent.party },
                purpose: agent.purpose,
                vehicle: agent.vehicle,
                at_origin: None,
                denied: None,
                missed: None,
                took: None,
                lost_ms: [0; KINDS],
                largest: None,
            });
        }
        let (tokens, of, late_ms) = (Tokens::new(context), BTreeMap::new(), BTreeMap::new());
        let free_flow = if parties.is_empty() { FreeFlow::default() } else { FreeFlow::new(context.network) };
        let hub_of_process = hubs.processes.iter().map(|p| p.hub).collect();
        let leaves = hubs.services.iter().map(|s| s.direction == Direction::Departure).collect();
        let line_ms = 0;
        HubDelays { free_flow, hub_of_process, leaves, tokens, party_of, parties, by_service, of, late_ms, line_ms }
    }

    fn party(&mut self, agent: AgentIx) -> Option<&mut Party> {
        let place = *self.party_of.get(agent.i())?;
        self.parties.get_mut(place as usize)
    }

    /// A party loses time.
    fn lose(&mut self, place: usize, cause: Cause, ms: i64) {
        if ms <= 0 {
            return;
        }
        let party = &mut self.parties[place];
        party.lost_ms[cause.kind()] += ms;
        if party.largest.is_none_or(|(most, _)| ms > most) {
            party.largest = Some((ms, cause));
        }
        let hub = match cause {
            Cause::Process(process) | Cause::Blocked(process) => self.hub_of_process[process.i()],
            _ => party.hub,
        };
        let lost = self.of.entry((hub, party.user, cause)).or_default();
        lost.persons += u64::from(party.persons);
        lost.person_ms[party.purpose as usize] += ms * i64::from(party.persons);
    }

    fn loses(&mut self, agent: AgentIx, cause: Cause, ms: i64) {
        match self.party_of.get(agent.i()) {
            Some(&place) if place != NOBODY => self.lose(place as usize, cause, ms),
            _ => {}
        }
    }

    /// Somebody loses time at a process: a party, or who passes it on the way to a line. Items lose nobody's time.
    fn at_process(&mut self, agent: AgentIx, cause: Cause, process: ProcessIx, ms: i64) {
        let Some(&place) = self.party_of.get(agent.i()) else { return };
        if place != NOBODY {
            return self.lose(place as usize, cause, ms);
        }
        if ms <= 0 {
            return;
        }
        let Some(token) = self.tokens.place(agent) else { return };
        let persons = self.tokens.weight(token, Unit::Persons);
        let hub = self.hub_of_process[process.i()];
        let lost = self.of.entry((hub, User::Line, cause)).or_default();
        lost.persons += u64::from(persons);
        lost.person_ms[Purpose::Other as usize] += ms * i64::from(persons);
        self.line_ms += ms * i64::from(persons);
    }

    /// The vehicle of a service was through. An arrival brings its passengers late; how long a departure keeps those
    /// aboard waiting is known when the day is over.
    fn service_done(&mut self, service: ServiceIx, late_ms: i64) {
        if late_ms <= 0 {
            return;
        }
        if self.leaves[service.i()] {
            self.late_ms.insert(service, late_ms);
            return;
        }
        let brought = std::mem::take(&mut self.by_service[service.i()]);
        for place in brought {
            self.lose(place as usize, Cause::Service(service), late_ms);
        }
    }

    fn boards(&mut self, agent: AgentIx, line: LineIx, (arrived, time): (Time, Time)) {
        let Some(party) = self.party(agent) else { return };
        let denied = party.denied.take().unwrap_or(time).max(arrived);
        self.loses(agent, Cause::Line(line), denied.since(arrived));
        self.loses(agent, Cause::Denied(line), time.since(denied));
    }

    /// Who passes a taxi rank or a car park before a drive waits for the road from then on.
    fn was_at_kerb(&mut self, agent: AgentIx, time: Time) {
        if let Some(party) = self.party(agent)
            && let Some(since) = &mut party.at_origin
        {
            *since = time;
        }
    }

    fn misses(&mut self, agent: AgentIx, time: Time) {
        if let Some(party) = self.party(agent) {
            let reason = party.reason();
            party.missed.get_or_insert((time, reason));
        }
    }

    /// The day is over: lateness of the services that took parties, and the time until those that took who had missed one.
    fn services_left(&mut self, context: &Context) {
        let services = &context.network.hubs.services;
        for place in 0..self.parties.len() {
            let Party { took: Some(took), missed, service, .. } = self.parties[place] else { continue };
            if let Some(&late_ms) = self.late_ms.get(&took) {
                self.lose(place, Cause::Service(took), late_ms);
            }
            // Until it was through it lost time by other causes.
            if let (Some((since, _)), Some(own)) = (missed, service)
                && own != took
            {
                let since = since.max(services[own.i()].time);
                self.lose(place, Cause::Missed, services[took.i()].time.since(since).max(0));
            }
        }
    }
}

impl Party {
    /// By what it has lost most time so far: the kind of cause whose sum is largest, at the place of its largest single loss
    /// where that is of this kind.
    fn reason(&self) -> Option<Cause> {
        // Of equal sums the first kind in the order of the causes.
        let most = (0..KINDS).rev().max_by_key(|&kind| self.lost_ms[kind]).filter(|&kind| self.lost_ms[kind] > 0)?;
        let (_, largest) = self.largest?;
        if largest.kind() == most {
            return Some(largest);
        }
        // Many small losses of one kind: only the road and lines add up like that, told without their place.
        Some(match most {
            0 => Cause::Road(LinkIx(u32::MAX)),
            1 => Cause::Origin(LinkIx(u32::MAX)),
            2 => Cause::Line(LineIx(u32::MAX)),
            3 => Cause::Denied(LineIx(u32::MAX)),
            4 => Cause::Service(ServiceIx(u32::MAX)),
            5 => Cause::Process(ProcessIx(u32::MAX)),
            6 => Cause::Blocked(ProcessIx(u32::MAX)),
            _ => Cause::Missed,
        })
    }
}

impl EventSink for HubDelays {
    fn event(&mut self, event: &Event) {
        let Event { time, agent, what } = *event;
        match what {
            What::LinkLeft { link, entered } => {
                let Some(party) = self.party(agent) else { return };
                let vehicle = party.vehicle;
                let free_ms = self.free_flow.ms(link, vehicle, entered);
                self.loses(agent, Cause::Road(link), time.since(entered) - free_ms);
            }
            What::LegBegan { mode: Some(Mode::Car | Mode::Taxi | Mode::Truck), .. } => {
                if let Some(party) = self.party(agent) {
                    party.at_origin = Some(time);
                }
            }
            What::LegEnded { mode: Some(_), .. } => {
                if let Some(party) = self.party(agent) {
                    party.at_origin = None;
                }
            }
            What::LinkEntered { link } => {
                if let Some(since) = self.party(agent).and_then(|party| party.at_origin.take()) {
                    self.loses(agent, Cause::Origin(link), time.since(since));
                }
            }
            What::Denied { .. } => {
                if let Some(party) = self.party(agent) {
                    party.denied.get_or_insert(time);
                }
            }
            What::Boarded { line, arrived, .. } => self.boards(agent, line, (arrived, time)),
            What::Served { process, arrived, began } => {
                self.was_at_kerb(agent, time);
                self.at_process(agent, Cause::Process(process), process, began.since(arrived));
            }
            What::Cleared { process, since } => {
                self.was_at_kerb(agent, time);
                self.at_process(agent, Cause::Blocked(process), process, time.since(since));
            }
            What::Missed => self.misses(agent, time),
            What::ServiceDone { service, late_ms } => self.service_done(service, late_ms),
            What::Embarked { service } => {
                if let Some(party) = self.party(agent) {
                    party.took = Some(service);
                }
            }
            _ => {}
        }
    }
}

impl Indicator for HubDelays {
    fn name(&self) -> &'static str {
        "hub_delays"
    }

    fn close(&mut self, context: &Context, _traffic: &LinkTraffic) {
        self.services_left(context);
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        debug_assert_eq!(self.by_cause_ms(), self.by_party_ms(), "delays by cause add up to those of the parties");
        if context.network.hubs.hubs.is_empty() {
            return Vec::new();
        }
        vec![self.delay_table(context), self.missed_table(context)]
    }

    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        let hours = context.expand(self.by_cause_ms().max(0) as u64) / HOUR_MS as f64;
        let about = "time that users of hubs lose on the way, in the hub and by missed services, expanded by 1/sample";
        vec![kpi("hub_delay_hours", hours, "person-hours per day", about)]
    }
}

impl HubDelays {
    /// All that was lost, added up over causes, person-milliseconds.
    fn by_cause_ms(&self) -> i64 {
        self.of.values().map(Lost::total_ms).sum()
    }

    /// All that was lost, added up over parties, person-milliseconds.
    fn by_party_ms(&self) -> i64 {
        let of = |p: &Party| p.lost_ms.iter().sum::<i64>() * i64::from(p.persons);
        self.parties.iter().map(of).sum::<i64>() + self.line_ms
    }
}

#[cfg(test)]
mod tests;
