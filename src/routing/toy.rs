//! Roads made by hand, for the tests of this room.

use super::bounds::{self, LANES};
use super::trade::{TRADE_SHIFT, Trade};
use crate::network::fixture;
use crate::network::roads::Roads;

/// A link to be built: from, to, metres, metres per second, toll in yuan.
pub type Link = (u32, u32, f64, f64, f64);

/// Roads for all vehicles between nodes at the given positions.
pub fn roads(positions: &[[f64; 2]], links: &[Link]) -> Roads {
    let rows: Vec<_> = links.iter().map(|l| (l.0 as usize, l.1 as usize, l.2, l.3)).collect();
    let mut roads = fixture::roads(positions.len(), &rows);
    roads.node_position = positions.to_vec();
    roads.toll_cny = links.iter().map(|l| l.4).collect();
    roads
}

/// Who values an hour at so much and pays 0.8 yuan for a kilometre and the tolls.
pub fn trade(cny_h: f64) -> Trade {
    let weight = |cny: f64| (cny / cny_h * 3.6e6 * f64::from(1u32 << TRADE_SHIFT)).round() as i64;
    Trade { per_cm: weight(0.8e-5), per_milli_cny: weight(1e-3) }
}

/// The rates of the searches' lanes.
pub fn rates() -> [Trade; LANES] {
    bounds::rates([19.0, 28.0, 72.0].map(trade))
}
