//! Vehicles on links, link by link, from the rows of a day: who entered in which quarter hour, what it took and what was
//! lost, who waited at the origin, and how far those came whom the end of the day found on a link.
//!
//! A vehicle counts to the quarter hour in which it enters. Those still on a link when the day ends count with their time
//! so far, at least free flow, and those still at their origin with their wait so far. Lost is time beyond the free flow
//! of the vehicle's own class, in the link's period in which it entered.

use crate::ids::{AgentIx, LinkIx};
use crate::metrics::Context;
use crate::mode::VehicleClass;
use crate::network::passages::{Kind, LinkTraffic, Passed, Still, Waited};
use crate::network::roads::Roads;
use crate::units::Time;

/// Vehicles of a kind that entered a link in a bin and a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Bin of entry.
    pub bin: u32,
    /// Period of the link, counted from 1; 0 outside of all.
    pub period: u32,
    /// What kind of vehicles.
    pub kind: Kind,
    /// How many.
    pub count: u32,
    /// Their time on the link, all together, milliseconds.
    pub time_ms: u64,
    /// What of it is beyond free flow, milliseconds.
    pub lost_ms: u64,
}

/// Vehicles of a kind that set out onto a first link in a bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetOut {
    /// Bin of setting out.
    pub bin: u32,
    /// What kind of vehicles.
    pub kind: Kind,
    /// How many.
    pub count: u32,
    /// What they waited at the origin, all together, milliseconds.
    pub wait_ms: u64,
}

/// The traffic of a day link by link.
#[derive(Debug)]
pub struct ByLink<'a> {
    roads: &'a Roads,
    end: Time,
    bin_ms: u32,
    passed: &'a [Passed],
    waited: &'a [Waited],
    /// Sorted by link, as the rows are.
    on_link: Vec<Still>,
    at_origin: Vec<Still>,
}

/// The traffic of one link.
#[derive(Clone, Copy, Debug)]
pub struct OfLink<'a> {
    /// The link.
    pub link: LinkIx,
    roads: &'a Roads,
    end: Time,
    bin_ms: u32,
    passed: &'a [Passed],
    waited: &'a [Waited],
    on_link: &'a [Still],
    at_origin: &'a [Still],
}

impl<'a> ByLink<'a> {
    /// Sorts those who are still there to the rows of their links.
    pub fn new(traffic: &'a LinkTraffic, context: &Context<'a>) -> ByLink<'a> {
        debug_assert!(traffic.passed.is_sorted() && traffic.waited.is_sorted(), "rows lie in their derived order");
        let by_link = |still: &[Still]| {
            let mut still = still.to_vec();
            still.sort_unstable_by_key(|s| (s.link, s.since, s.agent));
            still
        };
        ByLink {
            roads: &context.network.roads,
            end: context.end,
            bin_ms: traffic.bin_ms,
            passed: &traffic.passed,
            waited: &traffic.waited,
            on_link: by_link(&traffic.on_link),
            at_origin: by_link(&traffic.at_origin),
        }
    }

    /// The links that anybody entered or wanted to enter, in their order.
    pub fn links(&self) -> impl Iterator<Item = OfLink<'_>> {
        let ByLink { roads, end, bin_ms, mut passed, mut waited, .. } = *self;
        let (mut on_link, mut at_origin) = (&self.on_link[..], &self.at_origin[..]);
        std::iter::from_fn(move || {
            let firsts = [
                passed.first().map(|p| p.link),
                waited.first().map(|w| w.link),
                on_link.first().map(|s| s.link),
                at_origin.first().map(|s| s.link),
            ];
            let link = firsts.into_iter().flatten().min()?;
            Some(OfLink {
                link,
                roads,
                end,
                bin_ms,
                passed: take_while(&mut passed, |p| p.link == link),
                waited: take_while(&mut waited, |w| w.link == link),
                on_link: take_while(&mut on_link, |s| s.link == link),
                at_origin: take_while(&mut at_origin, |s| s.link == link),
            })
        })
    }
}

/// Takes the first rows off a list. A link has few, so they are counted one by one.
fn take_while<'a, T>(rows: &mut &'a [T], of_link: impl Fn(&T) -> bool) -> &'a [T] {
    let (taken, rest) = rows.split_at(rows.iter().take_while(|row| of_link(row)).count());
    *rows = rest;
    taken
}

impl<'a> OfLink<'a> {
    /// The bin that holds a moment; moments before midnight, which no day has, count to the first.
    fn bin_of(self, time: Time) -> u32 {
        u32::try_from(time.0 / i64::from(self.bin_ms)).unwrap_or(0)
    }

    /// Width of the bins, milliseconds.
    pub fn bin_ms(self) -> i64 {
        i64::from(self.bin_ms)
    }

    /// First moment of a bin.
    pub fn bin_start(self, bin: u32) -> Time {
        Time(i64::from(bin) * i64::from(self.bin_ms))
    }

