//! `hubflow assign`.

use super::arguments::{Assign, Format, Sought};
use super::run::command_line;
use super::say::Voice;
use hubflow::assign::{self, Assignment, Objective, Options, StaticNetwork, Trips, Weights};
use hubflow::error::{Error, Problem, Result};
use hubflow::import::tntp;
use hubflow::report::{self, AssignmentRecord};
use hubflow::run::clock::Stopwatch;
use std::process::ExitCode;

/// Reads a TNTP network with its trips, assigns them, writes volumes and costs of the links.
pub fn assign(arguments: &Assign, voice: &Voice) -> Result<ExitCode> {
    let overwrite = arguments.overwrite.overwrite();
    // The files of a run beside those of an assignment would still pass for a run.
    if let Some(out) = arguments.out.as_ref().filter(|out| out.join("run.json").exists()) {
        let (shown, wanted) = (out.display().to_string(), "an empty or new folder, or one with an assignment");
        let problem = Problem::new(shown, "a folder with a run in it", wanted);
        return Err(Error::Problems(vec![problem.hint("nothing in it was touched")]));
    }
    let _claim = arguments.out.as_ref().map(|out| report::Claim::new(out, overwrite)).transpose()?;
    let mut watch = Stopwatch::default();
    let (network, trips, weights) = watch.time("read", || read(arguments, voice))?;
    let tell = |iteration: assign::Iteration| {
        voice.detail(1, format!("iteration {}: relative gap {:.3e}", iteration.number, iteration.relative_gap));
    };
    let options = Options {
        gap: arguments.gap,
        iterations: arguments.iterations,
        threads: arguments.threads,
        objective: match arguments.objective {
            Sought::Ue => Objective::UserEquilibrium,
            Sought::So => Objective::SystemOptimum,
        },
        allow_unreachable: arguments.allow_unreachable,
        progress: Some(&tell),
        stop: Some(&voice.stop),
    };
    let assignment = watch.time("assign", || assign::assign(&network, &trips, &options))?;
    let mut record = AssignmentRecord::new(&assignment);
    record.command = command_line();
    record.sought = if arguments.objective == Sought::So { "so" } else { "ue" }.to_owned();
    (record.toll_weight, record.distance_weight) = (weights.toll, weights.distance);
    (record.wall_s, record.cpu_s) = (watch.total().wall_s, watch.total().cpu_s);
    record.read_from(&[&arguments.net, &arguments.trips])?;
    if let Some(out) = &arguments.out {
        report::write_assignment(out, &network, &assignment, &record)?;
    }
    if voice.format == Format::Json {
        voice.result(&record)?;
    }
    words(arguments, &assignment, &record, voice);
    Ok(super::finished(assignment.converged))
}

fn read(arguments: &Assign, voice: &Voice) -> Result<(StaticNetwork, Trips, Weights)> {
    let (network, trips) = tntp::read(&arguments.net, &arguments.trips)?;
    network.notes.iter().chain(&trips.notes).for_each(|note| voice.say(format!("note: {note}")));
    let weights = Weights {
        toll: arguments.toll_weight.or(network.toll_factor).unwrap_or(0.0),
        distance: arguments.distance_weight.or(network.distance_factor).unwrap_or(0.0),
    };
    let trips = Trips::from_tntp(&arguments.trips.display().to_string(), &trips);
    Ok((StaticNetwork::from_tntp(&network, weights)?, trips, weights))
}

/// The assignment in a few lines, in the units of its files.
fn words(arguments: &Assign, assignment: &Assignment, record: &AssignmentRecord, voice: &Voice) {
    voice.say(format!("trips: {} on the network, {} within zones", assignment.trips, assignment.intrazonal_trips));
    if !assignment.unreachable.is_empty() {
        voice.say(format!(
            "left out: {} trips of {} pairs between which no path leads",
            record.unreachable_trips, record.unreachable_pairs
        ));
    }
    voice.say(format!("objective: {:.6}", assignment.objective));
    voice.say(format!("total travel time: {:.6}", assignment.total_travel_time));
    if record.toll_weight > 0.0 || record.distance_weight > 0.0 {
        voice.say(format!("total cost: {:.6}", assignment.total_cost));
    }
    voice.say(format!("relative gap: {:.3e}", assignment.relative_gap));
    voice.say(format!("average excess cost: {:.3e}", assignment.average_excess_cost));
    voice.say(format!(
        "{} after {} iterations; {:.2} s wall, {:.2} s CPU",
        if assignment.converged { "converged" } else { "not converged" },
        record.iterations,
        record.wall_s,
        record.cpu_s
    ));
    if let Some(out) = &arguments.out {
        voice.say(format!("results in {}", out.display()));
    }
}
