//! Ways on the road: the hierarchy of nodes, its weights and bounds, the search by time of day, routes for vehicles under
//! way.

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
pub mod streets;
pub mod trade;

#[cfg(test)]
mod toy;
#[cfg(test)]
mod truth;
