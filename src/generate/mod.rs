//! Synthetic cities with given routes: one generator for the command that writes a scenario folder and for benches that
//! load the same city straight into the road kernel.
//!
//! The grid city: nodes 200 m apart, joined both ways; every fifth row and column an arterial (2 lanes, 60 km/h,
//! 3,600 PCU/h), the rest local (1 lane, 30 km/h, 1,200 PCU/h). Each trip goes to a destination within so many blocks
//! by a Z-shaped route, and departures are uniform over a time. A trip is a function of the seed and its number, so
//! trips stream: nothing of a city is held but what it is asked for.

pub mod folder;
pub mod line_city;
pub mod static_city;

use crate::ids::{LinkIx, NodeIx};
use crate::mode::{Uses, VehicleClass};
use crate::network::roads::{Roads, Star};
use crate::random::{Draws, Purpose};
use crate::units::HOUR_MS;

/// Distance between neighbouring nodes, metres.
pub const BLOCK_M: f64 = 200.0;

/// Jam density, PCU per kilometre and lane.
pub const JAM_PCU_KM: f64 = 150.0;

/// Every so many rows and columns one is an arterial.
const ARTERIAL_EVERY: usize = 5;

/// A city on a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct City {
    /// Nodes from west to east, at least 2.
    pub columns: usize,
    /// Nodes from south to north, at least 2.
    pub rows: usize,
    /// Trips.
    pub trips: u64,
    /// Seed of all trips.
    pub seed: u64,
    /// Hours over which departures are spread evenly.
    pub hours: f64,
    /// Blocks in each direction within which a destination lies.
    pub reach: usize,
    /// Share of the trips that trucks make.
    pub trucks: f64,
}

/// The cities that benches name. `small` fits into the caches of a processor; `heavy` is `city` with volumes up to
/// capacity, trips of about 28 links; `region` has about a million links.
pub const SIZES: [(&str, City); 4] = [
    ("small", City::square(30, 100_000, 1)),
    ("city", City::square(100, 100_000, 1)),
    ("heavy", City::square(100, 1_000_000, 1)),
    ("region", City::square(500, 1_000_000, 1)),
];

/// A link of the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Street {
    /// Node it leaves.
    pub from: NodeIx,
    /// Node it reaches.
    pub to: NodeIx,
    /// Whether it is of an arterial.
    pub arterial: bool,
}

/// A trip of the city; its links lie where the caller wanted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// Departure, milliseconds after the first one can be.
    pub departure_ms: u32,
    /// Node it leaves.
    pub from: NodeIx,
    /// Node it goes to.
    pub to: NodeIx,
    /// Class of its vehicle.
    pub class: VehicleClass,
}

impl Street {
    /// Lanes.
    pub fn lanes(self) -> u32 {
        if self.arterial { 2 } else { 1 }
    }

    /// Free speed, kilometres per hour.
    pub fn free_speed_kmh(self) -> u32 {
        if self.arterial { 60 } else { 30 }
    }

    /// Capacity of one lane, PCU per hour.
    pub fn lane_capacity_pcu_h(self) -> u32 {
        if self.arterial { 1_800 } else { 1_200 }
    }
}

impl City {
    /// A square city with trips over one hour within 30 blocks, all by car.
    pub const fn square(side: usize, trips: u64, seed: u64) -> City {
        City { columns: side, rows: side, trips, seed, hours: 1.0, reach: 30, trucks: 0.0 }
    }

    /// The city of a name in [`SIZES`].
    pub fn named(name: &str) -> Option<City> {
        SIZES.into_iter().find(|(known, _)| *known == name).map(|(_, city)| city)
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.columns * self.rows
    }

    /// Number of links.
    pub fn links(&self) -> usize {
        2 * ((self.columns - 1) * self.rows + self.columns * (self.rows - 1))
    }

    /// The first moment after all departures, milliseconds.
    pub fn departures_end_ms(&self) -> u32 {
        (self.hours * HOUR_MS as f64).round() as u32
    }

