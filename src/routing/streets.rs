//! The road network as one class of vehicle sees it: open links and allowed turns only, packed for the search in whole
//! numbers.
//!
//! A search stands at a *place*. Where a link's turns are not written down, its end is the node itself, one place for all
//! such links; a link with written turns ends at a place of its own, from which only its allowed turns lead on. So turns
//! cost memory and labels only where there are any.

use super::trade::Driven;
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::roads::Roads;
use crate::network::times::LinkTimes;
use crate::units::{Time, ms};

/// Travel times of links at a moment, FIFO: who enters (sets out) later never leaves (enters) earlier.
pub trait TravelTimes: Sync {
    /// Travel time of a vehicle that enters at `time`, milliseconds.
    fn travel_ms(&self, link: LinkIx, time: Time) -> i64;
    /// Wait at the origin of a vehicle that sets out onto a link at `time` until it enters it, milliseconds.
    fn origin_ms(&self, link: LinkIx, time: Time) -> i64;
}

impl TravelTimes for LinkTimes {
    fn travel_ms(&self, link: LinkIx, time: Time) -> i64 {
        LinkTimes::travel_ms(self, link, time)
    }

    fn origin_ms(&self, link: LinkIx, time: Time) -> i64 {
        LinkTimes::origin_ms(self, link, time)
    }
}

/// Travel times turned round, all links of a bin together: links that leave a node are neighbours in memory, and so are
/// those of nodes near by. On a city of 398,160 links a search by free-flow bounds takes 6.1 ms instead of 8.9 ms; turning
/// 96 bins round takes 0.11 s whenever times change (`benches/router.rs`, November 2026).
#[derive(Clone, Debug)]
pub struct TimesByBin<'a> {
    times: &'a LinkTimes,
    /// Time of link `l` in bin `b` at `b * links + l`, milliseconds.
    travel_ms: Vec<u32>,
}

impl<'a> TimesByBin<'a> {
    /// Turns times round.
    pub fn new(times: &'a LinkTimes) -> TimesByBin<'a> {
        let links = times.travel_ms.len() / times.bins;
        let mut travel_ms = vec![0; times.travel_ms.len()];
        // By pieces of links, so that what is written stays in the caches.
        for (piece, rows) in times.travel_ms.chunks(256 * times.bins).enumerate() {
            for bin in 0..times.bins {
                let row = &mut travel_ms[bin * links + piece * 256..];
                row.iter_mut().zip(rows[bin..].iter().step_by(times.bins)).for_each(|(to, from)| *to = *from);
            }
        }
        TimesByBin { times, travel_ms }
    }
}

impl TravelTimes for TimesByBin<'_> {
    #[inline]
    fn travel_ms(&self, link: LinkIx, time: Time) -> i64 {
        let links = self.travel_ms.len() / self.times.bins;
        let (bin, part) = self.times.place(time);
        let here = i64::from(self.travel_ms[bin * links + link.i()]);
        if part == 0 {
            return here;
        }
        let next = i64::from(self.travel_ms[(bin + 1) * links + link.i()]);
        here + (next - here) * part / self.times.bin_ms
    }

    fn origin_ms(&self, link: LinkIx, time: Time) -> i64 {
        self.times.origin_ms(link, time)
    }
}

/// Times that hold for as long as a way lasts, milliseconds by [`LinkIx`], without waits at the origin.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a>(pub &'a [u32]);

impl TravelTimes for Snapshot<'_> {
    fn travel_ms(&self, link: LinkIx, _: Time) -> i64 {
        i64::from(self.0[link.i()])
    }

    fn origin_ms(&self, _: LinkIx, _: Time) -> i64 {
        0
    }
}

/// Where a search stands: a node, or the end of a link whose turns are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceIx(pub u32);

/// Roads for one class of vehicle.
#[derive(Clone, Debug)]
pub struct Streets {
    /// The class.
    pub class: VehicleClass,
    /// Where the hops of a place begin; nodes first, then the ends of links with written turns.
    first: Vec<u32>,
    hops: Vec<Hop>,
    /// By link.
    figures: Vec<Figures>,
    /// The place that a link leads to, by link.
    ends: Vec<PlaceIx>,
    /// Node of the places behind the nodes, ascending.
    node_of: Vec<NodeIx>,
    /// Tolls that hold for a part of the day, by link and moment.
    tolls: Vec<TollPeriod>,
}

