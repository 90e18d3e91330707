//! How the command line speaks: words on stderr, results on stdout.

use super::arguments::{Arguments, Format};
use hubflow::error::{Error, Result};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// The voice of the command line.
pub struct Voice {
    quiet: bool,
    verbose: u8,
    pub progress: bool,
    pub format: Format,
    color: bool,
}

impl Voice {
    pub fn new(arguments: &Arguments) -> Voice {
        let terminal = std::io::stderr().is_terminal();
        #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
        let (color, log) = (std::env::var("NO_COLOR").is_err() && terminal, std::env::var("HUBFLOW_LOG"));
        let verbose = match log.as_deref() {
            Ok("debug") => 1,
            Ok("trace") => 2,
            _ => arguments.verbose,
        };
        let quiet = arguments.quiet || matches!(log.as_deref(), Ok("error" | "warn"));
        Voice {
            quiet,
            verbose,
            progress: terminal && !arguments.no_progress && !quiet,
            format: arguments.format,
            color,
        }
    }

    /// Words for people.
    pub fn say(&self, words: impl AsRef<str>) {
        if !self.quiet {
            // A closed stderr is nobody who could be told.
            let _ = writeln!(std::io::stderr(), "{}", words.as_ref());
        }
    }

    /// Words for people who asked for more.
    pub fn detail(&self, level: u8, words: impl AsRef<str>) {
        if self.verbose >= level {
            self.say(words);
        }
    }

    /// What is wrong, quiet or not.
    pub fn error(&self, error: &Error) {
        let (on, off) = if self.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let _ = writeln!(std::io::stderr(), "{on}error:{off} {error}");
        if let (Format::Json, Error::Problems(problems)) = (self.format, error) {
            let _ = self.result(&serde_json::json!({ "problems": problems }));
        }
    }

    /// A result for machines on stdout.
    pub fn result(&self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value).map_err(super::failed)?;
        writeln!(std::io::stdout(), "{text}").map_err(super::failed)
    }
}
