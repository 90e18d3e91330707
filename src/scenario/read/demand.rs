//! Our own tables: `zones.csv`, `trips.csv` and `parameters.csv`. Unknown columns are mistakes here.

use super::range::{LATITUDE, LONGITUDE, PEOPLE, Range, between};
use super::reading::{Part, Reading};
use super::rows::{Form, rows, streamed};
use crate::error::Problem;
use crate::scenario::tables::{LinkRow, NodeRow, ParameterRow, ZoneRow};
use crate::scenario::trips::{TripRow, Trips};

/// Reads the zone table.
pub(super) fn zones(reading: &mut Reading, file: &str) -> Vec<ZoneRow> {
    let form = Form {
        required: &["zone_id", "district_id", "x_coord", "y_coord", "population", "jobs"],
        optional: &["name", "external"],
        open: false,
    };
    let read = reading.bytes(file, "the zone table").and_then(|bytes| {
        rows(reading, file, &bytes, &form, |row| {
            let (zone_id, district_id) = (row.id("zone_id"), row.id("district_id"));
            let zone = ZoneRow {
                zone_id: String::new(),
                district_id: district_id.unwrap_or_default(),
                name: row.word("name"),
                x_coord: row.number("x_coord", LONGITUDE),
                y_coord: row.number("y_coord", LATITUDE),
                population: row.number("population", PEOPLE),
                jobs: row.number("jobs", PEOPLE),
                external: row.flag("external", false),
                row: row.line,
            };
            Some(ZoneRow { zone_id: zone_id?, ..zone })
        })
    });
    if read.is_none() {
        reading.unread.insert(Part::Zones);
    }
    read.unwrap_or_default()
}

/// Reads the table of trips given one by one, with nodes and links coded as in the network's tables.
pub(super) fn trips(reading: &mut Reading, file: &str, (nodes, links): (&[NodeRow], &[LinkRow])) -> Trips {
    let form = Form {
        required: &["trip_id", "departure_s", "from_node_id", "to_node_id", "vehicle_class"],
        optional: &["route"],
        open: false,
    };
    let mut trips = Trips::on(nodes, links);
    let mut full = false;
    streamed(reading, (file, "the table of trips"), &form, |row| -> Option<()> {
        let named = ["trip_id", "from_node_id", "to_node_id"].map(|column| row.is_named(column));
        let departure_s = row.time("departure_s");
        if full || named != [true; 3] {
            return None;
        }
        let trip = TripRow {
            trip_id: row.text("trip_id"),
            departure_s,
            from_node_id: row.text("from_node_id"),
            to_node_id: row.text("to_node_id"),
            vehicle_class: row.text("vehicle_class"),
            route: row.text("route"),
            row: row.line,
        };
        if !trips.push(&trip) {
            full = true;
            let wanted = "a table with less than 4 GiB of ids and 2^32 links in all its routes";
            row.push(Problem::new(row.file(), "more rows than can be held", wanted).at(row.line));
        }
        None
    });
    trips.settle();
    trips
}

/// Reads the parameters of the spillover estimate. Blank ends of a range are the default itself.
pub(super) fn parameters(reading: &mut Reading, file: &str) -> Vec<ParameterRow> {
    let form = Form {
        required: &["param_id", "default", "unit"],
        optional: &["low", "high", "distribution", "source", "confidence", "symbol", "group", "segment", "source_url"],
        open: false,
    };
    const FIGURE: Range = between(-1e16, 1e16, "a number, at most 1e16 in size");
    const LAWS: [(&str, &str); 4] =
        [("fixed", "fixed"), ("triangular", "triangular"), ("uniform", "uniform"), ("", "fixed")];
    let read = reading.bytes(file, "the parameter table").and_then(|bytes| {
        rows(reading, file, &bytes, &form, |row| {
            let param_id = row.id("param_id");
            let default = row.number("default", FIGURE);
            let low = row.number_maybe("low", FIGURE).unwrap_or(default);
            let high = row.number_maybe("high", FIGURE).unwrap_or(default);
            if low > default {
                row.wrong("low", "a low end of the range that is not above the default");
            }
            if high < default {
                row.wrong("high", "a high end of the range that is not below the default");
            }
            let distribution = row.one_of("distribution", &LAWS).to_owned();
            let (unit, source, confidence) = (row.word("unit"), row.word("source"), row.word("confidence"));
            Some(ParameterRow {
                param_id: param_id?,
                default,
                low,
                high,
                unit,
                distribution,
                source,
                confidence,
                row: row.line,
            })
        })
    });
    read.unwrap_or_default()
}
