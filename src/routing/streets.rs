//! The road network as one class of vehicle sees it: open links only, packed for the search in whole numbers.

use super::trade::Driven;
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::roads::Roads;
use crate::network::times::LinkTimes;
use crate::units::Time;

/// Roads for one class of vehicle.
#[derive(Clone, Debug)]
pub struct Streets {
    /// The class.
    pub class: VehicleClass,
    first: Vec<u32>,
    hops: Vec<Hop>,
    figures: Vec<Figures>,
}

/// An open link as the search meets it at the node that it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Hop {
    /// The link.
    pub link: LinkIx,
    /// The node that it reaches.
    pub to: NodeIx,
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
    /// Toll, thousandths of a yuan.
    pub toll_milli_cny: u32,
}

impl Figures {
    fn of(roads: &Roads, link: LinkIx, class: VehicleClass) -> Figures {
        Figures {
            free_ms: u32::try_from(roads.free_flow_ms(link, class)).unwrap_or(u32::MAX),
            cm: (roads.length_m[link.i()] * 100.0).round() as u32,
            toll_milli_cny: (roads.toll_cny[link.i()] * 1000.0).round() as u32,
        }
    }

    /// The link driven by a vehicle of the class that enters at `time`. Experienced times are those of cars; nobody is
    /// faster than the free flow of its own class. The greater of two FIFO times is FIFO.
    pub fn driven(&self, link: LinkIx, times: &LinkTimes, time: Time) -> Driven {
        Driven {
            ms: times.travel_ms(link, time).max(i64::from(self.free_ms)),
            cm: i64::from(self.cm),
            toll_milli_cny: i64::from(self.toll_milli_cny),
        }
    }

    /// The link driven by a vehicle of the class that sets out onto it at `time`: first it waits at the origin. FIFO as
    /// well, since who sets out later enters no earlier.
    pub fn set_out(&self, link: LinkIx, times: &LinkTimes, time: Time) -> Driven {
        let wait = Driven { ms: times.origin_ms(link, time), ..Driven::default() };
        wait.and(self.driven(link, times, time.plus(wait.ms)))
    }
}

impl Streets {
    /// Packs the links that are open to a class.
    pub fn new(roads: &Roads, class: VehicleClass) -> Streets {
        let figures: Vec<Figures> = (0..roads.links()).map(|l| Figures::of(roads, LinkIx::from(l), class)).collect();
        let mut first = Vec::with_capacity(roads.nodes() + 1);
        let mut hops = Vec::with_capacity(roads.links());
        first.push(0);
        for n in 0..roads.nodes() {
            let open = roads.leaving.at(NodeIx::from(n)).iter().filter(|&&link| roads.open_to(link, class));
            hops.extend(open.map(|&link| Hop { link, to: roads.to[link.i()], figures: figures[link.i()] }));
            first.push(hops.len() as u32);
        }
        Streets { class, first, hops, figures }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.first.len() - 1
    }

    /// Open links that leave a node.
    pub fn leaving(&self, node: NodeIx) -> &[Hop] {
        &self.hops[self.first[node.i()] as usize..self.first[node.i() + 1] as usize]
    }

    /// What a route takes on empty roads, milliseconds.
    pub fn free_ms(&self, route: &[LinkIx]) -> i64 {
        route.iter().map(|link| i64::from(self.figures[link.i()].free_ms)).sum()
    }

    /// A route driven link by link from a departure, with the wait at the origin before the first.
    pub fn along(&self, route: &[LinkIx], times: &LinkTimes, departure: Time) -> Driven {
        let Some((&first, rest)) = route.split_first() else { return Driven::default() };
        rest.iter().fold(self.figures[first.i()].set_out(first, times, departure), |sum, &link| {
            sum.and(self.figures[link.i()].driven(link, times, departure.plus(sum.ms)))
        })
    }
}
