//! A city for static assignment: a grid with arterials and expressways, zones joined to its nodes, a dense trip table.
//!
//! Nodes stand about a block apart, a quarter of it off the grid either way, so that no two ways cost the same by
//! accident. Every fourth row and column is an arterial; pairs of expressway links leap over three to six blocks. Zones
//! may not be passed through, each hangs on a node of its own, more of them near the centre. Trips fall off with distance
//! over six blocks and draw to the centre. At the sizes of [`SIZES`] the load makes trips 1.3 to 1.5 times as long as on
//! empty roads. Units: minutes, blocks, vehicles per hour.

use crate::import::tntp::{TntpLink, TntpNetwork, TntpPair, TntpTrips};
use crate::random::{Draws, Purpose};

/// What the city is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaticCity {
    /// Grid nodes from west to east.
    pub columns: u32,
    /// Grid nodes from south to north.
    pub rows: u32,
    /// Zones, at most as many as grid nodes.
    pub zones: u32,
    /// Pairs of expressway links.
    pub expressways: u32,
    /// Trips in all.
    pub trips: f64,
    /// Share of the pairs of zones that have trips.
    pub pairs: f64,
    /// Capacity in that of usual roads.
    pub capacity: f64,
    /// Powers of the volume-delay functions of streets; each street draws one.
    pub powers: &'static [f64],
    /// Seed of everything drawn.
    pub seed: u64,
}

/// The cities that benches and tests name: one of the size of the benchmark network Chicago Sketch (387 zones, 933 nodes,
/// 2,950 links, 93,000 pairs), a small one, and a large one with steep powers.
pub const SIZES: [(&str, StaticCity); 3] = [
    ("small", StaticCity { columns: 12, rows: 10, zones: 60, expressways: 6, trips: 400_000.0, ..CITY }),
    ("city", CITY),
    (
        "region",
        StaticCity {
            columns: 90,
            rows: 75,
            zones: 1_700,
            expressways: 335,
            trips: 1_400_000.0,
            pairs: 0.7,
            capacity: 0.7,
            powers: &[4.0, 2.0, 6.0, 16.5, 1.0],
            ..CITY
        },
    ),
];

const CITY: StaticCity = StaticCity {
    columns: 26,
    rows: 21,
    zones: 387,
    expressways: 43,
    trips: 1_260_907.0,
    pairs: 0.63,
    capacity: 2.4,
    powers: &[4.0],
    seed: 7,
};

/// Coefficient of all volume-delay functions [Bureau of Public Roads 1964].
const B: f64 = 0.15;
/// Minutes a block on a street, on an arterial and on an expressway.
const PACE: [f64; 3] = [3.3, 2.0, 1.1];
/// Vehicles per hour: least capacity of street, arterial and expressway, and how much more there may be.
const CAPACITY: [(f64, f64); 3] = [(1_200.0, 1_200.0), (2_400.0, 2_000.0), (5_000.0, 3_000.0)];
/// Capacity of the links that join zones to their nodes.
const CONNECTOR: f64 = 49_500.0;
/// Blocks over which trips fall to a share of 1/e.
const REACH: f64 = 6.0;

impl StaticCity {
    /// The network and the trips.
    pub fn build(&self) -> (TntpNetwork, TntpTrips) {
        let mut draws = Draws::new(self.seed, Purpose::Generate, 0, 0);
        let places = self.places(&mut draws);
        let at = self.zones_at(&places, &mut draws);
        let mut links = Vec::new();
        self.streets(&places, &mut draws, &mut links);
        for (zone, node) in (1..).zip(&at) {
            let time = 0.5 + draws.uniform();
            both(&mut links, (zone, self.node(*node)), (CONNECTOR, time, 4.0, 0.0));
        }
        self.expressways(&places, &mut draws, &mut links);
        let nodes = self.zones + self.columns * self.rows;
        let first_thru_node = self.zones + 1;
        let network = TntpNetwork {
            zones: self.zones,
            nodes,
            first_thru_node,
            toll_factor: None,
            distance_factor: None,
            links,
            numbers: Vec::new(),
            notes: Vec::new(),
        };
        (network, self.demand(&places, &at, &mut draws))
    }

    /// Number of a grid node in the network.
    fn node(&self, place: usize) -> u32 {
        self.zones + 1 + place as u32
    }

    fn places(&self, draws: &mut Draws) -> Vec<[f64; 2]> {
        let mut off = |at: u32| f64::from(at) + 0.5 * (draws.uniform() - 0.5);
        (0..self.columns * self.rows).map(|i| [off(i % self.columns), off(i / self.columns)]).collect()
    }

