//! Small roads built by hand, and a day driven through the public face of the road traffic.

use hubflow::events::{Event, What};
use hubflow::ids::{AgentIx, LinkIx, NodeIx};
use hubflow::mobsim::road::reroute::RerouteRule;
use hubflow::mobsim::road::{BLOCK_NODES, Listened, Passage, RoadSetup, RoadTraffic, RoadWindow};
use hubflow::mode::{Uses, VehicleClass};
use hubflow::network::passages::{BIN_MS, Kind};
use hubflow::network::roads::{Roads, Star};
use hubflow::routing::reroute::Reroute;
use hubflow::units::Time;

/// A link: from node, to node, length in metres, free speed in m/s, capacity in PCU/h, storage in PCU.
pub struct Stretch(pub u32, pub u32, pub f64, pub f64, pub f64, pub f64);

/// Roads of the given links.
pub fn roads(nodes: usize, stretches: &[Stretch]) -> Roads {
    let from: Vec<NodeIx> = stretches.iter().map(|s| NodeIx(s.0)).collect();
    let to: Vec<NodeIx> = stretches.iter().map(|s| NodeIx(s.1)).collect();
    let n = stretches.len();
    Roads {
        node_position: vec![[113.0, 23.0]; nodes],
        node_zone: vec![None; nodes],
        node_district: vec![None; nodes],
        leaving: Star::new(nodes, &from),
        reaching: Star::new(nodes, &to),
        from,
        to,
        length_m: stretches.iter().map(|s| s.2).collect(),
        free_speed_mps: stretches.iter().map(|s| s.3).collect(),
        capacity_pcu_h: stretches.iter().map(|s| s.4).collect(),
        storage_pcu: stretches.iter().map(|s| s.5).collect(),
        lanes: vec![1.0; n],
        toll_cny: vec![0.0; n],
        uses: vec![Uses { car: true, truck: true, walk: false }; n],
        facility: vec![String::new(); n],
        name: vec![String::new(); n],
        district: vec![None; n],
        hub: vec![None; n],
        shape: vec![Vec::new(); n],
        ..Roads::default()
    }
}

/// A trip: departure in ms, links.
pub struct Drive {
    pub at_ms: u32,
    pub links: Vec<u32>,
    pub class: VehicleClass,
    pub slots: u8,
}

/// A car that departs at `at_ms` along `links`.
pub fn car(at_ms: u32, links: &[u32]) -> Drive {
    Drive { at_ms, links: links.to_vec(), class: VehicleClass::Car, slots: 1 }
}

/// What a driven day gives.
pub struct Driven {
    pub events: Vec<Event>,
    /// End of each trip, ms; `None` for those under way.
    pub ended: Vec<Option<u32>>,
    pub traffic: RoadTraffic,
}

impl Driven {
    /// Moments at which vehicles enter a link, in order, ms.
    pub fn entries(&self, link: u32) -> Vec<i64> {
        let entered = |e: &&Event| matches!(e.what, What::LinkEntered { link: l } if l == LinkIx(link));
        self.events.iter().filter(entered).map(|e| e.time.0).collect()
    }

    /// Moments at which vehicles leave a link, in order, ms.
    pub fn exits(&self, link: u32) -> Vec<i64> {
        let left = |e: &&Event| matches!(e.what, What::LinkLeft { link: l, .. } if l == LinkIx(link));
        self.events.iter().filter(left).map(|e| e.time.0).collect()
    }

    /// Moments at which vehicles enter a link, by agent; `None` for those who do not, ms.
    pub fn entered(&self, link: u32, agents: usize) -> Vec<Option<i64>> {
        let mut moments = vec![None; agents];
        for event in &self.events {
            if event.what == (What::LinkEntered { link: LinkIx(link) }) {
                moments[event.agent.i()] = Some(event.time.0);
            }
        }
        moments
    }
}

/// Options of a driven day.
#[derive(Clone, Copy)]
pub struct Options {
    pub until_ms: u32,
    pub window_ms: u32,
    pub sample: f64,
    pub block_nodes: usize,
    pub reroute: Option<RerouteRule>,
}

impl Default for Options {
    fn default() -> Self {
        Options { until_ms: 3_600_000, window_ms: 1_000, sample: 1.0, block_nodes: BLOCK_NODES, reroute: None }
    }
}

/// Drives trips over roads; trips must be given in the order of departure.
pub fn drive(roads: &Roads, trips: &[Drive], options: Options) -> Driven {
    drive_asking(roads, trips, options, None)
}

/// The same with somebody whom vehicles ask for another way.
pub fn drive_asking(roads: &Roads, trips: &[Drive], options: Options, router: Option<&dyn Reroute>) -> Driven {
    let kind = |class| Kind { class, of_hub: false };
    let setup = RoadSetup {
        start_ms: 0,
        window_ms: options.window_ms,
        gridlock_ms: 30_000,
        bin_ms: BIN_MS,
        sample: options.sample,
        block_nodes: options.block_nodes,
        kinds: VehicleClass::ALL.map(kind).to_vec(),
        listened: Listened::All,
        reroute: options.reroute,
        gates: Vec::new(),
        outlets: Vec::new(),
    };
    let mut traffic = RoadTraffic::new(roads, &setup, (0..trips.len()).map(AgentIx::from).collect());
    let lay = |trip: &Drive| traffic.lay(trip.links.iter().map(|&l| LinkIx(l)), None).expect("a trip has links");
    let routes: Vec<_> = trips.iter().map(lay).collect();
    let mut next = 0;
    let mut driven = Vec::new();
    let mut ended = vec![None; trips.len()];
    let mut window = RoadWindow::default();
    for start in (0..options.until_ms).step_by(options.window_ms as usize) {
        while next < trips.len() && trips[next].at_ms < start + options.window_ms {
            let trip = &trips[next];
            traffic.depart(AgentIx::from(next), routes[next], trip.at_ms, kind(trip.class), trip.slots);
            next += 1;
        }
        if let Some(router) = router {
            traffic.reroute(start, roads, router);
        }
        traffic.window(start, &mut window);
        let mut events: Vec<Event> = window.passages.drain(..).map(event).collect();
        events.sort_unstable();
        driven.append(&mut events);
        for (at_ms, agent) in window.ended.drain(..) {
            ended[agent.i()] = Some(at_ms);
        }
    }
    Driven { events: driven, ended, traffic }
}

fn event(passage: Passage) -> Event {
    let (link, time) = (LinkIx(passage.link), |ms: u32| Time(i64::from(ms)));
    let what = match passage.entered_ms {
        Some(entered) => What::LinkLeft { link, entered: time(entered) },
        None => What::LinkEntered { link },
    };
    Event { time: time(passage.at_ms), agent: AgentIx(passage.agent), what }
}
