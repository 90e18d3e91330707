//! What a day of services does to the choices of the next: cases worked by hand, and the journeys that are searched again
//! against a search for everybody.

use super::assign::{Chooser, Day};
use super::pace::Pace;
use super::packed::PACKED;
use super::toy;
use super::ways::Look;
use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Demand, Place, Timing};
use crate::ids::{HubIx, LineIx};
use crate::mode::Mode;
use crate::network::Network;
use crate::network::line_times::LineTimes;
use crate::network::times::LinkTimes;
use crate::network::vehicles::VehicleType;
use crate::random::{Draws, Purpose};
use crate::scenario::hubs::ChainUser;
use crate::units::{HOUR_MS, MINUTE_MS, Time};

const EIGHT: Time = Time(8 * HOUR_MS);

/// Two stops without roads, 4 minutes on foot from their nodes: a line takes 10 minutes, another one 15, both leave every
/// ten minutes. Vehicles of 50 seats with room for 150 to stand.
fn two_lines() -> Network {
    let positions = [[113.0, 23.0], [113.1, 23.0]];
    let lines = vec![toy::line(&[0, 1], &[600], 18_000, 600, 140), toy::line(&[0, 1], &[900], 18_000, 600, 140)];
    let mut lines = toy::lines(2, lines, &[]);
    for line in &mut lines.lines {
        line.vehicle = VehicleType { seats: 50, standing: 150, ..VehicleType::default() };
    }
    toy::network(toy::roads(&positions, &[]), lines, &[(0, 0, 240), (1, 1, 240)])
}

fn free(network: &Network) -> LinkTimes {
    LinkTimes::free_flow(&network.roads, Time(0), Time(30 * HOUR_MS))
}

/// The excess cost of one agent after a day, and its plan if it switches.
fn after(network: &Network, demand: &Demand, day: &LineTimes, share: f64) -> (f64, Plan) {
    let (settings, times) = (toy::settings(), free(network));
    let mut chooser = Chooser::new(network, &settings, demand, 3);
    let mut plans = chooser.first_plans(&times);
    assert_eq!(ridden(plans[0].as_ref().expect("a journey")), [LineIx(0)]);
    let services = chooser.services(day);
    let lesson =
        Day { times: &times, chosen_on: None, planned_on: None, services: Some(&services), services_chosen_on: None };
    let report = chooser.step(&mut plans, lesson, &Pace::new(share));
    (report.average_excess_cny, plans.remove(0).expect("a journey"))
}

fn ridden(plan: &Plan) -> Vec<LineIx> {
    let line = |leg: &Leg| if let Leg::Ride { line, .. } = leg { Some(*line) } else { None };
    plan.legs.iter().filter_map(line).collect()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} is not {b}");
}

#[test]
fn who_was_denied_takes_the_slower_line() {
    // At the stop at 8:05 for the vehicle of 8:10. Those who got on had come half an hour before it left, so it is the one
    // of 8:40 that takes whoever comes at 8:05: 35 minutes of waiting in place of 5, double, against 5 more of riding on
    // the other line: 60 − 5 = 55 minutes at 19 yuan/h.
    let network = two_lines();
    let demand = toy::demand(vec![toy::agent(1, 0, 1, EIGHT)]);
    let mut day = LineTimes::timetable(&network.lines);
    day.lines[0].closes.iter_mut().for_each(|closes| *closes = closes.plus(-30 * MINUTE_MS));
    let (excess_cny, kept) = after(&network, &demand, &day, 0.0);
    close(excess_cny, 55.0 / 60.0 * 19.0);
    assert_eq!(ridden(&kept), [LineIx(0)]);
    let (_, taken) = after(&network, &demand, &day, 1.0);
    assert_eq!((ridden(&taken), taken.departure), (vec![LineIx(1)], EIGHT.plus(MINUTE_MS)));
}

#[test]
fn a_seat_in_the_slower_line_is_worth_more_than_five_minutes() {
    // All places of the fast line are taken: 10 minutes there feel like (0.25 · 1.63 + 0.75 · 2.04) · 10 = 19.375 (the
    // factor of 1.9375 is kept in thousandths: 1.938), 15 with a seat are 15.
    let network = two_lines();
    let demand = toy::demand(vec![toy::agent(1, 0, 1, EIGHT)]);
    let mut day = LineTimes::timetable(&network.lines);
    day.lines[0].load.fill(1.0);
    let (excess_cny, taken) = after(&network, &demand, &day, 1.0);
    close(excess_cny, 4.38 / 60.0 * 19.0);
    assert_eq!(ridden(&taken), [LineIx(1)]);
}

