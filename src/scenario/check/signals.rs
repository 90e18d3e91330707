//! Fixed-time signals: phases that fit into their cycles, and movements that get a green.

use super::super::Scenario;
use super::super::control::{PhaseMovementRow, PhaseName, PhaseRow, PlanRow, RoadControl};
use super::super::signals::Timing;
use super::{Unknown, at, twice};
use crate::error::{Problem, shown};
use crate::units::ms;
use rustc_hash::{FxHashMap, FxHashSet};

/// Checks the tables of signals; only their own values when one of them could not be read.
pub(super) fn signals(scenario: &Scenario, whole: bool) -> Vec<Problem> {
    let folder = &scenario.settings.network.folder;
    let checks = Checks { control: &scenario.control, file: |name| format!("{folder}/{name}.csv") };
    let mut problems = checks.ids();
    problems.extend(checks.phases());
    problems.extend(checks.cycles());
    if whole {
        let mut astray = checks.references();
        astray.extend(checks.movements_of_phases());
        // Where a name leads nowhere, the movement that it was meant for only seems to lack a green.
        if astray.is_empty() {
            astray = checks.greens(scenario.day_s());
        }
        problems.append(&mut astray);
        problems.extend(checks.coordination());
    }
    problems
}

struct Checks<'a, F: Fn(&str) -> String> {
    control: &'a RoadControl,
    file: F,
}

