//! Mistakes in the tables of road control: each is told, all at once, and nothing that stands in them is a panic.

use super::control::{add, applied, crossing, edit, network, read, refused, table, told};
use hubflow::Scenario;
use hubflow::error::Error;
use hubflow::network::Network;
use proptest::prelude::*;
use std::fs;

const TABLES: [&str; 9] = [
    "movement",
    "segment",
    "link_tod",
    "time_set_definitions",
    "signal_controller",
    "signal_timing_plan",
    "signal_timing_phase",
    "signal_phase_mvmt",
    "signal_coordination",
];

#[test]
fn mistakes_of_movements_are_told_at_once() {
    let folder = crossing();
    add(&folder, "movement", "we,x,,west,1,2,east,thru,,,signal,");
    table(
        &folder,
        "movement",
        &[
            "mvmt_id,node_id,ib_link_id,start_ib_lane,end_ib_lane,ob_link_id,type,penalty,capacity,ctrl_type,bay_length_m",
            "we,x,west,1,,east,thru,,,signal,",
            "wn,x,west,-1,,north,left,,,signal,901",
            "sn,x,south,1,2,north,thru,,,signal,",
            "we,y,wset,1,,east,prohibted,-1,x,signl,0",
            "a,x,east,0,,north,left,,,,",
            "b,e,east,,1,west,right,,,,",
            "c,x,south,2,1,west,right,,,,",
            "d,x,west,1,,east,prohibited,,,,",
            ",x,west,1,,east,thru,,,,",
        ],
    );
    table(
        &folder,
        "segment",
        &[
            "segment_id,link_id,ref_node_id,start_lr,end_lr,l_lanes_added,r_lanes_added",
            "1,west,e,800,900,1,",
            "1,north,x,300,200,,1.5",
            "2,nroth,x,800,900,1,",
            "3,east,e,0,950,1,",
        ],
    );
    let problems = refused(Scenario::read(folder.path()));
    assert_eq!(
        told(&problems),
        [
            "movement:3 bay_length_m",
            "movement:4 end_ib_lane",
            "movement:5 bay_length_m",
            "movement:5 capacity",
            "movement:5 ctrl_type",
            "movement:5 ib_link_id",
            "movement:5 mvmt_id",
            "movement:5 node_id",
            "movement:5 penalty",
            "movement:5 type",
            "movement:6 ib_link_id",
            "movement:6 start_ib_lane",
            "movement:7 ob_link_id",
            "movement:7 start_ib_lane",
            "movement:8 end_ib_lane",
            "movement:8 ob_link_id",
            "movement:9 type",
            "movement:10 mvmt_id",
            "segment:2 ref_node_id",
            "segment:3 end_lr",
            "segment:3 r_lanes_added",
            "segment:4 link_id",
            "segment:5 end_lr",
        ]
    );
    let of = |place: &str| problems[told(&problems).iter().position(|t| t == place).unwrap()].to_string();
    assert_eq!(
        of("movement:6 ib_link_id"),
        "network/movement.csv:6 [ib_link_id]: found link \"east\", which ends at node \"e\", wanted a link that ends at node \"x\""
    );
    assert_eq!(
        of("movement:4 end_ib_lane"),
        "network/movement.csv:4 [end_ib_lane]: found lane 2 of link \"south\", which has 1, wanted a lane of the link; lanes \
         added at its end stand in segment.csv (r_lanes_added)"
    );
    assert!(of("movement:5 type").ends_with("(did you mean \"prohibited\"?)"), "{}", of("movement:5 type"));
}

