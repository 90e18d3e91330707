//! The day's times and loads of lines, as the vehicles came by.

use super::vehicle::{State, Vehicle};
use crate::network::line_times::{LineTimes, OfLine};
use crate::network::lines::{Line, Lines};
use crate::units::Time;

/// A vehicle that leaves a stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    pub arrived: Time,
    pub time: Time,
    pub closes: Time,
    pub load: f32,
}

/// Writes a leaving into the times of its line; `at` is the place of the run and position.
pub(super) fn write(of: &mut OfLine, at: usize, left: Left) {
    of.arrivals[at] = left.arrived;
    of.departures[at] = left.time;
    of.closes[at] = left.closes;
    of.load[at] = left.load;
}

/// Ends the record of a day. Runs that the day's end cut off go on by the timetable, as late as they were. Where a run was
/// passed by a later one, the later one is told to have come and gone with it: running maxima over the runs of a line keep
/// their order, and promise nobody a vehicle sooner than it came.
pub(super) fn finish<'a>(
    mut times: LineTimes,
    lines: &Lines,
    mut vehicle: impl FnMut(&Line, usize) -> &'a Vehicle,
) -> LineTimes {
    for (of, line) in times.lines.iter_mut().zip(&lines.lines) {
        for run in 0..line.runs() {
            let vehicle = vehicle(line, run);
            if vehicle.state != State::Done {
                cut_off(of, line, run, vehicle);
            }
        }
        let positions = line.stops.len();
        for at in positions..of.departures.len() {
            for list in [&mut of.arrivals, &mut of.departures, &mut of.closes] {
                list[at] = list[at].max(list[at - positions]);
            }
        }
    }
    times
}

/// The rest of a run that was under way when the day ended.
fn cut_off(of: &mut OfLine, line: &Line, run: usize, vehicle: &Vehicle) {
    let (first, positions) = (run * line.stops.len(), line.stops.len());
    for position in usize::from(vehicle.position)..positions {
        let at = first + position;
        if position > 0 {
            let running = line.arrival(run, position).since(line.departure(run, position - 1));
            of.arrivals[at] = of.arrivals[at].max(of.departures[at - 1].plus(running));
        }
        of.departures[at] = of.departures[at].max(of.arrivals[at]);
        of.closes[at] = of.departures[at];
    }
}
