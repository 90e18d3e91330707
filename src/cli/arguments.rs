//! What can be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use hubflow::journey::Means;
use hubflow::mode::Mode;
use hubflow::report::Overwrite;
use hubflow::scenario::hubs::Scope;
use hubflow::scenario::settings::Faults;
use hubflow::units::Time;
use std::path::PathBuf;

/// Multimodal transport flow simulator: travellers and freight through hubs, and what spills over into the districts
/// around them.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = AFTER)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Say only what is wrong.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more; twice for all.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No progress bar.
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// How results go to stdout.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const AFTER: &str = "Exit codes: 0 ok, 1 input or model error, 2 usage, 3 finished but not converged.\n\
    Environment: NO_COLOR, HUBFLOW_LOG (error, warn, info, debug, trace).";

/// How results go to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Words on stderr only.
    Text,
    /// JSON on stdout.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented starter scenario.
    Init {
        /// New or empty folder.
        dir: PathBuf,
    },
    /// Tell every problem of a scenario at once.
    Check(Check),
    /// Run a scenario, from its files to a report.
    Run(Run),
    /// Compare a variant with its base, or two finished runs.
    Compare(Compare),
    /// Tell one journey, leg by leg, by each mode.
    Route(Route),
    /// Write a synthetic scenario.
    #[command(subcommand)]
    Generate(Generate),
    /// Write a scenario from files of another format.
    #[command(subcommand)]
    Import(Import),
    /// Assign a TNTP trip table to its network: static user equilibrium or system optimum.
    Assign(Assign),
    /// Write report.html of a finished run again.
    Report {
        /// Run folder.
        run: PathBuf,
    },
    /// Print the JSON Schema of the scenario's files.
    Schema,
    /// Print completions for a shell.
    Completions {
        /// Shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub enum Generate {
    /// A city on a grid whose trips have given routes: pure network loading, for benches and tests. Nodes are 200 m
    /// apart, every fifth row and column is an arterial, routes are Z-shaped.
    Grid(Grid),
    /// A city of lines, services alone: stops on a grid 400 m apart, a bus along every row and column, an express along
    /// every fifth.
    Lines(LineCity),
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// GTFS feeds as a scenario of services alone: the feeds as they are, settings with comments, sources.
    Gtfs(Feeds),
}

#[derive(Debug, Args)]
pub struct Feeds {
    /// GTFS folders or zip files; several run together.
    #[arg(required = true, value_name = "FEED")]
    pub feeds: Vec<PathBuf>,
    /// New or empty folder for the scenario.
    #[arg(long)]
    pub out: PathBuf,
    /// Date whose services run, YYYYMMDD [default: the Tuesday, Wednesday or Thursday with the most trips].
    #[arg(long, value_name = "YYYYMMDD")]
    pub date: Option<String>,
    /// What becomes of faulty rows.
    #[arg(long, value_enum, default_value_t = Faulty::Refuse)]
    pub faults: Faulty,
}

/// What becomes of faulty rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Faulty {
    /// All are told and the feed is refused.
    Refuse,
    /// They are left out, counted and told.
    #[value(name = "leave_out", alias = "leave-out")]
    LeaveOut,
}

impl Faulty {
    pub fn faults(self) -> Faults {
        match self {
            Faulty::Refuse => Faults::Refuse,
            Faulty::LeaveOut => Faults::LeaveOut,
        }
    }
}

#[derive(Debug, Args)]
pub struct LineCity {
    /// Stops from west to east and from south to north, each from 2 to 200.
    #[arg(long, value_name = "COLUMNSxROWS", value_parser = stops)]
    pub size: Size,
    /// New or empty folder for the scenario.
    #[arg(long)]
    pub out: PathBuf,
}

/// A number of stops that a scenario can hold.
fn stops(text: &str) -> Result<Size, String> {
    let size: Size = text.parse()?;
    if size.0.iter().any(|&side| side > 200) { Err("each side from 2 to 200".to_owned()) } else { Ok(size) }
}

#[derive(Debug, Args)]
pub struct Grid {
    /// Nodes from west to east and from south to north, each from 2 to 5,000.
    #[arg(long, value_name = "COLUMNSxROWS")]
    pub size: Size,
    /// Trips, from 1 to 100,000,000.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub trips: u64,
    /// Seed of all trips.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub seed: u64,
    /// Hours over which departures are spread evenly, from 0.01 to 100.
    #[arg(long, default_value_t = 1.0, value_parser = hours)]
    pub hours: f64,
    /// Blocks in each direction within which a destination lies.
    #[arg(long, value_name = "BLOCKS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub reach: u32,
    /// Share of the trips that trucks make, from 0 to 1; all others are cars.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = part)]
    pub trucks: f64,
    /// New or empty folder for the scenario.
    #[arg(long)]
    pub out: PathBuf,
}

/// Nodes from west to east and from south to north.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub [usize; 2]);

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let side = |text: &str| text.parse().ok().filter(|n| (2..=5_000).contains(n));
        let sides = text.split_once('x').and_then(|(columns, rows)| Some([side(columns)?, side(rows)?]));
        sides.map(Size).ok_or_else(|| "two whole numbers from 2 to 5000 with an x between, such as 100x100".to_owned())
    }
}

