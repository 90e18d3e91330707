//! `hubs/can.toml`: the airport with terminals 1 and 2, terminal 3 ready to be opened, runways, stands and cargo.

use crate::facts::Facts;
use crate::plan::{
    Chain, DETERMINISTIC, ERLANG, EXPONENTIAL, Flow, KERB_UTILISATION, LOGNORMAL, Plan, Process, Servers, Store, User,
    chain, step, stops, store, write,
};
use crate::schedules::{Service, TERMINAL_3};
use std::fmt::Write;

/// A terminal: id, name, what its stops are, walk from the kerb in seconds, parking places, stands.
struct Terminal {
    id: &'static str,
    name: &'static str,
    stops: &'static [(&'static str, &'static str, u32)],
    parking: f64,
    stands: f64,
}

/// Walks to stops, parking places and stands are general knowledge, unverified. A shuttle bus of a quarter of an hour joins
/// terminal 3 with the metro at terminal 1.
const TERMINALS: [Terminal; 3] = [
    Terminal { id: "T1", name: "T1航站楼", stops: &[("L3N", "机场南", 240)], parking: 5_000.0, stands: 110.0 },
    Terminal {
        id: "T2",
        name: "T2航站楼",
        stops: &[("L3N", "机场北", 300), ("IC-EN", "白云机场北", 360)],
        parking: 7_500.0,
        stands: 150.0,
    },
    Terminal { id: "T3", name: "T3航站楼", stops: &[("L3N", "机场南", 900)], parking: 4_000.0, stands: 90.0 },
];

/// Share of the parties who check bags in, and of those who are premium; of those on the road who are set down or picked up,
/// and who park (taxi and car of the facts' access modes, without buses). General knowledge, unverified, apart from the facts.
const BAGS: f64 = 0.5;
const PREMIUM: f64 = 0.06;
const SET_DOWN: f64 = 0.5;
const PARK: f64 = 0.35;

fn flow(user: User, terminal: &'static str, international: Option<bool>, share: f64) -> Flow {
    Flow { user, terminal: Some(terminal), international, share }
}

fn of_all(user: User, share: f64) -> Vec<Flow> {
    vec![Flow { user, terminal: None, international: None, share }]
}

/// `hubs/can.toml`.
pub fn airport(facts: &Facts, services: &[Service]) -> String {
    let tonnes: f64 = services.iter().map(|s| s.tonnes_tenths as f64 / 10.0).sum();
    let load = facts.figure("truck_load_air_cargo");
    let mut stores: Vec<Store> = TERMINALS.iter().flat_map(stores_of).collect();
    stores.push(store("cargo_stands", ["货机坪", "Stands for freighters"], "vehicles", 25.0));
    // Ten hours of the exports and of the imports of a mean day (general knowledge, unverified).
    stores.push(store("shed_out", ["出港货库", "Export shed"], "tonnes", 1_600.0));
    stores.push(store("shed_in", ["进港货库", "Import shed"], "tonnes", 1_600.0));
    let mut processes: Vec<Process> = TERMINALS.iter().flat_map(|t| processes_of(t.id)).collect();
    processes.extend(airside(facts));
    processes.extend(cargo());
    let mut chains: Vec<Chain> = TERMINALS.iter().flat_map(|t| chains_of(t.id)).collect();
    chains.extend(common_chains());
    let all: Vec<(&str, &str, u32)> =
        vec![("L3N", "机场南", 240), ("L3N", "机场北", 300), ("IC-EN", "白云机场北", 360)];
    let plan = Plan {
        id: "CAN",
        kind: "airport",
        district: "BAI",
        access: "drop_off_node = \"can_drop_t2\"\npick_up_node = \"can_pick_t2\"\ntruck_in_node = \"can_cargo_in\"\n\
                 truck_out_node = \"can_cargo_out\"\nkerb_walk_s = 90\n"
            .to_owned()
            + &stops(facts, "access.stop", &all),
        users: users(load),
        tables: terminals(facts),
        transfer: facts.hub("CAN", "transfer_share", ""),
        early: [100.0, 150.0, 30.0],
        loads: tonnes / load,
        peak: 1.5,
        gate: [5, 29],
        stores,
        processes,
        chains,
        future: Some(("T3", TERMINAL_3)),
    };
    write(facts, &plan, services)
}

