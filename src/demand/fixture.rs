//! A small town made by hand for the tests of this room: one street, six zones, an airport and a railway station.

use super::frame::Frame;
use crate::ids::{DistrictIx, HubIx, LinkIx, Names, NodeIx, ZoneIx};
use crate::mode::{Uses, VehicleClass};
use crate::network::districts::{District, Places, Zone};
use crate::network::hubs::{Hub, Hubs, Service};
use crate::network::lines::Lines;
use crate::network::roads::{Roads, Star};
use crate::network::{Network, NetworkNames};
use crate::scenario::Scenario;
use crate::scenario::hubs::{Direction, HubKind, Scope, ServiceMode, Users};
use crate::scenario::settings::{ResidentSettings, Settings};
use crate::units::{MINUTE_MS, Time};

/// Zones of the town; the last is a neighbouring city (external).
pub const ZONES: usize = 6;

/// The hub with flights and air cargo.
pub const AIRPORT: HubIx = HubIx(0);

/// The hub with trains.
pub const STATION: HubIx = HubIx(1);

/// The town: a street of nodes a minute apart (16 m/s, also for trucks), zone z at the nodes 2z and 2z + 1, the airport
/// at node 5 and the station at node 0.
pub struct Town {
    pub scenario: Scenario,
    pub network: Network,
}

impl Town {
    pub fn new() -> Town {
        let mut names = NetworkNames::default();
        let roads = street(&mut names);
        let zones = (0..ZONES).map(|z| zone(z, &roads)).collect();
        (0..ZONES).for_each(|z| {
            names.zones.add(&format!("z{z}")).unwrap();
        });
        let district = District {
            name: String::new(),
            name_en: String::new(),
            population: 0.0,
            gdp_cny: 0.0,
            jobs: [1.0, 1.0, 1.0, 1.0],
            rings: Vec::new(),
            zones: (0..ZONES).map(ZoneIx::from).collect(),
        };
        let hubs = vec![hub("airport", NodeIx(5)), hub("station", NodeIx(0))];
        for hub in &hubs {
            names.hubs.add(&hub.id).unwrap();
        }
        let places = Places { districts: vec![district], zones };
        let hubs = Hubs { hubs, ..Hubs::default() };
        let network = Network { roads, lines: Lines::default(), hubs, places, names };
        let mut town = Town { scenario: scenario(), network };
        town.set_services(day_of_services());
        town
    }

    /// Replaces the services of all hubs: name (`hub/service`) and service, hub after hub in the order of time.
    pub fn set_services(&mut self, mut services: Vec<(String, Service)>) {
        services.sort_by_key(|(name, s)| (s.hub, s.time, name.clone()));
        self.network.names.services = Names::default();
        for (name, _) in &services {
            self.network.names.services.add(name).unwrap();
        }
        self.network.hubs.services = services.into_iter().map(|(_, s)| s).collect();
    }

    /// The services with their names, to change them.
    pub fn services(&self) -> Vec<(String, Service)> {
        self.network.names.services.all().iter().cloned().zip(self.network.hubs.services.iter().cloned()).collect()
    }

    /// The frame of a whole day with seed 1.
    pub fn frame(&self, sample: f64) -> Frame<'_> {
        Frame::new(&self.scenario, &self.network, 1, sample).unwrap()
    }
}

fn street(names: &mut NetworkNames) -> Roads {
    let nodes = 2 * ZONES;
    let mut roads = Roads::default();
    for n in 0..nodes {
        roads.node_position.push([113.0 + 0.01 * n as f64, 23.0]);
        roads.node_zone.push(Some(ZoneIx::from(n / 2)));
        roads.node_district.push(Some(DistrictIx(0)));
        names.nodes.add(&format!("n{n}")).unwrap();
    }
    for n in 0..nodes - 1 {
        for (from, to) in [(n, n + 1), (n + 1, n)] {
            roads.from.push(NodeIx::from(from));
            roads.to.push(NodeIx::from(to));
            names.links.add(&format!("l{from}-{to}")).unwrap();
        }
    }
    let links = roads.links();
    roads.length_m = vec![960.0; links];
    roads.free_speed_mps = vec![16.0; links];
    roads.capacity_pcu_h = vec![1800.0; links];
    roads.uses = vec![Uses { car: true, truck: true, walk: true }; links];
    roads.leaving = Star::new(nodes, &roads.from);
    roads.reaching = Star::new(nodes, &roads.to);
    roads
}

