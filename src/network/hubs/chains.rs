//! Chains of a hub file: each step with its process and its stores by number.

use super::build::at;
use super::servers::First;
use super::{Chain, Step};
use crate::error::Problem;
use crate::ids::{ProcessIx, StoreIx};
use crate::scenario::hubs::{ChainFile, HubFile, StepFile};
use crate::units::ms;

/// The chains of a hub in the order of its file.
pub(super) fn chains(file: &HubFile, first: First, problems: &mut Vec<Problem>) -> Vec<Chain> {
    file.chains.iter().map(|row| chain(file, row, first, problems)).collect()
}

fn chain(file: &HubFile, row: &ChainFile, first: First, problems: &mut Vec<Problem>) -> Chain {
    let terminals = file.terminals.iter().map(|t| t.id.as_str());
    let wanted = "the id of a terminal of this hub";
    let terminal =
        row.terminal.as_deref().and_then(|id| named(file, ("chain.terminal", wanted), id, terminals, problems));
    let steps = row.steps.iter().filter_map(|row| step(file, row, first, problems)).collect();
    Chain { user: row.user, scope: row.scope, terminal: terminal.map(|t| t as u8), steps }
}

fn step(file: &HubFile, row: &StepFile, first: First, problems: &mut Vec<Problem>) -> Option<Step> {
    let processes = file.processes.iter().map(|p| p.id.as_str());
    let key = ("chain.step.process", "the id of a process of this hub");
    let process = named(file, key, &row.process, processes, problems);
    let mut store = |key: &str, id: &Option<String>| {
        let stores = file.stores.iter().map(|s| s.id.as_str());
        let found = named(file, (key, "the id of a store of this hub"), id.as_deref()?, stores, problems)?;
        Some(StoreIx::from(first.store + found))
    };
    let takes = store("chain.step.takes", &row.takes);
    let frees = store("chain.step.frees", &row.frees);
    Some(Step {
        share: row.share,
        only: row.only.iter().copied().collect(),
        except: row.except.iter().copied().collect(),
        takes,
        frees,
        drops: row.drops,
        waits_for: row.waits_for,
        ..Step::at(ProcessIx::from(first.process + process?), ms(row.walk_s))
    })
}

/// The position of an id among those of a hub; one that is not there is a problem.
fn named<'a>(
    file: &HubFile,
    (key, wanted): (&str, &str),
    id: &str,
    mut ids: impl Iterator<Item = &'a str> + Clone,
    problems: &mut Vec<Problem>,
) -> Option<usize> {
    let all = ids.clone();
    let found = ids.position(|known| known == id);
    if found.is_none() {
        problems.push(at(file, key, id, wanted).did_you_mean(id, all));
    }
    found
}
