//! Shapes of districts and links for maps outside: GeoJSON (RFC 7946) and the `geo` metadata and well-known binary of
//! GeoParquet 1.1. Coordinates are lon/lat degrees, WGS-84.

use crate::outcome::Outcome;
use crate::table::{Table, Values};
use serde_json::{Map, Value, json};

/// Rings of one polygon, the outer one first.
pub type Polygon<'a> = Vec<&'a [[f64; 2]]>;

/// Geometry of the rows of a table.
pub struct Geometry {
    /// Well-known binary by row, little-endian.
    pub rows: Vec<Vec<u8>>,
    /// The file's `geo` metadata, JSON.
    pub metadata: String,
}

impl Geometry {
    /// Of straight links: from lon, from lat, to lon, to lat.
    pub fn of_lines(lines: &[[f64; 4]]) -> Geometry {
        let rows = lines
            .iter()
            .map(|line| {
                let mut wkb = head(2);
                wkb.extend(2u32.to_le_bytes());
                line.iter().for_each(|x| wkb.extend(x.to_le_bytes()));
                wkb
            })
            .collect();
        Geometry { rows, metadata: metadata("LineString") }
    }

    /// Of outlines: rings of each row.
    pub fn of_outlines(outlines: &[Vec<Vec<[f64; 2]>>]) -> Geometry {
        let rows = outlines.iter().map(|rings| multi_polygon(&polygons(rings))).collect();
        Geometry { rows, metadata: metadata("MultiPolygon") }
    }

    /// Of a table that says where its rows lie, or whose rows are the districts.
    pub fn of_table(table: &Table, outlines: &[Vec<Vec<[f64; 2]>>]) -> Option<Geometry> {
        if table.name == "districts" && table.rows() == outlines.len() && !outlines.is_empty() {
            return Some(Geometry::of_outlines(outlines));
        }
        let lines: Option<Vec<[f64; 4]>> = (0..table.rows())
            .map(|row| {
                let at = |name: &str| table.number(name, row).filter(|x| x.is_finite());
                Some([at("from_lon")?, at("from_lat")?, at("to_lon")?, at("to_lat")?])
            })
            .collect();
        lines.filter(|l| !l.is_empty()).map(|l| Geometry::of_lines(&l))
    }
}

/// `districts.geojson`: outlines with all columns of the districts table as properties.
pub fn districts(outcome: &Outcome) -> Value {
    let empty = Table::new("districts");
    let table = outcome.table("districts").unwrap_or(&empty);
    let features: Vec<Value> = outcome
        .outlines
        .iter()
        .enumerate()
        .map(|(row, rings)| {
            json!({
                "type": "Feature",
                "properties": properties(table, row),
                "geometry": {"type": "MultiPolygon", "coordinates": polygons(rings)},
            })
        })
        .collect();
    json!({"type": "FeatureCollection", "name": "districts", "features": features})
}

/// The rings grouped into polygons: a ring that lies inside an odd number of the others is a hole of the smallest
/// ring around it.
pub fn polygons(rings: &[Vec<[f64; 2]>]) -> Vec<Polygon<'_>> {
    let around = |inner: usize| -> Vec<usize> {
        let Some(&point) = rings[inner].first() else { return Vec::new() };
        (0..rings.len()).filter(|&outer| outer != inner && contains(&rings[outer], point)).collect()
    };
    let parents: Vec<Vec<usize>> = (0..rings.len()).map(around).collect();
    let outer: Vec<usize> =
        (0..rings.len()).filter(|&r| parents[r].len().is_multiple_of(2) && rings[r].len() > 3).collect();
    let mut polygons: Vec<Polygon> = outer.iter().map(|&r| vec![rings[r].as_slice()]).collect();
    for hole in (0..rings.len()).filter(|&r| !parents[r].len().is_multiple_of(2) && rings[r].len() > 3) {
        let closest = parents[hole].iter().copied().max_by_key(|&p| parents[p].len());
        if let Some(at) = closest.and_then(|p| outer.iter().position(|&o| o == p)) {
            polygons[at].push(&rings[hole]);
        }
    }
    polygons
}

/// Whether a point lies inside a ring (crossings of a ray).
fn contains(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let mut inside = false;
    for pair in ring.windows(2) {
        let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
        if (y0 > y) != (y1 > y) && x < (x1 - x0) * (y - y0) / (y1 - y0) + x0 {
            inside = !inside;
        }
    }
    inside
}

fn properties(table: &Table, row: usize) -> Map<String, Value> {
    let mut properties = Map::new();
    for column in &table.columns {
        let value = match &column.values {
            Values::Text(_) | Values::Category { .. } => column.values.word(row).map(|s| json!(s)),
            Values::Int(v) => v.get(row).map(|n| json!(n)),
            Values::Real(v) => Some(json!(v.at(row))),
        };
        properties.insert(column.name.clone(), value.unwrap_or(Value::Null));
    }
    properties
}

fn multi_polygon(polygons: &[Polygon]) -> Vec<u8> {
    let mut wkb = head(6);
    wkb.extend((polygons.len() as u32).to_le_bytes());
    for polygon in polygons {
        wkb.extend(head(3));
        wkb.extend((polygon.len() as u32).to_le_bytes());
        for ring in polygon {
            wkb.extend((ring.len() as u32).to_le_bytes());
            ring.iter().flatten().for_each(|x| wkb.extend(x.to_le_bytes()));
        }
    }
    wkb
}

/// Byte order (1: little-endian) and geometry type.
fn head(kind: u32) -> Vec<u8> {
    let mut wkb = vec![1];
    wkb.extend(kind.to_le_bytes());
    wkb
}

/// Without `crs`, GeoParquet means OGC:CRS84: lon/lat on WGS-84.
fn metadata(kind: &str) -> String {
    json!({
        "version": "1.1.0",
        "primary_column": super::parquet::GEOMETRY,
        "columns": {super::parquet::GEOMETRY: {"encoding": "WKB", "geometry_types": [kind]}},
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<[f64; 2]> {
        vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    }

    #[test]
    fn a_ring_inside_another_is_its_hole_and_an_island_in_the_hole_a_polygon_of_its_own() {
        let rings = [square(0.0, 0.0, 9.0), square(20.0, 0.0, 1.0), square(1.0, 1.0, 5.0), square(2.0, 2.0, 1.0)];
        let found = polygons(&rings);
        let sizes: Vec<usize> = found.iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1]);
        assert_eq!(found[0][1], rings[2].as_slice());
    }

    #[test]
    fn a_link_is_a_line_string_in_well_known_binary() {
        let geometry = Geometry::of_lines(&[[1.0, 2.0, 3.0, 4.0]]);
        // 1 byte order, 4 type, 4 count, 4 doubles of 8 bytes
        assert_eq!(geometry.rows[0].len(), 1 + 4 + 4 + 32);
        assert_eq!(geometry.rows[0][..9], [1, 2, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(geometry.rows[0][33..], 4f64.to_le_bytes());
    }
}
