//! What the planner wrote: tables exactly as they stand in the files, measures that change them, reading and checking.

mod apply;
pub mod check;
pub mod control;
pub mod hubs;
pub mod init;
pub mod periods;
pub mod read;
mod resolved;
pub mod schema;
pub mod settings;
pub mod signals;
pub mod tables;
pub mod timetable;
pub mod trips;
pub mod variant;
pub mod vehicles;

use crate::random::signature;
use std::path::PathBuf;
use std::sync::Arc;

/// A scenario as written: plain data, every file of the folder in its own shape, nothing resolved yet.
///
/// A variant is a base plus typed measures applied to a copy of these tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The folder that it was read from.
    pub folder: PathBuf,
    /// The variant that was applied, `None` for the base.
    pub variant: Option<Applied>,
    /// `scenario.toml`.
    pub settings: settings::Settings,
    /// `network/node.csv`.
    pub nodes: Vec<tables::NodeRow>,
    /// `network/link.csv`, lengths and speeds already in metres and metres per second.
    pub links: Vec<tables::LinkRow>,
    /// Movements, signals and parts of the day of links, from further tables of `network/`.
    pub control: control::RoadControl,
    /// The timetable, empty when the scenario has no services.
    pub timetable: tables::Timetable,
    /// `hubs/*.toml` with their schedules.
    pub hubs: Vec<hubs::HubFile>,
    /// `districts.geojson`.
    pub districts: Vec<tables::DistrictRow>,
    /// `demand/zones.csv`.
    pub zones: Vec<tables::ZoneRow>,
    /// `demand/trips.csv`: trips given one by one. Copies of a scenario share them.
    pub trips: Arc<trips::Trips>,
    /// `spillover/parameters.csv`.
    pub parameters: Vec<tables::ParameterRow>,
    /// Links of the base where measures changed links: people keep the destinations that they chose on these.
    pub base_links: Option<Vec<tables::LinkRow>>,
    /// BLAKE3 digest (hex) of every file that was read, by path relative to the folder, sorted by path.
    pub digests: Vec<(String, String)>,
}

/// A variant that was applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// Its name: the stem of its file.
    pub name: String,
    /// What it changes, in one line.
    pub title: String,
    /// Why, and what to keep in mind.
    pub description: String,
}

impl Scenario {
    /// A stable signature of an external name, which keys the draws of what it names.
    pub fn signature(name: &str) -> u64 {
        signature(name)
    }
}
