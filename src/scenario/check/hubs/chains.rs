//! Chains of a hub: who passes them, what their steps name, what is taken, freed, handed over and waited for.

use super::super::super::hubs::{ChainFile, ChainScope, ChainUser, HandOver, HubFile, StepFile, StoreUnit, UserClass};
use super::super::super::read::range::{SHARE, WITHIN_A_DAY};
use super::super::values::Values;
use super::classes::{is_for, kinds};

/// Checks the chains.
pub(super) fn chains(hub: &HubFile, values: &mut Values) {
    for (i, chain) in hub.chains.iter().enumerate() {
        let path = format!("chain[{i}]");
        users(hub, i, &path, values);
        for (j, step) in chain.steps.iter().enumerate() {
            let at = format!("{path}.step[{j}]");
            let known = Some(hub.processes.iter().map(|p| p.id.as_str()));
            values.known(&format!("{at}.process"), &step.process, known, "the id of a process of the hub");
            values.number(&format!("{at}.walk_s"), step.walk_s, WITHIN_A_DAY);
            values.number(&format!("{at}.share"), step.share, SHARE);
            open(chain, step, &at, values);
            for (key, store) in [("takes", &step.takes), ("frees", &step.frees)] {
                if let Some(store) = store {
                    in_store(hub, chain.user, store, &format!("{at}.{key}"), values);
                }
            }
            handed_over(hub, chain, step, &at, values);
        }
    }
    balance(hub, values);
    bags(hub, values);
}

/// One chain for each user, scope and terminal; stops name those of lines.
fn users(hub: &HubFile, i: usize, path: &str, values: &mut Values) {
    let chain = &hub.chains[i];
    let of_lines = matches!(chain.user, ChainUser::Boarding | ChainUser::Alighting);
    let same = |c: &ChainFile| c.user == chain.user && c.scope == chain.scope && c.terminal == chain.terminal;
    let again = hub.chains[..i].iter().any(same);
    let found = || format!("a second chain of the same user, scope and terminal ({})", chain.user.word());
    values.want(!again || of_lines, path, found, "one chain for each user, scope and terminal");
    values.want(!of_lines || chain.id.is_some(), path, || "no id".into(), "an id, by which stops name the chain");
    if let Some(id) = &chain.id {
        let again = hub.chains[..i].iter().any(|c| c.id.as_ref() == Some(id));
        values.want(!again, &format!("{path}.id"), || format!("\"{id}\" again"), "ids that are unique");
    }
    if let Some(terminal) = &chain.terminal {
        let known = Some(hub.terminals.iter().map(|t| t.id.as_str()));
        values.known(&format!("{path}.terminal"), terminal, known, "the id of a terminal of the hub");
    }
}

/// Somebody of the chain's users may take the step.
fn open(chain: &ChainFile, step: &StepFile, at: &str, values: &mut Values) {
    if step.only.is_empty() && step.except.is_empty() {
        return;
    }
    let words = |classes: &[UserClass]| {
        classes.iter().map(|class| format!("\"{}\"", class.word())).collect::<Vec<_>>().join(", ")
    };
    let found = || {
        let scope = match chain.scope {
            ChainScope::Any => "",
            ChainScope::Domestic => " on domestic services",
            ChainScope::International => " on international services",
        };
        format!(
            "a step for nobody: only [{}], except [{}] in a chain of {}{scope}",
            words(&step.only),
            words(&step.except),
            chain.user.word()
        )
    };
    let key = if step.only.is_empty() { "except" } else { "only" };
    let some = kinds(chain).iter().any(|kind| is_for(step, kind));
    values.want(
        some,
        &format!("{at}.{key}"),
        found,
        "classes that users of the chain are of, and not all of them shut out",
    );
}