fn users(load: f64) -> String {
    format!(
        "visitor_share = 0.5\nbusiness_share = 0.35\npremium_share = {PREMIUM}\nbags_share = {BAGS}\ncut_off_min = 20\n\
         decay_per_min = 0.05\nlate_share = 0.15\nlate_mean_min = 40\ntruck_load_t = {load:.1}\nreefer_share = 0.08\n\
         load_min = 150\ndwell_h = 6\ngate_open = \"00:00\"\ngate_close = \"24:00\"\ntruck_class = \"truck\"\n\n\
         [[users.from_hub]]\nhub_id = \"GBY\"\nshare = 0.01\nconnect_min = 75\n\n\
         [[users.from_hub]]\nhub_id = \"GZS\"\nshare = 0.01\nconnect_min = 90\n"
    )
}

fn terminals(facts: &Facts) -> String {
    let mut text = String::new();
    for Terminal { id, name, stops: own, .. } in &TERMINALS {
        let t = id.to_lowercase();
        let number = &id[1..];
        let _ = write!(
            text,
            "\n[[terminal]]\nid = \"{id}\"\nname = \"{name}\"\nname_en = \"Terminal {number}\"\n\
             drop_off_node = \"can_drop_{t}\"\npick_up_node = \"can_pick_{t}\"\nkerb_walk_s = 90\n"
        );
        text.push_str(&stops(facts, "terminal.stop", own));
    }
    text
}

fn stores_of(terminal: &Terminal) -> [Store; 2] {
    let (t, name) = (terminal.id.to_lowercase(), terminal.id);
    let parking = store(
        format!("{t}_parking"),
        [&format!("{name}停车场"), &format!("{name} car park")],
        "vehicles",
        terminal.parking,
    );
    let stands =
        store(format!("{t}_stands"), [&format!("{name}机位"), &format!("{name} stands")], "vehicles", terminal.stands);
    // Two fifths full when the day begins, so that both the morning's and the evening's swing find room; nobody parks at
    // terminal 3 before it opens.
    let full = if terminal.id == "T3" { 0.0 } else { 0.4 };
    [Store { start: Some((full * terminal.parking).round()), ..parking }, stands]
}

