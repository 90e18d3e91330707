//! What the schedule of a hub asks of its servers and stores, against what they can do.
//!
//! Offered load is work: turns by the mean time of one, in server-hours. A process that is asked for more in the whole day
//! than all its servers can do is a mistake; single hours beyond capacity are what queues are for, and are told. Only what
//! the schedule settles is counted: passengers of lines are not, nor cars where lines may take their passengers.

use super::super::super::Scenario;
use super::super::super::hubs::{ChainFile, ChainUser, Direction, HubFile, Scope, ServiceRow, UserClass, share_for};
use super::super::Keys;
use super::super::links::day;
use super::is_for_passengers;
use crate::error::Problem;
use crate::units::{HOUR_MS, MINUTE_MS, SECOND_MS, Time};

/// A day, milliseconds.
const DAY_MS: i64 = 24 * HOUR_MS;

/// More than this above capacity is not the rounding of a sum.
const ROUNDING: f64 = 1e-9;

/// Schedules beyond what a hub can do in the whole day.
pub fn loads(scenario: &Scenario, keys: &Keys) -> Vec<Problem> {
    let Some(day) = day(scenario) else { return Vec::new() };
    let mut problems = Vec::new();
    for (hub, keys) in scenario.hubs.iter().zip(&keys.hubs) {
        for (i, load) in Offered::new(scenario, hub, day).loads().into_iter().enumerate() {
            let (offered, capacity) = load.whole();
            if offered > capacity * (1.0 + ROUNDING) {
                let key = if hub.processes[i].roster.is_some() { "roster" } else { "servers" };
                let found = format!("a schedule beyond capacity: {}", load.told());
                let wanted = "servers for what the schedule brings, or a schedule that they can serve";
                problems.push(keys.problem(&format!("process[{i}].{key}"), found, wanted));
            }
        }
        for (i, store) in hub.stores.iter().enumerate() {
            let Some((_, last)) = most(hub, i) else { continue };
            if last > store.capacity * (1.0 + ROUNDING) {
                let found = format!(
                    "a schedule beyond capacity: {last} vehicles left at the end of the day, room for {}",
                    store.capacity
                );
                let wanted = "room for the vehicles that come and do not leave, or services that take them away";
                problems.push(keys.problem(&format!("store[{i}].capacity"), found, wanted));
            }
        }
        problems.extend(
            slots(scenario, hub, day).map(|(found, wanted)| keys.problem("appointments.trucks", found, wanted)),
        );
    }
    problems
}

/// Processes that are asked for more in the whole day than they can do, in words.
pub fn overloaded(scenario: &Scenario) -> Vec<String> {
    let Some(day) = day(scenario) else { return Vec::new() };
    let of = |hub: &HubFile| {
        let loads = hub.processes.iter().zip(Offered::new(scenario, hub, day).loads());
        let over = loads.filter(|(_, load)| load.whole().0 > load.whole().1 * (1.0 + ROUNDING));
        over.map(|(process, load)| format!("{}: {}: {}", hub.hub_id, process.id, load.told())).collect::<Vec<_>>()
    };
    scenario.hubs.iter().flat_map(of).collect()
}

/// Hours in which the schedule asks for more than a process can do, and stores that it fills, in words.
pub fn busy_hours(scenario: &Scenario) -> Vec<String> {
    let Some(day) = day(scenario) else { return Vec::new() };
    let mut remarks = Vec::new();
    for hub in &scenario.hubs {
        for (process, load) in hub.processes.iter().zip(Offered::new(scenario, hub, day).loads()) {
            let full = load.hours.iter().filter(|(offered, capacity)| *offered > capacity * (1.0 + ROUNDING)).count();
            if full > 0 {
                let hours = if full == 1 { "1 hour".to_owned() } else { format!("{full} hours") };
                remarks.push(format!("{}: {}: {hours} beyond capacity; {}", hub.hub_id, process.id, load.told()));
            }
        }
        for (i, store) in hub.stores.iter().enumerate() {
            let Some(((most, at), _)) = most(hub, i).filter(|((most, _), _)| *most > store.capacity) else { continue };
            let told = format!("{most} vehicles at {at} by the schedule, room for {}", store.capacity);
            remarks.push(format!("{}: {}: {told}", hub.hub_id, store.id));
        }
    }
    remarks
}

/// Work that is asked of a process and work that it can do, server-hours by hour of the day.
struct Load {
    start: Time,
    hours: Vec<(f64, f64)>,
}