/// An open link as the search meets it at the place that it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Hop {
    /// The link.
    pub link: LinkIx,
    /// The place that it leads to.
    pub to: PlaceIx,
    /// Time of the turn into it, milliseconds.
    pub turn_ms: u32,
    /// What does not change with the time of day.
    pub figures: Figures,
}

/// What of a link does not change with the time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Free-flow time of the class, milliseconds.
    pub free_ms: u32,
    /// Length, centimetres.
    pub cm: u32,
    /// Toll outside the periods of the link, thousandths of a yuan.
    pub toll_milli_cny: u32,
    /// Least toll of the day, thousandths of a yuan.
    pub least_toll_milli_cny: u32,
}

/// A toll that holds for a part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TollPeriod {
    link: LinkIx,
    from: Time,
    until: Time,
    milli_cny: u32,
}

impl Figures {
    fn of(roads: &Roads, link: LinkIx, class: VehicleClass) -> Figures {
        let toll = milli(roads.toll_cny[link.i()]);
        let least = roads.periods_of(link).iter().map(|p| milli(p.toll_cny)).fold(toll, u32::min);
        Figures {
            free_ms: u32::try_from(roads.free_flow_ms(link, class)).unwrap_or(u32::MAX),
            cm: (roads.length_m[link.i()] * 100.0).round() as u32,
            toll_milli_cny: toll,
            least_toll_milli_cny: least,
        }
    }
}

fn milli(cny: f64) -> u32 {
    (cny * 1000.0).round() as u32
}

impl Streets {
    /// Packs the links and turns that are open to a class.
    pub fn new(roads: &Roads, class: VehicleClass) -> Streets {
        let links = (0..roads.links()).map(LinkIx::from);
        let tolls = toll_periods(roads);
        let mut streets = Streets {
            class,
            first: vec![0],
            hops: Vec::with_capacity(roads.links()),
            figures: links.clone().map(|link| Figures::of(roads, link, class)).collect(),
            ends: roads.to.iter().map(|node| PlaceIx(node.0)).collect(),
            node_of: Vec::new(),
            tolls,
        };
        let mut with_turns: Vec<LinkIx> = links.filter(|&l| !roads.movements.turns_from(l).is_empty()).collect();
        with_turns.sort_by_key(|link| (roads.to[link.i()], *link));
        for (place, &link) in (roads.nodes()..).zip(&with_turns) {
            streets.ends[link.i()] = PlaceIx(place as u32);
            streets.node_of.push(roads.to[link.i()]);
        }
        for node in (0..roads.nodes()).map(NodeIx::from) {
            streets.add_place(roads, roads.leaving.at(node), |_| Some(0.0));
        }
        for from in with_turns {
            streets.add_place(roads, roads.leaving.at(roads.to[from.i()]), |to| {
                roads.movements.allows(from, to).then(|| roads.movements.turn(from, to).map_or(0.0, |t| t.penalty_s))
            });
        }
        streets
    }

    /// Adds the hops of the next place; `turn` tells the penalty of an allowed turn into a link, seconds.
    fn add_place(&mut self, roads: &Roads, leaving: &[LinkIx], turn: impl Fn(LinkIx) -> Option<f64>) {
        for &link in leaving.iter().filter(|&&link| roads.open_to(link, self.class)) {
            if let Some(penalty_s) = turn(link) {
                let turn_ms = ms(penalty_s.max(0.0)).min(i64::from(u32::MAX)) as u32;
                let (to, figures) = (self.ends[link.i()], self.figures[link.i()]);
                self.hops.push(Hop { link, to, turn_ms, figures });
            }
        }
        self.first.push(self.hops.len() as u32);
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.places() - self.node_of.len()
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.first.len() - 1
    }

    /// The node that a place lies at.
    pub fn node_of(&self, place: PlaceIx) -> NodeIx {
        let nodes = self.nodes();
        if place.0 < nodes as u32 { NodeIx(place.0) } else { self.node_of[place.0 as usize - nodes] }
    }

    /// The places at a node: itself, and the ends of its links with written turns.
    pub fn places_at(&self, node: NodeIx) -> impl Iterator<Item = PlaceIx> + use<> {
        let first = self.node_of.partition_point(|&n| n < node);
        let others = self.node_of[first..].iter().take_while(|&&n| n == node).count();
        let first = self.nodes() + first;
        std::iter::once(PlaceIx(node.0)).chain((first..first + others).map(|place| PlaceIx(place as u32)))
    }

