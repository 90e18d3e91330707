//! Road control from files to the frozen network: turns with bays, signals, links by time of day, and measures on them.
//! All on copies of `scenarios/crossing`.

use hubflow::Scenario;
use hubflow::error::{Error, Problem};
use hubflow::ids::LinkIx;
use hubflow::network::Network;
use hubflow::network::movements::{Bay, Signal, Turn};
use hubflow::network::periods::LinkPeriod;
use hubflow::units::Time;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A copy of the crossing in a folder of its own.
pub fn crossing() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/crossing"), folder.path());
    folder
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

/// Writes a table of the network; the first line is its header.
pub fn table(folder: &TempDir, name: &str, lines: &[&str]) {
    fs::write(folder.path().join(format!("network/{name}.csv")), lines.join("\n") + "\n").unwrap();
}

/// Adds a line to a table of the network.
pub fn add(folder: &TempDir, name: &str, line: &str) {
    let path = folder.path().join(format!("network/{name}.csv"));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, text + line + "\n").unwrap();
}

/// Replaces a text that stands in a table of the network once.
pub fn edit(folder: &TempDir, name: &str, from: &str, to: &str) {
    let path = folder.path().join(format!("network/{name}.csv"));
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "\"{from}\" stands once in {name}");
    fs::write(path, text.replace(from, to)).unwrap();
}

pub fn read(folder: &TempDir) -> Scenario {
    Scenario::read(folder.path()).unwrap()
}

pub fn network(folder: &TempDir) -> Network {
    Network::build(&read(folder)).unwrap()
}

pub fn refused<T>(result: Result<T, Error>) -> Vec<Problem> {
    match result {
        Err(Error::Problems(problems)) => problems,
        Err(other) => panic!("not a list of problems: {other}"),
        Ok(_) => panic!("read although it has mistakes"),
    }
}

/// File, row and column of each problem.
pub fn told(problems: &[Problem]) -> Vec<String> {
    let place = |p: &Problem| {
        let file = p.file.trim_start_matches("network/").trim_end_matches(".csv");
        format!("{file}:{} {}", p.row.unwrap_or(0), p.column.as_deref().unwrap_or("-"))
    };
    problems.iter().map(place).collect()
}

/// The scenario with measures as a variant file would have them.
pub fn applied(folder: &TempDir, measures: &str) -> Result<Scenario, Error> {
    fs::create_dir_all(folder.path().join("variants")).unwrap();
    fs::write(folder.path().join("variants/v.toml"), format!("title = \"v\"\n{measures}")).unwrap();
    let base = Scenario::read(folder.path())?;
    base.apply(&base.read_variant("v")?)
}

/// The tables of a changed scenario as those of a base, to be compared with one.
fn as_base(changed: Scenario, base: &Scenario) -> Scenario {
    Scenario { variant: None, digests: base.digests.clone(), ..changed }
}

const WEST: LinkIx = LinkIx(0);
const SOUTH: LinkIx = LinkIx(1);
const EAST: LinkIx = LinkIx(2);
const NORTH: LinkIx = LinkIx(3);

#[test]
fn turns_that_share_no_lane_wait_in_bays_of_their_own() {
    let movements = network(&crossing()).roads.movements;
    // The left turn stands first: its added lane is inside of lane 1. 0.15 PCU/m · 200 m · 1 lane = 30 PCU.
    let bay = Bay { link: WEST, length_m: 200.0, lanes: 1.0, capacity_pcu_h: 1_800.0, storage_pcu: 30.0 };
    assert_eq!(movements.bays, [bay, bay]);
    let turn = |from, to, bay, signal| Turn {
        from,
        to,
        allowed: true,
        bay,
        signal: Some(signal),
        capacity_pcu_h: None,
        penalty_s: 0.0,
    };
    let turns = [turn(WEST, EAST, Some(1), 0), turn(WEST, NORTH, Some(0), 1), turn(SOUTH, NORTH, None, 2)];
    assert_eq!(movements.turns, turns);
    let signal = |from, until| Signal { cycle_ms: 90_000, offset_ms: 0, greens: vec![(from, until)] };
    assert_eq!(movements.signals, [signal(0, 40_000), signal(45_000, 55_000), signal(60_000, 85_000)]);
    assert!(movements.allows(SOUTH, NORTH) && !movements.allows(SOUTH, EAST));
}

