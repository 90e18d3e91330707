//! Legs one by one: the table `legs`.
//!
//! Rows are simulated agents' legs and are not expanded; each stands for 1/sample of its kind. A drive goes along the
//! route of its plan: all of it when it has ended, else as far as the link on which the day's end finds the vehicle.

use crate::demand::plan::Leg;
use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, LineIx, StopIx};
use crate::metrics::services::position_of;
use crate::metrics::traversals::{Came, lengths_mm};
use crate::metrics::trips::{mode_code, mode_words};
use crate::metrics::{Context, Indicator};
use crate::mode::Mode;
use crate::network::passages::LinkTraffic;
use crate::table::Table;
use crate::units::Time;

/// A ride aboard a line from a position, to a stop when there.
#[derive(Clone, Copy, Debug)]
struct Ride {
    line: LineIx,
    from: u16,
    to: Option<StopIx>,
}

/// A leg that began.
#[derive(Clone, Copy, Debug)]
struct LegRecord {
    agent: AgentIx,
    leg: u16,
    mode: Option<Mode>,
    began: Time,
    /// [`Time::NEVER`] while it lasts.
    ended: Time,
    ride: Option<Ride>,
}

/// No leg yet: beyond the position of any record.
const NO_LEG: u32 = u32::MAX;

/// Legs of all agents.
#[derive(Debug)]
pub struct Legs {
    legs: Vec<LegRecord>,
    /// Position in `legs` of the leg that an agent is on or last was on; [`NO_LEG`] before its first.
    last: Vec<u32>,
    /// How far each leg went by road, millimetres; 0 for those that do not.
    driven_mm: Vec<u64>,
}

impl Legs {
    /// Nobody has set out.
    pub fn new(context: &Context) -> Legs {
        let last = vec![NO_LEG; context.demand.agents.len()];
        Legs { legs: Vec::new(), last, driven_mm: Vec::new() }
    }

    /// Opens the record of a leg, unless the agent is on it or past it.
    fn begin(&mut self, agent: AgentIx, leg: u16, mode: Option<Mode>, began: Time) {
        if self.leg(agent).is_some_and(|record| record.leg >= leg) {
            return;
        }
        self.last[agent.i()] = u32::try_from(self.legs.len()).expect("fewer than 2^32 legs");
        self.legs.push(LegRecord { agent, leg, mode, began, ended: Time::NEVER, ride: None });
    }

    fn leg(&mut self, agent: AgentIx) -> Option<&mut LegRecord> {
        self.legs.get_mut(self.last[agent.i()] as usize)
    }
}

impl EventSink for Legs {
    fn event(&mut self, event: &Event) {
        let agent = event.agent;
        match event.what {
            What::Boarded { line, position, .. } => {
                if let Some(leg) = self.leg(agent) {
                    leg.ride = Some(Ride { line, from: position, to: None });
                }
            }
            What::Alighted { stop, .. } => {
                if let Some(LegRecord { ride: Some(ride), .. }) = self.leg(agent) {
                    ride.to = Some(stop);
                }
            }
            What::LegBegan { leg, mode } => self.begin(agent, leg, mode, event.time),
            What::LegEnded { leg, mode } => {
                // A leg that takes no time ends before it begins in the order of events.
                self.begin(agent, leg, mode, event.time);
                if let Some(record) = self.leg(agent) {
                    record.ended = event.time;
                }
            }
            _ => {}
        }
    }
}

/// How far a leg by road went, the `drive`-th of its agent: the links of its route that it left behind. People may plan
/// again on the way, but no drive is replaced, so drives are told by their order and not by the number of the leg.
fn driven_mm(leg: &LegRecord, drive: usize, context: &Context, traffic: &LinkTraffic, length_mm: &[u64]) -> u64 {
    let legs = context.plans[leg.agent.i()].iter().flat_map(|plan| &plan.legs);
    let mut drives = legs.filter_map(|leg| if let Leg::Drive { route } = leg { Some(route) } else { None });
    let Some(route) = drives.nth(drive) else { return 0 };
    let came = if leg.ended == Time::NEVER { Came::of(leg.agent, traffic) } else { Came::Through };
    let route = traffic.driven(leg.agent, route, leg.began..leg.ended);
    came.left(&route).iter().map(|link| length_mm[link.i()]).sum()
}

fn is_drive(mode: Option<Mode>) -> bool {
    matches!(mode, Some(Mode::Car | Mode::Taxi | Mode::Truck))
}

fn distance_m(leg: &LegRecord, driven_mm: u64, context: &Context) -> Option<f64> {
    match (leg.mode?, leg.ride) {
        (Mode::Car | Mode::Taxi | Mode::Truck, _) => Some(driven_mm as f64 / 1_000.0),
        (Mode::Transit, Some(Ride { line, from, to: Some(stop) })) => {
            let line = &context.network.lines.lines[line.i()];
            let to = position_of(&line.stops, from, stop)?;
            Some(line.chainage_m[to] - line.chainage_m[usize::from(from)])
        }
        _ => None,
    }
}

