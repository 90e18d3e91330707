//! Skims: what it costs and takes to get from every zone to every other and to the hubs, on given link times.
//!
//! For one person who travels for purposes other than work and business, from a zone's representative node (its node
//! nearest to the zone's position), at 8:00, 13:00 and 18:00, averaged. By lines the cost is averaged over six departures
//! spread over the half hour after each, so that it tells the headway and not the accident of one departure. A pair that cannot
//! be joined has [`UNREACHABLE_CNY`] for cost and minutes alike. Within a zone half of the least to another zone is
//! taken, the usual nearest-neighbour rule.

use super::cost::{Party, Prices};
use super::crowding::Crowding;
use super::journey::{JourneyScratch, Rider};
use super::model::nested_logsum_cny;
use super::services::Services;
use super::trip::stops_around;
use crate::demand::Purpose;
use crate::ids::{HubIx, NodeIx, StopIx, ZoneIx};
use crate::mode::{Mode, VehicleClass};
use crate::network::Network;
use crate::network::line_times::LineTimes;
use crate::network::skims::{Skims, UNREACHABLE_CNY};
use crate::network::times::LinkTimes;
use crate::routing::road::{RoadScratch, Roadway, Start};
use crate::routing::streets::Streets;
use crate::routing::trade::{Driven, Trade};
use crate::scenario::settings::{ChoiceSettings, Settings};
use crate::units::{HOUR_MS, MINUTE_MS, Time, distance_m};
use rayon::prelude::*;

/// Moments of departure.
const PERIODS: [Time; 3] = [Time(8 * HOUR_MS), Time(13 * HOUR_MS), Time(18 * HOUR_MS)];

/// Departures by lines after each of them, and the time between two; the first after half of it, so that headways that
/// divide the hour are met at their middle and not at a departure.
const DEPARTURES: i64 = 6;
const SPACING_MS: i64 = 5 * MINUTE_MS;

/// Skims on the given times of links and lines.
pub fn skims(network: &Network, settings: &Settings, times: &LinkTimes, lines: &LineTimes) -> Skims {
    let surveyor = Surveyor::new(network, settings, times, lines);
    let zones = network.places.zones.len();
    let rows: Vec<Vec<Reach>> = (0..zones)
        .into_par_iter()
        .map_init(
            || (RoadScratch::new(network.roads.nodes()), JourneyScratch::new(&surveyor.services)),
            |(road, journey), zone| surveyor.row(ZoneIx::from(zone), road, journey),
        )
        .collect();
    let mut skims = Skims { zones, ..Skims::default() };
    for row in &rows {
        for reach in &row[..zones] {
            skims.car_cny.push(reach.car_cny);
            skims.car_min.push(reach.car_min);
            skims.transit_cny.push(reach.transit_cny);
            skims.transit_min.push(reach.transit_min);
            skims.logsum_cny.push(surveyor.logsum(reach));
        }
    }
    for hub in 0..network.hubs.hubs.len() {
        for row in &rows {
            let reach = &row[zones + hub];
            skims.hub_logsum_cny.push(surveyor.logsum(reach));
            skims.hub_car_min.push(reach.car_min);
            skims.hub_transit_min.push(reach.transit_min);
        }
    }
    skims
}

/// Speed of cars within a zone, metres per second: 25 km/h, a usual value for local streets (general knowledge).
const WITHIN_MPS: f64 = 25.0 / 3.6;

/// Ratio of driven to straight distance within a zone, as for the generated streets of scenarios (general knowledge).
const WITHIN_CIRCUITY: f64 = 1.3;

/// What it takes to reach one destination from one zone.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reach {
    car_cny: f64,
    car_min: f64,
    transit_cny: f64,
    transit_min: f64,
    walk_cny: f64,
    /// By bicycle or e-bike; unreachable to hubs, whose users do not cycle.
    cycle_cny: f64,
}

/// A destination: a zone or the hall of a hub.
struct Goal {
    node: Option<NodeIx>,
    walk_ms: i64,
    stops: Vec<(StopIx, i64)>,
    position: [f64; 2],
    parks: bool,
}

/// What is needed to survey from one zone after another.
struct Surveyor<'a> {
    network: &'a Network,
    times: &'a LinkTimes,
    services: Services<'a>,
    streets: Streets,
    prices: Prices,
    party: Party,
    trade: Trade,
    choice: &'a ChoiceSettings,
    walk_ms_per_m: f64,
    walk_limit_m: f64,
    cycle_ms_per_m: f64,
    cycle_limit_m: f64,
    /// Whether lines run on rails: whose constant journeys by lines have.
    rail: bool,
    /// Zones, then hubs.
    goals: Vec<Goal>,
}

