//! The journey searches on a generated city of lines (`city`: 40 × 40 stops, see `hubflow::generate::line_city`) and on
//! Porto Alegre (`poa`: the bus and rail feeds beside the repository, a working day in May 2019).
//!
//! `cargo bench --bench transit -- city poa` asks for journeys between random places at random moments of the day, on one
//! thread: earliest arrival, all departures of two hours, arrival against cost. Told are mean and quantiles of single
//! queries, and memory. In `city` one begins and ends at a stop; in Porto Alegre at a point within 300 m of a stop, with
//! straight walks of at most 800 m at both ends and footpaths of at most 500 m between stops, at 1.3 m/s.
//! Without `--bench` and without a name it is a test that the bench works, on a small city.

use hubflow::Scenario;
use hubflow::generate::line_city::LineCity;
use hubflow::ids::{LineIx, StopIx};
use hubflow::network::Network;
use hubflow::network::lines::Lines;
use hubflow::random::{Draws, Purpose};
use hubflow::run::clock::peak_memory_bytes;
use hubflow::transit::pareto::{Pareto, Weights};
use hubflow::transit::range::Profile;
use hubflow::transit::raptor::Raptor;
use hubflow::transit::timetable::Timetable;
use hubflow::units::{HOUR_MS, MINUTE_MS, Time, distance_m};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// Most rides in a journey of the bench.
const RIDES: usize = 6;

/// Walking, metres per second, and how far to and between stops, metres.
const WALK_MPS: f64 = 1.3;
const ACCESS_M: f64 = 800.0;
const FOOTPATH_M: f64 = 500.0;

/// Least time for a change, milliseconds.
const CHANGE_MS: i64 = 120_000;

/// A millisecond of walking and waiting twice one of riding, a change five minutes, a yuan 3 minutes.
const WEIGHTS: Weights = Weights { walk: 2_000, wait: 2_000, change: 300_000_000, money: 180_000 };

type Walks = Vec<(StopIx, i64)>;

/// How much is asked for.
struct How {
    side: usize,
    queries: usize,
}

fn say(line: String) {
    writeln!(std::io::stdout().lock(), "{line}").expect("stdout");
}

/// Mean and quantiles of what queries took, milliseconds.
fn told(name: &str, mut took: Vec<f64>, more: &str) {
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    let mean = took.iter().sum::<f64>() / took.len() as f64;
    say(format!(
        "  {name}: mean {mean:.3} ms; 5 % {:.3}, median {:.3}, 95 % {:.3}, 99 % {:.3}, most {:.3}; {} queries{more}",
        at(0.05),
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0),
        took.len()
    ));
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A query.
struct Asked {
    start: Time,
    access: Walks,
    egress: Walks,
}

fn ask(name: &str, lines: &Lines, asked: &[Asked]) {
    let begun = Instant::now();
    let table = Timetable::planned(lines);
    let frozen_ms = begun.elapsed().as_secs_f64() * 1e3;
    let times: usize = lines.lines.iter().map(|line| line.departures.len()).sum();
    say(format!(
        "transit/{name}: {} stops, {} lines, {} departures, {times} stop times; timetable frozen in {frozen_ms:.0} ms, {:.1} MiB",
        lines.stops.len(),
        lines.lines.len(),
        lines.departures,
        mib(table.bytes()),
    ));
    let mut raptor = Raptor::new(&table, RIDES);
    let (mut took, mut looked, mut rounds, mut found) = (Vec::new(), 0, 0, 0);
    // The first round fills the caches.
    for round in 0..2 {
        (looked, rounds, found) = (0, 0, 0);
        for query in asked {
            let begun = Instant::now();
            raptor.search(&table, query.start, &query.access, Some(&query.egress));
            let there = raptor.earliest();
            if round > 0 {
                took.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            looked += raptor.looked();
            rounds += raptor.rounds();
            found += usize::from(there.is_some());
        }
    }
    let each = |sum: f64| sum / asked.len() as f64;
    let more = format!(
        ", {found} with a journey, {:.0} positions and {:.1} rounds each",
        each(looked as f64),
        each(rounds as f64)
    );
    told("earliest arrival", took, &more);
    let (mut took, mut profile, mut journeys) = (Vec::new(), Profile::default(), 0);
    let few = &asked[..asked.len().div_ceil(5)];
    for query in few {
        let begun = Instant::now();
        let span = [query.start, query.start.plus(2 * HOUR_MS)];
        raptor.profile(&table, span, &query.access, &query.egress, &mut profile);
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        journeys += profile.departures.len();
    }
    told("two hours", took, &format!(", {:.0} journeys each", journeys as f64 / few.len() as f64));
    let (mut took, mut pareto, mut choices) = (Vec::new(), Pareto::new(&table, RIDES), 0);
    let few = &asked[..asked.len().div_ceil(20)];
    for query in few {
        let begun = Instant::now();
        let found = pareto.search(&table, &WEIGHTS, query.start, &query.access, &query.egress);
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        choices += found.len();
    }
    told("arrival against cost", took, &format!(", {:.1} choices each", choices as f64 / few.len() as f64));
    say(format!("  process at its most: {:.0} MiB", mib(peak_memory_bytes() as usize)));
}

fn city(how: &How) {
    let lines = LineCity { columns: how.side, rows: how.side }.lines();
    let mut draws = Draws::new(1, Purpose::Generate, 0, 5);
    let asked: Vec<Asked> = (0..how.queries)
        .map(|_| {
            let mut stop = || vec![(StopIx::from(draws.below(lines.stops.len())), 0)];
            let (access, egress) = (stop(), stop());
            let start = Time(5 * HOUR_MS + draws.below(17 * 60) as i64 * MINUTE_MS);
            Asked { start, access, egress }
        })
        .collect();
    ask("city", &lines, &asked);
}

/// The lines of a feed on a day, as a scenario of two nodes reads them.
fn feed(path: &Path, date: &str) -> Lines {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).expect("a file");
    text("node.csv", "node_id,x_coord,y_coord\na,0,0\nb,0.01,0\n");
    text(
        "link.csv",
        "link_id,from_node_id,to_node_id,directed,length,facility_type,capacity,free_speed,lanes,allowed_uses\n\
         ab,a,b,true,1.1,primary,1800,50,1,walk\n",
    );
    text(
        "scenario.toml",
        &format!(
            "title = \"A feed\"\n[network]\nfolder = \".\"\n[services]\ngtfs = {path:?}\ndate = \"{date}\"\ntransfer_m = 0\n\
             [services.capacity]\ndefault = 100\n"
        ),
    );
    let scenario = Scenario::read(folder.path()).expect("a scenario");
    Network::build(&scenario).expect("a network").lines
}

