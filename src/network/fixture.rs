//! Small scenarios and road networks for tests, made of rows as the files have them.

use super::roads::{Roads, Star};
use crate::ids::NodeIx;
use crate::mode::Uses;
use crate::scenario::Scenario;
use crate::scenario::hubs::HubFile;
use crate::scenario::settings::{DistrictSettings, ServiceSettings, Settings};
use crate::scenario::tables::*;
use crate::units::distance_m;
use std::path::PathBuf;

/// Where the small scenarios lie, lon/lat.
pub(crate) const CENTRE: [f64; 2] = [113.3, 23.1];

/// The point so many metres north of another.
pub(crate) fn north(of: [f64; 2], metres: f64) -> [f64; 2] {
    [of[0], of[1] + metres / distance_m([0.0, 0.0], [0.0, 1.0])]
}

/// A scenario without any row, with `[services]` at their defaults and 100 persons a vehicle.
pub(crate) fn scenario() -> Scenario {
    let mut settings: Settings = toml::from_str("title = \"test\"").expect("defaults for all but the title");
    let services: ServiceSettings =
        toml::from_str("gtfs = \"services\"\ncapacity = { default = 100 }").expect("defaults for the rest");
    settings.services = Some(services);
    settings.districts = Some(DistrictSettings { file: "districts.geojson".into(), zones: "demand/zones.csv".into() });
    Scenario {
        folder: PathBuf::new(),
        variant: None,
        base_links: None,
        control: Default::default(),
        settings,
        nodes: Vec::new(),
        links: Vec::new(),
        timetable: Timetable::default(),
        hubs: Vec::new(),
        districts: Vec::new(),
        zones: Vec::new(),
        trips: Default::default(),
        parameters: Vec::new(),
        digests: Vec::new(),
    }
}

/// A node without a zone.
pub(crate) fn node(id: &str, position: [f64; 2]) -> NodeRow {
    NodeRow {
        node_id: id.into(),
        name: String::new(),
        x_coord: position[0],
        y_coord: position[1],
        zone_id: None,
        row: 2,
    }
}

/// A straight link of two lanes, 1 km, 20 m/s, 1,800 PCU per hour and lane, open to all.
pub(crate) fn link(id: &str, from: &str, to: &str) -> LinkRow {
    LinkRow {
        link_id: id.into(),
        name: String::new(),
        from_node_id: from.into(),
        to_node_id: to.into(),
        length_m: 1000.0,
        free_speed_mps: 20.0,
        capacity_pcu_h_lane: 1800.0,
        lanes: 2.0,
        facility_type: "primary".into(),
        allowed_uses: Vec::new(),
        toll_cny: 0.0,
        jam_density_pcu_km: None,
        shape: Vec::new(),
        row: 2,
    }
}

/// A square district around a centre, `half` degrees to each side.
pub(crate) fn district(id: &str, centre: [f64; 2], half: f64) -> DistrictRow {
    let [x, y] = centre;
    let ring = vec![
        [x - half, y - half],
        [x + half, y - half],
        [x + half, y + half],
        [x - half, y + half],
        [x - half, y - half],
    ];
    DistrictRow {
        id: id.into(),
        name: id.into(),
        name_en: id.into(),
        population: 1000.0,
        gdp_cny: 1e8,
        jobs: [100.0; 4],
        rings: vec![ring],
        row: 1,
    }
}

/// A zone with 100 residents and 100 jobs.
pub(crate) fn zone(id: &str, district: &str, position: [f64; 2]) -> ZoneRow {
    ZoneRow {
        zone_id: id.into(),
        district_id: district.into(),
        name: String::new(),
        x_coord: position[0],
        y_coord: position[1],
        population: 100.0,
        jobs: 100.0,
        external: false,
        row: 2,
    }
}

/// A stop without a station.
pub(crate) fn stop(id: &str, position: [f64; 2]) -> StopRow {
    StopRow { stop_id: id.into(), name: id.into(), lon: position[0], lat: position[1], parent: None, row: 2 }
}

/// A metro route.
pub(crate) fn route(id: &str) -> RouteRow {
    RouteRow { route_id: id.into(), name: id.into(), route_type: 1, color: String::new(), fare: None, row: 2 }
}

/// A trip that runs once; calls are (position of the stop, arrival, departure), seconds after midnight.
pub(crate) fn trip(id: &str, route: &str, calls: &[(u32, f64, f64)]) -> GtfsTrip {
    let calls = calls.iter().map(|&(stop, arrival_s, departure_s)| Call::new(stop, arrival_s, departure_s)).collect();
    GtfsTrip { trip_id: id.into(), route_id: route.into(), calls, row: 2, ..GtfsTrip::default() }
}

/// A hub as its file would be read.
pub(crate) fn hub(text: &str) -> HubFile {
    let mut hub: HubFile = toml::from_str(text).expect("a hub file");
    hub.path = format!("hubs/{}.toml", hub.hub_id);
    hub
}

/// Roads of so many nodes and of links (from, to, metres, metres per second) with 1,800 PCU per hour, open to all.
pub(crate) fn roads(nodes: usize, links: &[(usize, usize, f64, f64)]) -> Roads {
    let n = links.len();
    let from: Vec<NodeIx> = links.iter().map(|l| NodeIx::from(l.0)).collect();
    let to: Vec<NodeIx> = links.iter().map(|l| NodeIx::from(l.1)).collect();
    Roads {
        node_position: (0..nodes).map(|i| north(CENTRE, 1000.0 * i as f64)).collect(),
        node_zone: vec![None; nodes],
        node_district: vec![None; nodes],
        length_m: links.iter().map(|l| l.2).collect(),
        free_speed_mps: links.iter().map(|l| l.3).collect(),
        capacity_pcu_h: vec![1800.0; n],
        storage_pcu: links.iter().map(|l| l.2 * 0.15).collect(),
        lanes: vec![1.0; n],
        toll_cny: vec![0.0; n],
        uses: vec![Uses { car: true, truck: true, walk: true }; n],
        facility: vec!["primary".into(); n],
        name: vec![String::new(); n],
        district: vec![None; n],
        hub: vec![None; n],
        shape: vec![Vec::new(); n],
        leaving: Star::new(nodes, &from),
        reaching: Star::new(nodes, &to),
        from,
        to,
        ..Roads::default()
    }
}
