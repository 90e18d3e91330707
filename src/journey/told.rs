//! Journeys as they are told: to machines field by field, to people in words.

use crate::units::{MINUTE_MS, Time};
use serde::Serialize;

/// An end of a journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct End {
    /// `hub`, `stop`, `zone`, `node` or `point`.
    pub kind: &'static str,
    /// Its id; `lon,lat` for a point.
    pub id: String,
    /// Its name, may be empty.
    pub name: String,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Where the journey begins.
    pub from: End,
    /// Where it ends.
    pub to: End,
    /// When one sets out, where that is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// When one must be there, where that is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrive_by: Option<String>,
    /// The service of a hub that the journey is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What the road times are.
    pub times: String,
    /// A journey a mode; by lines the one of least cost and the earliest, over a span of departures all that pay.
    pub journeys: Vec<Told>,
    /// Modes by which there is none.
    pub without: Vec<Without>,
}

/// A mode by which there is no journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Without {
    /// The mode.
    pub mode: &'static str,
    /// Why.
    pub why: String,
}

/// A journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Main mode.
    pub mode: &'static str,
    /// When one sets out, `HH:MM:SS`.
    pub departure: String,
    /// When one arrives.
    pub arrival: String,
    /// Time between the two, seconds.
    pub time_s: f64,
    /// Distance, metres, as far as it is known.
    pub distance_m: f64,
    /// Generalised cost, yuan.
    pub cost_cny: f64,
    /// What of it is paid: fares, tolls, running cost, parking; yuan.
    pub money_cny: f64,
    /// Minutes to spare at the moment at which one must be there, where one is given: below 0 one comes too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spare_min: Option<f64>,
    /// The legs in order.
    pub legs: Vec<Leg>,
    /// From setting out to the end.
    #[serde(skip)]
    pub(super) span: (Time, Time),
}

/// A leg of a journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// How it is made; [`VISIT`] for a process of a hub.
    pub mode: &'static str,
    /// Where it begins, in words.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// When it begins, after any wait, `HH:MM:SS`.
    pub departure: String,
    /// When it ends.
    pub arrival: String,
    /// Time of the leg, seconds, without the wait.
    pub time_s: f64,
    /// Wait before it, seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub wait_s: f64,
    /// Distance, metres, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
    /// Line that is ridden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Stops between boarding and alighting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops_between: Option<usize>,
    /// Fare, yuan.
    #[serde(skip_serializing_if = "is_zero")]
    pub fare_cny: f64,
    /// Roads that are driven.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roads: Vec<Piece>,
    /// Links that are driven, by their ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// The moment of its end.
    #[serde(skip)]
    pub(super) ends: Time,
}

/// What stands in place of a mode where a process of a hub is passed.
pub const VISIT: &str = "visit";

/// A piece of a drive on one road.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Piece {
    /// Name of the road; of one without a name its facility type.
    pub name: String,
    /// Distance, metres.
    pub distance_m: f64,
    /// Time, seconds.
    pub time_s: f64,
    /// Toll, yuan.
    #[serde(skip_serializing_if = "is_zero")]
    pub toll_cny: f64,
}

fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

impl Leg {
    /// A leg between two places that begins at a moment and takes a time.
    pub(super) fn new(mode: &'static str, departure: Time, ms: i64, from: String, to: String) -> Leg {
        Leg {
            mode,
            from,
            to,
            departure: departure.to_string(),
            arrival: departure.plus(ms).to_string(),
            time_s: seconds(ms),
            wait_s: 0.0,
            distance_m: None,
            line: None,
            stops_between: None,
            fare_cny: 0.0,
            roads: Vec::new(),
            links: Vec::new(),
            ends: departure.plus(ms),
        }
    }

    /// The same after a wait.
    pub(super) fn after(mut self, wait_ms: i64) -> Leg {
        self.wait_s = seconds(wait_ms);
        self
    }
}

impl Told {
    /// The same with the time to spare at a moment.
    pub(super) fn due(mut self, moment: Time) -> Told {
        self.spare_min = Some(moment.since(self.span.1) as f64 / MINUTE_MS as f64);
        self
    }

    /// The same between the processes of hubs that are passed before and after it.
    pub(super) fn between(mut self, first: Vec<Leg>, last: Vec<Leg>, departure: Time) -> Told {
        let legs = [first, std::mem::take(&mut self.legs), last].concat();
        let (cost_cny, money_cny) = (self.cost_cny, self.money_cny);
        Told { spare_min: self.spare_min, ..Told::new(self.mode, departure, legs, cost_cny, money_cny) }
    }