impl Load {
    fn whole(&self) -> (f64, f64) {
        self.hours.iter().fold((0.0, 0.0), |sum, hour| (sum.0 + hour.0, sum.1 + hour.1))
    }

    /// The figures of the day and of the hour with the most work beyond capacity.
    fn told(&self) -> String {
        let (offered, capacity) = self.whole();
        let over = |hour: &(f64, f64)| hour.0 - hour.1;
        let worst =
            (0..self.hours.len()).reduce(|a, b| if over(&self.hours[b]) > over(&self.hours[a]) { b } else { a });
        let worst = worst.map_or(String::new(), |h| {
            let (offered, capacity) = self.hours[h];
            let at = self.start.plus(h as i64 * HOUR_MS);
            format!("; from {at} {} of {}", told(offered), told(capacity))
        });
        format!("offered {} server-hours, capacity {} server-hours{worst}", told(offered), told(capacity))
    }
}

/// A figure with one decimal and its thousands grouped.
fn told(x: f64) -> String {
    let tenths = (x * 10.0).round() as u64;
    let whole = (tenths / 10).to_string();
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{}", tenths % 10)
}

/// How many of a kind come: persons and the parties that they make.
#[derive(Clone, Copy)]
struct Crowd {
    persons: f64,
    parties: f64,
}

/// A part of those who come, by hour of the day.
type Spread = Vec<(usize, f64)>;

/// Work that is asked of a hub's processes, as it adds up.
struct Offered<'a> {
    hub: &'a HubFile,
    day: (Time, Time),
    /// Process by process and hour by hour, server-hours.
    work: Vec<Vec<f64>>,
}

