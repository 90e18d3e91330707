//! The day itself: an ECS world in which travellers, trucks and vehicles of lines move through roads, lines and hubs.
//!
//! *ECS at the leg boundary, arrays inside the leg.* Travellers, vehicle runs and hub processes are entities, because
//! they are heterogeneous and come and go; a vehicle on a road is two integers in an array and touches the world only
//! when it enters or leaves the road (visiting an agent through a query by `Entity` costs about ten times more than
//! through a `Vec`).
//!
//! The day advances in windows. Roads, lines and hub processes are stations; whoever leaves one reaches the next at the
//! earliest [`TRANSFER_MS`] later, which no window exceeds. So nothing that one station does in a window is seen by
//! another in the same window, and results do not depend on the window or on the order of the stations.

mod calendar;
pub mod hub;
mod hubs;
mod kerb;
mod lines;
pub mod road;
mod services;
mod transfer;
mod world;

use crate::demand::plan::Plan;
use crate::demand::{AgentCounts, Demand};
use crate::events::EventSink;
use crate::network::Network;
use crate::network::line_times::LineTimes;
use crate::network::passages::LinkTraffic;
use crate::routing::reroute::Reroute;
use crate::routing::sections::Sections;
use crate::transit::again::Replan;
use crate::units::Time;
use road::Listened;
use road::reroute::RerouteRule;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Least time between leaving one station and reaching the next, milliseconds: the widest window that is allowed.
pub const TRANSFER_MS: i64 = 2_000;

/// Windows that are allowed, milliseconds.
pub const WINDOWS_MS: [u32; 3] = [500, 1_000, 2_000];

/// How a day is simulated.
#[derive(Clone, Copy, Debug)]
pub struct DaySetup {
    /// First moment.
    pub start: Time,
    /// Last moment; who is still under way then is counted as such.
    pub end: Time,
    /// Window, milliseconds: one of [`WINDOWS_MS`].
    pub window_ms: u32,
    /// Time after which a cycle of blocked heads is rotated, milliseconds.
    pub gridlock_ms: u32,
    /// Width of the bins in which passages of links are counted, milliseconds; it divides an hour.
    pub bin_ms: u32,
    /// Seed of service times and optional steps.
    pub seed: u64,
    /// Nodes of a block of the road: [`road::BLOCK_NODES`] unless a test wants to see that it does not matter.
    pub block_nodes: usize,
    /// Of whose vehicles an event is sent for every link that they enter or leave.
    pub listened: Listened,
    /// Which vehicles look for another way while under way; none without.
    pub reroute: Option<RerouteRule>,
}

/// What a simulated day counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayReport {
    /// Where the agents are at the end.
    pub agents: AgentCounts,
    /// What the road counted.
    pub road: road::RoadCounts,
    /// Boardings refused because a vehicle was full, in parties.
    pub denied: u64,
    /// Agents that came too late for their service.
    pub missed: u64,
    /// Agents among them whom no other service took.
    pub stranded: u64,
    /// Agents and items who wait for a place at a full process of a hub when the day ends: the process is overloaded, or full
    /// processes wait for each other in a circle.
    pub locked: u64,
}

/// How far a day has come, once a simulated minute.
#[derive(Clone, Copy, Debug)]
pub struct DayProgress {
    /// Simulated clock.
    pub time: Time,
    /// Where the agents are.
    pub agents: AgentCounts,
}

/// What a day runs on: shared and immutable.
#[derive(Clone)]
pub struct DayInput {
    /// Supply.
    pub network: Arc<Network>,
    /// Who wants to move.
    pub demand: Arc<Demand>,
    /// How they mean to, by agent; an agent without a plan is removed.
    pub plans: Arc<Vec<Option<Plan>>>,
    /// Whom vehicles ask for another way, where [`DaySetup::reroute`] lets them.
    pub router: Option<Arc<dyn Reroute>>,
    /// Ways of the lines that run in the traffic of the road.
    pub sections: Arc<Sections>,
    /// Whom travellers ask for another way when full vehicles leave them behind; nobody where it is missing.
    pub replan: Option<Arc<dyn Replan>>,
}

/// Simulates a day. Events go to `sink` in their total order; `watch` is told the progress once a simulated minute and
/// may break off, whereupon all still under way are counted as such. Returns what was counted: of the day as a whole,
/// what passed the links, and the times and loads of lines.
///
/// # Panics
/// When the window is none of [`WINDOWS_MS`] or does not divide the first moment.
pub fn simulate(
    input: &DayInput,
    setup: DaySetup,
    sink: &mut dyn EventSink,
    watch: &mut dyn FnMut(DayProgress) -> ControlFlow<()>,
) -> (DayReport, LinkTraffic, LineTimes) {
    assert!(WINDOWS_MS.contains(&setup.window_ms), "the window is one of {WINDOWS_MS:?} ms");
    assert!(setup.start.0 % 10_000 == 0, "the day starts at a multiple of 10 s");
    // The road does not count by link yet, so the rows are empty.
    world::Day::new(input, setup).run(sink, watch)
}
