//! Ways on the road for lines whose vehicles run in its traffic: from stop to stop, the fastest by free flow for a bus.

use super::bounds::{Bounds, LANES, hierarchy_of};
use super::potentials::Bound;
use super::road::{RoadScratch, Roadway, Start};
use super::streets::{Snapshot, Streets};
use super::trade::Trade;
use crate::ids::{LineIx, LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::Network;
use crate::units::Time;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Ways by line and position: from the stop at the position to the next one.
#[derive(Clone, Debug, Default)]
pub struct Sections {
    /// Empty for lines that are not on the road.
    ways: Vec<Vec<Option<Arc<[LinkIx]>>>>,
}

impl Sections {
    /// The ways of all lines on the road; none where a stop lies at no street, both lie at the same node, or no open road
    /// leads from one to the other.
    pub fn new(network: &Network) -> Sections {
        let lines = &network.lines.lines;
        if !lines.iter().any(|line| line.on_road) {
            return Sections::default();
        }
        let roads = &network.roads;
        let streets = Streets::new(roads, VehicleClass::Bus);
        let hierarchy = Arc::new(hierarchy_of(&streets, &roads.node_position));
        let bounds = Arc::new(Bounds::new(&hierarchy, &streets, [Trade::TIME_ONLY; LANES], |hop| hop.figures.free_ms));
        let nothing = vec![0; roads.links()];
        let roadway = Roadway { streets: &streets, times: &Snapshot(&nothing) };
        let mut scratch = RoadScratch::default();
        let mut known: FxHashMap<(NodeIx, NodeIx), Option<Arc<[LinkIx]>>> = FxHashMap::default();
        let mut way = |from: NodeIx, to: NodeIx| -> Option<Arc<[LinkIx]>> {
            let search = || {
                let start = Start { from, departure: Time(0), trade: Trade::TIME_ONLY };
                let mut links = Vec::new();
                roadway.route(start, to, Bound::Climb(&bounds), &mut scratch, &mut links)?;
                (!links.is_empty()).then(|| links.into())
            };
            known.entry((from, to)).or_insert_with(search).clone()
        };
        let node = |stop: &crate::ids::StopIx| network.lines.stops[stop.i()].node;
        let ways = lines.iter().map(|line| {
            let pairs = line.stops.windows(2).filter(|_| line.on_road);
            pairs.map(|pair| way(node(&pair[0])?, node(&pair[1])?)).collect()
        });
        Sections { ways: ways.collect() }
    }

    /// Whether no line is on the road.
    pub fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    /// The ways of a line by position.
    pub fn of(&self, line: LineIx) -> &[Option<Arc<[LinkIx]>>] {
        self.ways.get(line.i()).map_or(&[], Vec::as_slice)
    }

    /// What to tell of sections that have no way, by route: they are run by timetable.
    pub fn told(&self, network: &Network) -> Vec<String> {
        let mut told: Vec<(&str, usize, String)> = Vec::new();
        for (line, ways) in network.lines.lines.iter().zip(&self.ways) {
            for (pair, _) in line.stops.windows(2).zip(ways).filter(|(_, way)| way.is_none()) {
                let name = |stop: usize| network.lines.stops[pair[stop].i()].name.as_str();
                match told.iter_mut().find(|of| of.0 == line.route_id) {
                    Some(of) => of.1 += 1,
                    None => told.push((&line.route_id, 1, format!("from {} to {}", name(0), name(1)))),
                }
            }
        }
        let sentence = |(route, count, first): (&str, usize, String)| match count {
            1 => format!("route {route} has no way on the road {first} and is run by timetable there"),
            _ => format!(
                "route {route} has no way on the road {first} and in {} other sections, where it is run by timetable",
                count - 1
            ),
        };
        told.into_iter().map(sentence).collect()
    }
}