    /// Those who left the link, as rows: what is known of them only.
    pub fn left(self) -> impl Iterator<Item = Entered> + 'a {
        self.passed.iter().map(move |row| {
            let Passed { link, bin, period, kind, count, time_ms } = *row;
            let free = self.roads.free_flow_ms_in(link, kind.class, period) as u64 * u64::from(count);
            Entered { bin, period, kind, count, time_ms, lost_ms: time_ms.saturating_sub(free) }
        })
    }

    /// All who entered the link.
    pub fn entered(self) -> impl Iterator<Item = Entered> + 'a {
        let there = self.on_link.iter().map(move |still| {
            let period = self.roads.period_number_at(still.link, still.since);
            let free = self.roads.free_flow_ms_in(still.link, still.kind.class, period) as u64;
            let time_ms = so_far_ms(still, self.end).max(free);
            let (bin, kind) = (self.bin_of(still.since), still.kind);
            Entered { bin, period, kind, count: 1, time_ms, lost_ms: time_ms - free }
        });
        self.left().chain(there)
    }

    /// All who set out onto the link as their first.
    pub fn set_out(self) -> impl Iterator<Item = SetOut> + 'a {
        let waited = self.waited.iter().map(|row| SetOut {
            bin: row.bin,
            kind: row.kind,
            count: row.count,
            wait_ms: row.time_ms,
        });
        let there = self.at_origin.iter().map(move |still| SetOut {
            bin: self.bin_of(still.since),
            kind: still.kind,
            count: 1,
            wait_ms: so_far_ms(still, self.end),
        });
        waited.chain(there)
    }
}

fn so_far_ms(still: &Still, end: Time) -> u64 {
    end.since(still.since).max(0) as u64
}

/// Where the end of the day found the vehicle of an agent that has begun a drive and not ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It waits for its first link.
    Nowhere,
    /// It is on a link.
    OnLink(LinkIx),
    /// It has left its last link.
    Through,
}

impl Came {
    /// Where the vehicle of an agent is.
    pub fn of(agent: AgentIx, traffic: &LinkTraffic) -> Came {
        let among = |still: &[Still]| still.binary_search_by_key(&agent, |s| s.agent).ok();
        match among(&traffic.on_link) {
            Some(at) => Came::OnLink(traffic.on_link[at].link),
            None if among(&traffic.at_origin).is_some() => Came::Nowhere,
            None => Came::Through,
        }
    }

    /// The links of its route that a vehicle has left behind. Of a route that passes the link it is on twice, those before
    /// the first time: rows do not tell which round it is.
    pub fn left(self, route: &[LinkIx]) -> &[LinkIx] {
        match self {
            Came::Nowhere => &[],
            Came::OnLink(on) => &route[..route.iter().position(|&l| l == on).unwrap_or(0)],
            Came::Through => route,
        }
    }

    /// The links of its route that a vehicle has entered: those left behind, and the one that it is on.
    pub fn entered(self, route: &[LinkIx]) -> &[LinkIx] {
        let on = match self {
            Came::OnLink(link) => usize::from(route.contains(&link)),
            Came::Nowhere | Came::Through => 0,
        };
        &route[..self.left(route).len() + on]
    }
}

/// Whether vehicles of the class are trucks.
pub fn is_truck(class: VehicleClass) -> bool {
    matches!(class, VehicleClass::Truck | VehicleClass::ArticulatedTruck)
}

/// Lengths of all links in whole millimetres, so that sums of distances are exact in any order.
pub fn lengths_mm(roads: &Roads) -> Vec<u64> {
    roads.length_m.iter().map(|m| (m * 1_000.0).round() as u64).collect()
}

/// Persons of every agent.
pub fn parties(context: &Context) -> Vec<u16> {
    context.demand.agents.iter().map(|a| a.party).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{COMMUTER, DEPARTING, TRUCK, Town, at};

    #[test]
    fn every_list_is_cut_at_the_same_links() {
        // Link 0: the commuter passed. Link 1: the departing is still on it, the truck waits for it as its first.
        let mut town = Town::new();
        town.drives(TRUCK, &[1]);
        let events = [
            at(0).entered(COMMUTER, 0),
            at(60_000).left(COMMUTER, 0, 0),
            at(0).entered(DEPARTING, 1),
            at(900_000).began(TRUCK, 0, Some(crate::mode::Mode::Truck)),
        ];
        let traffic = town.traffic(&events);
        let context = town.context();
        let by_link = ByLink::new(&traffic, &context);
        let counts = |l: OfLink| (l.link.0, l.left().count(), l.entered().count(), l.set_out().count());
        assert_eq!(by_link.links().map(counts).collect::<Vec<_>>(), [(0, 1, 1, 0), (1, 0, 1, 1)]);
        let waits: Vec<SetOut> = by_link.links().flat_map(OfLink::set_out).collect();
        assert_eq!((waits[0].bin, waits[0].wait_ms), (1, 86_400_000 - 900_000));
    }

    #[test]
    fn a_vehicle_under_way_has_come_as_far_as_the_link_it_is_on() {
        let route = [LinkIx(4), LinkIx(5), LinkIx(6)];
        let far = |came: Came| (came.left(&route).len(), came.entered(&route).len());
        assert_eq!(far(Came::Nowhere), (0, 0));
        assert_eq!(far(Came::OnLink(LinkIx(4))), (0, 1));
        assert_eq!(far(Came::OnLink(LinkIx(6))), (2, 3));
        assert_eq!(far(Came::Through), (3, 3));
        assert_eq!(far(Came::OnLink(LinkIx(9))), (0, 0), "a link off the route tells nothing of it");
    }
}
