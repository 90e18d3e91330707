//! The road network from GMNS `node.csv`, `link.csv` and `config.csv` (General Modeling Network Specification 0.9x).
//!
//! Lengths are in `long_length` and speeds in `speed` of `config.csv`; without it kilometres and kilometres per hour.
//! `capacity` is PCU per hour and lane, as GMNS has it. `jam_density` (PCU per kilometre and lane) is our own column.

use super::link_defaults;
use super::range::{LATITUDE, LONGITUDE, NOT_NEGATIVE, POSITIVE};
use super::reading::{Part, Reading};
use super::rows::{Form, Row, rows};
use crate::error::{Problem, shown};
use crate::scenario::tables::{LinkRow, NodeRow};
use crate::units::distance_m;
use rustc_hash::FxHashMap;

/// Metres per second in a kilometre per hour. Speeds are multiplied by it wherever they come from, so that a measure
/// that sets the speed which a link has already changes no bit.
pub(in crate::scenario) const MPS_PER_KMH: f64 = 1.0 / 3.6;

/// Words of `allowed_uses` and what they stand for here; what is not simulated (bicycles, rail) is kept and has no effect.
const USES: [(&str, &str); 17] = [
    ("auto", "auto"),
    ("car", "auto"),
    ("sov", "auto"),
    ("hov", "auto"),
    ("taxi", "auto"),
    ("truck", "truck"),
    ("walk", "walk"),
    ("ped", "walk"),
    ("pedestrian", "walk"),
    ("foot", "walk"),
    ("bike", "bike"),
    ("bicycle", "bike"),
    ("bus", "bus"),
    ("transit", "transit"),
    ("rail", "rail"),
    ("all", "all"),
    ("none", "none"),
];

/// Reads the network folder.
pub(super) fn network(reading: &mut Reading, folder: &str) -> (Vec<NodeRow>, Vec<LinkRow>, Units) {
    let units = units(reading, &format!("{folder}/config.csv"));
    let nodes = nodes(reading, &format!("{folder}/node.csv"));
    let places: FxHashMap<&str, [f64; 2]> =
        nodes.iter().map(|n| (n.node_id.as_str(), [n.x_coord, n.y_coord])).collect();
    let file = format!("{folder}/link.csv");
    let form = Form {
        required: &["link_id", "from_node_id", "to_node_id"],
        optional: &[
            "name",
            "directed",
            "length",
            "free_speed",
            "capacity",
            "lanes",
            "facility_type",
            "allowed_uses",
            "toll",
            "geometry",
            "jam_density",
        ],
        open: true,
    };
    let read = reading.bytes(&file, "the link table of the network (GMNS link.csv)").and_then(|bytes| {
        rows(reading, &file, &bytes, &form, |row| {
            link(row, units, &places).map(|link| (link, row.flag("directed", true)))
        })
    });
    let Some(read) = read else {
        reading.unread.insert(Part::Links);
        return (nodes, Vec::new(), units);
    };
    let mut links = Vec::with_capacity(read.len());
    for (link, directed) in read {
        let back = (!directed).then(|| opposite(&link));
        links.push(link);
        links.extend(back);
    }
    (nodes, links, units)
}

/// The other direction of a two-way link.
pub(in crate::scenario) fn opposite(link: &LinkRow) -> LinkRow {
    LinkRow {
        link_id: format!("{}_r", link.link_id),
        from_node_id: link.to_node_id.clone(),
        to_node_id: link.from_node_id.clone(),
        shape: link.shape.iter().rev().copied().collect(),
        ..link.clone()
    }
}

/// The units of the tables of a network.
#[derive(Clone, Copy)]
pub(super) struct Units {
    /// Metres in the long length, in which links are measured.
    pub length_m: f64,
    /// Metres in the short length, in which parts of links are measured.
    pub short_m: f64,
    /// Metres per second in the speed.
    pub speed_mps: f64,
}

impl Units {
    /// Kilometres, metres and kilometres per hour.
    pub const USUAL: Units = Units { length_m: 1000.0, short_m: 1.0, speed_mps: MPS_PER_KMH };
}

