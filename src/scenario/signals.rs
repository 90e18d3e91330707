//! From phases in rings and barriers to the greens of a fixed cycle (ring-barrier notation of GMNS and NEMA).
//!
//! The phases of a ring follow each other by barrier and position, each its green and then its clearance. The rings run at
//! the same time and pass from one barrier to the next together: a ring that is done earlier waits in red. What the
//! phases leave of the cycle is red for all.

use super::Scenario;
use super::control::{CoordinationRow, PhaseMovementRow, PhaseName, PhasePart, PhaseRow, PlanRow, RoadControl};
use crate::units::Time;
use rustc_hash::FxHashMap;

/// A timing plan worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing<'a> {
    /// The plan.
    pub plan: &'a PlanRow,
    /// Its phases with the second of the cycle at which their green begins.
    pub phases: Vec<(&'a PhaseRow, f64)>,
    /// Seconds that the phases take.
    pub taken_s: f64,
}

impl Timing<'_> {
    /// Length of the cycle, seconds.
    pub fn cycle_s(&self) -> f64 {
        self.plan.cycle_s.unwrap_or(self.taken_s)
    }

    /// The second of the cycle by which an offset is measured, `None` when the plan has no such phase.
    pub fn reference_s(&self, row: &CoordinationRow) -> Option<f64> {
        let Some(number) = row.phase else { return Some(0.0) };
        let (phase, from_s) = self.phases.iter().find(|(phase, _)| phase.phase == number)?;
        Some(match row.part {
            PhasePart::Green => *from_s,
            PhasePart::Yellow | PhasePart::Red => from_s + phase.green_s,
        })
    }
}

impl RoadControl {
    /// The plans that run, one for each controller, in the order of the table: the plan that is in force longest between
    /// the first and the last moment of the simulated day, of equal ones the first.
    pub fn plans_in_force(&self, day_s: (f64, f64)) -> Vec<&PlanRow> {
        let force = |plan: &PlanRow| {
            let (from_s, until_s) = plan.hours.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
            (until_s.min(day_s.1) - from_s.max(day_s.0)).max(0.0)
        };
        let mut best: FxHashMap<&str, &PlanRow> = FxHashMap::default();
        for plan in self.plans.iter().filter(|plan| plan.today) {
            let running = best.entry(&plan.controller_id).or_insert(plan);
            if force(plan) > force(running) {
                *running = plan;
            }
        }
        self.plans
            .iter()
            .filter(|plan| best.get(plan.controller_id.as_str()).is_some_and(|b| std::ptr::eq(*b, *plan)))
            .collect()
    }

    /// The greens of a plan.
    pub fn timing<'a>(&'a self, plan: &'a PlanRow) -> Timing<'a> {
        let mut phases: Vec<&PhaseRow> =
            self.phases.iter().filter(|p| p.timing_plan_id == plan.timing_plan_id).collect();
        phases.sort_by_key(|p| (p.barrier, p.ring, p.position, p.row));
        let mut out = Vec::with_capacity(phases.len());
        let mut begin_s = 0.0;
        for barrier in phases.chunk_by(|a, b| a.barrier == b.barrier) {
            let mut end_s = begin_s;
            for ring in barrier.chunk_by(|a, b| a.ring == b.ring) {
                let mut now_s = begin_s;
                for &phase in ring {
                    out.push((phase, now_s));
                    now_s += phase.green_s + phase.clearance_s;
                }
                end_s = f64::max(end_s, now_s);
            }
            begin_s = end_s;
        }
        Timing { plan, phases: out, taken_s: begin_s }
    }

    /// Time of day, seconds, at which a cycle of a plan begins. A plan without coordination begins one at midnight; one
    /// with an offset reaches the moment of its cycle that the offset is measured by so long after midnight, or after its
    /// master's own offset.
    pub fn cycle_begin_s(&self, timing: &Timing) -> f64 {
        let plan = timing.plan;
        let Some(row) = self.coordination_of(&plan.timing_plan_id, &plan.controller_id) else { return 0.0 };
        let master = row.master_id.as_ref().filter(|master| **master != row.controller_id);
        let master = master.and_then(|id| {
            // The master's own row for the same plan, else for any.
            let rows = || self.coordination.iter().filter(|c| c.controller_id == *id);
            rows().find(|c| c.timing_plan_id == row.timing_plan_id).or_else(|| rows().next())
        });
        let after_s = row.offset_s + master.map_or(0.0, |m| m.offset_s);
        after_s - timing.reference_s(row).unwrap_or(0.0)
    }

    /// The row that coordinates a plan of a controller.
    pub fn coordination_of(&self, plan: &str, controller: &str) -> Option<&CoordinationRow> {
        self.coordination.iter().find(|c| c.timing_plan_id == plan && c.controller_id == controller)
    }
}

