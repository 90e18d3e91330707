//! A journey by road vehicle: the walk to it, the drive road by road, the walk from it.

use super::Finder;
use super::place::Spot;
use super::told::{Leg, Piece, Told};
use crate::demand::Purpose;
use crate::ids::LinkIx;
use crate::mode::{Mode, VehicleClass};
use crate::routing::metric::FAR;
use crate::routing::potentials::Bound;
use crate::routing::road::{RoadScratch, Roadway, Start};
use crate::routing::streets::Streets;
use crate::routing::trade::Driven;
use crate::units::Time;

impl Finder<'_> {
    /// The journey by car, taxi or truck, or why there is none.
    pub(super) fn drive(&self, mode: Mode, from: &Spot, to: &Spot) -> Result<Told, String> {
        let truck = mode == Mode::Truck;
        let class = mode.vehicle().unwrap_or(VehicleClass::Car);
        let kerb = |spot: &Spot, leaves| {
            let vehicle = if truck { "trucks do" } else { "road vehicles do" };
            let none = || format!("{vehicle} not come to {}", spot.called(self.network));
            spot.kerb(self.network, &self.settings.network, truck, leaves).ok_or_else(none)
        };
        let (first, last) = (kerb(from, true)?, kerb(to, false)?);
        let party = if truck { self.prices.party_of(Purpose::Freight, 1.0, false) } else { self.party };
        let streets = Streets::new(&self.network.roads, class);
        let roadway = Roadway { streets: &streets, times: self.times };
        let departure = self.at.plus(first.walk_ms);
        let start = Start { from: first.node, departure, trade: self.prices.trade(&party, class) };
        // One query is not worth a hierarchy: free-flow times to the destination are bound enough.
        let free_ms = self.network.roads.free_flow_tree(last.node, class, true);
        let tree: Vec<[u32; 2]> = free_ms.iter().map(|&ms| [u32::try_from(ms).unwrap_or(FAR).min(FAR), 0]).collect();
        let (mut scratch, mut route) = (RoadScratch::default(), Vec::new());
        let driven = roadway
            .route(start, last.node, Bound::Tree(&tree), &mut scratch, &mut route)
            .ok_or_else(|| format!("no road that is open to a {} leads there", class.word()))?;

        let (here, there) = (from.called(self.network), to.called(self.network));
        let mut legs = Vec::new();
        if first.walk_ms > 0 {
            legs.push(Leg::new(Mode::Walk, self.at, first.walk_ms, here.clone(), "the vehicle".into()));
        }
        let (roads, wait_ms) = self.roads(&streets, &route, departure);
        legs.push(
            Leg {
                distance_m: Some(driven.cm as f64 / 100.0),
                roads,
                links: route.iter().map(|link| self.network.names.links.name(link.0).to_owned()).collect(),
                ..Leg::new(mode, departure.plus(wait_ms), driven.ms - wait_ms, here, there.clone())
            }
            .after(wait_ms),
        );
        if last.walk_ms > 0 {
            let arrival = departure.plus(driven.ms);
            legs.push(Leg::new(Mode::Walk, arrival, last.walk_ms, "the vehicle".into(), there));
        }
        let walk_ms = first.walk_ms + last.walk_ms;
        let cost_cny = self.prices.drive_cny(&party, mode, driven, walk_ms);
        let time_cny = party.value_cny_ms * driven.ms as f64 + self.prices.walk_cny(&party, walk_ms);
        Ok(Told::new(mode, self.at, legs, cost_cny, cost_cny - time_cny))
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