/// The units of the configuration.
fn units(reading: &mut Reading, file: &str) -> Units {
    const LENGTHS: [(&str, f64); 14] = [
        ("km", 1000.0),
        ("kilometer", 1000.0),
        ("kilometre", 1000.0),
        ("m", 1.0),
        ("meter", 1.0),
        ("metre", 1.0),
        ("meters", 1.0),
        ("mi", 1609.344),
        ("mile", 1609.344),
        ("miles", 1609.344),
        ("ft", 0.3048),
        ("foot", 0.3048),
        ("feet", 0.3048),
        ("", 1000.0),
    ];
    const SPEEDS: [(&str, f64); 9] = [
        ("kph", MPS_PER_KMH),
        ("kmh", MPS_PER_KMH),
        ("km/h", MPS_PER_KMH),
        ("kmph", MPS_PER_KMH),
        ("mps", 1.0),
        ("m/s", 1.0),
        ("mph", 0.44704),
        ("fps", 0.3048),
        ("", MPS_PER_KMH),
    ];
    let usual = Units::USUAL;
    if !reading.has(file) {
        return usual;
    }
    let Some(bytes) = reading.bytes(file, "the units of the network (GMNS config.csv)") else { return usual };
    let form = Form {
        required: &[],
        optional: &[
            "long_length",
            "speed",
            "crs",
            "dataset_name",
            "short_length",
            "geometry_field_format",
            "currency",
            "version_number",
            "id_type",
        ],
        open: false,
    };
    let read = rows(reading, file, &bytes, &form, |row| {
        let crs = row.word("crs");
        if !crs.is_empty() && !crs.contains("4326") && !crs.eq_ignore_ascii_case("WGS84") {
            row.wrong("crs", "EPSG:4326 (lon/lat WGS-84 degrees)");
        }
        let length_m = row.one_of("long_length", &LENGTHS);
        let short_m = if row.text("short_length").is_empty() { 1.0 } else { row.one_of("short_length", &LENGTHS) };
        Some((Units { length_m, short_m, speed_mps: row.one_of("speed", &SPEEDS) }, row.line))
    });
    let wanted = "exactly one row";
    match read.as_deref() {
        Some([]) => reading.problem(Problem::new(file, "no row", wanted).at(1)),
        Some([_, (_, second), ..]) => reading.problem(Problem::new(file, "a second row", wanted).at(*second)),
        _ => {}
    }
    read.and_then(|rows| rows.first().map(|(units, _)| *units)).unwrap_or(usual)
}

fn nodes(reading: &mut Reading, file: &str) -> Vec<NodeRow> {
    let form = Form { required: &["node_id", "x_coord", "y_coord"], optional: &["name", "zone_id"], open: true };
    let mut nameless = false;
    let read = reading.bytes(file, "the node table of the network (GMNS node.csv)").and_then(|bytes| {
        rows(reading, file, &bytes, &form, |row| {
            let (x_coord, y_coord) = (row.number("x_coord", LONGITUDE), row.number("y_coord", LATITUDE));
            let (name, zone_id) = (row.word("name"), row.maybe("zone_id"));
            let node_id = row.id("node_id");
            nameless |= node_id.is_none();
            Some(NodeRow { node_id: node_id?, name, x_coord, y_coord, zone_id, row: row.line })
        })
    });
    // What names a node that no row has may mean the one without an id, which is told.
    if read.is_none() || nameless {
        reading.unread.insert(Part::Nodes);
    }
    read.unwrap_or_default()
}

