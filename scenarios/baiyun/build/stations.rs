//! `hubs/gzs.toml` and `hubs/gby.toml`: railway stations from the kerb to the platform tracks.

use crate::facts::Facts;
use crate::plan::{
    DETERMINISTIC, ERLANG, Flow, KERB_UTILISATION, LOGNORMAL, Plan, Process, Servers, Store, User, chain, step, stops,
    store, write,
};
use crate::schedules::Service;

/// Share of the parties who are set down or picked up by car or taxi, and of those who park or fetch a car.
const SET_DOWN: f64 = 0.4;
const PARK: f64 = 0.2;
/// Share of those who take a lift.
const LIFT: f64 = 0.08;

/// What a station has beside its schedule.
struct Station {
    id: &'static str,
    district: &'static str,
    access: String,
    /// Waiting hall: persons, square metres.
    hall: [f64; 2],
    /// Platforms, and the area of each in square metres.
    platforms: [f64; 2],
    tracks: f64,
    parking: f64,
    /// Another hub from which passengers come: the airport, and their share.
    from_airport: f64,
}

/// `hubs/gzs.toml`. The hall, its area and the car park are general knowledge, unverified.
pub fn guangzhou_station(facts: &Facts, services: &[Service]) -> String {
    let station = Station {
        id: "GZS",
        district: "YUE",
        access: access(facts, "gzs", 120, &[("L2", "广州火车站", 300), ("L5", "广州火车站", 300)]),
        hall: [8_000.0, 9_000.0],
        platforms: [facts.hub("GZS", "platforms", ""), 4_000.0],
        tracks: facts.hub("GZS", "tracks", ""),
        parking: 2_000.0,
        from_airport: 0.01,
    };
    plan(facts, &station, services)
}

/// `hubs/gby.toml`. Published: the hall and how many it holds, platforms and tracks.
pub fn baiyun_station(facts: &Facts, services: &[Service]) -> String {
    let station = Station {
        id: "GBY",
        district: "BAI",
        access: access(facts, "gby", 150, &[("L8", "石潭", 480)]),
        hall: [facts.hub("GBY", "waiting_hall_persons", ""), facts.hub("GBY", "waiting_hall", "")],
        platforms: [facts.hub("GBY", "platforms", ""), 5_000.0],
        tracks: facts.hub("GBY", "tracks_with_platform", ""),
        parking: 2_800.0,
        from_airport: 0.01,
    };
    plan(facts, &station, services)
}

fn access(facts: &Facts, id: &str, kerb_walk_s: u32, at: &[(&str, &str, u32)]) -> String {
    format!("drop_off_node = \"{id}_drop\"\npick_up_node = \"{id}_pick\"\nkerb_walk_s = {kerb_walk_s}\n")
        + &stops(facts, "access.stop", at)
}

fn plan(facts: &Facts, station: &Station, services: &[Service]) -> String {
    let plan = Plan {
        id: station.id,
        kind: "rail_station",
        district: station.district,
        access: station.access.clone(),
        users: format!(
            "visitor_share = 0.45\nbusiness_share = 0.3\npremium_share = 0.03\ncut_off_min = 5\ndecay_per_min = 0.05\n\
             late_share = 0.05\nlate_mean_min = 8\n\n\
             [[users.from_hub]]\nhub_id = \"CAN\"\nshare = {}\nconnect_min = 90\n",
            station.from_airport
        ),
        tables: String::new(),
        transfer: 0.0,
        early: [45.0, 45.0, 15.0],
        loads: 0.0,
        peak: 0.0,
        gate: [0, 0],
        stores: stores(station),
        processes: processes(station),
        chains: chains(),
        future: None,
    };
    write(facts, &plan, services)
}

fn stores(station: &Station) -> Vec<Store> {
    let [platforms, area] = station.platforms;
    let all_m2 = platforms * area;
    let hall = store("hall", ["候车厅", "Waiting hall"], "persons", station.hall[0]);
    let platform = store("platforms", ["站台", "Platforms"], "persons", all_m2);
    let parking = store("parking", ["停车场", "Car park"], "vehicles", station.parking);
    vec![
        Store { area_m2: Some(station.hall[1]), ..hall },
        // A square metre a person is as full as a platform may be (Fruin's level of service C).
        Store { area_m2: Some(all_m2), ..platform },
        store("tracks", ["到发线", "Platform tracks"], "vehicles", station.tracks),
        Store { start: Some((0.4 * station.parking).round()), ..parking },
    ]
}

