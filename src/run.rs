//! A run: the river in order, the iterations and their stopping, and how long each stage took.
//!
//! One thing flows back: the experienced travel times of an iteration, on which the next plans are chosen.

mod caveats;
pub mod clock;
mod marginal;
mod sinks;
mod times;

use crate::choice::assign::{Chooser, Day};
use crate::choice::pace::Pace;
use crate::choice::report::StepReport;
use crate::choice::skims::skims;
use crate::choice::unreached;
use crate::demand::Demand;
use crate::demand::plan::Plan;
use crate::error::{Error, Problem, Result};
use crate::ids::ProcessIx;
use crate::metrics::Context;
use crate::metrics::district_traffic::driven;
use crate::metrics::link_times::experienced;
use crate::mobsim::road::reroute::RerouteRule;
use crate::mobsim::road::{BLOCK_NODES, Listened};
use crate::mobsim::{DayInput, DayProgress, DayReport, DaySetup, simulate};
use crate::mode::Mode;
use crate::network::Network;
use crate::network::line_times::LineTimes;
use crate::network::passages::LinkTraffic;
use crate::network::times::LinkTimes;
use crate::outcome::{Manifest, Outcome};
use crate::report::events::EventFile;
use crate::routing::reroute::{Reroute, Underway};
use crate::routing::sections::Sections;
use crate::scenario::Scenario;
use crate::scenario::check::overloaded;
use crate::scenario::settings::{Settings, Unreachable};
use crate::spillover::parameters::Parameters;
use crate::spillover::{self, gather};
use crate::table::{Kpi, Table};
use crate::transit::again::{ByTimetable, Replan};
use crate::units::{Time, ms};
use clock::Stopwatch;
use sinks::{Both, Sinks};
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use times::Times;

/// How a scenario is run, where it differs from its settings.
#[derive(Default)]
pub struct RunOptions<'a> {
    /// Command line that is written into the results.
    pub command: String,
    /// Seed of all randomness.
    pub seed: Option<u64>,
    /// Threads, 0 for all cores.
    pub threads: Option<usize>,
    /// Share of the agents that are simulated.
    pub sample: Option<f64>,
    /// Iterations to run, neither fewer nor more, in place of stopping at the gap: two runs that are compared must have
    /// come equally far.
    pub exactly: Option<u32>,
    /// Told how the run goes on.
    pub progress: Option<&'a (dyn Fn(Progress) + Sync)>,
    /// Set by somebody else when the run is to end after the current iteration.
    pub stop: Option<&'a AtomicBool>,
    /// Stages that were done before, such as reading.
    pub before: Stopwatch,
    /// File into which all events of the last iteration are written as Parquet, in their total order. Which iteration is
    /// the last shows only when it is over, so each writes the file anew.
    pub events: Option<&'a Path>,
}

/// How a run goes on.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A stage begins.
    Stage(&'a str),
    /// The day of an iteration has come so far.
    Day {
        /// Iteration, from 1.
        iteration: u32,
        /// How far.
        progress: DayProgress,
    },
    /// The day of a pair begins that tries one more server.
    Pair {
        /// Number, from 1.
        number: usize,
        /// Pairs.
        of: usize,
    },
    /// An iteration is over.
    Iteration {
        /// Iteration, from 1.
        iteration: u32,
        /// Its relative gap.
        relative_gap: f64,
        /// What its day counted.
        day: &'a DayReport,
    },
}

