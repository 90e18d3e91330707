//! What links are over time where it differs from the rest of the day: incidents, closures, tolls by hour.
//!
//! A period replaces capacity, free speed and toll of its link from one moment until another; outside its periods a link
//! is as [`Roads`] has it. Storage stays: a closed lane is a smaller capacity, not a shorter queue.

use super::roads::Roads;
use crate::ids::LinkIx;
use crate::units::Time;

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
    }
}
