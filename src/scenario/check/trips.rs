//! Trips given one by one: ids that exist, routes that hang together, moments of the day.
//!
//! Words are looked up once each; rows compare codes. A million trips of 28 links are checked in about 0.2 s.

use super::super::Scenario;
use super::super::trips::Trips;
use super::links::{day, outside_the_day};
use super::movements::Turns;
use super::{Known, Unknown, at};
use crate::error::{Found, Problem, shown};
use crate::ids::LinkIx;
use crate::mode::VehicleClass;
use crate::units::Time;

/// Checks the trips given one by one.
pub(super) fn trips(scenario: &Scenario, known: &Known) -> Vec<Problem> {
    let Some(file) = &scenario.settings.demand.trips else { return Vec::new() };
    let trips = &*scenario.trips;
    let mut found = Found::default();
    for (trip, first) in trips.ids().repeated() {
        let wanted = format!("ids that are unique; row {} has it already", trips.row(first));
        let problem = Problem::new(file, format!("\"{}\" again", shown(trips.ids().at(trip))), wanted);
        found.push(at(problem.column("trip_id"), trips.row(trip)));
    }
    let mut unknown = Strangers::new(file);
    let network = Coded::new(scenario, known);
    for trip in 0..trips.len() {
        one(&Checked { file, scenario, network: &network, trip }, &mut unknown, &mut found);
    }
    if let Some((start, end)) = day(scenario) {
        let moments = (0..trips.len()).map(|t| (trips.departure_s(t), trips.row(t)));
        let outside = moments.filter(|(s, _)| !s.is_nan() && !(start..end).contains(&Time::from_seconds(*s)));
        found.extend(outside_the_day(file, "departure_s", (start, end), outside));
    }
    let mut problems = found.problems();
    for end in unknown.ends {
        problems.extend(end.problems(known.nodes.iter().flatten().copied()));
    }
    problems.extend(unknown.classes.problems(VehicleClass::ALL.map(VehicleClass::word)));
    problems.extend(unknown.links.problems(scenario.links.iter().map(|l| l.link_id.as_str())));
    problems
}

/// Words of trips that lead nowhere.
struct Strangers {
    ends: [Unknown; 2],
    classes: Unknown,
    links: Unknown,
}

impl Strangers {
    fn new(file: &str) -> Strangers {
        let words = VehicleClass::ALL.map(VehicleClass::word).join(", ");
        Strangers {
            ends: ["from_node_id", "to_node_id"].map(|c| Unknown::new(file, c, "a node_id of node.csv")),
            classes: Unknown::new(file, "vehicle_class", &format!("one of {words}")),
            links: Unknown::new(file, "route", "link ids of link.csv joined by |"),
        }
    }
}

/// A link by its code in the trips.
#[derive(Clone, Copy)]
struct CodedLink {
    /// Position in the link table.
    position: usize,
    /// Codes of its nodes.
    from: u32,
    to: u32,
    /// By class of vehicle.
    allows: [bool; 4],
}

/// The network in the codes of the trips.
struct Coded<'a> {
    /// Whether a node exists, by code; `None` when the nodes could not be read.
    nodes: Option<Vec<bool>>,
    /// Links by code, `None` for those that do not exist; `None` when the links could not be read.
    links: Option<Vec<Option<CodedLink>>>,
    /// Turns that movements allow; `None` when there are no movements.
    turns: Option<Turns<'a>>,
}

impl<'a> Coded<'a> {
    fn new(scenario: &'a Scenario, known: &Known) -> Coded<'a> {
        let trips = &scenario.trips;
        // A node that no trip and no node table names is nobody's; links there are told on their own.
        let node = |id: &str| trips.nodes().find(id).unwrap_or(u32::MAX);
        let link = |position: usize| {
            let row = &scenario.links[position];
            let allows = VehicleClass::ALL.map(|class| row.uses().allows(class));
            CodedLink { position, from: node(&row.from_node_id), to: node(&row.to_node_id), allows }
        };
        let nodes = known.nodes.as_ref();
        let links = known.links.as_ref();
        let movements = &scenario.control.movements;
        Coded {
            turns: (!movements.is_empty()).then(|| Turns::new(movements)),
            nodes: nodes.map(|known| trips.nodes().all().iter().map(|id| known.contains(id)).collect()),
            links: links.map(|known| trips.links().all().iter().map(|id| known.get(id).copied().map(link)).collect()),
        }
    }
}

/// One trip under check.
struct Checked<'a> {
    file: &'a str,
    scenario: &'a Scenario,
    network: &'a Coded<'a>,
    trip: usize,
}