impl Indicator for Legs {
    fn name(&self) -> &'static str {
        "legs"
    }

    fn close(&mut self, context: &Context, traffic: &LinkTraffic) {
        self.legs.sort_by_key(|l| (l.agent, l.leg, l.began));
        let length_mm = lengths_mm(&context.network.roads);
        let (mut agent, mut drives) = (None, 0);
        let driven = |leg: &LegRecord| {
            if agent.replace(leg.agent) != Some(leg.agent) {
                drives = 0;
            }
            if !is_drive(leg.mode) {
                return 0;
            }
            drives += 1;
            driven_mm(leg, drives - 1, context, traffic, &length_mm)
        };
        self.driven_mm = self.legs.iter().map(driven).collect();
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let legs = &self.legs;
        let ended = |l: &LegRecord| (l.ended != Time::NEVER).then(|| l.ended.seconds());
        let table = Table::new("legs")
            .key_int(
                "agent",
                "",
                "number of the simulated agent, as in trips",
                legs.iter().map(|l| i64::from(l.agent.0)).collect(),
            )
            .key_int(
                "leg",
                "",
                "number of the leg in its plan, from 0",
                legs.iter().map(|l| i64::from(l.leg)).collect(),
            )
            .category(
                "mode",
                "mode, or visit of a hub's processes",
                legs.iter().map(|l| mode_code(l.mode)).collect(),
                mode_words("visit"),
            )
            .real(
                "start_s",
                "seconds after midnight",
                "when it began",
                legs.iter().map(|l| l.began.seconds()).collect(),
            )
            .real_or_none(
                "end_s",
                "seconds after midnight",
                "when it ended; none for a leg that was cut by the end of the day",
                legs.iter().map(ended).collect(),
            )
            .real_or_none(
                "distance_m",
                "metres",
                "length of the links left behind, or along the line; none for walks and visits",
                legs.iter().zip(&self.driven_mm).map(|(l, &mm)| distance_m(l, mm, context)).collect(),
            );
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{ARRIVING, COMMUTER, DEPARTING, Town, at};

    #[test]
    fn a_leg_has_the_length_of_its_links_or_of_its_line_between_stops() {
        // By car 1,000 + 3,000 m, then a visit. From position 1 to stop 2 of the line: 3,000 − 1,000 = 2,000 m. The
        // commuter has left no link behind.
        let mut town = Town::new();
        town.drives(DEPARTING, &[0, 1]);
        town.drives(COMMUTER, &[0, 1]);
        let (car, transit) = (Some(Mode::Car), Some(Mode::Transit));
        let events = [
            at(1_000).began(DEPARTING, 0, car),
            at(1_000).entered(DEPARTING, 0),
            at(61_000).left(DEPARTING, 0, 1_000),
            at(61_000).entered(DEPARTING, 1),
            at(161_000).left(DEPARTING, 1, 61_000),
            at(161_000).ended(DEPARTING, 0, car),
            at(163_000).began(DEPARTING, 1, None),
            at(2_000).began(ARRIVING, 0, transit),
            at(3_000).boarded(ARRIVING, 0, 1, 2_000),
            at(9_000).alighted(ARRIVING, 0, 2),
            at(9_000).ended(ARRIVING, 0, transit),
            at(7_000).began(COMMUTER, 0, car),
            at(8_000).entered(COMMUTER, 0),
        ];
        let (tables, _) = town.tell(Legs::new(&town.context()), &events);
        let figures = |name: &str| [0, 1, 2, 3].map(|row| tables[0].number(name, row));
        let agents = [DEPARTING, DEPARTING, ARRIVING, COMMUTER].map(|a| Some(f64::from(a)));
        assert_eq!(figures("agent"), agents, "sorted by agent and leg");
        assert_eq!(figures("distance_m"), [Some(4_000.0), None, Some(2_000.0), Some(0.0)]);
        assert_eq!(figures("end_s"), [Some(161.0), None, Some(9.0), None]);
        assert_eq!(tables[0].word("mode", 1), Some("visit"));
    }

    #[test]
    fn a_leg_that_takes_no_time_still_begins_and_ends() {
        // Leg 0 from 1 s to 2 s, leg 1 takes no time at 2 s, leg 2 from 2 s on; in the order of events leg 1 ends
        // before it begins.
        let town = Town::new();
        let walk = Some(Mode::Walk);
        let events = [
            at(1_000).began(COMMUTER, 0, walk),
            at(2_000).ended(COMMUTER, 0, walk),
            at(2_000).began(COMMUTER, 1, walk),
            at(2_000).ended(COMMUTER, 1, walk),
            at(2_000).began(COMMUTER, 2, walk),
        ];
        let (tables, _) = town.tell(Legs::new(&town.context()), &events);
        let row = |r| [tables[0].number("leg", r), tables[0].number("start_s", r), tables[0].number("end_s", r)];
        assert_eq!(tables[0].rows(), 3);
        assert_eq!(row(0), [Some(0.0), Some(1.0), Some(2.0)]);
        assert_eq!(row(1), [Some(1.0), Some(2.0), Some(2.0)]);
        assert_eq!(row(2), [Some(2.0), Some(2.0), None]);
    }

    #[test]
    fn a_drive_that_is_cut_goes_as_far_as_the_link_before_the_one_it_is_on() {
        // Links of 1,000 and 3,000 m. The departing is on the second: 1,000 m. The commuter waits for the first: 0 m.
        let mut town = Town::new();
        town.drives(DEPARTING, &[0, 1]);
        town.drives(COMMUTER, &[0, 1]);
        let car = Some(Mode::Car);
        let events = [
            at(1_000).began(DEPARTING, 0, car),
            at(1_000).entered(DEPARTING, 0),
            at(61_000).left(DEPARTING, 0, 1_000),
            at(61_000).entered(DEPARTING, 1),
            at(86_000_000).began(COMMUTER, 0, car),
        ];
        let (tables, _) = town.tell(Legs::new(&town.context()), &events);
        assert_eq!([0, 1].map(|row| tables[0].number("distance_m", row)), [Some(1_000.0), Some(0.0)]);
    }
}