/// Feeds side by side, with footpaths between their stops.
fn joined(feeds: Vec<Lines>) -> Lines {
    let mut all = Lines { change_ms: CHANGE_MS, ..Lines::default() };
    for feed in feeds {
        let (stops, lines) = (all.stops.len() as u32, all.lines.len() as u32);
        all.stops.extend(feed.stops);
        all.lines.extend(feed.lines.into_iter().map(|mut line| {
            line.stops.iter_mut().for_each(|stop| stop.0 += stops);
            line
        }));
        let moved = |(line, position): (LineIx, u32)| (LineIx(line.0 + lines), position);
        all.stop_lines.extend(feed.stop_lines.into_iter().map(|at| at.into_iter().map(moved).collect()));
        all.departures += feed.departures;
    }
    let positions: Vec<[f64; 2]> = all.stops.iter().map(|stop| stop.position).collect();
    let own = |s: usize, walks: Walks| walks.into_iter().filter(|walk| walk.0.i() != s).collect();
    let served = |walks: Walks| walks.into_iter().filter(|walk| !all.stop_lines[walk.0.i()].is_empty()).collect();
    let paths = (0..positions.len()).map(|s| own(s, served(near(&positions, positions[s], FOOTPATH_M))));
    let mut transfers: Vec<Walks> = paths.collect();
    transfers.iter_mut().flatten().for_each(|walk| walk.1 = walk.1.max(CHANGE_MS));
    all.transfers = transfers;
    all
}

/// Stops within a distance with the walks to them.
fn near(stops: &[[f64; 2]], from: [f64; 2], metres: f64) -> Walks {
    let walk = |(s, &to): (usize, &[f64; 2])| {
        // A degree of latitude is longer than a degree of longitude anywhere.
        let far = (to[0] - from[0]).abs().max((to[1] - from[1]).abs()) * 111_200.0 > metres * 1.5;
        let straight_m = if far { f64::INFINITY } else { distance_m(from, to) };
        (straight_m <= metres).then(|| (StopIx::from(s), (straight_m / WALK_MPS * 1e3).round() as i64))
    };
    stops.iter().enumerate().filter_map(walk).collect()
}

fn poa(how: &How) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/city-poa");
    if !data.is_dir() {
        return say(format!("transit/poa: left out, there is no {}", data.display()));
    }
    let begun = Instant::now();
    let feeds = ["poa_eptc.zip", "poa_trensurb.zip"].map(|name| feed(&data.join(name), "20190515"));
    let read_ms = begun.elapsed().as_secs_f64() * 1e3;
    let lines = joined(feeds.into());
    let stops: Vec<[f64; 2]> = lines.stops.iter().map(|stop| stop.position).collect();
    let mut draws = Draws::new(1, Purpose::Generate, 0, 6);
    let asked: Vec<Asked> = (0..how.queries)
        .map(|_| {
            let mut place = || {
                let stop = stops[draws.below(stops.len())];
                // 0.0027° are 300 m.
                let point = stop.map(|degrees| degrees + (draws.uniform() - 0.5) * 0.0054);
                near(&stops, point, ACCESS_M)
            };
            let (access, egress) = (place(), place());
            let start = Time(6 * HOUR_MS + draws.below(14 * 60) as i64 * MINUTE_MS);
            Asked { start, access, egress }
        })
        .collect();
    let walks = |of: fn(&Asked) -> &Walks| asked.iter().map(|a| of(a).len()).sum::<usize>() as f64;
    say(format!(
        "transit/poa: feeds read in {read_ms:.0} ms; {:.0} stops within reach of an origin, {:.0} footpaths a stop",
        walks(|a| &a.access) / asked.len() as f64,
        lines.transfers.iter().map(Vec::len).sum::<usize>() as f64 / lines.stops.len() as f64,
    ));
    ask("poa", &lines, &asked);
}

fn main() {
    // `cargo bench` says `--bench`; without it and without a name this is a test that the bench works.
    let mut how = How { side: 40, queries: 5_000 };
    let mut names: Vec<String> = Vec::new();
    let mut once = true;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--side" => how.side = number(),
            "--queries" => how.queries = number(),
            "--bench" => once = false,
            name => {
                once = false;
                names.push(name.to_owned());
            }
        }
    }
    if once {
        how = How { side: 8, queries: 20 };
        names = vec!["city".to_owned()];
    }
    if names.is_empty() {
        names = ["city", "poa"].map(str::to_owned).to_vec();
    }
    for name in &names {
        match name.as_str() {
            "city" => city(&how),
            "poa" => poa(&how),
            _ => panic!("no bench {name}; there are city, poa"),
        }
    }
}
