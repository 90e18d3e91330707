//! Static assignment of synthetic cities of named sizes (see `hubflow::generate::static_city`): relative gap against CPU
//! time on one thread.
//!
//! `cargo bench --bench assign` solves `small` and `city` (the size of the benchmark network Chicago Sketch) to gaps of
//! 1e-4, 1e-6 and 1e-10, each from the start; `-- region --gap 1e-6 --runs 1` others. With `--net NET --trips TRIPS` it
//! solves a TNTP network. Told for each: median CPU seconds of assigning without reading, the spread over the runs,
//! iterations, paths in use; with `--trace` the gap after every iteration of one run against CPU time.

use hubflow::assign::{Iteration, Options, StaticNetwork, Trips, Weights, assign};
use hubflow::generate::static_city::SIZES;
use hubflow::import::tntp;
use std::io::Write;
use std::path::PathBuf;

/// What is solved and how.
struct How {
    runs: usize,
    gaps: Vec<f64>,
    /// Whether every iteration is told.
    trace: bool,
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("stdout");
}

fn median(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}

fn bench(name: &str, network: &StaticNetwork, trips: &Trips, how: &How) {
    let links = network.links.len();
    say(&format!("assign/{name}: {links} links, {} pairs, {:.0} trips", trips.pairs().len(), trips.total()));
    for &gap in &how.gaps {
        let solve = || {
            let options = Options { gap, allow_unreachable: true, ..Options::default() };
            let start = cpu_s();
            let found = assign(network, trips, &options).expect("trips fit the network");
            (cpu_s() - start, found)
        };
        let runs: Vec<_> = (0..how.runs).map(|_| solve()).collect();
        let found = &runs[0].1;
        assert!(runs.iter().all(|run| run.1.volume == found.volume), "every run is the same");
        let (mid, low, high) = median(runs.iter().map(|run| run.0).collect());
        let paths: usize = found.pairs().map(|pair| pair.paths.len()).sum();
        say(&format!(
            "  gap {gap:.0e}: {mid:.3} s CPU ({low:.3} to {high:.3} in {} runs), {} iterations, {paths} paths, reached \
             {:.2e}{}, objective {:.9e}",
            how.runs,
            found.iterations.len(),
            found.relative_gap,
            if found.converged { "" } else { " only" },
            found.objective,
        ));
    }
    if how.trace {
        trace(network, trips, how);
    }
}

/// The gap after each iteration against CPU time.
fn trace(network: &StaticNetwork, trips: &Trips, how: &How) {
    let start = cpu_s();
    let tell = |iteration: Iteration| {
        let spent = cpu_s() - start;
        say(&format!("  iteration {:4}: {spent:8.3} s CPU, gap {:.3e}", iteration.number, iteration.relative_gap));
    };
    let gap = how.gaps.iter().copied().fold(f64::INFINITY, f64::min);
    let options = Options { gap, allow_unreachable: true, progress: Some(&tell), ..Options::default() };
    assign(network, trips, &options).expect("trips fit the network");
}

/// CPU seconds of this thread so far, as Linux tells them in nanoseconds; assignments here run on it alone.
fn cpu_s() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn main() {
    // `cargo bench` says `--bench`; without it and without a name this is a test that the bench works.
    let mut how = How { runs: 5, gaps: Vec::new(), trace: false };
    let (mut once, mut names, mut files) = (true, Vec::new(), (None, None));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument.as_str() {
            "--runs" => how.runs = value().parse().expect("a number"),
            "--gap" => how.gaps.push(value().parse().expect("a number")),
            "--trace" => how.trace = true,
            "--net" => files.0 = Some(PathBuf::from(value())),
            "--trips" => files.1 = Some(PathBuf::from(value())),
            "--bench" => once = false,
            name => names.push(name.to_owned()),
        }
    }
    if how.gaps.is_empty() {
        how.gaps = vec![1e-4, 1e-6, 1e-10];
    }
    if let Some((net, trips)) = files.0.zip(files.1) {
        let (network, table) = tntp::read(&net, &trips).unwrap_or_else(|e| panic!("{e}"));
        let weights =
            Weights { toll: network.toll_factor.unwrap_or(0.0), distance: network.distance_factor.unwrap_or(0.0) };
        let network = StaticNetwork::from_tntp(&network, weights).unwrap_or_else(|e| panic!("{e}"));
        let name = net.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        return bench(&name, &network, &Trips::from_tntp(&trips.display().to_string(), &table), &how);
    }
    if names.is_empty() {
        names = if once { vec!["small".to_owned()] } else { vec!["small".to_owned(), "city".to_owned()] };
        how.runs = if once { 1 } else { how.runs };
    }
    for name in &names {
        let Some((_, city)) = SIZES.iter().find(|(size, _)| size == name) else {
            panic!("no city {name}; there are {}", SIZES.map(|(size, _)| size).join(", "));
        };
        let (network, table) = city.build();
        let network = StaticNetwork::from_tntp(&network, Weights::default()).expect("the city is a network");
        bench(name, &network, &Trips::from_tntp(name, &table), &how);
    }
}