fn processes_of(terminal: &'static str) -> Vec<Process> {
    use User::{Change, In, Out};
    let t = terminal.to_lowercase();
    let process = |id: &str, [name, name_en]: [&str; 2], flows: Vec<Flow>, law, mean_s| {
        let names = [&*format!("{terminal}{name}"), &*format!("{terminal} {name_en}")];
        Process::new(&format!("{t}_{id}"), names, flows, law, mean_s)
    };
    let all = |user, share| vec![flow(user, terminal, None, share)];
    let abroad = |user, share| vec![flow(user, terminal, Some(true), share)];
    let built = |least| Servers::Built(KERB_UTILISATION, least);
    vec![
        process("kerb", ["落客位", "kerb bays"], all(Out, SET_DOWN), LOGNORMAL, 75.0)
            .by_party()
            .servers(built(20))
            .places(1.5),
        process("rank", ["上客位", "taxi rank"], all(In, SET_DOWN), LOGNORMAL, 40.0).by_party().servers(built(12)),
        process("park_in", ["停车入口", "car park entry"], all(Out, PARK), DETERMINISTIC, 8.0)
            .by_party()
            .servers(built(3))
            .places(6.0),
        process("park_out", ["停车出口", "car park exit"], all(In, PARK), DETERMINISTIC, 12.0)
            .by_party()
            .servers(built(4)),
        process(
            "check_in",
            ["值机", "check-in"],
            vec![flow(Out, terminal, Some(false), 0.35), flow(Out, terminal, Some(true), 0.5)],
            LOGNORMAL,
            60.0,
        )
        .servers(Servers::Shifts(0.65, 2))
        .with("cost_cny_h = 60"),
        process("bag_drop", ["行李托运", "bag drop"], all(Out, BAGS), LOGNORMAL, 110.0)
            .by_party()
            .servers(Servers::Shifts(0.65, 2))
            .with("priority = [\"premium\"]\ncost_cny_h = 60"),
        process("border_out", ["出境边检", "border control, departures"], abroad(Out, 1.0), LOGNORMAL, 45.0)
            // Few counters: the quarter hours of a wave weigh more.
            .servers(Servers::Shifts(0.7, 2))
            .staffed_by(1)
            .with("cost_cny_h = 80"),
        process("security", ["安全检查", "security"], all(Out, 1.0 - PREMIUM), ERLANG, 24.0)
            .staffed_by(5)
            .with("cost_cny_h = 250"),
        process("security_premium", ["贵宾安检", "security, premium lanes"], all(Out, PREMIUM), ERLANG, 24.0)
            .with("cost_cny_h = 250"),
        process("transfer_check", ["中转检查", "transfer check"], all(Change, 1.0), ERLANG, 40.0),
        process(
            "boarding",
            ["登机口", "boarding gates"],
            [all(Out, 1.0), all(Change, 1.0)].concat(),
            DETERMINISTIC,
            6.0,
        ),
        process("border_in", ["入境边检", "border control, arrivals"], abroad(In, 1.0), LOGNORMAL, 50.0)
            .servers(Servers::Shifts(0.7, 2))
            .staffed_by(1)
            .with("cost_cny_h = 80"),
        process("reclaim", ["行李提取", "baggage reclaim"], all(In, BAGS), EXPONENTIAL, 40.0)
            .by_party()
            .servers(built(10)),
        process("customs_in", ["海关检查", "customs, arrivals"], abroad(In, 1.0), EXPONENTIAL, 10.0)
            .servers(Servers::Shifts(0.7, 2)),
        process("bag_screening", ["行李安检", "baggage screening"], all(Out, BAGS), DETERMINISTIC, 8.0)
            .by_party()
            .servers(built(2)),
        process("bag_belt", ["行李转盘", "reclaim belts"], all(In, BAGS), DETERMINISTIC, 10.0)
            .by_party()
            .servers(built(4))
            .with("breakdown = { every_h = 240, repair_min = 20 }"),
    ]
}

fn airside(facts: &Facts) -> Vec<Process> {
    use User::{Intercity, Services};
    // Three runways before the fourth and fifth opened; 105 s a movement on each are the separations of ICAO with a margin.
    let runways = facts.hub("CAN", "runways", "2023") as u32;
    vec![
        Process::new("runway", ["跑道", "Runways"], of_all(Services, 1.0), "law = \"lognormal\"\ncv = 0.3", 105.0)
            .by_party()
            .servers(Servers::Given(runways)),
        Process::new("docking", ["靠桥", "Docking"], of_all(Services, 1.0), DETERMINISTIC, 120.0)
            .by_party()
            .servers(Servers::Given(60)),
        Process::new("pushback", ["推出", "Pushback"], of_all(Services, 1.0), ERLANG, 180.0)
            .by_party()
            .servers(Servers::Given(40)),
        Process::new(
            "intercity_entry",
            ["城际进站安检验票", "Intercity, security and tickets"],
            of_all(Intercity, 1.0),
            ERLANG,
            9.0,
        )
        .servers(Servers::Shifts(0.75, 12)),
        Process::new(
            "intercity_exit",
            ["城际出站闸机", "Intercity, exit gates"],
            of_all(Intercity, 1.0),
            DETERMINISTIC,
            3.0,
        )
        .servers(Servers::Shifts(0.75, 12)),
    ]
}

fn cargo() -> Vec<Process> {
    use User::{Loads, Trucks};
    vec![
        Process::new("cargo_gate", ["货运闸口", "Cargo gate"], of_all(Trucks, 1.0), LOGNORMAL, 100.0)
            .servers(Servers::Built(0.7, 4))
            .places(2.0)
            .with("cost_cny_h = 60"),
        Process::new("cargo_dock", ["货站月台", "Cargo docks"], of_all(Trucks, 1.0), ERLANG, 1_500.0)
            .servers(Servers::Built(0.85, 20))
            .places(1.4)
            .with("priority = [\"reefer\"]"),
        Process::new("cargo_exit", ["货运出闸", "Cargo exit"], of_all(Trucks, 1.0), DETERMINISTIC, 40.0)
            .servers(Servers::Built(0.7, 3)),
        Process::new("cargo_build", ["集装器组装", "Build-up of unit loads"], of_all(Loads, 0.5), ERLANG, 900.0)
            .servers(Servers::Shifts(0.5, 24)),
        Process::new("cargo_break", ["集装器分解", "Break-down of unit loads"], of_all(Loads, 0.5), ERLANG, 900.0)
            .servers(Servers::Shifts(0.5, 24)),
    ]
}

