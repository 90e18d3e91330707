//! Vehicles of scheduled services: how many fit in, and how long they stand at stops.
//!
//! A vehicle stands at a stop for the opening of its doors and for those who alight and board, who spread evenly over its
//! door channels: `door + (alighting·A + boarding·B)·φ / doors`, with a factor φ while people stand (after the Transit
//! Capacity and Quality of Service Manual, TCRP Report 100, chapter on dwell times).
//!
//! Persons are whole persons of the full population; a sampled day scales them.

use super::lines::{Line, Stop};
use super::rotations;
use crate::ids::DepartureIx;
use crate::scenario::Scenario;
use crate::scenario::vehicles::{Rotations, VehicleSettings};
use crate::units::ms;

/// A type of vehicle (a whole train counts as one vehicle). The default takes no time at stops.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VehicleType {
    /// Id of the type in the settings, empty where none is named.
    pub id: String,
    /// Seats.
    pub seats: u32,
    /// Persons who can stand.
    pub standing: u32,
    /// Door channels through which persons pass side by side.
    pub doors: u32,
    /// Time that a person needs to board through one channel, milliseconds.
    pub boarding_ms: i64,
    /// Time that a person needs to alight through one channel, milliseconds.
    pub alighting_ms: i64,
    /// Opening and closing the doors together, milliseconds.
    pub door_ms: i64,
    /// Factor on boarding and alighting while people stand.
    pub crowded: f64,
    /// Standing time within running times, where the timetable tells one moment a stop, milliseconds.
    pub dwell_ms: i64,
}

/// How vehicles are run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operation {
    /// Least time between vehicles on rails, milliseconds.
    pub min_headway_ms: i64,
    /// Least time from the end of a run to the next one of the same vehicle, milliseconds.
    pub turnaround_ms: i64,
    /// Run that the vehicle of a run makes before it, by [`crate::ids::DepartureIx`]; empty where no vehicle makes two.
    pub before: Vec<Option<DepartureIx>>,
    /// After how many denied boardings a traveller looks for another way; 0 for never.
    pub replan_after: u32,
}

impl Operation {
    /// How the settings have the vehicles of these lines run; blocks are by departure.
    pub(super) fn of(scenario: &Scenario, lines: &[Line], (stops, blocks): (&[Stop], &[Option<u32>])) -> Operation {
        let Some(services) = &scenario.settings.services else { return Operation::default() };
        let turnaround_ms = ms(services.turnaround_s);
        let mut before = rotations::by_block(lines, blocks);
        if services.rotations == Rotations::Fifo {
            rotations::first_in_first_out(lines, stops, turnaround_ms, &mut before);
        }
        let some = before.iter().any(Option::is_some);
        Operation {
            min_headway_ms: ms(services.min_headway_s),
            turnaround_ms,
            before: if some { before } else { Vec::new() },
            replan_after: services.replan_after,
        }
    }

    /// The run that the vehicle of a run makes before it, if any.
    pub fn before(&self, departure: DepartureIx) -> Option<DepartureIx> {
        self.before.get(departure.i()).copied().flatten()
    }
}

impl VehicleType {
    /// Persons that fit in.
    pub fn places(&self) -> u32 {
        self.seats + self.standing
    }

    /// A type as the settings have it.
    pub fn of(id: &str, settings: &VehicleSettings) -> VehicleType {
        VehicleType {
            id: id.to_owned(),
            seats: settings.seats,
            standing: settings.standing,
            doors: settings.doors,
            boarding_ms: ms(settings.boarding_s),
            alighting_ms: ms(settings.alighting_s),
            door_ms: ms(settings.door_s),
            crowded: settings.crowded,
            dwell_ms: ms(settings.dwell_s),
        }
    }

    /// A type that takes no time at stops, of so many seats.
    pub fn timeless(places: u32) -> VehicleType {
        VehicleType { seats: places, doors: 1, crowded: 1.0, ..VehicleType::default() }
    }

    /// Whether stops take it any time.
    pub fn takes_time(&self) -> bool {
        self.boarding_ms > 0 || self.alighting_ms > 0 || self.door_ms > 0
    }
}
