//! What one more server is worth: for each process of the hubs the last day once more, with the same plans and the same
//! draws and one more server wherever the process is staffed (with a place for whom it serves, where places are few), against
//! the last day as it was.
//!
//! A pair of days differs by the server alone, so the difference is its effect in the hub and on the roads before it, as
//! long as nobody changes plans for it. Time counts from the moment at which a plan sets out to its end, by its value of
//! time; a missed service costs what it costs in choice. The hub's users and all others are told apart: where roads jam of
//! themselves, a truck that comes a second earlier reshuffles who waits, and over a whole city that adds up to more than a
//! server can save.

use crate::choice::cost::Prices;
use crate::error::{Problem, Result};
use crate::events::{Event, EventSink, What};
use crate::ids::{HubIx, Names, ProcessIx};
use crate::mobsim::{DayInput, DaySetup, simulate};
use crate::network::Network;
use crate::network::hubs::{Hubs, Process};
use crate::scenario::settings::ChoiceSettings;
use crate::table::Table;
use crate::units::{HOUR_MS, MINUTE_MS, Time};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What all agents of a day spent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Spent {
    /// Person-milliseconds between setting out and the end of the plan, or of the day.
    person_ms: i64,
    /// The same by value of time, and the price of missed services, yuan.
    cny: f64,
    /// Persons and trucks that missed their service.
    missed: i64,
}

/// Adds up what a day's agents spend, in whole milliseconds by agent.
struct Spending {
    ended: Vec<Option<Time>>,
    missed: Vec<bool>,
}

impl EventSink for Spending {
    fn event(&mut self, event: &Event) {
        match event.what {
            // Vehicles and items neither arrive nor miss anything.
            What::Arrived => self.ended[event.agent.i()] = Some(event.time),
            What::Missed => self.missed[event.agent.i()] = true,
            _ => {}
        }
    }
}

impl Spending {
    fn new(agents: usize) -> Spending {
        Spending { ended: vec![None; agents], missed: vec![false; agents] }
    }

    /// What the users of a hub spent, and everybody else.
    fn spent(&self, input: &DayInput, hub: HubIx, prices: &Prices, end: Time) -> [Spent; 2] {
        let mut all = [Spent::default(); 2];
        let (demand, services) = (&input.demand, &input.network.hubs.services);
        for (a, agent) in demand.agents.iter().enumerate() {
            let Some(plan) = &input.plans[a] else { continue };
            let came_by = agent.came_by.is_some_and(|service| services[service.i()].hub == hub);
            let spent = &mut all[usize::from(agent.hub != Some(hub) && !came_by)];
            let ms = self.ended[a].unwrap_or(end).since(plan.departure);
            let party = prices.party(agent);
            spent.person_ms += ms * i64::from(agent.party);
            spent.cny += party.value_cny_ms * ms as f64;
            if self.missed[a] {
                spent.missed += i64::from(agent.party);
                spent.cny += party.value_cny_ms * prices.late_weight() * prices.missed_ms() as f64;
            }
        }
        all
    }
}

/// The processes that a list of names asks for: `all`, a hub, or `hub/process`.
///
/// # Errors
/// Names that are none of these.
pub(super) fn asked(names: &[String], processes: &Names, hubs: &Names) -> Result<Vec<ProcessIx>> {
    let mut chosen = vec![false; processes.all().len()];
    let mut problems = Vec::new();
    for name in names {
        let of_hub = |process: &str| process.split_once('/').is_some_and(|(hub, _)| hub == name);
        let mut found = false;
        for (p, process) in processes.all().iter().enumerate() {
            if name == "all" || name == process || of_hub(process) {
                (chosen[p], found) = (true, true);
            }
        }
        if !found {
            let known = processes.all().iter().chain(hubs.all()).map(String::as_str);
            let problem = Problem::new("scenario.toml", format!("\"{name}\""), "all, a hub, or hub/process");
            problems.push(problem.column("output.marginal_servers").did_you_mean(name, known));
        }
    }
    if !problems.is_empty() {
        return Err(crate::error::Error::Problems(problems));
    }
    Ok(chosen.iter().enumerate().filter(|(_, c)| **c).map(|(p, _)| ProcessIx::from(p)).collect())
}

/// One more server wherever the process is staffed, and a place for whom it serves.
fn with_one_more(hubs: &Hubs, process: ProcessIx) -> Hubs {
    let mut hubs = hubs.clone();
    if let Some(places) = &mut hubs.processes[process.i()].places {
        *places += 1;
    }
    for (_, _, servers) in &mut hubs.processes[process.i()].shifts {
        *servers += u32::from(*servers > 0);
    }
    hubs
}

/// Hours within the day for which a process is staffed.
fn staffed_h(process: &Process, setup: DaySetup) -> f64 {
    let ms = |&(from, to, servers): &(Time, Time, u32)| {
        if servers == 0 { 0 } else { to.min(setup.end).since(from.max(setup.start)).max(0) }
    };
    process.shifts.iter().map(ms).sum::<i64>() as f64 / HOUR_MS as f64
}

