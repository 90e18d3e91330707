//! Modes of movement and classes of road vehicles: closed sets, matched whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a leg is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// On foot.
    Walk,
    /// On a bicycle or e-bike.
    Cycle,
    /// In a private car.
    Car,
    /// In a taxi or a ride-hailed car.
    Taxi,
    /// In scheduled public transport: metro, intercity, bus, ferry.
    Transit,
    /// A truck with its driver.
    Truck,
}

impl Mode {
    /// All modes in their order of listing.
    pub const ALL: [Mode; Mode::COUNT] = [Mode::Walk, Mode::Cycle, Mode::Car, Mode::Taxi, Mode::Transit, Mode::Truck];

    /// How many modes there are.
    pub const COUNT: usize = 6;

    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Walk => "walk",
            Mode::Cycle => "cycle",
            Mode::Car => "car",
            Mode::Taxi => "taxi",
            Mode::Transit => "transit",
            Mode::Truck => "truck",
        }
    }

    /// The class of the road vehicle that the mode puts on the road, if any.
    pub fn vehicle(self) -> Option<VehicleClass> {
        match self {
            Mode::Car | Mode::Taxi => Some(VehicleClass::Car),
            Mode::Truck => Some(VehicleClass::Truck),
            Mode::Walk | Mode::Cycle | Mode::Transit => None,
        }
    }
}

/// A class of road vehicle, with its size in passenger-car units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VehicleClass {
    /// Passenger car, taxi, van: 1 PCU.
    Car,
    /// Bus or coach: 2 PCU.
    Bus,
    /// Heavy goods vehicle: 2.5 PCU.
    Truck,
    /// Articulated container truck: 3 PCU.
    ArticulatedTruck,
}

impl VehicleClass {
    /// All classes in their order of listing.
    pub const ALL: [VehicleClass; 4] =
        [VehicleClass::Car, VehicleClass::Bus, VehicleClass::Truck, VehicleClass::ArticulatedTruck];

    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            VehicleClass::Car => "car",
            VehicleClass::Bus => "bus",
            VehicleClass::Truck => "truck",
            VehicleClass::ArticulatedTruck => "articulated_truck",
        }
    }

    /// The class that a word in a file names.
    pub fn from_word(word: &str) -> Option<VehicleClass> {
        VehicleClass::ALL.into_iter().find(|c| c.word() == word)
    }

    /// Size in passenger-car units. Truck 2.5 as in the baiyun fact file (general knowledge, unverified); the others
    /// are usual values of highway capacity practice (general knowledge, unverified).
    pub fn pcu(self) -> f64 {
        match self {
            VehicleClass::Car => 1.0,
            VehicleClass::Bus => 2.0,
            VehicleClass::Truck => 2.5,
            VehicleClass::ArticulatedTruck => 3.0,
        }
    }

    /// Highest speed that vehicles of the class drive, metres per second. Trucks 80 km/h, buses 90 km/h (Chinese
    /// expressway practice; general knowledge, unverified); cars follow the link.
    pub fn max_speed_mps(self) -> f64 {
        match self {
            VehicleClass::Car => f64::INFINITY,
            VehicleClass::Bus => 25.0,
            VehicleClass::Truck | VehicleClass::ArticulatedTruck => 80.0 / 3.6,
        }
    }
}

/// Which uses a link allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uses {
    /// Passenger cars, taxis and buses.
    pub car: bool,
    /// Trucks.
    pub truck: bool,
    /// Pedestrians.
    pub walk: bool,
}

impl Uses {
    /// What a list of allowed uses in our words (auto, truck, walk …) allows; an empty list allows all.
    pub fn of_words(words: &[String]) -> Uses {
        let allows = |word: &str| words.is_empty() || words.iter().any(|u| u == word);
        Uses { car: allows("auto"), truck: allows("truck"), walk: allows("walk") }
    }

    /// Whether vehicles of any class may use the link.
    pub fn vehicles(self) -> bool {
        self.car || self.truck
    }

    /// Whether a vehicle of the class may use the link.
    pub fn allows(self, class: VehicleClass) -> bool {
        match class {
            VehicleClass::Car | VehicleClass::Bus => self.car,
            VehicleClass::Truck | VehicleClass::ArticulatedTruck => self.truck,
        }
    }
}
