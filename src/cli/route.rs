//! `hubflow route`.

use super::arguments::{By, Format, Route};
use super::run::read;
use super::say::Voice;
use hubflow::error::{Error, Problem, Result};
use hubflow::journey::{self, Request};
use hubflow::network::Network;
use hubflow::network::times::LinkTimes;
use hubflow::units::Time;
use std::process::ExitCode;

/// Finds one journey by each mode that was asked for; 1 when there is none by any.
pub fn route(arguments: &Route, voice: &Voice) -> Result<ExitCode> {
    let scenario = read(&arguments.scenario, &arguments.sets.sets, arguments.variant.as_deref())?;
    let network = Network::build(&scenario)?;
    let moment = |key: &str, text: &str| {
        let found = format!("\"{text}\"");
        let problem = Problem::new("scenario.toml", found, "a time HH:MM[:SS]").column(format!("time.{key}"));
        Time::parse(text).ok_or_else(|| Error::Problems(vec![problem]))
    };
    let time = &scenario.settings.time;
    let day = (moment("start", &time.start)?, moment("end", &time.end)?);
    if arguments.at < day.0 || arguments.at > day.1 {
        let wanted = format!("a moment of the day of the scenario, from {} until {}", day.0, day.1);
        let problem = Problem::new("--at", format!("\"{}\"", arguments.at), wanted);
        return Err(Error::Problems(vec![problem]));
    }
    let (times, times_told) = match &arguments.run {
        None => (LinkTimes::free_flow(&network.roads, day.0, day.1), "free flow".to_owned()),
        Some(run) => {
            let table = hubflow::report::parquet::read(&run.join("link_quarters.parquet"))?;
            (journey::times_of_run(&network, &scenario.settings, &table, day)?, format!("of the run {}", run.display()))
        }
    };
    let modes = match arguments.modes.as_slice() {
        [] => By::ALL.iter().map(|by| by.mode()).collect(),
        some => some.iter().map(|by| by.mode()).collect(),
    };
    let (from, to) = (arguments.from.clone(), arguments.to.clone());
    let answer = journey::find(
        &network,
        &scenario.settings,
        &times,
        &Request { from, to, at: arguments.at, modes, times_told },
    )?;
    if voice.format == Format::Json {
        voice.result(&answer)?;
    }
    for line in answer.words() {
        voice.say(line);
    }
    Ok(ExitCode::from(u8::from(answer.journeys.is_empty())))
}
