//! Progress of long work: simulated clock, times real time, agents, iteration and gap, time left.

use super::say::Voice;
use hubflow::run::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A bar on stderr when somebody looks, lines for those who asked for more, and a record of the iterations.
pub struct Teller<'a> {
    voice: &'a Voice,
    bar: ProgressBar,
    minutes: i64,
    start: hubflow::units::Time,
    began: Instant,
    log: Mutex<Vec<serde_json::Value>>,
}

impl<'a> Teller<'a> {
    pub fn new(voice: &'a Voice, scenario: &hubflow::Scenario) -> Teller<'a> {
        let settings = &scenario.settings;
        let time = |text: &str| hubflow::units::Time::parse(text).unwrap_or_default();
        let (start, end) = (time(&settings.time.start), time(&settings.time.end));
        let minutes = (end.since(start) / hubflow::units::MINUTE_MS).max(1);
        let bar = if voice.progress {
            let steps = minutes as u64 * u64::from(settings.run.iterations.max(1));
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}% {msg} (at most {eta} left)");
            let bar = ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            ProgressBar::hidden()
        };
        Teller { voice, bar, minutes, start, began: Instant::now(), log: Mutex::new(Vec::new()) }
    }

    /// Tells how the run goes on.
    pub fn tell(&self, progress: Progress) {
        match progress {
            Progress::Stage(stage) => {
                self.bar.set_message(stage.to_owned());
                self.voice.detail(2, format!("{:8.1} s  {stage}", self.began.elapsed().as_secs_f64()));
            }
            Progress::Day { iteration, progress } => {
                let minute = progress.time.since(self.start) / hubflow::units::MINUTE_MS;
                let done = i64::from(iteration - 1) * self.minutes + minute;
                self.bar.set_position(done.max(0) as u64);
                let speed = (done * 60) as f64 / self.began.elapsed().as_secs_f64().max(1e-3);
                self.bar.set_message(format!(
                    "iteration {iteration}, {}, {speed:.0} × real time, {} under way, {} arrived",
                    progress.time, progress.agents.under_way, progress.agents.arrived
                ));
            }
            Progress::Pair { number, of } => {
                self.bar.set_message(format!("one more server: process {number} of {of}"));
            }
            Progress::Iteration { iteration, relative_gap, day } => {
                let words = format!(
                    "iteration {iteration}: relative gap {:.2} %, {} links entered, {} denied boarding, {} under way at the end",
                    relative_gap * 100.0,
                    day.road.entries,
                    day.denied,
                    day.agents.under_way
                );
                self.bar.suspend(|| self.voice.say(words));
                let line = serde_json::json!({
                    "iteration": iteration, "relative_gap": relative_gap, "link_entries": day.road.entries,
                    "agents": day.agents, "denied": day.denied, "missed": day.missed, "locked": day.locked,
                    "gridlock_rotations": day.road.rotations, "clamped_ms": day.road.clamped_ms,
                });
                self.log.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(line);
            }
        }
    }

    /// Ends the bar and gives the record of the iterations, a JSON value each.
    pub fn finish(self) -> Vec<serde_json::Value> {
        self.bar.finish_and_clear();
        self.log.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
