//! Ways on the road: the hierarchy of nodes, its weights and bounds, the search by time of day, routes for vehicles under
//! way.
//!
//! **Many routes.** Ask by destination: bounds are kept for as long as searches go to the same node, each thread with a
//! scratch of its own; within a destination by departure and part of the town, so that searches look at the same memory.
//! What has to be made when:
//!
//! | made | when | 99,856 nodes, 398,160 links |
//! |---|---|--:|
//! | [`streets`], order and [`hierarchy`] | once for roads and a class | 0.02 s, 0.6 s |
//! | [`bounds`] of free flow in four lanes | when lengths, speeds or tolls change | 0.9 s |
//! | [`TimesByBin`](streets::TimesByBin) | when times change, if wanted | 0.11 s |
//! | [`deadlines`] of a destination, 300 arrivals | when times change, for busy destinations | 0.6 s |
//!
//! When only times change nothing else is made anew, and nothing must be: searches with bounds of free flow are exact on
//! any times. Figures of `benches/router.rs`, November 2026.

pub mod bounds;
pub mod cut;
pub mod deadlines;
pub mod dissection;
pub mod hierarchy;
pub mod labels;
pub mod metric;
pub mod oracle;
pub mod point;
pub mod potentials;
pub mod reroute;
pub mod road;
pub mod sections;
pub mod streets;
pub mod trade;

#[cfg(test)]
mod toy;
#[cfg(test)]
mod truth;
