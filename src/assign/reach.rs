//! Which pairs of zones have a path at all.

use super::network::{PairTrips, StaticNetwork, Trips};
use crate::error::Problem;
use crate::ids::LinkIx;

/// Most pairs without a path that are told one by one.
const MOST: usize = 1_000;

/// The trips between which a path leads, and the others. Trips within a zone need none.
pub(super) fn split(network: &StaticNetwork, trips: &Trips) -> (Trips, Vec<PairTrips>) {
    let mut leaving: Vec<Vec<LinkIx>> = vec![Vec::new(); network.nodes];
    for (link, given) in network.links.iter().enumerate() {
        leaving[given.from.i()].push(LinkIx::from(link));
    }
    let (mut reached, mut unreachable) = (Trips::default(), Vec::new());
    // Which origin reached a node last.
    let mut by = vec![u32::MAX; network.nodes];
    let mut stack = Vec::new();
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
                unreachable.push(*pair);
            }
        }
    }
    (reached, unreachable)
}

/// Pairs without a path as problems, numbered as files number zones: from 1.
pub(super) fn problems(pairs: &[PairTrips]) -> Vec<Problem> {
    let one = |pair: &PairTrips| {
        let found = format!("{} trips from zone {} to zone {}", pair.trips, pair.origin.0 + 1, pair.destination.0 + 1);
        Problem::new("trips", found, "a path between them")
    };
    let mut told: Vec<Problem> = pairs.iter().take(MOST).map(one).collect();
    if pairs.len() > MOST {
        let rest = &pairs[MOST..];
        let trips: f64 = rest.iter().map(|p| p.trips).sum();
        told.push(Problem::new("trips", format!("{trips} trips of {} pairs more", rest.len()), "a path between them"));
    }
    told
}
