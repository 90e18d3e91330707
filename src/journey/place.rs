//! Places as people write them: the id or the name of a hub, stop, zone or node, or a point on the map.

use super::told::End;
use crate::choice::trip::stops_around;
use crate::error::{Problem, shown};
use crate::ids::{HubIx, Names, NodeIx, StopIx, ZoneIx};
use crate::network::Network;
use crate::network::points::Points;
use crate::scenario::settings::{NetworkSettings, Settings};
use crate::units::{distance_m, ms};

/// How far a point may lie from the next road, metres along the straight line.
const REACH_M: f64 = 5_000.0;

/// A place that a journey begins or ends at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    what: What,
    /// Lon/lat, degrees.
    pub position: [f64; 2],
    /// Terminal of the hub that it is, where a service says so.
    pub terminal: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Hub(HubIx),
    Stop(StopIx),
    Zone(ZoneIx),
    Node(NodeIx),
    Point,
}

/// Where a road vehicle stops, and the walk between there and the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kerb {
    /// Node.
    pub node: NodeIx,
    /// Walk, milliseconds.
    pub walk_ms: i64,
}

/// Finds places by what people write.
pub struct Gazetteer<'a>(pub &'a Network);

/// The kinds of things with ids, in the order of looking.
const KINDS: [&str; 4] = ["hub", "stop", "zone", "node"];

