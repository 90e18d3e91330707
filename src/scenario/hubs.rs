//! `hubs/<hub>.toml` and its schedule: a hub as data, with places on the network, processes, chains and services.

mod fleet;
mod processes;

pub use processes::{
    BatchFile, BreakdownFile, ChainFile, ChainScope, ChainUser, HandOver, ProcessFile, RosterFile, ServerShift,
    ServiceLaw, StepFile, StoreFile, StoreUnit, UserClass,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A hub file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HubFile {
    /// External id.
    pub hub_id: String,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What the hub is.
    pub kind: HubKind,
    /// District that it counts to.
    pub district_id: String,
    /// Longitude, degrees.
    pub x_coord: f64,
    /// Latitude, degrees.
    pub y_coord: f64,
    /// Schedule table, relative to the scenario folder.
    pub schedule: String,
    /// Where the hub touches the networks.
    pub access: Access,
    /// How its users behave.
    #[serde(default)]
    pub users: Users,
    /// Terminals with places of their own on the networks.
    #[serde(default, rename = "terminal")]
    pub terminals: Vec<TerminalFile>,
    /// Appointments of trucks, where they need one.
    #[serde(default)]
    pub appointments: Option<AppointmentsFile>,
    /// Staff that processes share.
    #[serde(default, rename = "roster")]
    pub rosters: Vec<RosterFile>,
    /// Stores: yards, platforms, stands, car parks with finite room.
    #[serde(default, rename = "store")]
    pub stores: Vec<StoreFile>,
    /// Processes: finite servers.
    #[serde(default, rename = "process")]
    pub processes: Vec<ProcessFile>,
    /// Chains of processes that users of a kind pass.
    #[serde(default, rename = "chain")]
    pub chains: Vec<ChainFile>,
    /// Rows of the schedule, filled in when the scenario is read.
    #[serde(skip)]
    #[schemars(skip)]
    pub services: Vec<ServiceRow>,
    /// Path of the file relative to the scenario folder, filled in when the scenario is read.
    #[serde(skip)]
    #[schemars(skip)]
    pub path: String,
}

/// What a hub is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HubKind {
    /// Airport.
    Airport,
    /// Railway station for passengers.
    RailStation,
    /// Container terminal on rail or water.
    ContainerTerminal,
}

/// `[access]`: where the hub touches the networks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// Node at which cars and taxis set departing passengers down (end of the kerb link).
    pub drop_off_node: Option<String>,
    /// Node at which cars and taxis leave with arriving passengers (start of the forecourt link).
    pub pick_up_node: Option<String>,
    /// Node at which trucks reach the gate (end of the gate link).
    pub truck_in_node: Option<String>,
    /// Node at which trucks leave.
    pub truck_out_node: Option<String>,
    /// Stops of scheduled services inside the hub, with the walk between platform and hall.
    #[serde(rename = "stop")]
    pub stops: Vec<HubStop>,
    /// Walk between the kerb and the hall, seconds.
    pub kerb_walk_s: f64,
}

/// A stop inside a hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HubStop {
    /// GTFS `stop_id`.
    pub stop_id: String,
    /// Walk between platform and hall, seconds.
    pub walk_s: f64,
    /// `id` of the chain of processes that those pass first who board lines here, such as a security check and ticket gates.
    #[serde(default)]
    pub board_chain: Option<String>,
    /// `id` of the chain that those pass who alight from lines here.
    #[serde(default)]
    pub alight_chain: Option<String>,
    /// GTFS `route_id`s of the lines for which the chains are; all that stop here when empty.
    #[serde(default)]
    pub routes: Vec<String>,
}

/// `[[terminal]]`: a part of the hub with its own kerb and stops. Services name it in the column `terminal` of the schedule,
/// chains by `terminal`. What it does not say is as in `[access]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalFile {
    /// Id, unique within the hub.
    pub id: String,
    /// Name in the local script.
    #[serde(default)]
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Node at which cars and taxis set departing passengers down.
    #[serde(default)]
    pub drop_off_node: Option<String>,
    /// Node at which cars and taxis leave with arriving passengers.
    #[serde(default)]
    pub pick_up_node: Option<String>,
    /// Stops of scheduled services, with the walk between platform and hall.
    #[serde(default, rename = "stop")]
    pub stops: Vec<HubStop>,
    /// Walk between the kerb and the hall, seconds.
    #[serde(default)]
    pub kerb_walk_s: Option<f64>,
}

