//! Zones and districts: where people live and work, and which outline counts what happens.

use crate::ids::{DistrictIx, NodeIx, ZoneIx};

/// Zones and districts.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Districts by [`DistrictIx`].
    pub districts: Vec<District>,
    /// Zones by [`ZoneIx`].
    pub zones: Vec<Zone>,
}

/// A district or neighbouring city.
#[derive(Clone, Debug)]
pub struct District {
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Residents.
    pub population: f64,
    /// Gross domestic product, yuan a year.
    pub gdp_cny: f64,
    /// Jobs by sector, in the order of [`crate::scenario::tables::SECTORS`].
    pub jobs: [f64; 4],
    /// Rings of its outline, lon/lat, closed.
    pub rings: Vec<Vec<[f64; 2]>>,
    /// Its zones.
    pub zones: Vec<ZoneIx>,
}

/// A zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// District.
    pub district: DistrictIx,
    /// Name, may be empty.
    pub name: String,
    /// Position, lon/lat degrees.
    pub position: [f64; 2],
    /// Residents.
    pub population: f64,
    /// Jobs.
    pub jobs: f64,
    /// Whether trips inside the zone are left out.
    pub external: bool,
    /// Nodes at which its trips start and end, in index order; never empty.
    pub nodes: Vec<NodeIx>,
}