#[derive(Debug, Args)]
pub struct Check {
    /// Scenario folder.
    pub scenario: PathBuf,
    /// Also check a variant and tell in words what it changes.
    #[arg(long)]
    pub variant: Option<String>,
    #[command(flatten)]
    pub sets: Sets,
}

#[derive(Debug, Args)]
pub struct Run {
    /// Scenario folder.
    pub scenario: PathBuf,
    /// Variant to apply.
    #[arg(long)]
    pub variant: Option<String>,
    #[command(flatten)]
    pub how: How,
    #[command(flatten)]
    pub sets: Sets,
    /// Processes of hubs of which one more server is tried on the last day: all, hubs, or hub/process, joined by commas.
    #[arg(long, value_name = "PROCESSES", value_delimiter = ',', num_args = 0..=1, default_missing_value = "all")]
    pub marginal: Vec<String>,
    /// Folder for the results [default: out/<scenario>[-<variant>]].
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// What to do when the folder has a run in it.
    #[arg(long, value_enum, default_value_t = Existing::Fail)]
    pub overwrite: Existing,
}

#[derive(Debug, Args)]
pub struct Compare {
    /// Scenario folder, or the run folder of the base.
    pub base: PathBuf,
    /// Run folder of the variant.
    #[arg(conflicts_with_all = ["variant", "replications"])]
    pub other: Option<PathBuf>,
    /// Variant to compare with the base; "base" compares the base with itself.
    #[arg(long, required_unless_present = "other")]
    pub variant: Option<String>,
    /// Pairs of runs with paired seeds, or "auto": as many as the headline figures need.
    #[arg(long, default_value = "1")]
    pub replications: Replications,
    #[command(flatten)]
    pub how: How,
    #[command(flatten)]
    pub sets: Sets,
    /// Folder for the results [default: out/<scenario>-<variant>-compare].
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// What to do when the folder has a comparison in it.
    #[arg(long, value_enum, default_value_t = Existing::Fail)]
    pub overwrite: Existing,
}

#[derive(Debug, Args)]
pub struct Route {
    /// Scenario folder.
    pub scenario: PathBuf,
    /// Where the journey begins: the id or name of a hub, stop or zone, the id of a node (hub:ID, stop:ID, zone:ID, node:ID
    /// where an id is not one thing), or lon,lat.
    #[arg(long, allow_hyphen_values = true)]
    pub from: String,
    /// Where it ends.
    #[arg(long, allow_hyphen_values = true)]
    pub to: String,
    /// When one sets out, HH:MM[:SS].
    #[arg(long, value_parser = moment, required_unless_present_any = ["arrive_by", "service"])]
    pub at: Option<Time>,
    /// When one must be there, HH:MM[:SS], in place of --at: the latest departures are told.
    #[arg(long, value_parser = moment, conflicts_with = "at")]
    pub arrive_by: Option<Time>,
    /// By lines, tell all journeys that pay until this moment of departure, HH:MM[:SS].
    #[arg(long, value_parser = moment, requires = "at", conflicts_with = "arrive_by")]
    pub until: Option<Time>,
    /// Pass the processes of the hubs at the ends as users of such services do.
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub passes: Option<Passes>,
    /// A service of the hub at one end, by its id in the schedule: be there before it closes, or come with it.
    #[arg(long, value_name = "ID", conflicts_with = "passes")]
    pub service: Option<String>,
    /// Modes to tell; may be given again, or with commas between [default: all].
    #[arg(long = "mode", value_enum, value_delimiter = ',')]
    pub modes: Vec<By>,
    /// Road times of this finished run instead of free flow.
    #[arg(long, value_name = "DIR")]
    pub run: Option<PathBuf>,
    /// Variant to apply.
    #[arg(long)]
    pub variant: Option<String>,
    #[command(flatten)]
    pub sets: Sets,
}

/// A mode of a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    Walk,
    Cycle,
    Car,
    Taxi,
    /// By all lines.
    Transit,
    Bus,
    Rail,
    /// By car to a lot at a stop and on by lines.
    #[value(name = "park_and_ride")]
    ParkAndRide,
    /// Driven to or from a stop, and by lines.
    #[value(name = "kiss_and_ride")]
    KissAndRide,
    /// By bicycle to a stop and on by lines.
    #[value(name = "cycle_and_ride")]
    CycleAndRide,
    Truck,
}

/// Whose processes are passed in hubs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Passes {
    Domestic,
    International,
}

impl Passes {
    pub fn scope(self) -> Scope {
        match self {
            Passes::Domestic => Scope::Domestic,
            Passes::International => Scope::International,
        }
    }
}

impl By {
    /// What is told when nothing is named.
    pub const ALL: [By; 9] = [
        By::Walk,
        By::Cycle,
        By::Car,
        By::Taxi,
        By::Transit,
        By::ParkAndRide,
        By::KissAndRide,
        By::CycleAndRide,
        By::Truck,
    ];

