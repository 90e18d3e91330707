//! The 24 districts and cities: outlines, residents, product, and jobs by sector.

use crate::facts::Facts;
use crate::geometry::{CENTRE, area, around, clip, gap, inside, simplify, to_lonlat, to_plane};
use crate::output::shares;
use serde_json::{Value, json};

/// A closed ring of the plane.
type Ring = Vec<[f64; 2]>;

/// Foshan's inner district, whose neighbour Nanhai lies around it.
const INNER: (&str, &str) = ("FCC", "FNH");

/// A district (or neighbouring city seen as one).
#[derive(Clone, Debug)]
pub struct District {
    pub id: String,
    pub name: String,
    pub name_en: String,
    /// Whether the district is a whole city seen from outside: everything but Guangzhou and Foshan.
    pub external: bool,
    /// Seat of government, plane.
    pub seat: [f64; 2],
    pub population: u64,
    pub gdp_cny: u64,
    /// Manufacturing, construction, consumer services, producer services.
    pub jobs: [u64; 4],
    /// Polygons of closed rings, plane; the first ring of each is the outer one.
    pub polygons: Vec<Vec<Ring>>,
}

impl District {
    /// All jobs.
    pub fn all_jobs(&self) -> u64 {
        self.jobs.iter().sum()
    }

    /// Whether a point of the plane lies in the district.
    pub fn holds(&self, p: [f64; 2]) -> bool {
        self.polygons.iter().flatten().filter(|ring| inside(ring, p)).count() % 2 == 1
    }
}

/// Makes the districts.
pub fn build(facts: &Facts) -> Vec<District> {
    facts.districts.iter().map(|d| district(facts, d)).collect()
}

fn district(facts: &Facts, d: &crate::facts::District) -> District {
    let seat = to_plane([d.lon, d.lat]);
    let external = d.city != "Guangzhou" && d.city != "Foshan";
    let jobs = jobs_by_sector(facts, d, external, gap(to_plane(CENTRE), seat));
    District {
        id: d.district_id.clone(),
        name: d.name_zh.clone(),
        name_en: d.name_en.clone(),
        external,
        seat,
        population: d.pop_resident_2023.unwrap_or(d.pop_census_2020) as u64,
        gdp_cny: (d.gdp_2023_100m_yuan * 1e8).round() as u64,
        jobs,
        polygons: polygons(facts, d),
    }
}

/// Jobs of a district: the estimate of the facts, or its formula where it has none: the jobs of Guangzhou times the mean
/// of the district's shares in Guangzhou's residents of 2020 and product of 2023. Sectors by distance of the seat from
/// the centre: manufacturing 15 % there, rising to 40 % at 25 km; producer services 40 %, falling to 12 %; construction
/// 8 %; consumer services the rest. Other cities 38, 8, 36 and 18 %.
fn jobs_by_sector(facts: &Facts, d: &crate::facts::District, external: bool, from_centre_m: f64) -> [u64; 4] {
    let guangzhou = || facts.districts.iter().filter(|d| d.city == "Guangzhou");
    let people: f64 = guangzhou().map(|d| d.pop_census_2020).sum();
    let product: f64 = guangzhou().map(|d| d.gdp_2023_100m_yuan).sum();
    let share = 0.5 * d.pop_census_2020 / people + 0.5 * d.gdp_2023_100m_yuan / product;
    let jobs = d.jobs_est.unwrap_or(facts.figure("employment_city") * share).round();
    let out = (from_centre_m / 25_000.0).min(1.0);
    let (manufacturing, producer) = if external { (0.38, 0.18) } else { (0.15 + 0.25 * out, 0.40 - 0.28 * out) };
    let weights = [manufacturing, 0.08, 1.0 - 0.08 - manufacturing - producer, producer];
    let counts = shares(jobs as u64, &weights);
    [counts[0], counts[1], counts[2], counts[3]]
}

