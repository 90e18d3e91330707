//! Static traffic assignment: which volumes a trip table brings to the links of a network whose costs depend on them.
//!
//! In the user equilibrium nobody gains by another path [Wardrop 1952]; in the system optimum the total cost is least.
//! The method is path-based gradient projection with better paths found origin by origin (`solve`), over-relaxed steps
//! (`level`) and searches that go over the order of the last one (`tree`). Why not link-based Frank–Wolfe: its gap falls
//! as one over the number of iterations. Why not bushes or paired segments: on cities of this size the paths in use are
//! few once only those are added that are worth it, and they give the shares of paths by pair, which a dynamic run starts
//! from, without another step.
//!
//! As a warm start of dynamic runs: [`assign_roads`] takes the roads of a scenario and trips by pair of nodes; its times
//! by link go where a router wants link times before the first day was simulated, and its shares of ways of each pair are
//! there to draw first routes from. Links keep the order in which the network was given, so `LinkIx` of the one is that
//! of the other.
//!
//! ```
//! use hubflow::assign::{Options, PairTrips, StaticLink, StaticNetwork, Trips, VolumeDelay, assign};
//! use hubflow::ids::{NodeIx, ZoneIx};
//!
//! // Pigou's two roads from node 0 to node 1: one always takes 1, the other as long as its share of the traffic.
//! let link = |free_flow_time, b| StaticLink {
//!     from: NodeIx(0),
//!     to: NodeIx(1),
//!     cost: VolumeDelay { free_flow_time, b, capacity: 1.0, power: 1.0, fixed: 0.0 },
//! };
//! let network = StaticNetwork::new(2, 0, vec![link(1.0, 0.0), link(1e-9, 1e9)])?;
//! let trips = Trips::new(vec![PairTrips { origin: ZoneIx(0), destination: ZoneIx(1), trips: 1.0 }])?;
//! let assignment = assign(&network, &trips, &Options { gap: 1e-12, ..Options::default() })?;
//! assert!((assignment.volume[1] - 1.0).abs() < 1e-6);
//! # Ok::<(), hubflow::error::Error>(())
//! ```

mod cost;
mod level;
mod network;
mod paths;
mod reach;
mod roads;
mod solve;
mod star;
mod tree;

pub use cost::{Objective, VolumeDelay};
pub use network::{PairTrips, StaticLink, StaticNetwork, Trips, Weights};
pub use roads::{RoadAssignment, RoadCosts, RoadTrips, RoadWays, assign_roads};

use crate::error::{Error, Problem, Result};
use crate::ids::{LinkIx, ZoneIx};
use paths::Origin;
use solve::Solver;
use std::sync::atomic::AtomicBool;

/// How an assignment is made.
pub struct Options<'a> {
    /// Relative gap at which it is done.
    pub gap: f64,
    /// Most iterations.
    pub iterations: u32,
    /// Threads, 0 for all cores; they do not change results.
    pub threads: usize,
    /// What is sought.
    pub objective: Objective,
    /// Leave out pairs between which no path leads, in place of refusing the trip table.
    pub allow_unreachable: bool,
    /// Told how the assignment goes on.
    pub progress: Option<&'a dyn Fn(Iteration)>,
    /// Set by somebody else when the assignment is to end after the current iteration.
    pub stop: Option<&'a AtomicBool>,
}

impl Default for Options<'_> {
    /// To a gap of 1e-6 on one thread.
    fn default() -> Self {
        Options {
            gap: 1e-6,
            iterations: 1_000,
            threads: 1,
            objective: Objective::UserEquilibrium,
            allow_unreachable: false,
            progress: None,
            stop: None,
        }
    }
}

/// What an iteration found on its way; costs change while it goes over the origins, so the gap is near the exact one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Iteration {
    /// From 1.
    pub number: u32,
    /// Relative gap.
    pub relative_gap: f64,
}

