//! The flagship scenario: it reads, serves all four hubs in every operating hour, and stays near published figures.

use hubflow::Scenario;
use hubflow::demand::stock::Stock;
use hubflow::demand::{Agent, Class, Demand, Place};
use hubflow::ids::HubIx;
use hubflow::journey::{Means, Request, Times, Waits, When, find};
use hubflow::mode::Mode;
use hubflow::network::Network;
use hubflow::network::hubs::Service;
use hubflow::network::times::LinkTimes;
use hubflow::outcome::Outcome;
use hubflow::run::{RunOptions, run};
use hubflow::scenario::hubs::{ChainUser, Direction};
use hubflow::units::Time;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baiyun")
}

/// The run that README promises, as it is: the first iterations still have the jams of a day that nobody learned from.
fn default_run() -> (Scenario, Outcome) {
    let scenario = Scenario::read(&folder()).unwrap();
    let outcome = run(&scenario, &RunOptions::default()).unwrap();
    (scenario, outcome)
}

#[test]
fn every_variant_applies_and_tells_what_it_changes() {
    let base = Scenario::read(&folder()).unwrap();
    let variants = base.variants().unwrap();
    assert!(variants.iter().any(|v| v == "east_ring"));
    for name in variants {
        let variant = base.read_variant(&name).unwrap();
        assert!(!variant.tell(&base).is_empty(), "{name}");
        base.apply(&variant).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

/// Published: 173,062 airport passengers a day (2023), 66,000 at Baiyun Station (2025; 36,000 in 2024 as a variant), 500,000
/// TEU a year, 2,030,522.7 t of air cargo a year; 100,000 at Guangzhou Station is general knowledge. The schedules carry
/// exactly these.
#[test]
fn schedules_carry_the_published_day() {
    let base = Scenario::read(&folder()).unwrap();
    let network = Network::build(&base).unwrap();
    let carries = |network: &Network, hub: &str, of: fn(&Service) -> f64| {
        let hub = HubIx(network.names.hubs.find(hub).unwrap());
        network.hubs.of(hub).map(|(_, s)| of(s)).sum::<f64>()
    };
    let day = |hub: &str, of: fn(&Service) -> f64| carries(&network, hub, of);
    assert!((day("CAN", |s| s.passengers) - 173_062.0).abs() < 1.0);
    assert!((day("GBY", |s| s.passengers) - 66_000.0).abs() < 1.0);
    assert!((day("GZS", |s| s.passengers) - 100_000.0).abs() < 1.0);
    assert!((day("GIP", |s| s.teu) - 500_000.0 / 365.0).abs() < 1.0);
    assert!((day("CAN", |s| s.tonnes) - 2_030_522.7 / 365.0).abs() < 1.0);
    // Trains of about a hundred TEU.
    let trains = day("GIP", |s| f64::from(u8::from(s.teu > 0.0)));
    assert!((90.0..110.0).contains(&(day("GIP", |s| s.teu) / trains)), "{trains} trains");
    let first_year = base.apply(&base.read_variant("baiyun_station_2024").unwrap()).unwrap();
    let first_year = Network::build(&first_year).unwrap();
    assert!((carries(&first_year, "GBY", |s| s.passengers) - 36_000.0).abs() < 1.0);
    assert!((carries(&first_year, "CAN", |s| s.passengers) - 173_062.0).abs() < 1.0);
}

/// Persons of the demand of a sample by hub and hour of the service that they take or come by, scaled up: out, in. Who
/// changes within the hub is on two services, and counts where it comes.
fn persons_by_hour(network: &Network, demand: &Demand, hub: HubIx) -> Vec<[f64; 2]> {
    let mut hours = vec![[0.0; 2]; 32];
    for agent in demand.agents.iter().filter(|a| a.class != Class::Truck) {
        // Those who change within the hub take departures of later hours as it suits them.
        let leaves_by = agent.service.filter(|_| agent.class != Class::Transfer);
        for service in [leaves_by, agent.came_by].into_iter().flatten() {
            let service = &network.hubs.services[service.i()];
            if service.hub == hub {
                let way = usize::from(service.direction == Direction::Arrival);
                hours[(service.time.0 / 3_600_000) as usize][way] += f64::from(agent.party) / demand.sample;
            }
        }
    }
    hours
}

/// The demand of a sample, scaled up, is the published day within 1 %, hour by hour as scheduled: of the departures those
/// who do not change within the hub, of the arrivals all.
#[test]
fn the_demand_is_the_published_day_hour_by_hour() {
    let scenario = Scenario::read(&folder()).unwrap();
    let network = Network::build(&scenario).unwrap();
    let sample = scenario.settings.run.sample;
    let demand = Demand::synthesise(&scenario, &network, scenario.settings.run.seed, sample).unwrap();
    for (name, published) in [("CAN", 173_062.0), ("GZS", 100_000.0), ("GBY", 66_000.0)] {
        let hub = HubIx(network.names.hubs.find(name).unwrap());
        let hours = persons_by_hour(&network, &demand, hub);
        let change = network.hubs.hubs[hub.i()].users.transfer_share;
        let mut day = 0.0;
        for (hour, simulated) in hours.iter().enumerate() {
            for (way, direction) in [Direction::Departure, Direction::Arrival].into_iter().enumerate() {
                let of_hour = |s: &&Service| s.direction == direction && s.time.0 / 3_600_000 == hour as i64;
                let services: Vec<&Service> = network.hubs.of(hub).map(|(_, s)| s).filter(of_hour).collect();
                let scheduled: f64 = services.iter().map(|s| s.passengers).sum();
                let share = if direction == Direction::Departure { 1.0 - change } else { 1.0 };
                // Each service is rounded to a person of the sample; an hour of forty is off by three standard deviations of
                // √(40 / 6) at the most, and twice as many roundings where some change.
                let roundings = services.len() as f64 * if change > 0.0 { 2.0 } else { 1.0 };
                let off = 3.0 * (roundings / 6.0).sqrt() / sample + 1.0;
                let told = format!("{name} {direction:?} {hour}:00: {} of {}", simulated[way], share * scheduled);
                assert!((simulated[way] - share * scheduled).abs() <= off, "{told}");
                day += simulated[way] + if direction == Direction::Departure { change * scheduled } else { 0.0 };
            }
        }
        tell(&format!("{name}: passengers a day in the demand"), day, &published.to_string());
        assert!((day / published - 1.0).abs() < 0.01, "{name}: {day}");
    }
    let port = HubIx(network.names.hubs.find("GIP").unwrap());
    let teu: f64 = demand.consignments.iter().filter(|c| c.hub == port).map(|c| c.teu / sample).sum();
    tell("GIP: TEU a day in the demand", teu, "1,369.9");
    // Trucks are drawn whole: of 37 calls with one or two loads each the sum of loads is off by a tenth at the most.
    assert!((teu / (500_000.0 / 365.0) - 1.0).abs() < 0.1, "{teu}");
    let all = Demand::synthesise(&scenario, &network, scenario.settings.run.seed, 1.0).unwrap();
    let teu: f64 = all.consignments.iter().filter(|c| c.hub == port).map(|c| c.teu).sum();
    assert!((teu / (500_000.0 / 365.0) - 1.0).abs() < 0.01, "{teu}");
    connections(&network, &all);
}

/// A hundredth of those who leave by air come by a train of either station, and of those who leave by train by air.
fn connections(network: &Network, demand: &Demand) {
    let hub = |name: &str| HubIx(network.names.hubs.find(name).unwrap());
    for (from, to) in [("GBY", "CAN"), ("GZS", "CAN"), ("CAN", "GZS"), ("CAN", "GBY")] {
        let (from_ix, to_ix) = (hub(from), hub(to));
        let persons = |test: &dyn Fn(&Agent) -> bool| {
            demand.agents.iter().filter(|a| test(a)).map(|a| f64::from(a.party)).sum::<f64>()
        };
        let departing = persons(&|a| a.to == Place::Hub(to_ix, ChainUser::Departing));
        let came = persons(&|a| a.hub == Some(to_ix) && a.from == Place::Hub(from_ix, ChainUser::Arriving));
        tell(&format!("{from} to {to}: share of the departing, %"), 100.0 * came / departing, "1 (rule)");
        // Those of the early morning find nothing to come by.
        assert!((0.005..0.013).contains(&(came / departing)), "{from} to {to}: {came} of {departing}");
    }
}

/// Terminals 1 and 2 share the flights of the base; a variant opens terminal 3 and two more runways.
#[test]
fn terminals_have_their_flights() {
    let base = Scenario::read(&folder()).unwrap();
    let flights = |scenario: &Scenario| {
        let airport = scenario.hubs.iter().find(|h| h.hub_id == "CAN").unwrap();
        let count = |t: &str| airport.services.iter().filter(|s| s.seats > 0.0 && s.terminal == t).count() as f64;
        let all = airport.services.iter().filter(|s| s.seats > 0.0).count() as f64;
        ["T1", "T2", "T3"].map(|t| count(t) / all)
    };
    let [first, second, third] = flights(&base);
    assert!((first + second - 1.0).abs() < 1e-9 && third == 0.0);
    assert!((0.35..0.5).contains(&first), "{first}");
    let changed = base.apply(&base.read_variant("terminal_3").unwrap()).unwrap();
    assert!((flights(&changed)[2] - 0.3).abs() < 0.01);
    let network = Network::build(&changed).unwrap();
    let runway = network.names.processes.find("CAN/runway").unwrap() as usize;
    assert!(network.hubs.processes[runway].shifts.iter().all(|shift| shift.2 == 5));
    // Every terminal has a kerb, a forecourt and a stop of its own.
    let airport = &network.hubs.hubs[network.names.hubs.find("CAN").unwrap() as usize];
    let mut kerbs: Vec<_> = airport.terminals.iter().map(|t| (t.drop_off, t.pick_up)).collect();
    assert!(airport.terminals.iter().all(|t| !t.stops.is_empty()));
    kerbs.dedup();
    assert_eq!(kerbs.len(), 3);
}

/// Yards and sheds have room for what yesterday left, and more than a train of it.
#[test]
fn yards_have_room_for_what_they_hold_when_the_day_begins() {
    let scenario = Scenario::read(&folder()).unwrap();
    let network = Network::build(&scenario).unwrap();
    let seed = scenario.settings.run.seed;
    let demand = Demand::synthesise(&scenario, &network, seed, 1.0).unwrap();
    let stock = Stock::new(&network, &demand, seed);
    for (s, store) in network.hubs.stores.iter().enumerate() {
        let (content, name) = (stock.content[s] as f64 / 1000.0, &network.names.stores.all()[s]);
        tell(name, content, &format!("room for {}", store.capacity));
        assert!(content <= 0.9 * store.capacity, "{name}: {content} of {}", store.capacity);
        if name.starts_with("GIP/block") {
            assert!(content > 300.0, "{name}: {content} TEU");
        }
    }
}

/// All four hubs serve somebody in every hour in which their services run (the port: in which its gate is open), agents
/// are conserved, and the day stays near what is published.
#[test]
fn four_hubs_serve_in_every_operating_hour() {
    let (scenario, outcome) = default_run();
    let a = outcome.manifest.agents;
    assert_eq!(a.created, a.arrived + a.under_way + a.removed);
    assert_eq!(a.removed, 0);
    let hours = outcome.table("process_hours").unwrap();
    for hub in &scenario.hubs {
        let gate = hub.services.iter().all(|s| s.seats == 0.0);
        let arrivals = |h: i64| {
            let within = |s: &&hubflow::scenario::hubs::ServiceRow| (s.time_s / 3600.0).floor() as i64 == h;
            hub.services.iter().filter(|s| s.direction == Direction::Arrival).any(|s| within(&s))
        };
        let hour = |text: &str| (Time::parse(text).unwrap().seconds() / 3600.0) as i64;
        let open = |h: i64| match gate {
            true => (hour(&hub.users.gate_open)..hour(&hub.users.gate_close)).contains(&h),
            false => arrivals(h),
        };
        let own = |r: usize| hours.word("process", r).is_some_and(|p| p.starts_with(&format!("{}/", hub.hub_id)));
        let served: Vec<i64> = (0..hours.rows())
            .filter(|&r| own(r) && hours.number("served", r).unwrap_or(0.0) > 0.0)
            .map(|r| hours.number("hour", r).unwrap() as i64)
            .collect();
        let operating: Vec<i64> = (3..24).filter(|&h| open(h)).collect();
        assert!(operating.len() >= 12, "{} operates for hours", hub.hub_id);
        for h in operating {
            assert!(served.contains(&h), "{} serves nobody at {h}:00", hub.hub_id);
        }
    }
    metro_carries_what_is_published(&scenario, &outcome);
    let passengers = outcome.kpi("hub_passengers").unwrap();
    assert!((0.9..1.01).contains(&(passengers / 339_062.0)), "{passengers} passengers through the hubs");
}

/// Tells a simulated figure beside the published one.
#[expect(clippy::print_stderr, reason = "figures beside published ones are what these tests are for")]
fn tell(what: &str, simulated: f64, published: &str) {
    eprintln!("{what}: simulated {simulated:.1}, published {published}");
}

/// Published: 8.57 million riders a day on the metro in 2023, who are boardings, for a change counts again (19 of its lines
/// are in the scenario). Of the lines that reach the airport the northern part of line 3 carries most: 871,400 riders a day
/// in 2019.
fn metro_carries_what_is_published(scenario: &Scenario, outcome: &Outcome) {
    let routes = outcome.table("routes").unwrap();
    let named = |row: usize| routes.word("route_id", row).unwrap().to_owned();
    let figure = |column: &str, row: usize| routes.number(column, row).unwrap();
    let metro = |row: &usize| !named(*row).starts_with("IC-");
    let boardings: f64 = (0..routes.rows()).filter(metro).map(|row| figure("boardings", row)).sum();
    tell("boardings of the metro, millions a day", boardings / 1e6, "8.57 (2023)");
    // The residents' trips are set so that the day comes near; a third more or less would tell of a fault.
    assert!((6.0e6..11.0e6).contains(&boardings), "{boardings} boardings");
    let share = outcome.kpi("share_transit").unwrap();
    // 8.57 million of 24.06 million motorised trips are 36 % at most, for some ride two lines.
    tell("share of trips by lines, %", 100.0 * share, "up to 36 (8.57 of 24.06 million)");
    assert!((0.15..0.40).contains(&share), "{share}");
    let network = Network::build(scenario).unwrap();
    let airport = HubIx(network.names.hubs.find("CAN").unwrap());
    let at_airport = |route: &str| {
        let stops = network.lines.lines.iter().filter(|l| l.route_id == route).flat_map(|l| &l.stops);
        stops.into_iter().any(|s| network.lines.stops[s.i()].hub == Some(airport))
    };
    let sections = outcome.table("line_sections").unwrap();
    let fullest = |route: &str| {
        let own = (0..sections.rows()).filter(|&r| sections.word("route_id", r) == Some(route));
        own.map(|r| sections.number("load", r).unwrap()).fold(0.0, f64::max)
    };
    let mut reaching: Vec<(f64, f64, String)> = (0..routes.rows())
        .filter(|&row| at_airport(&named(row)))
        .map(|row| (figure("passenger_km", row), fullest(&named(row)), named(row)))
        .collect();
    reaching.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (passenger_km, fullest, route) in &reaching {
        tell(&format!("{route}: passenger-km a day"), *passenger_km, "none");
        tell(&format!("{route}: persons on its fullest section a day"), *fullest, "none");
    }
    assert!(reaching.len() >= 2, "more than one line reaches the airport");
    assert_eq!(reaching[0].2, "L3N", "the northern part of line 3 carries most");
    assert!(reaching[1..].iter().all(|r| r.1 < reaching[0].1), "and is fullest");
    let north = (0..routes.rows()).find(|&row| named(row) == "L3N").unwrap();
    tell("boardings of L3N, thousands a day", figure("boardings", north) / 1e3, "871.4 (2019)");
    assert!((0.5..1.6).contains(&(figure("boardings", north) / 871_400.0)));
}

/// Minutes between two stops by lines, setting out at a moment.
fn minutes(scenario: &Scenario, from: &str, to: &str, at: Time) -> f64 {
    let network = Network::build(scenario).unwrap();
    let day = (Time(0), Time(30 * 3_600_000));
    let links = LinkTimes::free_flow(&network.roads, day.0, day.1);
    let request = Request {
        from: from.into(),
        to: to.into(),
        when: Some(When::SetsOut(at)),
        until: None,
        means: vec![Means::By(Mode::Rail)],
        passes: None,
        service: None,
        times_told: String::new(),
    };
    let times = Times { links: &links, waits: &Waits::default() };
    let answer = find(&network, &scenario.settings, times, &request).unwrap();
    // The fastest; the cheapest stands beside it.
    answer.journeys.iter().map(|told| told.time_s / 60.0).fold(f64::INFINITY, f64::min)
}

/// Published: about 78 minutes by metro from Guangzhou South to the airport, 31 by the East Ring express, of which the
/// train needs all; who comes two minutes early waits for it.
#[test]
fn guangzhou_south_to_the_airport() {
    let base = Scenario::read(&folder()).unwrap();
    let hours = [7, 10, 13, 16, 20];
    let at = |hour: i64| Time(hour * 3_600_000);
    let all: f64 = hours.iter().map(|&h| minutes(&base, "L2-01", "L3N-02", at(h))).sum();
    let metro = all / hours.len() as f64;
    tell("Guangzhou South to the airport by metro, minutes", metro, "78");
    assert!((70.0..90.0).contains(&metro), "{metro} minutes");
    let variant = base.apply(&base.read_variant("east_ring").unwrap()).unwrap();
    let express = minutes(&variant, "IC-ES-01", "L3N-02", at(8));
    tell("the same by the East Ring express, minutes", express, "31");
    assert!((30.0..33.0).contains(&express), "{express} minutes");
    assert!(minutes(&base, "L2-01", "L3N-02", at(8)) - express > 40.0, "the express is far faster");
}

/// Half of the places in every vehicle: more are left behind, people wait longer, and fewer ride lines.
#[test]
fn halved_capacity() {
    let mut whole = Scenario::read(&folder()).unwrap();
    whole.settings.run.sample = 0.02;
    whole.settings.run.iterations = 3;
    let mut half = whole.clone();
    let services = half.settings.services.as_mut().unwrap();
    services.capacity.values_mut().for_each(|persons| *persons /= 2);
    for vehicle in services.vehicles.values_mut() {
        (vehicle.seats, vehicle.standing) = (vehicle.seats / 2, vehicle.standing / 2);
    }
    let figures = [&whole, &half].map(|scenario| {
        let outcome = run(scenario, &RunOptions::default()).unwrap();
        let figures = ["denied_boardings", "mean_transit_wait_s", "share_transit"].map(|k| outcome.kpi(k).unwrap());
        tell("denied boardings a day", figures[0], "none");
        tell("mean wait, s", figures[1], "none");
        tell("share of trips by lines, %", 100.0 * figures[2], "none");
        figures
    });
    let [whole, half] = figures;
    assert!(half[0] > 1.5 * whole[0], "{} against {} left behind", half[0], whole[0]);
    assert!(half[1] > whole[1], "{} against {} s of waiting", half[1], whole[1]);
    assert!(half[2] < whole[2], "{} against {} of trips by lines", half[2], whole[2]);
}
