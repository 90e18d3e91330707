//! One journey between two places, told leg by leg: what `hubflow route` answers.
//!
//! For one person who travels for purposes other than work and business and comes alone; a truck has the value of time of
//! freight. Costs are those of choice without the constants and error terms of modes, which belong to a person and not to
//! a way, and without the processes of hubs, which are the same for every way. Roads are searched as agents search them,
//! on free-flow times or on those of a finished run; lines by timetable. Stops are reached on foot, by bicycle, by a car
//! that is parked there, by taxi or by being driven.

mod approach;
mod drive;
mod lines;
mod place;
mod told;
mod visit;

pub use told::{Answer, Leg, Piece, Told, VISIT, Without};
pub use visit::Waits;

use crate::choice::cost::{Party, Prices};
use crate::demand::Purpose;
use crate::error::{Error, Problem, Result, shown};
use crate::mode::Mode;
use crate::network::Network;
use crate::network::times::{LinkTimes, told_ms};
use crate::scenario::hubs::{ChainUser, Direction, Scope};
use crate::scenario::settings::Settings;
use crate::table::Table;
use crate::transit::timetable::{Riding, Timetable};
use crate::units::{Time, distance_m, ms};
use place::{Gazetteer, Spot};
use visit::catch;

/// When a journey is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// One sets out at a moment.
    SetsOut(Time),
    /// One is there by a moment and sets out as late as one can.
    ArrivesBy(Time),
}

/// How a journey is made as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// By a mode.
    By(Mode),
    /// By bicycle to a stop and on by lines.
    CycleAndRide,
}

impl Means {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Means::By(mode) => mode.word(),
            Means::CycleAndRide => "cycle_and_ride",
        }
    }

    /// Which lines are ridden; `None` where none is.
    fn riding(self) -> Option<Riding> {
        match self {
            Means::By(Mode::Bus) => Some(Riding::Bus),
            Means::By(Mode::Rail) => Some(Riding::Rail),
            Means::By(mode) if !mode.rides_lines() => None,
            _ => Some(Riding::Any),
        }
    }
}

/// A journey that is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it begins: the id of a hub, stop, zone or node, or `lon,lat`.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// When it is made; may be missing where a service says so.
    pub when: Option<When>,
    /// Until when one may set out: of lines all journeys that pay are told.
    pub until: Option<Time>,
    /// How it may be made, told in this order.
    pub means: Vec<Means>,
    /// Whether the processes of hubs at the ends are passed, as users of such services do.
    pub passes: Option<Scope>,
    /// The service of a hub that is to be caught, or that one comes with.
    pub service: Option<String>,
    /// What the road times are, for the reader.
    pub times_told: String,
}

/// What journeys are found on, besides the network.
#[derive(Clone, Copy, Debug)]
pub struct Times<'a> {
    /// Times of links.
    pub links: &'a LinkTimes,
    /// Waits for processes of hubs.
    pub waits: &'a Waits,
}

/// What journeys are found on.
struct Finder<'a> {
    network: &'a Network,
    settings: &'a Settings,
    times: &'a LinkTimes,
    waits: &'a Waits,
    table: Timetable,
    prices: Prices,
    party: Party,
    passes: Option<Scope>,
    until: Option<Time>,
}

