//! From movements with lanes and signals with phases to turns, bays and greens by index.
//!
//! Rows of one turn are one turn: their lanes and greens are joined, their capacities added, and of their penalties the
//! largest holds. Turns of a link that share a lane wait in one bay. A link whose turns all share lanes has no bay: its
//! vehicles leave one after the other whatever they are headed for.

use super::NetworkNames;
use super::build::{Files, find, quoted};
use super::movements::{Bay, Movements, Signal, Turn};
use super::roads::Roads;
use crate::error::Problem;
use crate::ids::LinkIx;
use crate::scenario::Scenario;
use crate::scenario::control::{MovementRow, PhaseName};
use crate::units::ms;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Length of a bay that no table gives, metres, at most half of its link: about eight cars (a usual length of turn lanes
/// in towns; general knowledge, unverified).
const USUAL_BAY_M: f64 = 60.0;

/// Rows of the movement table by turn.
type ByTurn<'a> = BTreeMap<(LinkIx, LinkIx), Vec<&'a MovementRow>>;

impl Movements {
    /// The movements of a scenario on its roads; names that nothing bears are problems.
    pub(super) fn build(
        scenario: &Scenario,
        roads: &Roads,
        names: &NetworkNames,
        problems: &mut Vec<Problem>,
    ) -> Movements {
        let by_turn = by_turn(scenario, names, problems);
        let mut movements = Movements::default();
        let signals = greens(scenario);
        let mut known: BTreeMap<Signal, u32> = BTreeMap::new();
        let by_turn: Vec<_> = by_turn.into_iter().collect();
        for rows in by_turn.chunk_by(|a, b| a.0.0 == b.0.0) {
            let mut drafts: Vec<Draft> = rows.iter().map(|(turn, rows)| Draft::new(scenario, *turn, rows)).collect();
            movements.add_bays(scenario, roads, &mut drafts);
            for draft in drafts {
                let signal = draft.signal(&signals).map(|signal| {
                    let next = known.len() as u32;
                    *known.entry(signal.clone()).or_insert_with(|| {
                        movements.signals.push(signal);
                        next
                    })
                });
                movements.turns.push(Turn { signal, ..draft.turn });
            }
        }
        movements
    }

    /// The bays of a link for its turns, one for each group of lanes when there is more than one.
    fn add_bays(&mut self, scenario: &Scenario, roads: &Roads, drafts: &mut [Draft]) {
        let groups = groups(drafts);
        if groups.len() < 2 {
            return;
        }
        let link = drafts[0].turn.from;
        let lengths = Lengths::new(scenario, roads, link, drafts);
        let settings = &scenario.settings.network;
        let row = &scenario.links[link.i()];
        let jam_pcu_m = row.jam_density_pcu_km.unwrap_or(settings.jam_density_pcu_km) / 1000.0;
        for group in groups {
            let numbers: BTreeSet<i32> = group.iter().flat_map(|&d| drafts[d].lanes.iter().copied()).collect();
            let lanes: f64 = numbers.iter().map(|&lane| width(lane, row.lanes)).sum();
            let length_m = lengths.of(group.iter().map(|&d| &drafts[d]), row.lanes);
            // A lane lets pass what the best of its turns lets pass.
            let pass = |lane: i32| {
                let turns = group.iter().filter(|&&d| drafts[d].lanes.contains(&lane));
                turns.map(|&d| drafts[d].lane_capacity_pcu_h).fold(0.0, f64::max) * width(lane, row.lanes)
            };
            let open = if row.uses().vehicles() { settings.capacity_factor } else { 0.0 };
            let bay = Some(self.bays.len() as u32);
            self.bays.push(Bay {
                link,
                length_m,
                lanes,
                capacity_pcu_h: numbers.iter().map(|&lane| pass(lane)).sum::<f64>() * open,
                storage_pcu: jam_pcu_m * length_m * lanes * settings.capacity_factor,
            });
            group.iter().for_each(|&d| drafts[d].turn.bay = bay);
        }
    }
}

/// How much of a lane there is: links may have fractions of lanes, the last of which is the outermost.
fn width(lane: i32, link_lanes: f64) -> f64 {
    let whole = f64::from(lane);
    if lane > 0 && whole - link_lanes < 1.0 && whole > link_lanes { link_lanes - (whole - 1.0) } else { 1.0 }
}

/// The rows of each turn. What a measure added for links that the base does not have is left out of the base.
fn by_turn<'a>(scenario: &'a Scenario, names: &NetworkNames, problems: &mut Vec<Problem>) -> ByTurn<'a> {
    let file = Files(scenario).network("movement.csv");
    let mut by_turn = ByTurn::new();
    for row in &scenario.control.movements {
        let mut link = |id: &str, column: &str| {
            if row.row == 0 {
                return names.links.find(id).map(LinkIx);
            }
            let problem = || Problem::new(&file, quoted(id), "the id of a link").at(row.row).column(column);
            find(&names.links, id, problem, problems).map(LinkIx)
        };
        let (from, to) = (link(&row.ib_link_id, "ib_link_id"), link(&row.ob_link_id, "ob_link_id"));
        if let Some(turn) = from.zip(to) {
            by_turn.entry(turn).or_default().push(row);
        }
    }
    by_turn
}

