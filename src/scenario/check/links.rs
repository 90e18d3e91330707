//! Nodes, links, and trips given one by one.

use super::super::Scenario;
use super::super::read::gmns::MPS_PER_KMH;
use super::super::read::range::{JAM_DENSITY, LANE_CAPACITY, LANES, LENGTH_M, Range, SPEED_KMH, TOLL};
use super::super::tables::{LinkRow, TripRow};
use super::movements::Turns;
use super::{Known, Unknown, at, twice};
use crate::error::Problem;
use crate::mode::VehicleClass;
use crate::units::Time;
use rustc_hash::FxHashMap;

/// Checks nodes and links.
pub(super) fn network(scenario: &Scenario, known: &Known) -> Vec<Problem> {
    let folder = &scenario.settings.network.folder;
    let (node_file, link_file) = (format!("{folder}/node.csv"), format!("{folder}/link.csv"));
    let mut problems = twice(&node_file, "node_id", scenario.nodes.iter().map(|n| (n.node_id.as_str(), n.row)));
    problems.extend(twice(&link_file, "link_id", scenario.links.iter().map(|l| (l.link_id.as_str(), l.row))));
    let mut zones = Unknown::new(&node_file, "zone_id", "a zone_id of the zone table");
    for node in &scenario.nodes {
        zones.unless_in(known.zones.as_ref(), node.zone_id.as_deref().unwrap_or(""), node.row);
    }
    problems.extend(zones.problems(known.zones.iter().flatten().copied()));
    let mut ends = ["from_node_id", "to_node_id"].map(|c| Unknown::new(&link_file, c, "a node_id of node.csv"));
    let mut row = 0;
    for link in &scenario.links {
        // The second direction of a two-way row says nothing new.
        if link.row == row && row != 0 {
            continue;
        }
        row = link.row;
        let [from, to] = &mut ends;
        from.unless_in(known.nodes.as_ref(), &link.from_node_id, link.row);
        to.unless_in(known.nodes.as_ref(), &link.to_node_id, link.row);
        problems.extend(limits(&link_file, link));
        if link.from_node_id == link.to_node_id {
            let found = format!("\"{}\", where the link also begins", link.to_node_id);
            problems.push(at(Problem::new(&link_file, found, "another node").column("to_node_id"), link.row));
        }
    }
    for end in ends {
        problems.extend(end.problems(known.nodes.iter().flatten().copied()));
    }
    if scenario.nodes.is_empty() && known.nodes.is_some() {
        problems.push(Problem::new(node_file, "no node", "at least two nodes"));
    }
    if scenario.links.is_empty() && known.links.is_some() {
        problems.push(Problem::new(link_file, "no link", "at least one link"));
    }
    problems
}

/// Values of a link that no road has, and that sums over the network would not survive.
fn limits(file: &str, link: &LinkRow) -> Vec<Problem> {
    let of_link = |(column, x, range): &(&str, f64, Range)| {
        // Where a length is missing, its own problem says so.
        let told = range.holds(*x) || (*column == "length" && *x <= 0.0);
        let found = || format!("{x} on link \"{}\"", link.link_id);
        (!told).then(|| at(Problem::new(file, found(), range.words).column(*column), link.row))
    };
    [
        // Kilometres and hours, whatever the units of the file.
        ("length", link.length_m, LENGTH_M),
        ("free_speed", (link.free_speed_mps / MPS_PER_KMH * 1e6).round() / 1e6, SPEED_KMH),
        ("capacity", link.capacity_pcu_h_lane, LANE_CAPACITY),
        ("lanes", link.lanes, LANES),
        ("toll", link.toll_cny, TOLL),
        ("jam_density", link.jam_density_pcu_km.unwrap_or(100.0), JAM_DENSITY),
    ]
    .iter()
    .filter_map(of_link)
    .collect()
}

/// Rows whose moments lie outside the day, told once for a file with their number.
pub(super) fn outside_the_day(
    file: &str,
    column: &str,
    (start, end): (Time, Time),
    mut rows: impl Iterator<Item = (f64, u32)>,
) -> Option<Problem> {
    let (moment_s, row) = rows.next()?;
    let found = Time::from_seconds(moment_s).to_string();
    let problem = Problem::new(file, found, format!("a time of the simulated day, {start} to {end}")).column(column);
    let problem = at(problem, row);
    match rows.count() {
        0 => Some(problem),
        1 => Some(problem.hint("and 1 more row")),
        more => Some(problem.hint(format!("and {more} more rows"))),
    }
}

