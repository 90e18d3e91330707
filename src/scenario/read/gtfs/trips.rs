//! GTFS `routes.txt` and `trips.txt`.

use super::calendar::Calendar;
use super::feed::Feed;
use crate::ids::Words;
use crate::scenario::check::Unknown;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::Form;
use crate::scenario::tables::{GtfsTrip, RouteRow};
use rustc_hash::FxHashSet;

/// The routes of a feed.
#[derive(Default)]
pub(super) struct Routes {
    /// Routes in the order of the file.
    pub rows: Vec<RouteRow>,
    /// Ids, those of faulty rows that were left out among them.
    pub names: Words,
    left_out: FxHashSet<u32>,
}

impl Routes {
    /// Reads the routes; `None` when they cannot be read.
    pub fn read(reading: &mut Reading, feed: &mut Feed) -> Option<Routes> {
        let form = Form {
            required: &["route_id", "route_type"],
            optional: &["route_short_name", "route_long_name", "route_color"],
            open: true,
        };
        let mut routes = Routes::default();
        let rows = feed.rows(reading, ("routes.txt", true), &form, |row| {
            let route_type = row.count_maybe("route_type");
            if route_type.is_none_or(|kind| kind > 1_799) {
                row.wrong("route_type", "a GTFS route type from 0 to 1799 such as 1 (metro), 2 (rail) or 3 (bus)");
            }
            let (short, long) = (row.word("route_short_name"), row.word("route_long_name"));
            let route_id = row.id("route_id")?;
            if routes.names.find(&route_id).is_some() {
                row.wrong("route_id", "ids that are unique");
                return None;
            }
            routes.names.code(&route_id);
            let route = RouteRow {
                route_id,
                name: if short.is_empty() { long } else { short },
                route_type: route_type.unwrap_or(1),
                color: row.word("route_color"),
                fare: None,
                row: row.line,
            };
            Some((route, row.is_sound()))
        })?;
        for (code, (route, sound)) in (0..).zip(rows) {
            match feed.uses(sound) {
                true => routes.rows.push(route),
                false => _ = routes.left_out.insert(code),
            }
        }
        Some(routes)
    }
}

/// The trips of a feed.
#[derive(Default)]
pub(super) struct Trips {
    /// Ids of all trips, of any day.
    pub names: Words,
    /// By code of the id: the position among the trips that run.
    pub place: Vec<Option<u32>>,
    /// Trips, at first all of them, then those that run.
    pub rows: Vec<GtfsTrip>,
    /// Service of each trip, by code of the id; `None` when it is unknown.
    services: Vec<Option<u32>>,
    /// Whether a trip is left out, by code of the id.
    left_out: Vec<bool>,
    /// Shapes named by trips.
    pub shapes: Words,
    /// Shape of each trip: at first by code of the id, then by position among those that run.
    pub shape: Vec<Option<u32>>,
}

impl Trips {
    /// Reads the trips of all days; `None` when they cannot be read.
    pub fn read(reading: &mut Reading, feed: &mut Feed, calendar: &Calendar, routes: Option<&Routes>) -> Option<Trips> {
        let form = Form {
            required: &["route_id", "service_id", "trip_id"],
            optional: &["direction_id", "trip_headsign", "block_id", "shape_id"],
            open: true,
        };
        let mut trips = Trips::default();
        let wanted = "a service_id of calendar.txt or calendar_dates.txt";
        let mut no_service = Unknown::new(&feed.name("trips.txt"), "service_id", wanted);
        let mut no_route = Unknown::new(&feed.name("trips.txt"), "route_id", "a route_id of routes.txt");
        let (mut twice, mut with_service, mut with_route) = (0, 0, 0);
        let rows = feed.rows(reading, ("trips.txt", true), &form, |row| {
            let (route_id, service_id) = (row.id("route_id"), row.id("service_id"));
            let trip_id = row.id("trip_id")?;
            let direction = row.count_maybe("direction_id").unwrap_or(0);
            if trips.names.find(&trip_id).is_some() {
                row.wrong("trip_id", "ids that are unique");
                return None;
            }
            trips.names.code(&trip_id);
            let service = service_id.as_deref().and_then(|s| calendar.names.find(s));
            if let (Some(id), None) = (&service_id, service) {
                no_service.add(id, row.line);
            }
            let route = routes.map(|routes| route_id.as_deref().and_then(|r| routes.names.find(r)));
            if let (Some(id), Some(None)) = (&route_id, route) {
                no_route.add(id, row.line);
            }
            twice +=
                usize::from(service_id.is_some() && service.is_none() && route_id.is_some() && route == Some(None));
            let known = route != Some(None) && service.is_some();
            let lost = routes.zip(route.flatten()).is_some_and(|(routes, r)| routes.left_out.contains(&r));
            with_route += usize::from(lost);
            with_service += usize::from(!lost && service.is_some_and(|s| calendar.is_faulty(s)));
            trips.services.push(service);
            let shape = row.text("shape_id");
            trips.shape.push((!shape.is_empty()).then(|| trips.shapes.code(shape)));
            let trip = GtfsTrip {
                trip_id,
                route_id: route_id.unwrap_or_default(),
                direction,
                headsign: row.word("trip_headsign"),
                block_id: row.maybe("block_id"),
                row: row.line,
                ..GtfsTrip::default()
            };
            Some((trip, (row.is_sound(), known, lost)))
        })?;
        for (trip, (sound, known, lost)) in rows {
            trips.left_out.push(lost || !feed.uses(sound && known));
            trips.rows.push(trip);
        }
        feed.unknown(no_service, calendar.names.all().iter());
        if let Some(routes) = routes {
            feed.unknown(no_route, routes.names.all().iter());
        }
        feed.counted_twice("trips.txt", "route_id", twice);
        feed.vanish("routes.txt", None, "trip", with_route);
        feed.vanish("calendar.txt", None, "trip", with_service);
        Some(trips)
    }

    /// Trips that could run, by service.
    pub fn by_service(&self, services: usize) -> Vec<u32> {
        let mut count = vec![0; services];
        for (service, _) in self.services.iter().zip(&self.left_out).filter(|(_, left_out)| !**left_out) {
            if let Some(service) = service {
                count[*service as usize] += 1;
            }
        }
        count
    }

    /// Keeps the trips of services that run. Where faults are refused, trips of unknown services stay, so that what refers
    /// to them is not told as well.
    pub fn keep(&mut self, runs: &[bool]) {
        let runs = |code: usize| !self.left_out[code] && self.services[code].is_none_or(|s| runs[s as usize]);
        let kept: Vec<bool> = (0..self.rows.len()).map(runs).collect();
        let mut next = 0;
        let place = |kept: &bool| {
            next += u32::from(*kept);
            kept.then(|| next - 1)
        };
        self.place = kept.iter().map(place).collect();
        let mut flags = kept.iter();
        self.rows.retain(|_| flags.next().is_some_and(|kept| *kept));
        let mut flags = kept.iter();
        self.shape.retain(|_| flags.next().is_some_and(|kept| *kept));
        self.rows.shrink_to_fit();
        self.services = Vec::new();
        self.left_out = Vec::new();
    }

    /// How many trips of any day there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }
}
