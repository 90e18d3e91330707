//! Whether the road network reaches what the demand needs: zones from and to everywhere, kerbs, forecourts and gates of
//! the hubs. What it does not reach is a problem before anything is simulated.

use super::Network;
use super::build::{Files, quoted};
use super::topology::Topology;
use crate::error::Problem;
use crate::ids::NodeIx;
use crate::mode::VehicleClass;
use crate::scenario::Scenario;
use crate::units::Time;

/// Zones and hubs that vehicles cannot reach or leave. Zones count only where trips between any two may arise (residents,
/// users of hubs); trips that are given one by one need their own way only. A network without roads is for other modes.
pub(super) fn problems(network: &Network, scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    if scenario.settings.demand.residents.is_none() && network.hubs.hubs.is_empty() {
        return problems;
    }
    let Some(cars) = Reach::new(network, VehicleClass::Car) else { return problems };
    for ((zone, row), place) in scenario.zones.iter().map(|row| (&row.zone_id, row.row)).zip(&network.places.zones) {
        if place.nodes.iter().any(|&n| !(cars.comes_to(n) && cars.goes_from(n))) {
            let wanted = "nodes that cars reach from the main network and that lead back to it";
            problems.push(Problem::new(Files(scenario).zones(), quoted(zone), wanted).at(row).column("zone_id"));
        }
    }
    for (hub, file) in network.hubs.hubs.iter().zip(&scenario.hubs) {
        let mut told = |node: Option<NodeIx>, key: &str, reached: &dyn Fn(NodeIx) -> bool, wanted: &str| {
            if let Some(node) = node.filter(|&n| !reached(n)) {
                let found = quoted(network.names.nodes.name(node.0));
                problems.push(Problem::new(&file.path, found, wanted).column(key));
            }
        };
        told(hub.drop_off, "access.drop_off_node", &|n| cars.comes_to(n), "a node that cars reach");
        told(hub.pick_up, "access.pick_up_node", &|n| cars.goes_from(n), "a node from which cars get away");
        if let Some(trucks) = Reach::new(network, hub.truck_class) {
            told(hub.truck_in, "access.truck_in_node", &|n| trucks.comes_to(n), "a node that trucks reach");
            told(hub.truck_out, "access.truck_out_node", &|n| trucks.goes_from(n), "a node from which trucks get away");
        }
    }
    problems
}

/// What vehicles of a class reach from the main network, and from where they get back to it.
struct Reach {
    to: Vec<i64>,
    back: Vec<i64>,
}

impl Reach {
    /// `None` when no link is open to the class.
    fn new(network: &Network, class: VehicleClass) -> Option<Reach> {
        let parts = Topology::new(&network.roads, class).strong_components();
        let main = *parts.first()?.first()?;
        let tree = |reverse| network.roads.free_flow_tree(main, class, reverse);
        Some(Reach { to: tree(false), back: tree(true) })
    }

    fn comes_to(&self, node: NodeIx) -> bool {
        self.to[node.i()] < Time::NEVER.0
    }

    fn goes_from(&self, node: NodeIx) -> bool {
        self.back[node.i()] < Time::NEVER.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::{CENTRE, district, hub, link, node, north, scenario, zone};

    /// A two-way street a–b, a node c that a one-way link reaches, and a hub whose kerb ends there.
    fn street() -> Scenario {
        let mut s = scenario();
        s.districts = vec![district("d", CENTRE, 0.1)];
        s.nodes = ["a", "b", "c"].iter().enumerate().map(|(i, n)| node(n, north(CENTRE, 500.0 * i as f64))).collect();
        s.links = vec![link("ab", "a", "b"), link("ba", "b", "a"), link("bc", "b", "c")];
        s.hubs = vec![hub(r#"
            hub_id = "h"
            name = "h"
            name_en = "h"
            kind = "airport"
            district_id = "d"
            x_coord = 113.3
            y_coord = 23.1
            schedule = "hubs/h.csv"
            access = { drop_off_node = "c", pick_up_node = "b", truck_in_node = "c", truck_out_node = "a" }
            "#)];
        s
    }

    #[test]
    fn a_kerb_may_be_a_dead_end_but_a_forecourt_needs_a_way_out() {
        let mut s = street();
        assert!(Network::build(&s).is_ok());
        s.hubs[0].access.pick_up_node = Some("c".into());
        let told = Network::build(&s).expect_err("no way out").to_string();
        assert!(told.contains("[access.pick_up_node]: found \"c\", wanted a node from which cars get away"), "{told}");
    }

    #[test]
    fn a_gate_behind_a_road_without_trucks_is_not_reached() {
        let mut s = street();
        s.links[2].allowed_uses = vec!["auto".into()];
        let told = Network::build(&s).expect_err("no way in for trucks").to_string();
        assert!(told.contains("[access.truck_in_node]: found \"c\""), "{told}");
    }

    #[test]
    fn a_zone_at_the_end_of_a_one_way_road_is_told_where_people_live_in_it() {
        let mut s = street();
        s.zones = vec![zone("z", "d", CENTRE)];
        s.nodes[2].zone_id = Some("z".into());
        let told = Network::build(&s).expect_err("no way back").to_string();
        assert!(told.contains("demand/zones.csv:2 [zone_id]: found \"z\""), "{told}");
        // Without hubs and residents only given trips run, which need their own way only.
        s.hubs.clear();
        assert!(Network::build(&s).is_ok());
    }
}
