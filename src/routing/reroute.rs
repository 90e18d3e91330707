//! Routes for vehicles under way: what the mobsim may ask for within the day, and what answers it.
//!
//! The mobsim knows this trait only; `run` hands it something that implements it. Asked with the same snapshot of link
//! times, the same vehicle is told the same route, whoever asks and whatever was asked before.

use super::bounds::{Bounds, LANES, hierarchy_of};
use super::potentials::Bound;
use super::road::{RoadScratch, Roadway};
use super::streets::{Snapshot, Streets};
use super::trade::Trade;
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::Network;
use std::sync::{Arc, OnceLock};

/// A vehicle under way that asks how to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The link that it is on; it goes on from that link's end, by turns that are allowed from there.
    pub on: LinkIx,
    /// Where it wants to be.
    pub to: Goal,
    /// Its class.
    pub class: VehicleClass,
}

/// Where a vehicle under way wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// At a node, from whichever side.
    Node(NodeIx),
    /// At the end of a link, the last of its route.
    Link(LinkIx),
}

/// Finds routes for vehicles under way on a snapshot of link times.
pub trait Reroute: Send + Sync {
    /// The fastest way from the end of the link that the vehicle is on, if each link took what the snapshot tells for as
    /// long as the way lasts (milliseconds by [`LinkIx`]; free flow where it tells less). The links after the one that
    /// the vehicle is on are put into `route`, none where it is already there; the answer is their time in milliseconds,
    /// turn penalties included, or `None` when no open road leads there (then `route` is empty).
    fn reroute(&self, ask: Ask, snapshot_ms: &[u32], scratch: &mut Scratch, route: &mut Vec<LinkIx>) -> Option<i64>;
}

/// Memory of the searches of one thread.
#[derive(Clone, Debug, Default)]
pub struct Scratch(RoadScratch);

/// The road search on a snapshot, with bounds of free flow: a vehicle is never faster than that, so the bounds hold for
/// every snapshot, and nothing is prepared anew when one is published.
pub struct Underway {
    network: Arc<Network>,
    /// Roads and bounds by class, made when the first vehicle of the class asks.
    ways: [OnceLock<(Streets, Arc<Bounds>)>; VehicleClass::ALL.len()],
}

impl Underway {
    /// Searches on a network.
    pub fn new(network: Arc<Network>) -> Underway {
        Underway { network, ways: [const { OnceLock::new() }; VehicleClass::ALL.len()] }
    }

    fn ways(&self, class: VehicleClass) -> &(Streets, Arc<Bounds>) {
        self.ways[class as usize].get_or_init(|| {
            let roads = &self.network.roads;
            let streets = Streets::new(roads, class);
            let hierarchy = Arc::new(hierarchy_of(&streets, &roads.node_position));
            let bounds = Bounds::new(&hierarchy, &streets, [Trade::TIME_ONLY; LANES], |hop| hop.figures.free_ms);
            (streets, Arc::new(bounds))
        })
    }
}

impl Reroute for Underway {
    fn reroute(&self, ask: Ask, snapshot_ms: &[u32], scratch: &mut Scratch, route: &mut Vec<LinkIx>) -> Option<i64> {
        let (streets, bounds) = self.ways(ask.class);
        let roadway = Roadway { streets, times: &Snapshot(snapshot_ms) };
        match ask.to {
            Goal::Node(node) => roadway.route_on(ask.on, node, Bound::Climb(bounds), &mut scratch.0, route),
            Goal::Link(last) => {
                let tail = self.network.roads.from[last.i()];
                roadway.route_onto(ask.on, last, tail, Bound::Climb(bounds), &mut scratch.0, route)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::{CENTRE, link, node, north, scenario};
    use crate::network::movements::{Movements, Turn};

    /// Four nodes 900 m apart on a line, joined both ways, and a long way round from the first to the last.
    fn line() -> Network {
        let mut s = scenario();
        s.nodes = (0..4).map(|n| node(&format!("n{n}"), north(CENTRE, 900.0 * f64::from(n)))).collect();
        let pair = |a: u32, b: u32| {
            let id = |x: u32, y: u32| link(&format!("{x}-{y}"), &format!("n{x}"), &format!("n{y}"));
            [id(a, b), id(b, a)]
        };
        s.links = [pair(0, 1), pair(1, 2), pair(2, 3), pair(1, 3)].concat();
        s.links[6].length_m = 5_000.0;
        Network::build(&s).expect("a line")
    }

    fn asked(network: Network, snapshot_ms: &[u32]) -> Option<(i64, Vec<u32>)> {
        let last = NodeIx(3);
        let ask = Ask { on: LinkIx(0), to: Goal::Node(last), class: VehicleClass::Car };
        let mut route = Vec::new();
        let ms = Underway::new(Arc::new(network)).reroute(ask, snapshot_ms, &mut Scratch::default(), &mut route)?;
        Some((ms, route.iter().map(|l| l.0).collect()))
    }

    #[test]
    fn the_way_round_is_taken_when_the_snapshot_makes_it_faster() {
        let free = line();
        let free_ms = |l: u32| free.roads.free_flow_ms(LinkIx(l), VehicleClass::Car);
        assert_eq!(asked(line(), &[0; 8]), Some((free_ms(2) + free_ms(4), vec![2, 4])));
        let mut snapshot = [0; 8];
        snapshot[4] = 10_000_000;
        assert_eq!(asked(line(), &snapshot), Some((free_ms(6), vec![6])));
    }

    #[test]
    fn a_turn_that_is_forbidden_is_not_made_and_one_with_a_penalty_costs_it() {
        let turn = |from, to, allowed, penalty_s| {
            let (from, to) = (LinkIx(from), LinkIx(to));
            Turn { from, to, allowed, bay: None, signal: None, capacity_pcu_h: None, penalty_s }
        };
        let mut network = line();
        let free_ms = network.roads.free_flow_ms(LinkIx(6), VehicleClass::Car);
        let turns = vec![turn(0, 2, false, 0.0), turn(0, 6, true, 7.0)];
        network.roads.movements = Movements { turns, ..Movements::default() };
        assert_eq!(asked(network, &[0; 8]), Some((free_ms + 7_000, vec![6])));
    }

    #[test]
    fn nobody_finds_a_way_over_closed_links() {
        let mut network = line();
        network.roads.capacity_pcu_h[4] = 0.0;
        network.roads.capacity_pcu_h[6] = 0.0;
        assert_eq!(asked(network, &[0; 8]), None);
    }
}