/// Checks the trips given one by one.
pub(super) fn trips(scenario: &Scenario, known: &Known) -> Vec<Problem> {
    let Some(file) = &scenario.settings.demand.trips else { return Vec::new() };
    let mut problems = twice(file, "trip_id", scenario.trips.iter().map(|t| (t.trip_id.as_str(), t.row)));
    let mut ends = ["from_node_id", "to_node_id"].map(|c| Unknown::new(file, c, "a node_id of node.csv"));
    let words = VehicleClass::ALL.map(VehicleClass::word);
    let mut classes = Unknown::new(file, "vehicle_class", &format!("one of {}", words.join(", ")));
    let mut links = Unknown::new(file, "route", "link ids of link.csv joined by |");
    let day = day(scenario);
    let turns = Turns::new(&scenario.control.movements);
    for trip in &scenario.trips {
        let [from, to] = &mut ends;
        from.unless_in(known.nodes.as_ref(), &trip.from_node_id, trip.row);
        to.unless_in(known.nodes.as_ref(), &trip.to_node_id, trip.row);
        let class = VehicleClass::from_word(&trip.vehicle_class);
        if class.is_none() {
            classes.add(&trip.vehicle_class, trip.row);
        }
        let known_ends = known
            .nodes
            .as_ref()
            .is_none_or(|k| [&trip.from_node_id, &trip.to_node_id].iter().all(|n| k.contains(n.as_str())));
        if known_ends && trip.from_node_id == trip.to_node_id {
            let found = format!("\"{}\", where the trip also begins", trip.to_node_id);
            problems.push(at(Problem::new(file, found, "another node").column("to_node_id"), trip.row));
        }
        if let Some(index) = &known.links {
            match known_ends {
                true => problems
                    .extend(route(scenario, file, trip, class, index, &mut links).or_else(|| turn(file, trip, &turns))),
                // From or to nowhere no route hangs together; only its links can be wrong besides.
                false => trip
                    .route
                    .iter()
                    .filter(|id| !index.contains_key(id.as_str()))
                    .take(1)
                    .for_each(|id| links.add(id, trip.row)),
            }
        }
    }
    if let Some((start, end)) = day {
        let moments = scenario.trips.iter().map(|t| (t.departure_s, t.row));
        let outside = moments.filter(|(s, _)| !s.is_nan() && !(start..end).contains(&Time::from_seconds(*s)));
        problems.extend(outside_the_day(file, "departure_s", (start, end), outside));
    }
    for end in ends {
        problems.extend(end.problems(known.nodes.iter().flatten().copied()));
    }
    problems.extend(classes.problems(words));
    problems.extend(links.problems(scenario.links.iter().map(|l| l.link_id.as_str())));
    problems
}

/// First and last moment of the simulated day, where they are times in order. Where they are not, that is the mistake
/// and not every row.
pub(super) fn day(scenario: &Scenario) -> Option<(Time, Time)> {
    let day = Time::parse(&scenario.settings.time.start).zip(Time::parse(&scenario.settings.time.end));
    day.filter(|(start, end)| start < end)
}

/// The first turn of a given route that movements do not allow.
fn turn(file: &str, trip: &TripRow, turns: &Turns) -> Option<Problem> {
    let forbidden = trip.route.windows(2).find(|pair| !turns.allow(&pair[0], &pair[1]))?;
    let found = format!("a turn from link \"{}\" into \"{}\"", forbidden[0], forbidden[1]);
    Some(at(Problem::new(file, found, "turns that movement.csv allows").column("route"), trip.row))
}

/// The first thing wrong with a given route.
fn route(
    scenario: &Scenario,
    file: &str,
    trip: &TripRow,
    class: Option<VehicleClass>,
    index: &FxHashMap<&str, usize>,
    unknown: &mut Unknown,
) -> Option<Problem> {
    let mut here = &trip.from_node_id;
    let problem = |found: String, wanted: String| Some(at(Problem::new(file, found, wanted).column("route"), trip.row));
    for id in &trip.route {
        let Some(link) = index.get(id.as_str()).map(|i| &scenario.links[*i]) else {
            unknown.add(id, trip.row);
            return None;
        };
        let LinkRow { link_id, from_node_id, to_node_id, .. } = link;
        if from_node_id != here {
            return problem(
                format!("link \"{link_id}\", which leaves node \"{from_node_id}\""),
                format!("a link that leaves node \"{here}\""),
            );
        }
        if class.is_some_and(|class| !link.uses().allows(class)) {
            let uses = link.allowed_uses.join(", ");
            return problem(
                format!("link \"{link_id}\", which allows {uses}"),
                format!("a link that allows {}", trip.vehicle_class),
            );
        }
        here = to_node_id;
    }
    if !trip.route.is_empty() && *here != trip.to_node_id {
        return problem(format!("a route to node \"{here}\""), format!("a route to node \"{}\"", trip.to_node_id));
    }
    None
}
