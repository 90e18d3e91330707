//! A hub before it is written: processes with the flows that pass them, chains, stores, terminals; and how many servers a
//! process needs.

use crate::facts::Facts;
use crate::schedules::Service;
use crate::services::stop_id;
use std::fmt::Write;

/// Utilisation that a bank of servers has in the busiest hour of a shift, where rounding up does not lower it.
pub const UTILISATION: f64 = 0.75;
/// The same of kerbs, ranks and barriers, before which nobody means to wait.
pub const KERB_UTILISATION: f64 = 0.5;
/// Shifts: moments between which the number of servers stays the same, hours.
const SHIFTS: [u32; 7] = [2, 6, 9, 12, 17, 22, 30];
/// Persons of a party, the mean of the hub's users.
pub const PARTY: f64 = 1.3;

/// Loads that a truck brings and fetches: 30 of 100 calls do both (`freight.two_way_share`).
pub const LOADS_A_CALL: f64 = 1.3;

/// Passengers of intercity trains each way in an hour for whom there is room at the airport: two full trains of 1,470 places
/// (facts/lines.csv), and the hours in which they run.
const INTERCITY: (f64, [u32; 2]) = (2_940.0, [5, 25]);

pub const LOGNORMAL: &str = "law = \"lognormal\"\ncv = 0.6";
pub const ERLANG: &str = "law = \"erlang\"\nphases = 4";
pub const EXPONENTIAL: &str = "law = \"exponential\"";
pub const DETERMINISTIC: &str = "law = \"deterministic\"";

/// Who passes a process, for sizing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum User {
    Out,
    In,
    Change,
    Trucks,
    /// Loads between trucks and services.
    Loads,
    /// Vehicles of services, both ways.
    Services,
    /// Passengers of the intercity lines, each way.
    Intercity,
}

/// A flow of users: of a terminal and a scope, or of all.
#[derive(Clone, Copy)]
pub struct Flow {
    pub user: User,
    pub terminal: Option<&'static str>,
    pub international: Option<bool>,
    /// Share of them who pass the process.
    pub share: f64,
}

/// How many servers there are.
#[derive(Clone, Copy)]
pub enum Servers {
    /// As the busiest hour of each shift asks for at a utilisation, at least so many.
    Shifts(f64, u32),
    /// Built ones: as the busiest hour of the day asks for, at least so many, all day.
    Built(f64, u32),
    /// So many, all day.
    Given(u32),
}

/// A process before it is sized.
pub struct Process {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub flows: Vec<Flow>,
    pub law: &'static str,
    pub mean_s: f64,
    pub servers: Servers,
    /// Whether a party takes one turn.
    pub one_turn: bool,
    /// Parties who may be there at once, for each of the most servers of a shift.
    pub places: Option<f64>,
    /// Staff that a server needs, if it has a roster of its own.
    pub staff: Option<u32>,
    /// Further lines.
    pub more: String,
}

impl Process {
    pub fn new(id: &str, [name, name_en]: [&str; 2], flows: Vec<Flow>, law: &'static str, mean_s: f64) -> Process {
        let (id, name, name_en) = (id.to_owned(), name.to_owned(), name_en.to_owned());
        let servers = Servers::Shifts(UTILISATION, 1);
        Process {
            id,
            name,
            name_en,
            flows,
            law,
            mean_s,
            servers,
            one_turn: false,
            places: None,
            staff: None,
            more: String::new(),
        }
    }

    /// A party takes one turn.
    pub fn by_party(self) -> Process {
        Process { one_turn: true, ..self }
    }

    pub fn servers(self, servers: Servers) -> Process {
        Process { servers, ..self }
    }

    pub fn places(self, per_server: f64) -> Process {
        Process { places: Some(per_server), ..self }
    }

    pub fn staffed_by(self, staff: u32) -> Process {
        Process { staff: Some(staff), ..self }
    }

    /// One more line.
    pub fn with(mut self, line: &str) -> Process {
        self.more.push_str(line);
        self.more.push('\n');
        self
    }
}

/// A step of a chain; `more` holds what it says besides process, walk and share.
pub struct Step {
    pub process: String,
    pub walk_s: f64,
    pub share: f64,
    pub more: String,
}

