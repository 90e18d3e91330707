//! `hubflow generate`: synthetic scenarios.

use super::arguments::{self, Format, Generate, Grid};
use super::say::Voice;
use hubflow::error::Result;
use hubflow::generate::line_city::LineCity;
use hubflow::generate::{City, folder};
use std::process::ExitCode;

/// Writes a synthetic scenario.
pub fn generate(what: &Generate, voice: &Voice) -> Result<ExitCode> {
    match what {
        Generate::Grid(grid) => grid_city(grid, voice),
        Generate::Lines(lines) => line_city(lines, voice),
    }
}

fn grid_city(grid: &Grid, voice: &Voice) -> Result<ExitCode> {
    let Grid { size, trips, seed, hours, reach, trucks, out } = grid;
    let [columns, rows] = size.0;
    let city =
        City { columns, rows, trips: *trips, seed: *seed, hours: *hours, reach: *reach as usize, trucks: *trucks };
    let written = folder::write(&city, out)?;
    if voice.format == Format::Json {
        voice.result(&written)?;
    }
    voice.say(format!(
        "wrote {} nodes, {} links and {} trips over {} links; run it with: hubflow run {}",
        written.nodes,
        written.links,
        written.trips,
        written.route_links,
        out.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn line_city(lines: &arguments::LineCity, voice: &Voice) -> Result<ExitCode> {
    let [columns, rows] = lines.size.0;
    let written = LineCity { columns, rows }.write(&lines.out)?;
    if voice.format == Format::Json {
        voice.result(&written)?;
    }
    voice.say(format!(
        "wrote {} stops, {} routes, {} trips and {} stop times to {}",
        written.stops,
        written.routes,
        written.trips,
        written.stop_times,
        lines.out.display()
    ));
    Ok(ExitCode::SUCCESS)
}
