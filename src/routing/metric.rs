//! Weights on a hierarchy: customisation.
//!
//! Each arc takes the least of its own links and of the ways over a lower node: for all lower triangles, in the order of
//! the lower nodes. Several sets of weights (lanes) are worked on at once, since the walk over the triangles costs more
//! than the sums.

use super::hierarchy::{Hierarchy, NONE};

/// A weight that stands for no way, and for any way that is longer: milliseconds, a little more than twelve days. The sum
/// of two does not overflow, with a sign bit to spare.
pub const FAR: u32 = (1 << 30) - 1;

/// Weights of the arcs of a hierarchy in so many lanes.
#[derive(Clone, Debug)]
pub struct Metric<const LANES: usize> {
    /// Up and down, by arc.
    pub arcs: Vec<[[u32; LANES]; 2]>,
}

/// The lesser of two, lane by lane.
#[inline(always)]
pub fn least<const LANES: usize>(a: [u32; LANES], b: [u32; LANES]) -> [u32; LANES] {
    std::array::from_fn(|l| if (b[l] as i32) < (a[l] as i32) { b[l] } else { a[l] })
}

/// The sum of two, lane by lane; neither is above [`FAR`].
#[inline(always)]
pub fn sum<const LANES: usize>(a: [u32; LANES], b: [u32; LANES]) -> [u32; LANES] {
    std::array::from_fn(|l| a[l].wrapping_add(b[l]))
}

impl<const LANES: usize> Metric<LANES> {
    /// Customises: `weights` are those of the links, in the order in which the hierarchy was given them.
    pub fn new(hierarchy: &Hierarchy, weights: impl Iterator<Item = [u32; LANES]>) -> Metric<LANES> {
        let mut arcs = vec![[[FAR; LANES]; 2]; hierarchy.arcs()];
        for (&(arc, up), weight) in hierarchy.arc_of.iter().zip(weights) {
            if arc != NONE {
                let place = &mut arcs[arc as usize][usize::from(!up)];
                *place = least(*place, weight);
            }
        }
        let mut metric = Metric { arcs };
        metric.customise(hierarchy);
        metric
    }

    fn customise(&mut self, hierarchy: &Hierarchy) {
        let mut arc_to = vec![0u32; hierarchy.nodes()];
        for middle in 0..hierarchy.nodes() as u32 {
            let up = hierarchy.up(middle);
            for arc in up.clone() {
                arc_to[hierarchy.heads[arc] as usize] = arc as u32;
            }
            // Arcs up from `middle` lie behind those of all lower nodes.
            let (lower, own) = self.arcs.split_at_mut(up.start);
            for &(low, side) in hierarchy.down(middle) {
                let [low_to_middle, middle_to_low] = lower[side as usize];
                let rest = side as usize + 1..hierarchy.first[low as usize + 1] as usize;
                for (&high, &[low_to_high, high_to_low]) in hierarchy.heads[rest.clone()].iter().zip(&lower[rest]) {
                    let [to_high, from_high] = &mut own[arc_to[high as usize] as usize - up.start];
                    *to_high = least(*to_high, sum(middle_to_low, low_to_high));
                    *from_high = least(*from_high, sum(high_to_low, low_to_middle));
                }
            }
        }
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        8 * LANES * self.arcs.len()
    }
}