pub fn step(process: impl Into<String>, walk_s: f64) -> Step {
    Step { process: process.into(), walk_s, share: 1.0, more: String::new() }
}

impl Step {
    pub fn share(self, share: f64) -> Step {
        Step { share, ..self }
    }

    pub fn more(mut self, more: impl AsRef<str>) -> Step {
        self.more.push_str(", ");
        self.more.push_str(more.as_ref());
        self
    }
}

/// A chain: user, scope, terminal, id.
pub struct Chain {
    pub user: &'static str,
    pub scope: &'static str,
    pub terminal: Option<&'static str>,
    pub id: Option<&'static str>,
    pub steps: Vec<Step>,
}

pub fn chain(user: &'static str, steps: Vec<Step>) -> Chain {
    Chain { user, scope: "any", terminal: None, id: None, steps }
}

impl Chain {
    pub fn scope(self, scope: &'static str) -> Chain {
        Chain { scope, ..self }
    }

    pub fn terminal(self, terminal: &'static str) -> Chain {
        Chain { terminal: Some(terminal), ..self }
    }

    pub fn id(self, id: &'static str) -> Chain {
        Chain { id: Some(id), ..self }
    }
}

/// A store: id, names, unit, room, content at the start, area.
pub struct Store {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub unit: &'static str,
    pub capacity: f64,
    pub start: Option<f64>,
    pub area_m2: Option<f64>,
}

pub fn store(id: impl Into<String>, [name, name_en]: [&str; 2], unit: &'static str, capacity: f64) -> Store {
    let (name, name_en) = (name.to_owned(), name_en.to_owned());
    Store { id: id.into(), name, name_en, unit, capacity, start: None, area_m2: None }
}