/// A turn under way.
struct Draft<'a> {
    turn: Turn,
    /// Lane numbers that it may be made from; empty when it is not allowed.
    lanes: BTreeSet<i32>,
    /// Capacity of each of its lanes, PCU per hour.
    lane_capacity_pcu_h: f64,
    /// Its rows that allow it.
    rows: Vec<&'a MovementRow>,
}

impl<'a> Draft<'a> {
    fn new(scenario: &Scenario, (from, to): (LinkIx, LinkIx), rows: &[&'a MovementRow]) -> Draft<'a> {
        let link = &scenario.links[from.i()];
        let rows: Vec<&MovementRow> = rows.iter().copied().filter(|row| row.is_allowed()).collect();
        let lanes: BTreeSet<i32> = rows.iter().flat_map(|row| row.lane_numbers(link.lanes)).collect();
        let of_row = |row: &&MovementRow| {
            let lanes: f64 = row.lane_numbers(link.lanes).map(|lane| width(lane, link.lanes)).sum();
            row.capacity_pcu_h.unwrap_or(lanes * link.capacity_pcu_h_lane)
        };
        let given = rows.iter().any(|row| row.capacity_pcu_h.is_some());
        let capacity: Option<f64> = given.then(|| rows.iter().map(of_row).sum());
        let turn = Turn {
            from,
            to,
            allowed: !rows.is_empty(),
            bay: None,
            signal: None,
            capacity_pcu_h: capacity.map(|c| c * scenario.settings.network.capacity_factor),
            penalty_s: rows.iter().map(|row| row.penalty_s).fold(0.0, f64::max),
        };
        let all: f64 = lanes.iter().map(|&lane| width(lane, link.lanes)).sum();
        let lane_capacity_pcu_h = capacity.map_or(link.capacity_pcu_h_lane, |c| c / all);
        Draft { turn, lanes, lane_capacity_pcu_h, rows }
    }

    /// The signal that the turn waits for: green when any of its rows is. A row without a signal is always green.
    fn signal(&self, signals: &FxHashMap<&str, Signal>) -> Option<Signal> {
        let mut of_rows = self.rows.iter().map(|row| signals.get(row.mvmt_id.as_str()));
        let mut signal = of_rows.next()??.clone();
        for other in of_rows {
            signal.greens.extend(&other?.greens);
        }
        signal.tidy();
        (signal.greens != [(0, signal.cycle_ms)]).then_some(signal)
    }
}

/// Turns that share lanes, each group by the positions of its turns; groups in the order of their innermost lane.
fn groups(drafts: &[Draft]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(BTreeSet<i32>, Vec<usize>)> = Vec::new();
    for (d, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.turn.allowed) {
        let (mut lanes, mut turns) = (draft.lanes.clone(), vec![d]);
        groups.retain_mut(|(others, theirs)| {
            let apart = lanes.is_disjoint(others);
            if !apart {
                lanes.append(others);
                turns.append(theirs);
            }
            apart
        });
        groups.push((lanes, turns));
    }
    groups.sort_by_key(|(lanes, _)| lanes.first().copied());
    groups.into_iter().map(|(_, turns)| turns).collect()
}

/// Lengths of the bays of a link, metres.
struct Lengths {
    /// Of the link.
    link_m: f64,
    /// Of added lanes, by `segment.csv`.
    added_m: Option<f64>,
    /// Where neither a movement nor an added lane says it: beside a bay of a known length one begins where that does.
    usual_m: f64,
}

impl Lengths {
    fn new(scenario: &Scenario, roads: &Roads, link: LinkIx, drafts: &[Draft]) -> Lengths {
        let (row, link_m) = (&scenario.links[link.i()], roads.length_m[link.i()]);
        let segments = scenario.control.segments.iter().filter(|s| s.link_id == row.link_id);
        let longest = |a: f64, b: f64| a.max(b);
        let added_m = segments.filter_map(|s| s.bay_length_m(&row.to_node_id, link_m)).reduce(longest);
        let given = drafts.iter().flat_map(|d| &d.rows).filter_map(|row| row.bay_length_m);
        let usual_m = given.chain(added_m).reduce(longest).unwrap_or(USUAL_BAY_M.min(link_m / 2.0));
        Lengths { link_m, added_m, usual_m }
    }

    fn of<'a>(&self, drafts: impl Iterator<Item = &'a Draft<'a>> + Clone, link_lanes: f64) -> f64 {
        let given = drafts.clone().flat_map(|d| &d.rows).filter_map(|row| row.bay_length_m).reduce(f64::max);
        let is_added = |lane: &i32| *lane < 0 || f64::from(*lane) >= link_lanes + 1.0;
        let added = drafts.flat_map(|d| &d.lanes).any(is_added);
        let length_m = given.or(self.added_m.filter(|_| added)).unwrap_or(self.usual_m);
        length_m.min(self.link_m)
    }
}

/// The signal of each movement that has a phase in a plan in force.
fn greens(scenario: &Scenario) -> FxHashMap<&str, Signal> {
    let control = &scenario.control;
    let mut by_id: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    let mut by_number: FxHashMap<(&str, u32), Vec<&str>> = FxHashMap::default();
    for row in &control.phase_movements {
        let Some(movement) = row.mvmt_id.as_deref() else { continue };
        match &row.phase {
            PhaseName::Id(id) => by_id.entry(id).or_default().push(movement),
            PhaseName::Number(controller, number) => {
                by_number.entry((controller, *number)).or_default().push(movement);
            }
        }
    }
    let mut signals: FxHashMap<&str, Signal> = FxHashMap::default();
    for plan in control.plans_in_force(scenario.day_s()) {
        let timing = control.timing(plan);
        let cycle_ms = ms(timing.cycle_s()).clamp(0, i64::from(u32::MAX)) as u32;
        if cycle_ms == 0 {
            continue;
        }
        let offset_ms = ms(control.cycle_begin_s(&timing)).rem_euclid(i64::from(cycle_ms)) as u32;
        for (phase, begin_s) in &timing.phases {
            let moment = |s: f64| ms(s).clamp(0, i64::from(cycle_ms)) as u32;
            let green = (moment(*begin_s), moment(begin_s + phase.green_s));
            let named = by_id.get(phase.timing_phase_id.as_str());
            let numbered = by_number.get(&(plan.controller_id.as_str(), phase.phase));
            for &movement in [named, numbered].into_iter().flatten().flatten() {
                let signal = signals.entry(movement);
                signal.or_insert(Signal { cycle_ms, offset_ms, greens: Vec::new() }).greens.push(green);
            }
        }
    }
    signals
}

impl Signal {
    /// Puts greens in order, joins those that touch, and leaves out those without length.
    fn tidy(&mut self) {
        self.greens.retain(|(from, until)| from < until);
        self.greens.sort_unstable();
        self.greens.dedup_by(|next, last| {
            let touch = next.0 <= last.1;
            if touch {
                last.1 = last.1.max(next.1);
            }
            touch
        });
    }
}