#[test]
fn mistakes_of_signals_are_told_at_once() {
    let folder = crossing();
    table(
        &folder,
        "signal_timing_plan",
        &[
            "timing_plan_id,controller_id,timeday_id,time_day,cycle_length",
            "day,junction,,,80",
            "other,juncton,nights,,90",
            "third,junction,,0111_0900_0600,700",
        ],
    );
    table(
        &folder,
        "signal_timing_phase",
        &[
            "timing_phase_id,timing_plan_id,signal_phase_num,min_green,max_green,clearance,ring,barrier,position",
            "through,day,2,40,30,5,1,1,1",
            "left,day,5,0,,5,1,1,1",
            "cross,day,4,45,,5,1,2,one",
            "more,dya,6,,,5,1,2,1",
        ],
    );
    table(
        &folder,
        "signal_phase_mvmt",
        &[
            "signal_phase_mvmt_id,timing_phase_id,controller_id,signal_phase_num,mvmt_id,link_id,protection",
            "1,through,,,we,,protectd",
            "2,left,,,wnn,,",
            "3,,junction,9,sn,,",
            "4,through,,,,,",
        ],
    );
    table(
        &folder,
        "signal_coordination",
        &[
            "coordination_id,timing_plan_id,controller_id,coord_contr_id,coord_phase,offset",
            "1,day,junction,master,7,-1",
        ],
    );
    let problems = refused(Scenario::read(folder.path()));
    assert_eq!(
        told(&problems),
        [
            "signal_timing_plan:2 cycle_length",
            "signal_timing_plan:3 controller_id",
            "signal_timing_plan:3 timeday_id",
            "signal_timing_plan:4 cycle_length",
            "signal_timing_plan:4 time_day",
            "signal_timing_phase:2 max_green",
            "signal_timing_phase:3 min_green",
            "signal_timing_phase:3 position",
            "signal_timing_phase:4 position",
            "signal_timing_phase:5 min_green",
            "signal_timing_phase:5 timing_plan_id",
            "signal_phase_mvmt:2 protection",
            "signal_phase_mvmt:3 mvmt_id",
            "signal_phase_mvmt:4 signal_phase_num",
            "signal_phase_mvmt:5 mvmt_id",
            "signal_coordination:2 coord_contr_id",
            "signal_coordination:2 coord_phase",
            "signal_coordination:2 offset",
        ]
    );
    assert_eq!(
        problems[0].to_string(),
        "network/signal_timing_plan.csv:2 [cycle_length]: found 80 s, but its phases take 90 s, wanted a cycle that is as long \
         as its phases take"
    );
    assert_eq!(problems[12].hint.as_deref(), Some("did you mean \"wn\"?"));
}

#[test]
fn a_movement_that_its_signal_forgets_is_told() {
    let folder = crossing();
    edit(&folder, "signal_phase_mvmt", "2,left,wn,,protected\n", "2,left,,crosswalk,protected\n");
    let problems = refused(Scenario::read(folder.path()));
    assert_eq!(told(&problems), ["movement:3 ctrl_type"]);
    edit(&folder, "signal_phase_mvmt", "2,left,,crosswalk,protected\n", "");
    let problems = refused(Scenario::read(folder.path()));
    assert_eq!(told(&problems), ["signal_timing_phase:3 timing_phase_id"]);
    // A plan in force that leaves a movement out: another plan has a phase for it, on Saturdays only.
    edit(&folder, "signal_timing_phase", "left,day,5", "left,saturday,5");
    add(&folder, "signal_timing_plan", "saturday,junction,,00000010_0000_2400,90");
    add(&folder, "signal_phase_mvmt", "2,left,wn,,protected");
    let problems = refused(Scenario::read(folder.path()));
    assert_eq!(told(&problems), ["signal_phase_mvmt:4 mvmt_id"]);
    assert_eq!(problems[0].found, "movement \"wn\", which the plan in force of controller \"junction\" leaves out");
    // Without any table of signals the word alone stops nobody.
    for name in ["controller", "timing_plan", "timing_phase", "phase_mvmt"] {
        fs::remove_file(folder.path().join(format!("network/signal_{name}.csv"))).unwrap();
    }
    assert_eq!(network(&folder).roads.movements.signals, []);
}