impl<F: Fn(&str) -> String> Checks<'_, F> {
    fn problem(&self, table: &str, column: &str, row: u32, found: String, wanted: impl Into<String>) -> Problem {
        at(Problem::new((self.file)(table), found, wanted).column(column), row)
    }

    fn ids(&self) -> Vec<Problem> {
        let c = self.control;
        let file = &self.file;
        let controllers = c.controllers.iter().flatten().map(|c| (c.controller_id.as_str(), c.row));
        let mut problems = twice(&file("signal_controller"), "controller_id", controllers);
        let plans = c.plans.iter().map(|p| (p.timing_plan_id.as_str(), p.row));
        problems.extend(twice(&file("signal_timing_plan"), "timing_plan_id", plans));
        let phases = c.phases.iter().map(|p| (p.timing_phase_id.as_str(), p.row));
        problems.extend(twice(&file("signal_timing_phase"), "timing_phase_id", phases));
        problems
    }

    /// Greens that are some time, and one phase at each place of a ring.
    fn phases(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut places: FxHashMap<(&str, u32, u32, i32), u32> = FxHashMap::default();
        for phase in &self.control.phases {
            if ms(phase.green_s) == 0 {
                let found = format!("no green in phase {}", phase.phase);
                let wanted = "a green > 0 s in min_green or max_green";
                problems.push(self.problem("signal_timing_phase", "min_green", phase.row, found, wanted));
            }
            let place = (phase.timing_plan_id.as_str(), phase.barrier, phase.ring, phase.position);
            if let Some(other) = places.get(&place) {
                let found = format!("{} again in ring {}, barrier {}", phase.position, phase.ring, phase.barrier);
                let wanted = format!("a position of its own; row {other} has it already");
                problems.push(self.problem("signal_timing_phase", "position", phase.row, found, wanted));
            } else {
                places.insert(place, phase.row);
            }
        }
        problems
    }

    /// Phases that are longer than the cycle, and plans without any.
    fn cycles(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for plan in &self.control.plans {
            let Timing { phases, taken_s, .. } = self.control.timing(plan);
            let tell = |found: String, wanted: String| {
                self.problem("signal_timing_plan", "cycle_length", plan.row, found, wanted)
            };
            if phases.is_empty() && plan.cycle_s.is_none() {
                let wanted = "a cycle_length, or phases in signal_timing_phase.csv".to_owned();
                problems.push(tell(format!("plan \"{}\" without phases", shown(&plan.timing_plan_id)), wanted));
            }
            if let Some(cycle_s) = plan.cycle_s.filter(|cycle_s| ms(*cycle_s) < ms(taken_s)) {
                let found = format!("{cycle_s} s, but its phases take {taken_s} s");
                problems.push(tell(found, "a cycle that is as long as its phases take".to_owned()));
            }
        }
        problems
    }

    fn references(&self) -> Vec<Problem> {
        let c = self.control;
        let file = &self.file;
        let controllers: FxHashSet<&str> = match &c.controllers {
            Some(rows) => rows.iter().map(|c| c.controller_id.as_str()).collect(),
            None => c.plans.iter().map(|p| p.controller_id.as_str()).collect(),
        };
        let plans: FxHashSet<&str> = c.plans.iter().map(|p| p.timing_plan_id.as_str()).collect();
        let movements: FxHashSet<&str> = c.movements.iter().map(|m| m.mvmt_id.as_str()).collect();
        let wanted = "a controller_id of signal_controller.csv";
        let mut of_plans = Unknown::new(&file("signal_timing_plan"), "controller_id", wanted);
        for plan in &c.plans {
            of_plans.unless_in(Some(&controllers), &plan.controller_id, plan.row);
        }
        let wanted_plan = "a timing_plan_id of signal_timing_plan.csv";
        let mut of_phases = Unknown::new(&file("signal_timing_phase"), "timing_plan_id", wanted_plan);
        for phase in &c.phases {
            of_phases.unless_in(Some(&plans), &phase.timing_plan_id, phase.row);
        }
        let wanted_movement = "a mvmt_id of movement.csv";
        let mut of_movements = Unknown::new(&file("signal_phase_mvmt"), "mvmt_id", wanted_movement);
        for row in &c.phase_movements {
            of_movements.unless_in(Some(&movements), row.mvmt_id.as_deref().unwrap_or(""), row.row);
        }
        let table = file("signal_coordination");
        let mut plan_of = Unknown::new(&table, "timing_plan_id", wanted_plan);
        let mut controller_of = Unknown::new(&table, "controller_id", wanted);
        let mut master_of = Unknown::new(&table, "coord_contr_id", wanted);
        for row in &c.coordination {
            plan_of.unless_in(Some(&plans), &row.timing_plan_id, row.row);
            controller_of.unless_in(Some(&controllers), &row.controller_id, row.row);
            master_of.unless_in(Some(&controllers), row.master_id.as_deref().unwrap_or(""), row.row);
        }
        let known: [(Unknown, &FxHashSet<&str>); 6] = [
            (of_plans, &controllers),
            (of_phases, &plans),
            (of_movements, &movements),
            (plan_of, &plans),
            (controller_of, &controllers),
            (master_of, &controllers),
        ];
        known.into_iter().flat_map(|(unknown, known)| unknown.problems(known.iter().copied())).collect()
    }

    /// Rows that name no phase, else phases that no row names.
    fn movements_of_phases(&self) -> Vec<Problem> {
        let c = self.control;
        let named = Phases::new(c);
        let (mut problems, mut served) = (Vec::new(), vec![false; c.phases.len()]);
        for row in &c.phase_movements {
            let phases = named.of(row);
            phases.iter().for_each(|&i| served[i] = true);
            if phases.is_empty() {
                let (column, found) = match &row.phase {
                    PhaseName::Id(id) => ("timing_phase_id", format!("unknown \"{}\"", shown(id))),
                    PhaseName::Number(controller, number) => {
                        ("signal_phase_num", format!("phase {number} of controller \"{}\"", shown(controller)))
                    }
                };
                let wanted = "a phase of signal_timing_phase.csv";
                problems.push(self.problem("signal_phase_mvmt", column, row.row, found, wanted));
            }
        }
        let astray = !problems.is_empty();
        for (phase, _) in c.phases.iter().zip(served).filter(|(_, served)| !served && !astray) {
            let found = format!("phase {} without a movement", phase.phase);
            let wanted = "a phase that rows of signal_phase_mvmt.csv name";
            problems.push(self.problem("signal_timing_phase", "timing_phase_id", phase.row, found, wanted));
        }
        problems
    }

    /// Movements that wait for one signal, which is green at some time.
    fn greens(&self, day_s: (f64, f64)) -> Vec<Problem> {
        let c = self.control;
        let named = Phases::new(c);
        let running: FxHashSet<&str> = c.plans_in_force(day_s).iter().map(|p| p.timing_plan_id.as_str()).collect();
        let controller: FxHashMap<&str, &PlanRow> = c.plans.iter().map(|p| (p.timing_plan_id.as_str(), p)).collect();
        let today: FxHashSet<&str> = c.plans.iter().filter(|p| p.today).map(|p| p.controller_id.as_str()).collect();
        // Controller, first row and whether there is a green, by movement in the order of the table.
        let mut signals: FxHashMap<&str, (&str, u32, bool)> = FxHashMap::default();
        let mut problems = Vec::new();
        for row in &c.phase_movements {
            let Some(id) = row.mvmt_id.as_deref() else { continue };
            for phase in named.of(row).iter().map(|&i| &c.phases[i]) {
                let Some(plan) = controller.get(phase.timing_plan_id.as_str()) else { continue };
                let signal = signals.entry(id).or_insert((&plan.controller_id, row.row, false));
                signal.2 |= running.contains(phase.timing_plan_id.as_str());
                if signal.0 != plan.controller_id {
                    let found = format!("movement \"{}\" at controller \"{}\"", shown(id), shown(&plan.controller_id));
                    let wanted = format!("phases of one controller; row {} has \"{}\"", signal.1, shown(signal.0));
                    problems.push(self.problem("signal_phase_mvmt", "mvmt_id", row.row, found, wanted));
                }
            }
        }
        let mut signalled: FxHashSet<&str> = FxHashSet::default();
        for movement in &c.movements {
            let Some((name, row, green)) = signals.get(movement.mvmt_id.as_str()) else { continue };
            signalled.insert(&movement.node_id);
            if !green && today.contains(name) {
                let id = shown(&movement.mvmt_id);
                let found =
                    format!("movement \"{id}\", which the plan in force of controller \"{}\" leaves out", shown(name));
                let wanted = "a movement with a phase in that plan";
                problems.push(self.problem("signal_phase_mvmt", "mvmt_id", *row, found, wanted));
            }
        }
        // A phase that names no movement may mean the one that no phase names; that is told already.
        let known: FxHashSet<&str> = c.movements.iter().map(|m| m.mvmt_id.as_str()).collect();
        let named = c.phase_movements.iter().filter_map(|p| p.mvmt_id.as_deref()).all(|id| known.contains(id));
        let dark = |m: &&super::super::control::MovementRow| {
            named
                && m.signal
                && m.is_allowed()
                && !signals.contains_key(m.mvmt_id.as_str())
                && signalled.contains(m.node_id.as_str())
        };
        for movement in c.movements.iter().filter(dark) {
            let found = format!("a signal for movement \"{}\", which no phase names", shown(&movement.mvmt_id));
            let wanted = "a movement in signal_phase_mvmt.csv, as others at its node are";
            problems.push(self.problem("movement", "ctrl_type", movement.row, found, wanted));
        }
        problems
    }

    fn coordination(&self) -> Vec<Problem> {
        let c = self.control;
        let mut problems = Vec::new();
        for row in &c.coordination {
            let Some(plan) = c.plans.iter().find(|p| p.timing_plan_id == row.timing_plan_id) else { continue };
            if let (Some(phase), None) = (row.phase, c.timing(plan).reference_s(row)) {
                let found = format!("phase {phase}, which plan \"{}\" does not have", shown(&plan.timing_plan_id));
                let wanted = "a signal_phase_num of the plan";
                problems.push(self.problem("signal_coordination", "coord_phase", row.row, found, wanted));
            }
        }
        problems
    }
}

