//! Processes and stores of a hub file: servers by time of day, laws of service times, room.

use super::build::at;
use super::{Batch, Breakdown, Process, Store};
use crate::error::Problem;
use crate::ids::HubIx;
use crate::network::NetworkNames;
use crate::network::build::{add, quoted};
use crate::scenario::hubs::{HubFile, ProcessFile, ServerShift, ServiceLaw};
use crate::units::{HOUR_MS, MINUTE_MS, SECOND_MS, Time, ms};

/// Numbers of the first process and the first store of a hub.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    pub process: usize,
    pub store: usize,
}

/// The processes of a hub.
pub(super) fn processes(
    file: &HubFile,
    hub: HubIx,
    names: &mut NetworkNames,
    problems: &mut Vec<Problem>,
) -> Vec<Process> {
    let mut processes = Vec::with_capacity(file.processes.len());
    for row in &file.processes {
        let key = |key: &str| format!("process.{}.{key}", row.id);
        let name = format!("{}/{}", file.hub_id, row.id);
        add(&mut names.processes, &name, || at(file, &key("id"), &row.id, "an id of its own"), problems);
        let asked = match row.law {
            ServiceLaw::Erlang if row.phases.is_none_or(|p| p == 0) => Some(("phases", "at least one phase")),
            ServiceLaw::Lognormal if !row.cv.is_some_and(|cv| cv > 0.0) => Some(("cv", "a number above 0")),
            ServiceLaw::Empirical if row.values_s.is_empty() => Some(("values_s", "observed service times")),
            _ => None,
        };
        if let Some((missing, wanted)) = asked {
            problems.push(Problem::new(&file.path, "none for this law", wanted).column(key(missing)));
        }
        let empirical = row.law == ServiceLaw::Empirical;
        processes.push(Process {
            hub,
            name: row.name.clone(),
            name_en: row.name_en.clone(),
            shifts: shifts(file, row, problems),
            law: row.law,
            mean_ms: row.mean_service_s() * SECOND_MS as f64,
            phases: row.phases.filter(|_| row.law == ServiceLaw::Erlang).unwrap_or(1),
            cv: row.cv.filter(|_| row.law == ServiceLaw::Lognormal).unwrap_or(0.0),
            values_ms: row.values_s.iter().filter(|_| empirical).map(|s| ms(*s)).collect(),
            one_turn: row.one_turn,
            reset_ms: ms(row.reset_s),
            places: row.places,
            priority: row.priority.clone(),
            batch: row.batch.as_ref().map(|b| Batch { size: b.size, wait_ms: ms(b.wait_s) }),
            breakdown: row.breakdown.as_ref().map(|b| Breakdown {
                every_ms: b.every_h * HOUR_MS as f64,
                repair_ms: b.repair_min * MINUTE_MS as f64,
            }),
            cost_cny_h: row.cost_cny_h,
            area_m2: row.area_m2,
        });
    }
    processes
}

/// The stores of a hub.
pub(super) fn stores(file: &HubFile, hub: HubIx, names: &mut NetworkNames, problems: &mut Vec<Problem>) -> Vec<Store> {
    let mut stores = Vec::with_capacity(file.stores.len());
    for row in &file.stores {
        let name = format!("{}/{}", file.hub_id, row.id);
        let taken = || at(file, &format!("store.{}.id", row.id), &row.id, "an id of its own");
        add(&mut names.stores, &name, taken, problems);
        stores.push(Store {
            hub,
            name: row.name.clone(),
            name_en: row.name_en.clone(),
            unit: row.unit,
            capacity: row.capacity,
            start: file.start_of(row),
            area_m2: row.area_m2,
        });
    }
    stores
}

/// The shifts of a process in the order of time, those of its roster in servers; shifts that overlap are a problem.
fn shifts(file: &HubFile, row: &ProcessFile, problems: &mut Vec<Problem>) -> Vec<(Time, Time, u32)> {
    let (key, rows, staff) = match &row.roster {
        None => (format!("process.{}.servers", row.id), &row.servers, 1),
        Some(id) => match file.rosters.iter().find(|r| r.id == *id) {
            // Staff that is too few for one more server serves nobody.
            Some(roster) => (format!("roster.{id}.staff"), &roster.staff, row.staff_per_server.max(1)),
            None => {
                let problem = at(file, &format!("process.{}.roster", row.id), id, "the id of a roster of this hub");
                problems.push(problem.did_you_mean(id, file.rosters.iter().map(|r| r.id.as_str())));
                return Vec::new();
            }
        },
    };
    let mut shifts = Vec::with_capacity(rows.len());
    for ServerShift { from: begins, to: ends, count } in rows {
        let (from, to) = (moment(file, &key, begins, problems), moment(file, &key, ends, problems));
        if to < from {
            problems.push(at(file, &key, &format!("{begins}–{ends}"), "a shift that ends after its start"));
        }
        shifts.push((from, to, count / staff));
    }
    shifts.sort_unstable();
    for pair in shifts.windows(2).filter(|pair| pair[1].0 < pair[0].1) {
        let found = format!("{}–{} and {}–{}", pair[0].0, pair[0].1, pair[1].0, pair[1].1);
        problems.push(at(file, &key, &found, "shifts that do not overlap"));
    }
    shifts
}

/// A time of day in a hub file; one that cannot be read is a problem.
pub(super) fn moment(file: &HubFile, key: &str, text: &str, problems: &mut Vec<Problem>) -> Time {
    Time::parse(text).unwrap_or_else(|| {
        problems.push(Problem::new(&file.path, quoted(text), "a time of day HH:MM[:SS]").column(key));
        Time(0)
    })
}