impl<'a> Offered<'a> {
    fn new(scenario: &Scenario, hub: &'a HubFile, day: (Time, Time)) -> Offered<'a> {
        let hours = (day.1.since(day.0) + HOUR_MS - 1) / HOUR_MS;
        let mut offered = Offered { hub, day, work: vec![vec![0.0; hours as usize]; hub.processes.len()] };
        for service in &hub.services {
            offered.vehicle(service);
            if is_for_passengers(service.mode) {
                offered.passengers(service);
            } else {
                offered.freight(service);
            }
        }
        offered.trucks(scenario.settings.freight.two_way_share);
        offered
    }

    /// The work of each process with what its servers can do, breakdowns taken off.
    fn loads(self) -> Vec<Load> {
        let (start, end) = self.day;
        let can = |process: usize, hour: usize| {
            let process = &self.hub.processes[process];
            let from = start.plus(hour as i64 * HOUR_MS);
            let until = from.plus(HOUR_MS).min(end);
            let up = process.breakdown.as_ref().map_or(1.0, |b| b.every_h / (b.every_h + b.repair_min / 60.0));
            let roster = process.roster.as_ref().and_then(|id| self.hub.rosters.iter().find(|r| r.id == *id));
            let (shifts, staff) = roster.map_or((&process.servers, 1), |r| (&r.staff, process.staff_per_server.max(1)));
            let staffed = shifts.iter().filter_map(|shift| {
                let (begins, ends) = Time::parse(&shift.from).zip(Time::parse(&shift.to))?;
                let together = ends.min(until).since(begins.max(from)).max(0);
                Some(f64::from(shift.count / staff) * together as f64 / HOUR_MS as f64)
            });
            staffed.sum::<f64>() * up
        };
        let of = |(p, work): (usize, &Vec<f64>)| Load {
            start,
            hours: work.iter().enumerate().map(|(h, work)| (*work, can(p, h))).collect(),
        };
        self.work.iter().enumerate().map(of).collect()
    }

    /// All of them at a moment, of the day or of the day before or after, which look alike.
    fn at(&self, time: Time) -> Spread {
        let (start, end) = self.day;
        let moment = [0, DAY_MS, -DAY_MS].map(|shift| time.plus(shift)).into_iter().find(|t| (start..end).contains(t));
        moment.map(|t| ((t.since(start) / HOUR_MS) as usize, 1.0)).into_iter().collect()
    }

    /// Evenly over a part of the clock that comes each day, as far as it lies in the day that is simulated.
    fn evenly(&self, from: Time, until: Time) -> Spread {
        let (start, end) = self.day;
        let length = match until.since(from).rem_euclid(DAY_MS) {
            0 => DAY_MS,
            length => length,
        };
        let mut spread: Spread = Vec::new();
        for hour in 0..self.work.first().map_or(0, Vec::len) {
            let begins = start.plus(hour as i64 * HOUR_MS);
            let ends = begins.plus(HOUR_MS).min(end);
            let first = begins.since(from).div_euclid(DAY_MS) - 1;
            let within = (first..=first + 2).map(|n| {
                let open = from.plus(n * DAY_MS);
                open.plus(length).min(ends).since(open.max(begins)).max(0)
            });
            spread.push((hour, within.sum::<i64>() as f64 / length as f64));
        }
        // A simulated day of more than 24 hours has each of them once.
        let total: f64 = spread.iter().map(|(_, part)| part).sum();
        spread.iter_mut().for_each(|(_, part)| *part /= total.max(1.0));
        spread
    }

    fn pass(&mut self, chain: &ChainFile, crowd: Crowd, spread: &Spread, share_of: &dyn Fn(UserClass) -> f64) {
        for step in &chain.steps {
            let Some(p) = self.hub.processes.iter().position(|p| p.id == step.process) else { continue };
            let process = &self.hub.processes[p];
            let share = step.share * share_for(step.only.iter().copied(), step.except.iter().copied(), share_of);
            let each = if process.one_turn { crowd.parties } else { crowd.persons };
            let turns = share * each / process.batch.as_ref().map_or(1.0, |batch| f64::from(batch.size.max(1)));
            let hours = turns * (process.mean_service_s() + process.reset_s) * SECOND_MS as f64 / HOUR_MS as f64;
            for (hour, part) in spread {
                self.work[p][*hour] += hours * part;
            }
        }
    }

    /// Users of a service pass their chain, where there is one.
    fn of_service(&mut self, user: ChainUser, service: &ServiceRow, crowd: Crowd, time: Time) {
        let hub = self.hub;
        let Some(chain) = hub.chain_at(user, service.scope, &service.terminal) else { return };
        let spread = self.at(time);
        self.pass(&hub.chains[chain], crowd, &spread, &|class| hub.users.share_of(class, service.scope));
    }

    fn vehicle(&mut self, service: &ServiceRow) {
        let user = match service.direction {
            Direction::Arrival => ChainUser::ServiceIn,
            Direction::Departure => ChainUser::ServiceOut,
        };
        self.of_service(user, service, Crowd { persons: 1.0, parties: 1.0 }, Time::from_seconds(service.time_s));
    }

    fn passengers(&mut self, service: &ServiceRow) {
        let users = &self.hub.users;
        let time = Time::from_seconds(service.time_s);
        let crowd = |share: f64| {
            let persons = service.seats * service.load_factor * share;
            Crowd { persons, parties: persons / users.party_mean.max(1.0) }
        };
        let bags = |crowd: Crowd| {
            let parties = crowd.parties * users.bags_share;
            Crowd { persons: parties, parties }
        };
        let of_city = crowd(1.0 - users.transfer_share);
        match service.direction {
            Direction::Departure => {
                let early_min = match service.scope {
                    Scope::Domestic => users.early_domestic_min,
                    Scope::International => users.early_international_min,
                };
                let comes = time.plus(-(early_min * MINUTE_MS as f64) as i64);
                self.of_service(ChainUser::Departing, service, of_city, comes);
                self.of_service(ChainUser::BagsOut, service, bags(of_city), comes);
                self.by_road([ChainUser::DropOff, ChainUser::Park], service, of_city, comes);
            }
            Direction::Arrival => {
                self.of_service(ChainUser::Arriving, service, of_city, time);
                self.of_service(ChainUser::BagsIn, service, bags(of_city), time);
                self.of_service(ChainUser::Transfer, service, crowd(users.transfer_share), time);
                self.by_road([ChainUser::PickUp, ChainUser::Unpark], service, of_city, time);
            }
        }
    }

    /// Where no line stops, everybody comes by road; with two chains for them it is open who has which.
    fn by_road(&mut self, users: [ChainUser; 2], service: &ServiceRow, crowd: Crowd, time: Time) {
        let has = |user: &ChainUser| self.hub.chain_at(*user, service.scope, &service.terminal).is_some();
        let with: Vec<ChainUser> = users.into_iter().filter(has).collect();
        if let ([user], true) = (&with[..], self.hub.stops(&service.terminal).is_empty()) {
            self.of_service(*user, service, crowd, time);
        }
    }

    fn freight(&mut self, service: &ServiceRow) {
        let loads = truckloads(self.hub, service);
        let crowd = Crowd { persons: loads, parties: loads };
        let time = Time::from_seconds(service.time_s);
        match service.direction {
            Direction::Arrival => self.of_service(ChainUser::Unload, service, crowd, time),
            Direction::Departure => {
                let load_ms = (self.hub.users.load_min * MINUTE_MS as f64) as i64;
                self.of_service(ChainUser::Load, service, crowd, time.plus(-load_ms));
            }
        }
    }

    /// Trucks come evenly while the gate is open; some bring and fetch in one visit.
    fn trucks(&mut self, two_way_share: f64) {
        let hub = self.hub;
        let gate = Time::parse(&hub.users.gate_open).zip(Time::parse(&hub.users.gate_close));
        let Some((open, close)) = gate else { return };
        let spread = self.evenly(open, close);
        for (chain, row) in hub.chains.iter().enumerate().filter(|(_, c)| c.user == ChainUser::Truck) {
            let has = |s: &&ServiceRow| hub.chain_at(ChainUser::Truck, s.scope, &s.terminal) == Some(chain);
            let Calls { calls, brings, fetches } = Calls::of(hub, hub.services.iter().filter(has), two_way_share);
            if calls > 0.0 {
                let share_of = |class: UserClass| match class {
                    UserClass::Brings => brings / calls,
                    UserClass::Empty => 1.0 - brings / calls,
                    UserClass::Fetches => fetches / calls,
                    class => hub.users.share_of(class, Scope::Domestic),
                };
                self.pass(row, Crowd { persons: calls, parties: calls }, &spread, &share_of);
            }
        }
    }
}

/// Calls of trucks, and how many of them bring a load and fetch one.
struct Calls {
    calls: f64,
    brings: f64,
    fetches: f64,
}

impl Calls {
    /// With a share s of two-way calls, T of E + I loads' calls are two-way when T = s·(E + I − T); at most the smaller.
    fn of<'a>(hub: &HubFile, services: impl Iterator<Item = &'a ServiceRow>, two_way_share: f64) -> Calls {
        let (mut brings, mut fetches) = (0.0, 0.0);
        for service in services {
            match service.direction {
                Direction::Departure => brings += truckloads(hub, service),
                Direction::Arrival => fetches += truckloads(hub, service),
            }
        }
        let both = ((brings + fetches) * two_way_share / (1.0 + two_way_share)).min(brings.min(fetches));
        Calls { calls: brings + fetches - both, brings, fetches }
    }
}

