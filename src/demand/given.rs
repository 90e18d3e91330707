//! Trips that the scenario gives one by one, with or without a route.

use super::frame::Frame;
use super::plan::Route;
use super::{Agent, Class, Place, Purpose, Timing};
use crate::error::{Error, Found, Problem, Result};
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::random::{mix, signature};
use crate::scenario::hubs::Scope;
use crate::units::Time;
use std::sync::Arc;

/// Tells the draw that samples a given trip from all its others.
const GIVEN: u64 = 0x0067_6976_656e;

/// The given trips as agents, in the order of the table; of a sample those with the smallest permanent random numbers, as
/// many as the share asks for. Every n-th trip would follow any pattern that the table has (each tenth a truck).
pub fn given(frame: &Frame) -> Result<Vec<Agent>> {
    let trips = &frame.scenario.trips;
    let resolved = Resolved::new(frame);
    let mut found = Found::default();
    let mut agents = Vec::new();
    if frame.sample >= 1.0 {
        agents.reserve_exact(trips.len());
        agents.extend((0..trips.len()).filter_map(|trip| agent(frame, &resolved, trip, &mut found)));
    } else {
        let number = |i: usize| frame.draws(mix(signature(trips.ids().at(i)), GIVEN)).uniform();
        let mut order: Vec<(f64, usize)> = (0..trips.len()).map(|i| (number(i), i)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order.truncate((trips.len() as f64 * frame.sample).round() as usize);
        order.sort_unstable_by_key(|&(_, i)| i);
        agents.reserve_exact(order.len());
        agents.extend(order.iter().filter_map(|&(_, trip)| agent(frame, &resolved, trip, &mut found)));
    }
    if found.is_empty() { Ok(agents) } else { Err(Error::Problems(found.problems())) }
}

/// The words of the trips on the network, each looked up once.
struct Resolved {
    /// Nodes by their code in the trips.
    nodes: Vec<Option<NodeIx>>,
    /// Links by their code in the trips.
    links: Vec<Option<LinkIx>>,
    /// The routes of all trips on the network.
    routes: Arc<Vec<LinkIx>>,
}

impl Resolved {
    fn new(frame: &Frame) -> Resolved {
        let (trips, names) = (&frame.scenario.trips, &frame.network.names);
        let nodes = trips.nodes().all().iter().map(|id| names.nodes.find(id).map(NodeIx)).collect();
        let links: Vec<_> = trips.links().all().iter().map(|id| names.links.find(id).map(LinkIx)).collect();
        // Codes follow the link table as the network does, so the routes of a file stand as they are. Only for trips
        // that were made in code or that met another network is the array written anew.
        let as_they_are = links.iter().enumerate().all(|(code, link)| link.is_none_or(|link| link.i() == code));
        let routes = match as_they_are {
            true => trips.routes().clone(),
            // What is not in the network stays in a route that is refused.
            false => Arc::new(trips.routes().iter().map(|&code| links[code.i()].unwrap_or(code)).collect()),
        };
        Resolved { nodes, links, routes }
    }
}

fn agent(frame: &Frame, resolved: &Resolved, trip: usize, found: &mut Found) -> Option<Agent> {
    let trips = &*frame.scenario.trips;
    let file = frame.scenario.settings.demand.trips.as_deref().unwrap_or("demand/trips.csv");
    let problem =
        |column: &str, what: String, wanted: &str| Problem::new(file, what, wanted).at(trips.row(trip)).column(column);
    let mut told = Vec::new();
    let mut node = |column: &str, code: u32| {
        let node = resolved.nodes[code as usize];
        if node.is_none() {
            told.push(problem(column, format!("\"{}\"", trips.nodes().word(code)), "a node_id of the network"));
        }
        node
    };
    let [from, to] = trips.ends(trip);
    let (from, to) = (node("from_node_id", from), node("to_node_id", to));
    let vehicle = trips.class(trip);
    if vehicle.is_none() {
        let word = trips.classes().word(trips.class_code(trip));
        told.push(problem("vehicle_class", format!("\"{word}\""), "car, bus, truck or articulated_truck"));
    }
    for code in trips.route(trip).iter().filter(|code| resolved.links[code.i()].is_none()) {
        let word = trips.links().word(code.0);
        told.push(problem("route", format!("\"{word}\""), "link_ids of the network joined by |"));
    }
    let route = Route::shared(&resolved.routes, trips.route_range(trip));
    if told.is_empty()
        && let (Some(from), Some(to)) = (from, to)
        && let Some((what, wanted)) = break_in(frame, &route, from, to)
    {
        told.push(problem("route", what, &wanted));
    }
    if !told.is_empty() {
        found.extend(told);
        return None;
    }
    let (from, to, vehicle) = (from?, to?, vehicle?);
    Some(Agent {
        key: signature(trips.ids().at(trip)),
        class: Class::Background,
        purpose: match vehicle {
            VehicleClass::Car | VehicleClass::Bus => Purpose::Other,
            VehicleClass::Truck | VehicleClass::ArticulatedTruck => Purpose::Freight,
        },
        from: Place::Node(from),
        to: Place::Node(to),
        zone: frame.network.roads.node_zone[from.i()],
        hub: None,
        service: None,
        scope: Scope::Domestic,
        time: Time::from_seconds(trips.departure_s(trip)),
        timing: Timing::SetsOut,
        deadline: None,
        vehicle,
        car: true,
        party: 1,
        drives: true,
        tour: None,
        route: (!route.is_empty()).then_some(route),
        came_by: None,
        slot: None,
    })
}

/// Where a route does not hang together: the link that begins elsewhere and where it should begin, or the wrong end.
fn break_in(frame: &Frame, route: &[LinkIx], from: NodeIx, to: NodeIx) -> Option<(String, String)> {
    let (roads, names) = (&frame.network.roads, &frame.network.names);
    let node = |n: NodeIx| names.nodes.name(n.0);
    let mut at = from;
    for &link in route {
        if roads.from[link.i()] != at {
            let begins = node(roads.from[link.i()]);
            let found = format!("link \"{}\", which leaves node \"{begins}\"", names.links.name(link.0));
            return Some((found, format!("a link that leaves node \"{}\"", node(at))));
        }
        at = roads.to[link.i()];
    }
    let ends_elsewhere = !route.is_empty() && at != to;
    ends_elsewhere.then(|| (format!("a route to node \"{}\"", node(at)), format!("a route to node \"{}\"", node(to))))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Town, link};
    use super::*;
    use crate::scenario::trips::{TripRow, Trips};

    /// Trip, from, to, class, route; row and departure by position.
    type Given<'a> = (&'a str, &'a str, &'a str, &'a str);

    fn trips(rows: &[Given]) -> Arc<Trips> {
        let mut trips = Trips::default();
        for (i, &(from_node_id, to_node_id, vehicle_class, route)) in rows.iter().enumerate() {
            let (trip_id, row) = (&*format!("t{i}"), i as u32 + 2);
            let departure_s = 60.0 * i as f64;
            assert!(trips.push(&TripRow { trip_id, departure_s, from_node_id, to_node_id, vehicle_class, route, row }));
        }
        trips.into()
    }

    #[test]
    fn a_given_trip_keeps_its_time_and_its_route() {
        let mut town = Town::new();
        town.scenario.trips = trips(&[("n0", "n2", "car", "l0-1|l1-2"), ("n3", "n1", "car", "")]);
        let agents = given(&town.frame(1.0)).unwrap();
        assert_eq!(agents[0].route, Some(vec![link(&town, "l0-1"), link(&town, "l1-2")].into()));
        assert_eq!((agents[1].time, agents[1].route.as_ref()), (Time(60_000), None));
        assert_eq!((agents[1].from, agents[1].to), (Place::Node(NodeIx(3)), Place::Node(NodeIx(1))));
        assert_eq!(agents[1].key, signature("t1"));
    }

    #[test]
    fn a_tenth_of_the_trips_follows_no_pattern_of_the_table() {
        let mut town = Town::new();
        // Every tenth trip is a truck: a sample of every tenth would hold all of them or none.
        let class = |i: usize| if i.is_multiple_of(10) { "truck" } else { "car" };
        let rows: Vec<Given> = (0..1000).map(|i| ("n0", "n5", class(i), "")).collect();
        town.scenario.trips = trips(&rows);
        let agents = given(&town.frame(0.1)).unwrap();
        assert_eq!(agents.len(), 100);
        let trucks = agents.iter().filter(|a| a.vehicle == VehicleClass::Truck).count();
        assert!((3..=20).contains(&trucks), "{trucks} trucks of 10 expected");
        assert!(agents.windows(2).all(|pair| pair[0].time < pair[1].time), "the order of the table is kept");
    }

    #[test]
    fn all_wrong_trips_are_told_at_once() {
        let mut town = Town::new();
        town.scenario.trips = trips(&[
            ("nowhere", "n2", "car", ""),
            ("n0", "n2", "car", "l0-1|l4-5"),
            ("n0", "n3", "car", "l0-1|l1-2"),
            ("n0", "n1", "car", "bridge"),
            ("n0", "n1", "tank", ""),
        ]);
        let Err(Error::Problems(problems)) = given(&town.frame(1.0)) else { panic!("problems") };
        let told: Vec<_> = problems.iter().map(|p| (p.row, p.column.as_deref())).collect();
        let route = Some("route");
        let columns = [Some("from_node_id"), route, route, route, Some("vehicle_class")];
        assert_eq!(told, columns.iter().enumerate().map(|(i, &c)| (Some(i as u32 + 2), c)).collect::<Vec<_>>());
    }
}
