//! Which pairs of zones have a path at all.

use super::network::{PairTrips, StaticNetwork, Trips};
use crate::error::Problem;
use crate::ids::{LinkIx, NodeIx, ZoneIx};

/// Most pairs without a path that are told one by one.
const MOST: usize = 1_000;

/// The trips between which a path leads, and the places of the others in the table. Trips within a zone need none.
pub(super) fn split(network: &StaticNetwork, trips: &Trips) -> (Trips, Vec<usize>) {
    let mut leaving: Vec<Vec<LinkIx>> = vec![Vec::new(); network.nodes];
    for (link, given) in network.links.iter().enumerate().filter(|(_, l)| !l.cost.is_closed()) {
        leaving[given.from.i()].push(LinkIx::from(link));
    }
    let (mut reached, mut unreachable) = (Trips::default(), Vec::new());
    // Which origin reached a node last.
    let mut by = vec![u32::MAX; network.nodes];
    let (mut stack, mut place) = (Vec::new(), 0);
    for block in trips.pairs().chunk_by(|a, b| a.origin == b.origin) {
        let origin = block[0].origin;
        by[origin.i()] = origin.0;
        stack.push(origin.i());
        while let Some(node) = stack.pop() {
            if node < network.first_thru_node && node != origin.i() {
                continue;
            }
            for link in &leaving[node] {
                let to = network.links[link.i()].to.i();
                if by[to] != origin.0 {
                    by[to] = origin.0;
                    stack.push(to);
                }
            }
        }
        for pair in block {
            if by[pair.destination.i()] == origin.0 {
                reached.pairs.push(*pair);
            } else {
                unreachable.push(place);
            }
            place += 1;
        }
    }
    (reached, unreachable)
}

/// Pairs without a path as problems, with the numbers that the file has for zones.
pub(super) fn problems(network: &StaticNetwork, trips: &Trips, places: &[usize]) -> Vec<Problem> {
    let zone = |zone: ZoneIx| network.number(NodeIx(zone.0));
    let wanted = "a path between them (--allow-unreachable leaves such trips out)";
    let one = |place: &usize| {
        let PairTrips { origin, destination, trips: count } = trips.pairs[*place];
        let found = format!("{count} trips from zone {} to zone {}", zone(origin), zone(destination));
        let problem = Problem::new(trips.file.clone(), found, wanted);
        trips.lines.get(*place).map_or(problem.clone(), |line| problem.at(*line))
    };
    let mut told: Vec<Problem> = places.iter().take(MOST).map(one).collect();
    if places.len() > MOST {
        let rest = &places[MOST..];
        let count: f64 = rest.iter().map(|place| trips.pairs[*place].trips).sum();
        let found = format!("{count} trips of {} pairs more", rest.len());
        told.push(Problem::new(trips.file.clone(), found, wanted));
    }
    told
}
