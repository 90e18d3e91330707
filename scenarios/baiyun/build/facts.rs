//! The facts kept in `facts/`, read as they stand. Every row carries its source and confidence; the rules below use
//! only the columns named here.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::path::Path;

/// A row of `districts.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct District {
    pub district_id: String,
    pub name_en: String,
    pub name_zh: String,
    pub city: String,
    pub lon: f64,
    pub lat: f64,
    pub centre_lon: f64,
    pub centre_lat: f64,
    pub area_km2: f64,
    pub pop_census_2020: f64,
    pub pop_resident_2023: Option<f64>,
    pub gdp_2023_100m_yuan: f64,
    pub jobs_est: Option<f64>,
}

/// A row of `lines.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    pub line_id: String,
    pub name_zh: String,
    pub route_type: u32,
    pub colour: String,
    pub length_km: Option<f64>,
    pub end_to_end_min: Option<f64>,
    pub commercial_speed_kmh: f64,
    pub peak_headway_s: Option<u32>,
    pub offpeak_headway_s: Option<u32>,
}

/// A row of `stations.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct Station {
    pub line_id: String,
    pub seq: u32,
    pub station_zh: String,
    pub lon: f64,
    pub lat: f64,
    pub chainage_m: Option<f64>,
    pub status: String,
}

/// A row of `roads.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct Road {
    pub road_id: String,
    pub name_zh: String,
    pub closed: String,
    pub length_km: Option<f64>,
    pub lanes: u32,
    pub speed_kmh: f64,
    pub capacity_pcu_h_lane: f64,
}

/// A row of `alignments.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct AlignmentPoint {
    pub road_id: String,
    pub lon: f64,
    pub lat: f64,
}

/// A row of `hubs.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct HubFact {
    pub hub_id: String,
    pub attribute: String,
    pub value: String,
    pub year: String,
}

/// A row of `travel.csv` or `freight.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct Figure {
    pub metric: String,
    pub value: f64,
}

/// A ring of `outlines.geojson` with the id of its district or city.
#[derive(Clone, Debug)]
pub struct Outline {
    pub id: String,
    /// Outer ring, lon/lat, closed.
    pub ring: Vec<[f64; 2]>,
}

/// Everything in `facts/`.
#[derive(Clone, Debug)]
pub struct Facts {
    pub districts: Vec<District>,
    pub lines: Vec<Line>,
    pub stations: Vec<Station>,
    pub roads: Vec<Road>,
    pub alignments: Vec<AlignmentPoint>,
    pub hubs: Vec<HubFact>,
    pub travel: Vec<Figure>,
    pub freight: Vec<Figure>,
    pub outlines: Vec<Outline>,
}

impl Facts {
    /// Reads the folder.
    pub fn read(folder: &Path) -> Result<Facts, Box<dyn Error>> {
        Ok(Facts {
            districts: rows(&folder.join("districts.csv"))?,
            lines: rows(&folder.join("lines.csv"))?,
            stations: rows(&folder.join("stations.csv"))?,
            roads: rows(&folder.join("roads.csv"))?,
            alignments: rows(&folder.join("alignments.csv"))?,
            hubs: rows(&folder.join("hubs.csv"))?,
            travel: rows(&folder.join("travel.csv"))?,
            freight: rows(&folder.join("freight.csv"))?,
            outlines: outlines(&folder.join("outlines.geojson"))?,
        })
    }

    /// A number of a hub, of the given year where there are several.
    pub fn hub(&self, hub_id: &str, attribute: &str, year: &str) -> f64 {
        let row = self
            .hubs
            .iter()
            .find(|h| h.hub_id == hub_id && h.attribute == attribute && (year.is_empty() || h.year.starts_with(year)));
        let value = row.and_then(|h| h.value.parse().ok());
        value.unwrap_or_else(|| panic!("facts/hubs.csv: no number for {hub_id} {attribute} {year}"))
    }

    /// A number of `travel.csv` or `freight.csv`.
    pub fn figure(&self, metric: &str) -> f64 {
        let row = self.travel.iter().chain(&self.freight).find(|f| f.metric == metric);
        row.unwrap_or_else(|| panic!("facts/travel.csv, facts/freight.csv: no row for {metric}")).value
    }

    /// Stations of a line that were served before the East Ring intercity opened (2025-09-29), in order.
    pub fn served(&self, line_id: &str) -> Vec<&Station> {
        let mut stations: Vec<&Station> =
            self.stations.iter().filter(|s| s.line_id == line_id && s.status == "operating").collect();
        stations.sort_by_key(|s| s.seq);
        stations
    }
}

fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let read: Result<Vec<T>, csv::Error> = reader.deserialize().collect();
    Ok(read.map_err(|e| format!("{}: {e}", path.display()))?)
}

fn outlines(path: &Path) -> Result<Vec<Outline>, Box<dyn Error>> {
    #[derive(Deserialize)]
    struct Collection {
        features: Vec<Feature>,
    }
    #[derive(Deserialize)]
    struct Feature {
        properties: Properties,
        geometry: Geometry,
    }
    #[derive(Deserialize)]
    struct Properties {
        id: String,
    }
    #[derive(Deserialize)]
    struct Geometry {
        coordinates: Vec<Vec<Vec<[f64; 2]>>>,
    }
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let read: Collection = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut found = Vec::new();
    for feature in read.features {
        for polygon in feature.geometry.coordinates {
            let ring = polygon.into_iter().next().ok_or("a polygon of outlines.geojson has no ring")?;
            found.push(Outline { id: feature.properties.id.clone(), ring });
        }
    }
    Ok(found)
}
