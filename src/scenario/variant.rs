//! `variants/<name>.toml`: a variant is a base plus typed measures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A variant file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What changes, in one line.
    pub title: String,
    /// Why, for whom, and what to keep in mind.
    #[serde(default)]
    pub description: String,
    /// The measures, applied in order.
    #[serde(default, rename = "measure")]
    pub measures: Vec<MeasureEntry>,
    /// Name, which is the stem of the file; filled in when the variant is read.
    #[serde(skip)]
    #[schemars(skip)]
    pub name: String,
    /// BLAKE3 digest (hex) of the file, filled in when the variant is read.
    #[serde(skip)]
    #[schemars(skip)]
    pub digest: String,
}

/// A measure with its id. serde cannot both flatten and refuse unknown fields; the reader refuses them by the schema,
/// which says so with `unevaluatedProperties`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("unevaluatedProperties" = false))]
pub struct MeasureEntry {
    /// Id, unique within the variant.
    pub id: String,
    /// What is done.
    #[serde(flatten)]
    pub measure: Measure,
    /// Row in the file, filled in when the variant is read; 0 when no file made it.
    #[serde(skip)]
    #[schemars(skip)]
    pub row: u32,
}

/// What a measure does. Closed: matched whole wherever it is applied or told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// A new link between two existing nodes.
    AddLink {
        /// Id of the new link.
        link_id: String,
        /// Node it leaves.
        from_node_id: String,
        /// Node it reaches.
        to_node_id: String,
        /// Length, metres; the straight distance when missing.
        #[serde(default)]
        length_m: Option<f64>,
        /// Lanes.
        lanes: f64,
        /// Free speed, kilometres per hour.
        free_speed_kmh: f64,
        /// Capacity of one lane, PCU per hour.
        capacity_pcu_h_lane: f64,
        /// Facility type.
        #[serde(default)]
        facility_type: String,
        /// Whether the opposite link (id with `_r` behind it) is added too.
        #[serde(default)]
        two_way: bool,
    },
    /// Closes links for all vehicles. For a part of the day vehicles on given routes wait until the link opens; closed
    /// for the whole day, they choose other routes.
    CloseLink {
        /// Which links.
        links: Selector,
        /// From, `HH:MM`; the whole day when neither is given, else the beginning of the day when missing.
        #[serde(default)]
        from: Option<String>,
        /// Until, `HH:MM`; the end of the day when missing.
        #[serde(default)]
        until: Option<String>,
    },
    /// Sets attributes of links.
    SetLink {
        /// Which links.
        links: Selector,
        /// Lanes.
        #[serde(default)]
        lanes: Option<f64>,
        /// Free speed, kilometres per hour.
        #[serde(default)]
        free_speed_kmh: Option<f64>,
        /// Capacity of one lane, PCU per hour.
        #[serde(default)]
        capacity_pcu_h_lane: Option<f64>,
        /// Toll, yuan.
        #[serde(default)]
        toll_cny: Option<f64>,
        /// From, `HH:MM`; the whole day when neither is given, else the beginning of the day when missing.
        #[serde(default)]
        from: Option<String>,
        /// Until, `HH:MM`; the end of the day when missing.
        #[serde(default)]
        until: Option<String>,
    },
    /// Multiplies attributes of links, as they are at each time of the day.
    ScaleLinks {
        /// Which links.
        links: Selector,
        /// Factor on the capacity.
        #[serde(default)]
        capacity_factor: Option<f64>,
        /// Factor on the free speed.
        #[serde(default)]
        speed_factor: Option<f64>,
        /// Factor on the toll.
        #[serde(default)]
        toll_factor: Option<f64>,
        /// From, `HH:MM`; the whole day when neither is given, else the beginning of the day when missing.
        #[serde(default)]
        from: Option<String>,
        /// Until, `HH:MM`; the end of the day when missing.
        #[serde(default)]
        until: Option<String>,
    },
    /// Sets the toll of links.
    SetToll {
        /// Which links.
        links: Selector,
        /// Toll, yuan.
        toll_cny: f64,
        /// From, `HH:MM`; the whole day when neither is given, else the beginning of the day when missing.
        #[serde(default)]
        from: Option<String>,
        /// Until, `HH:MM`; the end of the day when missing.
        #[serde(default)]
        until: Option<String>,
    },
    /// A new line of scheduled services by headways: stops, times or speeds, headways and vehicles are enough.
    AddLine {
        /// GTFS `route_id` of the new line.
        route_id: String,
        /// Name of the new line.
        name: String,
        /// Existing stops in order, or new ones with their coordinates.
        stops: Vec<LineStop>,
        /// Service patterns; one with all stops at least.
        patterns: Vec<LinePattern>,
        /// Persons that fit into a vehicle; as `default` in `services.capacity` or `services.vehicle` has it
        /// when missing.
        #[serde(default)]
        capacity: Option<u32>,
        /// Type of its vehicles, of `services.vehicles`, in place of a capacity.
        #[serde(default)]
        vehicle: Option<String>,
        /// GTFS `route_type`: 2, rail, when missing; 3 is a bus.
        #[serde(default)]
        route_type: Option<u32>,
        /// Yuan for a ride …
        #[serde(default)]
        fare_base_cny: Option<f64>,
        /// … and per kilometre ridden; those of `[services]` when missing.
        #[serde(default)]
        fare_per_km_cny: Option<f64>,
    },
    /// A new pattern of an existing line, such as an express or a short turn, beside those that it has. Without times or
    /// speeds of its own it takes the times of the line's longest trip, each way.
    AddPattern {
        /// GTFS `route_id`.
        route_id: String,
        /// The pattern.
        pattern: LinePattern,
    },
    /// Takes lines out of the timetable.
    RemoveLine {
        /// GTFS `route_id`.
        route_id: String,
    },
    /// Sets the fare of a line, or of all lines; at least one of the two.
    SetFare {
        /// GTFS `route_id`; all lines when missing.
        #[serde(default)]
        route_id: Option<String>,
        /// Yuan for a ride, paid once a journey to the first line …
        #[serde(default)]
        base_cny: Option<f64>,
        /// … and per kilometre ridden.
        #[serde(default)]
        per_km_cny: Option<f64>,
    },
    /// Sets the headway of a line, each way, in a part of the day. Where several stop sequences run the same way, they keep
    /// their shares of the departures and make the headway together.
    SetHeadway {
        /// GTFS `route_id`.
        route_id: String,
        /// Seconds between departures.
        headway_s: f64,
        /// From, `HH:MM`; the whole day when missing.
        #[serde(default)]
        from: Option<String>,
        /// To, `HH:MM`.
        #[serde(default)]
        to: Option<String>,
    },
    /// Sets what a process of a hub can do. A process of a roster has servers of its own from then on where they change.
    SetProcess {
        /// Hub.
        hub_id: String,
        /// Process.
        process: String,
        /// Factor on the servers of every shift (rounded up, at least one where there was one).
        #[serde(default)]
        servers_factor: Option<f64>,
        /// Servers of the whole day, in place of the shifts.
        #[serde(default)]
        servers: Option<u32>,
        /// Mean service time, seconds; observed times of an empirical law are stretched to it.
        #[serde(default)]
        mean_s: Option<f64>,
        /// Time that a server needs after each service, seconds.
        #[serde(default)]
        reset_s: Option<f64>,
        /// Parties who may be there at once.
        #[serde(default)]
        places: Option<u32>,
        /// Persons (parties where they take one turn) that a server takes at once.
        #[serde(default)]
        batch_size: Option<u32>,
        /// Classes that are served before all others, the first of them first; `[]` for none.
        #[serde(default)]
        priority: Option<Vec<super::hubs::UserClass>>,
    },
    /// Sets the room of a store of a hub.
    SetStore {
        /// Hub.
        hub_id: String,
        /// Store.
        store: String,
        /// Room …
        #[serde(default)]
        capacity: Option<f64>,
        /// … or a factor on it.
        #[serde(default)]
        capacity_factor: Option<f64>,
    },
    /// Sets the appointments of a hub's trucks; without any value there are none any more. What is not given stays.
    SetAppointments {
        /// Hub.
        hub_id: String,
        /// Length of a slot, minutes.
        #[serde(default)]
        slot_min: Option<u32>,
        /// Trucks of a slot.
        #[serde(default)]
        trucks: Option<u32>,
        /// How long before its slot a truck is taken in, minutes.
        #[serde(default)]
        early_min: Option<f64>,
    },
    /// Puts services of a hub at one of its terminals.
    AssignTerminal {
        /// Hub.
        hub_id: String,
        /// Terminal.
        terminal: String,
        /// Share of these services, every n-th in the order of time; all when missing.
        #[serde(default)]
        share: Option<f64>,
        /// Only services of this scope (`domestic` or `international`).
        #[serde(default)]
        scope: Option<super::hubs::Scope>,
        /// Only services of this region, as the schedule has it.
        #[serde(default)]
        region: Option<String>,
        /// Only services of these terminals; of all, and those that have none, when empty.
        #[serde(default)]
        from: Vec<String>,
    },
    /// Scales the seats and freight of a hub's services.
    ScaleServices {
        /// Hub.
        hub_id: String,
        /// Factor.
        factor: f64,
        /// Only services of this scope (`domestic` or `international`).
        #[serde(default)]
        scope: Option<super::hubs::Scope>,
    },
    /// Moves a share of a hub's services to another hub of the same kind.
    MoveServices {
        /// Hub that loses them.
        from_hub_id: String,
        /// Hub that gets them.
        to_hub_id: String,
        /// Share of the services, every n-th in the order of time.
        share: f64,
    },
}

