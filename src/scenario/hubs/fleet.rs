//! Vehicles in stores by the schedule: aircraft on stands, trains on platform tracks.
//!
//! A schedule says which vehicles come and which leave, not which of them stood there overnight. The least number is taken
//! with which no service leaves before its vehicle is there.

use super::{ChainUser, Direction, HubFile, StoreFile, StoreUnit};
use crate::units::Time;

impl HubFile {
    /// What the vehicles of services take of a store's room at the times of the services, and give back (below zero), in
    /// the order of time; who leaves at the moment at which another comes is first.
    pub fn vehicles(&self, store: &str) -> Vec<(Time, f64)> {
        let mut changes = Vec::new();
        for service in &self.services {
            let user = match service.direction {
                Direction::Arrival => ChainUser::ServiceIn,
                Direction::Departure => ChainUser::ServiceOut,
            };
            let Some(chain) = self.chain_at(user, service.scope, &service.terminal) else { continue };
            let is = |named: &Option<String>| f64::from(u8::from(named.as_deref() == Some(store)));
            let change = |step: &super::StepFile| {
                let classes = (step.only.iter().copied(), step.except.iter().copied());
                let share = step.share * self.users.share_for(classes.0, classes.1, service.scope);
                share * (is(&step.takes) - is(&step.frees))
            };
            let change: f64 = self.chains[chain].steps.iter().map(change).sum();
            if change != 0.0 {
                changes.push((Time::from_seconds(service.time_s), change));
            }
        }
        changes.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        changes
    }

    /// What is in a store when the day begins: what its file says, or the least number of vehicles with which its content
    /// never falls below zero; `None` where neither says anything.
    pub fn start_of(&self, store: &StoreFile) -> Option<f64> {
        let by_schedule = || least(&self.vehicles(&store.id));
        store.start.or_else(|| if store.unit == StoreUnit::Vehicles { by_schedule() } else { None })
    }
}

/// The least start with which the content never falls below zero; `None` where nothing comes or goes.
fn least(changes: &[(Time, f64)]) -> Option<f64> {
    let mut content = 0.0;
    let contents = changes.iter().map(|(_, change)| {
        content += change;
        content
    });
    let lowest = contents.fold(0.0, f64::min);
    // A hair below a whole number is the sum of shares, not a vehicle more.
    (!changes.is_empty()).then(|| (-lowest - 1e-9).ceil().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::least;
    use crate::units::Time;

    #[test]
    fn as_many_stand_overnight_as_leave_before_they_have_come() {
        let day = |moments: &[(i64, f64)]| moments.iter().map(|&(t, change)| (Time(t), change)).collect::<Vec<_>>();
        // Two leave, one comes, two leave: −2, −1, −3.
        assert_eq!(least(&day(&[(1, -1.0), (2, -1.0), (3, 1.0), (4, -1.0), (5, -1.0)])), Some(3.0));
        assert_eq!(least(&day(&[(1, 1.0), (2, -1.0)])), Some(0.0));
        // Ten thirds of a vehicle are as many as four.
        assert_eq!(least(&day(&[(1, -1.0 / 3.0); 10])), Some(4.0));
        assert_eq!(least(&day(&[(1, -1.0 / 3.0); 9])), Some(3.0));
        assert_eq!(least(&[]), None);
    }
}
