//! The road search: the route of least generalised time at a departure, on experienced times.
//!
//! A label is a place, an arrival there, and a generalised time: milliseconds from departure plus distance and toll weighed
//! in time ([`Trade`]). The search is A*: labels are settled in the order of generalised time plus a lower bound of what
//! is left ([`Bound`]).
//!
//! **Exactness.** Link times and waits are FIFO, but what is cheaper and later is not always better in the end: times may
//! rise meanwhile. So a place keeps every label that no other undercuts in both arrival and money, and the first label
//! that is settled at the destination is the best of all ways. Where a toll changes over the day, one that is both later
//! and dearer (or as dear) at a place is given up even if it would pay less at a toll further on: nobody goes a roundabout
//! way in order to come late to a toll. Where tolls do not fall over the day the search is exact over all ways (tests in
//! `truth`, against all walks of tiny networks).
//!
//! **Ties.** Of routes with equal generalised time the one that arrives first is taken; of those, backward from the
//! destination, at each place the link with the lower index. Labels with equal bounds are settled in the order of their
//! generalised time, so that all that could lead to a label of equal worth are settled before it; therefore routes do not
//! depend on bounds, on the order of the search, or on what was searched before.
//!
//! A vehicle that sets out waits at its origin until its first link takes it, for each link that leaves the origin a time
//! of its own. So the search begins with a label at the end of each of those links, the wait included; where one has to
//! wait, the origin itself is a node like any other, which a way round that avoids the queue may pass.

use super::bounds::Kept;
use super::labels::{Label, Labels, NONE};
use super::potentials::{Bound, Left};
use super::streets::{Hop, PlaceIx, Streets, TravelTimes};
use super::trade::{Driven, TRADE_SHIFT, Trade};
use crate::ids::{LinkIx, NodeIx};
use crate::network::times::LinkTimes;
use crate::units::Time;

/// What a search runs on.
#[derive(Debug)]
pub struct Roadway<'a, T = LinkTimes> {
    /// Roads of the class of vehicle.
    pub streets: &'a Streets,
    /// Experienced times.
    pub times: &'a T,
}

/// From where, when, and what counts.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Node of departure.
    pub from: NodeIx,
    /// Moment of departure.
    pub departure: Time,
    /// Weights of distance and toll.
    pub trade: Trade,
}

/// Memory of a search, one per thread: queries allocate nothing once it has grown.
#[derive(Clone, Debug, Default)]
pub struct RoadScratch {
    labels: Labels,
    kept: Kept,
    route: Vec<LinkIx>,
}

impl RoadScratch {
    /// Memory for roads of so many places or nodes; it grows when it meets larger ones.
    pub fn new(places: usize) -> RoadScratch {
        RoadScratch { labels: Labels::new(places), ..RoadScratch::default() }
    }

    /// Labels that the last search settled.
    pub fn settled(&self) -> u64 {
        self.labels.settled
    }
}

