//! Links by time of day: values that a link can have, and one word about each thing at a time.

use super::super::Scenario;
use super::super::control::LinkPeriodRow;
use super::super::periods::Attribute;
use super::super::read::gmns::MPS_PER_KMH;
use super::super::read::range::{LANE_CAPACITY_OR_NONE, LANES_OR_NONE, SPEED_KMH, TOLL};
use super::super::tables::LinkRow;
use super::{Known, Unknown, at};
use crate::error::{Problem, shown};
use crate::mode::Uses;
use crate::units::Time;
use rustc_hash::FxHashMap;

/// The columns of what a row sets.
const COLUMNS: [(Attribute, &str); 5] = [
    (Attribute::Capacity, "capacity"),
    (Attribute::Speed, "free_speed"),
    (Attribute::Lanes, "lanes"),
    (Attribute::Toll, "toll"),
    (Attribute::Closed, "allowed_uses"),
];

/// Checks `link_tod.csv` and what measures have made of it.
pub(super) fn periods(scenario: &Scenario, known: &Known) -> Vec<Problem> {
    let file = format!("{}/link_tod.csv", scenario.settings.network.folder);
    let mut problems = Vec::new();
    let mut links = Unknown::new(&file, "link_id", "a link_id of link.csv");
    let mut by_link: FxHashMap<&str, Vec<&LinkPeriodRow>> = FxHashMap::default();
    for row in &scenario.control.periods {
        by_link.entry(&row.link_id).or_default().push(row);
        problems.extend(limits(&file, row));
        let Some(index) = &known.links else { continue };
        match index.get(row.link_id.as_str()) {
            Some(&i) => problems.extend(uses(&file, row, &scenario.links[i])),
            None => links.add(&row.link_id, row.row),
        }
    }
    problems.extend(links.problems(scenario.links.iter().map(|l| l.link_id.as_str())));
    // In the order of the table: the first row of each link brings all rows of it.
    for row in &scenario.control.periods {
        if let Some(rows) = by_link.remove(row.link_id.as_str()) {
            problems.extend(overlaps(&file, rows));
        }
    }
    problems
}

fn limits(file: &str, row: &LinkPeriodRow) -> Vec<Problem> {
    let of = |(column, x, range): (&str, Option<f64>, super::super::read::range::Range)| {
        let x = x.filter(|x| !range.holds(*x))?;
        let found = format!("{x} on link \"{}\"", shown(&row.link_id));
        Some(at(Problem::new(file, found, range.words).column(column), row.row))
    };
    let speed_kmh = row.free_speed_mps.map(|v| (v / MPS_PER_KMH * 1e6).round() / 1e6);
    [
        ("capacity", row.capacity_pcu_h_lane, LANE_CAPACITY_OR_NONE),
        ("free_speed", speed_kmh, SPEED_KMH),
        ("lanes", row.lanes, LANES_OR_NONE),
        ("toll", row.toll_cny, TOLL),
    ]
    .into_iter()
    .filter_map(of)
    .collect()
}

/// Uses for a part of the day are those of the link, or keep all vehicles out.
fn uses(file: &str, row: &LinkPeriodRow, link: &LinkRow) -> Option<Problem> {
    let words = row.allowed_uses.as_deref()?;
    let (now, usual) = (Uses::of_words(words), link.uses());
    let same = (now.car, now.truck) == (usual.car, usual.truck);
    (now.vehicles() && !same).then(|| {
        let found = format!("{} on link \"{}\"", words.join(", "), shown(&link.link_id));
        let wanted = "none, or the uses of the link; for a part of the day it can only be closed to all vehicles";
        at(Problem::new(file, found, wanted).column("allowed_uses"), row.row)
    })
}

/// Rows of one link that set the same thing at the same time.
fn overlaps(file: &str, mut rows: Vec<&LinkPeriodRow>) -> Vec<Problem> {
    rows.sort_by(|a, b| a.from_s.total_cmp(&b.from_s).then(a.row.cmp(&b.row)));
    let mut problems = Vec::new();
    for (attribute, column) in COLUMNS {
        let mut last: Option<&LinkPeriodRow> = None;
        for &row in rows.iter().filter(|row| attribute.of(row).is_some()) {
            if let Some(other) = last.filter(|other| row.from_s < other.until_s) {
                let (first, second) = if other.row < row.row { (other, row) } else { (row, other) };
                let span = |row: &LinkPeriodRow| {
                    format!("{} to {}", Time::from_seconds(row.from_s), Time::from_seconds(row.until_s))
                };
                let found = format!("{} on link \"{}\"", span(second), shown(&row.link_id));
                let wanted = format!("a time apart from {}, which row {} has", span(first), first.row);
                problems.push(at(Problem::new(file, found, wanted).column(column), second.row));
            }
            last = last.filter(|other| other.until_s >= row.until_s).or(Some(row));
        }
    }
    problems
}