#[test]
fn five_minutes_are_not_worth_twenty_yuan() {
    // The fast line costs 20 yuan more than the slow one: 5 minutes at 19 yuan/h are 1.58. Both leave at the same moments,
    // so a search by times alone never sees the slow one.
    let mut network = two_lines();
    network.lines.lines[0].fare_base_cny += 20.0;
    let demand = toy::demand(vec![toy::agent(1, 0, 1, EIGHT)]);
    let plans = Chooser::new(&network, &toy::settings(), &demand, 3).first_plans(&free(&network));
    assert_eq!(ridden(plans[0].as_ref().expect("a journey")), [LineIx(1)]);
}

#[test]
fn nobody_rides_out_and_back_to_where_it_could_walk() {
    // A line that comes by the same stop again: from node 0 to node 0 by it, 4 minutes on foot at both ends.
    let lines = toy::lines(2, vec![toy::line(&[0, 1, 0], &[600, 600], 18_000, 600, 140)], &[]);
    let network = toy::network(toy::roads(&[[113.0, 23.0], [113.1, 23.0]], &[]), lines, &[(0, 0, 240), (1, 1, 240)]);
    let demand = toy::demand(vec![toy::agent(1, 0, 0, EIGHT), toy::agent(2, 0, 1, EIGHT)]);
    let settings = toy::settings();
    let chooser = Chooser::new(&network, &settings, &demand, 3);
    assert!(chooser.packed(0, Mode::Rail).is_none());
    assert!(chooser.packed(1, Mode::Rail).is_some());
}

#[test]
fn denied_boardings_make_one_set_out_earlier_for_a_flight() {
    // The hall is 60 s from the stop. By the timetable the vehicle of 8:40 is there at 8:51 for a wish at 8:55; one is at
    // the stop two minutes before it leaves. On the day one had to be there 15 minutes before any vehicle left: who comes
    // at 8:38 gets on at 9:00, waits 22 minutes and is 16 late. At 8:23, two minutes before the last moment, one waits 17
    // for the vehicle of 8:40 and is 4 early. 2 · 22 + 2.38 · 16 − (2 · 17 + 0.61 · 4) = 45.64 minutes at 19 yuan/h.
    let network = toy::with_hub(two_lines(), 1, &[(1, 60)]);
    let to = Place::Hub(HubIx(0), ChainUser::Departing);
    let wish = Time(8 * HOUR_MS + 55 * MINUTE_MS);
    let demand = toy::demand(vec![Agent { to, timing: Timing::WantsToBeThere, ..toy::agent(1, 0, 0, wish) }]);
    let mut day = LineTimes::timetable(&network.lines);
    for of in &mut day.lines {
        of.closes.iter_mut().for_each(|time| *time = time.plus(-15 * MINUTE_MS));
    }
    let (excess_cny, kept) = after(&network, &demand, &day, 0.0);
    let (_, taken) = after(&network, &demand, &day, 1.0);
    let at_stop = |plan: &Plan| plan.departure.plus(4 * MINUTE_MS);
    assert_eq!(at_stop(&kept), Time(8 * HOUR_MS + 38 * MINUTE_MS));
    assert_eq!(at_stop(&taken), Time(8 * HOUR_MS + 23 * MINUTE_MS));
    close(excess_cny, 45.64 / 60.0 * 19.0);
}

/// Three centres in a row, roads between them, a fast and a slow line each way.
fn row() -> Network {
    let positions = [[113.0, 23.0], [113.08, 23.0], [113.16, 23.0]];
    let links = [(0, 1), (1, 0), (1, 2), (2, 1)].map(|(a, b)| (a, b, 8_200.0, 15.0, 0.0));
    let mut lines: Vec<_> = [([0, 1, 2], 600), ([2, 1, 0], 600), ([0, 1, 2], 720), ([2, 1, 0], 720)]
        .map(|(stops, hop)| toy::line(&stops, &[hop, hop], 18_000, 480, 140))
        .into();
    for line in &mut lines {
        line.vehicle = VehicleType { seats: 50, standing: 150, ..VehicleType::default() };
    }
    let walks = [(0, 0, 240), (1, 1, 240), (2, 2, 240)];
    toy::with_hub(toy::network(toy::roads(&positions, &links), toy::lines(3, lines, &[]), &walks), 2, &[(2, 60)])
}

