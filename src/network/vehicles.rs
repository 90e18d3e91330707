//! Vehicles of scheduled services: how many fit in, and how long they stand at stops.
//!
//! Persons are whole persons of the full population; a sampled day scales them.

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
}

impl VehicleType {
    /// Persons that fit in.
    pub fn places(&self) -> u32 {
        self.seats + self.standing
    }
}
