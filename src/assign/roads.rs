//! The roads of a scenario as a static network: where a dynamic run may start from.
//!
//! Every node may be a zone and may be passed through; a link costs its free-flow time, which rises with the flow over
//! its capacity, and its toll. A static network knows neither turns nor the time of day: paths that take a forbidden turn
//! are left out of the shares afterwards, and a link that differs by period has its usual capacity. Where it is to be
//! hooked: trips by pair of nodes from the first plans, times of links for the router of the first day, and the shares
//! to draw first routes from. Units: seconds, PCU per hour, yuan.

use super::{Assignment, Options, PairPaths, PairTrips, StaticLink, StaticNetwork, Trips, VolumeDelay, assign};
use crate::error::Result;
use crate::ids::{LinkIx, NodeIx, ZoneIx};
use crate::mode::VehicleClass;
use crate::network::roads::Roads;

/// Trips from a node to a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoadTrips {
    /// Where they start.
    pub from: NodeIx,
    /// Where they end.
    pub to: NodeIx,
    /// PCU per hour; trips of the same ends are added up.
    pub pcu_h: f64,
}

/// What a road costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoadCosts {
    /// Class whose links and speeds count.
    pub class: VehicleClass,
    /// Coefficient of the volume-delay function.
    pub b: f64,
    /// Its power.
    pub power: f64,
    /// Seconds that a yuan of toll weighs.
    pub s_per_cny: f64,
}

impl Default for RoadCosts {
    /// Cars by the function of the Bureau of Public Roads (1964), tolls not counted.
    fn default() -> Self {
        RoadCosts { class: VehicleClass::Car, b: 0.15, power: 4.0, s_per_cny: 0.0 }
    }
}

/// The ways that trips of a pair take.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadWays {
    /// Where they start.
    pub from: NodeIx,
    /// Where they end.
    pub to: NodeIx,
    /// PCU per hour.
    pub pcu_h: f64,
    /// Ways with their shares; the shares make 1 unless no way is left.
    pub ways: Vec<(f64, Vec<LinkIx>)>,
    /// Share of the trips whose way in the static network takes a forbidden turn; the other ways have taken them over.
    pub turned_away: f64,
}

/// Roads with trips on them.
#[derive(Clone, Debug)]
pub struct RoadAssignment {
    /// Volumes, times and gap; values by link are those of [`LinkIx`], times in seconds.
    pub assignment: Assignment,
    /// The ways of each pair, sorted by from and to.
    pub pairs: Vec<RoadWays>,
}

/// Assigns trips to roads. With [`Options::allow_unreachable`], trips that no way leads for are left out and told.
///
/// # Errors
/// As [`assign`].
pub fn assign_roads(
    roads: &Roads,
    trips: &[RoadTrips],
    costs: &RoadCosts,
    options: &Options,
) -> Result<RoadAssignment> {
    let links = (0..roads.links()).map(|l| static_link(roads, LinkIx::from(l), costs)).collect();
    let network = StaticNetwork::new(roads.nodes(), 0, links)?;
    let pair = |t: &RoadTrips| PairTrips { origin: ZoneIx(t.from.0), destination: ZoneIx(t.to.0), trips: t.pcu_h };
    let trips = Trips::new(trips.iter().map(pair).collect())?;
    let assignment = assign(&network, &trips, options)?;
    let pairs = assignment.pairs().map(|pair| without_forbidden_turns(roads, pair)).collect();
    Ok(RoadAssignment { assignment, pairs })
}

/// A link that the class may not use has no capacity.
fn static_link(roads: &Roads, link: LinkIx, costs: &RoadCosts) -> StaticLink {
    let l = link.i();
    let free_flow_time = roads.free_flow_ms(link, costs.class) as f64 / 1000.0;
    let fixed = roads.toll_cny[l] * costs.s_per_cny;
    let cost = if roads.open_to(link, costs.class) {
        VolumeDelay { free_flow_time, b: costs.b, capacity: roads.capacity_pcu_h[l], power: costs.power, fixed }
    } else {
        VolumeDelay { free_flow_time, b: 1.0, capacity: 0.0, power: 1.0, fixed }
    };
    StaticLink { from: roads.from[l], to: roads.to[l], cost }
}

fn without_forbidden_turns(roads: &Roads, pair: PairPaths) -> RoadWays {
    let mut ways = pair.paths;
    ways.retain(|(_, links)| roads.movements.forbidden_on(links).is_none());
    let left: f64 = ways.iter().map(|way| way.0).sum();
    ways.iter_mut().for_each(|way| way.0 /= left);
    let (from, to) = (NodeIx(pair.origin.0), NodeIx(pair.destination.0));
    RoadWays { from, to, pcu_h: pair.trips, ways, turned_away: (1.0 - left).max(0.0) }
}