fn chains_of(terminal: &'static str) -> Vec<Chain> {
    let t = terminal.to_lowercase();
    let at = |id: &str| format!("{t}_{id}");
    let bag_drop = || step(at("bag_drop"), 60.0).more("only = [\"bags\"], drops = \"bags\"");
    let security = |walk_s| {
        [
            step(at("security"), walk_s).more("except = [\"premium\"]"),
            step(at("security_premium"), walk_s).more("only = [\"premium\"]"),
        ]
    };
    let reclaim = |walk_s| step(at("reclaim"), walk_s).more("only = [\"bags\"], waits_for = \"bags\"");
    let mut domestic = vec![step(at("check_in"), 120.0).share(0.35), bag_drop()];
    domestic.extend(security(75.0));
    domestic.push(step(at("boarding"), 360.0));
    let mut abroad = vec![step(at("check_in"), 150.0).share(0.5), bag_drop(), step(at("border_out"), 120.0)];
    abroad.extend(security(30.0));
    abroad.push(step(at("boarding"), 420.0));
    let arriving_abroad = vec![step(at("border_in"), 480.0), reclaim(120.0), step(at("customs_in"), 60.0)];
    let parking = |what: &str| format!("{what} = \"{t}_parking\"");
    let stands = |what: &str| format!("{what} = \"{t}_stands\"");
    let chains = vec![
        chain("drop_off", vec![step(at("kerb"), 0.0)]),
        chain("pick_up", vec![step(at("rank"), 0.0)]),
        chain("park", vec![step(at("park_in"), 0.0).more(parking("takes"))]),
        chain("unpark", vec![step(at("park_out"), 240.0).more(parking("frees"))]),
        chain("departing", domestic).scope("domestic"),
        chain("departing", abroad).scope("international"),
        chain("arriving", vec![reclaim(540.0)]).scope("domestic"),
        chain("arriving", arriving_abroad).scope("international"),
        chain("transfer", vec![step(at("transfer_check"), 420.0), step(at("boarding"), 420.0)]),
        chain("bags_out", vec![step(at("bag_screening"), 120.0)]),
        chain("bags_in", vec![step(at("bag_belt"), 720.0)]),
        chain("service_in", vec![step("runway", 0.0), step("docking", 300.0).more(stands("takes"))]),
        chain("service_out", vec![step("pushback", 0.0).more(stands("frees")), step("runway", 480.0)]),
    ];
    chains.into_iter().map(|chain| chain.terminal(terminal)).collect()
}

/// Chains of what has no terminal: freighters, trucks, loads, and the passengers of the intercity lines.
fn common_chains() -> Vec<Chain> {
    let dock = "takes = \"shed_out\", frees = \"shed_in\", drops = \"freight\", waits_for = \"freight\"";
    vec![
        chain("boarding", vec![step("intercity_entry", 60.0)]).id("intercity_in"),
        chain("alighting", vec![step("intercity_exit", 60.0)]).id("intercity_out"),
        chain("service_in", vec![step("runway", 0.0), step("docking", 300.0).more("takes = \"cargo_stands\"")]),
        chain("service_out", vec![step("pushback", 0.0).more("frees = \"cargo_stands\""), step("runway", 480.0)]),
        chain("truck", vec![step("cargo_gate", 30.0), step("cargo_dock", 120.0).more(dock), step("cargo_exit", 120.0)]),
        chain("load", vec![step("cargo_build", 300.0).more("frees = \"shed_out\"")]),
        chain("unload", vec![step("cargo_break", 900.0).more("takes = \"shed_in\"")]),
    ]
}
