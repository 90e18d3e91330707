//! A journey by road vehicle: the walk to it, the drive road by road, the walk from it.

use super::Finder;
use super::place::Spot;
use super::told::{Leg, Piece, Told};
use crate::choice::cost::Party;
use crate::demand::Purpose;
use crate::ids::{LinkIx, NodeIx};
use crate::mode::{Mode, VehicleClass};
use crate::routing::metric::FAR;
use crate::routing::potentials::Bound;
use crate::routing::road::{RoadScratch, Roadway, Start};
use crate::routing::streets::Streets;
use crate::routing::trade::Driven;
use crate::units::Time;

/// A drive between two nodes.
pub(super) struct Drive {
    pub driven: Driven,
    /// The wait before the first link, which is part of its time, milliseconds.
    pub wait_ms: i64,
    pub roads: Vec<Piece>,
    pub links: Vec<String>,
}

impl Finder<'_> {
    /// The journey by car, taxi or truck, or why there is none.
    pub(super) fn drive(&self, mode: Mode, (from, to): (&Spot, &Spot), at: Time) -> Result<Told, String> {
        let truck = mode == Mode::Truck;
        let class = mode.vehicle().unwrap_or(VehicleClass::Car);
        let kerb = |spot: &Spot, leaves| {
            let vehicle = if truck { "trucks do" } else { "road vehicles do" };
            let none = || format!("{vehicle} not come to {}", spot.called(self.network));
            spot.kerb(self.network, &self.settings.network, truck, leaves).ok_or_else(none)
        };
        let (first, last) = (kerb(from, true)?, kerb(to, false)?);
        let party = if truck { self.prices.party_of(Purpose::Freight, 1.0, false) } else { self.party };
        let departure = at.plus(first.walk_ms);
        let ends = (first.node, last.node);
        let Drive { driven, wait_ms, roads, links } = self
            .driven(class, &party, ends, departure)
            .ok_or_else(|| format!("no road that is open to a {} leads there", class.word()))?;
        let (here, there) = (from.called(self.network), to.called(self.network));
        let mut legs = Vec::new();
        if first.walk_ms > 0 {
            legs.push(Leg::new(Mode::Walk.word(), at, first.walk_ms, here.clone(), "the vehicle".into()));
        }
        legs.push(
            Leg {
                distance_m: Some(driven.cm as f64 / 100.0),
                roads,
                links,
                ..Leg::new(mode.word(), departure.plus(wait_ms), driven.ms - wait_ms, here, there.clone())
            }
            .after(wait_ms),
        );
        if last.walk_ms > 0 {
            let arrival = departure.plus(driven.ms);
            legs.push(Leg::new(Mode::Walk.word(), arrival, last.walk_ms, "the vehicle".into(), there));
        }
        let walk_ms = first.walk_ms + last.walk_ms;
        let cost_cny = self.prices.drive_cny(&party, mode, driven, walk_ms);
        let time_cny = party.value_cny_ms * driven.ms as f64 + self.prices.walk_cny(&party, walk_ms);
        Ok(Told::new(mode.word(), at, legs, cost_cny, cost_cny - time_cny))
    }

    /// The way of a road vehicle between two nodes.
    pub(super) fn driven(
        &self,
        class: VehicleClass,
        party: &Party,
        (from, to): (NodeIx, NodeIx),
        departure: Time,
    ) -> Option<Drive> {
        let streets = Streets::new(&self.network.roads, class);
        let roadway = Roadway { streets: &streets, times: self.times };
        let start = Start { from, departure, trade: self.prices.trade(party, class) };
        // One query is not worth a hierarchy: free-flow times to the destination are bound enough.
        let free_ms = self.network.roads.free_flow_tree(to, class, true);
        let tree: Vec<[u32; 2]> = free_ms.iter().map(|&ms| [u32::try_from(ms).unwrap_or(FAR).min(FAR), 0]).collect();
        let (mut scratch, mut route) = (RoadScratch::default(), Vec::new());
        let driven = roadway.route(start, to, Bound::Tree(&tree), &mut scratch, &mut route)?;
        let (roads, wait_ms) = self.roads(&streets, &route, departure);
        let links = route.iter().map(|link| self.network.names.links.name(link.0).to_owned()).collect();
        Some(Drive { driven, wait_ms, roads, links })
    }

    /// A route road by road, and the wait before its first link.
    fn roads(&self, streets: &Streets, route: &[LinkIx], departure: Time) -> (Vec<Piece>, i64) {
        let roads = &self.network.roads;
        let Some(&first) = route.first() else { return (Vec::new(), 0) };
        let wait_ms = self.times.origin_ms(first, departure);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut before = Driven { ms: wait_ms, ..Driven::default() };
        for end in 1..=route.len() {
            let link = route[end - 1].i();
            let now = streets.along(&route[..end], self.times, departure);
            let piece = Piece {
                name: match roads.name[link].as_str() {
                    "" => format!("({})", roads.facility[link].replace('_', " ")),
                    name => name.to_owned(),
                },
                distance_m: (now.cm - before.cm) as f64 / 100.0,
                time_s: (now.ms - before.ms) as f64 / 1000.0,
                toll_cny: (now.toll_milli_cny - before.toll_milli_cny) as f64 / 1000.0,
            };
            before = now;
            match pieces.last_mut().filter(|last| last.name == piece.name) {
                Some(last) => {
                    last.distance_m += piece.distance_m;
                    last.time_s += piece.time_s;
                    last.toll_cny += piece.toll_cny;
                }
                None => pieces.push(piece),
            }
        }
        (pieces, wait_ms)
    }
}
