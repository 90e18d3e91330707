//! What stands in stores of vehicles when the day begins: aircraft on stands, trains on platform tracks.
//!
//! A schedule says which vehicles come and which leave, not which of them stood there overnight. The least number is taken
//! with which no service leaves before its vehicle is there. For other stores the schedule says nothing: they stay without
//! a start.

use super::{Hub, Service, Store};
use crate::scenario::hubs::{ChainUser, Direction, StoreUnit};
use crate::units::Time;

/// Fills in the starts of a hub's stores of vehicles; its stores are numbered from `first` on.
pub(super) fn starts(hub: &Hub, services: &[Service], first: usize, stores: &mut [Store]) {
    for (s, store) in stores.iter_mut().enumerate().skip(first) {
        if store.unit == StoreUnit::Vehicles && store.start.is_none() {
            store.start = least(&changes(hub, services, s));
        }
    }
}

/// What the services of a hub take of a store's room and give back, at their times.
pub(super) fn changes(hub: &Hub, services: &[Service], store: usize) -> Vec<(Time, f64)> {
    let mut changes = Vec::new();
    for service in services {
        let user = match service.direction {
            Direction::Arrival => ChainUser::ServiceIn,
            Direction::Departure => ChainUser::ServiceOut,
        };
        let Some(chain) = hub.chain_at(user, service.scope, service.terminal) else { continue };
        let change: f64 = hub.chains[chain]
            .steps
            .iter()
            .map(|step| {
                let is =
                    |named: Option<crate::ids::StoreIx>| f64::from(u8::from(named.is_some_and(|n| n.i() == store)));
                step.share_of(&hub.users, service.scope) * (is(step.takes) - is(step.frees))
            })
            .sum();
        if change != 0.0 {
            changes.push((service.time, change));
        }
    }
    changes
}

/// The least start with which the content never falls below zero; `None` where nothing comes or goes. Who leaves at the
/// moment at which another comes had to be there before.
fn least(changes: &[(Time, f64)]) -> Option<f64> {
    let mut sorted = changes.to_vec();
    sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut content = 0.0;
    let lowest = sorted.iter().map(|(_, change)| {
        content += change;
        content
    });
    // A hair below a whole number is the sum of shares, not a vehicle more.
    let lowest = lowest.fold(0.0, f64::min);
    (!sorted.is_empty()).then(|| (-lowest - 1e-9).ceil().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::least;
    use crate::units::Time;

    #[test]
    fn as_many_stand_overnight_as_leave_before_they_have_come() {
        let day = |moments: &[(i64, f64)]| moments.iter().map(|&(t, change)| (Time(t), change)).collect::<Vec<_>>();
        // Two leave, one comes, two leave: −2, −1, −3.
        assert_eq!(least(&day(&[(4, -1.0), (1, -1.0), (2, -1.0), (3, 1.0), (5, -1.0)])), Some(3.0));
        // One comes at the moment at which another leaves.
        assert_eq!(least(&day(&[(1, 1.0), (1, -1.0)])), Some(1.0));
        assert_eq!(least(&day(&[(1, 1.0), (2, -1.0)])), Some(0.0));
        // Ten thirds of a vehicle are as many as four.
        assert_eq!(least(&day(&[(1, -1.0 / 3.0); 10])), Some(4.0));
        assert_eq!(least(&day(&[(1, -1.0 / 3.0); 9])), Some(3.0));
        assert_eq!(least(&[]), None);
    }
}
