//! Hub files: where each hub touches the networks, how its users behave, and its processes, sized to its schedule.

use crate::facts::Facts;
use crate::schedules::Service;
use crate::services::stop_id;
use std::fmt::Write;

/// Utilisation that a bank of servers has in the busiest hour of a shift, where rounding up does not lower it.
const UTILISATION: f64 = 0.85;
/// Shifts: moments between which the number of servers stays the same, hours.
const SHIFTS: [u32; 7] = [2, 6, 9, 12, 17, 22, 30];

/// Passengers of intercity trains each way in an hour for whom there is room at the airport: two full trains of 1,470 places
/// (facts/lines.csv), and the hours in which they run.
const INTERCITY: (f64, [u32; 2]) = (2_940.0, [5, 25]);

/// Who passes a process, for sizing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Out,
    OutAbroad,
    In,
    InAbroad,
    Change,
    Trucks,
    /// Passengers of the intercity lines, each way.
    Intercity,
}

/// A process before it is sized.
struct Process {
    id: &'static str,
    name: &'static str,
    name_en: &'static str,
    flows: &'static [(Flow, f64)],
    law: &'static str,
    mean_s: f64,
    area_m2: Option<f64>,
}

/// A chain: user, scope, steps as (process, walk in seconds, share).
type Chain = (&'static str, &'static str, &'static [(&'static str, f64, f64)]);

/// A hub before it is written.
struct Plan {
    id: &'static str,
    kind: &'static str,
    district: &'static str,
    access: String,
    users: String,
    /// Share of passengers who change between services.
    transfer: f64,
    /// Minutes that passengers are in the hall before departure (domestic, international), and their spread.
    early: [f64; 3],
    /// Truckloads a day, and the hours of the gate.
    loads: f64,
    gate: [u32; 2],
    processes: Vec<Process>,
    chains: &'static [Chain],
}