impl PhaseMovementRow {
    /// Whether the row is about a phase of a plan.
    pub fn names(&self, phase: &PhaseRow, plan: &PlanRow) -> bool {
        match &self.phase {
            PhaseName::Id(id) => *id == phase.timing_phase_id,
            PhaseName::Number(controller, number) => *controller == plan.controller_id && *number == phase.phase,
        }
    }
}

impl Scenario {
    /// First and last moment of the simulated day, seconds after midnight; a whole day where the settings say no times.
    pub fn day_s(&self) -> (f64, f64) {
        let time = |text: &str, usual: f64| Time::parse(text).map_or(usual, Time::seconds);
        (time(&self.settings.time.start, 0.0), time(&self.settings.time.end, 86_400.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(number: u32, ring: u32, barrier: u32, position: i32, green_s: f64) -> PhaseRow {
        let (timing_phase_id, timing_plan_id) = (number.to_string(), "p".to_owned());
        PhaseRow {
            timing_phase_id,
            timing_plan_id,
            phase: number,
            green_s,
            clearance_s: 5.0,
            ring,
            barrier,
            position,
            row: 2,
        }
    }

    fn plan(id: &str, controller: &str, hours: Option<(f64, f64)>) -> PlanRow {
        PlanRow {
            timing_plan_id: id.into(),
            controller_id: controller.into(),
            hours,
            today: true,
            cycle_s: None,
            row: 2,
        }
    }

    #[test]
    fn rings_pass_barriers_together() {
        // The dual ring of GMNS's Arlington example: barrier 1 takes ring 1 (8 + 5) + (6 + 5) = 24 s and ring 2
        // (6 + 5) + (10 + 5) = 26 s, so barrier 2 begins at 26 s and takes 20 + 5 = 25 s: a cycle of 51 s.
        let phases = vec![
            phase(4, 1, 2, 1, 20.0),
            phase(2, 1, 1, 1, 8.0),
            phase(1, 1, 1, 2, 6.0),
            phase(6, 2, 1, 2, 10.0),
            phase(5, 2, 1, 1, 6.0),
        ];
        let control = RoadControl { plans: vec![plan("p", "c", None)], phases, ..RoadControl::default() };
        let timing = control.timing(&control.plans[0]);
        let begins: Vec<(u32, f64)> = timing.phases.iter().map(|(p, s)| (p.phase, *s)).collect();
        assert_eq!(begins, [(2, 0.0), (1, 13.0), (5, 0.0), (6, 11.0), (4, 26.0)]);
        assert_eq!((timing.taken_s, timing.cycle_s()), (51.0, 51.0));
    }

    #[test]
    fn an_offset_is_measured_by_a_phase_and_after_the_master() {
        let phases = vec![phase(1, 1, 1, 1, 10.0), phase(2, 1, 1, 2, 30.0)];
        let row = |controller: &str, part, offset_s| CoordinationRow {
            timing_plan_id: "p".into(),
            controller_id: controller.into(),
            master_id: Some("m".into()),
            phase: Some(2),
            part,
            offset_s,
            row: 2,
        };
        let mut control = RoadControl { plans: vec![plan("p", "c", None)], phases, ..RoadControl::default() };
        let begin = |control: &RoadControl| control.cycle_begin_s(&control.timing(&control.plans[0]));
        assert_eq!(begin(&control), 0.0);
        // Phase 2 is green from 15 s to 45 s of the cycle. The master is at 100 s, this one 20 s later: 120 − 15 = 105.
        control.coordination = vec![row("m", PhasePart::Green, 100.0), row("c", PhasePart::Green, 20.0)];
        assert_eq!(begin(&control), 105.0);
        control.coordination[1].part = PhasePart::Yellow;
        assert_eq!(begin(&control), 75.0);
    }

    #[test]
    fn of_the_plans_of_a_controller_the_one_that_holds_longest_runs() {
        let hours = |from: f64, until: f64| Some((from * 3600.0, until * 3600.0));
        let plans = vec![
            plan("am", "c", hours(6.0, 9.0)),
            plan("pm", "c", hours(15.0, 19.0)),
            plan("late", "c", hours(19.0, 23.0)),
            plan("d", "d", None),
        ];
        let control = RoadControl { plans, ..RoadControl::default() };
        let run = |from: f64, until: f64| -> Vec<&str> {
            control.plans_in_force((from * 3600.0, until * 3600.0)).iter().map(|p| &*p.timing_plan_id).collect()
        };
        assert_eq!(run(0.0, 24.0), ["pm", "d"], "four hours, before another with four");
        assert_eq!(run(6.0, 10.0), ["am", "d"]);
    }
}
