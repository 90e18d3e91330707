//! Labels of a road search, by place, and the order in which they are settled.

use super::streets::{PlaceIx, Streets};
use super::trade::TRADE_SHIFT;
use crate::ids::{LinkIx, NodeIx};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// No label.
pub const NONE: u32 = u32::MAX;

/// A way to a place that may be worth going on from.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// Generalised time so far, 2⁻¹⁶ milliseconds.
    pub value: i64,
    /// Time so far, milliseconds.
    pub ms: i64,
    /// The place.
    pub place: PlaceIx,
    /// Link by which it was reached.
    pub by: LinkIx,
    /// Label from which that link was taken; [`NONE`] when the link is the first of the route.
    pub before: u32,
    /// An earlier label of the place, [`NONE`] for none.
    next: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Settled,
    /// Another label of the place undercuts it.
    Undercut,
}

impl Label {
    /// An open label.
    pub fn new(place: PlaceIx, value: i64, ms: i64, by: LinkIx, before: u32) -> Label {
        Label { value, ms, place, by, before, next: NONE, state: State::Open }
    }

    /// What of the value is not time, 2⁻¹⁶ milliseconds.
    #[inline]
    pub fn money(&self) -> i64 {
        self.value - (self.ms << TRADE_SHIFT)
    }
}

/// All labels of a search.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// In the order in which they were made.
    pub all: Vec<Label>,
    /// How many were settled.
    pub settled: u64,
    /// Search in which a place was labelled last, and its latest label.
    places: Vec<(u32, u32)>,
    generation: u32,
    /// Value and bound, value, label.
    heap: BinaryHeap<Reverse<(i64, i64, u32)>>,
}

impl Labels {
    /// Memory for so many places.
    pub fn new(places: usize) -> Labels {
        Labels { places: vec![(0, NONE); places], ..Labels::default() }
    }

    /// Forgets the search before.
    pub fn begin(&mut self, places: usize) {
        self.heap.clear();
        self.all.clear();
        self.settled = 0;
        if self.places.len() < places {
            self.places.resize(places, (0, NONE));
        }
        if self.generation == u32::MAX {
            self.places.fill((0, NONE));
            self.generation = 0;
        }
        self.generation += 1;
    }

    /// A label for standing at a place at no cost, from which nothing is searched.
    pub fn stand(&mut self, place: PlaceIx) {
        self.places[place.0 as usize] = (self.generation, self.all.len() as u32);
        self.all.push(Label { state: State::Settled, ..Label::new(place, 0, 0, LinkIx(u32::MAX), NONE) });
    }

    /// Offers a label to its place. One that another undercuts, neither later nor dearer, is dropped, and those that it
    /// undercuts are. Of two that are equal the one by the lower link stays. `left` tells a lower bound of what is left,
    /// `None` where nothing leads to the destination; it is not asked about a label that is dropped.
    #[inline]
    pub fn offer(&mut self, mut label: Label, left: impl FnOnce() -> Option<i64>) {
        let (generation, latest) = self.places[label.place.0 as usize];
        let latest = if generation == self.generation { latest } else { NONE };
        let money = label.money();
        let mut next = latest;
        while next != NONE {
            let old = self.all[next as usize];
            let at = std::mem::replace(&mut next, old.next);
            if old.state == State::Undercut {
                continue;
            }
            let old_money = old.money();
            if old.ms == label.ms && old_money == money {
                if self.rank(&label) < self.rank(&old) {
                    let old = &mut self.all[at as usize];
                    (old.by, old.before) = (label.by, label.before);
                }
                return;
            }
            if old.ms <= label.ms && old_money <= money {
                return;
            }
            if label.ms <= old.ms && money <= old_money {
                self.all[at as usize].state = State::Undercut;
            }
        }
        let Some(left) = left() else { return };
        label.next = latest;
        let index = self.all.len() as u32;
        self.places[label.place.0 as usize] = (self.generation, index);
        self.heap.push(Reverse((label.value + left, label.value, index)));
        self.all.push(label);
    }

    /// Whether a label of a place is earlier than a moment and no dearer than so much: one that comes then or later for as
    /// much or more is dropped, and no tie can be between them.
    #[inline]
    pub fn undercuts(&self, place: PlaceIx, ms: i64, money: i64) -> bool {
        let (generation, latest) = self.places[place.0 as usize];
        let mut next = if generation == self.generation { latest } else { NONE };
        while next != NONE {
            let old = &self.all[next as usize];
            if old.ms < ms && old.money() <= money {
                return true;
            }
            next = old.next;
        }
        false
    }

    /// What decides between equal labels: the link, then when and where it was taken.
    fn rank(&self, label: &Label) -> (LinkIx, i64, PlaceIx) {
        let before = self.all.get(label.before as usize);
        (label.by, before.map_or(-1, |b| b.ms), before.map_or(PlaceIx(0), |b| b.place))
    }

    /// Settles the next open label.
    #[inline]
    pub fn settle(&mut self) -> Option<(u32, Label)> {
        while let Some(Reverse((_, _, index))) = self.heap.pop() {
            let label = &mut self.all[index as usize];
            if label.state == State::Open {
                label.state = State::Settled;
                self.settled += 1;
                return Some((index, *label));
            }
        }
        None
    }

    /// The label of least value at a node; of equal ones the earliest, then the one by the lower link.
    pub fn best(&self, streets: &Streets, node: NodeIx) -> Option<u32> {
        let mut best: Option<(i64, i64, LinkIx, u32)> = None;
        for place in streets.places_at(node) {
            let (generation, latest) = self.places[place.0 as usize];
            let mut next = if generation == self.generation { latest } else { NONE };
            while next != NONE {
                let label = &self.all[next as usize];
                let key = (label.value, label.ms, label.by, next);
                if label.state != State::Undercut && best.is_none_or(|best| key < best) {
                    best = Some(key);
                }
                next = label.next;
            }
        }
        best.map(|best| best.3)
    }

    /// Puts the links of the way to a label into `route`.
    pub fn route(&self, label: u32, route: &mut Vec<LinkIx>) {
        let mut at = label;
        while at != NONE {
            let label = &self.all[at as usize];
            route.push(label.by);
            at = label.before;
        }
        route.reverse();
    }
}
