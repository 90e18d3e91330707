//! Road control from GMNS 0.9x: `movement.csv`, `segment.csv` (added lanes only), `link_tod.csv` and the tables of signals.
//! All of them may be missing.
//!
//! Our own columns are `bay_length_m` of a movement, and `from_s` with `until_s` in place of GMNS's words for a time of day.

use super::gmns::{Units, uses};
use super::range::{NOT_NEGATIVE, POSITIVE, Range, WITHIN_A_DAY, between};
use super::reading::{Part, Reading};
use super::rows::{Form, Row, rows};
use super::signals;
use super::time_of_day::{COLUMNS, TimeOfDay};
use crate::scenario::control::{LinkPeriodRow, MovementRow, RoadControl, SegmentRow};

/// Words of a movement's `type` (in small letters), and whether they are through or forbidden.
const TYPES: [(&str, (bool, bool)); 11] = [
    ("", (false, false)),
    ("left", (false, false)),
    ("right", (false, false)),
    ("uturn", (false, false)),
    ("u-turn", (false, false)),
    ("thru", (true, false)),
    ("through", (true, false)),
    ("merge", (false, false)),
    ("diverge", (false, false)),
    ("other", (false, false)),
    ("prohibited", (false, true)),
];

/// Words of a movement's `ctrl_type` (in small letters), and whether they are signals.
const CONTROLS: [(&str, bool); 10] = [
    ("", false),
    ("no_control", false),
    ("none", false),
    ("unknown", false),
    ("yield", false),
    ("stop", false),
    ("stop_2_way", false),
    ("stop_4_way", false),
    ("signal", true),
    ("signal_with_rtor", true),
];

/// Capacity of a movement.
const TURN_CAPACITY: Range = between(0.0, 1e6, "PCU per hour, from 0 to 1,000,000");

/// Reads all tables of road control of a network folder.
pub(super) fn control(reading: &mut Reading, folder: &str, units: Units, date: Option<&str>) -> RoadControl {
    let times = TimeOfDay::new(reading, folder, date);
    let mut control = RoadControl {
        movements: movements(reading, &format!("{folder}/movement.csv")),
        segments: segments(reading, &format!("{folder}/segment.csv"), units.short_m),
        ..RoadControl::default()
    };
    signals::signals(reading, folder, &times, &mut control);
    control.periods = periods(reading, &format!("{folder}/link_tod.csv"), units, &times);
    control
}

/// Reads a table that may be missing. A table that cannot be read, or a row without the id that others name, leaves what
/// refers to it unchecked: the missing table or id is the mistake.
pub(super) fn table<T>(
    reading: &mut Reading,
    file: &str,
    what: &str,
    form: &Form,
    mut make: impl FnMut(&mut Row) -> Option<T>,
) -> Option<Vec<T>> {
    if !reading.has(file) {
        return None;
    }
    let mut lost = false;
    let read = reading.bytes(file, what).and_then(|bytes| {
        rows(reading, file, &bytes, form, |row| {
            let made = make(row);
            lost |= made.is_none();
            Some(made)
        })
    });
    if read.is_none() || lost {
        reading.unread.insert(Part::Control);
    }
    Some(read.unwrap_or_default().into_iter().flatten().collect())
}

fn movements(reading: &mut Reading, file: &str) -> Vec<MovementRow> {
    let form = Form {
        required: &["mvmt_id", "node_id", "ib_link_id", "ob_link_id"],
        optional: &[
            "start_ib_lane",
            "end_ib_lane",
            "type",
            "penalty",
            "capacity",
            "ctrl_type",
            "allowed_uses",
            "bay_length_m",
        ],
        open: true,
    };
    table(reading, file, "the movements of the network (GMNS movement.csv)", &form, movement).unwrap_or_default()
}

fn movement(row: &mut Row) -> Option<MovementRow> {
    let (mvmt_id, node_id) = (row.id("mvmt_id"), row.id("node_id"));
    let (ib_link_id, ob_link_id) = (row.id("ib_link_id"), row.id("ob_link_id"));
    let lanes = lanes(row);
    let (thru, prohibited) = row.one_of_small("type", &TYPES);
    Some(MovementRow {
        mvmt_id: mvmt_id?,
        node_id: node_id?,
        ib_link_id: ib_link_id?,
        ob_link_id: ob_link_id?,
        lanes,
        prohibited,
        thru,
        penalty_s: row.number_maybe("penalty", WITHIN_A_DAY).unwrap_or(0.0),
        capacity_pcu_h: row.number_maybe("capacity", TURN_CAPACITY),
        signal: row.one_of_small("ctrl_type", &CONTROLS),
        allowed_uses: uses(row),
        bay_length_m: row.number_maybe("bay_length_m", POSITIVE),
        row: row.line,
    })
}