fn zone(z: usize, roads: &Roads) -> Zone {
    let nodes = vec![NodeIx::from(2 * z), NodeIx::from(2 * z + 1)];
    Zone {
        district: DistrictIx(0),
        name: String::new(),
        position: roads.node_position[nodes[0].i()],
        population: 10_000.0 * (z + 1) as f64,
        jobs: 5_000.0 * (ZONES - z) as f64,
        external: z + 1 == ZONES,
        nodes,
    }
}

fn hub(id: &str, node: NodeIx) -> Hub {
    let users = Users { transfer_share: if id == "airport" { 0.2 } else { 0.0 }, ..Users::default() };
    Hub {
        id: id.to_owned(),
        name: String::new(),
        name_en: String::new(),
        kind: HubKind::Airport,
        district: DistrictIx(0),
        position: [113.0, 23.0],
        drop_off: Some(node),
        pick_up: Some(node),
        truck_in: Some(node),
        truck_out: Some(node),
        stops: Vec::new(),
        gates: Vec::new(),
        kerb_walk_ms: 0,
        chains: Vec::new(),
        users,
        gate: (Time::parse("06:00").unwrap(), Time::parse("22:00").unwrap()),
        truck_class: VehicleClass::Truck,
        terminals: Vec::new(),
        appointments: None,
    }
}

/// A passenger service at a moment of the day in minutes.
pub fn passengers(hub: HubIx, direction: Direction, minute: i64, passengers: f64) -> Service {
    let mode = if hub == AIRPORT { ServiceMode::Air } else { ServiceMode::Rail };
    let scope = if minute % 60 == 0 { Scope::International } else { Scope::Domestic };
    let time = Time(minute * MINUTE_MS);
    let seats = passengers;
    Service {
        hub,
        mode,
        direction,
        time,
        seats,
        passengers,
        tonnes: 0.0,
        teu: 0.0,
        region: String::new(),
        scope,
        terminal: None,
    }
}

/// Flights every 20 minutes and trains every 12 from 06:00 to 23:00 both ways, and five cargo flights each way.
fn day_of_services() -> Vec<(String, Service)> {
    let mut services = Vec::new();
    for direction in [Direction::Departure, Direction::Arrival] {
        let word = if direction == Direction::Departure { "d" } else { "a" };
        for minute in (360..1380).step_by(20) {
            let flight = passengers(AIRPORT, direction, minute, 120.0 + (minute * 7 % 50) as f64 + 0.4);
            services.push((format!("airport/{word}{minute}"), flight));
        }
        for minute in (360..1380).step_by(12) {
            let train = passengers(STATION, direction, minute, 300.0 + (minute * 11 % 90) as f64);
            services.push((format!("station/{word}{minute}"), train));
        }
        for k in 0..5 {
            let mut cargo = passengers(AIRPORT, direction, 60 + 270 * k, 0.0);
            cargo.mode = ServiceMode::AirCargo;
            cargo.tonnes = 101.0;
            services.push((format!("airport/cargo-{word}{k}"), cargo));
        }
    }
    services
}

fn scenario() -> Scenario {
    let mut settings: Settings = toml::from_str("title = \"Town\"").unwrap();
    settings.demand.residents = Some(ResidentSettings {
        trips_per_resident: 0.5,
        commute_share: 0.4,
        decay_per_min: 0.2,
        car_availability: 0.4,
        party_mean: 1.4,
        to_work_by_hour: (0..24).map(|h| if (6..10).contains(&h) { 1.0 } else { 0.0 }).collect(),
        to_home_by_hour: (0..24).map(|h| if (16..21).contains(&h) { 1.0 } else { 0.0 }).collect(),
        other_by_hour: (0..24).map(|h| if h >= 6 { f64::from(h) } else { 0.0 }).collect(),
    });
    Scenario {
        folder: "town".into(),
        variant: None,
        base_links: None,
        control: Default::default(),
        settings,
        nodes: Vec::new(),
        links: Vec::new(),
        timetable: Default::default(),
        hubs: Vec::new(),
        districts: Vec::new(),
        zones: Vec::new(),
        trips: Default::default(),
        parameters: Vec::new(),
        digests: Vec::new(),
    }
}

/// The link of a name in the town.
pub fn link(town: &Town, name: &str) -> LinkIx {
    LinkIx(town.network.names.links.find(name).unwrap())
}