#[test]
fn rows_of_one_turn_are_one_turn_and_shared_lanes_are_one_bay() {
    // As at a real interchange of GMNS's examples: two lanes turn left, the added one and lane 1; lanes 2 and 3 go on, the
    // one outside, added too, turns right and is shared with nobody.
    let folder = crossing();
    edit(
        &folder,
        "link",
        "west,From the west,w,x,true,0.9,primary,1800,36,1,",
        "west,,w,x,true,0.9,primary,1800,36,3,",
    );
    add(&folder, "link", "home,,x,w,true,0.9,primary,1800,36,1,auto,0,150");
    table(
        &folder,
        "segment",
        &[
            "segment_id,link_id,ref_node_id,start_lr,end_lr,l_lanes_added,r_lanes_added",
            "1,west,w,820,900,1,",
            "2,west,x,0,50,,1",
            "3,west,w,100,300,2,",
        ],
    );
    table(
        &folder,
        "movement",
        &[
            "mvmt_id,node_id,ib_link_id,start_ib_lane,end_ib_lane,ob_link_id,type,penalty,capacity,ctrl_type",
            "1,x,west,-1,,north,LEFT,3,1500,yield",
            "2,x,west,1,,north,LEFT,2,,yield",
            "3,x,west,2,3,east,THRU,,3000,yield",
            "4,x,west,4,,home,uturn,,,",
            "we,x,south,,,north,thru,,,",
            "wn,x,south,,,east,prohibited,,,",
            "sn,x,south,,,home,left,,0,",
        ],
    );
    let movements = network(&folder).roads.movements;
    let told: Vec<(f64, f64, f64, f64)> =
        movements.bays.iter().map(|b| (b.length_m, b.lanes, b.capacity_pcu_h, b.storage_pcu)).collect();
    // Left: 1,500 and a lane of 1,800 = 3,300 PCU/h, two lanes of 80 m at 0.15 = 24 PCU. Through: the 3,000 that are written;
    // beside the longest added lane, 80 m · 2 · 0.15 = 24. U-turn: a lane of 1,800 on the added lane; of the two segments
    // that reach the end the longer one stands for both.
    assert_eq!(told, [(80.0, 2.0, 3_300.0, 24.0), (80.0, 2.0, 3_000.0, 24.0), (80.0, 1.0, 1_800.0, 12.0)]);
    let left = movements.turn(WEST, NORTH).unwrap();
    assert_eq!((left.penalty_s, left.capacity_pcu_h, left.bay), (3.0, Some(3_300.0), Some(0)));
    // One group only: no bay, and what is prohibited or without capacity is not allowed.
    let allowed = [NORTH, EAST, LinkIx(4)].map(|to| movements.allows(SOUTH, to));
    assert_eq!((allowed, movements.turn(SOUTH, NORTH).unwrap().bay), ([true, false, false], None));
}

#[test]
fn a_bay_that_no_table_measures_has_sixty_metres_or_half_of_its_link() {
    let folder = crossing();
    edit(&folder, "movement", "signal,200", "signal,");
    assert_eq!(network(&folder).roads.movements.bays[0].length_m, 60.0);
    edit(&folder, "link", "w,x,true,0.9", "w,x,true,0.1");
    assert_eq!(network(&folder).roads.movements.bays.map_lengths(), [50.0, 50.0]);
}

trait Lengths {
    fn map_lengths(&self) -> Vec<f64>;
}

impl Lengths for Vec<Bay> {
    fn map_lengths(&self) -> Vec<f64> {
        self.iter().map(|bay| bay.length_m).collect()
    }
}

#[test]
fn an_offset_and_a_second_phase_shift_and_join_greens() {
    let folder = crossing();
    // The left turn is permitted in the through phase too, whose clearance is no green. Cycles begin 20 s after midnight
    // less the 45 s at which phase 5 begins: −25 s, which is 65 s in a cycle of 90 s.
    add(&folder, "signal_phase_mvmt", "4,through,wn,,permitted");
    table(
        &folder,
        "signal_coordination",
        &[
            "coordination_id,timing_plan_id,controller_id,coord_contr_id,coord_phase,coord_ref_to,offset",
            "1,day,junction,,5,begin_of_green,20",
        ],
    );
    let signals = network(&folder).roads.movements.signals;
    assert_eq!(signals[1].greens, [(0, 40_000), (45_000, 55_000)]);
    assert_eq!(signals[1].offset_ms, 65_000);
    assert!(signals[1].is_green(Time(20_000)) && !signals[1].is_green(Time(19_999)));
}

