//! Which classes a user may be of at once, and which steps of a chain such a user takes.

use super::super::super::hubs::{ChainFile, ChainScope, ChainUser, StepFile, UserClass};

/// Whether users of a kind can be of a class, the scope of their service aside.
fn has(user: ChainUser, class: UserClass) -> bool {
    match class {
        UserClass::Domestic | UserClass::International => false,
        UserClass::Premium | UserClass::Business | UserClass::Resident | UserClass::Visitor | UserClass::Bags => {
            !user.has_freight()
        }
        UserClass::Brings | UserClass::Fetches | UserClass::Empty | UserClass::Reefer => user.has_freight(),
    }
}

/// The sets of classes that users of a chain may be of, as far as its steps ask for classes: the scope of their service,
/// and each other class or not, but not two that shut each other out.
pub(super) fn kinds(chain: &ChainFile) -> Vec<Vec<UserClass>> {
    use UserClass::{Brings, Domestic, Empty, Fetches, International, Resident, Visitor};
    let asked = |class: &UserClass| chain.steps.iter().any(|s| s.only.contains(class) || s.except.contains(class));
    let mut kinds: Vec<Vec<UserClass>> = match chain.scope {
        ChainScope::Any => vec![vec![Domestic], vec![International]],
        ChainScope::Domestic => vec![vec![Domestic]],
        ChainScope::International => vec![vec![International]],
    };
    for class in UserClass::ALL.into_iter().filter(asked).filter(|class| has(chain.user, *class)) {
        let with: Vec<Vec<UserClass>> = kinds.iter().map(|kind| [&kind[..], &[class]].concat()).collect();
        kinds.extend(with);
    }
    let apart = [(Resident, Visitor), (Empty, Brings), (Empty, Fetches)];
    kinds.retain(|kind| !apart.iter().any(|(a, b)| kind.contains(a) && kind.contains(b)));
    kinds
}

/// Whether a step is for users of these classes.
pub(super) fn is_for(step: &StepFile, kind: &[UserClass]) -> bool {
    let meets = |classes: &[UserClass]| classes.iter().any(|class| kind.contains(class));
    (step.only.is_empty() || meets(&step.only)) && !meets(&step.except)
}

/// Positions of the steps that users of some kind may take first.
pub(super) fn first_steps(chain: &ChainFile) -> Vec<usize> {
    let mut first: Vec<usize> = kinds(chain).iter().flat_map(|kind| ways(chain, kind).first).collect();
    first.sort_unstable();
    first.dedup();
    first
}

/// How a chain can be passed by users of a kind.
pub(super) struct Ways {
    /// Steps that may be the first one.
    pub first: Vec<usize>,
    /// Steps that may follow each other.
    pub pairs: Vec<(usize, usize)>,
}

/// The ways of users of a kind through a chain: steps of a share below 1 may be left out.
pub(super) fn ways(chain: &ChainFile, kind: &[UserClass]) -> Ways {
    let mut ways = Ways { first: Vec::new(), pairs: Vec::new() };
    // Where such a user may be; `None` before the first step.
    let mut at: Vec<Option<usize>> = vec![None];
    for (j, step) in chain.steps.iter().enumerate() {
        if step.share <= 0.0 || !is_for(step, kind) {
            continue;
        }
        for from in &at {
            match from {
                None => ways.first.push(j),
                Some(from) => ways.pairs.push((*from, j)),
            }
        }
        if step.share >= 1.0 {
            at.clear();
        }
        at.push(Some(j));
    }
    ways
}
