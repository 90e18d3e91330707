//! `hubflow route`.

use super::arguments::{By, Format, Passes, Route};
use super::run::read;
use super::say::Voice;
use hubflow::error::{Error, Problem, Result};
use hubflow::journey::{self, Request, Times, Waits, When};
use hubflow::network::Network;
use hubflow::network::times::LinkTimes;
use hubflow::units::Time;
use std::process::ExitCode;

/// Finds the journeys that were asked for; 1 when there is none by any.
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
    let told = [("--at", arguments.at), ("--arrive-by", arguments.arrive_by), ("--until", arguments.until)];
    let given = told.iter().filter_map(|&(option, moment)| Some((option, moment?)));
    let wanted = format!("a moment of the day of the scenario, from {} until {}", day.0, day.1);
    let mut problems: Vec<Problem> = (given.filter(|(_, moment)| *moment < day.0 || *moment > day.1))
        .map(|(option, moment)| Problem::new(option, format!("\"{moment}\""), wanted.as_str()))
        .collect();
    if let (Some(at), Some(until)) = (arguments.at, arguments.until)
        && until < at
    {
        problems.push(Problem::new("--until", format!("\"{until}\""), format!("a moment not before {at}")));
    }
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    let (times, waits, times_told) = match &arguments.run {
        None => {
            let free = LinkTimes::free_flow(&network.roads, day.0, day.1);
            (free, Waits::default(), "free flow".to_owned())
        }
        Some(run) => {
            let table = |name: &str| hubflow::report::parquet::read(&run.join(name));
            let times = journey::times_of_run(&network, &scenario.settings, &table("link_quarters.parquet")?, day)?;
            let waits = match network.hubs.processes.is_empty() {
                true => Waits::default(),
                false => Waits::of_run(&network, &table("process_hours.parquet")?),
            };
            (times, waits, format!("of the run {}", run.display()))
        }
    };
    let means = match arguments.modes.as_slice() {
        [] => By::ALL.iter().map(|by| by.means()).collect(),
        some => some.iter().map(|by| by.means()).collect(),
    };
    let when = match (arguments.at, arguments.arrive_by) {
        (Some(at), _) => Some(When::SetsOut(at)),
        (None, by) => by.map(When::ArrivesBy),
    };
    let request = Request {
        from: arguments.from.clone(),
        to: arguments.to.clone(),
        when,
        until: arguments.until,
        means,
        passes: arguments.passes.map(Passes::scope),
        service: arguments.service.clone(),
        times_told,
    };
    let times = Times { links: &times, waits: &waits };
    let answer = journey::find(&network, &scenario.settings, times, &request)?;
    if voice.format == Format::Json {
        voice.result(&answer)?;
    }
    for line in answer.words() {
        voice.say(line);
    }
    Ok(ExitCode::from(u8::from(answer.journeys.is_empty())))
}