/// First and last lane of a movement: a blank last lane means the first one alone.
fn lanes(row: &mut Row) -> Option<(i32, i32)> {
    let mut lane = |column: &str| {
        let text = row.text(column);
        if text.is_empty() {
            return None;
        }
        let lane = text.parse().ok().filter(|lane: &i32| *lane != 0 && (-100..=100).contains(lane));
        if lane.is_none() {
            row.wrong(column, "a lane number: 1, 2, … from the inside, −1, −2, … for lanes added inside of them");
        }
        lane
    };
    let (first, last) = (lane("start_ib_lane"), lane("end_ib_lane"));
    match (first, last) {
        (Some(first), Some(last)) if last < first => {
            row.wrong("end_ib_lane", "a lane that is not inside of start_ib_lane");
            None
        }
        (None, Some(_)) if row.text("start_ib_lane").is_empty() => {
            row.wrong("start_ib_lane", "the innermost lane of the movement, as the outermost is given");
            None
        }
        (first, last) => first.map(|first| (first, last.unwrap_or(first))),
    }
}

fn segments(reading: &mut Reading, file: &str, short_m: f64) -> Vec<SegmentRow> {
    let form = Form {
        required: &["segment_id", "link_id", "ref_node_id", "start_lr", "end_lr"],
        optional: &["l_lanes_added", "r_lanes_added"],
        open: true,
    };
    let read = table(reading, file, "the parts of links (GMNS segment.csv)", &form, |row| {
        let (segment_id, link_id, ref_node_id) = (row.id("segment_id"), row.id("link_id"), row.id("ref_node_id"));
        let (start, end) = (row.number("start_lr", NOT_NEGATIVE), row.number("end_lr", NOT_NEGATIVE));
        if end <= start {
            row.wrong("end_lr", "a distance above start_lr");
        }
        // Lanes that are taken away are written below 0.
        let mut added = |column: &str| match row.text(column).parse::<i32>() {
            Ok(lanes) if (-100..=100).contains(&lanes) => lanes.max(0).unsigned_abs(),
            _ if row.text(column).is_empty() => 0,
            _ => {
                row.wrong(column, "a whole number of lanes");
                0
            }
        };
        let (left_lanes, right_lanes) = (added("l_lanes_added"), added("r_lanes_added"));
        Some(SegmentRow {
            segment_id: segment_id?,
            link_id: link_id?,
            ref_node_id: ref_node_id?,
            start_m: start * short_m,
            end_m: end * short_m,
            left_lanes,
            right_lanes,
            row: row.line,
        })
    });
    read.unwrap_or_default().into_iter().filter(|s| s.left_lanes + s.right_lanes > 0).collect()
}

fn periods(reading: &mut Reading, file: &str, units: Units, times: &TimeOfDay) -> Vec<LinkPeriodRow> {
    let optional = [&COLUMNS[..], &["capacity", "free_speed", "lanes", "toll", "allowed_uses"]].concat();
    let form = Form { required: &["link_id"], optional: &optional, open: true };
    let read = table(reading, file, "the links by time of day (GMNS link_tod.csv)", &form, |row| {
        let link_id = row.id("link_id");
        let before = row.problems();
        let hours = times.hours(row);
        if hours.is_none() && row.problems() == before && times.knows() {
            row.wrong("time_day", "a time of day in time_day, in timeday_id, or in from_s and until_s");
        }
        let allowed_uses = (!row.text("allowed_uses").is_empty()).then(|| uses(row));
        let period = LinkPeriodRow {
            link_id: String::new(),
            from_s: hours.map_or(f64::NAN, |h| h.from_s),
            until_s: hours.map_or(f64::NAN, |h| h.until_s),
            capacity_pcu_h_lane: row.number_maybe("capacity", NOT_NEGATIVE),
            free_speed_mps: row.number_maybe("free_speed", POSITIVE).map(|speed| speed * units.speed_mps),
            lanes: row.number_maybe("lanes", NOT_NEGATIVE),
            toll_cny: row.number_maybe("toll", NOT_NEGATIVE),
            allowed_uses,
            row: row.line,
        };
        Some((hours, LinkPeriodRow { link_id: link_id?, ..period }))
    });
    // What is said of other days of the week is read and left alone.
    let today =
        |(hours, period): (Option<super::time_of_day::Hours>, LinkPeriodRow)| hours.filter(|h| h.today).map(|_| period);
    read.unwrap_or_default().into_iter().filter_map(today).collect()
}
