//! `hubflow import`: other formats as scenarios.

use super::arguments::{Format, Import};
use super::check::told;
use super::say::Voice;
use hubflow::error::Result;
use hubflow::import::gtfs;
use std::process::ExitCode;

/// Writes a scenario from files of another format.
pub fn import(what: &Import, voice: &Voice) -> Result<ExitCode> {
    let Import::Gtfs(arguments) = what;
    let faults = arguments.faults.faults();
    let imported = gtfs::import(&arguments.feeds, &arguments.out, arguments.date.as_deref(), faults)?;
    if voice.format == Format::Json {
        voice.result(&imported)?;
    }
    for line in told(&imported.services) {
        voice.say(line);
    }
    let dir = arguments.out.display();
    voice.say(format!("wrote {} departures; look at them with: hubflow check {dir}", imported.departures));
    Ok(ExitCode::SUCCESS)
}