fn crowd(count: usize) -> Demand {
    let agent = |i: usize| {
        let mut draws = Draws::new(6, Purpose::Generate, i as u64, 0);
        let from = draws.below(3) as u32;
        let to = (from + 1 + draws.below(2) as u32) % 3;
        let time = Time(6 * HOUR_MS + draws.below(12 * HOUR_MS as usize) as i64);
        let mut agent = Agent { car: draws.uniform() < 0.5, ..toy::agent(i as u64, from, to, time) };
        if draws.below(3) == 0 {
            agent.to = Place::Hub(HubIx(0), ChainUser::Departing);
            agent.timing = Timing::WantsToBeThere;
        }
        agent
    };
    toy::demand((0..count).map(agent).collect())
}

/// A day with vehicles up to 10 minutes late, up to 20 minutes of denials, and crowds.
fn bad_day(network: &Network) -> LineTimes {
    let mut day = LineTimes::timetable(&network.lines);
    let mut draws = Draws::new(7, Purpose::Generate, 0, 0);
    for (of, line) in day.lines.iter_mut().zip(&network.lines.lines) {
        let positions = line.stops.len();
        for at in 0..of.departures.len() {
            let late_ms = draws.below(10) as i64 * MINUTE_MS;
            let before = |times: &[Time]| at.checked_sub(positions).map_or(Time(0), |at| times[at]);
            of.departures[at] = of.departures[at].plus(late_ms).max(before(&of.departures));
            of.arrivals[at] = of.departures[at];
            let refused_ms = draws.below(20) as i64 * MINUTE_MS;
            of.closes[at] = of.departures[at].plus(-refused_ms).max(before(&of.closes));
            of.load[at] = draws.uniform() as f32;
        }
    }
    day
}

#[test]
fn a_day_that_ran_as_planned_teaches_nothing() {
    let (network, demand, settings) = (row(), crowd(1_500), toy::settings());
    let mut chooser = Chooser::new(&network, &settings, &demand, 3);
    let mut times = free(&network);
    times.travel_ms.iter_mut().for_each(|ms| *ms *= 2);
    let mut plans = chooser.first_plans(&free(&network));
    let mut same = plans.clone();
    let services = chooser.services(&LineTimes::timetable(&network.lines));
    let by = |services| Day { times: &times, chosen_on: None, planned_on: None, services, services_chosen_on: None };
    let reports = [
        chooser.step(&mut plans, by(None), &Pace::new(0.5)),
        chooser.step(&mut same, by(Some(&services)), &Pace::new(0.5)),
    ];
    assert_eq!(reports[0], reports[1]);
    assert!(reports[0].switched > 0);
    assert_eq!(plans, same);
}

#[test]
fn the_best_response_is_that_of_a_search_for_everybody_up_to_a_percent() {
    let (network, demand, settings) = (row(), crowd(1_500), toy::settings());
    let mut chooser = Chooser::new(&network, &settings, &demand, 3);
    let (times, day) = (free(&network), bad_day(&network));
    let mut plans = chooser.first_plans(&times);
    let services = chooser.services(&day);
    let lesson =
        Day { times: &times, chosen_on: None, planned_on: None, services: Some(&services), services_chosen_on: None };
    let first = chooser.step(&mut plans, lesson, &Pace::new(1.0));
    assert!(first.relative_gap > 0.05, "{first:?}");
    let (mut scratch, mut kept) = (chooser.scratch(), 0);
    for (a, agent) in demand.agents.iter().enumerate() {
        let look = Look { services: Some(&services), ..chooser.look(a, &times) };
        let best = chooser.best(&look, f64::INFINITY, &mut Default::default(), &mut scratch);
        chooser.planner.rode(0, &look.trip, &services, &mut scratch);
        for rode in scratch.lines.iter() {
            let mode = PACKED[rode.kind];
            // A late vehicle may by luck suit a wish better than the timetable does: nobody looks for that.
            let planned_cny = chooser.packed(a, mode).map_or(rode.cost_cny, |packed| packed.cost_cny);
            let felt_cny = rode.cost_cny.max(1.01 * planned_cny) + chooser.added_cny(&look, mode);
            assert!(best.felt_cny <= felt_cny + 1e-9, "agent {a} ({agent:?}) by {mode:?}: {rode:?}");
            // What is told of a journey is what walking its legs on the day gives.
            let walked = chooser.planner.lines_cny(&look.trip, rode.departure, rode.legs.iter().cloned(), &services);
            close(walked, rode.cost_cny);
        }
        kept += usize::from(chooser.found(a, Mode::Rail).is_some());
    }
    assert!(kept > 100, "{kept} journeys kept");
    // On the same day again nobody can do better who has switched.
    let again = chooser.step(&mut plans, lesson, &Pace::new(1.0));
    assert!(again.relative_gap < 0.3 * first.relative_gap, "{first:?}, then {again:?}");
}
