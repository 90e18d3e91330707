//! Trips given one by one, `demand/trips.csv`, in columns: a table of ten million rows with their routes must fit.
//!
//! Words are kept once and stand as codes in the rows. Codes of nodes and links follow the tables of the network, so
//! that the routes of the file are those of the network as they stand and nobody copies them: routes of all trips lie
//! one after the other in one array, 4 bytes a link, which plans share. A row takes 36 bytes besides its id and its
//! route; as strings the same row took 330 bytes and 40 more for each link.

use super::tables::{LinkRow, NodeRow};
use crate::ids::{LinkIx, Texts, Words};
use crate::mode::VehicleClass;
use std::ops::Range;
use std::sync::Arc;

/// A trip as its row has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripRow<'a> {
    /// External id.
    pub trip_id: &'a str,
    /// Departure, seconds after midnight (or HH:MM:SS in the file); not a number when the file has no time there.
    pub departure_s: f64,
    /// Node it leaves.
    pub from_node_id: &'a str,
    /// Node it goes to.
    pub to_node_id: &'a str,
    /// Vehicle class word.
    pub vehicle_class: &'a str,
    /// Link ids of a given route, joined by `|`; empty when the route is to be chosen.
    pub route: &'a str,
    /// Row in the file.
    pub row: u32,
}

/// The table of given trips.
#[derive(Clone, Debug, PartialEq)]
pub struct Trips {
    nodes: Words,
    links: Words,
    classes: Words,
    ids: Texts,
    departure_s: Vec<f64>,
    /// Codes of the nodes at which each trip starts and ends.
    ends: Vec<[u32; 2]>,
    class: Vec<u32>,
    /// Where each trip's route begins and ends in `routes`.
    route: Vec<[u32; 2]>,
    row: Vec<u32>,
    /// The routes of all trips; links by their code.
    routes: Arc<Vec<LinkIx>>,
    /// By link, the one that followed it in a route last: a guess that spares looking up what mostly goes straight on.
    /// Only while trips are added.
    next: Vec<LinkIx>,
}

impl Default for Trips {
    fn default() -> Trips {
        Trips::on(&[], &[])
    }
}

impl Trips {
    /// No trips yet on a network, whose nodes and links take the first codes in the order of their tables.
    pub fn on(nodes: &[NodeRow], links: &[LinkRow]) -> Trips {
        Trips {
            nodes: nodes.iter().map(|n| n.node_id.as_str()).collect(),
            links: links.iter().map(|l| l.link_id.as_str()).collect(),
            classes: VehicleClass::ALL.iter().map(|c| c.word()).collect(),
            ids: Texts::default(),
            departure_s: Vec::new(),
            ends: Vec::new(),
            class: Vec::new(),
            route: Vec::new(),
            row: Vec::new(),
            routes: Arc::default(),
            next: Vec::new(),
        }
    }

    /// Adds a trip; false, and nothing is added, when the table is full: 4 GiB of ids, 2³² links in all routes.
    pub fn push(&mut self, trip: &TripRow) -> bool {
        let TripRow { trip_id, from_node_id, to_node_id, vehicle_class, .. } = trip;
        // More than any of the buffers can grow by.
        let growth = trip_id.len() + from_node_id.len() + to_node_id.len() + vehicle_class.len() + trip.route.len() + 4;
        let lists = [&self.ids, self.nodes.all(), self.links.all(), self.classes.all()].map(Texts::bytes);
        if lists.iter().chain([&self.routes.len()]).any(|size| size + growth > u32::MAX as usize) {
            return false;
        }
        self.ids.push(trip_id);
        self.departure_s.push(trip.departure_s);
        self.ends.push([self.nodes.code(from_node_id), self.nodes.code(to_node_id)]);
        self.class.push(self.classes.code(vehicle_class));
        let first = self.routes.len() as u32;
        self.push_route(trip.route);
        self.route.push([first, self.routes.len() as u32]);
        self.row.push(trip.row);
        true
    }

    /// Looking up 28 million links of a city of 39,600 took half of the time of reading it; 9 of 10 are guessed, and then
    /// reading the file as a whole took TIME.
    fn push_route(&mut self, route: &str) {
        let routes = Arc::make_mut(&mut self.routes);
        let mut before: Option<LinkIx> = None;
        for word in route.split('|').map(str::trim).filter(|word| !word.is_empty()) {
            let guess = before.and_then(|before| self.next.get(before.i()).copied());
            let link = match guess.filter(|guess| self.links.word(guess.0) == word) {
                Some(guess) => guess,
                None => {
                    let link = LinkIx(self.links.code(word));
                    self.next.resize(self.links.len(), link);
                    if let Some(before) = before {
                        self.next[before.i()] = link;
                    }
                    link
                }
            };
            routes.push(link);
            before = Some(link);
        }
    }

