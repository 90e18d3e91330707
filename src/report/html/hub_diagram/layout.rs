//! Places of the boxes and bands of a flow diagram: boxes in layers from left to right, every band between two of them.
//!
//! A box stands one layer right of the last that flows into it. Flows that would close a circle do not count for that; they
//! are taken from the largest down, so that the main direction runs to the right. Where a band passes a layer, room is kept
//! for it between the boxes. In each layer boxes stand in the order of the mean height of what they come from.

/// A box before it has a place.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Least height.
    pub height: f64,
    /// Whether it stands in the last layer, as what lies beyond the last process does.
    pub last: bool,
    /// Whether it stands in the first layer.
    pub first: bool,
    /// Whether it only tells where something goes: the last layer need not lie behind it.
    pub aside: bool,
}

/// A band before it has a place: from box, to box, width.
pub type Band = (usize, usize, f64);

/// Where everything is.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Layer, top and height by box.
    pub boxes: Vec<(usize, f64, f64)>,
    /// Heights of the middle of each band: where it leaves a box, in every layer that it passes, where it ends; with the
    /// layer in which it begins.
    pub bands: Vec<(usize, Vec<f64>)>,
    /// Layers.
    pub layers: usize,
    /// Height of the whole.
    pub height: f64,
}

/// Room between boxes of a layer, and beside bands that pass it.
const GAP: f64 = 18.0;

/// Something that takes room in a layer: a box, or a band that passes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    Box(usize),
    Passing(usize),
}

/// Lays a diagram out. A band whose end does not lie right of its beginning is laid the other way round.
pub fn layout(wanted: &[Wanted], bands: &[Band]) -> Layout {
    let layer = layers(wanted, bands);
    let count = layer.iter().max().map_or(0, |l| l + 1);
    // From the lower to the higher layer.
    let ends: Vec<(usize, usize, f64)> =
        bands.iter().map(|&(a, b, width)| if layer[a] <= layer[b] { (a, b, width) } else { (b, a, width) }).collect();
    let heights = heights(wanted, &ends);
    let mut slots: Vec<Vec<Slot>> = vec![Vec::new(); count];
    for (b, &l) in layer.iter().enumerate() {
        slots[l].push(Slot::Box(b));
    }
    for (k, &(a, b, _)) in ends.iter().enumerate() {
        (layer[a] + 1..layer[b]).for_each(|l| slots[l].push(Slot::Passing(k)));
    }
    let height_of = |slot: Slot| match slot {
        Slot::Box(b) => heights[b],
        Slot::Passing(k) => ends[k].2,
    };
    let total = |slots: &[Slot]| slots.iter().map(|&s| height_of(s) + GAP).sum::<f64>() - GAP;
    let most = slots.iter().map(|s| total(s)).fold(0.0, f64::max);
    let mut tops = vec![0.0; wanted.len()];
    // Middles of bands by layer, for those that pass it.
    let mut passing: Vec<Vec<f64>> = vec![vec![0.0; count]; bands.len()];
    for l in 0..count {
        let middle_before = |slot: Slot| -> f64 {
            let middle = |b: usize| tops[b] + heights[b] / 2.0;
            let came = |k: usize| match layer[ends[k].0] + 1 == l {
                true => middle(ends[k].0),
                false => passing[k][l - 1],
            };
            match slot {
                Slot::Passing(k) => came(k),
                Slot::Box(b) => {
                    let into = || (0..ends.len()).filter(|&k| ends[k].1 == b && layer[ends[k].0] < l);
                    let weight: f64 = into().map(|k| ends[k].2).sum();
                    // What nothing comes to stands below.
                    if weight > 0.0 { into().map(|k| came(k) * ends[k].2).sum::<f64>() / weight } else { most }
                }
            }
        };
        let mut order: Vec<(f64, Slot)> = slots[l].iter().map(|&s| (middle_before(s), s)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut top = (most - total(&slots[l])) / 2.0;
        for (_, slot) in order {
            match slot {
                Slot::Box(b) => tops[b] = top,
                Slot::Passing(k) => passing[k][l] = top + ends[k].2 / 2.0,
            }
            top += height_of(slot) + GAP;
        }
    }
    let boxes = (0..wanted.len()).map(|b| (layer[b], tops[b], heights[b])).collect();
    let bands = middles(&ends, &layer, (&tops, &heights), &passing);
    Layout { boxes, bands, layers: count, height: most.max(0.0) }
}

/// Layers of boxes by the longest way to them.
fn layers(wanted: &[Wanted], bands: &[Band]) -> Vec<usize> {
    let n = wanted.len();
    let mut order: Vec<usize> = (0..bands.len()).collect();
    order.sort_by(|&a, &b| bands[b].2.total_cmp(&bands[a].2).then(a.cmp(&b)));
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); n];
    for k in order {
        let (a, b, _) = bands[k];
        if a != b && !reaches(&next, b, a) {
            next[a].push(b);
        }
    }
    // As often as there are boxes: then the longest way has been gone.
    let mut layer: Vec<usize> = wanted.iter().map(|w| usize::from(!w.first)).collect();
    for _ in 0..n {
        for a in 0..n {
            for &b in &next[a] {
                layer[b] = layer[b].max(layer[a] + 1);
            }
        }
    }
    let inner = wanted.iter().zip(&layer).filter(|(w, _)| !w.last && !w.aside).map(|(_, &l)| l + 1).max().unwrap_or(0);
    for (b, _) in wanted.iter().enumerate().filter(|(_, w)| w.last) {
        layer[b] = inner;
    }
    layer
}

