//! Places of the street network and zones of the demand: stations, district seats, and places that fill the gaps.

use crate::districts::District;
use crate::facts::Facts;
use crate::geometry::{CENTRE, gap, to_lonlat, to_plane};
use crate::output::{Sheet, degrees, shares};
use hubflow::random::{Draws, Purpose, mix, signature};

/// Seed of every draw of the builder.
pub const SEED: u64 = 20_250_928;

/// Stations closer than this are one place, metres.
const MERGE_M: f64 = 350.0;
/// Residents per place that the filling aims at.
const RESIDENTS_PER_PLACE: f64 = 105_000.0;
/// Largest mean area per place, square kilometres.
const AREA_PER_PLACE_KM2: f64 = 150.0;
/// Step of the grid on which residents and jobs are spread, metres.
const GRID_M: f64 = 500.0;

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One or more stations.
    Station,
    /// Seat of a district without a station of its own.
    Seat,
    /// A made-up centre between the others.
    Fill,
    /// A whole city seen from outside.
    City,
}

/// A place: a node of the arterial mesh and a zone.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: String,
    pub name: String,
    pub at: [f64; 2],
    /// Position of its district.
    pub district: usize,
    pub kind: Kind,
    /// Lines that stop here.
    pub lines: Vec<String>,
    pub population: u64,
    pub jobs: u64,
    /// Further points of a city at which people enter: stations inside it, with their names.
    pub gates: Vec<(String, [f64; 2])>,
}

/// Makes all places with their residents and jobs.
pub fn build(facts: &Facts, districts: &[District]) -> Vec<Place> {
    let mut places = Vec::new();
    let outside = stations(facts, districts, &mut places);
    seats(districts, &mut places);
    for (d, district) in districts.iter().enumerate().filter(|(_, d)| !d.external) {
        fill(d, district, &mut places);
    }
    for (d, district) in districts.iter().enumerate().filter(|(_, d)| d.external) {
        let gates = outside.iter().filter(|g| g.0 == d).map(|g| (g.1.clone(), g.2)).collect();
        places.push(Place { gates, ..place(district.name.clone(), district.seat, d, Kind::City) });
    }
    for (i, place) in places.iter_mut().enumerate() {
        place.id =
            if place.kind == Kind::City { districts[place.district].id.clone() } else { format!("p{:03}", i + 1) };
    }
    populate(districts, &mut places);
    places
}

fn place(name: String, at: [f64; 2], district: usize, kind: Kind) -> Place {
    let (lines, gates) = (Vec::new(), Vec::new());
    Place { id: String::new(), name, at, district, kind, lines, population: 0, jobs: 0, gates }
}

/// The district of a point; the one with the nearest seat where border drift leaves it in none.
fn district_of(districts: &[District], p: [f64; 2]) -> usize {
    let nearest = || {
        let away = |d: &usize| gap(districts[*d].seat, p);
        (0..districts.len()).min_by(|a, b| away(a).total_cmp(&away(b))).expect("there are districts")
    };
    districts.iter().position(|d| d.holds(p)).unwrap_or_else(nearest)
}

/// Places from stations; returns the stations that lie in cities seen from outside.
fn stations(facts: &Facts, districts: &[District], places: &mut Vec<Place>) -> Vec<(usize, String, [f64; 2])> {
    let mut outside = Vec::new();
    for line in &facts.lines {
        for station in facts.served(&line.line_id).into_iter().filter(|_| line.offpeak_headway_s.is_some()) {
            let at = to_plane([station.lon, station.lat]);
            let district = district_of(districts, at);
            if districts[district].external {
                outside.push((district, station.station_zh.clone(), at));
                continue;
            }
            let known = places.iter_mut().find(|p: &&mut Place| gap(p.at, at) < MERGE_M);
            if let Some(known) = known {
                if !known.lines.contains(&line.line_id) {
                    known.lines.push(line.line_id.clone());
                }
            } else {
                let mut new = place(station.station_zh.clone(), at, district, Kind::Station);
                new.lines.push(line.line_id.clone());
                places.push(new);
            }
        }
    }
    outside
}

fn seats(districts: &[District], places: &mut Vec<Place>) {
    for (d, district) in districts.iter().enumerate().filter(|(_, d)| !d.external) {
        if places.iter().all(|p| gap(p.at, district.seat) >= 2.0 * MERGE_M) {
            places.push(place(format!("{}政府", district.name), district.seat, d, Kind::Seat));
        }
    }
}

