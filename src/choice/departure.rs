//! When to set out on a route: the departure of least time, toll and schedule delay [Vickrey 1969; Small 1982].
//!
//! Who wants to be somewhere at a moment pays for every minute too early and too late. On experienced times the cost of
//! a departure is piecewise linear, with breaks where a link is entered in the middle of a bin and where one arrives on
//! time. It is read off a grid of a third of a bin over the only window in which the least can lie, with the departure
//! that arrives on time beside it, and then narrowed down to a second around the least of them. The window follows from
//! the cost of the first departure known: who arrives so early or late that even empty roads would not make up for it
//! need not be looked at.
//!
//! Why a grid and no list of all breaks: a route of 40 links has 40 breaks a bin, and every candidate costs a drive
//! along all links. A third of a bin with the refinement is within 0.1 % of the least of all seconds on a congested
//! corridor (the test below), at a tenth of the drives.

use super::cost::Prices;
use super::trip::{Trip, Wish};
use crate::ids::LinkIx;
use crate::network::times::LinkTimes;
use crate::routing::streets::Streets;
use crate::routing::trade::Driven;
use crate::units::{HOUR_MS, Time};

/// Steps of the grid in a bin.
const STEPS_A_BIN: i64 = 3;

/// Most steps of the grid; a wider window gets a coarser one.
const MOST_STEPS: i64 = 96;

/// Farthest from the wished moment that is looked at, milliseconds: who would rather be five hours off has no wish.
const FARTHEST_MS: i64 = 5 * HOUR_MS;

/// Exactness of a departure, milliseconds.
const EXACT_MS: i64 = 1_000;

/// A route whose departure is to be chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outset<'a> {
    /// Prices.
    pub prices: &'a Prices,
    /// Roads of the vehicle.
    pub streets: &'a Streets,
    /// Experienced times.
    pub times: &'a LinkTimes,
    /// The trip.
    pub trip: &'a Trip<'a>,
    /// When it wants to be at its end.
    pub wish: Wish,
    /// Nobody leaves the first node earlier.
    pub earliest: Time,
}

/// A departure from the first node of the route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leaving {
    /// When.
    pub at: Time,
    /// Time, distance and toll.
    pub driven: Driven,
    /// Time, what the way costs, and schedule delay, yuan.
    pub cost_cny: f64,
}

/// Costs of departures on a grid, from which one can be drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    /// Departure and cost, in the order of time.
    candidates: Vec<(Time, f64)>,
    step_ms: i64,
}

