//! Processes of hubs: the tables `processes` (a day) and `process_hours`.
//!
//! Little's law is kept as an identity of whole numbers: the waits of all who queued, added up agent by agent, equal
//! the queue's length added up over time. The waits come from what the events of service tell; the length from the
//! events of joining the queue and the beginnings of service. Who has not been served when the day ends counts as
//! waiting until then (an event tells of a service only when it ends, so those in service at that moment are among
//! them).
//!
//! Counts of people are parties, expanded by 1/sample, and so is the time for which servers are busy: an agent tells of
//! its own service, and those whom it stands for need theirs as well.

use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, ProcessIx};
use crate::metrics::queue::{Left, Lengths, Queue};
use crate::metrics::traversals::parties;
use crate::metrics::{Context, Hours, Indicator};
use crate::network::passages::LinkTraffic;
use crate::table::Table;
use crate::units::{HOUR_MS, Time};

/// A process in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    served: u64,
    busy_ms: i64,
}

/// One process over the day.
#[derive(Clone, Debug)]
struct Record {
    queue: Queue,
    hours: Vec<Hour>,
}

/// Processes of all hubs.
#[derive(Debug)]
pub struct Processes {
    hours: Hours,
    of: Vec<Record>,
    party: Vec<u16>,
    /// Which queue each agent is in, and since when.
    waiting: Vec<Option<(ProcessIx, Time)>>,
    /// Persons still there when the day ended, by process.
    at_end: Vec<u64>,
}

impl Processes {
    /// All queues are empty.
    pub fn new(context: &Context) -> Processes {
        let hours = context.hours();
        let record = Record { queue: Queue::default(), hours: vec![Hour::default(); hours.count()] };
        let processes = context.network.hubs.processes.len();
        Processes {
            hours,
            of: vec![record; processes],
            party: parties(context),
            // Where there is no process, nobody waits for one.
            waiting: vec![None; if processes == 0 { 0 } else { context.demand.agents.len() }],
            at_end: vec![0; processes],
        }
    }

    fn served(&mut self, agent: AgentIx, process: ProcessIx, (arrived, began, ended): (Time, Time, Time)) {
        let persons = self.party[agent.i()];
        self.waiting[agent.i()] = None;
        let record = &mut self.of[process.i()];
        record.queue.leave(Left { time: began, wait_ms: began.since(arrived), persons, to_service: true });
        record.hours[self.hours.of(ended)].served += u64::from(persons);
        self.hours.split(began, ended, |h, ms| record.hours[h].busy_ms += ms);
    }

    /// An agent that is still in a queue goes out of it unserved.
    fn gives_up(&mut self, agent: AgentIx, time: Time) -> Option<ProcessIx> {
        let (process, since) = self.waiting.get_mut(agent.i())?.take()?;
        let persons = self.party[agent.i()];
        let left = Left { time, wait_ms: time.since(since), persons, to_service: false };
        self.of[process.i()].queue.leave(left);
        Some(process)
    }
}

