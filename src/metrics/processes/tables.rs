//! The tables of processes.

use super::{Processes, Record};
use crate::metrics::{Context, Hours, queue};
use crate::table::Table;
use crate::units::{HOUR_MS, Time};

/// How many waited for a process and how many were there, over the day.
pub(super) struct Lengths {
    pub queue: queue::Lengths,
    pub present: queue::Lengths,
}

impl Lengths {
    pub fn of(record: &Record, hours: Hours) -> Lengths {
        Lengths { queue: record.queue.lengths(hours), present: record.present.lengths(hours) }
    }
}

/// Time of servers on duty by hour within the day, milliseconds.
fn staffed_ms(shifts: &[(Time, Time, u32)], context: &Context) -> Vec<i64> {
    let hours = context.hours();
    let mut staffed = vec![0; hours.count()];
    for &(from, to, servers) in shifts {
        let (from, to) = (from.max(context.start), to.min(context.end));
        hours.split(from, to, |h, ms| staffed[h] += ms * i64::from(servers));
    }
    staffed
}

/// Busy and blocked time by staffed time; a server that takes a batch is busy in the share of its places that are taken, and
/// blocked as a whole.
fn utilisation(record: &Record, (busy_ms, blocked_ms): (i64, i64), staffed_ms: i64) -> Option<f64> {
    let taken = record.expand(busy_ms.max(0) as u64) / record.batch as f64 + blocked(record, blocked_ms);
    (staffed_ms > 0).then(|| taken / staffed_ms as f64)
}

/// Time of blocked servers, milliseconds.
fn blocked(record: &Record, blocked_ms: i64) -> f64 {
    record.expand(blocked_ms.max(0) as u64) / record.batch as f64
}

impl Processes {
    /// The day of each process.
    pub(super) fn day_table(&self, context: &Context, lengths: &[Lengths]) -> Table {
        let (network, n) = (context.network, self.of.len());
        let process = &network.hubs.processes;
        let staffed: Vec<Vec<i64>> = process.iter().map(|p| staffed_ms(&p.shifts, context)).collect();
        let sum = |p: usize, of: fn(&super::Hour) -> i64| self.of[p].hours.iter().map(of).sum::<i64>();
        let used = |p: usize| {
            let taken = (sum(p, |h| h.busy_ms), sum(p, |h| h.blocked_ms));
            utilisation(&self.of[p], taken, staffed[p].iter().sum())
        };
        let hub = |p: usize| network.names.hubs.name(process[p].hub.0).to_owned();
        let day_ms = context.end.since(context.start).max(1) as f64;
        let mean_queue = |(q, r): (&Lengths, &Record)| q.queue.person_ms.iter().sum::<i64>() as f64 / day_ms / r.sample;
        let count = |of: fn(&Record) -> u64| self.of.iter().map(|r| r.expand(of(r))).collect::<Vec<f64>>();
        let on_duty = |p: usize| staffed[p].iter().sum::<i64>() as f64 / day_ms;
        let in_unit = "as in column unit";
        let table = Table::new("processes")
            .key("process", "hub/process", network.names.processes.all().to_vec())
            .text("hub", "hub", (0..n).map(hub).collect())
            .text("name", "name in the local script", process.iter().map(|p| p.name.clone()).collect())
            .text("name_en", "name in English", process.iter().map(|p| p.name_en.clone()).collect())
            .text(
                "unit",
                "what it counts: persons, vehicles, bags or consignments",
                self.of.iter().map(|r| r.unit.word().to_owned()).collect(),
            )
            .real(
                "arrivals",
                in_unit,
                "who joined the queue, expanded by 1/sample",
                count(|r| r.queue.persons_joined()),
            )
            .real("served", in_unit, "whose service ended, expanded by 1/sample", count(Record::served))
            .real(
                "in_queue_at_end",
                in_unit,
                "not served when the day ends, expanded by 1/sample",
                count(|r| r.waiting_at_end),
            )
            .real(
                "in_service_at_end",
                in_unit,
                "in service when the day ends, expanded by 1/sample",
                count(|r| r.in_service_at_end),
            );
        let table = table
            .real_or_none(
                "wait_mean_s",
                "seconds",
                "mean wait before service",
                self.of.iter().map(|r| r.queue.mean_wait_s()).collect(),
            )
            .real_or_none(
                "wait_p95_s",
                "seconds",
                "wait that 95 % do not exceed",
                self.of.iter().map(|r| r.queue.wait_p95_s()).collect(),
            )
            .real(
                "mean_queue",
                in_unit,
                "mean length of the queue over the day, expanded by 1/sample",
                lengths.iter().zip(&self.of).map(mean_queue).collect(),
            )
            .real(
                "max_queue",
                in_unit,
                "longest queue, expanded by 1/sample",
                lengths.iter().zip(&self.of).map(|(q, r)| r.expand(q.queue.longest)).collect(),
            )
            .real(
                "max_present",
                in_unit,
                "most who were there at once: waiting, in service or blocked after it; expanded by 1/sample",
                lengths.iter().zip(&self.of).map(|(q, r)| r.expand(q.present.longest)).collect(),
            )
            .real(
                "blocked",
                in_unit,
                "who stayed on a server after service because there was no room where they went next, expanded by 1/sample",
                count(|r| r.blocked.count),
            )
            .real_or_none(
                "blocked_mean_s",
                "seconds",
                "mean time that they stayed",
                self.of.iter().map(|r| r.blocked.mean_s()).collect(),
            )
            .real(
                "blocked_at_end",
                in_unit,
                "of them those who were there when the day ended, expanded by 1/sample",
                count(|r| r.blocked.at_end),
            );
        table
            .real("servers_mean", "servers", "servers on duty, mean over the day", (0..n).map(on_duty).collect())
            .real_or_none(
                "utilisation",
                "share",
                "busy and blocked by staffed time of servers; above 1 where services outlast shifts; of batches the places",
                (0..n).map(used).collect(),
            )
            .int(
                "waiting_agent_ms",
                "agent-milliseconds",
                "waits of all simulated agents and items added up, not expanded",
                self.of.iter().map(|r| r.queue.waiting_agent_ms()).collect(),
            )
            .int(
                "queue_integral_agent_ms",
                "agent-milliseconds",
                "the queue added up over time, not expanded: equal to waiting_agent_ms by Little's law",
                lengths.iter().map(|q| q.queue.agent_ms).collect(),
            )
            .int(
                "present_agent_ms",
                "agent-milliseconds",
                "times at the process, waiting, in service and blocked, added up, not expanded",
                self.of.iter().map(|r| r.present.waiting_agent_ms()).collect(),
            )
            .int(
                "presence_integral_agent_ms",
                "agent-milliseconds",
                "those present added up over time, not expanded: equal to present_agent_ms by Little's law",
                lengths.iter().map(|q| q.present.agent_ms).collect(),
            )
    }

