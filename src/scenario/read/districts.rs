//! Districts from a GeoJSON feature collection (RFC 7946): polygons with figures as properties.

use super::range::{GDP, LATITUDE, LONGITUDE, PEOPLE, Range};
use super::reading::{Part, Reading, row_at};
use crate::error::{Problem, closest};
use crate::scenario::tables::{DistrictRow, SECTORS};
use serde_json::Value as Json;

/// Reads the districts.
pub(super) fn districts(reading: &mut Reading, file: &str) -> Vec<DistrictRow> {
    let Some(features) = features(reading, file) else {
        reading.unread.insert(Part::Districts);
        return Vec::new();
    };
    let mut out = Vec::with_capacity(features.len());
    for (feature, row) in features {
        let mut one = Feature { file, row, properties: &feature["properties"], problems: &mut reading.problems };
        out.extend(one.district(&feature["geometry"]));
    }
    out
}

/// The features of the file with the rows at which they begin.
fn features(reading: &mut Reading, file: &str) -> Option<Vec<(Json, u32)>> {
    let bytes = reading.bytes(file, "the districts (GeoJSON)")?;
    let text = reading.text(file, &bytes);
    let json: Json = match serde_json::from_str(&text) {
        Ok(json) => json,
        Err(error) => {
            let row = u32::try_from(error.line()).unwrap_or(1);
            reading.problem(Problem::new(file, error.to_string(), "valid JSON").at(row));
            return None;
        }
    };
    let rows = feature_rows(text.as_bytes());
    let Json::Object(mut top) = json else {
        reading.problem(Problem::new(file, "no object", "a GeoJSON FeatureCollection").at(1));
        return None;
    };
    let Some(Json::Array(list)) = top.remove("features") else {
        let wanted = "a GeoJSON FeatureCollection with a list of features";
        reading.problem(Problem::new(file, "no list of features", wanted).at(1).column("features"));
        return None;
    };
    Some(list.into_iter().enumerate().map(|(i, f)| (f, rows.get(i).copied().unwrap_or(1))).collect())
}

/// The rows at which the objects in the lists of the top object begin; only `features` is such a list.
fn feature_rows(text: &[u8]) -> Vec<u32> {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    let mut out = Vec::new();
    for (i, byte) in text.iter().enumerate() {
        if quoted {
            quoted = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => {
                if *byte == b'{' && open == [b'{', b'['] {
                    out.push(row_at(text, i));
                }
                open.push(*byte);
            }
            b'}' | b']' => {
                open.pop();
            }
            _ => {}
        }
    }
    out
}

struct Feature<'a> {
    file: &'a str,
    row: u32,
    properties: &'a Json,
    problems: &'a mut Vec<Problem>,
}

impl Feature<'_> {
    fn district(&mut self, geometry: &Json) -> Option<DistrictRow> {
        let id = self.text("id");
        let name = self.text("name").unwrap_or_default();
        let name_en = self.properties["name_en"].as_str().unwrap_or(&name).to_owned();
        let (population, gdp_cny) = (self.number("population", PEOPLE), self.number("gdp_cny", GDP));
        let jobs = SECTORS.map(|sector| self.number(&format!("jobs_{sector}"), PEOPLE));
        let rings = self.rings(geometry);
        Some(DistrictRow { id: id?, name, name_en, population, gdp_cny, jobs, rings, row: self.row })
    }

    fn wrong(&mut self, key: &str, found: String, wanted: &str) {
        let mut problem = Problem::new(self.file, found, wanted).at(self.row).column(key);
        if self.properties[key].is_null()
            && let Some(near) = self.properties.as_object().and_then(|p| closest(key, p.keys().map(String::as_str)))
            && closest(near, ["id", "name", "name_en", "population", "gdp_cny"]) == Some(key)
        {
            problem = problem.hint(format!("is \"{near}\" meant?"));
        }
        self.problems.push(problem);
    }

    /// A property that is a word; a number is taken as one, as many tools write ids so.
    fn text(&mut self, key: &str) -> Option<String> {
        match &self.properties[key] {
            Json::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Json::Number(number) => Some(number.to_string()),
            other => {
                let found = shown(other);
                self.wrong(key, found, "a property with text");
                None
            }
        }
    }

    fn number(&mut self, key: &str, range: Range) -> f64 {
        match self.properties[key].as_f64() {
            Some(x) if range.holds(x) => x,
            _ => {
                let found = shown(&self.properties[key]);
                self.wrong(key, found, &format!("a property that is {}", range.words));
                range.stand_in()
            }
        }
    }

    /// All rings of a polygon or of several, each closed.
    fn rings(&mut self, geometry: &Json) -> Vec<Vec<[f64; 2]>> {
        let coordinates = &geometry["coordinates"];
        let polygons: Vec<&Json> = match geometry["type"].as_str() {
            Some("Polygon") => vec![coordinates],
            Some("MultiPolygon") => coordinates.as_array().into_iter().flatten().collect(),
            _ => Vec::new(),
        };
        let empty = polygons.is_empty() && geometry["type"].is_string();
        let rings = polygons.iter().flat_map(|p| p.as_array().into_iter().flatten());
        let read: Option<Vec<Vec<[f64; 2]>>> = rings.map(ring).collect();
        match read {
            Some(rings) if !rings.is_empty() => rings,
            _ => {
                let found = geometry["type"].as_str().map_or("no geometry".to_owned(), |t| match empty {
                    true => format!("a {t} without polygons"),
                    false => format!("a {t} with wrong rings"),
                });
                let wanted = "a Polygon or MultiPolygon of rings with at least 4 points in lon/lat degrees";
                self.wrong("geometry", found, wanted);
                Vec::new()
            }
        }
    }
}

fn ring(json: &Json) -> Option<Vec<[f64; 2]>> {
    let mut points = Vec::new();
    for point in json.as_array()? {
        let (x, y) = (point[0].as_f64()?, point[1].as_f64()?);
        if !LONGITUDE.holds(x) || !LATITUDE.holds(y) {
            return None;
        }
        points.push([x, y]);
    }
    if points.first() != points.last() {
        points.push(*points.first()?);
    }
    (points.len() >= 4).then_some(points)
}

fn shown(json: &Json) -> String {
    match json {
        Json::Null => "nothing".to_owned(),
        other => crate::error::shown(&other.to_string()),
    }
}