/// Mean over the moments at which a destination was reached.
#[derive(Clone, Copy, Default)]
struct Mean {
    cny: f64,
    min: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, cny: f64, ms: i64) {
        self.cny += cny;
        self.min += ms as f64 / MINUTE_MS as f64;
        self.count += 1.0;
    }

    fn means(&self) -> (f64, f64) {
        if self.count == 0.0 {
            return (UNREACHABLE_CNY, UNREACHABLE_CNY);
        }
        (self.cny / self.count, self.min / self.count)
    }
}

impl<'a> Surveyor<'a> {
    fn new(network: &'a Network, settings: &'a Settings, times: &'a LinkTimes, lines: &LineTimes) -> Surveyor<'a> {
        let prices = Prices::new(&settings.choice);
        let party = prices.party_of(Purpose::Other, 1.0, false);
        let zones = (0..network.places.zones.len()).map(|z| zone_goal(network, ZoneIx::from(z)));
        let hubs = (0..network.hubs.hubs.len()).map(|h| hub_goal(network, HubIx::from(h)));
        Surveyor {
            network,
            times,
            services: Services::of_day(&network.lines, lines, Crowding::new(&settings.choice)),
            streets: Streets::new(&network.roads, VehicleClass::Car),
            trade: prices.trade(&party, VehicleClass::Car),
            party,
            prices,
            choice: &settings.choice,
            walk_ms_per_m: settings.network.walk_circuity / settings.network.walk_speed_mps * 1000.0,
            walk_limit_m: settings.choice.walk_limit_m / settings.network.walk_circuity,
            cycle_ms_per_m: settings.network.walk_circuity * 3_600.0 / settings.choice.cycle_speed_kmh,
            cycle_limit_m: settings.choice.cycle_limit_m / settings.network.walk_circuity,
            rail: network.lines.lines.iter().any(|line| line.rail),
            goals: zones.chain(hubs).collect(),
        }
    }

    /// All destinations from a zone.
    fn row(&self, zone: ZoneIx, road: &mut RoadScratch, journey: &mut JourneyScratch) -> Vec<Reach> {
        let from = &self.goals[zone.i()];
        let (mut car, mut transit) = (vec![Mean::default(); self.goals.len()], vec![Mean::default(); self.goals.len()]);
        for departure in PERIODS {
            self.drive(from, departure, road, &mut car);
            for d in 0..DEPARTURES {
                self.ride(from, departure.plus(d * SPACING_MS + SPACING_MS / 2), journey, &mut transit);
            }
        }
        let zones = self.network.places.zones.len();
        let own_power = self.goals.iter().enumerate().map(|(g, to)| {
            let straight_m = distance_m(from.position, to.position);
            (self.walk_cny(straight_m), if g < zones { self.cycle_cny(straight_m) } else { UNREACHABLE_CNY })
        });
        let mut row: Vec<Reach> = (car.iter().zip(&transit).zip(own_power))
            .map(|((car, transit), (walk_cny, cycle_cny))| {
                let ((car_cny, car_min), (transit_cny, transit_min)) = (car.means(), transit.means());
                Reach { car_cny, car_min, transit_cny, transit_min, walk_cny, cycle_cny }
            })
            .collect();
        row[zone.i()] = self.within(zone, &row);
        row
    }

    fn drive(&self, from: &Goal, departure: Time, scratch: &mut RoadScratch, car: &mut [Mean]) {
        let Some(node) = from.node else { return };
        let roadway = Roadway { streets: &self.streets, times: self.times };
        let start = Start { from: node, departure, trade: self.trade };
        roadway.tree(start, scratch);
        for (mean, to) in car.iter_mut().zip(&self.goals) {
            if let Some(driven) = to.node.and_then(|node| roadway.reached(start, node, scratch)) {
                let party = Party { parks: to.parks, ..self.party };
                let cny = self.prices.drive_cny(&party, Mode::Car, driven, to.walk_ms);
                mean.add(cny, driven.ms + to.walk_ms);
            }
        }
    }

    fn ride(&self, from: &Goal, departure: Time, scratch: &mut JourneyScratch, transit: &mut [Mean]) {
        if from.stops.is_empty() {
            return;
        }
        scratch.search(&self.services, departure, &from.stops, None);
        for (mean, to) in transit.iter_mut().zip(&self.goals) {
            let (prices, party, access) = (&self.prices, &self.party, &from.stops);
            let rider = Rider { prices, party, access, egress: &to.stops, timed: true };
            if let Some(found) = scratch.best(&self.services, &rider) {
                mean.add(found.cost_cny, found.arrival.since(departure));
            }
        }
    }

    fn walk_cny(&self, straight_m: f64) -> f64 {
        if straight_m > self.walk_limit_m {
            return UNREACHABLE_CNY;
        }
        self.prices.walk_cny(&self.party, (straight_m * self.walk_ms_per_m).round() as i64)
    }

    fn cycle_cny(&self, straight_m: f64) -> f64 {
        if straight_m > self.cycle_limit_m {
            return UNREACHABLE_CNY;
        }
        self.prices.cycle_cny(&self.party, (straight_m * self.cycle_ms_per_m).round() as i64)
    }

    /// Within a zone: by lines half of the least to another zone; on the road half of the way to the nearest zone at a
    /// speed of its own, which no scenario changes. Half of the least by car would carry every breath of traffic on one
    /// road next to a city into the costs of all who live and work in it.
    fn within(&self, zone: ZoneIx, row: &[Reach]) -> Reach {
        let others = || (0..self.network.places.zones.len()).filter(|&z| z != zone.i());
        let half = |of: fn(&Reach) -> f64| {
            let least = others().map(|z| of(&row[z])).fold(UNREACHABLE_CNY, f64::min);
            if least < UNREACHABLE_CNY { least / 2.0 } else { UNREACHABLE_CNY }
        };
        let here = self.goals[zone.i()].position;
        let nearest_m = others().map(|z| distance_m(here, self.goals[z].position)).fold(f64::INFINITY, f64::min);
        // A zone without neighbours is taken to be two kilometres across.
        let nearest_m = if nearest_m.is_finite() { nearest_m } else { 2_000.0 };
        let way_m = nearest_m / 2.0 * WITHIN_CIRCUITY;
        let within = Driven {
            ms: (way_m / WITHIN_MPS * 1000.0).round() as i64,
            cm: (way_m * 100.0).round() as i64,
            ..Driven::default()
        };
        let car_cny = self.prices.drive_cny(&self.party, Mode::Car, within, 0);
        Reach {
            car_cny,
            car_min: within.ms as f64 / MINUTE_MS as f64,
            transit_cny: half(|r| r.transit_cny),
            transit_min: half(|r| r.transit_min),
            walk_cny: self.walk_cny(nearest_m / 2.0),
            cycle_cny: self.cycle_cny(nearest_m / 2.0),
        }
    }

    fn logsum(&self, reach: &Reach) -> f64 {
        let add = |cost: f64, mode: Mode| {
            if cost < UNREACHABLE_CNY { cost + self.prices.constant_cny(mode) } else { cost }
        };
        let costs = [
            (Mode::Car, add(reach.car_cny, Mode::Car)),
            (Mode::Transit, add(reach.transit_cny, if self.rail { Mode::Rail } else { Mode::Bus })),
            (Mode::Walk, add(reach.walk_cny, Mode::Walk)),
            (Mode::Cycle, add(reach.cycle_cny, Mode::Cycle)),
        ];
        nested_logsum_cny(&costs, self.choice, UNREACHABLE_CNY)
    }
}

fn zone_goal(network: &Network, zone: ZoneIx) -> Goal {
    let zone = &network.places.zones[zone.i()];
    let roads = &network.roads;
    let away = |n: &NodeIx| distance_m(roads.node_position[n.i()], zone.position);
    // Ties go to the lower index: `min_by` keeps the first of equals.
    let node = zone.nodes.iter().copied().min_by(|a, b| away(a).total_cmp(&away(b)));
    Goal {
        node,
        walk_ms: 0,
        stops: node.map_or_else(Vec::new, |n| network.lines.node_stops[n.i()].clone()),
        position: node.map_or(zone.position, |n| roads.node_position[n.i()]),
        parks: false,
    }
}

/// The hall of a hub; for a freight terminal the gate.
fn hub_goal(network: &Network, hub: HubIx) -> Goal {
    let hub = &network.hubs.hubs[hub.i()];
    Goal {
        node: hub.drop_off.or(hub.truck_in),
        walk_ms: if hub.drop_off.is_some() { hub.kerb_walk_ms } else { 0 },
        stops: stops_around(network, &hub.stops),
        position: hub.position,
        parks: hub.drop_off.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::toy;
    use crate::ids::DistrictIx;
    use crate::network::districts::Zone;

    /// Two zones 12 km apart with a road of 600 s each way and a line each way every ten minutes: 300 s to the stop in
    /// zone 0, 120 s in zone 1, 900 s between them; a hub in zone 1 with its stop 60 s from the hall.
    fn two_zones(headway_s: i64) -> Network {
        let positions = [[113.0, 23.0], [113.1, 23.0]];
        let roads = toy::roads(&positions, &[(0, 1, 12_000.0, 20.0, 0.0), (1, 0, 12_000.0, 20.0, 0.0)]);
        let runs = 72_000 / headway_s;
        let both = vec![
            toy::line(&[0, 1], &[900], 21_600, headway_s, runs),
            toy::line(&[1, 0], &[900], 21_600, headway_s, runs),
        ];
        let walks = [(0, 0, 300), (1, 1, 120)];
        let mut network = toy::with_hub(toy::network(roads, toy::lines(2, both, &[]), &walks), 1, &[(1, 60)]);
        let zone = |n: u32| Zone {
            district: DistrictIx(0),
            name: String::new(),
            position: positions[n as usize],
            population: 0.0,
            jobs: 0.0,
            external: false,
            nodes: vec![NodeIx(n)],
        };
        network.places.zones = vec![zone(0), zone(1)];
        network
    }

    fn surveyed(network: &Network) -> Skims {
        let times = LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS));
        skims(network, &toy::settings(), &times, &LineTimes::timetable(&network.lines))
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn skims_of_two_zones_are_the_sums_by_hand() {
        let skims = surveyed(&two_zones(600));
        let there = skims.pair(ZoneIx(0), ZoneIx(1));
        // By car 600 s at 19 yuan/h and 12 km at 0.8.
        let car = 600.0 / 3_600.0 * 19.0 + 9.6;
        close(skims.car_cny[there], car);
        close(skims.car_min[there], 10.0);
        // By line from 8:02:30 every 5 minutes: at the stop at 8:07:30, 8:12:30, …, the line leaves at 8:10, 8:20, …: the
        // wait is 150 s and 450 s in turn, 300 s on average; 75 s of it on average beyond five minutes, at home.
        // 900 s riding, 2 · 420 s walking, 2 · 225 s waiting at the stop, 75 s at home; 2 + 10 km at 0.1.
        let transit = (900.0 + 840.0 + 450.0 + 75.0) / 3_600.0 * 19.0 + 3.0;
        close(skims.transit_cny[there], transit);
        close(skims.transit_min[there], (300.0 + 900.0 + 120.0 + 300.0) / 60.0);
        close(skims.logsum_cny[there], -libm::log(libm::exp(-0.2 * car) + libm::exp(-0.2 * transit)) / 0.2);
        // Within a zone half of the 10.2355 km (0.1° of longitude at 23°) to the other, times 1.3, is 6.6531 km: at 25 km/h
        // 0.26612 h at 19 yuan, and 0.8 yuan a kilometre.
        let within = skims.car_cny[skims.pair(ZoneIx(0), ZoneIx(0))];
        assert!((within - (6.6531 / 25.0 * 19.0 + 6.6531 * 0.8)).abs() < 1e-3, "{within}");
        // To the hall: two minutes from the kerb; one minute from the platform instead of two to the door of zone 1.
        let hall = skims.to_hub(ZoneIx(0), HubIx(0));
        close(skims.hub_car_min[hall], 12.0);
        close(skims.hub_transit_min[hall], 26.0);
    }

    #[test]
    fn a_shorter_headway_lowers_the_logsum_and_leaves_the_car_alone() {
        let (seldom, often) = (surveyed(&two_zones(600)), surveyed(&two_zones(300)));
        let there = seldom.pair(ZoneIx(0), ZoneIx(1));
        assert!(often.logsum_cny[there] < seldom.logsum_cny[there]);
        assert!(often.hub_logsum_cny[0] < seldom.hub_logsum_cny[0]);
        assert_eq!(often.car_cny, seldom.car_cny);
        assert_eq!(surveyed(&two_zones(600)), seldom);
    }

    #[test]
    fn a_zone_without_any_way_is_unreachable_and_finite() {
        let mut network = two_zones(600);
        network.roads.capacity_pcu_h.fill(0.0);
        network.lines.node_stops[0].clear();
        let skims = surveyed(&network);
        let there = skims.pair(ZoneIx(0), ZoneIx(1));
        for figure in [skims.car_cny[there], skims.transit_cny[there], skims.logsum_cny[there], skims.car_min[there]] {
            assert_eq!(figure, UNREACHABLE_CNY);
        }
    }
}
