//! Processes of hubs as data: banks of servers, stores with finite room, and the chains that users pass.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[[process]]`: a bank of servers with one queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcessFile {
    /// Id, unique within the hub.
    pub id: String,
    /// Name in the local script.
    #[serde(default)]
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Servers by time of day; or …
    #[serde(default)]
    pub servers: Vec<ServerShift>,
    /// … the roster whose staff serves here …
    #[serde(default)]
    pub roster: Option<String>,
    /// … and how many of its staff a server needs.
    #[serde(default = "one_each")]
    pub staff_per_server: u32,
    /// Law of the service time.
    pub law: ServiceLaw,
    /// Mean service time, seconds; that of an empirical law is the mean of its values.
    #[serde(default)]
    pub mean_s: f64,
    /// Number of phases of an Erlang law.
    #[serde(default)]
    pub phases: Option<u32>,
    /// Coefficient of variation of a lognormal law.
    #[serde(default)]
    pub cv: Option<f64>,
    /// Observed service times of an empirical law, each as likely as the others, seconds.
    #[serde(default)]
    pub values_s: Vec<f64>,
    /// Whether a party is served in one turn, as a car at the kerb is; else each person takes one.
    #[serde(default)]
    pub one_turn: bool,
    /// Time that a server needs after each service until it can serve again, seconds.
    #[serde(default)]
    pub reset_s: f64,
    /// Parties who may be there at once: on the way from the step before, waiting, or served. Nobody leaves the step before,
    /// or the road, for a full process. Without it there is room for all.
    #[serde(default)]
    pub places: Option<u32>,
    /// Classes that are served before all others, the first of them first.
    #[serde(default)]
    pub priority: Vec<UserClass>,
    /// How a server takes several at once.
    #[serde(default)]
    pub batch: Option<BatchFile>,
    /// How servers break down.
    #[serde(default)]
    pub breakdown: Option<BreakdownFile>,
    /// What a staffed server costs, yuan an hour.
    #[serde(default)]
    pub cost_cny_h: Option<f64>,
    /// Area of the waiting room, square metres, where it is known.
    #[serde(default)]
    pub area_m2: Option<f64>,
}

/// A batch: a shuttle, a lift, a crane with a spreader for two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchFile {
    /// Persons (parties where they take one turn) that a server takes at once.
    pub size: u32,
    /// How long the first waits for the batch to fill, seconds.
    #[serde(default)]
    pub wait_s: f64,
}

/// Breakdowns of single servers: exponential times between the end of a repair and the next breakdown, exponential repairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakdownFile {
    /// Mean time between a repair and the next breakdown of a server, hours.
    pub every_h: f64,
    /// Mean repair, minutes.
    pub repair_min: f64,
}

/// `[[roster]]`: staff by time of day, which processes turn into servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterFile {
    /// Id, unique within the hub.
    pub id: String,
    /// Staff by time of day.
    pub staff: Vec<ServerShift>,
}

/// `[[store]]`: a place with finite room that is taken in one step of a chain and freed in another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreFile {
    /// Id, unique within the hub.
    pub id: String,
    /// Name in the local script.
    #[serde(default)]
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What is counted.
    pub unit: StoreUnit,
    /// Room.
    pub capacity: f64,
    /// What is there when the day begins; without it what the schedule and the trucks of the day before left.
    #[serde(default)]
    pub start: Option<f64>,
    /// Area, square metres, where it is known.
    #[serde(default)]
    pub area_m2: Option<f64>,
}

/// What a store counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreUnit {
    /// Persons.
    #[default]
    Persons,
    /// Cars, aircraft, trains.
    Vehicles,
    /// Containers.
    Teu,
    /// Tonnes.
    Tonnes,
}

/// Servers that are staffed in a part of the day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerShift {
    /// First moment, `HH:MM`.
    pub from: String,
    /// Last moment, `HH:MM`, may pass 24:00.
    pub to: String,
    /// Servers.
    pub count: u32,
}

