//! Routes for vehicles under way: what the mobsim may ask for within the day, and what answers it.
//!
//! The mobsim knows this trait only; `run` hands it something that implements it. Asked with the same snapshot of link
//! times, the same vehicle is told the same route, whoever asks and whatever was asked before.

use super::road::RoadScratch;
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;

/// A vehicle under way that asks how to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The link that it is on; it goes on from that link's end, by turns that are allowed from there.
    pub on: LinkIx,
    /// Where it wants to be.
    pub to: Goal,
    /// Its class.
    pub class: VehicleClass,
}

/// Where a vehicle under way wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// At a node, from whichever side.
    Node(NodeIx),
    /// At the end of a link, the last of its route.
    Link(LinkIx),
}

/// Finds routes for vehicles under way on a snapshot of link times.
pub trait Reroute: Send + Sync {
    /// Memory for the searches of one thread.
    fn scratch(&self) -> RoadScratch;

    /// The fastest way from the end of the link that the vehicle is on, if each link took what the snapshot tells for as
    /// long as the way lasts (milliseconds by [`LinkIx`]; free flow where it tells less). The links after the one that
    /// the vehicle is on are put into `route`, none where it is already there; the answer is their time in milliseconds,
    /// turn penalties included, or `None` when no open road leads there (then `route` is empty).
    fn reroute(&self, ask: Ask, snapshot_ms: &[u32], scratch: &mut RoadScratch, route: &mut Vec<LinkIx>)
    -> Option<i64>;
}