    /// All links in the order of their numbers: node by node, from each to the east, north, west and south.
    pub fn streets(&self) -> impl Iterator<Item = Street> {
        let City { columns, rows, .. } = *self;
        (0..columns * rows).flat_map(move |node| {
            let (x, y) = (node % columns, node / columns);
            let along = |line: usize| line.is_multiple_of(ARTERIAL_EVERY);
            let neighbours = [
                (x + 1 < columns).then(|| (node + 1, along(y))),
                (y + 1 < rows).then(|| (node + columns, along(x))),
                (x > 0).then(|| (node.wrapping_sub(1), along(y))),
                (y > 0).then(|| (node.wrapping_sub(columns), along(x))),
            ];
            let street = move |(to, arterial)| Street { from: NodeIx::from(node), to: NodeIx::from(to), arterial };
            neighbours.into_iter().flatten().map(street)
        })
    }

    /// The number of the link from a node to a neighbour.
    fn link(&self, [x, y]: [usize; 2], to: [usize; 2]) -> LinkIx {
        let City { columns, rows, .. } = *self;
        let (north, south) = (usize::from(y + 1 < rows), usize::from(y > 0));
        // Links of the rows to the south: two ways along each, and the ways up and down from those that have them.
        let below = 2 * y * (columns - 1) + columns * (y + y.saturating_sub(1));
        let before = below + x + x.saturating_sub(1) + x * (north + south);
        let east = usize::from(x + 1 < columns);
        let place = if to[0] > x {
            0
        } else if to[1] > y {
            east
        } else if to[0] < x {
            east + north
        } else {
            east + north + usize::from(x > 0)
        };
        LinkIx::from(before + place)
    }

    /// A trip by its number; its links are put behind what is in `route`.
    pub fn trip(&self, number: u64, route: &mut Vec<LinkIx>) -> Trip {
        let mut draws = Draws::new(self.seed, Purpose::Generate, number, 0);
        let [x, y] = [draws.below(self.columns), draws.below(self.rows)];
        let mut near = |at: usize, count: usize| {
            let low = at.saturating_sub(self.reach);
            low + draws.below((at + self.reach).min(count - 1) - low + 1)
        };
        let (mut to_x, to_y) = (near(x, self.columns), near(y, self.rows));
        if (to_x, to_y) == (x, y) {
            to_x = if x + 1 < self.columns { x + 1 } else { x - 1 };
        }
        // Z: half of the way along x, all of y, the rest of x.
        let middle = (x + to_x) / 2;
        let mut here = [x, y];
        for corner in [[middle, y], [middle, to_y], [to_x, to_y]] {
            while here != corner {
                let axis = usize::from(here[0] == corner[0]);
                let mut next = here;
                next[axis] = if corner[axis] > here[axis] { here[axis] + 1 } else { here[axis] - 1 };
                route.push(self.link(here, next));
                here = next;
            }
        }
        let departure_ms = draws.below(self.departures_end_ms() as usize) as u32;
        let truck = self.trucks > 0.0 && draws.uniform() < self.trucks;
        let node = |x: usize, y: usize| NodeIx::from(y * self.columns + x);
        let class = if truck { VehicleClass::Truck } else { VehicleClass::Car };
        Trip { departure_ms, from: node(x, y), to: node(to_x, to_y), class }
    }