/// Runs a scenario and gives its outcome.
///
/// # Errors
/// Problems of the scenario that show only when it is resolved, and parameters that are missing.
pub fn run(scenario: &Scenario, options: &RunOptions) -> Result<Outcome> {
    let (seed, sample) = (options.seed.unwrap_or(scenario.settings.run.seed), options.sample);
    let sample = sample.unwrap_or(scenario.settings.run.sample);
    let threads = options.threads.unwrap_or(scenario.settings.run.threads);
    // A network of a million links is not copied where nothing differs.
    let mut scenario = Cow::Borrowed(scenario);
    if (seed, sample) != (scenario.settings.run.seed, scenario.settings.run.sample) {
        let settings = &mut scenario.to_mut().settings.run;
        (settings.seed, settings.sample) = (seed, sample);
    }
    if !(sample > 0.0 && sample <= 1.0) {
        let found = sample.to_string();
        let problem = Problem::new("scenario.toml", found, "a share above 0, at most 1").column("run.sample");
        return Err(Error::Problems(vec![problem]));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| Error::Model(format!("no pool of {threads} threads: {e}")))?;
    pool.install(|| River::new(&scenario, options)?.flow())
}

/// A run between its stages.
struct River<'a> {
    scenario: &'a Scenario,
    options: &'a RunOptions<'a>,
    watch: Stopwatch,
    network: Arc<Network>,
    demand: Arc<Demand>,
    /// Ways of lines on the road.
    sections: Arc<Sections>,
    /// Whom travellers ask when vehicles are full.
    replan: Option<Arc<dyn Replan>>,
    setup: DaySetup,
    /// Processes of which one more server is tried.
    marginal: Vec<ProcessIx>,
}

/// What the last iteration left.
struct LastDay {
    plans: Arc<Vec<Option<Plan>>>,
    sinks: Sinks,
    traffic: LinkTraffic,
    /// Mean of the experienced times of the last two iterations: what one day's few sampled vehicles meet by chance weighs
    /// less in it, and the first days, from which nobody had learned, not at all.
    times: Times,
    steps: Vec<(StepReport, DayReport)>,
    /// Pairs of places that nothing joins.
    unreached: Vec<unreached::Pair>,
    converged: bool,
}