#[test]
fn phases_may_be_named_by_their_controller_and_number_and_plans_by_hours() {
    let folder = crossing();
    table(
        &folder,
        "signal_phase_mvmt",
        &[
            "signal_phase_mvmt_id,controller_id,signal_phase_num,mvmt_id,link_id,protection",
            "1,junction,2,we,,protected",
            "2,junction,5,wn,,protected",
            "3,junction,4,sn,,protected",
            "4,junction,4,,crosswalk,protected",
        ],
    );
    let usual = network(&crossing()).roads.movements;
    assert_eq!(network(&folder).roads.movements, usual);
    // A plan for Saturdays and one for the night are read and do not run on a working day from 07:00 to 08:00.
    edit(&folder, "signal_timing_plan", "day,junction,,,90", "day,junction,,01111100_0600_0900,90");
    add(&folder, "signal_timing_plan", "late,junction,,11111111_20:00_24:00,100");
    add(&folder, "signal_timing_plan", "weekend,junction,,10000010_0000_2400,120");
    for plan in ["late", "weekend"] {
        for (phase, number) in [("a", 2), ("b", 5), ("c", 4)] {
            add(&folder, "signal_timing_phase", &format!("{plan}{phase},{plan},{number},20,,,5,1,1,{number}"));
        }
    }
    assert_eq!(network(&folder).roads.movements, usual);
}

#[test]
fn a_link_by_time_of_day_differs_in_its_hours_of_the_day() {
    let folder = crossing();
    table(
        &folder,
        "time_set_definitions",
        &[
            "timeday_id,monday,tuesday,wednesday,thursday,Friday,saturday,sunday,holiday,start_time,end_time",
            "peak,1,1,1,1,1,0,0,0,07:00,07:30",
            "sunday,0,0,0,0,0,0,1,0,07:00,08:00",
        ],
    );
    table(
        &folder,
        "link_tod",
        &[
            "link_tod_id,link_id,timeday_id,time_day,from_s,until_s,capacity,free_speed,lanes,toll,allowed_uses",
            "1,east,peak,,,,,,,5,",
            "2,east,,01111100_0720_0740,,,900,18,,,",
            "3,north,,,07:10,26400,,,,,none",
            "4,east,sunday,,,,,,,99,",
            "5,south,peak,,,,1800,36,1,0,auto",
        ],
    );
    let roads = network(&folder).roads;
    let clock = |minute: i64| Time((7 * 60 + minute) * 60_000);
    let period = |link, from, until, capacity_pcu_h, speed_kmh: f64, toll_cny| LinkPeriod {
        link,
        from: clock(from),
        until: clock(until),
        capacity_pcu_h,
        free_speed_mps: speed_kmh * (1.0 / 3.6),
        toll_cny,
    };
    let wanted = [
        period(EAST, 0, 20, 1_800.0, 36.0, 5.0),
        period(EAST, 20, 30, 900.0, 18.0, 5.0),
        period(EAST, 30, 40, 900.0, 18.0, 0.0),
        period(NORTH, 10, 20, 0.0, 36.0, 0.0),
    ];
    assert_eq!(roads.periods, wanted);
    assert_eq!([-1, 0, 29, 30].map(|m| roads.toll_cny_at(EAST, clock(m))), [0.0, 5.0, 5.0, 0.0]);
}

#[test]
fn the_incident_is_a_period_of_its_link_and_is_told_in_words() {
    let folder = crossing();
    let base = read(&folder);
    let variant = base.read_variant("incident").unwrap();
    assert_eq!(
        variant.tell(&base),
        ["broken_down: sets on 1 link (east): capacity 600 PCU an hour and lane, from 07:01 until 07:04:20"]
    );
    let roads = Network::build(&base.apply(&variant).unwrap()).unwrap().roads;
    let told: Vec<_> = roads.periods.iter().map(|p| (p.link, p.from.0, p.until.0, p.capacity_pcu_h)).collect();
    assert_eq!(told, [(EAST, 25_260_000, 25_460_000, 600.0)]);
}

#[test]
fn measures_for_a_part_of_the_day_that_change_nothing_or_are_taken_back_leave_every_table_identical() {
    let folder = crossing();
    let base = read(&folder);
    let nothing = "[[measure]]\nid = \"a\"\nkind = \"set_link\"\nlinks = { facility_type = \"primary\" }\nlanes = 1\n\
                   free_speed_kmh = 36\nfrom = \"07:10\"\n\
                   [[measure]]\nid = \"b\"\nkind = \"set_toll\"\nlinks = { ids = [\"east\"] }\ntoll_cny = 0\nuntil = \"07:10\"\n\
                   [[measure]]\nid = \"c\"\nkind = \"scale_links\"\nlinks = { ids = [\"east\"] }\ncapacity_factor = 1\n\
                   speed_factor = 1\ntoll_factor = 1\n";
    assert_eq!(as_base(applied(&folder, nothing).unwrap(), &base), base);
    let there_and_back = "[[measure]]\nid = \"a\"\nkind = \"set_link\"\nlinks = { facility_type = \"primary\" }\nlanes = 2\n\
                          from = \"07:10\"\nuntil = \"07:30\"\n\
                          [[measure]]\nid = \"b\"\nkind = \"set_toll\"\nlinks = { ids = [\"east\"] }\ntoll_cny = 5\nfrom = \"07:20\"\n\
                          [[measure]]\nid = \"c\"\nkind = \"set_toll\"\nlinks = { ids = [\"east\"] }\ntoll_cny = 0\n\
                          [[measure]]\nid = \"d\"\nkind = \"set_link\"\nlinks = { name = \"*the*\" }\nlanes = 1\nfrom = \"07:00\"\n\
                          [[measure]]\nid = \"e\"\nkind = \"scale_links\"\nlinks = { ids = [\"east\"] }\ncapacity_factor = 0.5\n\
                          [[measure]]\nid = \"f\"\nkind = \"scale_links\"\nlinks = { ids = [\"east\"] }\ncapacity_factor = 2\n";
    assert_eq!(as_base(applied(&folder, there_and_back).unwrap(), &base), base);
}

