//! The tables of fixed-time signals in GMNS 0.9x: controllers, timing plans, phases with their greens, the movements of
//! phases, and coordination.

use super::control::table;
use super::range::{NOT_NEGATIVE, Range, between};
use super::reading::Reading;
use super::rows::{Form, Row};
use super::time_of_day::{COLUMNS, TimeOfDay};
use crate::scenario::control::{
    ControllerRow, CoordinationRow, PhaseMovementRow, PhaseName, PhasePart, PhaseRow, PlanRow, RoadControl,
};

/// Length of a cycle: GMNS allows ten minutes.
const CYCLE: Range = between(1.0, 600.0, "seconds, from 1 to 600");
/// Length of a green or a clearance; greens above 0 are asked for with the checks.
const GREEN: Range = between(0.0, 600.0, "seconds, from 0 to 600");

/// Reads all of them into the control of the roads.
pub(super) fn signals(reading: &mut Reading, folder: &str, times: &TimeOfDay, control: &mut RoadControl) {
    let file = |name: &str| format!("{folder}/{name}.csv");
    let form = Form { required: &["controller_id"], optional: &[], open: true };
    control.controllers = table(reading, &file("signal_controller"), "the controllers of signals", &form, |row| {
        Some(ControllerRow { controller_id: row.id("controller_id")?, row: row.line })
    });
    control.plans = plans(reading, &file("signal_timing_plan"), times);
    control.phases = phases(reading, &file("signal_timing_phase"));
    control.phase_movements = phase_movements(reading, &file("signal_phase_mvmt"));
    control.coordination = coordination(reading, &file("signal_coordination"));
}

fn plans(reading: &mut Reading, file: &str, times: &TimeOfDay) -> Vec<PlanRow> {
    let optional = [&COLUMNS[..], &["cycle_length"]].concat();
    let form = Form { required: &["timing_plan_id", "controller_id"], optional: &optional, open: true };
    let read = table(reading, file, "the timing plans of signals", &form, |row| {
        let (timing_plan_id, controller_id) = (row.id("timing_plan_id"), row.id("controller_id"));
        let hours = times.hours(row);
        let cycle_s = row.number_maybe("cycle_length", CYCLE);
        Some(PlanRow {
            timing_plan_id: timing_plan_id?,
            controller_id: controller_id?,
            hours: hours.map(|h| (h.from_s, h.until_s)),
            today: hours.is_none_or(|h| h.today),
            cycle_s,
            row: row.line,
        })
    });
    read.unwrap_or_default()
}

fn phases(reading: &mut Reading, file: &str) -> Vec<PhaseRow> {
    let form = Form {
        required: &["timing_phase_id", "timing_plan_id", "signal_phase_num"],
        optional: &["min_green", "max_green", "clearance", "ring", "barrier", "position"],
        open: true,
    };
    let mut place = 0;
    let read = table(reading, file, "the phases of signals", &form, |row| {
        let (timing_phase_id, timing_plan_id) = (row.id("timing_phase_id"), row.id("timing_plan_id"));
        let phase = number(row, "signal_phase_num");
        let (least, most) = (row.number_maybe("min_green", GREEN), row.number_maybe("max_green", GREEN));
        if let (Some(least), Some(most)) = (least, most)
            && most < least
        {
            row.wrong("max_green", "a green that is not shorter than min_green");
        }
        place += 1;
        let phase = PhaseRow {
            timing_phase_id: String::new(),
            timing_plan_id: String::new(),
            phase,
            green_s: most.or(least).unwrap_or(0.0),
            clearance_s: row.number_maybe("clearance", GREEN).unwrap_or(0.0),
            ring: row.count_maybe("ring").unwrap_or(1),
            barrier: row.count_maybe("barrier").unwrap_or(1),
            position: position(row).unwrap_or(place),
            row: row.line,
        };
        Some(PhaseRow { timing_phase_id: timing_phase_id?, timing_plan_id: timing_plan_id?, ..phase })
    });
    read.unwrap_or_default()
}

/// The number of a phase, which must be there.
fn number(row: &mut Row, column: &str) -> u32 {
    let number = row.count_maybe(column);
    if row.text(column).is_empty() {
        row.wrong(column, "the number of a phase");
    }
    number.unwrap_or(0)
}

/// The place of a phase in its ring; phases without one follow each other as they are written.
fn position(row: &mut Row) -> Option<i32> {
    let text = row.text("position");
    let position = text.parse().ok();
    if position.is_none() && !text.is_empty() {
        row.wrong("position", "a whole number");
    }
    position
}

fn phase_movements(reading: &mut Reading, file: &str) -> Vec<PhaseMovementRow> {
    const PROTECTIONS: [(&str, ()); 5] =
        [("", ()), ("protected", ()), ("permitted", ()), ("permissive", ()), ("rtor", ())];
    let form = Form {
        required: &[],
        optional: &["timing_phase_id", "controller_id", "signal_phase_num", "mvmt_id", "link_id", "protection"],
        open: true,
    };
    let read = table(reading, file, "the movements of the phases of signals", &form, |row| {
        row.one_of_small("protection", &PROTECTIONS);
        let mvmt_id = row.maybe("mvmt_id");
        if mvmt_id.is_none() && row.text("link_id").is_empty() {
            row.wrong("mvmt_id", "a movement, or a crossing in link_id");
        }
        let phase = match (row.maybe("timing_phase_id"), row.maybe("controller_id")) {
            (Some(id), _) => PhaseName::Id(id),
            (None, Some(controller)) => PhaseName::Number(controller, number(row, "signal_phase_num")),
            (None, None) => {
                row.wrong("timing_phase_id", "a phase, or controller_id and signal_phase_num");
                return None;
            }
        };
        Some(PhaseMovementRow { phase, mvmt_id, row: row.line })
    });
    read.unwrap_or_default()
}

fn coordination(reading: &mut Reading, file: &str) -> Vec<CoordinationRow> {
    const PARTS: [(&str, PhasePart); 4] = [
        ("begin_of_green", PhasePart::Green),
        ("begin_of_yellow", PhasePart::Yellow),
        ("begin_of_red", PhasePart::Red),
        ("", PhasePart::Green),
    ];
    let form = Form {
        required: &["timing_plan_id", "controller_id"],
        optional: &["coord_contr_id", "coord_phase", "coord_ref_to", "offset"],
        open: true,
    };
    let read = table(reading, file, "the coordination of signals", &form, |row| {
        let (timing_plan_id, controller_id) = (row.id("timing_plan_id"), row.id("controller_id"));
        let coordination = CoordinationRow {
            timing_plan_id: String::new(),
            controller_id: String::new(),
            master_id: row.maybe("coord_contr_id"),
            phase: row.count_maybe("coord_phase"),
            part: row.one_of_small("coord_ref_to", &PARTS),
            offset_s: row.number_maybe("offset", NOT_NEGATIVE).unwrap_or(0.0).min(1e6),
            row: row.line,
        };
        Some(CoordinationRow { timing_plan_id: timing_plan_id?, controller_id: controller_id?, ..coordination })
    });
    read.unwrap_or_default()
}
