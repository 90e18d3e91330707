//! Rows of the tables of a scenario, as the files have them. Each row remembers where it stands, for messages.

use crate::mode::Uses;
use serde::{Deserialize, Serialize};

/// Most links that may leave a node: a step of a route is one byte to the road kernel, and one of its values ends the
/// route.
pub const MOST_LEAVING: usize = 255;

/// A row of GMNS `node.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeRow {
    /// External id.
    pub node_id: String,
    /// Name, may be empty.
    pub name: String,
    /// Longitude, degrees.
    pub x_coord: f64,
    /// Latitude, degrees.
    pub y_coord: f64,
    /// Zone that the node gives access to.
    pub zone_id: Option<String>,
    /// Row in the file, 0 when a measure made it.
    pub row: u32,
}

/// A row of GMNS `link.csv`, converted to metres and metres per second; a two-way row (`directed` false) is two rows
/// here, the second with `_r` behind its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkRow {
    /// External id.
    pub link_id: String,
    /// Name, may be empty.
    pub name: String,
    /// Node it leaves.
    pub from_node_id: String,
    /// Node it reaches.
    pub to_node_id: String,
    /// Length, metres.
    pub length_m: f64,
    /// Free speed, metres per second.
    pub free_speed_mps: f64,
    /// Capacity of one lane, PCU per hour.
    pub capacity_pcu_h_lane: f64,
    /// Lanes.
    pub lanes: f64,
    /// GMNS `facility_type`: motorway, trunk, primary, secondary, residential, ramp, kerb, forecourt, gate …
    pub facility_type: String,
    /// GMNS `allowed_uses`, split at commas and blanks: auto, truck, walk; empty allows auto, truck and walk. The word
    /// `none` alone is a closed link.
    pub allowed_uses: Vec<String>,
    /// Toll, yuan.
    pub toll_cny: f64,
    /// Jam density, PCU per kilometre and lane, where it differs from the default.
    pub jam_density_pcu_km: Option<f64>,
    /// Points between the two nodes (which are left out), lon/lat, from GMNS `geometry` (WKT LINESTRING); empty when straight.
    pub shape: Vec<[f64; 2]>,
    /// Row in the file, 0 when a measure made it.
    pub row: u32,
}

impl LinkRow {
    /// Who may use the link.
    pub fn uses(&self) -> Uses {
        Uses::of_words(&self.allowed_uses)
    }
}

/// A row of `districts.geojson`: one feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DistrictRow {
    /// External id (`id` property).
    pub id: String,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Residents.
    pub population: f64,
    /// Gross domestic product, yuan a year.
    pub gdp_cny: f64,
    /// Jobs by sector, in the order of [`SECTORS`].
    pub jobs: [f64; 4],
    /// Outer and inner rings of all polygons, lon/lat, closed.
    pub rings: Vec<Vec<[f64; 2]>>,
    /// Row in the file at which the feature begins.
    pub row: u32,
}

/// The sectors of jobs, in their order: properties `jobs_<sector>` of a district.
pub const SECTORS: [&str; 4] = ["manufacturing", "construction", "consumer", "producer"];

/// A row of `zones.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZoneRow {
    /// External id, which nodes name in `zone_id`.
    pub zone_id: String,
    /// District that the zone belongs to.
    pub district_id: String,
    /// Name, may be empty.
    pub name: String,
    /// Longitude, degrees.
    pub x_coord: f64,
    /// Latitude, degrees.
    pub y_coord: f64,
    /// Residents.
    pub population: f64,
    /// Jobs.
    pub jobs: f64,
    /// Whether trips inside the zone are left out because the zone is a whole city seen from outside.
    pub external: bool,
    /// Row in the file.
    pub row: u32,
}

/// A row of `parameters.csv` of the spillover estimate; a segment-less parameter has an empty segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterRow {
    /// External id.
    pub param_id: String,
    /// Default.
    pub default: f64,
    /// Low end of the range.
    pub low: f64,
    /// High end of the range.
    pub high: f64,
    /// Unit in words.
    pub unit: String,
    /// `triangular`, `uniform` or `fixed`.
    pub distribution: String,
    /// Key of the source.
    pub source: String,
    /// How much the value can be trusted, in words.
    pub confidence: String,
    /// Row in the file.
    pub row: u32,
}

pub use super::timetable::{
    Call, ChosenDate, EntranceWalk, FeedFacts, Feeds, GtfsTrip, Headway, RouteRow, StationWalk, StopRow, Timetable,
    TransferRow,
};
