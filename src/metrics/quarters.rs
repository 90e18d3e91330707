//! Links by quarter hour: the table `link_quarters`, a row for every quarter hour in which somebody entered a link.
//!
//! Where the bins of travel times do not make up quarter hours its rows are those bins.
//!
//! Flow, mean time and mean queue of each quarter hour, and the vehicles that had entered since the day began: the
//! cumulative curve. The mean queue is the time lost by those who entered, by the width of the quarter hour
//! [Little 1961]; in a quarter hour in which the queue grows it counts them where they entered, not where they wait.

use crate::events::{Event, EventSink};
use crate::metrics::traversals::{ByLink, OfLink};
use crate::metrics::{Context, Indicator};
use crate::network::passages::LinkTraffic;
use crate::network::times::told_ms;
use crate::table::Table;
use crate::units::Time;
use std::collections::BTreeMap;

/// Links by quarter hour.
#[derive(Debug, Default)]
pub struct LinkQuarters {
    link: Vec<u32>,
    start_s: Vec<f64>,
    volume: Vec<f64>,
    cumulative: Vec<f64>,
    mean_s: Vec<f64>,
    queue: Vec<f64>,
    wait_s: Vec<f64>,
}

/// A link in a quarter hour.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    entered: u64,
    time_ms: u64,
    lost_ms: u64,
    set_out: u64,
    wait_ms: u64,
}

impl LinkQuarters {
    /// Nothing has passed.
    pub fn new(_context: &Context) -> LinkQuarters {
        LinkQuarters::default()
    }

    fn count(&mut self, of: OfLink, context: &Context) {
        let width = told_ms(of.bin_ms());
        let mut cells: BTreeMap<i64, Cell> = BTreeMap::new();
        for row in of.entered() {
            let cell = cells.entry(of.bin_start(row.bin).0.div_euclid(width)).or_default();
            cell.entered += u64::from(row.count);
            cell.time_ms += row.time_ms;
            cell.lost_ms += row.lost_ms;
        }
        // Who waits to enter a link that nobody enters is in no row.
        for row in of.set_out() {
            if let Some(cell) = cells.get_mut(&of.bin_start(row.bin).0.div_euclid(width)) {
                cell.set_out += u64::from(row.count);
                cell.wait_ms += row.wait_ms;
            }
        }
        let mut cumulative = 0;
        for (bin, cell) in cells {
            cumulative += cell.entered;
            self.link.push(of.link.0);
            self.start_s.push(Time(bin * width).seconds());
            self.volume.push(context.expand(cell.entered));
            self.cumulative.push(context.expand(cumulative));
            self.mean_s.push(cell.time_ms as f64 / 1_000.0 / cell.entered as f64);
            self.queue.push(context.expand(cell.lost_ms) / width as f64);
            self.wait_s.push(cell.wait_ms as f64 / 1_000.0 / cell.set_out.max(1) as f64);
        }
    }
}

impl EventSink for LinkQuarters {
    /// The rows of the day tell everything.
    fn event(&mut self, _event: &Event) {}
}

impl Indicator for LinkQuarters {
    fn name(&self) -> &'static str {
        "link_quarters"
    }

    fn close(&mut self, context: &Context, traffic: &LinkTraffic) {
        ByLink::new(traffic, context).links().for_each(|of| self.count(of, context));
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let names = context.network.names.links.all().to_vec();
        let table = Table::new("link_quarters")
            .key_category("link_id", "external id of the link", self.link.clone(), names)
            .real("start_s", "seconds after midnight", "when the quarter hour begins", self.start_s.clone())
            .real("volume_veh", "vehicles", "vehicles that entered in it, expanded by 1/sample", self.volume.clone())
            .real(
                "cumulative_veh",
                "vehicles",
                "vehicles that had entered since the day began when it ended, expanded by 1/sample",
                self.cumulative.clone(),
            )
            .real("mean_time_s", "seconds", "mean travel time of those who entered in it", self.mean_s.clone())
            .real(
                "mean_queue_veh",
                "vehicles",
                "time that those who entered in it lost against free flow, by its 15 minutes, expanded by 1/sample",
                self.queue.clone(),
            )
            .real(
                "mean_wait_s",
                "seconds",
                "mean time that those who set out onto the link in it waited before they entered it; 0 if nobody did",
                self.wait_s.clone(),
            );
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{COMMUTER, DEPARTING, Town, at};

    #[test]
    fn quarters_add_up_to_a_cumulative_curve_and_their_lost_time_is_a_queue() {
        // Half of the population. Link 0 (50 s free) takes one in 95 s at 8:00 and two in 50 s and 140 s at 8:20: 2 and 4
        // vehicles, 6 by then. Lost are 45 s, then 0 + 90 s: by 900 s and for the whole population 0.1 and 0.2 vehicles.
        let town = Town::sampled(0.5);
        let (eight, twenty) = (8 * 3_600_000, 8 * 3_600_000 + 1_200_000);
        let events = [
            at(eight + 95_000).left(COMMUTER, 0, eight),
            at(twenty + 50_000).left(DEPARTING, 0, twenty),
            at(twenty + 141_000).left(COMMUTER, 0, twenty + 1_000),
        ];
        let (tables, _) = town.tell(LinkQuarters::new(&town.context()), &events);
        let column = |name: &str| (0..2).map(|row| tables[0].number(name, row).unwrap()).collect::<Vec<f64>>();
        assert_eq!(tables[0].rows(), 2);
        assert_eq!(column("start_s"), [28_800.0, 29_700.0]);
        assert_eq!((column("volume_veh"), column("cumulative_veh")), (vec![2.0, 4.0], vec![2.0, 6.0]));
        assert_eq!((column("mean_time_s"), column("mean_queue_veh")), (vec![95.0, 95.0], vec![0.1, 0.2]));
    }
}
