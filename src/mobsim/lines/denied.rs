//! Those who have been denied often enough look for another way: from the stop at which they stand to the stop at which
//! their last ride ends, on the timetable. Who finds one that does not begin with the line that they wait for gives its
//! queue up; the rest of the plan after that last ride stays.

use super::super::transfer::Itinerary;
use super::super::world::Given;
use super::queue::Waiting;
use crate::demand::plan::{Leg, Plan};
use crate::ids::{AgentIx, LineIx, StopIx};
use crate::network::lines::Lines;
use crate::transit::raptor::Step;
use bevy_ecs::prelude::Resource;
use rustc_hash::FxHashMap;

/// Plans that have taken the place of those with which the day began.
#[derive(Resource, Debug, Default)]
pub(in crate::mobsim) struct Replanned(pub FxHashMap<AgentIx, Plan>);

impl Replanned {
    /// The plan that an agent has now.
    pub fn plan<'a>(&'a self, given: &'a Given, agent: AgentIx) -> &'a Plan {
        let first = || given.input.plans[agent.i()].as_ref().expect("only agents with a plan set out");
        self.0.get(&agent).unwrap_or_else(first)
    }
}

/// What an agent has before it that can be replanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// Leg that waits for a line.
    leg: usize,
    /// Last leg that can be replaced.
    last: usize,
    /// Where it ends.
    pub goal: StopIx,
}

/// What can be replaced of a plan from a ride on: all up to the last ride, if people only ride and walk until then.
pub(super) fn rest(plan: &Plan, itinerary: &Itinerary, lines: &Lines) -> Option<Rest> {
    let leg = usize::from(itinerary.leg);
    let ahead = plan.legs[leg..].iter().enumerate();
    let mut rides = ahead.take_while(|(_, leg)| matches!(leg, Leg::Ride { .. } | Leg::Walk { .. }));
    let is_ride = |leg: &Leg| matches!(leg, Leg::Ride { .. });
    let (last, ride) = rides.by_ref().filter(|(_, leg)| is_ride(leg)).last()?;
    // A ride behind something else, such as the processes of a hub, would lose its place.
    if plan.legs[leg + last + 1..].iter().any(is_ride) {
        return None;
    }
    let &Leg::Ride { line, to, .. } = ride else { return None };
    Some(Rest { leg, last: leg + last, goal: lines.lines[line.i()].stops[usize::from(to)] })
}

/// The plan with a journey in place of its rest; `None` where the journey begins with the line that is waited for, or where
/// it leads through the processes of a hub.
pub(super) fn with(
    plan: &Plan,
    rest: Rest,
    (steps, walk_ms): &(Vec<Step>, i64),
    waits_for: (LineIx, u16),
    lines: &Lines,
) -> Option<Plan> {
    let first = steps.first()?;
    let stays = first.walk_ms == 0 && (first.line, first.from) == waits_for;
    let in_hub = |step: &Step| {
        let line = &lines.lines[step.line.i()];
        line.enters(usize::from(step.from)).is_some() || line.leaves(usize::from(step.to)).is_some()
    };
    if stays || steps.iter().any(in_hub) {
        return None;
    }
    let mut legs = plan.legs[..=rest.leg].to_vec();
    for step in steps {
        legs.extend((step.walk_ms > 0).then_some(Leg::Walk { ms: step.walk_ms }));
        legs.push(Leg::Ride { line: step.line, from: step.from, to: step.to });
    }
    let after = &plan.legs[rest.last + 1..];
    // The walk to the goal and the one after it are one.
    match after.first() {
        Some(Leg::Walk { ms }) => {
            legs.push(Leg::Walk { ms: ms + walk_ms });
            legs.extend_from_slice(&after[1..]);
        }
        _ => {
            legs.extend((*walk_ms > 0).then_some(Leg::Walk { ms: *walk_ms }));
            legs.extend_from_slice(after);
        }
    }
    Some(Plan { legs: legs.into(), ..plan.clone() })
}

/// Whether somebody who has just been denied looks for another way now.
pub(super) fn looks(waiting: &Waiting, after: u32) -> bool {
    after > 0 && u32::from(waiting.denials).is_multiple_of(after)
}