/// A store is known and holds what the chain's users are or carry.
fn in_store(hub: &HubFile, user: ChainUser, id: &str, key: &str, values: &mut Values) {
    let known = Some(hub.stores.iter().map(|s| s.id.as_str()));
    values.known(key, id, known, "the id of a store of the hub");
    let Some(store) = hub.stores.iter().find(|s| s.id == id) else { return };
    let (holds, unit) = match store.unit {
        StoreUnit::Persons => (user.is_on_foot(), "persons"),
        StoreUnit::Vehicles => (!user.is_on_foot(), "vehicles"),
        StoreUnit::Teu => (user.has_freight(), "TEU"),
        StoreUnit::Tonnes => (user.has_freight(), "tonnes"),
    };
    let found = || format!("\"{id}\", a store of {unit}, in a chain of {}", user.word());
    values.want(holds, key, found, "a store of what passes the chain: persons, vehicles, TEU or tonnes");
}

/// What is dropped goes on by some chain, and what is waited for comes by one.
fn handed_over(hub: &HubFile, chain: &ChainFile, step: &StepFile, at: &str, values: &mut Values) {
    for (key, what, users) in [
        ("drops", step.drops, [(ChainUser::Departing, ChainUser::BagsOut), (ChainUser::Truck, ChainUser::Load)]),
        (
            "waits_for",
            step.waits_for,
            [(ChainUser::Arriving, ChainUser::BagsIn), (ChainUser::Truck, ChainUser::Unload)],
        ),
    ] {
        let Some(what) = what else { continue };
        let (word, (user, goes)) = match what {
            HandOver::Bags => ("bags", users[0]),
            HandOver::Freight => ("freight", users[1]),
        };
        let key = format!("{at}.{key}");
        let found = || format!("\"{word}\" in a chain of {}", chain.user.word());
        values.want(chain.user == user, &key, found, &format!("a step of a chain of {}", user.word()));
        let comes = hub.chains.iter().any(|c| c.user == goes && meet(c, chain));
        let found = || format!("\"{word}\" that no chain of {} carries", goes.word());
        let wanted = format!("a [[chain]] with user = \"{}\" for these services", goes.word());
        values.want(chain.user != user || comes, &key, found, &wanted);
    }
}

/// Whether two chains may be for the same service.
fn meet(a: &ChainFile, b: &ChainFile) -> bool {
    let scopes = a.scope == b.scope || a.scope == ChainScope::Any || b.scope == ChainScope::Any;
    scopes && (a.terminal == b.terminal || a.terminal.is_none() || b.terminal.is_none())
}

/// What is taken is freed somewhere, and what is freed was taken.
fn balance(hub: &HubFile, values: &mut Values) {
    for (i, store) in hub.stores.iter().enumerate() {
        let names = |of: fn(&StepFile) -> &Option<String>| {
            hub.chains.iter().flat_map(|c| &c.steps).any(|s| of(s).as_deref() == Some(&store.id))
        };
        let (taken, freed) = (names(|s| &s.takes), names(|s| &s.frees));
        let key = format!("store[{i}].id");
        let found = || format!("\"{}\", which is taken and never freed", store.id);
        values.want(!taken || freed, &key, found, "a step with frees, so that the store does not fill up for good");
        let found = || format!("\"{}\", which is freed and never taken", store.id);
        values.want(!freed || taken, &key, found, "a step with takes");
    }
}

/// Bags that are checked in have to do with some chain or step.
fn bags(hub: &HubFile, values: &mut Values) {
    let share = hub.users.bags_share;
    let of_bags = |c: &ChainFile| matches!(c.user, ChainUser::BagsIn | ChainUser::BagsOut);
    let asked = |s: &StepFile| s.only.contains(&UserClass::Bags) || s.except.contains(&UserClass::Bags);
    let used = hub.chains.iter().any(|c| of_bags(c) || c.steps.iter().any(asked));
    let found = || format!("{share} without a chain for bags or a step for those who have some");
    let wanted = "0, or a [[chain]] with user = \"bags_out\" or \"bags_in\", or steps with only = [\"bags\"]";
    values.want(share == 0.0 || share.is_nan() || used, "users.bags_share", found, wanted);
}