impl<'a> River<'a> {
    fn new(scenario: &'a Scenario, options: &'a RunOptions<'a>) -> Result<River<'a>> {
        let mut watch = options.before.clone();
        if !scenario.parameters.is_empty() {
            // What is missing in the parameters is told before anything is simulated.
            Parameters::read(&scenario.parameters, parameter_file(scenario))?;
        }
        tell(options, Progress::Stage("build"));
        let network = watch.time("build", || Network::build(scenario))?;
        tell(options, Progress::Stage("demand"));
        let run = &scenario.settings.run;
        let demand = watch.time("demand", || match &scenario.base_links {
            None => Demand::synthesise(scenario, &network, run.seed, run.sample),
            Some(links) => {
                let base = Scenario { links: links.clone(), base_links: None, ..scenario.clone() };
                let base = Network::build(&base)?;
                Demand::synthesise_on(scenario, &network, &base, run.seed, run.sample)
            }
        })?;
        if demand.agents.is_empty() {
            return Err(Error::Model(format!("no agents: sample {} of the demand leaves nobody", run.sample)));
        }
        let setup = DaySetup { listened: listened(options, &network), ..day_setup(scenario)? };
        let names = &network.names;
        let marginal = marginal::asked(&scenario.settings.output.marginal_servers, &names.processes, &names.hubs)?;
        let sections = Arc::new(watch.time("build", || Sections::new(&network)));
        let (network, demand) = (Arc::new(network), Arc::new(demand));
        let replan = replan(scenario, &network);
        Ok(River { scenario, options, watch, network, demand, sections, replan, setup, marginal })
    }

    fn flow(mut self) -> Result<Outcome> {
        let last = self.iterate()?;
        let (network, demand) = (self.network.clone(), self.demand.clone());
        let context = context(&network, &demand, &last.plans, self.setup, &self.scenario.settings);
        let effects = self.spillover(&last, &context)?;
        let servers = self.marginal(&last.plans);
        let LastDay { sinks, traffic, steps, converged, unreached, .. } = last;
        let Sinks { indicators, digest, .. } = sinks;
        tell(self.options, Progress::Stage("metrics"));
        let (mut tables, mut kpis) = self.watch.time("metrics", || indicators.finish(&context, &traffic));
        tables.push(iterations(&steps));
        tables.extend(servers);
        if !unreached.is_empty() {
            tables.push(unreached::table(&unreached, demand.sample));
        }
        tables.extend(effects);
        let (settings, variant) = (&self.scenario.settings, self.scenario.variant.as_ref());
        kpis.push(gap_figure(&steps));
        Ok(Outcome {
            manifest: self.manifest(&steps, digest.finish(road_trace(&steps)), converged),
            title: variant.map_or(settings.title.clone(), |v| format!("{}: {}", settings.title, v.title)),
            description: variant.map_or(&settings.description, |v| &v.description).clone(),
            caveats: [
                caveats(self.scenario, &steps),
                caveats::of_hubs(&network, &demand),
                network.outside_the_day(&self.scenario.settings),
                self.sections.told(&network),
            ]
            .concat(),
            kpis,
            tables,
            outlines: network.places.districts.iter().map(|d| d.rings.clone()).collect(),
            resolved: self.scenario.resolved_toml(),
        })
    }

    /// Simulates, searches on the experienced times, switches, until the gap is reached or the iterations are used up.
    fn iterate(&mut self) -> Result<LastDay> {
        let (network, demand) = (self.network.clone(), self.demand.clone());
        let settings = &self.scenario.settings;
        tell(self.options, Progress::Stage("choice"));
        let mut chooser = self.watch.time("choice", || Chooser::new(&network, settings, &demand, settings.run.seed));
        let bin_ms = i64::from(self.setup.bin_ms);
        let mut plans = Arc::new(self.watch.time("choice", || {
            let free = LinkTimes::free_flow_by(&network.roads, self.setup.start, self.setup.end, bin_ms);
            chooser.warm_start(&free, settings.choice.warm_start)
        }));
        let unreached = unreached::pairs(&network, &demand, &plans);
        if !unreached.is_empty() && settings.demand.unreachable == Unreachable::Error {
            return Err(Error::Problems(unreached::problems(&unreached, "scenario.toml", demand.sample)));
        }
        let mut steps = Vec::new();
        let (mut before, mut blended): (Option<Times>, Option<Times>) = (None, None);
        let (mut pace, memory) = (Pace::new(settings.choice.switch_share), settings.choice.memory);
        for iteration in 1.. {
            let context = context(&network, &demand, &plans, self.setup, settings);
            let mut sinks = Sinks::new(&context);
            let (day, traffic, lines) = self.simulate(&plans, &mut sinks, iteration)?;
            let times = self.watch.time("metrics", || Times { roads: experienced(&traffic, &context), lines });
            let (step, next) = self.watch.time("choice", || {
                if chooser.has_no_choice() {
                    return (chooser.standing(&plans), None);
                }
                let old = blended.take();
                if memory > 0.0 {
                    blended = Some(old.as_ref().map_or_else(|| times.clone(), |old| times.blend(old, 1.0 - memory)));
                }
                let mut next = plans.to_vec();
                let services = chooser.services(&times.lines);
                let over_days = blended.as_ref().map(|blended| chooser.services(&blended.lines));
                let lesson = Day {
                    times: &times.roads,
                    chosen_on: blended.as_ref().map(|blended| &blended.roads),
                    // Departures were set on what was known the day before.
                    planned_on: old.as_ref().or(before.as_ref()).map(|times| &times.roads),
                    services: Some(&services),
                    services_chosen_on: over_days.as_ref(),
                };
                let step = chooser.step(&mut next, lesson, &pace);
                (step, Some(Arc::new(next)))
            });
            pace = pace.after(step.relative_gap);
            tell(self.options, Progress::Iteration { iteration, relative_gap: step.relative_gap, day: &day });
            let converged = step.relative_gap <= settings.run.gap;
            steps.push((step, day));
            let stopped = self.options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
            let done = match self.options.exactly {
                Some(iterations) => iteration >= iterations,
                None => converged || iteration >= settings.run.iterations,
            };
            if done || stopped {
                let times = match before {
                    Some(before) => times.blend(&before, 0.5),
                    None => times,
                };
                return Ok(LastDay { plans, sinks, traffic, times, steps, converged, unreached });
            }
            before = Some(times);
            plans = next.unwrap_or(plans);
        }
        unreachable!("the last iteration returns")
    }

    /// What a day runs on.
    fn day(&self, plans: &Arc<Vec<Option<Plan>>>) -> DayInput {
        DayInput {
            network: self.network.clone(),
            demand: self.demand.clone(),
            plans: plans.clone(),
            sections: self.sections.clone(),
            replan: self.replan.clone(),
            router: self.setup.reroute.map(|_| Arc::new(Underway::new(self.network.clone())) as Arc<dyn Reroute>),
        }
    }

    /// What one more server of each process that is asked for is worth.
    fn marginal(&mut self, plans: &Arc<Vec<Option<Plan>>>) -> Option<Table> {
        if self.marginal.is_empty() {
            return None;
        }
        let (input, options, processes) = (self.day(plans), self.options, self.marginal.clone());
        tell(options, Progress::Stage("marginal"));
        let tell_of = |n: usize| tell(options, Progress::Pair { number: n + 1, of: processes.len() });
        let (setup, choice) = (self.setup, &self.scenario.settings.choice);
        Some(self.watch.time("marginal", || marginal::marginal(&input, setup, choice, &processes, &tell_of)))
    }

    fn simulate(
        &mut self,
        plans: &Arc<Vec<Option<Plan>>>,
        sinks: &mut Sinks,
        iteration: u32,
    ) -> Result<(DayReport, LinkTraffic, LineTimes)> {
        let input = self.day(plans);
        let (options, setup) = (self.options, self.setup);
        tell(options, Progress::Stage("mobsim"));
        let mut watch = |progress| {
            tell(options, Progress::Day { iteration, progress });
            ControlFlow::Continue(())
        };
        let Some(path) = options.events else {
            return Ok(self.watch.time("mobsim", || simulate(&input, setup, sinks, &mut watch)));
        };
        let mut both = Both(sinks, EventFile::create(path, &input.network)?);
        let day = self.watch.time("mobsim", || simulate(&input, setup, &mut both, &mut watch));
        both.1.finish()?;
        Ok(day)
    }

    fn spillover(&mut self, last: &LastDay, context: &Context) -> Result<Vec<Table>> {
        tell(self.options, Progress::Stage("spillover"));
        let (settings, network, demand) = (&self.scenario.settings, context.network, context.demand);
        self.watch.time("spillover", || {
            let (all, of_hubs) = driven(&last.traffic, context);
            spillover::estimate(&spillover::Input {
                network,
                skims: &skims(network, settings, &last.times.roads, &last.times.lines),
                parameters: &self.scenario.parameters,
                parameter_file: parameter_file(self.scenario),
                draws: settings.spillover.draws as usize,
                seed: settings.run.seed,
                flows: &gather::flows(network, demand, &last.sinks.indicators.ledger().cells(context)),
                trips: &gather::background_trips(network, demand),
                traffic: &gather::traffic(&all),
                hub_traffic: &gather::traffic(&of_hubs),
                purpose_shares: gather::purpose_shares(network, demand, context.plans),
            })
        })
    }

    fn manifest(&self, steps: &[(StepReport, DayReport)], event_digest: String, converged: bool) -> Manifest {
        let run = &self.scenario.settings.run;
        let (step, day) = steps.last().cloned().unwrap_or_default();
        let total = self.watch.total();
        Manifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: self.options.command.clone(),
            variant: self.scenario.variant.as_ref().map(|v| v.name.clone()),
            seed: run.seed,
            threads: rayon::current_num_threads(),
            sample: run.sample,
            inputs: self.scenario.digests.iter().cloned().collect(),
            event_digest,
            iterations: steps.len() as u32,
            relative_gap: step.relative_gap,
            converged,
            agents: day.agents,
            link_entries: day.road.entries,
            stages: self.watch.stages().clone(),
            wall_s: total.wall_s,
            cpu_s: total.cpu_s,
            peak_memory_bytes: clock::peak_memory_bytes(),
            ..Manifest::default()
        }
    }
}

