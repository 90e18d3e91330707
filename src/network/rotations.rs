//! Rotations: which runs one vehicle makes, one after the other.
//!
//! Who is late at the end of a run is late for the next one of its vehicle, where the layover between them is too short to
//! make up for it.

use super::lines::{Line, Stop};
use crate::ids::{DepartureIx, StopIx};
use crate::units::Time;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// A run as its vehicle sees it.
#[derive(Clone, Copy)]
struct Turn {
    departure: DepartureIx,
    begins: Time,
    ends: Time,
    from: StopIx,
    to: StopIx,
}

fn turns(line: &Line) -> impl Iterator<Item = Turn> + '_ {
    let last = line.stops.len() - 1;
    (0..line.runs()).map(move |run| Turn {
        departure: DepartureIx(line.first_departure.0 + run as u32),
        begins: line.departure(run, 0),
        ends: line.arrival(run, last),
        from: line.stops[0],
        to: line.stops[last],
    })
}

/// The run before each run, by [`DepartureIx`], where runs have a block in common; `blocks` by departure, those beyond its
/// end have none. Runs that overlap in time are not made by one vehicle, whatever their block says.
pub(super) fn by_block(lines: &[Line], blocks: &[Option<u32>]) -> Vec<Option<DepartureIx>> {
    let all: Vec<Turn> = lines.iter().flat_map(turns).collect();
    let block = |turn: &Turn| blocks.get(turn.departure.i()).copied().flatten();
    let mut blocked: Vec<Turn> = all.iter().filter(|turn| block(turn).is_some()).copied().collect();
    blocked.sort_by_key(|turn| (block(turn), turn.begins, turn.departure));
    let mut before = vec![None; all.len()];
    for pair in blocked.windows(2).filter(|pair| block(&pair[0]) == block(&pair[1])) {
        if pair[0].ends <= pair[1].begins {
            before[pair[1].departure.i()] = Some(pair[0].departure);
        }
    }
    before
}

/// Gives every run that has none a run before it: of its route, the one whose vehicle has waited longest where it begins and
/// is ready in time by the timetable. Two stops of one name are one place.
pub(super) fn first_in_first_out(
    lines: &[Line],
    stops: &[Stop],
    turnaround_ms: i64,
    before: &mut [Option<DepartureIx>],
) {
    let mut place_of: FxHashMap<&str, StopIx> = FxHashMap::default();
    let mut place = |stop: StopIx| *place_of.entry(stops[stop.i()].name.as_str()).or_insert(stop);
    let mut routes: Vec<(&str, Vec<Turn>)> = Vec::new();
    for line in lines {
        let of = turns(line).map(|turn| Turn { from: place(turn.from), to: place(turn.to), ..turn });
        match routes.iter_mut().find(|route| route.0 == line.route_id) {
            Some(route) => route.1.extend(of),
            None => routes.push((&line.route_id, of.collect())),
        }
    }
    let mut goes_on = vec![false; before.len()];
    before.iter().flatten().for_each(|departure| goes_on[departure.i()] = true);
    for (_, mut begins) in routes {
        let mut ends: Vec<Turn> = begins.iter().filter(|turn| !goes_on[turn.departure.i()]).copied().collect();
        ends.sort_by_key(|turn| (turn.ends, turn.departure));
        begins.retain(|turn| before[turn.departure.i()].is_none());
        begins.sort_by_key(|turn| (turn.begins, turn.departure));
        let mut ends = ends.into_iter().peekable();
        let mut ready: FxHashMap<StopIx, VecDeque<DepartureIx>> = FxHashMap::default();
        for turn in begins {
            while let Some(end) = ends.next_if(|end| end.ends.plus(turnaround_ms) <= turn.begins) {
                ready.entry(end.to).or_default().push_back(end.departure);
            }
            before[turn.departure.i()] = ready.get_mut(&turn.from).and_then(VecDeque::pop_front);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(route: &str, first: u32, ends: [u32; 2], minutes: &[(i64, i64)]) -> Line {
        let all: Vec<Time> = minutes.iter().flat_map(|&(from, to)| [from, to]).map(|m| Time(m * 60_000)).collect();
        Line {
            route_id: route.into(),
            stops: ends.map(StopIx).to_vec(),
            first_departure: DepartureIx(first),
            arrivals: all.clone(),
            departures: all,
            ..Line::default()
        }
    }

    fn stop(name: &str) -> Stop {
        Stop { name: name.into(), position: [0.0, 0.0], hub: None, node: None }
    }

    #[test]
    fn runs_of_a_block_follow_each_other_unless_they_overlap() {
        // Block 7: 0–10, 12–20, and 19–30, which no vehicle can make that is under way until 20.
        let lines = [line("r", 0, [0, 1], &[(0, 10), (19, 30)]), line("r", 2, [1, 0], &[(12, 20)])];
        let before = by_block(&lines, &[Some(7), Some(7), Some(7)]);
        assert_eq!(before, [None, None, Some(DepartureIx(0))]);
    }

    #[test]
    fn the_vehicle_that_came_first_goes_first_and_only_when_it_is_ready() {
        // Out at 0 and 5, there at 10 and 15; back at 12, 14, 30 and 31 with a turnaround of 3 min: nobody is ready at 12,
        // the first (13) at 14, the second at 30, and the one at 31 needs a new vehicle. The other route has its own.
        let out = line("r", 0, [0, 1], &[(0, 10), (5, 15)]);
        let back = line("r", 2, [2, 3], &[(12, 22), (14, 24), (30, 40), (31, 41)]);
        let other = line("s", 6, [1, 0], &[(40, 50)]);
        let stops = [stop("west"), stop("east"), stop("east"), stop("west")];
        let mut before = vec![None; 7];
        first_in_first_out(&[out, back, other], &stops, 180_000, &mut before);
        assert_eq!(before, [None, None, None, Some(DepartureIx(0)), Some(DepartureIx(1)), None, None]);
    }
}