impl EventSink for Processes {
    fn event(&mut self, event: &Event) {
        match event.what {
            What::Served { process, arrived, began } => self.served(event.agent, process, (arrived, began, event.time)),
            What::Queued { process } => {
                self.waiting[event.agent.i()] = Some((process, event.time));
                let persons = self.party[event.agent.i()];
                self.of[process.i()].queue.join(event.time, persons);
            }
            What::LegEnded { mode: None, .. } | What::Missed | What::Arrived => {
                self.gives_up(event.agent, event.time);
            }
            _ => {}
        }
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

fn utilisation(busy_ms: i64, staffed_ms: i64, context: &Context) -> Option<f64> {
    (staffed_ms > 0).then(|| context.expand(busy_ms.max(0) as u64) / staffed_ms as f64)
}

impl Processes {
    fn day_table(&self, context: &Context, lengths: &[Lengths]) -> Table {
        let (network, n) = (context.network, self.of.len());
        let process = &network.hubs.processes;
        let served_share = |p: usize| {
            let busy = self.of[p].hours.iter().map(|h| h.busy_ms).sum();
            utilisation(busy, staffed_ms(&process[p].shifts, context).iter().sum(), context)
        };
        let hub = |p: usize| network.names.hubs.name(process[p].hub.0).to_owned();
        let day_ms = context.end.since(context.start).max(1) as f64;
        let mean_queue = |q: &Lengths| q.person_ms.iter().sum::<i64>() as f64 / day_ms / context.demand.sample;
        let persons = |of: &dyn Fn(usize) -> u64| (0..n).map(|p| context.expand(of(p))).collect::<Vec<f64>>();
        Table::new("processes")
            .key("process", "hub/process", network.names.processes.all().to_vec())
            .text("hub", "hub", (0..n).map(hub).collect())
            .text("name", "name in the local script", process.iter().map(|p| p.name.clone()).collect())
            .text("name_en", "name in English", process.iter().map(|p| p.name_en.clone()).collect())
            .real(
                "arrivals",
                "persons",
                "persons (or trucks) who joined, expanded by 1/sample",
                persons(&|p| self.of[p].queue.persons_joined()),
            )
            .real(
                "served",
                "persons",
                "persons who were served, expanded by 1/sample",
                persons(&|p| self.of[p].queue.persons_served()),
            )
            .real(
                "in_queue_at_end",
                "persons",
                "persons not served when the day ends, expanded by 1/sample",
                persons(&|p| self.at_end[p]),
            )
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
                "persons",
                "mean length of the queue over the day, expanded by 1/sample",
                lengths.iter().map(mean_queue).collect(),
            )
            .real(
                "max_queue",
                "persons",
                "longest queue, expanded by 1/sample",
                lengths.iter().map(|q| context.expand(q.longest)).collect(),
            )
            .real_or_none(
                "utilisation",
                "share",
                "busy by staffed time of servers; above 1 where services outlast shifts",
                (0..n).map(served_share).collect(),
            )
            .int(
                "waiting_agent_ms",
                "agent-milliseconds",
                "waits of all simulated agents added up, not expanded",
                self.of.iter().map(|r| r.queue.waiting_agent_ms()).collect(),
            )
            .int(
                "queue_integral_agent_ms",
                "agent-milliseconds",
                "the queue added up over time, not expanded: equal to waiting_agent_ms by Little's law",
                lengths.iter().map(|q| q.agent_ms).collect(),
            )
    }

    fn hours_table(&self, context: &Context, lengths: &[Lengths]) -> Table {
        let mut rows = HourRows::default();
        for (p, record) in self.of.iter().enumerate() {
            let process = &context.network.hubs.processes[p];
            let staffed = staffed_ms(&process.shifts, context);
            let joined = record.queue.joined_by_hour(self.hours);
            for (h, hour) in record.hours.iter().enumerate() {
                // The day may begin or end within an hour.
                let begin = self.hours.begin(h).max(context.start);
                let length = self.hours.begin(h).plus(HOUR_MS).min(context.end).since(begin).max(1);
                let queue = lengths[p].person_ms[h] as f64 / length as f64 / context.demand.sample;
                if staffed[h] == 0 && joined[h].persons == 0 && hour.busy_ms == 0 && lengths[p].person_ms[h] == 0 {
                    continue;
                }
                rows.process.push(context.network.names.processes.name(p as u32).to_owned());
                rows.hour.push(self.hours.clock(h));
                rows.arrivals.push(context.expand(joined[h].persons));
                rows.served.push(context.expand(hour.served));
                rows.wait_s.push(joined[h].mean_wait_s);
                rows.queue.push(queue);
                rows.utilisation.push(utilisation(hour.busy_ms, staffed[h], context));
                rows.area_m2.push(process.area_m2.filter(|_| queue > 0.0).map(|area| area / queue));
            }
        }
        rows.table()
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
    queue: Vec<f64>,
    utilisation: Vec<Option<f64>>,
    area_m2: Vec<Option<f64>>,
}

impl HourRows {
    fn table(self) -> Table {
        Table::new("process_hours")
            .key("process", "hub/process", self.process)
            .key_int(
                "hour",
                "hour of the day",
                "clock hour with staff or people, 24 and more after midnight",
                self.hour,
            )
            .real("arrivals", "persons", "persons who joined the queue, expanded by 1/sample", self.arrivals)
            .real("served", "persons", "persons whose service ended, expanded by 1/sample", self.served)
            .real_or_none("wait_s", "seconds", "mean wait of those who joined in the hour", self.wait_s)
            .real("queue", "persons", "mean length of the queue, expanded by 1/sample", self.queue)
            .real_or_none("utilisation", "share", "busy by staffed time of servers", self.utilisation)
            .real_or_none(
                "area_per_person_m2",
                "square metres",
                "area of the waiting room by mean length of the queue, where it is known",
                self.area_m2,
            )
    }
}

impl Indicator for Processes {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn close(&mut self, context: &Context, _traffic: &LinkTraffic) {
        for a in 0..self.waiting.len() {
            if let Some(process) = self.gives_up(AgentIx::from(a), context.end) {
                self.at_end[process.i()] += u64::from(self.party[a]);
            }
        }
        for record in &mut self.of {
            record.queue.close();
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let lengths: Vec<Lengths> = self.of.iter().map(|r| r.queue.lengths(self.hours)).collect();
        for (record, lengths) in self.of.iter().zip(&lengths) {
            debug_assert_eq!(record.queue.waiting_agent_ms(), lengths.agent_ms, "Little's law as an identity");
        }
        vec![self.day_table(context, &lengths), self.hours_table(context, &lengths)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{ARRIVING, COMMUTER, DEPARTING, TRANSFER, Town, at};

    const HALF: i64 = 30 * 60_000;

    /// Security from 08:00: the residents (2) wait 0 and take 30 min; the visitor (1) comes with them and waits 30 min
    /// for the only server, the transfers (3) come at 08:30, wait 60 min; the commuter comes at 23:00 and stays.
    fn queue() -> Vec<Event> {
        let h8 = 8 * HOUR_MS;
        vec![
            at(h8).queued(DEPARTING, 0),
            at(h8 + HALF).served(DEPARTING, 0, h8, h8),
            at(h8).queued(ARRIVING, 0),
            at(h8 + 3 * HALF).served(ARRIVING, 0, h8, h8 + HALF),
            at(h8 + HALF).queued(TRANSFER, 0),
            at(h8 + 4 * HALF).served(TRANSFER, 0, h8 + HALF, h8 + 3 * HALF),
            at(23 * HOUR_MS).queued(COMMUTER, 0),
        ]
    }

    #[test]
    fn waits_of_all_agents_are_the_queue_added_up_over_time() {
        // Waits: 0 + 30 + 60 min, and 60 min of the one still there: 150 min.
        let town = Town::new();
        let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
        let day = &tables[0];
        assert_eq!(day.number("waiting_agent_ms", 0), Some(150.0 * 60_000.0));
        assert_eq!(day.number("queue_integral_agent_ms", 0), Some(150.0 * 60_000.0));
        assert_eq!(day.number("waiting_agent_ms", 1), Some(0.0));
    }

    #[test]
    #[should_panic(expected = "Little")]
    #[cfg(debug_assertions)]
    fn a_wait_that_no_queue_has_seen_is_found() {
        // It says that it came at 08:00, but it joined the queue at 08:30.
        let town = Town::new();
        let h8 = 8 * HOUR_MS;
        let events = [at(h8 + HALF).queued(DEPARTING, 0), at(h8 + 2 * HALF).served(DEPARTING, 0, h8, h8 + HALF)];
        town.tell(Processes::new(&town.context()), &events);
    }

    #[test]
    fn a_process_tells_who_came_who_was_served_and_how_long_they_waited() {
        // Persons: 2 wait 0, 1 waits 30, 3 wait 60, 1 waits 60 min so far: mean (30 + 180 + 60) / 7 = 270/7 min.
        // 95 % of 7 is 6.65, so the seventh: 60 min. Longest queue: 1 until 08:30, when it goes and 3 come: 3.
        // Busy 30 + 60 + 30 min of 48 server-hours: 2/48.
        let town = Town::new();
        let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
        let figure = |name: &str| tables[0].number(name, 0).unwrap();
        assert_eq!(figure("arrivals"), 7.0);
        assert_eq!(figure("served"), 6.0);
        assert_eq!(figure("in_queue_at_end"), 1.0);
        assert!((figure("wait_mean_s") - 270.0 * 60.0 / 7.0).abs() < 1e-9);
        assert_eq!(figure("wait_p95_s"), 3_600.0);
        assert_eq!(figure("max_queue"), 3.0);
        assert_eq!(figure("utilisation"), 2.0 / 48.0);
    }

    #[test]
    fn an_hour_of_a_process_holds_its_own_part_of_queue_and_work() {
        // Hour 8: persons in the queue 1 for 30 min, then 3 for 30 min: mean 2; 120 m² / 2 = 60 m². Servers work 60 min
        // of 2 h. Hour 9: 3 for 30 min: mean 1.5, 80 m²; work 60 min. The gate has rows 6 and 7 alone.
        let town = Town::new();
        let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
        let hours = &tables[1];
        assert_eq!(hours.number("queue", 8), Some(2.0));
        assert_eq!(hours.number("area_per_person_m2", 8), Some(60.0));
        assert_eq!(hours.number("utilisation", 8), Some(0.5));
        assert_eq!(hours.number("queue", 9), Some(1.5));
        assert_eq!(hours.number("utilisation", 9), Some(0.5));
        assert_eq!(hours.number("area_per_person_m2", 10), None);
        assert_eq!(hours.rows(), 24 + 2);
        assert_eq!(hours.number("hour", 24), Some(6.0));
    }

    #[test]
    fn a_sample_keeps_servers_as_busy_as_all_would() {
        // Half is simulated: 2 h of service stand for 4 h of 48 server-hours.
        let town = Town::sampled(0.5);
        let (tables, _) = town.tell(Processes::new(&town.context()), &queue());
        assert_eq!(tables[0].number("utilisation", 0), Some(4.0 / 48.0));
        assert_eq!(tables[0].number("served", 0), Some(12.0));
    }

    #[test]
    fn who_misses_the_service_leaves_the_queue_unserved() {
        // Joined 08:00, missed 08:10: waited 10 min, not served, not there at the end.
        let town = Town::new();
        let h8 = 8 * HOUR_MS;
        let events = [at(h8).queued(DEPARTING, 0), at(h8 + 600_000).missed(DEPARTING)];
        let (tables, _) = town.tell(Processes::new(&town.context()), &events);
        let figure = |name: &str| tables[0].number(name, 0).unwrap();
        assert_eq!(figure("queue_integral_agent_ms"), 600_000.0);
        assert_eq!((figure("arrivals"), figure("served"), figure("in_queue_at_end")), (2.0, 0.0, 0.0));
    }
}
