//! How the command line speaks: words on stderr, results on stdout.

use super::arguments::{Arguments, Format};
use hubflow::error::{Error, Result};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The voice of the command line.
pub struct Voice {
    quiet: bool,
    verbose: u8,
    pub progress: bool,
    pub format: Format,
    color: bool,
    /// Set by an interrupt: what runs ends at its next safe point; a second interrupt ends the program at once.
    pub stop: Arc<AtomicBool>,
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
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        // Where no handler can be set, an interrupt ends the program, and the results of an earlier run stay whole.
        let _ = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            let _ = std::io::stderr().write_all(b"\nending after this iteration; once more to end at once\n");
        });
        Voice {
            stop,
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
