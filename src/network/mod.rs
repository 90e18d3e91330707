//! Supply, immutable once built: topology, roads, lines and departures, hubs with their processes, districts and zones.
//!
//! `petgraph` holds the topology for what is asked once (connectivity, oracles); the hot path reads the frozen
//! forward and backward stars of [`roads::Roads`].

pub mod build;
pub mod departures;
pub mod districts;
mod doors;
#[cfg(test)]
pub(crate) mod fixture;
pub mod free_flow;
pub mod hubs;
pub mod line_times;
pub mod lines;
pub mod movements;
pub mod passages;
pub mod periods;
pub mod points;
pub mod roads;
mod rotations;
pub mod skims;
mod street_walks;
pub mod summary;
pub mod times;
pub mod topology;
mod turns;
pub mod vehicles;
pub mod walks;

use crate::ids::Names;

/// All supply of a scenario, resolved to indices and frozen.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Nodes and links of roads and paths.
    pub roads: roads::Roads,
    /// Stops, lines and departures.
    pub lines: lines::Lines,
    /// Hubs with their processes, chains and services.
    pub hubs: hubs::Hubs,
    /// Zones and districts.
    pub places: districts::Places,
    /// External names by index.
    pub names: NetworkNames,
}

/// External names of all that is numbered.
#[derive(Clone, Debug, Default)]
pub struct NetworkNames {
    /// Nodes.
    pub nodes: Names,
    /// Links.
    pub links: Names,
    /// Zones.
    pub zones: Names,
    /// Districts.
    pub districts: Names,
    /// Hubs.
    pub hubs: Names,
    /// Stops.
    pub stops: Names,
    /// Processes, as `hub/process`.
    pub processes: Names,
    /// Stores, as `hub/store`.
    pub stores: Names,
    /// Hub services, as `hub/service`.
    pub services: Names,
}