/// Whose passages of links are told: all when they are written to a file, those of hub users where there are hubs, whose
/// delays are told by link.
fn listened(options: &RunOptions, network: &Network) -> Listened {
    match (options.events, network.hubs.hubs.is_empty()) {
        (Some(_), _) => Listened::All,
        (None, false) => Listened::HubUsers,
        (None, true) => Listened::Nobody,
    }
}

/// The road's trace of the last day.
fn road_trace(steps: &[(StepReport, DayReport)]) -> u64 {
    steps.last().map_or(0, |(_, day)| day.road.trace)
}

fn tell(options: &RunOptions, progress: Progress) {
    if let Some(listener) = options.progress {
        listener(progress);
    }
}

fn context<'a>(
    network: &'a Network,
    demand: &'a Demand,
    plans: &'a [Option<Plan>],
    setup: DaySetup,
    settings: &Settings,
) -> Context<'a> {
    let value_cny_h = settings.choice.value_of_time_cny_h;
    Context {
        network,
        demand,
        plans,
        start: setup.start,
        end: setup.end,
        store_start: &demand.stock.content,
        value_cny_h,
    }
}

fn parameter_file(scenario: &Scenario) -> &str {
    scenario.settings.spillover.parameters.as_deref().unwrap_or("spillover/parameters.csv")
}