    /// No more trips will be added: gives back what the columns hold beyond their contents.
    pub fn settle(&mut self) {
        self.next = Vec::new();
        self.ids.shrink_to_fit();
        self.departure_s.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.class.shrink_to_fit();
        self.route.shrink_to_fit();
        self.row.shrink_to_fit();
        Arc::make_mut(&mut self.routes).shrink_to_fit();
    }

    /// How many trips there are.
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// Whether there is no trip.
    pub fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// External ids by trip.
    pub fn ids(&self) -> &Texts {
        &self.ids
    }

    /// Node ids by code: those of the network, then all others that trips name.
    pub fn nodes(&self) -> &Words {
        &self.nodes
    }

    /// Link ids by code: those of the network, then all others that routes name.
    pub fn links(&self) -> &Words {
        &self.links
    }

    /// Words of vehicle classes by code: the known ones, then all others that trips name.
    pub fn classes(&self) -> &Words {
        &self.classes
    }

    /// Departure of a trip, seconds after midnight.
    pub fn departure_s(&self, trip: usize) -> f64 {
        self.departure_s[trip]
    }

    /// Codes of the nodes at which a trip starts and ends.
    pub fn ends(&self, trip: usize) -> [u32; 2] {
        self.ends[trip]
    }

    /// Ids of the nodes at which a trip starts and ends.
    pub fn end_ids(&self, trip: usize) -> [&str; 2] {
        self.ends[trip].map(|node| self.nodes.word(node))
    }

    /// Code of the vehicle class of a trip.
    pub fn class_code(&self, trip: usize) -> u32 {
        self.class[trip]
    }

    /// Vehicle class of a trip, `None` when its word is unknown.
    pub fn class(&self, trip: usize) -> Option<VehicleClass> {
        VehicleClass::ALL.get(self.class[trip] as usize).copied()
    }

    /// Row in the file.
    pub fn row(&self, trip: usize) -> u32 {
        self.row[trip]
    }

    /// Codes of the links of a trip's given route; empty when the route is to be chosen.
    pub fn route(&self, trip: usize) -> &[LinkIx] {
        let [first, end] = self.route[trip];
        &self.routes[first as usize..end as usize]
    }

    /// Where the route of a trip stands in [`Trips::routes`].
    pub fn route_range(&self, trip: usize) -> Range<u32> {
        let [first, end] = self.route[trip];
        first..end
    }

    /// The routes of all trips one after the other.
    pub fn routes(&self) -> &Arc<Vec<LinkIx>> {
        &self.routes
    }

    /// Forgets the route of a trip: it is to be chosen. Others keep theirs, and the array of routes stays shared.
    pub fn forget_route(&mut self, trip: usize) {
        self.route[trip] = [0, 0];
    }
}

impl<'a> FromIterator<TripRow<'a>> for Trips {
    /// Trips without a network.
    ///
    /// # Panics
    /// When there are more than a table holds, see [`Trips::push`].
    fn from_iter<I: IntoIterator<Item = TripRow<'a>>>(rows: I) -> Trips {
        let mut trips = Trips::default();
        rows.into_iter().for_each(|row| assert!(trips.push(&row), "a table of trips that is full"));
        trips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(trip_id: &'a str, route: &'a str) -> TripRow<'a> {
        TripRow {
            trip_id,
            departure_s: 60.0,
            from_node_id: "a",
            to_node_id: "b",
            vehicle_class: "truck",
            route,
            row: 2,
        }
    }

    #[test]
    fn words_stand_once_and_a_forgotten_route_leaves_the_others() {
        let mut trips: Trips = [row("t0", "x|y | z"), row("t1", ""), row("t2", "y||x")].into_iter().collect();
        let told = |trips: &Trips, t: usize| {
            trips.route(t).iter().map(|l| trips.links().word(l.0).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((0..3).map(|t| told(&trips, t).join(" ")).collect::<Vec<_>>(), ["x y z", "", "y x"]);
        assert_eq!((trips.links().len(), trips.nodes().len(), trips.routes().len()), (3, 2, 5));
        assert_eq!(
            (trips.class(0), trips.end_ids(2), trips.ids().at(1)),
            (Some(VehicleClass::Truck), ["a", "b"], "t1")
        );
        let shared = trips.routes().clone();
        trips.forget_route(0);
        assert_eq!((told(&trips, 0).len(), told(&trips, 2).len()), (0, 2));
        assert!(Arc::ptr_eq(&shared, trips.routes()));
    }
}
