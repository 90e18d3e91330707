//! Schedules of the hubs: flights, trains, air cargo and container trains of one day, whose sums are the published ones.
//!
//! A day of services runs from 05:00 to 29:00, so that those after midnight follow the evening before them.

use crate::facts::Facts;
use crate::output::{Sheet, clock};
use crate::places::SEED;
use hubflow::random::{Draws, Purpose, signature};

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    pub mode: &'static str,
    pub departure: bool,
    pub time_s: u32,
    pub seats: u32,
    /// Load factor in thousandths.
    pub load_milli: u32,
    /// Tenths of a tonne.
    pub tonnes_tenths: u64,
    pub teu: u64,
    pub region: &'static str,
    pub international: bool,
    /// Terminal; empty where there is none.
    pub terminal: &'static str,
}

impl Service {
    /// Passengers: seats × load factor, a whole number by construction.
    pub fn passengers(&self) -> u32 {
        self.seats * self.load_milli / 1_000
    }

    fn empty(mode: &'static str, departure: bool, time_s: u32) -> Service {
        let (seats, load_milli, tonnes_tenths, teu) = (0, 0, 0, 0);
        Service {
            mode,
            departure,
            time_s,
            seats,
            load_milli,
            tonnes_tenths,
            teu,
            region: "",
            international: false,
            terminal: "",
        }
    }
}

/// Departures of flights by hour 0 … 23, weights: a wave before and after nine, few at night (general knowledge).
const FLIGHTS_OUT: [u32; 24] =
    [10, 7, 5, 4, 4, 6, 20, 36, 40, 38, 36, 34, 34, 33, 34, 34, 34, 33, 34, 34, 32, 30, 26, 15];
/// Arrivals of flights.
const FLIGHTS_IN: [u32; 24] =
    [24, 14, 8, 5, 5, 6, 9, 14, 24, 32, 34, 35, 34, 34, 34, 33, 34, 34, 33, 34, 34, 35, 36, 30];
/// Trains by hour (general knowledge).
const TRAINS: [u32; 24] = [0, 0, 0, 0, 0, 0, 4, 7, 9, 9, 8, 7, 7, 7, 8, 8, 8, 8, 7, 7, 6, 5, 4, 2];
/// Conventional trains by hour.
const SLOW_TRAINS: [u32; 24] = [0, 0, 0, 0, 0, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 2];

/// Share of the domestic and of the international flights at terminal 1; the others are at terminal 2 (general knowledge,
/// unverified: China Southern and its partners are at terminal 2).
const TERMINAL_1: [f64; 2] = [0.45, 0.3];
/// Share of all flights for which terminal 3 is built (capacity of 42 of 120 million passengers a year after its opening;
/// general knowledge, unverified).
pub const TERMINAL_3: f64 = 0.35;

const DOMESTIC: [&str; 6] = ["华东", "华北", "西南", "华中", "西北", "东北"];
const ABROAD: [&str; 7] = ["东南亚", "东北亚", "欧洲", "中东", "大洋洲", "北美", "港澳台"];