/// Law of a service time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceLaw {
    /// Always the mean.
    #[default]
    Deterministic,
    /// Exponential.
    Exponential,
    /// Erlang with `phases` phases.
    Erlang,
    /// Lognormal with coefficient of variation `cv`.
    Lognormal,
    /// One of `values_s`.
    Empirical,
}

/// `[[chain]]`: the processes that users of a kind pass, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainFile {
    /// Id, unique within the hub, for stops that name the chain.
    #[serde(default)]
    pub id: Option<String>,
    /// Who passes the chain.
    pub user: ChainUser,
    /// Which services it is for.
    #[serde(default)]
    pub scope: ChainScope,
    /// Terminal whose services it is for; all without.
    #[serde(default)]
    pub terminal: Option<String>,
    /// The steps in order.
    #[serde(default, rename = "step")]
    pub steps: Vec<StepFile>,
}

impl ChainUser {
    /// All kinds of users.
    pub const ALL: [ChainUser; 16] = [
        ChainUser::Departing,
        ChainUser::Arriving,
        ChainUser::Transfer,
        ChainUser::Truck,
        ChainUser::Boarding,
        ChainUser::Alighting,
        ChainUser::DropOff,
        ChainUser::PickUp,
        ChainUser::Park,
        ChainUser::Unpark,
        ChainUser::ServiceIn,
        ChainUser::ServiceOut,
        ChainUser::BagsOut,
        ChainUser::BagsIn,
        ChainUser::Load,
        ChainUser::Unload,
    ];

    /// The word that hub files say.
    pub fn word(self) -> &'static str {
        match self {
            ChainUser::Departing => "departing",
            ChainUser::Arriving => "arriving",
            ChainUser::Transfer => "transfer",
            ChainUser::Truck => "truck",
            ChainUser::Boarding => "boarding",
            ChainUser::Alighting => "alighting",
            ChainUser::DropOff => "drop_off",
            ChainUser::PickUp => "pick_up",
            ChainUser::Park => "park",
            ChainUser::Unpark => "unpark",
            ChainUser::ServiceIn => "service_in",
            ChainUser::ServiceOut => "service_out",
            ChainUser::BagsOut => "bags_out",
            ChainUser::BagsIn => "bags_in",
            ChainUser::Load => "load",
            ChainUser::Unload => "unload",
        }
    }

    /// Whether a full first process with places holds these vehicles on the road.
    pub fn comes_by_road(self) -> bool {
        matches!(self, ChainUser::Truck | ChainUser::DropOff | ChainUser::Park)
    }

    /// Whether they are persons on their own feet.
    pub fn is_on_foot(self) -> bool {
        use ChainUser::{Alighting, Arriving, Boarding, Departing, Transfer};
        matches!(self, Departing | Arriving | Transfer | Boarding | Alighting)
    }

    /// Whether they carry freight or are freight.
    pub fn has_freight(self) -> bool {
        matches!(self, ChainUser::Truck | ChainUser::Load | ChainUser::Unload)
    }
}

/// A step of a chain: a walk and then a process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// Process id.
    pub process: String,
    /// Walk (or drive) from the step before, seconds.
    #[serde(default)]
    pub walk_s: f64,
    /// Share of users who take the step.
    #[serde(default = "one")]
    pub share: f64,
    /// Classes who take the step; all when empty.
    #[serde(default)]
    pub only: Vec<UserClass>,
    /// Classes who do not.
    #[serde(default)]
    pub except: Vec<UserClass>,
    /// Store in which room is taken before service begins: for the persons of a party, the vehicle, or what a truck brings.
    #[serde(default)]
    pub takes: Option<String>,
    /// Store in which room is freed when service ends: by the persons, the vehicle, or what a truck fetches.
    #[serde(default)]
    pub frees: Option<String>,
    /// What is handed over when service ends: bags go their own way from here, freight can be loaded.
    #[serde(default)]
    pub drops: Option<HandOver>,
    /// What must have come before service begins.
    #[serde(default)]
    pub waits_for: Option<HandOver>,
}

