//! The command line: parse, call one library function, print. Results for machines go to stdout, words for people to
//! stderr. Exit codes: 0 ok, 1 input or model error, 2 usage, 3 finished but not converged.

mod arguments;
mod assign;
mod check;
mod compare;
mod generate;
mod import;
mod progress;
mod route;
mod run;
mod say;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use hubflow::error::{Error, Result};
use say::Voice;
use std::io::Write;
use std::process::ExitCode;

/// The result was reached, but the iterations ended before the gap was.
const NOT_CONVERGED: u8 = 3;

/// Runs the command line.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let voice = Voice::new(&arguments);
    match command(&arguments, &voice) {
        Ok(code) => code,
        Err(error) => {
            voice.error(&error);
            ExitCode::from(1)
        }
    }
}

fn command(arguments: &Arguments, voice: &Voice) -> Result<ExitCode> {
    match &arguments.command {
        Command::Init { dir } => {
            hubflow::scenario::init::init(dir)?;
            voice.say(format!("wrote a starter scenario; run it with: hubflow run {}", dir.display()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(check) => check::check(check, voice),
        Command::Run(run) => run::run(run, voice),
        Command::Compare(compare) => compare::compare(compare, voice),
        Command::Generate(what) => generate::generate(what, voice),
        Command::Import(what) => import::import(what, voice),
        Command::Route(route) => route::route(route, voice),
        Command::Assign(assign) => assign::assign(assign, voice),
        Command::Report { run } => {
            let path = hubflow::report::folder::rewrite_report(run)?;
            voice.say(format!("wrote {}", path.display()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Schema => {
            voice.result(&hubflow::scenario::schema::schema())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "hubflow", &mut text);
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&text).and_then(|()| stdout.flush()).map_err(failed)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The exit code of finished runs.
fn finished(converged: bool) -> ExitCode {
    if converged { ExitCode::SUCCESS } else { ExitCode::from(NOT_CONVERGED) }
}

/// A model error of the command line's own.
fn failed(what: impl std::fmt::Display) -> Error {
    Error::Model(what.to_string())
}