impl<T: TravelTimes> Roadway<'_, T> {
    /// The best route to a node: its time, distance and toll; its links are put into `route`. `None` when no open road
    /// leads there.
    pub fn route(
        &self,
        start: Start,
        to: NodeIx,
        bound: Bound<'_>,
        scratch: &mut RoadScratch,
        route: &mut Vec<LinkIx>,
    ) -> Option<Driven> {
        route.clear();
        if to == start.from {
            return Some(Driven::default());
        }
        let RoadScratch { labels, kept, .. } = scratch;
        let errand = Errand { roadway: self, departure: start.departure, trade: start.trade, to: Target::Node(to) };
        let found = errand.leaving_node(start.from, &mut bound.aim(start.trade, to, kept), labels)?;
        labels.route(found, route);
        Some(self.streets.along(route, self.times, start.departure))
    }

    /// The fastest way from the end of a link, by turns that are allowed from there, to a node; its links are put into
    /// `route`, none where the link ends at the node. Its time in milliseconds, what the links take now; `None` when no open
    /// road leads there.
    pub fn route_on(
        &self,
        on: LinkIx,
        to: NodeIx,
        bound: Bound<'_>,
        scratch: &mut RoadScratch,
        route: &mut Vec<LinkIx>,
    ) -> Option<i64> {
        route.clear();
        let place = self.streets.end(on);
        if self.streets.node_of(place) == to {
            return Some(0);
        }
        self.onward(place, to, Target::Node(to), bound, scratch, route)
    }

    /// The same to the end of a link, the last of the route, which leaves the node `tail`.
    pub fn route_onto(
        &self,
        on: LinkIx,
        last: LinkIx,
        tail: NodeIx,
        bound: Bound<'_>,
        scratch: &mut RoadScratch,
        route: &mut Vec<LinkIx>,
    ) -> Option<i64> {
        route.clear();
        if on == last {
            return Some(0);
        }
        self.onward(self.streets.end(on), tail, Target::Link(last), bound, scratch, route)
    }

    fn onward(
        &self,
        place: PlaceIx,
        aim: NodeIx,
        to: Target,
        bound: Bound<'_>,
        scratch: &mut RoadScratch,
        route: &mut Vec<LinkIx>,
    ) -> Option<i64> {
        let RoadScratch { labels, kept, .. } = scratch;
        let errand = Errand { roadway: self, departure: Time(0), trade: Trade::TIME_ONLY, to };
        let found = errand.leaving_place(place, &mut bound.aim(Trade::TIME_ONLY, aim, kept), labels)?;
        labels.route(found, route);
        Some(labels.all[found as usize].ms)
    }

    /// Searches to all nodes; [`Roadway::reached`] tells what each one takes.
    pub fn tree(&self, start: Start, scratch: &mut RoadScratch) {
        let errand = Errand { roadway: self, departure: start.departure, trade: start.trade, to: Target::All };
        errand.leaving_node(start.from, &mut Left::Nothing, &mut scratch.labels);
    }

    /// What it takes to reach a node after [`Roadway::tree`] from the same start, if it can be reached. Nobody drives to
    /// where he is.
    pub fn reached(&self, start: Start, node: NodeIx, scratch: &mut RoadScratch) -> Option<Driven> {
        if node == start.from {
            return Some(Driven::default());
        }
        let RoadScratch { labels, route, .. } = scratch;
        route.clear();
        labels.route(labels.best(self.streets, node)?, route);
        Some(self.streets.along(route, self.times, start.departure))
    }
}

/// A search under way: what is looked for on what.
struct Errand<'a, T> {
    roadway: &'a Roadway<'a, T>,
    departure: Time,
    trade: Trade,
    to: Target,
}

/// Where a search ends.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// When all has been seen.
    All,
    /// At a node.
    Node(NodeIx),
    /// At the end of a link.
    Link(LinkIx),
}

