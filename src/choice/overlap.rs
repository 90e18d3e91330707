//! Routes with errors of their own, and what they share: path-size logit [Ben-Akiva and Bierlaire 1999].
//!
//! Off unless `choice.route_scale_per_cny` is set; then a traveller does not only take the cheapest route. The choice set of
//! an agent is what is known of its pair of nodes: the routes that anybody drives there now, and the best response to the
//! day. Each has a frozen Gumbel error, keyed by the agent and the ids of its links, and ln PS in its favour:
//! PS_r = Σ_a (l_a / L_r) / (routes of the set that pass a), 1 for a route that shares nothing and 1/n for n that are the
//! same. A variant that leaves the links of a route alone leaves its error alone.

use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Demand, Place};
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::Network;
use crate::random::{Draws, Purpose, mix, signature};

/// Most routes of a pair that are known, those that most people drive.
const KNOWN: usize = 8;

/// Taste for routes.
#[derive(Clone, Debug)]
pub(super) struct RouteTaste {
    seed: u64,
    scale_per_cny: f64,
    /// Signature of the id by link.
    signature: Vec<u64>,
    length_m: Vec<f64>,
}

/// From where to where, and in what.
pub(super) type Pair = (NodeIx, NodeIx, VehicleClass);

/// The routes that are driven now, pair by pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Sorted by pair, those that most drive first.
    routes: Vec<(Pair, Vec<LinkIx>)>,
}

impl RouteTaste {
    /// Of a scale per yuan; `None` where routes have no errors.
    pub fn new(network: &Network, scale_per_cny: f64, seed: u64) -> Option<RouteTaste> {
        let names = network.names.links.all();
        let signature = |l: usize| names.get(l).map_or(l as u64, |name| signature(name));
        (scale_per_cny > 0.0).then(|| RouteTaste {
            seed,
            scale_per_cny,
            signature: (0..network.roads.links()).map(signature).collect(),
            length_m: network.roads.length_m.clone(),
        })
    }

    /// What is added to the cost of each route of a set, yuan for an agent of so many persons.
    pub fn added_cny(&self, key: u64, persons: f64, routes: &[&[LinkIx]]) -> Vec<f64> {
        let mut passed: Vec<LinkIx> = routes.concat();
        passed.sort_unstable();
        let count = |link: LinkIx| {
            let from = passed.partition_point(|&l| l < link);
            passed[from..].iter().take_while(|&&l| l == link).count() as f64
        };
        let added = |route: &&[LinkIx]| {
            let all_m: f64 = route.iter().map(|l| self.length_m[l.i()]).sum();
            let own_m: f64 = route.iter().map(|l| self.length_m[l.i()] / count(*l)).sum();
            let path_size = if all_m > 0.0 { own_m / all_m } else { 1.0 };
            let entity = route.iter().fold(key, |entity, l| mix(entity, self.signature[l.i()]));
            let error = Draws::new(self.seed, Purpose::ErrorTerm, entity, 1).gumbel();
            -persons * (libm::log(path_size) + error) / self.scale_per_cny
        };
        routes.iter().map(added).collect()
    }
}

impl Known {
    /// The routes of plans that drive from door to door.
    pub fn new(demand: &Demand, plans: &[Option<Plan>]) -> Known {
        let mut all: Vec<(Pair, &[LinkIx])> = Vec::new();
        for (agent, plan) in demand.agents.iter().zip(plans) {
            if let (Some(pair), Some(route)) = (pair(agent), plan.as_ref().and_then(route_of)) {
                all.push((pair, route));
            }
        }
        all.sort_unstable();
        let mut routes = Vec::new();
        for same_pair in all.chunk_by(|a, b| a.0 == b.0) {
            let mut counted: Vec<(usize, &[LinkIx])> =
                same_pair.chunk_by(|a, b| a.1 == b.1).map(|same| (same.len(), same[0].1)).collect();
            counted.sort_by_key(|route| std::cmp::Reverse(route.0));
            routes.extend(counted.iter().take(KNOWN).map(|(_, route)| (same_pair[0].0, route.to_vec())));
        }
        Known { routes }
    }

    /// The routes that are driven by a pair.
    pub fn of(&self, pair: Pair) -> impl Iterator<Item = &[LinkIx]> {
        let from = self.routes.partition_point(|route| route.0 < pair);
        self.routes[from..].iter().take_while(move |route| route.0 == pair).map(|route| &route.1[..])
    }
}

/// The nodes of an agent that drives between two of them.
fn pair(agent: &Agent) -> Option<Pair> {
    match (agent.from, agent.to) {
        (Place::Node(from), Place::Node(to)) => Some((from, to, agent.vehicle)),
        _ => None,
    }
}

/// The route of a plan that is one drive.
pub(super) fn route_of(plan: &Plan) -> Option<&[LinkIx]> {
    if plan.mode.rides_lines() {
        return None;
    }
    plan.legs.iter().find_map(|leg| if let Leg::Drive { route } = leg { Some(&route[..]) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::toy;

    fn taste(lengths_m: &[f64]) -> RouteTaste {
        let signature = (0..lengths_m.len() as u64).map(|l| mix(l, 9)).collect();
        RouteTaste { seed: 3, scale_per_cny: 0.5, signature, length_m: lengths_m.to_vec() }
    }

    #[test]
    fn two_routes_that_share_most_of_their_way_count_for_little_more_than_one() {
        // Route A: link 0, 10 km. B and C share link 1 (9 km) and end on links 2 and 3 (1 km each): PS of A is 1, of B and C
        // 9/10/2 + 1/10 = 0.55. All cost the same: P = PS / Σ PS: 1/2.1 = 0.4762 for A and 0.2619 for B and C each; without
        // the term a third each.
        let taste = taste(&[10_000.0, 9_000.0, 1_000.0, 1_000.0]);
        let routes: [&[LinkIx]; 3] = [&[LinkIx(0)], &[LinkIx(1), LinkIx(2)], &[LinkIx(1), LinkIx(3)]];
        let n = 40_000;
        let mut counts = [0; 3];
        for key in 0..n {
            let added = taste.added_cny(key, 1.0, &routes);
            let best = (0..3).min_by(|&a, &b| added[a].total_cmp(&added[b])).expect("three");
            counts[best] += 1;
        }
        for (count, wanted) in counts.into_iter().zip([0.4762, 0.2619, 0.2619]) {
            assert!((f64::from(count) / n as f64 - wanted).abs() < 0.01, "{counts:?}");
        }
    }

    #[test]
    fn what_most_drive_is_known_first_and_each_route_once() {
        let demand = toy::demand((0..4).map(|k| toy::agent(k, 0, 1, crate::units::Time(0))).collect());
        let drive = |links: &[u32]| {
            let route: Vec<LinkIx> = links.iter().map(|&l| LinkIx(l)).collect();
            let legs = vec![Leg::Drive { route: route.into() }].into();
            Some(Plan { mode: crate::mode::Mode::Car, departure: crate::units::Time(0), legs, cost_cny: 0.0 })
        };
        let known = Known::new(&demand, &[drive(&[1]), drive(&[2, 3]), None, drive(&[2, 3])]);
        let routes: Vec<Vec<LinkIx>> =
            known.of((NodeIx(0), NodeIx(1), VehicleClass::Car)).map(<[LinkIx]>::to_vec).collect();
        assert_eq!(routes, [vec![LinkIx(2), LinkIx(3)], vec![LinkIx(1)]]);
        assert_eq!(known.of((NodeIx(1), NodeIx(0), VehicleClass::Car)).count(), 0);
    }
}
