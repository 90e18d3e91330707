//! `scenario.toml`: the settings of a scenario, section by section, with their defaults and units.

use super::vehicles::{Rotations, VehicleSettings};
use crate::mode::Mode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole of `scenario.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the scenario is, in one line.
    pub title: String,
    /// What it is for and what to keep in mind; shown in the report.
    #[serde(default)]
    pub description: String,
    /// Caveats of the data that every reader of a result must see; shown in the report.
    #[serde(default)]
    pub caveats: Vec<String>,
    /// Coordinate reference system of all coordinates; only EPSG:4326 (lon/lat WGS-84 degrees) is read.
    #[serde(default = "default_crs")]
    pub crs: String,
    /// The simulated day.
    #[serde(default)]
    pub time: TimeSettings,
    /// How a run is made.
    #[serde(default)]
    pub run: RunSettings,
    /// Where the road network is.
    #[serde(default)]
    pub network: NetworkSettings,
    /// Where the timetable is.
    #[serde(default)]
    pub services: Option<ServiceSettings>,
    /// Which hubs there are.
    #[serde(default)]
    pub hubs: HubSettings,
    /// Which districts and zones there are.
    #[serde(default)]
    pub districts: Option<DistrictSettings>,
    /// Who travels besides the users of the hubs.
    #[serde(default)]
    pub demand: DemandSettings,
    /// How trucks serve the hubs.
    #[serde(default)]
    pub freight: FreightSettings,
    /// How travellers choose.
    #[serde(default)]
    pub choice: ChoiceSettings,
    /// How effects on districts are estimated.
    #[serde(default)]
    pub spillover: SpilloverSettings,
    /// What is written.
    #[serde(default)]
    pub output: OutputSettings,
}

fn default_crs() -> String {
    "EPSG:4326".to_owned()
}

/// `[time]`: the simulated day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TimeSettings {
    /// First moment, `HH:MM[:SS]`.
    pub start: String,
    /// Last moment, `HH:MM[:SS]`, may pass 24:00; agents still under way then are counted as such.
    pub end: String,
    /// Width of the window in which stations do not see each other, seconds: 0.5, 1 or 2. It does not change results.
    pub window_s: f64,
}

impl Default for TimeSettings {
    fn default() -> Self {
        TimeSettings { start: "00:00".into(), end: "30:00".into(), window_s: 1.0 }
    }
}

/// `[run]`: how a run is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunSettings {
    /// Seed of all randomness.
    pub seed: u64,
    /// Share of the agents that are simulated, in (0, 1]; capacities scale with it.
    pub sample: f64,
    /// Most iterations of the day.
    pub iterations: u32,
    /// Relative gap at which the run counts as converged and stops.
    pub gap: f64,
    /// Threads, 0 for all cores. They do not change results.
    pub threads: usize,
}

impl Default for RunSettings {
    fn default() -> Self {
        RunSettings { seed: 1, sample: 1.0, iterations: 1, gap: 0.01, threads: 0 }
    }
}

/// `[network]`: where the road network is and what holds where a link does not say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// Folder with GMNS `node.csv`, `link.csv` and, where units differ, `config.csv`.
    pub folder: String,
    /// Jam density, PCU per kilometre and lane.
    pub jam_density_pcu_km: f64,
    /// Factor on every storage and flow capacity; 1 leaves them as written.
    pub capacity_factor: f64,
    /// Seconds after which a cycle of blocked heads is rotated.
    pub gridlock_s: f64,
    /// Seconds that a vehicle under way must have lost against free flow before it looks for another way; without it nobody
    /// leaves the route of the plan.
    pub reroute_lost_s: Option<f64>,
    /// Seconds between two moments at which those who have lost enough look, on what each link takes at that moment; a
    /// multiple of 2.
    pub reroute_every_s: f64,
    /// Share of the time on the old way that a new one must spare to be taken.
    pub reroute_gain: f64,
    /// Walking speed, metres per second.
    pub walk_speed_mps: f64,
    /// Ratio of walked to straight distance where no path is given.
    pub walk_circuity: f64,
    /// How people walk to stops and between them.
    pub walks: Walks,
}

/// How people walk to stops and between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Walks {
    /// The straight way times circuity: for networks that hold the main roads only.
    #[default]
    Straight,
    /// Along the links that are open to walking, both ways: for networks that hold the streets and paths.
    Streets,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        NetworkSettings {
            folder: "network".into(),
            jam_density_pcu_km: 150.0,
            capacity_factor: 1.0,
            gridlock_s: 30.0,
            reroute_lost_s: None,
            reroute_every_s: 300.0,
            reroute_gain: 0.05,
            walk_speed_mps: 1.3,
            walk_circuity: 1.3,
            walks: Walks::Straight,
        }
    }
}

/// `[services]`: where the timetable is and how people reach stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceSettings {
    /// GTFS folder or zip file, or a list of them that run together.
    pub gtfs: FeedPaths,
    /// Date whose services run, `YYYYMMDD`; without it, where not all services run on the same days, the Tuesday, Wednesday
    /// or Thursday with the most trips.
    #[serde(default)]
    pub date: Option<String>,
    /// What becomes of rows of the feeds that are faulty.
    #[serde(default)]
    pub faults: Faults,
    /// Where fares come from.
    #[serde(default)]
    pub fares: Fares,
    /// Yuan that one unit of the feeds' currency is worth, where fares come from the feeds.
    #[serde(default = "default_rate")]
    pub fare_rate_cny: f64,
    /// Persons that fit into a vehicle, by GTFS `route_id`; `default` for all others. Such vehicles take no time at stops;
    /// those of a route in `vehicle` do.
    #[serde(default)]
    pub capacity: BTreeMap<String, u32>,
    /// Types of vehicles.
    #[serde(default)]
    pub vehicles: BTreeMap<String, VehicleSettings>,
    /// Type of the vehicles by GTFS `route_id`; `default` for all that have neither a type nor a capacity of their own.
    #[serde(default)]
    pub vehicle: BTreeMap<String, String>,
    /// Least time from when a vehicle on rails has left a stop until the next one comes from the same stop before, and
    /// between two that leave for the same next stop, seconds; never more than the timetable itself has between the two.
    #[serde(default = "default_min_headway_s")]
    pub min_headway_s: f64,
    /// Least time from the end of a run to the next one of the same vehicle, seconds; never more than the timetable has.
    #[serde(default = "default_turnaround_s")]
    pub turnaround_s: f64,
    /// Which vehicle makes which run.
    #[serde(default)]
    pub rotations: Rotations,
    /// Routes whose vehicles run in the traffic of the road: `route_id`s, or `bus` for all buses and coaches.
    #[serde(default)]
    pub on_road: Vec<String>,
    /// After how many denied boardings a traveller looks for another way, and again after as many more; 0 for never.
    #[serde(default = "default_replan_after")]
    pub replan_after: u32,
    /// Farthest walk between the street and a stop, metres on foot.
    #[serde(default = "default_access_m")]
    pub access_m: f64,
    /// Farthest walk between two stops for a change, metres on foot; `transfers.txt` adds to it.
    #[serde(default = "default_transfer_m")]
    pub transfer_m: f64,
    /// Least time for a change between lines at one stop, seconds.
    #[serde(default = "default_change_s")]
    pub change_s: f64,
    /// Fare of a ride: a base in yuan …
    #[serde(default = "default_fare_base")]
    pub fare_base_cny: f64,
    /// … and yuan per kilometre ridden.
    #[serde(default = "default_fare_km")]
    pub fare_per_km_cny: f64,
    /// Lots for park-and-ride, by `stop_id`; nobody parks and rides where there are none.
    #[serde(default)]
    pub park_and_ride: BTreeMap<String, LotSettings>,
    /// Yuan for a ride on lines of a `route_id`, where it differs.
    #[serde(default)]
    pub fare_base_by_route_cny: BTreeMap<String, f64>,
    /// Yuan per kilometre on lines of a `route_id`, where it differs.
    #[serde(default)]
    pub fare_per_km_by_route_cny: BTreeMap<String, f64>,
}

/// One feed, or several that run together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FeedPaths {
    /// One.
    One(String),
    /// Several. Ids that stand in more than one of them get the name of their feed put before them.
    Several(Vec<String>),
}

impl FeedPaths {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            FeedPaths::One(path) => std::slice::from_ref(path),
            FeedPaths::Several(paths) => paths,
        }
    }
}

/// What becomes of faulty rows of a GTFS feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Faults {
    /// All are told and the feed is refused.
    #[default]
    Refuse,
    /// They are left out, counted, and told among the caveats of a run.
    LeaveOut,
}

/// Where fares come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fares {
    /// `fare_base_cny` and the fares by kilometre.
    #[default]
    Settings,
    /// `fare_attributes.txt` and `fare_rules.txt` of the feeds, for routes on which all rides cost the same; the settings
    /// for all others.
    Feed,
}

/// `[services.park_and_ride.<stop_id>]`: a lot where cars are parked while their drivers ride.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LotSettings {
    /// Parking, yuan a day.
    pub fee_cny: f64,
}

fn default_access_m() -> f64 {
    1_500.0
}
fn default_transfer_m() -> f64 {
    500.0
}
fn default_rate() -> f64 {
    1.0
}
fn default_change_s() -> f64 {
    120.0
}
/// Signal spacing of metros: trains follow at two minutes with half a minute of standing (general knowledge, unverified).
fn default_min_headway_s() -> f64 {
    90.0
}
/// Changing ends, or a bus turning round (general knowledge, unverified).
fn default_turnaround_s() -> f64 {
    180.0
}
fn default_replan_after() -> u32 {
    2
}
fn default_fare_base() -> f64 {
    2.0
}
fn default_fare_km() -> f64 {
    0.15
}

/// `[hubs]`: which hubs there are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HubSettings {
    /// Hub files, relative to the scenario folder.
    pub files: Vec<String>,
}

/// `[districts]`: which districts and zones there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DistrictSettings {
    /// GeoJSON file with one feature per district.
    pub file: String,
    /// Zone table.
    pub zones: String,
}

/// `[demand]`: who travels besides the users of the hubs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DemandSettings {
    /// Table of trips given one by one.
    pub trips: Option<String>,
    /// Residents' trips from population and jobs.
    pub residents: Option<ResidentSettings>,
    /// What becomes of demand between places that nothing joins.
    pub unreachable: Unreachable,
}

/// What becomes of demand between places that nothing joins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// The pairs are told with their demand, and nothing is simulated.
    #[default]
    Error,
    /// It is removed, counted, and listed in the table `unreachable`.
    Remove,
}

/// `[demand.residents]`: residents' trips by a doubly constrained gravity model over zones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentSettings {
    /// Trips a day and resident by the modes that are simulated.
    pub trips_per_resident: f64,
    /// Share of these trips that are commutes (home to work in the morning, back in the evening).
    pub commute_share: f64,
    /// Decay of the gravity model, per minute of free-flow travel by car.
    pub decay_per_min: f64,
    /// Share of the residents who have a car at hand.
    pub car_availability: f64,
    /// Mean persons who travel together on trips that are no commutes, from 1 to 3; commuters travel alone.
    pub party_mean: f64,
    /// Share of the day's departures by hour 0, 1, … 23 for commutes to work (need not sum to one).
    pub to_work_by_hour: Vec<f64>,
    /// The same for commutes home.
    pub to_home_by_hour: Vec<f64>,
    /// The same for all other trips.
    pub other_by_hour: Vec<f64>,
}

/// `[freight]`: how trucks serve the hubs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FreightSettings {
    /// Share of truck calls that bring and fetch a load in one visit.
    pub two_way_share: f64,
    /// Decay of a hub's freight catchment, per minute of free-flow travel by truck.
    pub decay_per_min: f64,
}

impl Default for FreightSettings {
    fn default() -> Self {
        FreightSettings { two_way_share: 0.3, decay_per_min: 0.02 }
    }
}

/// `[choice]`: how travellers choose. Costs are in yuan of generalised cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChoiceSettings {
    /// Value of travel time by purpose, yuan per hour.
    pub value_of_time_cny_h: ValueOfTime,
    /// Weight of walking against riding.
    pub walk_weight: f64,
    /// Weight of waiting against riding.
    pub wait_weight: f64,
    /// Penalty of a change between lines, minutes of riding.
    pub change_penalty_min: f64,
    /// Felt over real riding time for those who sit while the standing room of a vehicle is full (Whelan and Crockett 2009
    /// at 6 persons a square metre: 1.63), from 1 on. With 1 for this one and the next two nobody feels crowds.
    pub crowding_seated_full: f64,
    /// The same for those who stand while hardly anybody else does (the same source: 1.53).
    pub crowding_standing: f64,
    /// The same for those who stand while the standing room is full (the same source: 2.04).
    pub crowding_standing_full: f64,
    /// Weight of a minute too early at a wished moment against a minute of riding (β/α; Small 1982, American Economic
    /// Review 72, as read by Arnott, de Palma and Lindsey 1990: 0.61). 0 for it and `late_weight`: departures are not
    /// chosen, and who has a wished moment sets out so as to be there to the minute.
    pub early_weight: f64,
    /// Weight of a minute too late (γ/α; the same source: 2.38).
    pub late_weight: f64,
    /// What comes on top for whoever is too late for the service of a hub, minutes of being late: the wait for the next
    /// one (general knowledge, unverified).
    pub missed_min: f64,
    /// Width of the bins in which experienced travel times of links are kept, minutes; it divides an hour.
    pub time_bin_min: f64,
    /// Weight of earlier days in the times that agents choose on, from 0 (the last day alone) to below 1.
    pub memory: f64,
    /// Scale of the logit, per yuan of generalised cost: the error terms have standard deviation 1.28 / scale.
    pub scale_per_cny: f64,
    /// Scale of the errors of routes, per yuan; 0: routes have none, and everybody takes the cheapest. Above 0 routes are
    /// chosen by a path-size logit among those that are known of a pair of nodes.
    pub route_scale_per_cny: f64,
    /// Constants by mode, yuan of generalised cost (positive makes a mode less attractive).
    #[schemars(extend("propertyNames" = { "enum": Mode::ALL.map(Mode::word) }))]
    pub constant_cny: BTreeMap<Mode, f64>,
    /// Running cost of a car, yuan per kilometre.
    pub car_cny_km: f64,
    /// Parking at a hub or at work, yuan per car trip.
    pub parking_cny: f64,
    /// Taxi fare: flag fall, yuan …
    pub taxi_base_cny: f64,
    /// … and yuan per kilometre.
    pub taxi_cny_km: f64,
    /// Longest walk as the only mode, metres.
    pub walk_limit_m: f64,
    /// Longest trip by bicycle or e-bike, metres; 0 where nobody cycles. Users of hubs do not.
    pub cycle_limit_m: f64,
    /// Speed of cycling from door to door, kilometres per hour.
    pub cycle_speed_kmh: f64,
    /// Weight of cycling against riding.
    pub cycle_weight: f64,
    /// Stops nearest to the door to which people are driven by taxi or household car to ride on (kiss-and-ride); 0 where
    /// nobody is. Each costs a search for journeys.
    pub kiss_and_ride_stops: usize,
    /// How alike the modes of a nest are.
    pub nest: NestSettings,
    /// What first plans are made on.
    pub warm_start: WarmStart,
    /// Share of those who would gain most that switches after the first iteration; it falls where the gap rises.
    pub switch_share: f64,
}

/// What first plans are made on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarmStart {
    /// Queues of those who have chosen before, a part of the demand after another.
    #[default]
    Queues,
    /// The same, on roads that are no faster than in a static user equilibrium of the cars of each hour.
    Static,
}

/// `[choice.nest]`: dissimilarity of the modes in each nest, from above 0 (who leaves one of them goes to another one of
/// the nest) to 1 (to any mode by its share: no nest). The defaults are round figures within what is usually estimated
/// (general knowledge, unverified).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NestSettings {
    /// Car and taxi.
    pub road: f64,
    /// Bus, rail, park-and-ride and kiss-and-ride.
    pub lines: f64,
    /// Walking and cycling.
    pub own_power: f64,
}

impl Default for NestSettings {
    fn default() -> Self {
        NestSettings { road: 1.0, lines: 0.6, own_power: 1.0 }
    }
}

/// Value of travel time by purpose, yuan per hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValueOfTime {
    /// Business.
    pub business: f64,
    /// Commuting.
    pub commute: f64,
    /// All else.
    pub other: f64,
    /// A truck with its crew.
    pub freight: f64,
}

impl Default for ValueOfTime {
    fn default() -> Self {
        ValueOfTime { business: 72.0, commute: 28.0, other: 19.0, freight: 150.0 }
    }
}

impl Default for ChoiceSettings {
    fn default() -> Self {
        ChoiceSettings {
            value_of_time_cny_h: ValueOfTime::default(),
            walk_weight: 2.0,
            wait_weight: 2.0,
            change_penalty_min: 5.0,
            crowding_seated_full: 1.63,
            crowding_standing: 1.53,
            crowding_standing_full: 2.04,
            early_weight: 0.61,
            late_weight: 2.38,
            missed_min: 120.0,
            time_bin_min: 15.0,
            memory: 0.0,
            scale_per_cny: 0.2,
            route_scale_per_cny: 0.0,
            constant_cny: BTreeMap::new(),
            car_cny_km: 0.8,
            parking_cny: 10.0,
            taxi_base_cny: 12.0,
            taxi_cny_km: 2.6,
            walk_limit_m: 3_000.0,
            cycle_limit_m: 0.0,
            cycle_speed_kmh: 12.3,
            cycle_weight: 1.2,
            kiss_and_ride_stops: 0,
            nest: NestSettings::default(),
            warm_start: WarmStart::default(),
            switch_share: 0.5,
        }
    }
}

/// `[spillover]`: how effects on districts are estimated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpilloverSettings {
    /// Parameter table with default, low and high of every parameter.
    pub parameters: Option<String>,
    /// Latin hypercube draws for the intervals.
    pub draws: u32,
}

/// `[output]`: what is written besides the standard tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OutputSettings {
    /// Write `events.parquet`: all events of the last iteration in one total order. `hubflow run` does; a comparison does not.
    pub events: bool,
    /// Processes of hubs for which the last day is simulated once more with one more server: `all`, a hub, or `hub/process`.
    /// What that is worth stands in the table `marginal_servers`.
    pub marginal_servers: Vec<String>,
}