impl<'a> Checked<'a> {
    fn trips(&self) -> &'a Trips {
        &self.scenario.trips
    }

    fn problem(&self, column: &str, found: String, wanted: String) -> Problem {
        at(Problem::new(self.file, found, wanted).column(column), self.trips().row(self.trip))
    }
}

/// Finds what is wrong with one trip.
fn one(checked: &Checked, unknown: &mut Strangers, found: &mut Found) {
    let (trips, trip) = (checked.trips(), checked.trip);
    let (ends, row) = (trips.ends(trip), trips.row(trip));
    let mut known_ends = true;
    if let Some(nodes) = &checked.network.nodes {
        for (end, node) in unknown.ends.iter_mut().zip(ends).filter(|(_, node)| !nodes[*node as usize]) {
            end.add(trips.nodes().word(node), row);
            known_ends = false;
        }
    }
    if trips.class(trip).is_none() {
        unknown.classes.add(trips.classes().word(trips.class_code(trip)), row);
    }
    if known_ends && ends[0] == ends[1] {
        let same = format!("\"{}\", where the trip also begins", trips.nodes().word(ends[1]));
        found.push(checked.problem("to_node_id", same, "another node".into()));
    }
    match (&checked.network.links, known_ends) {
        (None, _) => {}
        (Some(links), true) => found.extend(route(checked, links, &mut unknown.links)),
        // From or to nowhere no route hangs together; only its links can be wrong besides.
        (Some(links), false) => {
            let stranger = trips.route(trip).iter().find(|l| links[l.i()].is_none());
            stranger.iter().for_each(|l| unknown.links.add(trips.links().word(l.0), row));
        }
    }
}

/// The first thing wrong with a given route.
fn route(checked: &Checked, links: &[Option<CodedLink>], unknown: &mut Unknown) -> Option<Problem> {
    let (trips, trip) = (checked.trips(), checked.trip);
    let [mut here, to] = trips.ends(trip);
    let class = trips.class(trip);
    let name = |node: u32| trips.nodes().word(node);
    for &code in trips.route(trip) {
        let Some(link) = &links[code.i()] else {
            unknown.add(trips.links().word(code.0), trips.row(trip));
            return None;
        };
        if link.from != here || class.is_some_and(|class| !link.allows[class as usize]) {
            let row = &checked.scenario.links[link.position];
            let (found, wanted) = if link.from != here {
                (format!("leaves node \"{}\"", row.from_node_id), format!("leaves node \"{}\"", name(here)))
            } else {
                let class = trips.classes().word(trips.class_code(trip));
                (format!("allows {}", row.allowed_uses.join(", ")), format!("allows {class}"))
            };
            let found = format!("link \"{}\", which {found}", row.link_id);
            return Some(checked.problem("route", found, format!("a link that {wanted}")));
        }
        here = link.to;
    }
    let ends_elsewhere = !trips.route(trip).is_empty() && here != to;
    if ends_elsewhere && here != u32::MAX {
        let [found, wanted] = [here, to].map(|node| format!("a route to node \"{}\"", name(node)));
        return Some(checked.problem("route", found, wanted));
    }
    turn(checked)
}

/// The first turn of a given route that movements do not allow.
fn turn(checked: &Checked) -> Option<Problem> {
    let (trips, turns) = (checked.trips(), checked.network.turns.as_ref()?);
    let word = |link: LinkIx| trips.links().word(link.0);
    let pairs = trips.route(checked.trip).windows(2).map(|pair| (word(pair[0]), word(pair[1])));
    let (from, to) = pairs.into_iter().find(|(from, to)| !turns.allow(from, to))?;
    let found = format!("a turn from link \"{from}\" into \"{to}\"");
    Some(checked.problem("route", found, "turns that movement.csv allows".into()))
}