/// `[appointments]`: trucks come in slots of limited number. Who wants to come in a full slot comes in the nearest one with
/// room; who comes too early for the slot waits at the first process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentsFile {
    /// Length of a slot, minutes.
    pub slot_min: u32,
    /// Trucks of a slot.
    pub trucks: u32,
    /// How long before its slot a truck is taken in, minutes.
    #[serde(default)]
    pub early_min: f64,
}

/// A hub from which departing passengers come by a service: rail to air, air to rail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromHub {
    /// The other hub.
    pub hub_id: String,
    /// Share of the passengers departing from this hub, those who change within it left out, who arrive at the other.
    pub share: f64,
    /// Time between the other hub's service and being in the hall here that they plan for, minutes.
    pub connect_min: f64,
}

/// `[users]`: how the users of the hub behave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Users {
    /// Share of passengers who change here between two of the hub's services and never leave it.
    pub transfer_share: f64,
    /// Share of the others who visit the region (the rest lives in it).
    pub visitor_share: f64,
    /// Mean persons who travel together, from 1 to 3.
    pub party_mean: f64,
    /// Share of them who travel on business.
    pub business_share: f64,
    /// Mean time that departing passengers mean to be in the hall before departure, minutes (domestic).
    pub early_domestic_min: f64,
    /// The same for international services, minutes.
    pub early_international_min: f64,
    /// Standard deviation of that time, minutes.
    pub early_sd_min: f64,
    /// The hub stops taking passengers (or trucks) this long before a service leaves, minutes.
    pub cut_off_min: f64,
    /// Decay of the hub's catchment, per minute of free-flow travel.
    pub decay_per_min: f64,
    /// Load of a truck, tonnes (air cargo) …
    pub truck_load_t: f64,
    /// … or TEU (container terminal).
    pub truck_load_teu: f64,
    /// Mean time between a truckload's arrival at the hub and its service's departure, hours (exports), and between
    /// its service's arrival and its collection (imports).
    pub dwell_h: f64,
    /// Hours at which trucks are taken in: first …
    pub gate_open: String,
    /// … and last moment.
    pub gate_close: String,
    /// Vehicle class of the trucks.
    pub truck_class: String,
    /// Share of the parties that are of class `premium`.
    pub premium_share: f64,
    /// Share of the parties that check bags in.
    pub bags_share: f64,
    /// Share of the truckloads that are of class `reefer`.
    pub reefer_share: f64,
    /// Freight is loaded on its service from this long before departure on, minutes.
    pub load_min: f64,
    /// Share of arriving services that are late …
    pub late_share: f64,
    /// … and by how much on the mean (exponential), minutes.
    pub late_mean_min: f64,
    /// Hubs from which departing passengers come by a service.
    pub from_hub: Vec<FromHub>,
}

impl Default for Users {
    fn default() -> Self {
        Users {
            transfer_share: 0.0,
            visitor_share: 0.5,
            party_mean: 1.3,
            business_share: 0.3,
            early_domestic_min: 90.0,
            early_international_min: 150.0,
            early_sd_min: 25.0,
            cut_off_min: 10.0,
            decay_per_min: 0.03,
            truck_load_t: 6.0,
            truck_load_teu: 1.7,
            dwell_h: 8.0,
            gate_open: "00:00".into(),
            gate_close: "24:00".into(),
            truck_class: "truck".into(),
            premium_share: 0.0,
            bags_share: 0.0,
            reefer_share: 0.0,
            load_min: 120.0,
            late_share: 0.0,
            late_mean_min: 0.0,
            from_hub: Vec::new(),
        }
    }
}

impl Users {
    /// Share of the users on services of a scope who are of a class. Which trucks bring, fetch or come empty shows in the
    /// day alone: all count.
    pub fn share_of(&self, class: UserClass, scope: Scope) -> f64 {
        let is = |of: Scope| f64::from(u8::from(scope == of));
        match class {
            UserClass::Premium => self.premium_share,
            UserClass::Business => self.business_share,
            UserClass::Resident => 1.0 - self.visitor_share,
            UserClass::Visitor => self.visitor_share,
            UserClass::Domestic => is(Scope::Domestic),
            UserClass::International => is(Scope::International),
            UserClass::Bags => self.bags_share,
            UserClass::Brings | UserClass::Fetches | UserClass::Empty => 1.0,
            UserClass::Reefer => self.reefer_share,
        }
    }