impl<T: TravelTimes> Errand<'_, T> {
    /// Labels the ends of the links that leave the origin and searches on. Where nobody waits, no way back to the origin
    /// can be of use, and a label there undercuts all that come back.
    fn leaving_node(&self, from: NodeIx, left: &mut Left<'_>, labels: &mut Labels) -> Option<u32> {
        let Roadway { streets, times } = *self.roadway;
        labels.begin(streets.places() + 1);
        left.left(from, self.departure)?;
        let hops = streets.leaving(from);
        if hops.iter().all(|hop| times.origin_ms(hop.link, self.departure) == 0) {
            labels.stand(PlaceIx(from.0));
        }
        for hop in hops {
            let step = streets.set_out(hop.link, times, self.departure);
            self.offer(None, hop, step, left, labels);
        }
        self.search(left, labels)
    }

    fn leaving_place(&self, place: PlaceIx, left: &mut Left<'_>, labels: &mut Labels) -> Option<u32> {
        let Roadway { streets, times } = *self.roadway;
        labels.begin(streets.places() + 1);
        left.left(streets.node_of(place), self.departure)?;
        labels.stand(place);
        for hop in streets.onward(place) {
            self.offer(None, hop, streets.driven(hop, times, self.departure), left, labels);
        }
        self.search(left, labels)
    }

    /// Settles labels until one is settled at the destination, if there is one.
    fn search(&self, left: &mut Left<'_>, labels: &mut Labels) -> Option<u32> {
        let Roadway { streets, times } = *self.roadway;
        while let Some((index, label)) = labels.settle() {
            match self.to {
                Target::Node(node) if streets.node_of(label.place) == node => return labels.best(streets, node),
                Target::Link(_) if label.place == self.goal() => return Some(index),
                _ => {}
            }
            let now = self.departure.plus(label.ms);
            for hop in streets.onward(label.place) {
                // Many hops lead back, or to where others came before: their times need not be looked up.
                let least = label.ms + i64::from(hop.turn_ms) + i64::from(hop.figures.free_ms);
                if !self.ends(hop) && labels.undercuts(hop.to, least, label.money() + self.least_money(hop)) {
                    continue;
                }
                self.offer(Some((index, &label)), hop, streets.driven(hop, times, now), left, labels);
            }
        }
        None
    }

    #[inline]
    fn offer(&self, before: Option<(u32, &Label)>, hop: &Hop, step: Driven, left: &mut Left<'_>, labels: &mut Labels) {
        let money = step.cm * self.trade.per_cm + step.toll_milli_cny * self.trade.per_milli_cny;
        let (before, value, ms) = before.map_or((NONE, 0, 0), |(index, label)| (index, label.value, label.ms));
        let value = value + (step.ms << TRADE_SHIFT) + money;
        let place = if self.ends(hop) { self.goal() } else { hop.to };
        let label = Label::new(place, value, ms + step.ms, hop.link, before);
        labels.offer(label, || self.left(hop, self.departure.plus(label.ms), left));
    }

    /// What a hop costs at least besides its time.
    #[inline]
    fn least_money(&self, hop: &Hop) -> i64 {
        let Trade { per_cm, per_milli_cny } = self.trade;
        i64::from(hop.figures.cm) * per_cm + i64::from(hop.figures.least_toll_milli_cny) * per_milli_cny
    }

    /// What is left behind a hop.
    #[inline]
    fn left(&self, hop: &Hop, now: Time, left: &mut Left<'_>) -> Option<i64> {
        if self.ends(hop) { Some(0) } else { left.left(self.roadway.streets.node_of(hop.to), now) }
    }

    /// Whether a hop is the link at whose end the search ends. That end is a place of its own, so that nobody who comes to
    /// the same node by another link undercuts who comes by this one.
    fn ends(&self, hop: &Hop) -> bool {
        matches!(self.to, Target::Link(link) if link == hop.link)
    }

    fn goal(&self) -> PlaceIx {
        PlaceIx(self.roadway.streets.places() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::VehicleClass;
    use crate::network::periods::LinkPeriod;
    use crate::network::roads::Roads;
    use crate::network::times::BIN_MS;
    use crate::routing::toy::{self, trade};

    /// Two ways from node 0 to node 1: a tolled expressway (link 0: 20 km at 20 m/s, 15 yuan) and a road (links 1, 2:
    /// 20 km at 10 m/s).
    fn expressway_and_road() -> Roads {
        let positions = [[113.0, 23.0], [113.1, 23.0], [113.05, 23.01]];
        toy::roads(
            &positions,
            &[(0, 1, 20_000.0, 20.0, 15.0), (0, 2, 10_000.0, 10.0, 0.0), (2, 1, 10_000.0, 10.0, 0.0)],
        )
    }

    #[test]
    fn who_values_time_highly_takes_the_toll_road_and_who_does_not_takes_the_other() {
        // Expressway 1,000 s and 15 yuan, road 2,000 s: saving 1,000 s for 15 yuan pays from 54 yuan/h on.
        // Business values an hour at 72 yuan, other purposes at 19.
        let roads = expressway_and_road();
        let times = LinkTimes::free_flow(&roads, Time(0), Time(BIN_MS));
        let streets = Streets::new(&roads, VehicleClass::Car);
        let roadway = Roadway { streets: &streets, times: &times };
        let mut scratch = RoadScratch::new(3);
        let mut route = Vec::new();
        let mut driven = |cny_h| {
            let start = Start { from: NodeIx(0), departure: Time(0), trade: trade(cny_h) };
            roadway.route(start, NodeIx(1), Bound::Nothing, &mut scratch, &mut route).map(|d| (d, route.clone()))
        };
        let fast = Driven { ms: 1_000_000, cm: 2_000_000, toll_milli_cny: 15_000 };
        let free = Driven { ms: 2_000_000, cm: 2_000_000, toll_milli_cny: 0 };
        assert_eq!(driven(72.0), Some((fast, vec![LinkIx(0)])));
        assert_eq!(driven(19.0), Some((free, vec![LinkIx(1), LinkIx(2)])));
    }

    #[test]
    fn a_first_link_with_a_long_queue_of_departures_is_avoided() {
        // Free of waits the expressway takes 1,000 s and the road 2,000 s. A wait of 1,001 s for the expressway makes the
        // road the faster by 1 s; one of 999 s does not. In the middle of the route a queue of departures is passed by.
        let roads = expressway_and_road();
        let streets = Streets::new(&roads, VehicleClass::Car);
        let (mut scratch, mut route) = (RoadScratch::new(3), Vec::new());
        for (wait_s, ms, links) in [(999, 1_999_000, vec![0]), (1_001, 2_000_000, vec![1, 2])] {
            let mut times = LinkTimes::free_flow(&roads, Time(0), Time(BIN_MS));
            (times.origin_ms[0], times.origin_ms[2]) = (wait_s * 1_000, 5_000_000);
            let start = Start { from: NodeIx(0), departure: Time(0), trade: Trade::TIME_ONLY };
            let roadway = Roadway { streets: &streets, times: &times };
            let driven = roadway.route(start, NodeIx(1), Bound::Nothing, &mut scratch, &mut route).unwrap();
            assert_eq!((driven.ms, &route), (ms, &links.into_iter().map(LinkIx).collect()));
            roadway.tree(start, &mut scratch);
            let reached = roadway.reached(start, NodeIx(1), &mut scratch);
            assert_eq!(reached.map(|d| d.ms), Some(ms), "a tree sees the same wait");
            let here = roadway.reached(start, NodeIx(0), &mut scratch);
            assert_eq!(here, Some(Driven::default()), "nobody waits to stay where he is");
        }
    }

    #[test]
    fn a_way_round_the_block_past_the_origin_may_save_the_wait_there() {
        // Link 0 leads straight (100 s) after a wait of 600 s; links 1 and 2 lead out and back in 100 s each, without a
        // wait. Out, back and on: 300 s.
        let positions = [[113.0, 23.0], [113.01, 23.0], [113.0, 23.01]];
        let km = |from, to| (from, to, 1_000.0, 10.0, 0.0);
        let roads = toy::roads(&positions, &[km(0, 1), km(0, 2), km(2, 0)]);
        let streets = Streets::new(&roads, VehicleClass::Car);
        let mut times = LinkTimes::free_flow(&roads, Time(0), Time(BIN_MS));
        times.origin_ms[0] = 600_000;
        let start = Start { from: NodeIx(0), departure: Time(0), trade: Trade::TIME_ONLY };
        let (mut scratch, mut route) = (RoadScratch::new(3), Vec::new());
        let roadway = Roadway { streets: &streets, times: &times };
        let driven = roadway.route(start, NodeIx(1), Bound::Nothing, &mut scratch, &mut route).unwrap();
        assert_eq!((driven.ms, route.as_slice()), (300_000, [1, 2, 0].map(LinkIx).as_slice()));
        assert_eq!(streets.along(&route, &times, Time(0)), driven);
    }

    #[test]
    fn recosting_adds_the_wait_of_a_queue_of_departures() {
        // D/D/1 at the origin: departures every 1/λ = 2 s, the link takes one every 1/μ = 4 s. Number n sets out at 2n s
        // and waits n·(1/μ − 1/λ) = 2n s: as long as the time since the first. The mean of the 450 of a bin that begins
        // at t is t + 449 s, which holds for its middle, t + 450 s; between two middles the wait is 1 s too short.
        let roads = toy::roads(&[[113.0, 23.0], [113.01, 23.0]], &[(0, 1, 1_000.0, 10.0, 0.0)]);
        let mut times = LinkTimes::free_flow(&roads, Time(0), Time(4 * BIN_MS));
        for b in 0..4 {
            let waits_ms = (450 * b..450 * (b + 1)).map(|n| 2_000 * n);
            times.origin_ms[b as usize] = waits_ms.sum::<u32>() / 450;
        }
        times.make_fifo();
        let streets = Streets::new(&roads, VehicleClass::Car);
        for n in [225, 400, 1_000, 1_570] {
            let took_ms = streets.along(&[LinkIx(0)], &times, Time(2_000 * n)).ms;
            assert_eq!(took_ms, 2_000 * n - 1_000 + 100_000, "number {n}");
        }
    }

    #[test]
    fn a_truck_is_never_faster_than_its_own_free_flow_and_keeps_off_closed_roads() {
        // 20 km at 30 m/s are 667 s for a car; a truck drives 80 km/h at most: 900 s.
        let positions = [[113.0, 23.0], [113.1, 23.0]];
        let mut roads = toy::roads(&positions, &[(0, 1, 20_000.0, 30.0, 0.0), (0, 1, 10_000.0, 30.0, 0.0)]);
        roads.uses[1].truck = false;
        let times = LinkTimes::free_flow(&roads, Time(0), Time(BIN_MS));
        let streets = Streets::new(&roads, VehicleClass::Truck);
        let roadway = Roadway { streets: &streets, times: &times };
        let start = Start { from: NodeIx(0), departure: Time(0), trade: Trade::TIME_ONLY };
        let (mut scratch, mut route) = (RoadScratch::new(2), Vec::new());
        let driven = roadway.route(start, NodeIx(1), Bound::Nothing, &mut scratch, &mut route);
        assert_eq!((driven.map(|d| d.ms), route.as_slice()), (Some(900_000), [LinkIx(0)].as_slice()));
        assert_eq!(
            roadway.route(Start { from: NodeIx(1), ..start }, NodeIx(0), Bound::Nothing, &mut scratch, &mut route),
            None
        );
    }

    #[test]
    fn nobody_goes_a_roundabout_way_in_order_to_come_late_to_a_toll() {
        // Straight on 100 s (link 0), round 200 s (link 1), and then a link of 100 s that costs 10 yuan until 150 s. At 72
        // yuan an hour 100 s are 2 yuan: coming late would save 8. But round is later and no cheaper at node 1: given up.
        let positions = [[113.0, 23.0], [113.01, 23.0], [113.02, 23.0]];
        let toll = 10.0;
        let mut roads =
            toy::roads(&positions, &[(0, 1, 1e3, 10.0, 0.0), (0, 1, 2e3, 10.0, 0.0), (1, 2, 1e3, 10.0, 0.0)]);
        let (capacity_pcu_h, free_speed_mps) = (1_800.0, 10.0);
        let (link, from, until) = (LinkIx(2), Time(0), Time(150_000));
        roads.periods = vec![LinkPeriod { link, from, until, capacity_pcu_h, free_speed_mps, toll_cny: toll }];
        let times = LinkTimes::free_flow(&roads, Time(0), Time(BIN_MS));
        let streets = Streets::new(&roads, VehicleClass::Car);
        let start = Start { from: NodeIx(0), departure: Time(0), trade: Trade { per_cm: 0, ..trade(72.0) } };
        let (mut scratch, mut route) = (RoadScratch::new(3), Vec::new());
        let mut from = |start| {
            let roadway = Roadway { streets: &streets, times: &times };
            roadway.route(start, NodeIx(2), Bound::Nothing, &mut scratch, &mut route).expect("a way");
            route.clone()
        };
        assert_eq!(from(start), [LinkIx(0), LinkIx(2)]);
        assert_eq!(from(Start { departure: Time(50_000), ..start }), [LinkIx(0), LinkIx(2)], "now it is free");
        let round = streets.along(&[LinkIx(1), LinkIx(2)], &times, Time(0));
        assert_eq!(round, Driven { ms: 300_000, cm: 300_000, toll_milli_cny: 0 });
    }

    #[test]
    fn a_later_departure_meets_the_congestion_of_its_hour() {
        // One link, 100 s in the first bin, 200 s from the second on; the middles of the bins are at 450 s and 1,350 s.
        // At 900 s, half way between the middles, it takes 150 s.
        let roads = toy::roads(&[[113.0, 23.0], [113.01, 23.0]], &[(0, 1, 1_000.0, 10.0, 0.0)]);
        let times = LinkTimes {
            start: Time(0),
            bin_ms: BIN_MS,
            bins: 2,
            travel_ms: vec![100_000, 200_000],
            origin_ms: vec![0, 0],
        };
        let streets = Streets::new(&roads, VehicleClass::Car);
        for (departure_s, ms) in [(0, 100_000), (900, 150_000), (1_800, 200_000)] {
            assert_eq!(streets.along(&[LinkIx(0)], &times, Time(departure_s * 1000)).ms, ms);
        }
    }
}