/// Which links a measure is for: all given conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Selector {
    /// Ids.
    pub ids: Vec<String>,
    /// Name pattern with `*`.
    pub name: Option<String>,
    /// Facility type.
    pub facility_type: Option<String>,
    /// District of both ends.
    pub district: Option<String>,
}

/// A stop of a new line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineStop {
    /// Stop id; an existing stop when it is in the timetable already.
    pub stop_id: String,
    /// Name of a new stop.
    #[serde(default)]
    pub name: Option<String>,
    /// Longitude of a new stop, degrees.
    #[serde(default)]
    pub lon: Option<f64>,
    /// Latitude of a new stop, degrees.
    #[serde(default)]
    pub lat: Option<f64>,
}

/// A pattern of a line: which stops are served, how fast, when, and how often.
///
/// Its times are those of `calls`; without calls it serves the stops of the line in their order, at `speed_kmh`, or in
/// the times of the line where it has some (a new line: those of its first pattern).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinePattern {
    /// Stops served, in order, with seconds after the first departure.
    #[serde(default)]
    pub calls: Vec<PatternCall>,
    /// The only stops served of the line; all without.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Stops passed without a call.
    #[serde(default)]
    pub skips: Vec<String>,
    /// Stop of the line at which the pattern begins (a short turn); the first one when missing.
    #[serde(default)]
    pub from_stop: Option<String>,
    /// Stop at which it ends; the last one when missing.
    #[serde(default)]
    pub to_stop: Option<String>,
    /// Mean speed between stops, kilometres per hour, straight from stop to stop.
    #[serde(default)]
    pub speed_kmh: Option<f64>,
    /// Stay at each stop between the first and the last, seconds; none when missing.
    #[serde(default)]
    pub dwell_s: Option<f64>,
    /// Seconds that passing a stop saves beyond the stay there, in the times of the line; none when missing.
    #[serde(default)]
    pub skip_saves_s: Option<f64>,
    /// First departure from either end, `HH:MM`.
    #[serde(default)]
    pub first: Option<String>,
    /// Last departure from either end, `HH:MM`.
    #[serde(default)]
    pub last: Option<String>,
    /// Seconds between departures from the first to the last.
    #[serde(default)]
    pub headway_s: Option<f64>,
    /// In place of the three before: headways by part of the day.
    #[serde(default)]
    pub headways: Vec<PatternHeadway>,
    /// Whether the pattern also runs the other way.
    #[serde(default = "yes")]
    pub both_ways: bool,
}

/// A headway in a part of the day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatternHeadway {
    /// First departure, `HH:MM`.
    pub from: String,
    /// No departure at or after this moment, `HH:MM`.
    pub to: String,
    /// Seconds between departures.
    pub headway_s: f64,
}

fn yes() -> bool {
    true
}

/// A stop served by a pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatternCall {
    /// Stop id.
    pub stop_id: String,
    /// Seconds after the departure from the first stop.
    pub after_s: f64,
}