/// The outline of a district; Foshan's outline is cut between its five districts: Chancheng is a circle of its
/// published area, which lies inside Nanhai's part, and the other four are cells of a power diagram.
fn polygons(facts: &Facts, d: &crate::facts::District) -> Vec<Vec<Ring>> {
    let id = if d.city == "Foshan" { "FOSHAN" } else { &d.district_id };
    let outline = facts.outlines.iter().filter(|o| o.id == id);
    let rings = outline.map(|o| o.ring.iter().map(|&p| to_plane(p)).collect::<Ring>());
    if d.city != "Foshan" {
        return rings.map(|ring| vec![ring]).collect();
    }
    let foshan = || facts.districts.iter().filter(|o| o.city == "Foshan");
    let circle = foshan().filter(|o| o.district_id == INNER.0).map(|o| circle(cell(o)));
    if d.district_id == INNER.0 {
        return circle.map(|ring| vec![ring]).collect();
    }
    let cells: Vec<_> = foshan().filter(|o| o.district_id != INNER.0).map(cell).collect();
    let mut polygons: Vec<Vec<Ring>> =
        rings.map(|ring| vec![cut(ring, &cell(d), &cells)]).filter(|polygon| polygon[0].len() > 3).collect();
    if d.district_id == INNER.1 {
        polygons[0].extend(circle);
    }
    polygons
}

/// Centre of a district and the square of the radius of a circle of its published area.
fn cell(d: &crate::facts::District) -> ([f64; 2], f64) {
    (to_plane([d.centre_lon, d.centre_lat]), d.area_km2 * 1e6 / std::f64::consts::PI)
}

/// A closed ring of 36 vertices around a circle.
fn circle((centre, square): ([f64; 2], f64)) -> Ring {
    (0..=36).map(|k| around(centre, libm::sqrt(square), f64::from(k % 36) / 36.0)).collect()
}

/// The cell of `mine` in the power diagram of the cells: |p − a|² − rₐ² ≤ |p − b|² − r_b² for every other b, which is
/// 2 p·(b − a) ≤ |b|² − |a|² + rₐ² − r_b². The areas as weights keep a small district between large ones small.
fn cut(ring: Ring, mine: &([f64; 2], f64), cells: &[([f64; 2], f64)]) -> Ring {
    let square = |p: [f64; 2]| p[0] * p[0] + p[1] * p[1];
    let (a, ra) = *mine;
    cells.iter().filter(|c| c.0 != a).fold(ring, |ring, &(b, rb)| {
        let normal = [2.0 * (b[0] - a[0]), 2.0 * (b[1] - a[1])];
        clip(&ring, normal, square(b) - square(a) + ra - rb)
    })
}

/// The districts as GeoJSON: one feature each, outlines simplified by 60 m (300 m for other cities).
pub fn geojson(districts: &[District]) -> String {
    let features: Vec<String> = districts.iter().map(|d| feature(d).to_string()).collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"))
}

fn feature(d: &District) -> Value {
    let tolerance = if d.external { 300.0 } else { 60.0 };
    let round = |x: f64| (x * 1e5).round() / 1e5;
    let simple = |(k, ring): (usize, &Ring)| {
        let points: Ring = simplify(ring, tolerance).into_iter().map(to_lonlat).collect();
        // GeoJSON wants outer rings counter-clockwise and inner ones clockwise.
        let twice: f64 = points.windows(2).map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1]).sum();
        let turn = (twice < 0.0) == (k == 0);
        let ordered: Ring = if turn { points.into_iter().rev().collect() } else { points };
        ordered.into_iter().map(|p| [round(p[0]), round(p[1])]).collect::<Ring>()
    };
    let polygon = |rings: &Vec<Ring>| rings.iter().enumerate().map(simple).collect::<Vec<_>>();
    let own = |rings: &Vec<Ring>| area(&rings[0]) - rings[1..].iter().map(|r| area(r)).sum::<f64>();
    let area_km2: f64 = d.polygons.iter().map(own).sum::<f64>() / 1e6;
    json!({
        "type": "Feature",
        "properties": {
            "id": d.id, "name": d.name, "name_en": d.name_en, "population": d.population, "gdp_cny": d.gdp_cny,
            "jobs_manufacturing": d.jobs[0], "jobs_construction": d.jobs[1],
            "jobs_consumer": d.jobs[2], "jobs_producer": d.jobs[3],
            "area_km2": (area_km2 * 10.0).round() / 10.0,
        },
        "geometry": { "type": "MultiPolygon", "coordinates": d.polygons.iter().map(polygon).collect::<Vec<_>>() },
    })
}
