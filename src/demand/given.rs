//! Trips that the scenario gives one by one, with or without a route.

use super::frame::Frame;
use super::{Agent, Class, Place, Purpose, Timing};
use crate::error::{Error, Problem, Result};
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::random::{mix, signature};
use crate::scenario::hubs::Scope;
use crate::scenario::tables::TripRow;
use crate::units::Time;

/// Tells the draw that samples a given trip from all its others.
const GIVEN: u64 = 0x0067_6976_656e;

/// The given trips as agents, in the order of the table; of a sample those with the smallest permanent random numbers, as
/// many as the share asks for. Every n-th trip would follow any pattern that the table has (each tenth a truck).
pub fn given(frame: &Frame) -> Result<Vec<Agent>> {
    let trips = &frame.scenario.trips;
    let (mut agents, mut problems) = (Vec::new(), Vec::new());
    let mut sampled = vec![frame.sample >= 1.0; trips.len()];
    if frame.sample < 1.0 {
        let number = |i: usize| frame.draws(mix(signature(&trips[i].trip_id), GIVEN)).uniform();
        let mut order: Vec<(f64, usize)> = (0..trips.len()).map(|i| (number(i), i)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let count = (trips.len() as f64 * frame.sample).round() as usize;
        order.iter().take(count).for_each(|&(_, i)| sampled[i] = true);
    }
    for (trip, _) in trips.iter().zip(sampled).filter(|(_, sampled)| *sampled) {
        agents.extend(agent(frame, trip, &mut problems));
    }
    if problems.is_empty() { Ok(agents) } else { Err(Error::Problems(problems)) }
}

fn agent(frame: &Frame, trip: &TripRow, problems: &mut Vec<Problem>) -> Option<Agent> {
    let before = problems.len();
    let names = &frame.network.names;
    let file = frame.scenario.settings.demand.trips.as_deref().unwrap_or("demand/trips.csv");
    let mut unknown = |column: &str, word: &str, wanted: &str| {
        problems.push(Problem::new(file, format!("\"{word}\""), wanted).at(trip.row).column(column));
    };
    let mut node = |column: &str, name: &str| {
        let found = names.nodes.find(name).map(NodeIx);
        if found.is_none() {
            unknown(column, name, "a node_id of the network");
        }
        found
    };
    let (from, to) = (node("from_node_id", &trip.from_node_id), node("to_node_id", &trip.to_node_id));
    let vehicle = VehicleClass::from_word(&trip.vehicle_class);
    if vehicle.is_none() {
        unknown("vehicle_class", &trip.vehicle_class, "car, bus, truck or articulated_truck");
    }
    let route: Vec<LinkIx> = trip
        .route
        .iter()
        .filter_map(|name| {
            let found = names.links.find(name).map(LinkIx);
            if found.is_none() {
                unknown("route", name, "link_ids of the network joined by |");
            }
            found
        })
        .collect();
    if problems.len() > before {
        return None;
    }
    let (from, to, vehicle) = (from?, to?, vehicle?);
    if let Some((found, wanted)) = break_in(frame, &route, from, to) {
        problems.push(Problem::new(file, found, wanted).at(trip.row).column("route"));
        return None;
    }
    Some(Agent {
        key: signature(&trip.trip_id),
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
        time: Time::from_seconds(trip.departure_s),
        timing: Timing::SetsOut,
        deadline: None,
        vehicle,
        car: true,
        party: 1,
        drives: true,
        route: (!route.is_empty()).then_some(route),
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

    fn row(id: usize, from: &str, to: &str, route: &[&str]) -> TripRow {
        TripRow {
            trip_id: format!("t{id}"),
            departure_s: 60.0 * id as f64,
            from_node_id: from.into(),
            to_node_id: to.into(),
            vehicle_class: "car".into(),
            route: route.iter().map(ToString::to_string).collect(),
            row: id as u32 + 2,
        }
    }

    #[test]
    fn a_given_trip_keeps_its_time_and_its_route() {
        let mut town = Town::new();
        town.scenario.trips = vec![row(0, "n0", "n2", &["l0-1", "l1-2"]), row(1, "n3", "n1", &[])];
        let agents = given(&town.frame(1.0)).unwrap();
        assert_eq!(agents[0].route, Some(vec![link(&town, "l0-1"), link(&town, "l1-2")]));
        assert_eq!((agents[1].time, agents[1].route.as_ref()), (Time(60_000), None));
        assert_eq!((agents[1].from, agents[1].to), (Place::Node(NodeIx(3)), Place::Node(NodeIx(1))));
        assert_eq!(agents[1].key, signature("t1"));
    }

    #[test]
    fn a_tenth_of_the_trips_follows_no_pattern_of_the_table() {
        let mut town = Town::new();
        // Every tenth trip is a truck: a sample of every tenth would hold all of them or none.
        town.scenario.trips = (0..1000)
            .map(|i| TripRow {
                vehicle_class: if i % 10 == 0 { "truck" } else { "car" }.into(),
                ..row(i, "n0", "n5", &[])
            })
            .collect();
        let agents = given(&town.frame(0.1)).unwrap();
        assert_eq!(agents.len(), 100);
        let trucks = agents.iter().filter(|a| a.vehicle == VehicleClass::Truck).count();
        assert!((3..=20).contains(&trucks), "{trucks} trucks of 10 expected");
        assert!(agents.windows(2).all(|pair| pair[0].time < pair[1].time), "the order of the table is kept");
    }

    #[test]
    fn all_wrong_trips_are_told_at_once() {
        let mut town = Town::new();
        town.scenario.trips = vec![
            row(0, "nowhere", "n2", &[]),
            row(1, "n0", "n2", &["l0-1", "l4-5"]),
            row(2, "n0", "n3", &["l0-1", "l1-2"]),
            row(3, "n0", "n1", &["bridge"]),
            TripRow { vehicle_class: "tank".into(), ..row(4, "n0", "n1", &[]) },
        ];
        let Err(Error::Problems(problems)) = given(&town.frame(1.0)) else { panic!("problems") };
        let told: Vec<_> = problems.iter().map(|p| (p.row, p.column.as_deref())).collect();
        let route = Some("route");
        let columns = [Some("from_node_id"), route, route, route, Some("vehicle_class")];
        assert_eq!(told, columns.iter().enumerate().map(|(i, &c)| (Some(i as u32 + 2), c)).collect::<Vec<_>>());
    }
}
