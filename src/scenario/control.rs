//! What controls roads, as GMNS 0.9x has it: movements at nodes with their lanes, added lanes at the end of links,
//! fixed-time signals, and parts of the day in which links differ.
//!
//! Rows as the files have them, lengths in metres and times in seconds. What is not simulated: a movement that is open to
//! some vehicles is open to all of them, `yield` and `stop` bind nobody (a `capacity` can stand for them), and a signal
//! keeps one timing plan all day.

use crate::mode::Uses;

/// All tables of road control of a scenario; empty tables control nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoadControl {
    /// `movement.csv`.
    pub movements: Vec<MovementRow>,
    /// `segment.csv`, only segments with added lanes.
    pub segments: Vec<SegmentRow>,
    /// `signal_controller.csv`; `None` when there is no such table and controllers are what plans name.
    pub controllers: Option<Vec<ControllerRow>>,
    /// `signal_timing_plan.csv`.
    pub plans: Vec<PlanRow>,
    /// `signal_timing_phase.csv`.
    pub phases: Vec<PhaseRow>,
    /// `signal_phase_mvmt.csv`, only rows with movements.
    pub phase_movements: Vec<PhaseMovementRow>,
    /// `signal_coordination.csv`.
    pub coordination: Vec<CoordinationRow>,
    /// `link_tod.csv`, only rows that hold on the simulated day of the week, and what measures add.
    pub periods: Vec<LinkPeriodRow>,
}

/// A row of GMNS `movement.csv`. Once one movement of an in-link is listed, only listed ones are allowed from it.
#[derive(Clone, Debug, PartialEq)]
pub struct MovementRow {
    /// External id.
    pub mvmt_id: String,
    /// Node at which one turns.
    pub node_id: String,
    /// Link that one comes from.
    pub ib_link_id: String,
    /// Link that one turns into.
    pub ob_link_id: String,
    /// First and last lane at the end of the in-link, from the inside: 1 is the innermost lane of the link, −1, −2 …
    /// are lanes added inside of it, and numbers above the link's lanes are lanes added outside; there is no lane 0.
    /// `None` stands for all lanes of the link itself.
    pub lanes: Option<(i32, i32)>,
    /// Whether `type` is `prohibited`.
    pub prohibited: bool,
    /// Whether `type` is `thru`.
    pub thru: bool,
    /// Time that the turn takes besides the links, seconds.
    pub penalty_s: f64,
    /// Saturation capacity, PCU per hour.
    pub capacity_pcu_h: Option<f64>,
    /// Whether `ctrl_type` is a signal.
    pub signal: bool,
    /// GMNS `allowed_uses` in our words; empty allows all.
    pub allowed_uses: Vec<String>,
    /// Length of the bay that one waits in, metres (our own column).
    pub bay_length_m: Option<f64>,
    /// Row in the file, 0 when a measure made it.
    pub row: u32,
}

impl MovementRow {
    /// Whether vehicles may make the movement: it is not prohibited, has capacity, and its uses name cars or trucks.
    pub fn is_allowed(&self) -> bool {
        !self.prohibited && self.capacity_pcu_h != Some(0.0) && Uses::of_words(&self.allowed_uses).vehicles()
    }

    /// Lane numbers that the movement uses at the end of a link with so many lanes, in order.
    pub fn lane_numbers(&self, link_lanes: f64) -> impl Iterator<Item = i32> + use<> {
        let (first, last) = self.lanes.unwrap_or((1, link_lanes.ceil().max(1.0) as i32));
        (first..=last).filter(|lane| *lane != 0)
    }
}

/// A row of GMNS `segment.csv`: a part of a link with added lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentRow {
    /// External id.
    pub segment_id: String,
    /// The link.
    pub link_id: String,
    /// The end of the link from which distances are measured.
    pub ref_node_id: String,
    /// Where it begins, metres from that end.
    pub start_m: f64,
    /// Where it ends, metres from that end.
    pub end_m: f64,
    /// Lanes added on the inside, `l_lanes_added`.
    pub left_lanes: u32,
    /// Lanes added on the outside, `r_lanes_added`.
    pub right_lanes: u32,
    /// Row in the file.
    pub row: u32,
}

