//! What links are over time where it differs from the rest of the day: incidents, closures, tolls by hour.
//!
//! A period replaces capacity, free speed and toll of its link from one moment until another; outside its periods a link
//! is as [`Roads`] has it. Storage stays: a closed lane is a smaller capacity, not a shorter queue.

use super::NetworkNames;
use super::build::{Files, quoted};
use super::roads::Roads;
use crate::error::Problem;
use crate::ids::LinkIx;
use crate::mode::VehicleClass;
use crate::scenario::Scenario;
use crate::scenario::control::LinkPeriodRow;
use crate::scenario::periods::profile;
use crate::units::Time;
use std::collections::BTreeMap;

/// Least free speed that a time is worked out of, metres per second: a link at a standstill has a time all the same.
const LEAST_SPEED_MPS: f64 = 1e-3;

/// A part of the day in which a link differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkPeriod {
    /// The link.
    pub link: LinkIx,
    /// First moment.
    pub from: Time,
    /// First moment after it.
    pub until: Time,
    /// Flow capacity of all lanes, PCU per hour; 0 while the link is closed to vehicles.
    pub capacity_pcu_h: f64,
    /// Free speed, metres per second.
    pub free_speed_mps: f64,
    /// Toll, yuan.
    pub toll_cny: f64,
}

impl LinkPeriod {
    /// The periods of a scenario, in the order of links and times. What a measure set on a link that the base does not
    /// have is left out of the base.
    pub(super) fn build(scenario: &Scenario, names: &NetworkNames, problems: &mut Vec<Problem>) -> Vec<LinkPeriod> {
        let file = Files(scenario).network("link_tod.csv");
        let mut by_link: BTreeMap<LinkIx, Vec<LinkPeriodRow>> = BTreeMap::new();
        for row in &scenario.control.periods {
            let known = names.links.find(&row.link_id);
            match known {
                Some(link) => by_link.entry(LinkIx(link)).or_default().push(row.clone()),
                None if row.row == 0 => {}
                None => {
                    let problem = Problem::new(&file, quoted(&row.link_id), "the id of a link");
                    problems.push(problem.at(row.row).column("link_id"));
                }
            }
        }
        let factor = scenario.settings.network.capacity_factor;
        let of_link = |(link, rows): (LinkIx, Vec<LinkPeriodRow>)| {
            profile(&scenario.links[link.i()], &rows).into_iter().map(move |piece| LinkPeriod {
                link,
                from: Time::from_seconds(piece.from_s),
                until: Time::from_seconds(piece.until_s),
                capacity_pcu_h: piece.capacity_pcu_h * factor,
                free_speed_mps: piece.free_speed_mps,
                toll_cny: piece.toll_cny,
            })
        };
        by_link.into_iter().flat_map(of_link).filter(|period| period.from < period.until).collect()
    }
}

impl Roads {
    /// The periods of a link in the order of time; they do not overlap.
    pub fn periods_of(&self, link: LinkIx) -> &[LinkPeriod] {
        let first = self.periods.partition_point(|p| p.link < link);
        let rest = &self.periods[first..];
        &rest[..rest.partition_point(|p| p.link == link)]
    }

    /// The period of a link that holds a moment, `None` when the link is then as it is the rest of the day.
    pub fn period_at(&self, link: LinkIx, time: Time) -> Option<&LinkPeriod> {
        let periods = self.periods_of(link);
        periods[..periods.partition_point(|p| p.from <= time)].last().filter(|p| time < p.until)
    }

    /// The number of the period that holds a moment, counted from 1 as in [`Roads::periods_of`]; 0 outside of all.
    pub fn period_number_at(&self, link: LinkIx, time: Time) -> u32 {
        let periods = self.periods_of(link);
        let begun = periods.partition_point(|p| p.from <= time);
        if periods[..begun].last().is_some_and(|p| time < p.until) { begun as u32 } else { 0 }
    }