    /// The place that a link leads to.
    pub fn end(&self, link: LinkIx) -> PlaceIx {
        self.ends[link.i()]
    }

    /// Open links that leave a node.
    pub fn leaving(&self, node: NodeIx) -> &[Hop] {
        self.onward(PlaceIx(node.0))
    }

    /// Open links that one may go on by from a place.
    pub fn onward(&self, place: PlaceIx) -> &[Hop] {
        &self.hops[self.first[place.0 as usize] as usize..self.first[place.0 as usize + 1] as usize]
    }

    /// Toll of a vehicle that enters a link at `time`, thousandths of a yuan.
    fn toll_milli_cny(&self, link: LinkIx, figures: &Figures, time: Time) -> i64 {
        if self.tolls.is_empty() {
            return i64::from(figures.toll_milli_cny);
        }
        let periods = periods_of(&self.tolls, link);
        let period = periods[..periods.partition_point(|p| p.from <= time)].last().filter(|p| time < p.until);
        i64::from(period.map_or(figures.toll_milli_cny, |p| p.milli_cny))
    }

    /// A link driven by a vehicle of the class that begins to turn into it at `time`. Experienced times are those of cars;
    /// nobody is faster than the free flow of its own class. The greater of two FIFO times is FIFO.
    #[inline]
    pub fn driven(&self, hop: &Hop, times: &impl TravelTimes, time: Time) -> Driven {
        let turn_ms = i64::from(hop.turn_ms);
        let link = self.on_link(hop.link, &hop.figures, times, time.plus(turn_ms));
        Driven { ms: link.ms + turn_ms, ..link }
    }

    #[inline]
    fn on_link(&self, link: LinkIx, figures: &Figures, times: &impl TravelTimes, enters: Time) -> Driven {
        Driven {
            ms: times.travel_ms(link, enters).max(i64::from(figures.free_ms)),
            cm: i64::from(figures.cm),
            toll_milli_cny: self.toll_milli_cny(link, figures, enters),
        }
    }

    /// A link driven by a vehicle of the class that sets out onto it at `time`: first it waits at the origin. FIFO as
    /// well, since who sets out later enters no earlier.
    pub fn set_out(&self, link: LinkIx, times: &impl TravelTimes, time: Time) -> Driven {
        let wait = Driven { ms: times.origin_ms(link, time), ..Driven::default() };
        wait.and(self.on_link(link, &self.figures[link.i()], times, time.plus(wait.ms)))
    }

    /// Time of the turn from a link into another, milliseconds; 0 where none is written down.
    fn turn_ms(&self, from: LinkIx, to: LinkIx) -> i64 {
        let place = self.ends[from.i()];
        if (place.0 as usize) < self.nodes() {
            return 0;
        }
        self.onward(place).iter().find(|hop| hop.link == to).map_or(0, |hop| i64::from(hop.turn_ms))
    }

    /// What a route takes on empty roads, milliseconds.
    pub fn free_ms(&self, route: &[LinkIx]) -> i64 {
        route.iter().map(|link| i64::from(self.figures[link.i()].free_ms)).sum()
    }

    /// A route driven link by link from a departure, with the wait at the origin before the first.
    pub fn along(&self, route: &[LinkIx], times: &impl TravelTimes, departure: Time) -> Driven {
        let Some(&first) = route.first() else { return Driven::default() };
        route.windows(2).fold(self.set_out(first, times, departure), |sum, pair| {
            let turn = Driven { ms: self.turn_ms(pair[0], pair[1]), ..Driven::default() };
            let sum = sum.and(turn);
            sum.and(self.on_link(pair[1], &self.figures[pair[1].i()], times, departure.plus(sum.ms)))
        })
    }
}

/// The periods in which tolls differ.
fn toll_periods(roads: &Roads) -> Vec<TollPeriod> {
    let differs = roads.periods.iter().filter(|p| milli(p.toll_cny) != milli(roads.toll_cny[p.link.i()]));
    differs.map(|p| TollPeriod { link: p.link, from: p.from, until: p.until, milli_cny: milli(p.toll_cny) }).collect()
}

fn periods_of(tolls: &[TollPeriod], link: LinkIx) -> &[TollPeriod] {
    let rest = &tolls[tolls.partition_point(|p| p.link < link)..];
    &rest[..rest.partition_point(|p| p.link == link)]
}
