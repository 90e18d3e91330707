//! How long stages take: told in the results, never used by them.

use crate::outcome::StageTime;
use std::collections::BTreeMap;
use std::time::Instant;

/// Wall and CPU time by stage, summed over the times that a stage was entered.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch {
    stages: BTreeMap<String, StageTime>,
}

/// Clock ticks a second in which Linux tells CPU time; 100 on every platform that it runs on (`man 5 proc`).
const TICKS_A_SECOND: f64 = 100.0;

impl Stopwatch {
    /// Does something and counts its time to a stage.
    pub fn time<T>(&mut self, stage: &str, work: impl FnOnce() -> T) -> T {
        let (wall, cpu) = (Instant::now(), cpu_s());
        let done = work();
        let spent = self.stages.entry(stage.to_owned()).or_default();
        spent.wall_s += wall.elapsed().as_secs_f64();
        spent.cpu_s += cpu_s() - cpu;
        done
    }

    /// The stages with their times.
    pub fn stages(&self) -> &BTreeMap<String, StageTime> {
        &self.stages
    }

    /// Time of all stages.
    pub fn total(&self) -> StageTime {
        let sum = |of: fn(&StageTime) -> f64| self.stages.values().map(of).sum();
        StageTime { wall_s: sum(|s| s.wall_s), cpu_s: sum(|s| s.cpu_s) }
    }
}

/// CPU seconds of all threads of this process so far; 0 where the system does not tell.
fn cpu_s() -> f64 {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program may hold blanks; what follows its closing bracket does not. Fields 14 and 15 of the line
    // are the ticks in user and system mode, 12th and 13th after the bracket.
    let after = told.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = after.split(' ').skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / TICKS_A_SECOND
}

/// Most memory that this process has held, bytes; 0 where the system does not tell.
pub fn peak_memory_bytes() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