/// A finished assignment. Values by link are in the order in which the network has its links.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Volume by link.
    pub volume: Vec<f64>,
    /// Travel time by link, without fixed costs.
    pub time: Vec<f64>,
    /// Cost by link: travel time and fixed cost.
    pub cost: Vec<f64>,
    /// What was made least: under the user equilibrium the sum of the integrals of the costs, under the system optimum
    /// the total cost.
    pub objective: f64,
    /// Σ volume·time.
    pub total_travel_time: f64,
    /// Σ volume·cost.
    pub total_cost: f64,
    /// 1 − Σ trips·(least cost)/Σ volume·cost; under the system optimum with marginal costs.
    pub relative_gap: f64,
    /// What a trip could save on average: the excess that the relative gap is the share of, divided by the assigned
    /// trips.
    pub average_excess_cost: f64,
    /// Whether the gap was reached.
    pub converged: bool,
    /// All iterations.
    pub iterations: Vec<Iteration>,
    /// Trips on the network.
    pub trips: f64,
    /// Trips within a zone, which use no link.
    pub intrazonal_trips: f64,
    /// Pairs that were left out because no path leads.
    pub unreachable: Vec<PairTrips>,
    origins: Vec<Origin>,
    /// Links of the network by position in the paths.
    link: Vec<LinkIx>,
}

/// The paths of a pair of zones.
#[derive(Clone, Debug, PartialEq)]
pub struct PairPaths {
    /// Where they start.
    pub origin: ZoneIx,
    /// Where they end.
    pub destination: ZoneIx,
    /// Trips of the pair.
    pub trips: f64,
    /// Its paths: the share of the trips, above 0, and the links.
    pub paths: Vec<(f64, Vec<LinkIx>)>,
}

impl Assignment {
    /// The paths in use, pair by pair, sorted by origin and destination.
    pub fn pairs(&self) -> impl Iterator<Item = PairPaths> + '_ {
        self.origins.iter().flat_map(move |origin| {
            origin.pairs.iter().map(move |pair| {
                let links =
                    |path: &paths::Path| path.of(&origin.links).iter().map(|s| self.link[*s as usize]).collect();
                PairPaths {
                    origin: ZoneIx(origin.node),
                    destination: ZoneIx(pair.destination),
                    trips: pair.trips,
                    paths: pair.paths.iter().map(|path| (path.flow / pair.trips, links(path))).collect(),
                }
            })
        })
    }
}

/// Assigns trips to a network.
///
/// # Errors
/// Trips from or to zones that the network has not; trips between which no path leads, unless they are to be left out.
pub fn assign(network: &StaticNetwork, trips: &Trips, options: &Options) -> Result<Assignment> {
    let outside = |p: &&PairTrips| p.origin.i().max(p.destination.i()) >= network.nodes;
    if let Some(pair) = trips.pairs().iter().find(outside) {
        let found = format!("trips from {} to {}", pair.origin.0, pair.destination.0);
        return Err(Error::Problems(vec![Problem::new("trips", found, format!("zones below {}", network.nodes))]));
    }
    let (reached, unreachable) = reach::split(network, trips);
    if !unreachable.is_empty() && !options.allow_unreachable {
        return Err(Error::Problems(reach::problems(network, trips, &unreachable)));
    }
    let mut solver = Solver::new(network, &reached, options)?;
    let (found, iterations) = solver.solve();
    let loads = &solver.loads;
    let mut volume = vec![0.0; network.links.len()];
    let mut objective = 0.0;
    for (slot, link) in solver.star.link.iter().enumerate() {
        volume[link.i()] = loads.volume[slot];
        objective += loads.law[slot].integral(loads.volume[slot]);
    }
    let of = |f: fn(&VolumeDelay, f64) -> f64| -> Vec<f64> {
        network.links.iter().zip(&volume).map(|(link, v)| f(&link.cost, *v)).collect()
    };
    let (time, cost) = (of(VolumeDelay::time), of(|cost, v| cost.time(v) + cost.fixed));
    let total = |by: &[f64]| volume.iter().zip(by).fold(0.0, |sum, (v, x)| sum + v * x);
    let within = trips.pairs().iter().filter(|p| p.origin == p.destination);
    // Not `sum`, which is −0 of nothing.
    let intrazonal_trips = within.fold(0.0, |sum, pair| sum + pair.trips);
    let on_network = reached.total() - intrazonal_trips;
    Ok(Assignment {
        objective,
        total_travel_time: total(&time),
        total_cost: total(&cost),
        relative_gap: found.gap(),
        average_excess_cost: if on_network > 0.0 { found.excess / on_network } else { 0.0 },
        converged: found.gap() <= options.gap,
        iterations,
        trips: on_network,
        intrazonal_trips,
        unreachable: unreachable.into_iter().map(|place| trips.pairs[place]).collect(),
        origins: solver.origins,
        link: solver.star.link,
        volume,
        time,
        cost,
    })
}