/// The day as the settings want it.
fn day_setup(scenario: &Scenario) -> Result<DaySetup> {
    let settings = &scenario.settings;
    let moment = |key: &str, text: &str| {
        let problem =
            || Problem::new("scenario.toml", format!("\"{text}\""), "a time HH:MM[:SS]").column(format!("time.{key}"));
        Time::parse(text).ok_or_else(|| Error::Problems(vec![problem()]))
    };
    Ok(DaySetup {
        start: moment("start", &settings.time.start)?,
        end: moment("end", &settings.time.end)?,
        window_ms: ms(settings.time.window_s) as u32,
        gridlock_ms: ms(settings.network.gridlock_s) as u32,
        bin_ms: ms(settings.choice.time_bin_min * 60.0) as u32,
        seed: settings.run.seed,
        block_nodes: BLOCK_NODES,
        listened: Listened::Nobody,
        reroute: settings.network.reroute_lost_s.map(|lost_s| RerouteRule {
            every_ms: ms(settings.network.reroute_every_s) as u32,
            lost_ms: ms(lost_s) as u32,
            gain: settings.network.reroute_gain,
        }),
    })
}

/// Rides of a journey that is planned again at a stop.
const RIDES_AGAIN: usize = 4;

/// Whom travellers ask when vehicles are full, where anything runs and the settings want it.
fn replan(scenario: &Scenario, network: &Network) -> Option<Arc<dyn Replan>> {
    let wanted = network.lines.operation.replan_after > 0 && !network.lines.lines.is_empty();
    let penalty_ms = ms(scenario.settings.choice.change_penalty_min * 60.0);
    wanted.then(|| Arc::new(ByTimetable::new(&network.lines, RIDES_AGAIN, penalty_ms)) as Arc<dyn Replan>)
}