impl Outset<'_> {
    /// A departure and what it costs.
    pub fn leaving(&self, route: &[LinkIx], at: Time) -> Leaving {
        let driven = self.streets.along(route, self.times, at);
        let there = at.plus(driven.ms + self.trip.to.walk_ms);
        let party = &self.trip.party;
        let money_cny = self.prices.way_cny(driven);
        let cost_cny =
            party.value_cny_ms * driven.ms as f64 + money_cny + self.prices.schedule_cny(party, self.wish, there);
        Leaving { at, driven, cost_cny }
    }

    /// The departure that arrives on time, as far as two corrections of a first one get there.
    pub fn on_time(&self, route: &[LinkIx], first: Time) -> Leaving {
        let mut on_time = self.leaving(route, first);
        for _ in 0..2 {
            let at = self.wish.time.plus(-self.trip.to.walk_ms - on_time.driven.ms).max(self.earliest);
            on_time = self.leaving(route, at);
        }
        on_time
    }

    /// The departure of least cost; `known` is any departure, `least_ms` what the route takes at least. The grid that
    /// was looked at is left in `grid`.
    pub fn best(&self, route: &[LinkIx], known: Leaving, least_ms: i64, grid: &mut Grid) -> Leaving {
        grid.candidates.clear();
        let mut best = known;
        let mut take = |leaving: Leaving| {
            if leaving.cost_cny < best.cost_cny {
                best = leaving;
            }
        };
        let on_time = self.on_time(route, known.at);
        take(on_time);
        // The length of the route is paid whenever one leaves; tolls may be those of an hour.
        let length_cny = self.prices.way_cny(Driven { toll_milli_cny: 0, ..known.driven });
        let [first, last] = self.window(known.cost_cny.min(on_time.cost_cny) - length_cny, least_ms);
        let fine_ms = (self.times.bin_ms / STEPS_A_BIN).max(EXACT_MS);
        let coarser = (last.since(first) / fine_ms / MOST_STEPS + 1).max(1);
        grid.step_ms = fine_ms * coarser;
        let mut at = Time(first.0.div_euclid(grid.step_ms) * grid.step_ms).max(self.earliest);
        while at <= last {
            let leaving = self.leaving(route, at);
            grid.candidates.push((at, leaving.cost_cny));
            take(leaving);
            at = at.plus(grid.step_ms);
        }
        self.narrow(route, best, grid.step_ms)
    }

    /// Between which departures the least lies: `cost_cny` is what one of them costs.
    fn window(&self, cost_cny: f64, least_ms: i64) -> [Time; 2] {
        let value = self.trip.party.value_cny_ms;
        let more_cny = (cost_cny - value * least_ms as f64).max(0.0);
        let within = |weight: f64| {
            let ms = more_cny / (value * weight);
            if ms < FARTHEST_MS as f64 { ms as i64 } else { FARTHEST_MS }
        };
        let empty = self.wish.time.plus(-self.trip.to.walk_ms - least_ms);
        // Early by e and slower by w than on empty roads costs β e + α w at the least, and one sets out e + w before.
        let early_ms = within(self.prices.early_weight());
        [empty.plus(-early_ms).max(self.earliest), empty.plus(within(self.prices.late_weight())).max(self.earliest)]
    }

    /// Halves steps around a departure until they are exact.
    fn narrow(&self, route: &[LinkIx], mut best: Leaving, step_ms: i64) -> Leaving {
        let mut step_ms = step_ms / 2;
        while step_ms >= EXACT_MS {
            for at in [best.at.plus(-step_ms).max(self.earliest), best.at.plus(step_ms)] {
                let leaving = self.leaving(route, at);
                if leaving.cost_cny < best.cost_cny {
                    best = leaving;
                }
            }
            step_ms /= 2;
        }
        best
    }
}