fn reaches(next: &[Vec<usize>], from: usize, to: usize) -> bool {
    let (mut seen, mut open) = (vec![false; next.len()], vec![from]);
    while let Some(b) = open.pop() {
        if b == to {
            return true;
        }
        if !std::mem::replace(&mut seen[b], true) {
            open.extend(&next[b]);
        }
    }
    false
}

/// A box is as high as it wants, and as the bands on either side are wide.
fn heights(wanted: &[Wanted], ends: &[(usize, usize, f64)]) -> Vec<f64> {
    let mut sides = vec![[0.0; 2]; wanted.len()];
    for &(a, b, width) in ends {
        sides[a][1] += width;
        sides[b][0] += width;
    }
    wanted.iter().zip(sides).map(|(w, [left, right])| w.height.max(left).max(right)).collect()
}

/// Middles of all bands; at a box they lie side by side around its middle, in the order of where they come from or go to.
fn middles(
    ends: &[(usize, usize, f64)],
    layer: &[usize],
    (tops, heights): (&[f64], &[f64]),
    passing: &[Vec<f64>],
) -> Vec<(usize, Vec<f64>)> {
    let middle = |b: usize| tops[b] + heights[b] / 2.0;
    let mut bands: Vec<(usize, Vec<f64>)> = ends
        .iter()
        .enumerate()
        .map(|(k, &(a, b, _))| {
            let way = (layer[a] + 1..layer[b]).map(|l| passing[k][l]);
            (layer[a], std::iter::once(middle(a)).chain(way).chain([middle(b)]).collect())
        })
        .collect();
    let targets = bands.clone();
    for b in 0..tops.len() {
        for right in [true, false] {
            let mut own: Vec<usize> =
                (0..ends.len()).filter(|&k| if right { ends[k].0 == b } else { ends[k].1 == b }).collect();
            let far = |k: usize| {
                let way = &targets[k].1;
                if right { way[1] } else { way[way.len() - 2] }
            };
            own.sort_by(|&x, &y| far(x).total_cmp(&far(y)).then(x.cmp(&y)));
            let mut top = middle(b) - own.iter().map(|&k| ends[k].2).sum::<f64>() / 2.0;
            for k in own {
                let at = top + ends[k].2 / 2.0;
                top += ends[k].2;
                let way = &mut bands[k].1;
                let place = if right { 0 } else { way.len() - 1 };
                way[place] = at;
            }
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(count: usize) -> Vec<Wanted> {
        let mut boxes = vec![Wanted { height: 10.0, last: false, first: false, aside: false }; count];
        boxes[0].first = true;
        boxes[count - 1].last = true;
        boxes
    }

    #[test]
    fn a_box_stands_right_of_all_that_flows_into_it() {
        // 0 → 1 → 2 → 3 and 0 → 2: the second way to 2 is longer; its band passes layer 1 beside box 1, not behind it.
        let laid = layout(&boxes(4), &[(0, 1, 6.0), (1, 2, 6.0), (0, 2, 4.0), (2, 3, 10.0)]);
        assert_eq!(laid.boxes.iter().map(|b| b.0).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let (first, way) = &laid.bands[2];
        assert_eq!((*first, way.len()), (0, 3));
        let (_, top, height) = laid.boxes[1];
        assert!(way[1] + 2.0 <= top || way[1] - 2.0 >= top + height, "{way:?} passes {top}–{}", top + height);
        // Layer 1 holds a box of 10, a gap of 18 and a band of 4.
        assert_eq!(laid.height, 32.0);
    }

    #[test]
    fn the_smaller_of_two_opposite_flows_is_the_one_that_runs_back() {
        // A crane puts 5 into a yard and takes 2 out of it: the yard stands right of it, and both bands lie between them.
        let laid = layout(&boxes(3), &[(0, 1, 9.0), (1, 2, 5.0), (2, 1, 2.0)]);
        assert_eq!((laid.boxes[1].0, laid.boxes[2].0), (1, 2));
        assert_eq!((laid.bands[1].0, laid.bands[2].0), (1, 1));
        let (a, b) = (&laid.bands[1].1, &laid.bands[2].1);
        assert!((a[0] - b[0]).abs() >= 3.5, "side by side: {a:?} {b:?}");
    }

    #[test]
    fn what_only_tells_where_something_goes_moves_nothing_to_the_right() {
        // 0 → 1 → 3, and 1 → 2, which is aside: 2 and 3 are both in layer 2.
        let mut boxes = boxes(4);
        boxes[2].aside = true;
        let laid = layout(&boxes, &[(0, 1, 5.0), (1, 2, 1.0), (1, 3, 4.0)]);
        assert_eq!((laid.boxes[2].0, laid.boxes[3].0, laid.layers), (2, 2, 3));
    }

    #[test]
    fn bands_at_a_box_fill_its_side_without_overlap() {
        // Three bands of 20, 30 and 10 into one box: it is 60 high, and they lie at 10, 35 and 55 from its top.
        let mut boxes = boxes(5);
        boxes[1].first = true;
        boxes[2].first = true;
        let laid = layout(&boxes, &[(0, 3, 20.0), (1, 3, 30.0), (2, 3, 10.0), (3, 4, 1.0)]);
        let (_, top, height) = laid.boxes[3];
        assert_eq!(height, 60.0);
        let ends: Vec<f64> = (0..3).map(|k| laid.bands[k].1[1] - top).collect();
        assert_eq!(ends, [10.0, 35.0, 55.0]);
    }
}
