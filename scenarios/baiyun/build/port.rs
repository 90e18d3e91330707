//! `hubs/gip.toml`: the rail container terminal with appointments, gates, yard blocks, cranes, rail pads and empty depot.

use crate::facts::Facts;
use crate::plan::{
    DETERMINISTIC, ERLANG, Flow, LOADS_A_CALL, LOGNORMAL, Plan, Process, Servers, User, chain, step, store, write,
};
use crate::schedules::Service;

/// Containers rest so long between truck and train, hours (general knowledge, unverified).
const DWELL_H: f64 = 30.0;
/// Share of international trucks that customs look into, and of trucks that fetch or return an empty container beside
/// (general knowledge, unverified).
const INSPECTED: f64 = 0.2;
const EMPTY: f64 = 0.25;
/// Share of the slots of trucks that is taken.
const TAKEN: f64 = 0.9;
/// Share of the days' mean content for which the yard has room.
const ROOM: f64 = 2.5;

/// `hubs/gip.toml`.
pub fn port(facts: &Facts, services: &[Service]) -> String {
    let per_truck = facts.figure("teu_per_container_truck");
    let teu: f64 = services.iter().map(|s| s.teu as f64).sum();
    // Half of the day's containers each way; rounded to blocks of fifty.
    let block = (ROOM * teu / 2.0 * DWELL_H / 24.0 / 50.0).round() * 50.0;
    let loads = teu / per_truck;
    let slot = (loads / LOADS_A_CALL / 16.0 / TAKEN).ceil();
    let plan = Plan {
        id: "GIP",
        kind: "container_terminal",
        district: "BAI",
        access: "truck_in_node = \"gip_in\"\ntruck_out_node = \"gip_out\"\n".to_owned(),
        users: format!(
            "cut_off_min = 60\ndecay_per_min = 0.02\ntruck_load_teu = {per_truck:.1}\nreefer_share = 0.05\nload_min = 180\n\
             dwell_h = {DWELL_H:.0}\nlate_share = 0.3\nlate_mean_min = 45\ngate_open = \"06:00\"\ngate_close = \"22:00\"\n\
             truck_class = \"articulated_truck\"\n"
        ),
        tables: format!("\n[appointments]\nslot_min = 60\ntrucks = {slot:.0}\nearly_min = 30\n"),
        transfer: 0.0,
        early: [0.0, 0.0, 1.0],
        loads,
        // Appointments level the day.
        peak: 1.0 / TAKEN,
        gate: [6, 22],
        stores: vec![
            store("block_out", ["出口箱区", "Export blocks"], "teu", block),
            store("block_in", ["进口箱区", "Import blocks"], "teu", block),
            store("pads", ["装卸线", "Rail pads"], "vehicles", 4.0),
        ],
        processes: processes(),
        chains: chains(),
        future: None,
    };
    write(facts, &plan, services)
}

fn processes() -> Vec<Process> {
    let of = |user, share| vec![Flow { user, terminal: None, international: None, share }];
    let built = |least| Servers::Built(0.7, least);
    vec![
        Process::new("gate_in", ["进闸", "Truck gate, in"], of(User::Trucks, 1.0), LOGNORMAL, 240.0)
            .servers(Servers::Built(0.75, 4))
            .places(3.0)
            .with("cost_cny_h = 60"),
        Process::new("weigh", ["地磅", "Weighbridges"], of(User::Trucks, 0.65), DETERMINISTIC, 60.0).servers(built(2)),
        Process::new("inspection", ["海关查验", "Customs inspection"], of(User::Trucks, 0.03), LOGNORMAL, 1_800.0)
            .servers(built(2))
            .staffed_by(2),
        // Twelve moves an hour for trucks, twenty-four between pad and train.
        Process::new("truck_crane", ["堆场龙门吊", "Yard cranes, trucks"], of(User::Trucks, 1.0), ERLANG, 300.0)
            .servers(Servers::Built(0.75, 6))
            .places(4.0)
            .with("priority = [\"reefer\"]\nbreakdown = { every_h = 80, repair_min = 40 }\ncost_cny_h = 300"),
        Process::new("empty_depot", ["空箱堆场", "Empty depot"], of(User::Trucks, EMPTY), ERLANG, 240.0)
            .servers(built(2)),
        Process::new("gate_out", ["出闸", "Truck gate, out"], of(User::Trucks, 1.0), DETERMINISTIC, 45.0)
            .servers(built(3)),
        Process::new("rail_crane", ["装卸线龙门吊", "Rail cranes"], of(User::Loads, 1.0), ERLANG, 150.0)
            .servers(Servers::Built(0.75, 3))
            .with("breakdown = { every_h = 120, repair_min = 45 }\ncost_cny_h = 400"),
        Process::new("shunting", ["调车", "Shunting"], of(User::Services, 1.0), DETERMINISTIC, 600.0)
            .servers(Servers::Given(2)),
    ]
}

fn chains() -> Vec<crate::plan::Chain> {
    let crane = "takes = \"block_out\", frees = \"block_in\", drops = \"freight\", waits_for = \"freight\"";
    let inspection = format!("only = [\"international\"], share = {INSPECTED:.2}");
    vec![
        chain(
            "truck",
            vec![
                step("gate_in", 30.0),
                step("weigh", 40.0).more("only = [\"brings\"]"),
                step("inspection", 120.0).more(inspection),
                step("truck_crane", 180.0).more(crane),
                step("empty_depot", 120.0).share(EMPTY),
                step("gate_out", 180.0),
            ],
        ),
        chain("load", vec![step("rail_crane", 0.0).more("frees = \"block_out\"")]),
        chain("unload", vec![step("rail_crane", 300.0).more("takes = \"block_in\"")]),
        chain("service_in", vec![step("shunting", 0.0).more("takes = \"pads\"")]),
        chain("service_out", vec![step("shunting", 0.0).more("frees = \"pads\"")]),
    ]
}
