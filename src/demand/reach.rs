//! Free-flow minutes by road between zones, and between zones and the nodes of hubs.
//!
//! A zone is met at all its nodes: its time is the mean over those that a path joins. A zone pair starts at the zone's
//! centre, the usable node nearest to the zone's position; the time inside a zone is the mean from the centre to its
//! other nodes, or half the time to the nearest other zone where it has no others (usual practice of trip models).

use crate::ids::NodeIx;
use crate::mode::VehicleClass;
use crate::network::Network;
use crate::network::districts::Zone;
use crate::network::roads::Roads;
use crate::units::{MINUTE_MS, Time, distance_m};
use rayon::prelude::*;

/// How zones and a node reach each other.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Minutes by zone; infinite where no path joins.
    pub minutes: Vec<f64>,
    /// The nodes of each zone that a path joins, in index order.
    pub nodes: Vec<Vec<NodeIx>>,
}

impl Reach {
    /// From a node to the zones, or (`to_node`) from the zones to it.
    pub fn new(network: &Network, node: NodeIx, class: VehicleClass, to_node: bool) -> Reach {
        let tree = network.roads.free_flow_tree(node, class, to_node);
        let joined = |zone: &Zone| zone.nodes.iter().copied().filter(|n| tree[n.i()] < Time::NEVER.0).collect();
        let nodes: Vec<Vec<NodeIx>> = network.places.zones.iter().map(joined).collect();
        let minutes = nodes.iter().map(|nodes| mean_minutes(&tree, nodes)).collect();
        Reach { minutes, nodes }
    }
}

/// Mean of a tree's times over nodes that it reaches, minutes; infinite when it reaches none.
fn mean_minutes(tree: &[i64], nodes: &[NodeIx]) -> f64 {
    let (sum, count) =
        nodes.iter().map(|n| tree[n.i()]).filter(|&t| t < Time::NEVER.0).fold((0, 0), |(s, c), t| (s + t, c + 1));
    if count == 0 { f64::INFINITY } else { sum as f64 / f64::from(count) / MINUTE_MS as f64 }
}

/// How readily a catchment thins out: exp(−decay·minutes), 0 where no path leads.
pub fn willingness(decay_per_min: f64, minutes: f64) -> f64 {
    if minutes.is_finite() { libm::exp(-decay_per_min * minutes) } else { 0.0 }
}

/// Nodes of each zone at which a vehicle of the class can both set out and arrive; all of them where it can at none.
pub fn usable_nodes(network: &Network, class: VehicleClass) -> Vec<Vec<NodeIx>> {
    let roads = &network.roads;
    let usable = |n: &NodeIx| {
        let open = |links: &[crate::ids::LinkIx]| links.iter().any(|&l| roads.open_to(l, class));
        open(roads.leaving.at(*n)) && open(roads.reaching.at(*n))
    };
    let of_zone = |zone: &Zone| {
        let nodes: Vec<NodeIx> = zone.nodes.iter().copied().filter(usable).collect();
        if nodes.is_empty() { zone.nodes.clone() } else { nodes }
    };
    network.places.zones.iter().map(of_zone).collect()
}

/// The node nearest to a zone's position, the first of several; `None` for a zone without nodes.
fn centre(roads: &Roads, zone: &Zone, nodes: &[NodeIx]) -> Option<NodeIx> {
    let far = |n: &NodeIx| distance_m(zone.position, roads.node_position[n.i()]);
    nodes.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)))
}

/// Minutes by car from zone `i` to zone `j` at `i * zones + j`; infinite where no path joins. `nodes` are those at which
/// the trips of each zone start and end.
pub fn between_zones(network: &Network, nodes: &[Vec<NodeIx>]) -> Vec<f64> {
    let zones = &network.places.zones;
    let row = |i: usize| -> Vec<f64> {
        let Some(from) = centre(&network.roads, &zones[i], &nodes[i]) else {
            return vec![f64::INFINITY; zones.len()];
        };
        let tree = network.roads.free_flow_tree(from, VehicleClass::Car, false);
        let mut row: Vec<f64> = nodes.iter().map(|nodes| mean_minutes(&tree, nodes)).collect();
        let others: Vec<NodeIx> = nodes[i].iter().copied().filter(|&n| n != from).collect();
        let inside = mean_minutes(&tree, &others);
        row[i] = f64::INFINITY;
        row[i] = if inside.is_finite() { inside } else { row.iter().copied().fold(f64::INFINITY, f64::min) / 2.0 };
        // a lone zone has no neighbour to measure by: its trips stay at the node
        if zones.len() == 1 && !row[i].is_finite() {
            row[i] = 0.0;
        }
        row
    };
    (0..zones.len()).into_par_iter().map(row).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Town;
    use super::*;

    #[test]
    fn free_flow_times_between_zones_add_up_along_the_street() {
        let town = Town::new();
        let nodes = usable_nodes(&town.network, VehicleClass::Car);
        let minutes = between_zones(&town.network, &nodes);
        let zones = town.network.places.zones.len();
        // Zone z has the nodes 2z and 2z+1 of one street, a minute apart, and its centre is 2z: from zone 0 to the nodes
        // of zone 1 it is 2 and 3 minutes, 2.5 on average, and two more for each further zone; inside a zone it is 1.
        assert_eq!(minutes[0], 1.0);
        assert_eq!(minutes[1], 2.5);
        assert_eq!(minutes[4], 8.5);
        // back from the centre of zone 1 to the nodes of zone 0: 2 and 1 minutes
        assert_eq!(minutes[zones], 1.5);
    }

    #[test]
    fn a_zone_without_a_second_node_takes_half_the_way_to_its_neighbour() {
        let mut town = Town::new();
        town.network.places.zones[0].nodes.truncate(1);
        let nodes = usable_nodes(&town.network, VehicleClass::Car);
        assert_eq!(between_zones(&town.network, &nodes)[0], 1.25);
    }

    #[test]
    fn a_zone_behind_a_closed_street_is_out_of_reach() {
        let mut town = Town::new();
        let before = Reach::new(&town.network, NodeIx(0), VehicleClass::Car, false);
        assert!(before.minutes[2].is_finite());
        for link in 0..town.network.roads.links() {
            if town.network.roads.to[link] == NodeIx(4) && town.network.roads.from[link] == NodeIx(3) {
                town.network.roads.capacity_pcu_h[link] = 0.0;
            }
        }
        let after = Reach::new(&town.network, NodeIx(0), VehicleClass::Car, false);
        assert_eq!(willingness(0.0, after.minutes[2]), 0.0);
        assert!(after.nodes[2].is_empty());
        assert_eq!(after.minutes[1], before.minutes[1]);
    }
}