fn link(row: &mut Row, units: Units, places: &FxHashMap<&str, [f64; 2]>) -> Option<LinkRow> {
    let (from, to) = (row.id("from_node_id"), row.id("to_node_id"));
    let link_id = row.id("link_id");
    let shape = row.maybe("geometry").map(|wkt| line_string(row, &wkt)).unwrap_or_default();
    let (from_node_id, to_node_id) = (from?, to?);
    let ends = places.get(from_node_id.as_str()).zip(places.get(to_node_id.as_str()));
    let length_m = match row.number_maybe("length", POSITIVE) {
        Some(length) => length * units.length_m,
        None => match ends {
            Some((a, b)) => along(*a, &shape, *b),
            None => 1.0,
        },
    };
    if length_m <= 0.0 && from_node_id != to_node_id {
        row.wrong("length", "a length, as both nodes are at the same place");
    }
    let allowed_uses = uses(row);
    // Lanes mean nothing on a footpath, where data sets write 0.
    let footpath = !allowed_uses.is_empty() && !allowed_uses.iter().any(|u| u == "auto" || u == "truck");
    let range = if footpath { NOT_NEGATIVE } else { POSITIVE };
    let usual = link_defaults::of(row.text("facility_type"));
    let mut given = |column: &str| row.number_maybe(column, range).filter(|x| *x > 0.0);
    let lanes = given("lanes").unwrap_or(usual.lanes);
    let capacity_pcu_h_lane = given("capacity").unwrap_or(usual.capacity_pcu_h_lane);
    let free_speed_mps =
        given("free_speed").map_or(usual.free_speed_kmh * MPS_PER_KMH, |speed| speed * units.speed_mps);
    Some(LinkRow {
        link_id: link_id?,
        name: row.word("name"),
        from_node_id,
        to_node_id,
        length_m,
        free_speed_mps,
        capacity_pcu_h_lane,
        lanes,
        facility_type: row.word("facility_type"),
        allowed_uses,
        toll_cny: row.number_maybe("toll", NOT_NEGATIVE).unwrap_or(0.0),
        jam_density_pcu_km: row.number_maybe("jam_density", POSITIVE),
        shape,
        row: row.line,
    })
}

/// The allowed uses in our words; empty allows cars, trucks and walking.
pub(super) fn uses(row: &mut Row) -> Vec<String> {
    let text = row.text("allowed_uses").to_ascii_lowercase();
    let mut out: Vec<String> = Vec::new();
    for word in text.split([',', ';', '|', ' ']).filter(|w| !w.is_empty()) {
        match USES.iter().find(|(known, _)| *known == word) {
            Some((_, "all")) => return Vec::new(),
            Some((_, ours)) if !out.iter().any(|o| o == ours) => out.push((*ours).to_owned()),
            Some(_) => {}
            None => {
                let known = || USES.iter().map(|(known, _)| *known);
                let list: Vec<&str> = known().collect();
                let problem =
                    Problem::new(row.file(), format!("\"{}\"", shown(word)), format!("words of {}", list.join(", ")));
                row.push(problem.at(row.line).column("allowed_uses").did_you_mean(word, known()));
            }
        }
    }
    out
}

/// Length along a line of points.
pub(in crate::scenario) fn along(from: [f64; 2], shape: &[[f64; 2]], to: [f64; 2]) -> f64 {
    let (mut here, mut sum) = (from, 0.0);
    for &next in shape.iter().chain([&to]) {
        sum += distance_m(here, next);
        here = next;
    }
    sum
}

/// The points of a WKT line between its ends; the ends are the nodes.
fn line_string(row: &mut Row, wkt: &str) -> Vec<[f64; 2]> {
    let upper = wkt.to_ascii_uppercase();
    let body = upper.trim_start_matches("MULTI").strip_prefix("LINESTRING").map(str::trim);
    let body = body.map(|b| b.trim_matches(['(', ')', ' ']));
    let points: Option<Vec<[f64; 2]>> = body.and_then(|body| {
        body.split(',')
            .map(|pair| {
                let mut parts = pair.split_whitespace().map(str::parse::<f64>);
                let (x, y) = (parts.next()?.ok()?, parts.next()?.ok()?);
                (LONGITUDE.holds(x) && LATITUDE.holds(y)).then_some([x, y])
            })
            .collect()
    });
    match points {
        Some(points) if points.len() >= 2 => points[1..points.len() - 1].to_vec(),
        _ => {
            row.wrong("geometry", "WKT LINESTRING (lon lat, lon lat, …)");
            Vec::new()
        }
    }
}