impl Gazetteer<'_> {
    fn names(&self, kind: &str) -> &Names {
        let names = &self.0.names;
        match kind {
            "hub" => &names.hubs,
            "stop" => &names.stops,
            "zone" => &names.zones,
            _ => &names.nodes,
        }
    }

    fn what(kind: &str, index: u32) -> What {
        match kind {
            "hub" => What::Hub(HubIx(index)),
            "stop" => What::Stop(StopIx(index)),
            "zone" => What::Zone(ZoneIx(index)),
            _ => What::Node(NodeIx(index)),
        }
    }

    /// The place that a text means, or what is wrong with the option that it was given to.
    pub fn spot(&self, text: &str, option: &str) -> Result<Spot, Box<Problem>> {
        let text = text.trim();
        if let Some((lon, lat)) = text.split_once(',')
            && let (Ok(lon), Ok(lat)) = (lon.trim().parse::<f64>(), lat.trim().parse::<f64>())
        {
            return self.point([lon, lat], text, option);
        }
        let (kinds, id): (Vec<&'static str>, &str) = match text.split_once(':') {
            Some((kind, id)) if KINDS.contains(&kind) => (KINDS.into_iter().filter(|k| *k == kind).collect(), id),
            _ => (KINDS.to_vec(), text),
        };
        let mut found: Vec<(&'static str, u32)> =
            kinds.iter().filter_map(|kind| Some((*kind, self.names(kind).find(id)?))).collect();
        if found.is_empty() {
            found = self.by_name(&kinds, id);
        }
        match found[..] {
            [] => Err(self.unknown(text, id, &kinds, option).into()),
            [(kind, index)] => Ok(self.at(Gazetteer::what(kind, index))),
            _ => {
                let told: Vec<String> =
                    found.iter().map(|(kind, index)| format!("{kind}:{}", self.names(kind).name(*index))).collect();
                let wanted = format!("one of {}", told[..told.len().min(8)].join(", "));
                Err(Problem::new(option, format!("\"{}\", which is not one place", shown(text)), wanted).into())
            }
        }
    }

    /// Hubs, stops and zones of a name.
    fn by_name(&self, kinds: &[&'static str], name: &str) -> Vec<(&'static str, u32)> {
        let same = |a: &str| !name.is_empty() && a.to_lowercase() == name.to_lowercase();
        let mut found = Vec::new();
        for &kind in kinds {
            found.extend(
                (0..self.names(kind).len() as u32)
                    .filter(|&i| self.called(kind, i).iter().any(|n| same(n)))
                    .map(|i| (kind, i)),
            );
        }
        found
    }

    fn called(&self, kind: &str, index: u32) -> Vec<&str> {
        let network = self.0;
        match kind {
            "hub" => {
                let hub = &network.hubs.hubs[index as usize];
                vec![hub.name.as_str(), hub.name_en.as_str()]
            }
            "stop" => vec![network.lines.stops[index as usize].name.as_str()],
            "zone" => vec![network.places.zones[index as usize].name.as_str()],
            _ => Vec::new(),
        }
    }

    fn unknown(&self, text: &str, id: &str, kinds: &[&str], option: &str) -> Problem {
        let known = kinds.iter().flat_map(|kind| {
            let names = self.names(kind);
            (0..names.len() as u32).flat_map(move |i| self.called(kind, i).into_iter().chain([names.name(i)]))
        });
        let wanted = match kinds {
            [kind] => format!("the id of a {kind}"),
            _ => "the id of a hub, stop, zone or node, or lon,lat".to_owned(),
        };
        Problem::new(option, format!("\"{}\"", shown(text)), wanted)
            .did_you_mean(id, known.filter(|name| !name.is_empty()))
    }

    fn point(&self, position: [f64; 2], text: &str, option: &str) -> Result<Spot, Box<Problem>> {
        let spot = Spot { what: What::Point, position, terminal: None };
        let on_earth = position[0].abs() <= 180.0 && position[1].abs() <= 90.0;
        let near = on_earth.then(|| self.nearest(position)).flatten();
        let stops = &self.0.lines.stops;
        match near {
            Some((_, away_m)) if away_m <= REACH_M => Ok(spot),
            // Where there are no roads one walks straight to stops.
            None if on_earth && stops.iter().any(|stop| distance_m(stop.position, position) <= REACH_M) => Ok(spot),
            None if on_earth && !stops.is_empty() => {
                let wanted = "lon,lat within 5 km of a stop of the scenario";
                Err(Problem::new(option, format!("\"{}\"", shown(text)), wanted).into())
            }
            Some((node, away_m)) => {
                let nearest =
                    format!("the nearest, node {}, is {:.1} km away", self.0.names.nodes.name(node.0), away_m / 1e3);
                let wanted = "lon,lat within 5 km of a road of the scenario";
                Err(Problem::new(option, format!("\"{}\"", shown(text)), wanted).hint(nearest).into())
            }
            None => {
                Err(Problem::new(option, format!("\"{}\"", shown(text)), "lon,lat in degrees, longitude first").into())
            }
        }
    }

    /// The nearest node that a link touches.
    fn nearest(&self, position: [f64; 2]) -> Option<(NodeIx, f64)> {
        let roads = &self.0.roads;
        let touched = |n: usize| {
            let node = NodeIx::from(n);
            !roads.leaving.at(node).is_empty() || !roads.reaching.at(node).is_empty()
        };
        let nodes = Points::new(roads.node_position.iter().copied().enumerate());
        nodes.nearest(position, touched).map(|(n, away_m)| (NodeIx::from(n), away_m))
    }

    fn at(&self, what: What) -> Spot {
        let network = self.0;
        let position = match what {
            What::Hub(hub) => network.hubs.hubs[hub.i()].position,
            What::Stop(stop) => network.lines.stops[stop.i()].position,
            What::Zone(zone) => network.places.zones[zone.i()].position,
            What::Node(node) => network.roads.node_position[node.i()],
            What::Point => unreachable!("points are made from their position"),
        };
        Spot { what, position, terminal: None }
    }
}

impl Spot {
    /// The hub that it is.
    pub fn hub(&self) -> Option<HubIx> {
        if let What::Hub(hub) = self.what { Some(hub) } else { None }
    }

    /// Where a road vehicle picks up (`leaves`) or sets down there; a truck at its gate.
    pub fn kerb(&self, network: &Network, settings: &NetworkSettings, truck: bool, leaves: bool) -> Option<Kerb> {
        let walk = |node: NodeIx| {
            let straight_m = distance_m(network.roads.node_position[node.i()], self.position);
            Kerb { node, walk_ms: ms(straight_m * settings.walk_circuity / settings.walk_speed_mps) }
        };
        match self.what {
            What::Hub(hub) => {
                let hub = &network.hubs.hubs[hub.i()];
                let place = hub.place(self.terminal);
                let node = match (truck, leaves) {
                    (true, true) => hub.truck_out,
                    (true, false) => hub.truck_in,
                    (false, true) => place.pick_up,
                    (false, false) => place.drop_off,
                };
                node.map(|node| Kerb { node, walk_ms: if truck { 0 } else { place.kerb_walk_ms } })
            }
            What::Stop(stop) => network.lines.stops[stop.i()].node.map(walk),
            What::Zone(zone) => self.zone_node(network, zone).map(|node| Kerb { node, walk_ms: 0 }),
            What::Node(node) => Some(Kerb { node, walk_ms: 0 }),
            What::Point => Gazetteer(network).nearest(self.position).map(|(node, _)| walk(node)),
        }
    }

    /// Stops within reach with the walk, milliseconds.
    pub fn stops(&self, network: &Network, settings: &Settings) -> Vec<(StopIx, i64)> {
        match self.what {
            What::Hub(hub) => stops_around(network, network.hubs.hubs[hub.i()].place(self.terminal).stops),
            What::Stop(stop) => {
                // Who stands at a stop is on the street as well and walks as far as anybody does.
                let mut stops = network.lines.stops_from(self.position, settings);
                stops.extend(stops_around(network, &[(stop, 0)]));
                stops.sort_by_key(|&(stop, ms)| (stop, ms));
                stops.dedup_by_key(|(stop, _)| *stop);
                stops
            }
            _ => {
                let Some(kerb) = self.kerb(network, &settings.network, false, true) else {
                    return network.lines.stops_from(self.position, settings);
                };
                let near = network.lines.node_stops[kerb.node.i()].iter();
                near.map(|&(stop, ms)| (stop, ms + kerb.walk_ms)).collect()
            }
        }
    }

    /// The node of a zone that is nearest to its position; of equally near ones the lowest.
    fn zone_node(&self, network: &Network, zone: ZoneIx) -> Option<NodeIx> {
        let away = |n: &NodeIx| distance_m(network.roads.node_position[n.i()], self.position);
        network.places.zones[zone.i()].nodes.iter().copied().min_by(|a, b| away(a).total_cmp(&away(b)))
    }

    /// The place as it is told.
    pub fn told(&self, network: &Network) -> End {
        let [lon, lat] = self.position;
        let (kind, id, name) = self.words(network);
        End { kind, id, name, lon, lat }
    }

    /// The place in a word or two: its name, else its kind and id.
    pub fn called(&self, network: &Network) -> String {
        let (kind, id, name) = self.words(network);
        if name.is_empty() { format!("{kind} {id}") } else { name }
    }

    fn words(&self, network: &Network) -> (&'static str, String, String) {
        let names = &network.names;
        match self.what {
            What::Hub(h) => ("hub", names.hubs.name(h.0).to_owned(), network.hubs.hubs[h.i()].name.clone()),
            What::Stop(s) => ("stop", names.stops.name(s.0).to_owned(), network.lines.stops[s.i()].name.clone()),
            What::Zone(z) => ("zone", names.zones.name(z.0).to_owned(), network.places.zones[z.i()].name.clone()),
            What::Node(n) => ("node", names.nodes.name(n.0).to_owned(), String::new()),
            What::Point => ("point", format!("{:.5},{:.5}", self.position[0], self.position[1]), String::new()),
        }
    }
}