/// Finds a journey by each means that was asked for.
///
/// # Errors
/// Places that are not in the scenario, or not sure, with the word that may have been meant, both ends at once; two ends
/// that are one place; a service that does not fit them.
pub fn find(network: &Network, settings: &Settings, times: Times<'_>, request: &Request) -> Result<Answer> {
    let gazetteer = Gazetteer(network);
    let problems = |problems: Vec<Problem>| Err(Error::Problems(problems));
    let (mut from, mut to) = match (gazetteer.spot(&request.from, "--from"), gazetteer.spot(&request.to, "--to")) {
        (Ok(from), Ok(to)) => (from, to),
        (from, to) => return problems([from.err(), to.err()].into_iter().flatten().map(|p| *p).collect()),
    };
    if from == to {
        let found = format!("\"{}\", where the journey begins", shown(&request.to));
        return problems(vec![Problem::new("--to", found, "another place")]);
    }
    let service = match request.service.as_deref().map(|id| catch(network, id, [&from, &to])).transpose() {
        Ok(service) => service,
        Err(problem) => return problems(vec![*problem]),
    };
    if let Some(service) = &service {
        for spot in [&mut from, &mut to].into_iter().filter(|spot| spot.hub() == Some(service.hub)) {
            spot.terminal = service.terminal;
        }
    }
    let own = service.as_ref().map(|service| match service.direction {
        Direction::Departure => When::ArrivesBy(service.moment),
        Direction::Arrival => When::SetsOut(service.moment),
    });
    let Some(when) = request.when.or(own) else {
        return problems(vec![Problem::new("--at", "nothing", "a moment: --at, --arrive-by or --service")]);
    };
    if let (Some(service), When::SetsOut(at)) = (&service, when)
        && service.direction == Direction::Arrival
        && at < service.moment
    {
        let wanted = format!("a moment not before {}, when the service comes", service.moment);
        return problems(vec![Problem::new("--at", format!("\"{at}\""), wanted)]);
    }
    let prices = Prices::new(&settings.choice);
    let party = prices.party_of(Purpose::Other, 1.0, from.hub().or(to.hub()).is_some());
    let finder = Finder {
        network,
        settings,
        times: times.links,
        waits: times.waits,
        table: Timetable::planned(&network.lines),
        prices,
        party,
        passes: service.as_ref().map(|service| service.scope).or(request.passes),
        until: request.until,
    };
    let due = match (&service, when) {
        (Some(service), _) if service.direction == Direction::Departure => Some(service.moment),
        (_, When::ArrivesBy(by)) => Some(by),
        _ => None,
    };
    let (mut journeys, mut without) = (Vec::new(), Vec::new());
    for &means in &request.means {
        match finder.told(means, (&from, &to), when) {
            Ok(told) => journeys.extend(told.into_iter().map(|told| match due {
                Some(due) => told.due(due),
                None => told,
            })),
            Err(why) => without.push(Without { mode: means.word(), why }),
        }
    }
    let (at, arrive_by) = match when {
        When::SetsOut(at) => (Some(at.to_string()), None),
        When::ArrivesBy(by) => (None, Some(by.to_string())),
    };
    let (from, to) = (from.told(network), to.told(network));
    let service = service.map(|service| service.words);
    Ok(Answer { from, to, at, arrive_by, service, times: request.times_told.clone(), journeys, without })
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

/// How often a departure is corrected towards the moment at which one must be there.
const CORRECTIONS: usize = 12;

impl Finder<'_> {
    /// The journeys by some means, the processes of hubs at both ends included, or why there is none.
    fn told(&self, means: Means, ends: (&Spot, &Spot), when: When) -> std::result::Result<Vec<Told>, String> {
        // What is passed takes what it takes at about that time.
        let about = match when {
            When::SetsOut(at) | When::ArrivesBy(at) => at,
        };
        let (_, first_ms) = self.visit(ends.0, ChainUser::Arriving, about);
        let (_, last_ms) = self.visit(ends.1, ChainUser::Departing, about);
        let moving = match when {
            When::SetsOut(at) => When::SetsOut(at.plus(first_ms)),
            When::ArrivesBy(by) => When::ArrivesBy(by.plus(-last_ms)),
        };
        let passing = |told: Told| {
            let departure = told.span.0.plus(-first_ms);
            let (first, _) = self.visit(ends.0, ChainUser::Arriving, departure);
            let (last, _) = self.visit(ends.1, ChainUser::Departing, told.span.1);
            told.between(first, last, departure)
        };
        Ok(self.by(means, ends, moving)?.into_iter().map(passing).collect())
    }

    /// The journeys by some means from door or hall to door or hall.
    fn by(&self, means: Means, ends: (&Spot, &Spot), when: When) -> std::result::Result<Vec<Told>, String> {
        match (means.riding(), when) {
            (Some(riding), _) => self.by_lines(means, riding, ends, when),
            (None, When::SetsOut(at)) => Ok(vec![self.direct(means, ends, at)?]),
            (None, When::ArrivesBy(by)) => {
                let mut at = by;
                for _ in 0..CORRECTIONS {
                    let told = self.direct(means, ends, at)?;
                    let late_ms = told.span.1.since(by);
                    if late_ms <= 0 && late_ms > -1_000 {
                        return Ok(vec![told]);
                    }
                    at = at.plus(-late_ms);
                }
                // Where travel times fall fast enough, no departure ends within the second.
                Ok(vec![self.direct(means, ends, at.plus(-self.direct(means, ends, at)?.span.1.since(by).max(0)))?])
            }
        }
    }

    /// The journey by a mode that rides no lines.
    fn direct(&self, means: Means, ends: (&Spot, &Spot), at: Time) -> std::result::Result<Told, String> {
        let straight_m = distance_m(ends.0.position, ends.1.position);
        let network = &self.settings.network;
        match means {
            Means::By(Mode::Cycle) => {
                let ms = ms(straight_m * network.walk_circuity * 3.6 / self.settings.choice.cycle_speed_kmh);
                Ok(self.own_power(Mode::Cycle, straight_m, (at, ms), self.prices.cycle_cny(&self.party, ms), ends))
            }
            Means::By(mode @ (Mode::Car | Mode::Taxi | Mode::Truck)) => self.drive(mode, ends, at),
            _ => {
                let ms = ms(straight_m * network.walk_circuity / network.walk_speed_mps);
                Ok(self.own_power(Mode::Walk, straight_m, (at, ms), self.prices.walk_cny(&self.party, ms), ends))
            }
        }
    }

    fn own_power(
        &self,
        mode: Mode,
        straight_m: f64,
        (at, ms): (Time, i64),
        cost_cny: f64,
        ends: (&Spot, &Spot),
    ) -> Told {
        let leg = Leg {
            distance_m: Some(straight_m * self.settings.network.walk_circuity),
            ..Leg::new(mode.word(), at, ms, ends.0.called(self.network), ends.1.called(self.network))
        };
        Told::new(mode.word(), at, vec![leg], cost_cny, 0.0)
    }
}