#[test]
fn mistakes_of_links_by_time_of_day_are_told_at_once() {
    let folder = crossing();
    edit(&folder, "link", "e,true,0.9,primary,1800,36,1,auto", "e,true,0.9,primary,1800,36,1,\"auto,truck\"");
    table(
        &folder,
        "link_tod",
        &[
            "link_id,timeday_id,time_day,from_s,until_s,capacity,free_speed,lanes,toll,allowed_uses",
            "east,,,07:00,07:30,,,,5,",
            "east,,,07:20,07:40,900,,,6,",
            "esat,,,07:20,07:40,,,,,",
            "west,,,07:20,07:20,,,,,",
            "west,,,,07:20,,,,,",
            "west,,,,,900,,,,",
            "west,,11111111_0700_0800,07:00,08:00,,,,,",
            "north,,,07:00,08:00,1e9,900,101,-1,",
            "east,,,07:00,07:30,,,,,auto",
            "west,weekday,,,,,,,,",
        ],
    );
    let problems = refused(Scenario::read(folder.path()));
    assert_eq!(
        told(&problems),
        [
            "link_tod:3 toll",
            "link_tod:4 link_id",
            "link_tod:5 until_s",
            "link_tod:6 from_s",
            "link_tod:7 time_day",
            "link_tod:8 time_day",
            "link_tod:9 capacity",
            "link_tod:9 free_speed",
            "link_tod:9 lanes",
            "link_tod:9 toll",
            "link_tod:10 allowed_uses",
            "link_tod:11 timeday_id",
        ]
    );
    assert_eq!(
        problems[0].to_string(),
        "network/link_tod.csv:3 [toll]: found 07:20:00 to 07:40:00 on link \"east\", wanted a time apart from 07:00:00 to \
         07:30:00, which row 2 has"
    );
}

#[test]
fn mistakes_of_measures_for_a_part_of_the_day_are_told() {
    let measure = |rest: &str| {
        let text = format!("[[measure]]\nid = \"a\"\nlinks = {{ ids = [\"east\"] }}\n{rest}\n");
        let problems = refused(applied(&crossing(), &text));
        problems.into_iter().map(|p| format!("{}: {}", p.column.unwrap_or_default(), p.found)).collect::<Vec<_>>()
    };
    assert_eq!(
        measure("kind = \"close_link\"\nfrom = \"07:30\"\nuntil = \"07:10\""),
        ["a.until: 07:30:00 to 07:10:00"]
    );
    assert_eq!(measure("kind = \"close_link\"\nfrom = \"08:30\""), ["a.from: 08:30:00 to 08:00:00"]);
    assert_eq!(measure("kind = \"close_link\"\nfrom = \"08:30\"\nuntil = \"09:00\""), ["a.from: 08:30:00 to 09:00:00"]);
    assert_eq!(
        measure("kind = \"set_toll\"\ntoll_cny = -1\nuntil = \"7\""),
        ["a.toll_cny: -1", "a.until: 07:00:00 to 00:00:07"]
    );
    assert_eq!(measure("kind = \"scale_links\""), ["a.kind: scale_links without a factor"]);
    assert_eq!(measure("kind = \"scale_links\"\ncapacity_factor = 0"), ["a.capacity_factor: 0"]);
}

#[test]
fn a_given_route_over_a_turn_that_no_movement_allows_is_told() {
    let folder = crossing();
    let trips = folder.path().join("demand/trips.csv");
    let text = fs::read_to_string(&trips).unwrap();
    fs::write(&trips, text + "wrong,07:00,s,e,car,south|east\n").unwrap();
    let problems = refused(Scenario::read(folder.path()));
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = &problems[0];
    assert_eq!((problem.row, problem.column.as_deref()), (Some(63), Some("route")));
    assert_eq!(problem.found, "a turn from link \"south\" into \"east\"");
}

