//! Legs one by one: the table `legs`.
//!
//! Rows are simulated agents' legs and are not expanded; each stands for 1/sample of its kind.

use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, LineIx, StopIx};
use crate::metrics::services::position_of;
use crate::metrics::traversals::lengths_mm;
use crate::metrics::trips::{mode_code, mode_words};
use crate::metrics::{Context, Indicator};
use crate::mode::Mode;
use crate::network::lines::Lines;
use crate::table::Table;
use crate::units::Time;

/// How far a leg went.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Along links, millimetres so far; stays 0 for walks and visits.
    Road(u64),
    /// Aboard a line from a position, to a stop when there.
    Line(LineIx, u16, Option<StopIx>),
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
    way: Way,
}

/// No leg yet: beyond the position of any record.
const NO_LEG: u32 = u32::MAX;

/// Legs of all agents.
#[derive(Debug)]
pub struct Legs {
    legs: Vec<LegRecord>,
    /// Position in `legs` of the leg that an agent is on or last was on; [`NO_LEG`] before its first.
    last: Vec<u32>,
    length_mm: Vec<u64>,
}

impl Legs {
    /// Nobody has set out.
    pub fn new(context: &Context) -> Legs {
        let last = vec![NO_LEG; context.demand.agents.len()];
        Legs { legs: Vec::new(), last, length_mm: lengths_mm(&context.network.roads) }
    }

    /// Opens the record of a leg, unless the agent is on it or past it.
    fn begin(&mut self, agent: AgentIx, leg: u16, mode: Option<Mode>, began: Time) {
        if self.leg(agent).is_some_and(|record| record.leg >= leg) {
            return;
        }
        self.last[agent.i()] = u32::try_from(self.legs.len()).expect("fewer than 2^32 legs");
        self.legs.push(LegRecord { agent, leg, mode, began, ended: Time::NEVER, way: Way::Road(0) });
    }

    fn leg(&mut self, agent: AgentIx) -> Option<&mut LegRecord> {
        self.legs.get_mut(self.last[agent.i()] as usize)
    }
}

impl EventSink for Legs {
    fn event(&mut self, event: &Event) {
        let agent = event.agent;
        match event.what {
            What::LinkLeft { link, .. } => {
                let length = self.length_mm[link.i()];
                if let Some(LegRecord { way: Way::Road(mm), .. }) = self.leg(agent) {
                    *mm += length;
                }
            }
            What::Boarded { line, position, .. } => {
                if let Some(leg) = self.leg(agent) {
                    leg.way = Way::Line(line, position, None);
                }
            }
            What::Alighted { stop, .. } => {
                if let Some(LegRecord { way: Way::Line(_, _, to), .. }) = self.leg(agent) {
                    *to = Some(stop);
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

fn distance_m(leg: &LegRecord, lines: &Lines) -> Option<f64> {
    match (leg.mode?, leg.way) {
        (Mode::Car | Mode::Taxi | Mode::Truck, Way::Road(mm)) => Some(mm as f64 / 1_000.0),
        (Mode::Transit, Way::Line(line, from, Some(stop))) => {
            let line = &lines.lines[line.i()];
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

    fn tables(&self, context: &Context) -> Vec<Table> {
        let lines = &context.network.lines;
        let mut legs = self.legs.clone();
        legs.sort_by_key(|l| (l.agent, l.leg, l.began));
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
                legs.iter().map(|l| distance_m(l, lines)).collect(),
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
        let town = Town::new();
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
}