/// The airport: movements and passengers of 2023 as a mean day; the share of international passengers is that of 2025.
pub fn airport(facts: &Facts) -> Vec<Service> {
    let movements = (facts.hub("CAN", "aircraft_movements", "2023") / 365.0 / 2.0).round() as u32;
    let all = facts.hub("CAN", "daily_passengers_mean_2023", "") as u32;
    let share = facts.hub("CAN", "international_passengers", "2025") / facts.hub("CAN", "passengers", "2025");
    let abroad = (f64::from(all) * share).round() as u32;
    // An international flight carries a quarter more passengers than the mean flight.
    let per_flight = f64::from(all) / f64::from(2 * movements) * 1.25;
    let abroad_share = f64::from(abroad) / per_flight / f64::from(2 * movements);
    let mut flights = Vec::new();
    for (departure, hours) in [(true, &FLIGHTS_OUT), (false, &FLIGHTS_IN)] {
        for (k, time_s) in moments("CAN", departure, movements, hours).into_iter().enumerate() {
            let mut draws =
                Draws::new(SEED, Purpose::Generate, signature("CAN seats"), 2 * k as u32 + u32::from(departure));
            let international = steps(k, abroad_share);
            let sizes: &[u32] = if international { &[180, 180, 180, 280, 300] } else { &[160, 180, 180, 180, 220] };
            let regions: &[&'static str] = if international { &ABROAD } else { &DOMESTIC };
            let seats = sizes[draws.below(sizes.len())];
            let region = regions[draws.below(regions.len())];
            let load_milli = [700, 750, 800][draws.below(3)];
            let mut draws =
                Draws::new(SEED, Purpose::Generate, signature("CAN terminal"), 2 * k as u32 + u32::from(departure));
            let first = if international { TERMINAL_1[1] } else { TERMINAL_1[0] };
            let terminal = if draws.uniform() < first { "T1" } else { "T2" };
            flights.push(Service {
                seats,
                load_milli,
                region,
                international,
                terminal,
                ..Service::empty("air", departure, time_s)
            });
        }
    }
    fit(&mut flights, |s| s.international, abroad);
    fit(&mut flights, |s| !s.international, all - abroad);
    flights.extend(air_cargo(facts));
    flights
}

/// Air cargo of a mean day: half each way, a domestic and an international row in every hour, more at night when
/// freighters fly (general knowledge); 60 % of the tonnes international (general knowledge).
fn air_cargo(facts: &Facts) -> Vec<Service> {
    let tenths = (facts.hub("CAN", "cargo", "2023") / 365.0 * 10.0).round() as u64;
    let mut rows = Vec::new();
    let mut weights = Vec::new();
    for departure in [true, false] {
        for hour in 5..29 {
            for international in [false, true] {
                let time_s = hour * 3_600 + if departure { 1_200 } else { 2_400 } + 600 * u32::from(international);
                let region = if international { ABROAD[hour as usize % 6] } else { DOMESTIC[hour as usize % 6] };
                rows.push(Service { region, international, ..Service::empty("air_cargo", departure, time_s) });
                let night = if hour % 24 < 7 || hour % 24 > 21 { 1.6 } else { 1.0 };
                weights.push(night * if international { 0.6 } else { 0.4 });
            }
        }
    }
    for (row, tonnes_tenths) in rows.iter_mut().zip(crate::output::shares(tenths, &weights)) {
        row.tonnes_tenths = tonnes_tenths;
    }
    rows
}

/// Guangzhou Station: multiple units only.
pub fn guangzhou_station(facts: &Facts) -> Vec<Service> {
    let trains = facts.hub("GZS", "emu_trains_per_day", "") as u32;
    let mut rows = trains_of("GZS", trains.div_ceil(2), trains / 2, &TRAINS, (600, 800));
    fit(&mut rows, |_| true, facts.hub("GZS", "passengers_normal_day", "") as u32);
    rows
}

/// Baiyun Station: 60 pairs of multiple units, the rest conventional trains.
pub fn baiyun_station(facts: &Facts) -> Vec<Service> {
    let pairs = facts.hub("GBY", "train_pairs", "");
    let trains = (2.0 * pairs).round() as u32 - 120;
    let mut rows = trains_of("GBY", 60, 60, &TRAINS, (600, 600));
    rows.extend(trains_of("GBY slow", trains.div_ceil(2), trains / 2, &SLOW_TRAINS, (1_000, 350)));
    fit(&mut rows, |_| true, facts.hub("GBY", "passengers_daily", "2025") as u32);
    rows
}

fn trains_of(key: &str, out: u32, back: u32, hours: &[u32; 24], (seats, load_milli): (u32, u32)) -> Vec<Service> {
    const REGIONS: [&str; 5] = ["粤东", "粤北", "湖南", "广西", "江西"];
    let mut rows = Vec::new();
    for (departure, count) in [(true, out), (false, back)] {
        for (k, time_s) in moments(key, departure, count, hours).into_iter().enumerate() {
            let region = REGIONS[k % REGIONS.len()];
            rows.push(Service { seats, load_milli, region, ..Service::empty("rail", departure, time_s) });
        }
    }
    rows
}

/// The container terminal: the yearly capacity as a mean day, in trains of about 98 TEU, half each way; one pair is
/// international (310 China–Europe trains in half a year, 1.7 a day).
pub fn port(facts: &Facts) -> Vec<Service> {
    let teu = (facts.hub("GIP", "capacity_current", "") / 365.0).round() as u64;
    let pairs = (teu as f64 / facts.figure("teu_per_train") / 2.0).round() as u32;
    let loads = crate::output::shares(teu, &vec![1.0; 2 * pairs as usize]);
    let mut rows = Vec::new();
    for k in 0..pairs {
        for (departure, first) in [(true, 11 * 3_600 + 1_800), (false, 5 * 3_600 + 600)] {
            let international = k == 3;
            let region = if international { "欧洲" } else { ["华中", "西南", "华北"][k as usize % 3] };
            let teu = loads[rows.len()];
            let time_s = first + k * 8_400;
            rows.push(Service { teu, region, international, ..Service::empty("rail_freight", departure, time_s) });
        }
    }
    rows
}

/// `count` moments, in hours by weight and evenly within the hour with a keyed shift, whole minutes.
fn moments(key: &str, departure: bool, count: u32, hours: &[u32; 24]) -> Vec<u32> {
    let order: Vec<u32> = (5..29).collect();
    let weights: Vec<f64> = order.iter().map(|&h| f64::from(hours[h as usize % 24])).collect();
    let mut found = Vec::new();
    for (&hour, n) in order.iter().zip(crate::output::shares(u64::from(count), &weights)) {
        let mut draws = Draws::new(SEED, Purpose::Generate, signature(key), 2 * hour + u32::from(departure));
        for k in 0..n {
            let minute = (60.0 * (k as f64 + draws.uniform()) / n as f64) as u32;
            found.push(hour * 3_600 + 60 * minute.min(59));
        }
    }
    found
}

/// Whether the k-th of a row is one of the share that is spread evenly over it.
fn steps(k: usize, share: f64) -> bool {
    ((k + 1) as f64 * share).floor() > (k as f64 * share).floor()
}

/// Moves load factors by twentieths, one service after the other, until the passengers of the chosen services are
/// nearly `target`; the first of them then takes exactly what is missing, at half load.
fn fit(services: &mut [Service], chosen: impl Fn(&Service) -> bool, target: u32) {
    let mine: Vec<usize> = (0..services.len()).filter(|&i| chosen(&services[i])).collect();
    let (first, others) = mine.split_first().expect("there are services to fit");
    let own = services[*first].passengers();
    let mut missing =
        i64::from(target - own) - others.iter().map(|&i| i64::from(services[i].passengers())).sum::<i64>();
    // A stride without a common divisor visits all others in a mixed order.
    let stride = [7, 11, 13, 17].into_iter().find(|s| others.len() % s != 0).unwrap_or(1);
    for k in 0..40 * others.len() {
        let service = &mut services[others[k * stride % others.len()]];
        let step = i64::from(service.seats) / 20;
        if missing.abs() <= step / 2 {
            break;
        }
        let load = if missing > 0 { service.load_milli + 50 } else { service.load_milli - 50 };
        if (250..=950).contains(&load) {
            service.load_milli = load;
            missing -= step * missing.signum();
        }
    }
    let rest = u32::try_from(i64::from(own) + missing).expect("the first service can make up for the rest");
    (services[*first].seats, services[*first].load_milli) = (2 * rest, 500);
    let sum: u32 = mine.iter().map(|&i| services[i].passengers()).sum();
    assert_eq!(sum, target, "passengers of the fitted services");
}

/// `hubs/<id>_schedule.csv`, in the order of time.
pub fn sheet(services: &[Service]) -> Sheet {
    let mut sheet = Sheet::new(&[
        "service_id",
        "mode",
        "direction",
        "time",
        "seats",
        "load_factor",
        "tonnes",
        "teu",
        "region",
        "scope",
        "terminal",
    ]);
    let mut order: Vec<&Service> = services.iter().collect();
    order.sort_by_key(|s| s.time_s);
    let mut counts = [0_u32; 2];
    for s in order {
        counts[usize::from(s.departure)] += 1;
        let letter = if s.departure { 'D' } else { 'A' };
        sheet.row(vec![
            format!("{letter}{:04}", counts[usize::from(s.departure)]),
            s.mode.into(),
            if s.departure { "departure" } else { "arrival" }.into(),
            clock(s.time_s)[..5].to_owned(),
            s.seats.to_string(),
            format!("{:.3}", f64::from(s.load_milli) / 1_000.0),
            format!("{}.{}", s.tonnes_tenths / 10, s.tonnes_tenths % 10),
            s.teu.to_string(),
            s.region.into(),
            if s.international { "international" } else { "domestic" }.into(),
            s.terminal.into(),
        ]);
    }
    sheet
}