/// The caveats of the data, and what a gap of nobody means.
fn caveats(scenario: &Scenario, steps: &[(StepReport, DayReport)]) -> Vec<String> {
    let mut caveats = scenario.settings.caveats.clone();
    let feeds = &scenario.timetable.feeds;
    caveats.extend(feeds.left_out.iter().map(|line| format!("Timetable: {line}")));
    if let Some(chosen) = &feeds.chosen_date {
        caveats.push(format!("Timetable of {}: {}.", chosen.date, chosen.why));
    }
    caveats.extend(overloaded(scenario).into_iter().map(|told| format!("More than can be served in a day: {told}.")));
    let locked = steps.last().map_or(0, |(_, day)| day.locked);
    if locked > 0 {
        caveats.push(format!("{locked} simulated users of hubs wait for a place at a full process when the day ends."));
    }
    if steps.last().is_some_and(|(step, _)| step.choosers == 0) {
        caveats.push(
            "Nobody has a choice of mode, route or time in this run. Its relative gap of 0 says nothing about equilibrium."
                .to_owned(),
        );
    }
    let removed = steps.last().map_or(0, |(step, _)| step.removed);
    if removed > 0 {
        caveats.push(format!(
            "{removed} simulated agents have no way to where they want to go and were left out; the table unreachable lists them."
        ));
    }
    caveats
}

fn gap_figure(steps: &[(StepReport, DayReport)]) -> Kpi {
    Kpi {
        name: "relative_gap".into(),
        value: steps.last().map_or(0.0, |s| s.0.relative_gap),
        unit: String::new(),
        about: "Σ(cost − best cost) / Σ|cost| of the last iteration, best responses searched on its experienced times"
            .into(),
    }
}

/// The table of iterations.
fn iterations(steps: &[(StepReport, DayReport)]) -> Table {
    let real = |of: fn(&StepReport, &DayReport) -> f64| steps.iter().map(|(s, d)| of(s, d)).collect::<Vec<f64>>();
    let int = |of: fn(&StepReport, &DayReport) -> u64| steps.iter().map(|(s, d)| of(s, d) as i64).collect::<Vec<i64>>();
    let mut table = Table::new("iterations")
        .key_int("iteration", "", "iteration, from 1", (1..=steps.len() as i64).collect())
        .real(
            "relative_gap",
            "",
            "Σ(cost − best cost) / Σ|cost| over agents with a choice",
            real(|s, _| s.relative_gap),
        )
        .real(
            "average_excess_cny",
            "yuan",
            "mean of cost − best cost of an agent with a choice",
            real(|s, _| s.average_excess_cny),
        )
        .real(
            "regret_share",
            "",
            "share of agents that could save more than 5 % of their cost",
            real(|s, _| s.regret_share),
        )
        .int("choosers", "agents", "agents that have a choice and a plan", int(|s, _| s.choosers))
        .int("switched", "agents", "agents that took another plan after the iteration", int(|s, _| s.switched))
        .int("link_entries", "", "links entered by vehicles, simulated", int(|_, d| d.road.entries))
        .int("arrived", "agents", "agents that reached the end of their plan", int(|_, d| d.agents.arrived))
        .int("under_way", "agents", "agents under way at the end of the day", int(|_, d| d.agents.under_way))
        .int("denied", "parties", "boardings refused by full vehicles", int(|_, d| d.denied))
        .int("missed", "agents", "agents too late for their service", int(|_, d| d.missed))
        .int("stranded", "agents", "agents among them whom no other service took", int(|_, d| d.stranded))
        .int("gridlock_rotations", "", "blocked cycles that were rotated", int(|_, d| d.road.rotations));
    for mode in Mode::ALL {
        let share = steps.iter().map(|(s, _)| s.mode_share(mode)).collect();
        table = table.real(
            &format!("share_{}", mode.word()),
            "",
            "share of the persons who travel by the mode; transit is all that ride lines",
            share,
        );
        if mode == Mode::Transit {
            continue;
        }
        let time = steps.iter().map(|(s, _)| s.mode_time_s[mode as usize]).collect();
        let about =
            "mean time of a person from door to door or hall on the experienced times, 0 where nobody travels so";
        table = table.real(&format!("time_{}_s", mode.word()), "seconds", about, time);
    }
    table
}