fn processes(station: &Station) -> Vec<Process> {
    use User::{In, Out, Services};
    let all = |user, share| vec![Flow { user, terminal: None, international: None, share }];
    let built = |least| Servers::Built(KERB_UTILISATION, least);
    // Two flights of stairs to each platform, four lanes of 0.6 m each; a lane passes 30 persons a minute and holds 20
    // between top and bottom (Fruin 1971, level of service D).
    let lanes = Servers::Given((station.platforms[0] * 2.0 * 4.0) as u32);
    let lifts = Servers::Given((2.0 * station.platforms[0]) as u32);
    vec![
        Process::new("kerb", ["落客位", "Kerb bays"], all(Out, SET_DOWN), LOGNORMAL, 60.0)
            .by_party()
            .servers(built(12))
            .places(1.5),
        Process::new("rank", ["出租车上客区", "Taxi rank"], all(In, SET_DOWN), LOGNORMAL, 30.0)
            .by_party()
            .servers(built(10)),
        Process::new("park_in", ["停车入口", "Car park entry"], all(Out, PARK), DETERMINISTIC, 8.0)
            .by_party()
            .servers(built(2))
            .places(6.0),
        Process::new("park_out", ["停车出口", "Car park exit"], all(In, PARK), DETERMINISTIC, 12.0)
            .by_party()
            .servers(built(2)),
        Process::new("entry_check", ["进站安检验证", "Entrance security"], all(Out, 1.0), ERLANG, 9.0)
            .staffed_by(3)
            .with("priority = [\"premium\"]\ncost_cny_h = 150"),
        Process::new("ticket_gate", ["检票口", "Ticket gates"], all(Out, 1.0), DETERMINISTIC, 3.0)
            .servers(Servers::Shifts(0.75, 8))
            .with(&format!("area_m2 = {:.0}", station.hall[1])),
        Process::new(
            "stairs_down",
            ["下站台楼梯", "Stairs to the platforms"],
            all(Out, 1.0 - LIFT),
            DETERMINISTIC,
            2.0,
        )
        .servers(lanes)
        .places(20.0),
        Process::new("stairs_up", ["出站楼梯", "Stairs from the platforms"], all(In, 1.0 - LIFT), DETERMINISTIC, 2.0)
            .servers(lanes)
            .places(20.0),
        Process::new("lift", ["电梯", "Lifts"], [all(Out, LIFT), all(In, LIFT)].concat(), DETERMINISTIC, 60.0)
            .servers(lifts)
            .with("batch = { size = 12, wait_s = 20 }"),
        Process::new("train_doors", ["上车", "Train doors, boarding"], all(Out, 1.0), DETERMINISTIC, 2.0)
            .servers(Servers::Given((16.0 * station.tracks) as u32)),
        Process::new("exit_gate", ["出站闸机", "Exit gates"], all(In, 1.0), DETERMINISTIC, 3.0)
            .servers(Servers::Shifts(0.75, 8)),
        Process::new("track_in", ["进站", "Trains into the station"], all(Services, 0.5), DETERMINISTIC, 120.0)
            .by_party()
            .servers(Servers::Given(4)),
        Process::new("track_out", ["发车", "Trains out of the station"], all(Services, 0.5), DETERMINISTIC, 120.0)
            .by_party()
            .servers(Servers::Given(4)),
    ]
}

fn chains() -> Vec<crate::plan::Chain> {
    let lift = || step("lift", 30.0).share(LIFT);
    vec![
        chain("drop_off", vec![step("kerb", 0.0)]),
        chain("pick_up", vec![step("rank", 0.0)]),
        chain("park", vec![step("park_in", 0.0).more("takes = \"parking\"")]),
        chain("unpark", vec![step("park_out", 180.0).more("frees = \"parking\"")]),
        chain(
            "departing",
            vec![
                step("entry_check", 60.0).more("takes = \"hall\""),
                step("ticket_gate", 240.0).more("frees = \"hall\""),
                lift(),
                step("stairs_down", 30.0).share(1.0 - LIFT),
                step("train_doors", 60.0).more("takes = \"platforms\", frees = \"platforms\""),
            ],
        ),
        chain(
            "arriving",
            vec![
                lift(),
                step("stairs_up", 90.0).share(1.0 - LIFT).more("takes = \"platforms\", frees = \"platforms\""),
                step("exit_gate", 120.0),
            ],
        ),
        chain("service_in", vec![step("track_in", 0.0).more("takes = \"tracks\"")]),
        chain("service_out", vec![step("track_out", 0.0).more("frees = \"tracks\"")]),
    ]
}