/// A hub before it is written.
pub struct Plan {
    pub id: &'static str,
    pub kind: &'static str,
    pub district: &'static str,
    pub access: String,
    pub users: String,
    /// `[[terminal]]`, `[appointments]` and the like.
    pub tables: String,
    /// Share of passengers who change between services.
    pub transfer: f64,
    /// Minutes that passengers are in the hall before departure (domestic, international), and their spread.
    pub early: [f64; 3],
    /// Truckloads a day, the busiest hour of the gate against the mean of its hours, and these.
    pub loads: f64,
    pub peak: f64,
    pub gate: [u32; 2],
    pub stores: Vec<Store>,
    pub processes: Vec<Process>,
    pub chains: Vec<Chain>,
    /// A terminal that is to be opened, and the share of all services for which it is sized.
    pub future: Option<(&'static str, f64)>,
}

/// Stops of named stations: a table for each.
pub fn stops(facts: &Facts, table: &str, stops: &[(&str, &str, u32)]) -> String {
    let mut text = String::new();
    for (line, name, walk_s) in stops {
        let stations = facts.served(line);
        let station = stations.iter().find(|s| s.station_zh.starts_with(name));
        let stop = stop_id(station.unwrap_or_else(|| panic!("facts/stations.csv: no {name} on {line}")));
        let _ = write!(text, "\n[[{table}]]\nstop_id = \"{stop}\"\nwalk_s = {walk_s}\n");
        if line.starts_with("IC-") {
            text.push_str("board_chain = \"intercity_in\"\nalight_chain = \"intercity_out\"\n");
        }
    }
    text
}

/// Users of a flow by quarter of an hour from 00:00 to 32:00.
fn quarters(plan: &Plan, services: &[Service], flow: Flow) -> Vec<f64> {
    let mut counts = vec![0.0; 128];
    match flow.user {
        User::Trucks | User::Loads => {
            // What is loaded and unloaded comes train by train, twice the mean.
            let hours = f64::from(plan.gate[1] - plan.gate[0]);
            let of_day =
                if flow.user == User::Trucks { plan.peak * plan.loads / LOADS_A_CALL } else { 2.0 * plan.loads };
            (plan.gate[0] * 4..plan.gate[1] * 4).for_each(|q| counts[q as usize] = of_day / hours / 4.0);
        }
        User::Intercity => {
            let (per_hour, [from, to]) = INTERCITY;
            (from * 4..to * 4).for_each(|q| counts[q as usize] = per_hour / 4.0);
        }
        User::Services => services.iter().for_each(|s| add(&mut counts, f64::from(s.time_s) / 60.0, 1.0)),
        User::Out | User::In | User::Change => passengers(plan, services, flow, &mut counts),
    }
    counts.iter_mut().for_each(|x| *x *= flow.share);
    counts
}

fn passengers(plan: &Plan, services: &[Service], flow: Flow, counts: &mut [f64]) {
    // A terminal that is to be opened takes its share of all.
    let future = plan.future.filter(|(terminal, _)| flow.terminal == Some(terminal));
    for s in services {
        let here = future.is_some() || flow.terminal.is_none_or(|terminal| s.terminal == terminal);
        if !here || flow.international.is_some_and(|abroad| s.international != abroad) {
            continue;
        }
        let all = f64::from(s.passengers()) * future.map_or(1.0, |(_, share)| share);
        let local = all * (1.0 - plan.transfer);
        let early = if s.international { plan.early[1] } else { plan.early[0] };
        let minute = f64::from(s.time_s) / 60.0;
        match (flow.user, s.departure) {
            (User::Out, true) => {
                // A normal spread, at seven points.
                const SPREAD: [(f64, f64); 7] =
                    [(-1.5, 0.07), (-1.0, 0.13), (-0.5, 0.19), (0.0, 0.22), (0.5, 0.19), (1.0, 0.13), (1.5, 0.07)];
                for (z, share) in SPREAD {
                    add(counts, minute - early + z * plan.early[2], share * local);
                }
            }
            (User::In, false) => add(counts, minute + 15.0, local),
            (User::Change, false) => add(counts, minute + 15.0, all * plan.transfer),
            _ => {}
        }
    }
}

fn add(counts: &mut [f64], minute: f64, amount: f64) {
    let last = counts.len() - 1;
    counts[((minute / 15.0).max(0.0) as usize).min(last)] += amount;
}

/// Servers that the busiest hour between two hours asks for.
fn asked(plan: &Plan, services: &[Service], process: &Process, utilisation: f64, [from, to]: [u32; 2]) -> u32 {
    let mut all = vec![0.0; 128];
    for &flow in &process.flows {
        for (sum, x) in all.iter_mut().zip(quarters(plan, services, flow)) {
            *sum += x;
        }
    }
    let busiest = (from * 4..to * 4).map(|q| {
        let from = (q as usize).saturating_sub(2);
        all[from..from + 4].iter().sum::<f64>()
    });
    let of_persons = process.flows.iter().all(|f| matches!(f.user, User::Out | User::In | User::Change));
    let turns = if process.one_turn && of_persons { PARTY } else { 1.0 };
    let per_hour = busiest.fold(0.0, f64::max) / turns;
    (per_hour * process.mean_s / 3_600.0 / utilisation).ceil() as u32
}

/// Servers by shift: from, to, count.
fn shifts(plan: &Plan, services: &[Service], process: &Process) -> Vec<(u32, u32, u32)> {
    let (first, last) = (SHIFTS[0], SHIFTS[SHIFTS.len() - 1]);
    match process.servers {
        Servers::Given(count) => vec![(first, last, count)],
        Servers::Built(utilisation, least) => {
            let count = asked(plan, services, process, utilisation, [first, last]).max(least);
            vec![(first, last, count)]
        }
        Servers::Shifts(utilisation, least) => {
            let of = |pair: &[u32]| {
                (pair[0], pair[1], asked(plan, services, process, utilisation, [pair[0], pair[1]]).max(least))
            };
            SHIFTS.windows(2).map(of).collect()
        }
    }
}

/// The file of a hub.
pub fn write(facts: &Facts, plan: &Plan, services: &[Service]) -> String {
    let fact = |attribute: &str| {
        let row = facts.hubs.iter().find(|h| h.hub_id == plan.id && h.attribute == attribute);
        row.unwrap_or_else(|| panic!("facts/hubs.csv: no {attribute} of {}", plan.id)).value.clone()
    };
    let file = plan.id.to_lowercase();
    let mut text = format!(
        "# Written by `cargo run --release --example build_baiyun`; processes, walks and behaviour are generated (SOURCES.md).\n\
         hub_id = \"{}\"\nname = \"{}\"\nname_en = \"{}\"\nkind = \"{}\"\ndistrict_id = \"{}\"\nx_coord = {:.5}\ny_coord = {:.5}\n\
         schedule = \"hubs/{file}_schedule.csv\"\n\n[access]\n{}\n[users]\n",
        plan.id,
        fact("name_zh"),
        fact("name_en"),
        plan.kind,
        plan.district,
        facts.hub(plan.id, "lon", ""),
        facts.hub(plan.id, "lat", ""),
        plan.access,
    );
    let _ = write!(
        text,
        "transfer_share = {:.2}\nearly_domestic_min = {:.0}\nearly_international_min = {:.0}\nearly_sd_min = {:.0}\n{}{}",
        plan.transfer, plan.early[0], plan.early[1], plan.early[2], plan.users, plan.tables
    );
    for process in plan.processes.iter().filter(|p| p.staff.is_some()) {
        let staff = process.staff.unwrap_or(1);
        let _ = write!(text, "\n[[roster]]\nid = \"{}\"\n", process.id);
        write_shifts("staff", staff, &shifts(plan, services, process), &mut text);
    }
    plan.stores.iter().for_each(|store| write_store(store, &mut text));
    plan.processes.iter().for_each(|process| write_process(plan, services, process, &mut text));
    plan.chains.iter().for_each(|chain| write_chain(chain, &mut text));
    text
}

fn write_store(store: &Store, text: &mut String) {
    let Store { id, name, name_en, unit, capacity, .. } = store;
    let _ = write!(
        text,
        "\n[[store]]\nid = \"{id}\"\nname = \"{name}\"\nname_en = \"{name_en}\"\nunit = \"{unit}\"\ncapacity = {capacity:.0}\n"
    );
    if let Some(start) = store.start {
        let _ = writeln!(text, "start = {start:.0}");
    }
    if let Some(area) = store.area_m2 {
        let _ = writeln!(text, "area_m2 = {area:.0}");
    }
}

fn write_process(plan: &Plan, services: &[Service], process: &Process, text: &mut String) {
    let _ = write!(
        text,
        "\n[[process]]\nid = \"{}\"\nname = \"{}\"\nname_en = \"{}\"\n{}\nmean_s = {}\n",
        process.id, process.name, process.name_en, process.law, process.mean_s
    );
    if process.one_turn {
        text.push_str("one_turn = true\n");
    }
    let shifts = shifts(plan, services, process);
    if let Some(per_server) = process.places {
        let most = shifts.iter().map(|s| s.2).max().unwrap_or(0);
        let _ = writeln!(text, "places = {:.0}", (per_server * f64::from(most)).ceil());
    }
    text.push_str(&process.more);
    match process.staff {
        Some(staff) => {
            let _ = write!(text, "roster = \"{}\"\nstaff_per_server = {staff}\n", process.id);
        }
        None => write_shifts("servers", 1, &shifts, text),
    }
}

fn write_shifts(key: &str, staff: u32, shifts: &[(u32, u32, u32)], text: &mut String) {
    let _ = writeln!(text, "{key} = [");
    for (from, to, count) in shifts {
        let _ = writeln!(text, "  {{ from = \"{from:02}:00\", to = \"{to:02}:00\", count = {} }},", staff * count);
    }
    text.push_str("]\n");
}

fn write_chain(chain: &Chain, text: &mut String) {
    text.push_str("\n[[chain]]\n");
    if let Some(id) = chain.id {
        let _ = writeln!(text, "id = \"{id}\"");
    }
    let _ = writeln!(text, "user = \"{}\"\nscope = \"{}\"", chain.user, chain.scope);
    if let Some(terminal) = chain.terminal {
        let _ = writeln!(text, "terminal = \"{terminal}\"");
    }
    text.push_str("step = [\n");
    for Step { process, walk_s, share, more } in &chain.steps {
        let share = if *share < 1.0 { format!(", share = {share:.2}") } else { String::new() };
        let _ = writeln!(text, "  {{ process = \"{process}\", walk_s = {walk_s:.0}{share}{more} }},");
    }
    text.push_str("]\n");
}