/// Runs the pairs and gives the table `marginal_servers`; `tell` hears of every process before its day begins.
pub(super) fn marginal(
    input: &DayInput,
    setup: DaySetup,
    choice: &ChoiceSettings,
    processes: &[ProcessIx],
    tell: &dyn Fn(usize),
) -> Table {
    let prices = Prices::new(choice);
    let setup = DaySetup { listened: crate::mobsim::road::Listened::Nobody, ..setup };
    let day = |input: &DayInput| {
        let mut sink = Spending::new(input.demand.agents.len());
        simulate(input, setup, &mut sink, &mut |_| ControlFlow::Continue(()));
        sink
    };
    let as_it_was = day(input);
    let saved: Vec<Saved> = (processes.iter().enumerate())
        .map(|(n, &process)| {
            tell(n);
            let network = Network { hubs: with_one_more(&input.network.hubs, process), ..(*input.network).clone() };
            let with = day(&DayInput { network: Arc::new(network), ..input.clone() });
            let hub = input.network.hubs.processes[process.i()].hub;
            let [before, after] = [&as_it_was, &with].map(|day| day.spent(input, hub, &prices, setup.end));
            [0, 1].map(|who| Spent {
                person_ms: before[who].person_ms - after[who].person_ms,
                cny: before[who].cny - after[who].cny,
                missed: before[who].missed - after[who].missed,
            })
        })
        .collect();
    table(input, setup, processes, &saved)
}

/// What the users of the hub save, and everybody else.
type Saved = [Spent; 2];

fn table(input: &DayInput, setup: DaySetup, processes: &[ProcessIx], all: &[Saved]) -> Table {
    let (hubs, names, sample) = (&input.network.hubs, &input.network.names, input.demand.sample);
    let of = |p: &ProcessIx| &hubs.processes[p.i()];
    let hours: Vec<f64> = processes.iter().map(|p| staffed_h(of(p), setup)).collect();
    let servers_h = |p: &Process| {
        let ms = |&(from, to, servers): &(Time, Time, u32)| {
            to.min(setup.end).since(from.max(setup.start)).max(0) * i64::from(servers)
        };
        p.shifts.iter().map(ms).sum::<i64>() as f64 / HOUR_MS as f64
    };
    let saved = |who: usize, of: &dyn Fn(&Spent) -> f64| all.iter().map(|s| of(&s[who]) / sample).collect::<Vec<f64>>();
    let value = saved(0, &|s| s.cny);
    let cost: Vec<Option<f64>> =
        processes.iter().zip(&hours).map(|(p, hours)| Some(of(p).cost_cny_h? * hours)).collect();
    let ratio = value.iter().zip(&cost).map(|(value, cost)| cost.filter(|c| *c > 0.0).map(|c| value / c)).collect();
    Table::new("marginal_servers")
        .key("process", "hub/process", processes.iter().map(|p| names.processes.name(p.0).to_owned()).collect())
        .text("hub", "hub", processes.iter().map(|p| names.hubs.name(of(p).hub.0).to_owned()).collect())
        .real(
            "servers_mean",
            "servers",
            "servers while the process is staffed, on the mean",
            processes.iter().zip(&hours).map(|(p, h)| if *h > 0.0 { servers_h(of(p)) / h } else { 0.0 }).collect(),
        )
        .real("staffed_h", "hours", "hours of the day for which the process is staffed", hours.clone())
        .real(
            "minutes_saved",
            "person-minutes per day",
            "time between setting out and the end of the plan that the hub's users save by one more server, expanded by 1/sample",
            saved(0, &|s| s.person_ms as f64 / MINUTE_MS as f64),
        )
        .real(
            "missed_avoided",
            "persons per day",
            "users of the hub fewer who miss their service, expanded by 1/sample",
            saved(0, &|s| s.missed as f64),
        )
        .real(
            "value_cny",
            "yuan per day",
            "time saved by value of time and missed services avoided by their price, expanded by 1/sample",
            value,
        )
        .real_or_none("cost_cny", "yuan per day", "cost of the server while the process is staffed", cost)
        .real_or_none("benefit_cost", "ratio", "value by cost", ratio)
        .real(
            "others_minutes_saved",
            "person-minutes per day",
            "what all who do not use the hub save; where their roads jam of themselves, most of it is chance",
            saved(1, &|s| s.person_ms as f64 / MINUTE_MS as f64),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_asked_for_by_its_name_its_hub_or_all() {
        let names = |all: &[&str]| {
            let mut names = Names::default();
            all.iter().for_each(|n| assert!(names.add(n).is_some()));
            names
        };
        let (processes, hubs) = (names(&["a/gate", "a/security", "b/gate"]), names(&["a", "b"]));
        let of = |asked_for: &[&str]| {
            let asked_for: Vec<String> = asked_for.iter().map(|s| (*s).to_owned()).collect();
            asked(&asked_for, &processes, &hubs).map(|found| found.iter().map(|p| p.0).collect::<Vec<u32>>())
        };
        assert_eq!(of(&["a/security"]).unwrap(), [1]);
        assert_eq!(of(&["b", "a/gate"]).unwrap(), [0, 2]);
        assert_eq!(of(&["all"]).unwrap(), [0, 1, 2]);
        assert!(of(&["a/securty"]).unwrap_err().to_string().contains("a/security"));
    }
}