impl SegmentRow {
    /// Length of the added lanes where they reach the downstream end of their link (of this node and length) to within
    /// a twentieth of it: a turn bay. `None` for lanes that end before.
    pub fn bay_length_m(&self, to_node_id: &str, link_length_m: f64) -> Option<f64> {
        let near = link_length_m / 20.0;
        let reaches = match self.ref_node_id == to_node_id {
            true => self.start_m <= near,
            false => self.end_m >= link_length_m - near,
        };
        reaches.then_some(self.end_m - self.start_m)
    }
}

/// A row of GMNS `signal_controller.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerRow {
    /// External id.
    pub controller_id: String,
    /// Row in the file.
    pub row: u32,
}

/// A row of GMNS `signal_timing_plan.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRow {
    /// External id.
    pub timing_plan_id: String,
    /// Controller that runs it.
    pub controller_id: String,
    /// First and last moment at which it is in force, seconds after midnight; `None` for the whole day.
    pub hours: Option<(f64, f64)>,
    /// Whether it is for the simulated day of the week.
    pub today: bool,
    /// Length of the cycle, seconds; as long as the phases take when missing.
    pub cycle_s: Option<f64>,
    /// Row in the file.
    pub row: u32,
}

/// A row of GMNS `signal_timing_phase.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseRow {
    /// External id.
    pub timing_phase_id: String,
    /// Plan that it belongs to.
    pub timing_plan_id: String,
    /// Number of the phase at its controller.
    pub phase: u32,
    /// Green, seconds: `max_green` where it is given, else `min_green`.
    pub green_s: f64,
    /// Yellow and all red after it, seconds.
    pub clearance_s: f64,
    /// Phases of a ring follow each other.
    pub ring: u32,
    /// The rings pass from one barrier to the next together.
    pub barrier: u32,
    /// Place among the phases of the same ring and barrier.
    pub position: i32,
    /// Row in the file.
    pub row: u32,
}

/// A row of GMNS `signal_phase_mvmt.csv`. Protected, permitted and right turn on red are all simply green.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseMovementRow {
    /// The phase.
    pub phase: PhaseName,
    /// Movement that may go in it; `None` for people on foot.
    pub mvmt_id: Option<String>,
    /// Row in the file, 0 when a measure made it.
    pub row: u32,
}

/// How a table names a phase.
#[derive(Clone, Debug, PartialEq)]
pub enum PhaseName {
    /// By `timing_phase_id`.
    Id(String),
    /// By `controller_id` and `signal_phase_num`, in any plan.
    Number(String, u32),
}

/// A row of GMNS `signal_coordination.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct CoordinationRow {
    /// The plan.
    pub timing_plan_id: String,
    /// Controller that runs it.
    pub controller_id: String,
    /// Controller whose time it follows; midnight when missing or the controller itself.
    pub master_id: Option<String>,
    /// Number of the phase by which the offset is measured; the begin of the cycle when missing.
    pub phase: Option<u32>,
    /// Part of that phase by which the offset is measured.
    pub part: PhasePart,
    /// Offset, seconds.
    pub offset_s: f64,
    /// Row in the file.
    pub row: u32,
}

/// The part of a phase by which an offset is measured. Yellow and red are not told apart, as GMNS has one clearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhasePart {
    /// `begin_of_green`.
    Green,
    /// `begin_of_yellow`.
    Yellow,
    /// `begin_of_red`.
    Red,
}

/// A row of GMNS `link_tod.csv`: what differs on a link in a part of the day. What is `None` is as on the link itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkPeriodRow {
    /// The link.
    pub link_id: String,
    /// First moment, seconds after midnight.
    pub from_s: f64,
    /// First moment after it, seconds after midnight.
    pub until_s: f64,
    /// Capacity of one lane, PCU per hour; 0 closes the link.
    pub capacity_pcu_h_lane: Option<f64>,
    /// Free speed, metres per second.
    pub free_speed_mps: Option<f64>,
    /// Lanes; 0 closes the link. Storage stays that of all lanes.
    pub lanes: Option<f64>,
    /// Toll, yuan.
    pub toll_cny: Option<f64>,
    /// GMNS `allowed_uses` in our words; `none` or `walk` close the link to vehicles.
    pub allowed_uses: Option<Vec<String>>,
    /// Row in the file, 0 when a measure made it.
    pub row: u32,
}
