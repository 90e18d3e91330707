//! Modes of movement and classes of road vehicles: closed sets, matched whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a leg is made, and how a trip is made as a whole (its main mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// On foot.
    Walk,
    /// On a bicycle or e-bike.
    Cycle,
    /// In a private car.
    Car,
    /// In a taxi or a ride-hailed car, or driven by somebody of the household.
    Taxi,
    /// A leg in scheduled public transport: metro, intercity, bus, ferry. As a whole such a trip is made by bus or by
    /// rail.
    Transit,
    /// A truck with its driver.
    Truck,
    /// By lines on streets and water alone.
    Bus,
    /// By lines of which one runs on rails.
    Rail,
    /// By car to a lot at a stop and on by lines, or back.
    ParkAndRide,
    /// Driven to a stop by taxi or household car and on by lines, or back.
    KissAndRide,
}

impl Mode {
    /// All modes in their order of listing.
    pub const ALL: [Mode; Mode::COUNT] = [
        Mode::Walk,
        Mode::Cycle,
        Mode::Car,
        Mode::Taxi,
        Mode::Transit,
        Mode::Truck,
        Mode::Bus,
        Mode::Rail,
        Mode::ParkAndRide,
        Mode::KissAndRide,
    ];

    /// How many modes there are.
    pub const COUNT: usize = 10;

    /// The modes in which trips are made as a whole.
    pub const MAIN: [Mode; 9] = [
        Mode::Walk,
        Mode::Cycle,
        Mode::Car,
        Mode::Taxi,
        Mode::Bus,
        Mode::Rail,
        Mode::ParkAndRide,
        Mode::KissAndRide,
        Mode::Truck,
    ];

    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Walk => "walk",
            Mode::Cycle => "cycle",
            Mode::Car => "car",
            Mode::Taxi => "taxi",
            Mode::Transit => "transit",
            Mode::Truck => "truck",
            Mode::Bus => "bus",
            Mode::Rail => "rail",
            Mode::ParkAndRide => "park_and_ride",
            Mode::KissAndRide => "kiss_and_ride",
        }
    }

    /// Whether a trip of this mode rides lines.
    pub fn rides_lines(self) -> bool {
        matches!(self, Mode::Transit | Mode::Bus | Mode::Rail | Mode::ParkAndRide | Mode::KissAndRide)
    }

    /// The mode of a drive within a trip of this mode.
    pub fn of_drive(self) -> Mode {
        match self {
            Mode::ParkAndRide => Mode::Car,
            Mode::KissAndRide => Mode::Taxi,
            main => main,
        }
    }

    /// The class of the road vehicle that the mode puts on the road, if any.
    pub fn vehicle(self) -> Option<VehicleClass> {
        match self {
            Mode::Car | Mode::Taxi | Mode::ParkAndRide | Mode::KissAndRide => Some(VehicleClass::Car),
            Mode::Truck => Some(VehicleClass::Truck),
            Mode::Walk | Mode::Cycle | Mode::Transit | Mode::Bus | Mode::Rail => None,
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