    /// A journey of legs that follow each other from a departure on.
    pub(super) fn new(mode: &'static str, departure: Time, legs: Vec<Leg>, cost_cny: f64, money_cny: f64) -> Told {
        let time_s = legs.iter().map(|leg| leg.wait_s + leg.time_s).sum();
        Told {
            mode,
            departure: departure.to_string(),
            arrival: legs.last().map_or_else(|| departure.to_string(), |leg| leg.arrival.clone()),
            time_s,
            distance_m: legs.iter().filter_map(|leg| leg.distance_m).sum(),
            cost_cny,
            money_cny,
            spare_min: None,
            span: (departure, legs.last().map_or(departure, |leg| leg.ends)),
            legs,
        }
    }
}

impl Answer {
    /// The answer in lines of words.
    pub fn words(&self) -> Vec<String> {
        let when = match (&self.at, &self.arrive_by) {
            (Some(at), _) => format!("at {at}"),
            (None, by) => format!("to be there by {}", by.as_deref().unwrap_or_default()),
        };
        let service = self.service.as_ref().map_or(String::new(), |service| format!(" for {service}"));
        let (from, to) = (self.from.words(), self.to.words());
        let mut lines = vec![format!("from {from} to {to} {when}{service}, roads: {}", self.times)];
        for told in &self.journeys {
            lines.push(format!(
                "{}: {} → {}, {}, {}, {:.2} yuan paid, generalised cost {:.2} yuan",
                told.mode.replace('_', " "),
                to_second(&told.departure),
                to_second(&told.arrival),
                duration(told.time_s),
                distance(told.distance_m),
                told.money_cny,
                told.cost_cny,
            ));
            if let Some(spare_min) = told.spare_min {
                let minutes = format!("{:.0} min", spare_min.abs());
                lines.push(match spare_min < 0.0 {
                    true => format!("  too late by {minutes}"),
                    false => format!("  in time, {minutes} to spare"),
                });
            }
            lines.extend(told.legs.iter().flat_map(Leg::words));
        }
        if !self.journeys.is_empty() {
            lines.push(
                "costs: of one person at the value of time of other purposes (a truck: of freight), without what choice adds \
                 for modes"
                    .to_owned(),
            );
        }
        lines.extend(self.without.iter().map(|w| format!("{}: none, {}", w.mode.replace('_', " "), w.why)));
        lines
    }
}

impl End {
    fn words(&self) -> String {
        match self.name.as_str() {
            "" => format!("{} {}", self.kind, self.id),
            name => format!("{} {} ({name})", self.kind, self.id),
        }
    }
}

impl Leg {
    fn words(&self) -> Vec<String> {
        let mut line = format!("  {} {}", to_second(&self.departure), self.mode);
        if let Some(name) = &self.line {
            line = format!("  {} line {name}", to_second(&self.departure));
        }
        if self.mode == VISIT {
            line = format!("  {} {}", to_second(&self.departure), self.to);
        }
        line += &match self.from == self.to || self.mode == VISIT {
            true if self.mode == VISIT => format!(" at {}, {}", self.from, duration(self.time_s)),
            true => format!(" within {}, {}", self.to, duration(self.time_s)),
            false => format!(" from {} to {}, {}", self.from, self.to, duration(self.time_s)),
        };
        if let Some(metres) = self.distance_m {
            line += &format!(", {}", distance(metres));
        }
        match self.stops_between {
            Some(0) => line += ", the next stop",
            Some(1) => line += ", one stop between",
            Some(n) => line += &format!(", {n} stops between"),
            None => {}
        }
        if self.fare_cny > 0.0 {
            line += &format!(", {:.2} yuan", self.fare_cny);
        }
        if self.wait_s > 0.0 {
            line += &format!(", after a wait of {}", duration(self.wait_s));
        }
        let mut lines = vec![line];
        lines.extend(self.roads.iter().map(|piece| {
            let toll = if piece.toll_cny > 0.0 { format!(", toll {:.2} yuan", piece.toll_cny) } else { String::new() };
            format!("    {}, {}, {}{toll}", piece.name, distance(piece.distance_m), duration(piece.time_s))
        }));
        lines
    }
}

/// A moment without its milliseconds.
fn to_second(moment: &str) -> &str {
    moment.split('.').next().unwrap_or(moment)
}

/// A duration as people say it: seconds below a minute, minutes below an hour.
fn duration(seconds: f64) -> String {
    let s = seconds.round() as i64;
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
    }
}

/// A distance as people say it: metres below a kilometre.
fn distance(metres: f64) -> String {
    if metres < 1000.0 { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1000.0) }
}