    pub fn means(self) -> Means {
        Means::By(match self {
            By::CycleAndRide => return Means::CycleAndRide,
            By::ParkAndRide => Mode::ParkAndRide,
            By::KissAndRide => Mode::KissAndRide,
            By::Walk => Mode::Walk,
            By::Cycle => Mode::Cycle,
            By::Car => Mode::Car,
            By::Taxi => Mode::Taxi,
            By::Transit => Mode::Transit,
            By::Bus => Mode::Bus,
            By::Rail => Mode::Rail,
            By::Truck => Mode::Truck,
        })
    }
}

#[derive(Debug, Args)]
pub struct Assign {
    /// Links (_net.tntp).
    pub net: PathBuf,
    /// Trips (_trips.tntp).
    pub trips: PathBuf,
    /// Relative gap at which it is done.
    #[arg(long, default_value_t = 1e-6, value_parser = gap)]
    pub gap: f64,
    /// Most iterations.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub iterations: u32,
    /// Nobody gains by another path, or the total cost is least.
    #[arg(long, value_enum, default_value_t = Sought::Ue)]
    pub objective: Sought,
    /// Time per unit of toll in the cost of a link [default: <TOLL FACTOR> of the file, else 0].
    #[arg(long, value_name = "W", value_parser = weight)]
    pub toll_weight: Option<f64>,
    /// Time per unit of length in the cost of a link [default: <DISTANCE FACTOR> of the file, else 0].
    #[arg(long, value_name = "W", value_parser = weight)]
    pub distance_weight: Option<f64>,
    /// Threads, 0 for all cores; they do not change results.
    #[arg(long, default_value_t = 1, value_parser = threads)]
    pub threads: usize,
    /// Leave out pairs of zones between which no path leads, in place of refusing them.
    #[arg(long)]
    pub allow_unreachable: bool,
    /// Folder for assign.json and link_flows.csv; without it nothing is written.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// What to do when the folder has an assignment in it.
    #[arg(long, value_enum, default_value_t = Old::Fail)]
    pub overwrite: Old,
}

/// What an assignment seeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sought {
    /// User equilibrium.
    Ue,
    /// System optimum.
    So,
}

/// What to do with a folder that has an assignment in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Old {
    /// Refuse.
    Fail,
    /// Replace what was written there; other files stay.
    Replace,
}

impl Old {
    pub fn overwrite(self) -> Overwrite {
        match self {
            Old::Fail => Overwrite::Fail,
            Old::Replace => Overwrite::Replace,
        }
    }
}

/// How a run is made.
#[derive(Debug, Args)]
pub struct How {
    /// Seed of all randomness.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Threads, 0 for all cores; they do not change results.
    #[arg(long, value_parser = threads)]
    pub threads: Option<usize>,
    /// Share of the agents that are simulated, above 0 and at most 1.
    #[arg(long, value_parser = share)]
    pub sample: Option<f64>,
}

/// Settings in place of those in scenario.toml.
#[derive(Debug, Args)]
pub struct Sets {
    /// A setting by its dotted key, such as run.iterations=3; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub sets: Vec<(String, String)>,
}

/// What to do with a folder that has results in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Existing {
    /// Refuse.
    Fail,
    /// Replace what a run wrote; other files stay.
    Replace,
    /// Keep it when it is the finished run of these very inputs, else run.
    Resume,
}

impl Existing {
    pub fn overwrite(self) -> Overwrite {
        match self {
            Existing::Fail => Overwrite::Fail,
            Existing::Replace => Overwrite::Replace,
            Existing::Resume => Overwrite::Resume,
        }
    }
}

/// How many pairs of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replications {
    Exactly(u32),
    Auto,
}

impl std::str::FromStr for Replications {
    type Err = String;

    fn from_str(text: &str) -> Result<Replications, String> {
        match text.parse() {
            Ok(n) if (1..=1000).contains(&n) => Ok(Replications::Exactly(n)),
            _ if text == "auto" => Ok(Replications::Auto),
            _ => Err("a number from 1 to 1000, or auto".to_owned()),
        }
    }
}

fn moment(text: &str) -> Result<Time, String> {
    // Plain seconds are for files: who types 8 means eight o'clock.
    Time::parse(text).filter(|_| text.contains(':')).ok_or_else(|| "a time HH:MM[:SS]".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    if share > 0.0 && share <= 1.0 { Ok(share) } else { Err("a share above 0, at most 1".to_owned()) }
}

fn part(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "a share from 0 to 1".to_owned())
}

fn hours(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|hours| (0.01..=100.0).contains(hours)).ok_or_else(|| "hours from 0.01 to 100".to_owned())
}

fn gap(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|gap| (0.0..1.0).contains(gap)).ok_or_else(|| "a number from 0, below 1".to_owned())
}

fn weight(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|w: &f64| w.is_finite() && *w >= 0.0).ok_or_else(|| "a number from 0".to_owned())
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n <= 1_024).ok_or_else(|| "a whole number from 0 to 1024".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