    /// Numbers of the trips in the order of departure, 4 bytes each.
    pub fn by_departure(&self) -> Vec<u32> {
        let mut route = Vec::new();
        let mut departure_ms = |number: u32| {
            route.clear();
            self.trip(u64::from(number), &mut route).departure_ms
        };
        let mut order: Vec<(u32, u32)> = (0..self.trips as u32).map(|number| (departure_ms(number), number)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, number)| number).collect()
    }

    /// Position of a node, lon/lat degrees: at the equator, where a degree of longitude is one of latitude.
    pub fn position(&self, node: NodeIx) -> [f64; 2] {
        /// 111,195.08 m, see [`crate::units::distance_m`].
        const DEG_PER_M: f64 = 1.0 / 111_195.08;
        [node.i() % self.columns, node.i() / self.columns].map(|steps| steps as f64 * BLOCK_M * DEG_PER_M)
    }

    /// The streets as the road kernel takes them, without a scenario around them.
    pub fn roads(&self) -> Roads {
        let streets: Vec<Street> = self.streets().collect();
        let each = |of: fn(Street) -> f64| streets.iter().map(|&s| of(s)).collect::<Vec<f64>>();
        let (from, to): (Vec<NodeIx>, Vec<NodeIx>) = streets.iter().map(|s| (s.from, s.to)).unzip();
        let (nodes, links) = (self.nodes(), streets.len());
        Roads {
            node_position: (0..nodes).map(|n| self.position(NodeIx::from(n))).collect(),
            node_zone: vec![None; nodes],
            node_district: vec![None; nodes],
            leaving: Star::new(nodes, &from),
            reaching: Star::new(nodes, &to),
            from,
            to,
            length_m: vec![BLOCK_M; links],
            free_speed_mps: each(|s| f64::from(s.free_speed_kmh()) / 3.6),
            capacity_pcu_h: each(|s| f64::from(s.lane_capacity_pcu_h() * s.lanes())),
            storage_pcu: each(|s| f64::from(s.lanes()) * BLOCK_M * JAM_PCU_KM / 1000.0),
            lanes: each(|s| f64::from(s.lanes())),
            toll_cny: vec![0.0; links],
            uses: vec![Uses { car: true, truck: true, walk: false }; links],
            facility: vec![String::new(); links],
            name: vec![String::new(); links],
            district: vec![None; links],
            hub: vec![None; links],
            shape: vec![Vec::new(); links],
            ..Roads::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_numbered_as_they_are_listed() {
        for (columns, rows) in [(2, 2), (2, 7), (7, 2), (6, 11)] {
            let city = City { columns, rows, ..City::square(30, 1, 1) };
            let place = |node: NodeIx| [node.i() % columns, node.i() / columns];
            let streets: Vec<Street> = city.streets().collect();
            assert_eq!(streets.len(), city.links());
            for (number, street) in streets.iter().enumerate() {
                assert_eq!(city.link(place(street.from), place(street.to)), LinkIx::from(number));
            }
        }
        // 100 · 99 pairs in each direction, both ways.
        let links = |name| City::named(name).map(|city| city.links());
        assert_eq!((links("city"), links("region")), (Some(39_600), Some(998_000)));
    }

    #[test]
    fn every_fifth_row_and_column_is_an_arterial() {
        let city = City::square(7, 1, 1);
        let line = |s: &Street| if s.from.i().abs_diff(s.to.i()) == 1 { s.from.i() / 7 } else { s.from.i() % 7 };
        assert!(city.streets().all(|s| s.arterial == (line(&s) % 5 == 0)));
    }

    #[test]
    fn routes_hang_together_and_stay_within_reach() {
        let city = City { columns: 40, rows: 23, reach: 9, hours: 0.5, trucks: 0.25, ..City::square(30, 1, 1) };
        let streets: Vec<Street> = city.streets().collect();
        let (mut links, mut trucks) = (0, 0);
        for number in 0..2_000 {
            let mut route = Vec::new();
            let trip = city.trip(number, &mut route);
            let mut here = trip.from;
            for link in &route {
                assert_eq!(streets[link.i()].from, here);
                here = streets[link.i()].to;
            }
            assert!(here == trip.to && !route.is_empty() && route.len() <= 18 && trip.departure_ms < 1_800_000);
            links += route.len();
            trucks += usize::from(trip.class == VehicleClass::Truck);
        }
        // Blocks in a direction of length n within ±9 of a place in it: on 40 columns 4.5 or a little less, on 23 rows less.
        assert!((15_000..18_500).contains(&links) && (440..560).contains(&trucks), "{links} links, {trucks} trucks");
    }
}
