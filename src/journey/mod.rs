//! One journey between two places, told leg by leg: what `hubflow route` answers.
//!
//! For one person who travels for purposes other than work and business and comes alone; a truck has the value of time of
//! freight. Costs are those of choice without the constants and error terms of modes, which belong to a person and not to
//! a way. Roads are searched as agents search them, on free-flow times or on those of a finished run; lines by timetable.

mod drive;
mod place;
mod ride;
mod told;

pub use told::{Answer, Leg, Piece, Told, Without};

use crate::choice::cost::{Party, Prices};
use crate::choice::journey::Riding;
use crate::demand::Purpose;
use crate::error::{Error, Problem, Result, shown};
use crate::mode::Mode;
use crate::network::Network;
use crate::network::times::{LinkTimes, told_ms};
use crate::scenario::settings::Settings;
use crate::table::Table;
use crate::units::{Time, distance_m, ms};
use place::{Gazetteer, Spot};

/// A journey that is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it begins: the id of a hub, stop, zone or node, or `lon,lat`.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// When one sets out.
    pub at: Time,
    /// Modes to tell, in this order.
    pub modes: Vec<Mode>,
    /// What the road times are, for the reader.
    pub times_told: String,
}

/// What journeys are found on.
struct Finder<'a> {
    network: &'a Network,
    settings: &'a Settings,
    times: &'a LinkTimes,
    prices: Prices,
    party: Party,
    at: Time,
}

/// Finds a journey by each mode that was asked for.
///
/// # Errors
/// Places that are not in the scenario, or not sure, with the word that may have been meant, both ends at once; two ends
/// that are one place.
pub fn find(network: &Network, settings: &Settings, times: &LinkTimes, request: &Request) -> Result<Answer> {
    let gazetteer = Gazetteer(network);
    let (from, to) = match (gazetteer.spot(&request.from, "--from"), gazetteer.spot(&request.to, "--to")) {
        (Ok(from), Ok(to)) => (from, to),
        (from, to) => {
            return Err(Error::Problems(
                [from.err(), to.err()].into_iter().flatten().map(|problem| *problem).collect(),
            ));
        }
    };
    if from == to {
        let found = format!("\"{}\", where the journey begins", shown(&request.to));
        return Err(Error::Problems(vec![Problem::new("--to", found, "another place")]));
    }
    let prices = Prices::new(&settings.choice);
    let party = prices.party_of(Purpose::Other, 1.0, from.is_hub() || to.is_hub());
    let finder = Finder { network, settings, times, prices, party, at: request.at };
    let (mut journeys, mut without) = (Vec::new(), Vec::new());
    for &mode in &request.modes {
        match finder.by(mode, &from, &to) {
            Ok(told) => journeys.push(told),
            Err(why) => without.push(Without { mode, why }),
        }
    }
    let (from, to) = (from.told(network), to.told(network));
    Ok(Answer { from, to, at: request.at.to_string(), times: request.times_told.clone(), journeys, without })
}

/// Link times and waits at the origin of a finished run, from its table `link_quarters`; free flow in quarters in which
/// nobody entered a link.
///
/// # Errors
/// A table that is not of this scenario.
pub fn times_of_run(network: &Network, settings: &Settings, table: &Table, day: (Time, Time)) -> Result<LinkTimes> {
    let width = told_ms(ms(settings.choice.time_bin_min * 60.0));
    let mut times = LinkTimes::free_flow_by(&network.roads, day.0, day.1, width);
    let link = table.column("link_id");
    for row in 0..table.rows() {
        let entry = link.and_then(|link| link.values.word(row)).map(|id| (id, network.names.links.find(id)));
        let (start_s, mean_s) = (table.number("start_s", row), table.number("mean_time_s", row));
        let (Some((id, found)), Some(start_s), Some(mean_s)) = (entry, start_s, mean_s) else { continue };
        let Some(found) = found else {
            let problem = Problem::new("link_quarters.parquet", format!("\"{id}\""), "links of this scenario");
            return Err(Error::Problems(vec![problem.column("link_id")]));
        };
        let bin = Time(ms(start_s)).since(times.start).div_euclid(width);
        if let Ok(bin) = usize::try_from(bin)
            && bin < times.bins
        {
            let at = found as usize * times.bins + bin;
            let whole = |s: f64| ms(s).clamp(0, i64::from(u32::MAX)) as u32;
            times.travel_ms[at] = times.travel_ms[at].max(whole(mean_s));
            times.origin_ms[at] = table.number("mean_wait_s", row).map_or(0, whole);
        }
    }
    times.make_fifo();
    Ok(times)
}

impl Finder<'_> {
    /// The journey by a mode, or why there is none.
    fn by(&self, mode: Mode, from: &Spot, to: &Spot) -> std::result::Result<Told, String> {
        let straight_m = distance_m(from.position, to.position);
        let network = &self.settings.network;
        match mode {
            Mode::Walk => {
                let ms = ms(straight_m * network.walk_circuity / network.walk_speed_mps);
                Ok(self.own_power(mode, straight_m, ms, self.prices.walk_cny(&self.party, ms), (from, to)))
            }
            Mode::Cycle => {
                let ms = ms(straight_m * network.walk_circuity * 3.6 / self.settings.choice.cycle_speed_kmh);
                Ok(self.own_power(mode, straight_m, ms, self.prices.cycle_cny(&self.party, ms), (from, to)))
            }
            Mode::Transit => self.ride(mode, Riding::Any, from, to),
            Mode::Bus => self.ride(mode, Riding::Bus, from, to),
            Mode::Rail => self.ride(mode, Riding::Rail, from, to),
            Mode::Car | Mode::Taxi | Mode::Truck => self.drive(mode, from, to),
            Mode::ParkAndRide | Mode::KissAndRide => Err("it is not told by this command".to_owned()),
        }
    }

    fn own_power(&self, mode: Mode, straight_m: f64, ms: i64, cost_cny: f64, ends: (&Spot, &Spot)) -> Told {
        let leg = Leg {
            distance_m: Some(straight_m * self.settings.network.walk_circuity),
            ..Leg::new(mode, self.at, ms, ends.0.called(self.network), ends.1.called(self.network))
        };
        Told::new(mode, self.at, vec![leg], cost_cny, 0.0)
    }
}
