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
    /// A new line of scheduled services, both ways, by headways.
    AddLine {
        /// GTFS `route_id` of the new line.
        route_id: String,
        /// Name of the new line.
        name: String,
        /// Existing stops in order, or new ones with their coordinates.
        stops: Vec<LineStop>,
        /// Service patterns; one with all stops at least.
        patterns: Vec<LinePattern>,
        /// Persons that fit into a vehicle.
        capacity: u32,
        /// Yuan per kilometre ridden.
        #[serde(default)]
        fare_per_km_cny: Option<f64>,
    },
    /// Takes lines out of the timetable.
    RemoveLine {
        /// GTFS `route_id`.
        route_id: String,
    },
    /// Sets the headway of a line (all its directions) in a part of the day.
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
    /// Sets servers or service time of a process of a hub.
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
        /// Mean service time, seconds.
        #[serde(default)]
        mean_s: Option<f64>,
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

/// A pattern of a new line: which stops are served, when, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinePattern {
    /// Stops served, in order, with seconds after the first departure.
    pub calls: Vec<PatternCall>,
    /// First departure from either end, `HH:MM`.
    pub first: String,
    /// Last departure from either end, `HH:MM`.
    pub last: String,
    /// Seconds between departures.
    pub headway_s: f64,
    /// Whether the pattern also runs the other way.
    #[serde(default = "yes")]
    pub both_ways: bool,
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