    /// Share of the users on services of a scope who a step with these classes is for; see [`share_for`].
    pub fn share_for(
        &self,
        only: impl IntoIterator<Item = UserClass>,
        except: impl IntoIterator<Item = UserClass>,
        scope: Scope,
    ) -> f64 {
        // A truck that may bring may as well not: what shows in the day alone shuts nobody out.
        let known = |class: &UserClass| !matches!(class, UserClass::Brings | UserClass::Fetches | UserClass::Empty);
        share_for(only, except.into_iter().filter(known), |class| self.share_of(class, scope))
    }
}

/// Share of those who are of one of the classes `only`, all where there is none, and of none of the classes `except`, as if
/// classes did not depend on each other.
pub fn share_for(
    only: impl IntoIterator<Item = UserClass>,
    except: impl IntoIterator<Item = UserClass>,
    share_of: impl Fn(UserClass) -> f64,
) -> f64 {
    let of_none = |share: f64, class: UserClass| share * (1.0 - share_of(class));
    let mut only = only.into_iter().peekable();
    let of_only = if only.peek().is_some() { 1.0 - only.fold(1.0, of_none) } else { 1.0 };
    except.into_iter().fold(of_only, of_none)
}

impl HubFile {
    /// A terminal by its id.
    pub fn terminal(&self, id: &str) -> Option<&TerminalFile> {
        self.terminals.iter().find(|t| t.id == id)
    }

    /// Node at which passengers of services of a terminal (empty for none) are set down.
    pub fn drop_off_node(&self, terminal: &str) -> Option<&str> {
        let own = self.terminal(terminal).and_then(|t| t.drop_off_node.as_deref());
        own.or(self.access.drop_off_node.as_deref())
    }

    /// Node at which they are picked up.
    pub fn pick_up_node(&self, terminal: &str) -> Option<&str> {
        let own = self.terminal(terminal).and_then(|t| t.pick_up_node.as_deref());
        own.or(self.access.pick_up_node.as_deref())
    }

    /// Stops of lines for services of a terminal.
    pub fn stops(&self, terminal: &str) -> &[HubStop] {
        match self.terminal(terminal) {
            Some(t) if !t.stops.is_empty() => &t.stops,
            _ => &self.access.stops,
        }
    }

    /// The chain of a kind of user for services of a scope and a terminal (empty for none): the one for that terminal and
    /// scope, for that terminal and any scope, then those for any terminal.
    pub fn chain_at(&self, user: ChainUser, scope: Scope, terminal: &str) -> Option<usize> {
        let wanted = ChainScope::from(scope);
        let find = |t: Option<&str>, s: ChainScope| {
            self.chains.iter().position(|c| c.user == user && c.terminal.as_deref() == t && c.scope == s)
        };
        let of = |t: Option<&str>| find(t, wanted).or_else(|| find(t, ChainScope::Any));
        let own = if terminal.is_empty() { None } else { of(Some(terminal)) };
        own.or_else(|| of(None))
    }
}

/// A row of a hub's schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceRow {
    /// External id, unique within the hub.
    pub service_id: String,
    /// What runs.
    pub mode: ServiceMode,
    /// Whether it leaves or arrives.
    pub direction: Direction,
    /// Moment, seconds after midnight (HH:MM in the file).
    pub time_s: f64,
    /// Seats; 0 for freight.
    pub seats: f64,
    /// Share of the seats that are taken; 0 for freight.
    pub load_factor: f64,
    /// Freight, tonnes.
    pub tonnes: f64,
    /// Freight, TEU.
    pub teu: f64,
    /// Region at the other end, in words.
    pub region: String,
    /// Domestic or international.
    pub scope: Scope,
    /// Terminal of the hub; empty where it has none.
    pub terminal: String,
    /// Row in the file.
    pub row: u32,
}

/// What a service of a hub is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceMode {
    /// Passenger flight.
    Air,
    /// Passenger train.
    Rail,
    /// Air cargo.
    AirCargo,
    /// Container train.
    RailFreight,
}

/// Which way a service goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It leaves the hub.
    Departure,
    /// It arrives at the hub.
    Arrival,
}

/// Domestic or international.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Domestic.
    #[default]
    Domestic,
    /// International, Hong Kong, Macao and Taiwan included.
    International,
}