fn process(
    (id, name, name_en): (&'static str, &'static str, &'static str),
    flows: &'static [(Flow, f64)],
    law: &'static str,
    mean_s: f64,
) -> Process {
    Process { id, name, name_en, flows, law, mean_s, area_m2: None }
}

const LOGNORMAL: &str = "law = \"lognormal\"\ncv = 0.6";
const ERLANG: &str = "law = \"erlang\"\nphases = 4";
const EXPONENTIAL: &str = "law = \"exponential\"";
const DETERMINISTIC: &str = "law = \"deterministic\"";

/// `hubs/can.toml`.
pub fn airport(facts: &Facts, services: &[Service]) -> String {
    use Flow::{Change, In, InAbroad, Intercity, Out, OutAbroad, Trucks};
    let tonnes: f64 = services.iter().map(|s| s.tonnes_tenths as f64 / 10.0).sum();
    let load = facts.figure("truck_load_air_cargo");
    let transfer = facts.hub("CAN", "transfer_share", "");
    let processes = vec![
        process(
            ("check_in", "值机与行李托运", "Check-in and bag drop"),
            &[(Out, 0.5), (OutAbroad, 0.85)],
            LOGNORMAL,
            110.0,
        ),
        process(("border_out", "出境边检", "Border control, departures"), &[(OutAbroad, 1.0)], LOGNORMAL, 45.0),
        process(("security", "安全检查", "Security check"), &[(Out, 1.0), (OutAbroad, 1.0)], ERLANG, 24.0),
        process(("transfer_check", "中转检查", "Transfer check"), &[(Change, 1.0)], ERLANG, 40.0),
        process(
            ("boarding", "登机口", "Boarding gates"),
            &[(Out, 1.0), (OutAbroad, 1.0), (Change, 1.0)],
            DETERMINISTIC,
            6.0,
        ),
        process(("border_in", "入境边检", "Border control, arrivals"), &[(InAbroad, 1.0)], LOGNORMAL, 50.0),
        process(
            ("baggage", "行李提取", "Baggage reclaim positions"),
            &[(In, 0.5), (InAbroad, 0.9)],
            EXPONENTIAL,
            480.0,
        ),
        process(("customs_in", "海关检查", "Customs, arrivals"), &[(InAbroad, 1.0)], EXPONENTIAL, 10.0),
        process(
            ("intercity_entry", "城际进站安检验票", "Intercity, security and tickets"),
            &[(Intercity, 1.0)],
            ERLANG,
            9.0,
        ),
        process(("intercity_exit", "城际出站闸机", "Intercity, exit gates"), &[(Intercity, 1.0)], DETERMINISTIC, 3.0),
        process(("cargo_gate", "货运闸口", "Cargo gate"), &[(Trucks, 1.0)], LOGNORMAL, 100.0),
        process(("cargo_dock", "货站月台", "Cargo docks"), &[(Trucks, 1.0)], ERLANG, 1_500.0),
        process(("cargo_exit", "货运出闸", "Cargo exit"), &[(Trucks, 1.0)], DETERMINISTIC, 40.0),
    ];
    let stops = [("L3N", "机场南", 240), ("L3N", "机场北", 300), ("IC-EN", "白云机场北", 360)];
    let plan = Plan {
        id: "CAN",
        kind: "airport",
        district: "BAI",
        // The last of the stops is the one of the intercity lines.
        access: access(facts, "can", Some("can_cargo"), &stops, 90)
            + "board_chain = \"intercity_in\"\nalight_chain = \"intercity_out\"\n",
        users: format!(
            "visitor_share = 0.5\nbusiness_share = 0.35\ncut_off_min = 20\ndecay_per_min = 0.05\ntruck_load_t = {load:.1}\n\
             dwell_h = 6\ngate_open = \"00:00\"\ngate_close = \"24:00\"\ntruck_class = \"truck\"\n"
        ),
        transfer,
        early: [100.0, 150.0, 30.0],
        loads: tonnes / load,
        gate: [5, 29],
        processes,
        chains: &[
            ("departing", "domestic", &[("check_in", 120.0, 0.5), ("security", 150.0, 1.0), ("boarding", 360.0, 1.0)]),
            (
                "departing",
                "international",
                &[
                    ("check_in", 150.0, 0.85),
                    ("border_out", 150.0, 1.0),
                    ("security", 60.0, 1.0),
                    ("boarding", 420.0, 1.0),
                ],
            ),
            ("arriving", "domestic", &[("baggage", 540.0, 0.5)]),
            (
                "arriving",
                "international",
                &[("border_in", 480.0, 1.0), ("baggage", 120.0, 0.9), ("customs_in", 60.0, 1.0)],
            ),
            ("boarding", "any", &[("intercity_entry", 60.0, 1.0)]),
            ("alighting", "any", &[("intercity_exit", 60.0, 1.0)]),
            ("transfer", "any", &[("transfer_check", 420.0, 1.0), ("boarding", 420.0, 1.0)]),
            ("truck", "any", &[("cargo_gate", 30.0, 1.0), ("cargo_dock", 120.0, 1.0), ("cargo_exit", 120.0, 1.0)]),
        ],
    };
    write(facts, &plan, services)
}

const STATION_CHAINS: &[Chain] = &[
    ("departing", "any", &[("entry_check", 60.0, 1.0), ("ticket_gate", 240.0, 1.0)]),
    ("arriving", "any", &[("exit_gate", 240.0, 1.0)]),
];

fn station_processes(hall_m2: Option<f64>) -> Vec<Process> {
    let gate = process(("ticket_gate", "检票口", "Ticket gates"), &[(Flow::Out, 1.0)], DETERMINISTIC, 3.0);
    vec![
        process(("entry_check", "进站安检验证", "Entry and security check"), &[(Flow::Out, 1.0)], ERLANG, 9.0),
        Process { area_m2: hall_m2, ..gate },
        process(("exit_gate", "出站闸机", "Exit gates"), &[(Flow::In, 1.0)], DETERMINISTIC, 3.0),
    ]
}

const STATION_USERS: &str = "visitor_share = 0.45\nbusiness_share = 0.3\ncut_off_min = 5\ndecay_per_min = 0.05\n";

/// `hubs/gzs.toml`.
pub fn guangzhou_station(facts: &Facts, services: &[Service]) -> String {
    let stops = [("L2", "广州火车站", 300), ("L5", "广州火车站", 300)];
    let plan = station(("GZS", "YUE"), access(facts, "gzs", None, &stops, 120), None);
    write(facts, &plan, services)
}

/// `hubs/gby.toml`.
pub fn baiyun_station(facts: &Facts, services: &[Service]) -> String {
    let hall = facts.hub("GBY", "waiting_hall", "");
    let plan = station(("GBY", "BAI"), access(facts, "gby", None, &[("L8", "石潭", 480)], 150), Some(hall));
    write(facts, &plan, services)
}

fn station((id, district): (&'static str, &'static str), access: String, hall_m2: Option<f64>) -> Plan {
    Plan {
        id,
        kind: "rail_station",
        district,
        access,
        users: STATION_USERS.to_owned(),
        transfer: 0.0,
        early: [45.0, 45.0, 15.0],
        loads: 0.0,
        gate: [0, 0],
        processes: station_processes(hall_m2),
        chains: STATION_CHAINS,
    }
}

/// `hubs/gip.toml`.
pub fn port(facts: &Facts, services: &[Service]) -> String {
    let per_truck = facts.figure("teu_per_container_truck");
    let teu: f64 = services.iter().map(|s| s.teu as f64).sum();
    let plan = Plan {
        id: "GIP",
        kind: "container_terminal",
        district: "BAI",
        access: "truck_in_node = \"gip_in\"\ntruck_out_node = \"gip_out\"\n".to_owned(),
        users: format!(
            "cut_off_min = 60\ndecay_per_min = 0.02\ntruck_load_teu = {per_truck:.1}\ndwell_h = 8\n\
             gate_open = \"06:00\"\ngate_close = \"22:00\"\ntruck_class = \"articulated_truck\"\n"
        ),
        transfer: 0.0,
        early: [0.0, 0.0, 1.0],
        loads: teu / per_truck,
        gate: [6, 22],
        processes: vec![
            process(("gate_in", "进闸", "Truck gate, in"), &[(Flow::Trucks, 1.0)], LOGNORMAL, 120.0),
            process(("yard_crane", "堆场装卸", "Yard cranes"), &[(Flow::Trucks, 1.0)], ERLANG, 300.0),
            process(("gate_out", "出闸", "Truck gate, out"), &[(Flow::Trucks, 1.0)], DETERMINISTIC, 45.0),
        ],
        chains: &[("truck", "any", &[("gate_in", 30.0, 1.0), ("yard_crane", 180.0, 1.0), ("gate_out", 180.0, 1.0)])],
    };
    write(facts, &plan, services)
}

/// `[access]` of a hub for passengers, with the stops of the named stations.
fn access(facts: &Facts, id: &str, cargo: Option<&str>, stops: &[(&str, &str, u32)], kerb_walk_s: u32) -> String {
    let mut text = format!("drop_off_node = \"{id}_drop\"\npick_up_node = \"{id}_pick\"\n");
    if let Some(cargo) = cargo {
        let _ = write!(text, "truck_in_node = \"{cargo}_in\"\ntruck_out_node = \"{cargo}_out\"\n");
    }
    let _ = writeln!(text, "kerb_walk_s = {kerb_walk_s}");
    for (line, name, walk_s) in stops {
        let stations = facts.served(line);
        let station = stations.iter().find(|s| s.station_zh.starts_with(name));
        let stop = stop_id(station.unwrap_or_else(|| panic!("facts/stations.csv: no {name} on {line}")));
        let _ = write!(text, "\n[[access.stop]]\nstop_id = \"{stop}\"\nwalk_s = {walk_s}\n");
    }
    text
}

/// Passengers (or trucks) of a flow by quarter of an hour from 00:00 to 32:00.
fn quarters(plan: &Plan, services: &[Service], flow: Flow) -> Vec<f64> {
    let mut counts = vec![0.0; 128];
    if flow == Flow::Trucks {
        // Half as many again in the busiest hours as in the mean of the gate's hours.
        let hours = f64::from(plan.gate[1] - plan.gate[0]);
        (plan.gate[0] * 4..plan.gate[1] * 4).for_each(|q| counts[q as usize] = 1.5 * plan.loads / hours / 4.0);
        return counts;
    }
    if flow == Flow::Intercity {
        let (per_hour, [from, to]) = INTERCITY;
        (from * 4..to * 4).for_each(|q| counts[q as usize] = per_hour / 4.0);
        return counts;
    }
    for s in services {
        let local = f64::from(s.passengers()) * (1.0 - plan.transfer);
        let change = f64::from(s.passengers()) * plan.transfer;
        let early = if s.international { plan.early[1] } else { plan.early[0] };
        match (flow, s.departure, s.international) {
            (Flow::Out, true, false) | (Flow::OutAbroad, true, true) => {
                // A normal spread, at seven points.
                const SPREAD: [(f64, f64); 7] =
                    [(-1.5, 0.07), (-1.0, 0.13), (-0.5, 0.19), (0.0, 0.22), (0.5, 0.19), (1.0, 0.13), (1.5, 0.07)];
                for (z, share) in SPREAD {
                    add(&mut counts, f64::from(s.time_s) / 60.0 - early + z * plan.early[2], share * local);
                }
            }
            (Flow::In, false, false) | (Flow::InAbroad, false, true) => {
                add(&mut counts, f64::from(s.time_s) / 60.0 + 15.0, local);
            }
            (Flow::Change, false, _) => add(&mut counts, f64::from(s.time_s) / 60.0 + 15.0, change),
            _ => {}
        }
    }
    counts
}

fn add(counts: &mut [f64], minute: f64, amount: f64) {
    let last = counts.len() - 1;
    counts[((minute / 15.0).max(0.0) as usize).min(last)] += amount;
}

/// Servers of a process in a shift: what the busiest hour of the shift asks for at the utilisation aimed at.
fn servers(plan: &Plan, services: &[Service], process: &Process, shift: [u32; 2]) -> u32 {
    let mut all = vec![0.0; 128];
    for &(flow, share) in process.flows {
        for (sum, x) in all.iter_mut().zip(quarters(plan, services, flow)) {
            *sum += share * x;
        }
    }
    let busiest = (shift[0] * 4..shift[1] * 4).map(|q| {
        let from = (q as usize).saturating_sub(2);
        all[from..from + 4].iter().sum::<f64>()
    });
    let per_hour = busiest.fold(0.0, f64::max);
    ((per_hour * process.mean_s / 3_600.0 / UTILISATION).ceil() as u32).max(1)
}

fn write(facts: &Facts, plan: &Plan, services: &[Service]) -> String {
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
        "transfer_share = {:.2}\nearly_domestic_min = {:.0}\nearly_international_min = {:.0}\nearly_sd_min = {:.0}\n{}",
        plan.transfer, plan.early[0], plan.early[1], plan.early[2], plan.users
    );
    for process in &plan.processes {
        write_process(plan, services, process, &mut text);
    }
    for (user, scope, steps) in plan.chains {
        // Stops name the chains between hall and platforms.
        let id = match *user {
            "boarding" => "id = \"intercity_in\"\n",
            "alighting" => "id = \"intercity_out\"\n",
            _ => "",
        };
        let _ = write!(text, "\n[[chain]]\n{id}user = \"{user}\"\nscope = \"{scope}\"\nstep = [\n");
        for (process, walk_s, share) in *steps {
            let _ = writeln!(text, "  {{ process = \"{process}\", walk_s = {walk_s:.0}, share = {share:.2} }},");
        }
        text.push_str("]\n");
    }
    text
}

fn write_process(plan: &Plan, services: &[Service], process: &Process, text: &mut String) {
    let _ = write!(
        text,
        "\n[[process]]\nid = \"{}\"\nname = \"{}\"\nname_en = \"{}\"\n{}\nmean_s = {:.0}\n",
        process.id, process.name, process.name_en, process.law, process.mean_s
    );
    if let Some(area) = process.area_m2 {
        let _ = writeln!(text, "area_m2 = {area:.0}");
    }
    text.push_str("servers = [\n");
    for shift in SHIFTS.windows(2) {
        let count = servers(plan, services, process, [shift[0], shift[1]]);
        let _ = writeln!(text, "  {{ from = \"{:02}:00\", to = \"{:02}:00\", count = {count} }},", shift[0], shift[1]);
    }
    text.push_str("]\n");
}