/// Adds places to a district until it has enough for its residents and its area, each where it most shortens the sum
/// of density × distance to the nearest place (greedy p-median on a 1 km grid), moved by up to 200 m either way.
fn fill(d: usize, district: &District, places: &mut Vec<Place>) {
    let points = grid(district, 1_000.0);
    let weights: Vec<f64> = points.iter().map(|&p| density(district, p)).collect();
    let by_residents = district.population as f64 / RESIDENTS_PER_PLACE;
    let wanted = by_residents.max(points.len() as f64 / AREA_PER_PLACE_KM2).ceil() as usize;
    let have = places.iter().filter(|p| p.district == d).count();
    let nearest = |&p: &[f64; 2]| places.iter().map(|q| gap(q.at, p)).fold(f64::INFINITY, f64::min);
    let mut near: Vec<f64> = points.iter().map(nearest).collect();
    for n in 0..wanted.saturating_sub(have) {
        let gain = |p: [f64; 2]| -> f64 {
            let cells = points.iter().zip(&near).zip(&weights);
            cells.map(|((&q, &away), weight)| weight * (away - gap(p, q)).max(0.0)).sum()
        };
        let gains = points.iter().map(|&p| (gain(p), p));
        let Some((_, best)) = gains.max_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        let mut draws = Draws::new(SEED, Purpose::Generate, mix(signature(&district.id), n as u64), 0);
        let at = [best[0] + 400.0 * (draws.uniform() - 0.5), best[1] + 400.0 * (draws.uniform() - 0.5)];
        for (away, &q) in near.iter_mut().zip(&points) {
            *away = away.min(gap(at, q));
        }
        places.push(place(format!("{}片区{}", district.name, n + 1), at, d, Kind::Fill));
    }
}

/// Grid points inside a district.
fn grid(district: &District, step: f64) -> Vec<[f64; 2]> {
    let points = || district.polygons.iter().flatten().flatten();
    let low = |k: usize| points().map(|p| p[k]).fold(f64::INFINITY, f64::min);
    let high = |k: usize| points().map(|p| p[k]).fold(f64::NEG_INFINITY, f64::max);
    let cells = |k: usize| (low(k) / step).floor() as i64..=(high(k) / step).ceil() as i64;
    let mut found = Vec::new();
    for y in cells(1) {
        found.extend(cells(0).map(|x| [x as f64 * step, y as f64 * step]).filter(|&p| district.holds(p)));
    }
    found
}

/// Density of residents at a point, no unit: falls with distance from the district's seat (5 km) and from the centre of
/// Guangzhou (9 km), and stays above 0.15.
fn density(district: &District, p: [f64; 2]) -> f64 {
    let seat = libm::exp(-gap(district.seat, p) / 5_000.0);
    let centre = libm::exp(-gap(to_plane(CENTRE), p) / 9_000.0);
    0.15 + seat + centre
}

/// Spreads residents and jobs of every district over its places. A grid point counts to the nearest place of the
/// district with density × (0.05 + e^(−distance / 1.2 km)); each sum is moved by up to ±20 % by a keyed draw. Jobs
/// lean towards the centre (factor up to 2.5, decay 5 km) and interchanges (a quarter more for each further line).
fn populate(districts: &[District], places: &mut [Place]) {
    for (d, district) in districts.iter().enumerate() {
        let mine: Vec<usize> = (0..places.len()).filter(|&i| places[i].district == d).collect();
        let weights = if district.external { vec![1.0] } else { spread(district, &mine, places) };
        let jobs: Vec<f64> = mine.iter().zip(&weights).map(|(&i, w)| w * pull(&places[i])).collect();
        let (people, work) = (shares(district.population, &weights), shares(district.all_jobs(), &jobs));
        for (k, &i) in mine.iter().enumerate() {
            (places[i].population, places[i].jobs) = (people[k], work[k]);
        }
    }
}

fn spread(district: &District, mine: &[usize], places: &[Place]) -> Vec<f64> {
    let mut weights = vec![0.0; mine.len()];
    for p in grid(district, GRID_M) {
        let away = |k: usize| gap(places[mine[k]].at, p);
        let near = (0..mine.len()).min_by(|&a, &b| away(a).total_cmp(&away(b))).expect("every district has a place");
        weights[near] += density(district, p) * (0.05 + libm::exp(-away(near) / 1_200.0));
    }
    for (weight, &i) in weights.iter_mut().zip(mine) {
        let draw = Draws::new(SEED, Purpose::Generate, signature(&places[i].id), 1).uniform();
        // A cell smaller than the grid still holds somebody.
        *weight = weight.max(0.2) * (0.8 + 0.4 * draw) * if airport(&places[i]) { 0.05 } else { 1.0 };
    }
    weights
}

fn pull(place: &Place) -> f64 {
    let centre = 1.0 + 1.5 * libm::exp(-gap(to_plane(CENTRE), place.at) / 5_000.0);
    let lines = 1.0 + 0.25 * place.lines.len().saturating_sub(1) as f64;
    let draw = Draws::new(SEED, Purpose::Generate, signature(&place.id), 2).uniform();
    centre * lines * (0.85 + 0.3 * draw) * if airport(place) { 40.0 } else { 1.0 }
}

/// Whether the place is one of the stations under the terminals: few residents, many jobs.
fn airport(place: &Place) -> bool {
    place.name.starts_with("机场")
}

/// `demand/zones.csv`.
pub fn zones(districts: &[District], places: &[Place]) -> Sheet {
    let mut sheet =
        Sheet::new(&["zone_id", "district_id", "name", "x_coord", "y_coord", "population", "jobs", "external"]);
    for place in places {
        let [x, y] = to_lonlat(place.at);
        sheet.row(vec![
            place.id.clone(),
            districts[place.district].id.clone(),
            place.name.clone(),
            degrees(x),
            degrees(y),
            place.population.to_string(),
            place.jobs.to_string(),
            u8::from(place.kind == Kind::City).to_string(),
        ]);
    }
    sheet
}