/// What is handed over between a user and the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandOver {
    /// The bags of a party.
    Bags,
    /// The consignments of a truck.
    Freight,
}

/// Classes of users, by which they pass steps and are served first. A user is of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserClass {
    /// Of the share `users.premium_share`.
    Premium,
    /// On business.
    Business,
    /// Lives in the region.
    Resident,
    /// Visits the region.
    Visitor,
    /// On a domestic service.
    Domestic,
    /// On an international service.
    International,
    /// Checks bags in or fetches them.
    Bags,
    /// A truck that brings freight.
    Brings,
    /// A truck that fetches freight.
    Fetches,
    /// A truck that comes empty.
    Empty,
    /// With a load of the share `users.reefer_share`.
    Reefer,
}

impl UserClass {
    /// The word that hub files say.
    pub fn word(self) -> &'static str {
        match self {
            UserClass::Premium => "premium",
            UserClass::Business => "business",
            UserClass::Resident => "resident",
            UserClass::Visitor => "visitor",
            UserClass::Domestic => "domestic",
            UserClass::International => "international",
            UserClass::Bags => "bags",
            UserClass::Brings => "brings",
            UserClass::Fetches => "fetches",
            UserClass::Empty => "empty",
            UserClass::Reefer => "reefer",
        }
    }

    /// All classes.
    pub const ALL: [UserClass; 11] = [
        UserClass::Premium,
        UserClass::Business,
        UserClass::Resident,
        UserClass::Visitor,
        UserClass::Domestic,
        UserClass::International,
        UserClass::Bags,
        UserClass::Brings,
        UserClass::Fetches,
        UserClass::Empty,
        UserClass::Reefer,
    ];
}

impl ProcessFile {
    /// Mean service time, seconds: what the file says, or the mean of the values of an empirical law.
    pub fn mean_service_s(&self) -> f64 {
        if self.law == ServiceLaw::Empirical && !self.values_s.is_empty() {
            self.values_s.iter().sum::<f64>() / self.values_s.len() as f64
        } else {
            self.mean_s
        }
    }
}

fn one() -> f64 {
    1.0
}

fn one_each() -> u32 {
    1
}

/// Who passes a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChainUser {
    /// Passengers who come from the city and leave by a service.
    Departing,
    /// Passengers who come by a service and go to the city.
    Arriving,
    /// Passengers who change between two services.
    Transfer,
    /// Trucks with their consignments. While a first process with `places` is full, they stand on the road; the last one
    /// holds them until the road takes them.
    Truck,
    /// Passengers of lines who board inside the hub; for stops that name the chain.
    Boarding,
    /// Passengers of lines who alight inside the hub; for stops that name the chain.
    Alighting,
    /// Cars and taxis that set passengers down, before the walk to the hall; a full first process holds them on the road.
    DropOff,
    /// Those who are driven away, before the road takes them: taxi rank, forecourt.
    PickUp,
    /// Departing passengers who leave their car here.
    Park,
    /// Arriving passengers who fetch their car.
    Unpark,
    /// Vehicles of services that arrive: runway, stand, platform track; passengers get off when they are through.
    ServiceIn,
    /// Vehicles of services that leave.
    ServiceOut,
    /// Bags of departing passengers, from where they are dropped.
    BagsOut,
    /// Bags of arriving passengers, from the arrival of their service.
    BagsIn,
    /// Freight to its service.
    Load,
    /// Freight from its service.
    Unload,
}

/// Which services a chain is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChainScope {
    /// All services.
    #[default]
    Any,
    /// Domestic services only.
    Domestic,
    /// International services only.
    International,
}

impl From<super::Scope> for ChainScope {
    fn from(scope: super::Scope) -> ChainScope {
        match scope {
            super::Scope::Domestic => ChainScope::Domestic,
            super::Scope::International => ChainScope::International,
        }
    }
}