    /// A period of a link by its number; `None` for 0.
    fn numbered(&self, link: LinkIx, period: u32) -> Option<&LinkPeriod> {
        self.periods_of(link).get((period as usize).checked_sub(1)?)
    }

    /// Free-flow travel time of a vehicle of the class that enters a link in a period by number, milliseconds, at least one.
    pub fn free_flow_ms_in(&self, link: LinkIx, class: VehicleClass, period: u32) -> i64 {
        let Some(period) = self.numbered(link, period) else { return self.free_flow_ms(link, class) };
        let speed = period.free_speed_mps.min(class.max_speed_mps()).max(LEAST_SPEED_MPS);
        ((self.length_m[link.i()] / speed * 1000.0).round() as i64).max(1)
    }

    /// Toll for entering a link in a period by number, yuan.
    pub fn toll_cny_in(&self, link: LinkIx, period: u32) -> f64 {
        self.numbered(link, period).map_or(self.toll_cny[link.i()], |p| p.toll_cny)
    }

    /// Toll for entering a link at a moment, yuan.
    pub fn toll_cny_at(&self, link: LinkIx, time: Time) -> f64 {
        self.period_at(link, time).map_or(self.toll_cny[link.i()], |p| p.toll_cny)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::roads;

    #[test]
    fn a_period_holds_from_its_first_moment_until_before_its_last() {
        let mut roads = roads(3, &[(0, 1, 100.0, 10.0), (1, 2, 100.0, 10.0)]);
        roads.toll_cny = vec![1.0, 2.0];
        let period = |link, from, until, toll_cny| LinkPeriod {
            link: LinkIx(link),
            from: Time(from),
            until: Time(until),
            capacity_pcu_h: 0.0,
            free_speed_mps: 10.0,
            toll_cny,
        };
        roads.periods = vec![period(0, 10, 20, 5.0), period(0, 20, 30, 6.0), period(1, 10, 20, 7.0)];
        assert_eq!(roads.periods_of(LinkIx(0)).len(), 2);
        assert_eq!(roads.periods_of(LinkIx(2)), []);
        let tolls = [9, 10, 19, 20, 29, 30].map(|t| roads.toll_cny_at(LinkIx(0), Time(t)));
        assert_eq!(tolls, [1.0, 5.0, 5.0, 6.0, 6.0, 1.0]);
        assert_eq!([9, 10, 20].map(|t| roads.toll_cny_at(LinkIx(1), Time(t))), [2.0, 7.0, 2.0]);
        let numbers = [9, 10, 19, 20, 29, 30].map(|t| roads.period_number_at(LinkIx(0), Time(t)));
        assert_eq!(numbers, [0, 1, 1, 2, 2, 0]);
        assert_eq!([0, 1, 2].map(|k| roads.toll_cny_in(LinkIx(0), k)), [1.0, 5.0, 6.0]);
    }

    #[test]
    fn free_flow_in_a_period_is_at_its_speed() {
        // 1,000 m at 25 m/s are 40 s, a truck at 80 km/h takes 45 s; in the period at 10 m/s both take 100 s. At a
        // standstill the speed is 1 mm/s: a million seconds.
        let mut roads = roads(2, &[(0, 1, 1000.0, 25.0)]);
        let base = LinkPeriod {
            link: LinkIx(0),
            from: Time(0),
            until: Time(10),
            capacity_pcu_h: 900.0,
            free_speed_mps: 10.0,
            toll_cny: 0.0,
        };
        roads.periods = vec![base, LinkPeriod { from: Time(10), until: Time(20), free_speed_mps: 0.0, ..base }];
        let free = |class| [0, 1, 2].map(|k| roads.free_flow_ms_in(LinkIx(0), class, k));
        assert_eq!(free(VehicleClass::Car), [40_000, 100_000, 1_000_000_000]);
        assert_eq!(free(VehicleClass::Truck), [45_000, 100_000, 1_000_000_000]);
    }
}