/// Cells that mean something in one column or another, and some that mean nothing anywhere.
fn cell() -> impl Strategy<Value = String> {
    let words = [
        "",
        "",
        "west",
        "east",
        "south",
        "north",
        "x",
        "w",
        "e",
        "we",
        "wn",
        "sn",
        "day",
        "junction",
        "through",
        "left",
        "cross",
        "0",
        "1",
        "2",
        "-1",
        "5",
        "40",
        "90",
        "600",
        "900",
        "1e308",
        "-0",
        "NaN",
        "inf",
        "07:00",
        "07:30",
        "24:00",
        "26000",
        "11111111_0700_0800",
        "01111100_0720_0740",
        "none",
        "auto",
        "walk",
        "prohibited",
        "thru",
        "signal",
        "permitted",
        "begin_of_red",
        "peak",
        "999999999999",
        "2147483647",
        "-2147483648",
        "4294967295",
        "0.0004",
    ];
    prop_oneof![9 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

/// The columns of each table, in the order of [`TABLES`].
const COLUMNS: [&str; 9] = [
    "mvmt_id,node_id,ib_link_id,start_ib_lane,end_ib_lane,ob_link_id,type,penalty,capacity,ctrl_type,allowed_uses,bay_length_m",
    "segment_id,link_id,ref_node_id,start_lr,end_lr,l_lanes_added,r_lanes_added",
    "link_id,timeday_id,time_day,from_s,until_s,capacity,free_speed,lanes,toll,allowed_uses",
    "timeday_id,monday,sunday,start_time,end_time",
    "controller_id",
    "timing_plan_id,controller_id,timeday_id,time_day,cycle_length",
    "timing_phase_id,timing_plan_id,signal_phase_num,min_green,max_green,clearance,ring,barrier,position",
    "timing_phase_id,controller_id,signal_phase_num,mvmt_id,link_id,protection",
    "timing_plan_id,controller_id,coord_contr_id,coord_phase,coord_ref_to,offset",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever stands in the tables, reading them gives a scenario or a list of problems; what reads can be built.
    #[test]
    fn junk_in_the_tables_of_control_is_told_and_never_a_panic(
        junk in prop::collection::vec((0usize..9, prop::collection::vec(cell(), 12)), 0..8),
        header in any::<bool>(),
    ) {
        let folder = crossing();
        for (place, cells) in &junk {
            let path = folder.path().join(format!("network/{}.csv", TABLES[*place]));
            let columns = COLUMNS[*place];
            let kept = fs::read_to_string(&path).unwrap_or_default();
            // Junk behind the good rows of a table, or in a table of its own.
            let text = if header || kept.is_empty() { format!("{columns}\n") } else { kept };
            let width = text.lines().next().unwrap().split(',').count();
            let row: Vec<String> = cells.iter().take(width).map(|c| format!("\"{}\"", c.replace('"', ""))).collect();
            fs::write(path, format!("{text}{}\n", row.join(","))).unwrap();
        }
        match Scenario::read(folder.path()) {
            Ok(scenario) => {
                let network = Network::build(&scenario);
                prop_assert!(network.is_ok(), "{:?}", network.err());
            }
            Err(Error::Problems(problems)) => prop_assert!(!problems.is_empty()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }

    /// The same without a check in between: rows that never met each other are built or told.
    #[test]
    fn unchecked_rows_are_built_or_told_and_never_a_panic(
        gone in prop::collection::vec(any::<bool>(), 4),
        lanes in prop::collection::vec((-3i32..4, -3i32..4), 3),
        seconds in prop::collection::vec(prop_oneof![Just(f64::NAN), Just(-1e300), Just(0.0), 0.0..1e3, Just(1e300)], 8),
    ) {
        let mut scenario = read(&crossing());
        let mut keep = gone.iter();
        scenario.links.retain(|_| !keep.next().unwrap());
        for (row, range) in scenario.control.movements.iter_mut().zip(lanes) {
            row.lanes = Some(range);
            row.capacity_pcu_h = Some(seconds[0]);
            row.bay_length_m = Some(seconds[1]);
        }
        scenario.control.plans[0].cycle_s = Some(seconds[2]);
        for (phase, s) in scenario.control.phases.iter_mut().zip(&seconds[3..6]) {
            phase.green_s = *s;
            phase.clearance_s = seconds[6];
        }
        let period = |from_s, until_s| hubflow::scenario::control::LinkPeriodRow {
            link_id: "east".into(), from_s, until_s, toll_cny: Some(1.0), row: 2, ..Default::default()
        };
        scenario.control.periods = vec![period(seconds[5], seconds[6]), period(seconds[7], seconds[4])];
        let _ = Network::build(&scenario);
    }
}
