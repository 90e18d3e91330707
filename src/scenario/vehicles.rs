//! Vehicles of scheduled services and how they are run, as `[services]` of `scenario.toml` has them.
//!
//! Times are seconds; persons are whole persons of the full population.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[services.vehicles.<type>]`: a type of vehicle. A whole train counts as one vehicle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VehicleSettings {
    /// Seats.
    pub seats: u32,
    /// Persons who can stand.
    #[serde(default)]
    pub standing: u32,
    /// Door channels through which persons pass side by side, of the whole vehicle.
    #[serde(default = "default_doors")]
    pub doors: u32,
    /// Time that a person needs to board through one channel, seconds.
    #[serde(default)]
    pub boarding_s: f64,
    /// Time that a person needs to alight through one channel, seconds.
    #[serde(default)]
    pub alighting_s: f64,
    /// Opening and closing the doors together, seconds.
    #[serde(default)]
    pub door_s: f64,
    /// Factor on boarding and alighting while people stand.
    #[serde(default = "default_crowded")]
    pub crowded: f64,
    /// Standing time that is contained in the running times of a timetable which tells one moment a stop, seconds: a
    /// vehicle comes so much before it.
    #[serde(default)]
    pub dwell_s: f64,
}

fn default_doors() -> u32 {
    1
}

/// Boarding takes about a fifth longer while people stand (as the Transit Capacity and Quality of Service Manual, TCRP
/// Report 100, is usually quoted; unverified).
fn default_crowded() -> f64 {
    1.2
}

/// Which vehicle makes which run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rotations {
    /// What the timetable tells (`block_id`); a run without a block has a vehicle of its own.
    #[default]
    Blocks,
    /// Runs without a block too: at its last stop a vehicle waits for the next departure of its route from there, first
    /// come first gone; a run for which none is there in time by the timetable has a new one.
    Fifo,
}