/// Truckloads of a service, the last one partly full.
fn truckloads(hub: &HubFile, service: &ServiceRow) -> f64 {
    let of = |amount: f64, load: f64| if amount > 0.0 && load > 0.0 { (amount / load).ceil() } else { 0.0 };
    of(service.tonnes, hub.users.truck_load_t) + of(service.teu, hub.users.truck_load_teu)
}

/// The most that services bring into a store of vehicles, when, and what is there at the end of the day.
fn most(hub: &HubFile, store: usize) -> Option<((f64, Time), f64)> {
    let row = &hub.stores[store];
    let changes = hub.vehicles(&row.id);
    let mut content = hub.start_of(row).filter(|_| !changes.is_empty())?;
    let mut most = (content, changes[0].0);
    for (time, change) in changes {
        content += change;
        if content > most.0 {
            most = (content, time);
        }
    }
    Some((most, content))
}

/// More trucks than appointments: what is found and wanted.
fn slots(scenario: &Scenario, hub: &HubFile, day: (Time, Time)) -> Option<(String, &'static str)> {
    let appointments = hub.appointments.as_ref()?;
    let gate = Time::parse(&hub.users.gate_open).zip(Time::parse(&hub.users.gate_close))?;
    let calls = Calls::of(hub, hub.services.iter(), scenario.settings.freight.two_way_share).calls;
    let offered = Offered { hub, day, work: vec![vec![0.0; ((day.1.since(day.0) + HOUR_MS - 1) / HOUR_MS) as usize]] };
    let calls = calls * offered.evenly(gate.0, gate.1).iter().map(|(_, part)| part).sum::<f64>();
    // The gate is open this long within the day.
    let open_ms = day.1.since(day.0).min(gate.1.since(gate.0).max(0)) as f64;
    let slots = open_ms / (f64::from(appointments.slot_min) * MINUTE_MS as f64);
    let room = slots * f64::from(appointments.trucks);
    let found = format!("a schedule beyond capacity: {} trucks, appointments for {}", told(calls), told(room));
    (calls > room * (1.0 + ROUNDING)).then_some((found, "slots for all trucks of the schedule"))
}