#[test]
fn a_measure_for_the_whole_day_takes_the_place_of_every_hour() {
    let folder = crossing();
    table(&folder, "link_tod", &["link_id,from_s,until_s,toll,lanes", "east,07:00,07:30,5,", "east,07:30,08:00,8,1"]);
    let set = "[[measure]]\nid = \"a\"\nkind = \"set_toll\"\nlinks = { ids = [\"east\"] }\ntoll_cny = 3\n";
    let roads = Network::build(&applied(&folder, set).unwrap()).unwrap().roads;
    assert_eq!((roads.toll_cny[EAST.i()], roads.periods.len()), (3.0, 0));
    let twice = "[[measure]]\nid = \"a\"\nkind = \"scale_links\"\nlinks = { ids = [\"east\"] }\ntoll_factor = 2\nuntil = \"07:40\"\n";
    let roads = Network::build(&applied(&folder, twice).unwrap()).unwrap().roads;
    let tolls: Vec<_> = roads.periods.iter().map(|p| (p.from.0 / 60_000 - 420, p.toll_cny)).collect();
    assert_eq!(tolls, [(0, 10.0), (30, 16.0), (40, 8.0)]);
}

#[test]
fn a_link_closed_for_a_part_of_the_day_keeps_its_routes_and_one_closed_all_day_does_not() {
    let folder = crossing();
    let close = "[[measure]]\nid = \"a\"\nkind = \"close_link\"\nlinks = { ids = [\"east\"] }\n";
    let changed = applied(&folder, &format!("{close}from = \"07:02\"\nuntil = \"07:05\"\n")).unwrap();
    assert_eq!(changed.trips, read(&folder).trips);
    let roads = Network::build(&changed).unwrap().roads;
    let told: Vec<_> = roads.periods.iter().map(|p| (p.link, p.from.0, p.until.0, p.capacity_pcu_h)).collect();
    assert_eq!(told, [(EAST, 25_320_000, 25_500_000, 0.0)]);
    // All day nothing else leads to the east.
    let problems = refused(applied(&folder, close));
    assert!(problems.iter().all(|p| p.found.contains("cannot be reached")) && problems.len() == 34, "{problems:?}");
}

#[test]
fn turns_into_a_new_link_are_those_of_the_through_movement() {
    let folder = crossing();
    let changed = applied(
        &folder,
        "[[measure]]\nid = \"a\"\nkind = \"add_link\"\nlink_id = \"new\"\nfrom_node_id = \"x\"\nto_node_id = \"e\"\nlanes = 1\n\
         free_speed_kmh = 60\ncapacity_pcu_h_lane = 1800\n\
         [[measure]]\nid = \"b\"\nkind = \"set_toll\"\nlinks = { ids = [\"new\"] }\ntoll_cny = 2\nuntil = \"07:30\"\n",
    )
    .unwrap();
    let movements = Network::build(&changed).unwrap().roads.movements;
    let new = LinkIx(4);
    let (west, south) = (movements.turn(WEST, new).unwrap(), movements.turn(SOUTH, new).unwrap());
    assert_eq!((west.bay, west.signal), (Some(1), movements.turn(WEST, EAST).unwrap().signal));
    assert_eq!(south.signal, movements.turn(SOUTH, NORTH).unwrap().signal);
    assert_eq!(movements.bays.len(), 2);
    // The base, on which destinations are chosen, has neither the link nor its turns and hours.
    let links = changed.base_links.clone().unwrap();
    let base = Network::build(&Scenario { links, base_links: None, ..changed }).unwrap();
    assert_eq!(base.roads.movements, network(&folder).roads.movements);
    assert_eq!(base.roads.periods, []);
}
