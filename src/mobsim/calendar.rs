//! A calendar of agents by window: who does something when.

use crate::ids::AgentIx;
use crate::units::Time;

/// Moments of agents, in buckets of one window each.
#[derive(Clone, Debug)]
pub struct Calendar {
    start: Time,
    window_ms: i64,
    /// Milliseconds after the day's start, and whose moment it is.
    buckets: Vec<Vec<(u32, AgentIx)>>,
}

impl Calendar {
    /// An empty calendar from `start` to `end`.
    pub fn new(start: Time, end: Time, window_ms: i64) -> Calendar {
        let windows = (end.since(start) + window_ms - 1) / window_ms;
        Calendar { start, window_ms, buckets: vec![Vec::new(); windows.max(0) as usize] }
    }

    /// The same with room for moments that are known beforehand: a million departures take no more than their 8 bytes each.
    pub fn with_room(start: Time, end: Time, window_ms: i64, moments: impl Iterator<Item = Time>) -> Calendar {
        let mut calendar = Calendar::new(start, end, window_ms);
        let mut counts = vec![0u32; calendar.buckets.len()];
        for time in moments {
            if let Some(count) = counts.get_mut(calendar.bucket(time)) {
                *count += 1;
            }
        }
        for (bucket, count) in calendar.buckets.iter_mut().zip(counts) {
            bucket.reserve_exact(count as usize);
        }
        calendar
    }

    fn bucket(&self, time: Time) -> usize {
        (time.since(self.start).max(0) / self.window_ms) as usize
    }

    /// Enters a moment of an agent; what lies before the day happens at its start, what lies behind it never.
    pub fn enter(&mut self, time: Time, agent: AgentIx) {
        let at = self.bucket(time);
        if let Some(bucket) = self.buckets.get_mut(at) {
            bucket.push((time.since(self.start).max(0) as u32, agent));
        }
    }

    /// Takes the moments of the window that begins at `window`, in the order of (time, key, agent).
    pub fn take(&mut self, window: Time, key: impl Fn(AgentIx) -> u64) -> Vec<(Time, AgentIx)> {
        let bucket = &mut self.buckets[(window.since(self.start) / self.window_ms) as usize];
        let moment = |(after_ms, agent): (u32, AgentIx)| (self.start.plus(i64::from(after_ms)), agent);
        let mut moments: Vec<_> = std::mem::take(bucket).into_iter().map(moment).collect();
        moments.sort_unstable_by_key(|&(time, agent)| (time, key(agent), agent));
        moments
    }
}
