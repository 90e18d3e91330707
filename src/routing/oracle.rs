//! The slow truth that the road search is compared with: plain searches by link on the roads as they are, without places,
//! bounds, or anything that is packed.

use super::trade::{TRADE_SHIFT, Trade};
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::roads::Roads;
use crate::network::times::LinkTimes;
use crate::units::{Time, ms};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is searched on.
#[derive(Clone, Copy, Debug)]
pub struct Oracle<'a> {
    /// Roads.
    pub roads: &'a Roads,
    /// Experienced times.
    pub times: &'a LinkTimes,
    /// Class of vehicle.
    pub class: VehicleClass,
}

impl Oracle<'_> {
    /// The moment at which one leaves a link that one enters at `enters`.
    fn leaves(&self, link: LinkIx, enters: Time) -> Time {
        enters.plus(self.times.travel_ms(link, enters).max(self.roads.free_flow_ms(link, self.class)))
    }

    fn money(&self, link: LinkIx, enters: Time, trade: Trade) -> i64 {
        let cm = (self.roads.length_m[link.i()] * 100.0).round() as i64;
        let toll = (self.roads.toll_cny_at(link, enters) * 1000.0).round() as i64;
        cm * trade.per_cm + toll * trade.per_milli_cny
    }

    fn first_links(&self, from: NodeIx, departure: Time) -> impl Iterator<Item = (LinkIx, Time)> {
        let open = self.roads.leaving.at(from).iter().filter(|&&link| self.roads.open_to(link, self.class));
        open.map(move |&link| (link, departure.plus(self.times.origin_ms(link, departure))))
    }

    /// Links that one may turn into from the end of a link that is reached at a moment, with the moment of entry.
    fn next_links(&self, link: LinkIx, at: Time) -> impl Iterator<Item = (LinkIx, Time)> {
        let turns = &self.roads.movements;
        let leaving = self.roads.leaving.at(self.roads.to[link.i()]).iter();
        let open = leaving.filter(move |&&to| self.roads.open_to(to, self.class) && turns.allows(link, to));
        open.map(move |&to| (to, at.plus(turns.turn(link, to).map_or(0, |turn| ms(turn.penalty_s)))))
    }

    /// The earliest arrival at each node: a time-dependent Dijkstra with a binary heap; [`Time::NEVER`] where no open road
    /// leads. With a destination it ends there, and tells no others.
    pub fn earliest(&self, from: NodeIx, departure: Time, to: Option<NodeIx>) -> Vec<Time> {
        let mut at_end = vec![Time::NEVER; self.roads.links()];
        let mut at_node = vec![Time::NEVER; self.roads.nodes()];
        at_node[from.i()] = departure;
        let mut heap = BinaryHeap::new();
        let mut offer = |heap: &mut BinaryHeap<_>, link: LinkIx, enters| {
            let leaves = self.leaves(link, enters);
            if leaves < at_end[link.i()] {
                at_end[link.i()] = leaves;
                heap.push(Reverse((leaves, link)));
            }
        };
        self.first_links(from, departure).for_each(|(link, enters)| offer(&mut heap, link, enters));
        let mut settled = vec![false; self.roads.links()];
        while let Some(Reverse((now, link))) = heap.pop() {
            if std::mem::replace(&mut settled[link.i()], true) {
                continue;
            }
            let node = self.roads.to[link.i()];
            at_node[node.i()] = at_node[node.i()].min(now);
            if to == Some(node) {
                break;
            }
            self.next_links(link, now).for_each(|(next, enters)| offer(&mut heap, next, enters));
        }
        at_node
    }

    /// The least generalised time to a node, 2⁻¹⁶ milliseconds: at each place (see [`streets`](super::streets)) all pairs of
    /// arrival and money that no other undercuts in both, made in the order of arrival. `None` where no open road leads.
    pub fn cheapest(&self, from: NodeIx, departure: Time, to: NodeIx, trade: Trade) -> Option<i64> {
        if from == to {
            return Some(0);
        }
        let place = |link: LinkIx| match self.roads.movements.turns_from(link) {
            [] => self.roads.to[link.i()].i(),
            _ => self.roads.nodes() + link.i(),
        };
        let mut best: Option<i64> = None;
        // Of a place, what was paid for the latest of the pairs that no other undercuts: the least so far.
        let mut paid_at = vec![i64::MAX; self.roads.nodes() + self.roads.links()];
        let mut open = BinaryHeap::new();
        for (link, enters) in self.first_links(from, departure) {
            open.push(Reverse((self.leaves(link, enters), self.money(link, enters, trade), link)));
        }
        while let Some(Reverse((at, paid, link))) = open.pop() {
            if best.is_some_and(|best| at.since(departure) << TRADE_SHIFT >= best) {
                break;
            }
            if paid >= paid_at[place(link)] {
                continue;
            }
            paid_at[place(link)] = paid;
            if self.roads.to[link.i()] == to {
                let value = (at.since(departure) << TRADE_SHIFT) + paid;
                best = Some(best.map_or(value, |best| best.min(value)));
            }
            for (next, enters) in self.next_links(link, at) {
                open.push(Reverse((self.leaves(next, enters), paid + self.money(next, enters, trade), next)));
            }
        }
        best
    }
}