impl Grid {
    /// A departure drawn in proportion to what it saves against a cost: many who are alike and leave the same place do
    /// not all turn up at one other place. `None` when nothing saves anything.
    pub fn draw(&self, against_cny: f64, uniform: [f64; 2]) -> Option<Time> {
        let saves = |cost: f64| (against_cny - cost).max(0.0);
        let all: f64 = self.candidates.iter().map(|c| saves(c.1)).sum();
        let mut left = uniform[0] * all;
        let mut drawn = None;
        for &(at, cost) in self.candidates.iter().filter(|c| saves(c.1) > 0.0) {
            drawn = Some(at);
            left -= saves(cost);
            if left <= 0.0 {
                break;
            }
        }
        let within = ((uniform[1] - 0.5) * self.step_ms as f64) as i64;
        drawn.map(|at| at.plus(within))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::alternatives::Planner;
    use crate::choice::toy;
    use crate::demand::{Agent, Timing};
    use crate::mode::VehicleClass;
    use crate::network::Network;
    use crate::random::{Draws, Purpose};
    use crate::units::MINUTE_MS;

    const EIGHT: Time = Time(8 * HOUR_MS);

    fn two_links() -> Network {
        let positions = [[113.0, 23.0], [113.05, 23.0], [113.1, 23.0]];
        let links = [(0, 1, 6_000.0, 20.0, 0.0), (1, 2, 6_000.0, 20.0, 0.0)];
        toy::network(toy::roads(&positions, &links), toy::lines(0, vec![], &[]), &[])
    }

    fn with<R>(network: &Network, times: &LinkTimes, look: impl FnOnce(&Outset<'_>, &[LinkIx]) -> R) -> R {
        let agent = Agent { timing: Timing::WantsToBeThere, ..toy::agent(1, 0, 2, EIGHT) };
        let demand = toy::demand(vec![agent.clone()]);
        let planner = Planner::new(network, &toy::settings(), &demand, 0);
        let streets = Streets::new(&network.roads, VehicleClass::Car);
        let trip = planner.trip(&agent);
        let wish = trip.wish.expect("it wants to be there");
        let outset = Outset { prices: &planner.prices, streets: &streets, times, trip: &trip, wish, earliest: Time(0) };
        look(&outset, &[LinkIx(0), LinkIx(1)])
    }

    #[test]
    fn on_empty_roads_one_arrives_on_time() {
        // Two links of 300 s each: 600 s before eight.
        let network = two_links();
        let times = LinkTimes::free_flow(&network.roads, Time(0), Time(24 * HOUR_MS));
        with(&network, &times, |outset, route| {
            let known = outset.leaving(route, Time(6 * HOUR_MS));
            let best = outset.best(route, known, 600_000, &mut Grid::default());
            assert_eq!((best.at, best.driven.ms), (EIGHT.plus(-600_000), 600_000));
        });
    }

    #[test]
    fn who_can_avoid_a_peak_by_coming_early_does_as_far_as_it_pays() {
        // The second link takes 300 s, but 300 + 1.5 · (minutes after 7:07:30) · 60 s from 7:07:30 on, up to 30 min
        // more at 7:37:30, the middles of bins. Waiting rises by 1.5 min for each minute of delay in setting out, which
        // makes arriving 2.5 min later: worth 2.5 · β = 1.52 min of riding at β = 0.61, against 1.5. So it pays to go
        // into the peak up to the moment of arriving on time, but only just; at β = 0.5 (1.25 < 1.5) it does not, and one
        // goes at 7:07:30 less the 300 s of the first link.
        let network = two_links();
        let mut times = LinkTimes::free_flow(&network.roads, Time(0), Time(24 * HOUR_MS));
        for (bin, minutes) in [(29, 22.5), (30, 45.0), (31, 45.0)] {
            times.travel_ms[times.bins + bin] += (minutes * MINUTE_MS as f64) as u32;
        }
        times.make_fifo();
        with(&network, &times, |outset, route| {
            let known = outset.leaving(route, Time(6 * HOUR_MS));
            let best = outset.best(route, known, 600_000, &mut Grid::default());
            let there = best.at.plus(best.driven.ms);
            assert!((there.since(EIGHT)).abs() < 5_000, "{there:?}");
            let prices = outset.prices.clone().with_early_weight(0.5);
            let outset = Outset { prices: &prices, ..*outset };
            let best = outset.best(route, known, 600_000, &mut Grid::default());
            assert!((best.at.since(Time(7 * HOUR_MS + 150_000))).abs() < 2_000, "{:?}", best.at);
        });
    }

    #[test]
    fn the_least_of_the_grid_is_near_the_least_of_all_seconds() {
        let network = two_links();
        let mut worst: f64 = 0.0;
        for seed in 0..200 {
            let mut draws = Draws::new(seed, Purpose::Generate, 3, 0);
            let mut times = LinkTimes::free_flow(&network.roads, Time(0), Time(24 * HOUR_MS));
            // A peak of up to an hour of waiting between 6:00 and 9:00, rising and falling bin by bin.
            for link in 0..2 {
                let mut wait = 0.0f64;
                for bin in 24..36 {
                    wait = (wait + (draws.uniform() - 0.45) * 1.2e6).max(0.0);
                    times.travel_ms[link * times.bins + bin] += wait as u32;
                }
            }
            times.make_fifo();
            with(&network, &times, |outset, route| {
                let known = outset.on_time(route, Time(7 * HOUR_MS));
                let found = outset.best(route, known, 600_000, &mut Grid::default()).cost_cny;
                let all = (4 * 3_600..9 * 3_600).map(|s| outset.leaving(route, Time(s * 1000)).cost_cny);
                let least = all.fold(f64::INFINITY, f64::min);
                worst = worst.max(found / least - 1.0);
            });
        }
        assert!(worst < 0.001, "{worst}");
    }

    #[test]
    fn departures_are_drawn_where_they_save_and_nowhere_else() {
        // Costs 10, 4, 2, 10 against 6: savings 2 and 4, so a third and two thirds.
        let candidates = [(0, 10.0), (60_000, 4.0), (120_000, 2.0), (180_000, 10.0)];
        let grid = Grid { candidates: candidates.map(|(ms, c)| (Time(ms), c)).to_vec(), step_ms: 60_000 };
        let at = |u: f64| grid.draw(6.0, [u, 0.5]);
        assert_eq!((at(0.0), at(0.33), at(0.34), at(0.999)), {
            let [a, b] = [Some(Time(60_000)), Some(Time(120_000))];
            (a, a, b, b)
        });
        assert_eq!(grid.draw(6.0, [0.1, 0.0]), Some(Time(30_000)));
        assert_eq!(grid.draw(2.0, [0.5, 0.5]), None);
    }
}