    /// Each process hour by hour.
    pub(super) fn hours_table(&self, context: &Context, lengths: &[Lengths]) -> Table {
        let mut rows = HourRows::default();
        for (p, record) in self.of.iter().enumerate() {
            let process = &context.network.hubs.processes[p];
            let staffed = staffed_ms(&process.shifts, context);
            let joined = record.queue.joined_by_hour(self.hours);
            let lengths = &lengths[p];
            for (h, hour) in record.hours.iter().enumerate() {
                // The day may begin or end within an hour.
                let begin = self.hours.begin(h).max(context.start);
                let length = self.hours.begin(h).plus(HOUR_MS).min(context.end).since(begin).max(1) as f64;
                let mean = |person_ms: i64| person_ms as f64 / length / record.sample;
                let queue = mean(lengths.queue.person_ms[h]);
                if staffed[h] == 0 && joined[h].persons == 0 && lengths.present.person_ms[h] == 0 {
                    continue;
                }
                let taken = (hour.busy_ms, hour.blocked_ms);
                rows.process.push(context.network.names.processes.name(p as u32).to_owned());
                rows.hour.push(self.hours.clock(h));
                rows.arrivals.push(record.expand(joined[h].persons));
                rows.served.push(record.expand(hour.served));
                rows.wait_s.push(joined[h].mean_wait_s);
                rows.wait_p95_s.push(joined[h].wait_p95_s);
                rows.queue.push(queue);
                rows.queue_max.push(record.expand(lengths.queue.longest_in[h]));
                rows.present.push(mean(lengths.present.person_ms[h]));
                rows.servers.push(staffed[h] as f64 / length);
                rows.utilisation.push(utilisation(record, taken, staffed[h]));
                let blocked = blocked(record, hour.blocked_ms);
                rows.blocked.push((staffed[h] > 0).then(|| blocked / staffed[h] as f64));
                rows.area_m2.push(process.area_m2.filter(|_| queue > 0.0).map(|area| area / queue));
            }
        }
        rows.table()
    }
}

impl Record {
    /// What a count stands for in the whole population.
    fn expand(&self, count: u64) -> f64 {
        count as f64 / self.sample
    }

    fn served(&self) -> u64 {
        self.hours.iter().map(|h| h.served).sum()
    }
}

impl super::Blocked {
    fn mean_s(self) -> Option<f64> {
        (self.count > 0).then(|| self.unit_ms as f64 / 1_000.0 / self.count as f64)
    }
}

/// Columns of `process_hours`.
#[derive(Default)]
struct HourRows {
    process: Vec<String>,
    hour: Vec<i64>,
    arrivals: Vec<f64>,
    served: Vec<f64>,
    wait_s: Vec<Option<f64>>,
    wait_p95_s: Vec<Option<f64>>,
    queue: Vec<f64>,
    queue_max: Vec<f64>,
    present: Vec<f64>,
    servers: Vec<f64>,
    utilisation: Vec<Option<f64>>,
    blocked: Vec<Option<f64>>,
    area_m2: Vec<Option<f64>>,
}

impl HourRows {
    fn table(self) -> Table {
        let unit = "as in column unit of processes";
        Table::new("process_hours")
            .key("process", "hub/process", self.process)
            .key_int(
                "hour",
                "hour of the day",
                "clock hour with staff or people, 24 and more after midnight",
                self.hour,
            )
            .real("arrivals", unit, "who joined the queue, expanded by 1/sample", self.arrivals)
            .real("served", unit, "whose service ended, expanded by 1/sample", self.served)
            .real_or_none("wait_s", "seconds", "mean wait of those who joined in the hour", self.wait_s)
            .real_or_none("wait_p95_s", "seconds", "wait that 95 % of them do not exceed", self.wait_p95_s)
            .real("queue", unit, "mean length of the queue, expanded by 1/sample", self.queue)
            .real("queue_max", unit, "longest queue, expanded by 1/sample", self.queue_max)
            .real(
                "present",
                unit,
                "mean number of those waiting, in service or blocked after it, expanded by 1/sample",
                self.present,
            )
            .real("servers", "servers", "servers on duty, mean of the hour", self.servers)
            .real_or_none("utilisation", "share", "busy and blocked by staffed time of servers", self.utilisation)
            .real_or_none("blocked_share", "share", "blocked by staffed time of servers", self.blocked)
            .real_or_none(
                "area_per_person_m2",
                "square metres",
                "area of the waiting room by mean length of the queue, where it is known",
                self.area_m2,
            )
    }
}