/// Phases by the ways in which rows name them.
struct Phases<'a> {
    by_id: FxHashMap<&'a str, Vec<usize>>,
    by_number: FxHashMap<(&'a str, u32), Vec<usize>>,
}

impl<'a> Phases<'a> {
    fn new(control: &'a RoadControl) -> Phases<'a> {
        let controller: FxHashMap<&str, &str> =
            control.plans.iter().map(|p| (p.timing_plan_id.as_str(), p.controller_id.as_str())).collect();
        let mut phases = Phases { by_id: FxHashMap::default(), by_number: FxHashMap::default() };
        for (i, phase) in control.phases.iter().enumerate() {
            let PhaseRow { timing_phase_id, timing_plan_id, .. } = phase;
            phases.by_id.entry(timing_phase_id).or_default().push(i);
            if let Some(controller) = controller.get(timing_plan_id.as_str()) {
                phases.by_number.entry((controller, phase.phase)).or_default().push(i);
            }
        }
        phases
    }

    fn of(&self, row: &'a PhaseMovementRow) -> &[usize] {
        let phases = match &row.phase {
            PhaseName::Id(id) => self.by_id.get(id.as_str()),
            PhaseName::Number(controller, number) => self.by_number.get(&(controller.as_str(), *number)),
        };
        phases.map_or(&[], Vec::as_slice)
    }
}