    fn off_centre(&self, place: [f64; 2]) -> f64 {
        distance(place, [f64::from(self.columns) / 2.0, f64::from(self.rows) / 2.0])
    }

    /// The grid node of each zone.
    fn zones_at(&self, places: &[[f64; 2]], draws: &mut Draws) -> Vec<usize> {
        let half = f64::from(self.columns) / 2.0;
        let mut keyed: Vec<(f64, usize)> =
            places.iter().map(|p| draws.uniform() + 0.3 * self.off_centre(*p) / half).zip(0..).collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut at: Vec<usize> = keyed.iter().take(self.zones as usize).map(|k| k.1).collect();
        at.sort_unstable();
        at
    }

    fn streets(&self, places: &[[f64; 2]], draws: &mut Draws, links: &mut Vec<TntpLink>) {
        let columns = self.columns as usize;
        for from in 0..places.len() {
            let (x, y) = (from % columns, from / columns);
            for (there, to, across) in
                [(x + 1 < columns, from + 1, y), (from + columns < places.len(), from + columns, x)]
            {
                if !there {
                    continue;
                }
                let kind = usize::from(across % 4 == 1);
                let power = self.powers[draws.below(self.powers.len())];
                let length = distance(places[from], places[to]);
                let capacity = self.capacity_of(kind, draws);
                both(links, (self.node(from), self.node(to)), (capacity, PACE[kind] * length, power, length));
            }
        }
    }

    fn expressways(&self, places: &[[f64; 2]], draws: &mut Draws, links: &mut Vec<TntpLink>) {
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        let mut left = self.expressways;
        while left > 0 {
            let (x, y, leap) = (draws.below(columns), draws.below(rows), 3 + draws.below(4));
            let (tx, ty) = if draws.uniform() < 0.5 { (x + leap, y) } else { (x, y + leap) };
            if tx >= columns || ty >= rows {
                continue;
            }
            let (from, to) = (y * columns + x, ty * columns + tx);
            let length = distance(places[from], places[to]);
            let capacity = self.capacity_of(2, draws);
            both(links, (self.node(from), self.node(to)), (capacity, PACE[2] * length, 4.0, length));
            left -= 1;
        }
    }

    fn capacity_of(&self, kind: usize, draws: &mut Draws) -> f64 {
        self.capacity * (CAPACITY[kind].0 + CAPACITY[kind].1 * draws.uniform())
    }

    fn demand(&self, places: &[[f64; 2]], at: &[usize], draws: &mut Draws) -> TntpTrips {
        let near = 0.15 * f64::from(self.columns);
        let mut mass = |node: &usize| {
            let centre = libm::exp(-self.off_centre(places[*node]) / near);
            (0.3 + draws.uniform()) * (1.0 + 3.0 * centre)
        };
        let mass: Vec<f64> = at.iter().map(&mut mass).collect();
        let mut pairs = Vec::new();
        for (o, d) in (0..at.len()).flat_map(|o| (0..at.len()).map(move |d| (o, d))) {
            if o != d && draws.uniform() < self.pairs {
                let trips = mass[o] * mass[d] * libm::exp(-distance(places[at[o]], places[at[d]]) / REACH);
                pairs.push(TntpPair { origin: o as u32 + 1, destination: d as u32 + 1, trips, line: 0 });
            }
        }
        let total: f64 = pairs.iter().map(|p| p.trips).sum();
        // Two decimals, as trip tables have them.
        pairs.iter_mut().for_each(|p| p.trips = (p.trips * self.trips / total * 100.0).round() / 100.0);
        pairs.retain(|p| p.trips > 0.0);
        TntpTrips { zones: self.zones, pairs, numbers: Vec::new(), notes: Vec::new() }
    }
}

/// A link and its way back: capacity, time without traffic, power, length.
fn both(links: &mut Vec<TntpLink>, ends: (u32, u32), (capacity, free_flow_time, power, length): (f64, f64, f64, f64)) {
    for (from, to) in [ends, (ends.1, ends.0)] {
        links.push(TntpLink { from, to, capacity, length, free_flow_time, b: B, power, toll: 0.0, line: 0 });
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_has_the_size_it_names() {
        let (network, trips) = SIZES[1].1.build();
        assert_eq!((network.zones, network.nodes, network.links.len()), (387, 933, 2_950));
        let total: f64 = trips.pairs.iter().map(|p| p.trips).sum();
        assert!((total / 1_260_907.0 - 1.0).abs() < 1e-3 && (90_000..100_000).contains(&trips.pairs.len()), "{total}");
    }
}
