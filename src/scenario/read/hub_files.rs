//! Hub files (`hubs/<hub>.toml`) and their schedules.

use super::range::{NOT_NEGATIVE, SHARE};
use super::reading::{Part, Reading};
use super::rows::{Form, rows};
use super::shape;
use crate::scenario::check::Keys;
use crate::scenario::hubs::{Direction, HubFile, Scope, ServiceMode, ServiceRow};

/// Reads all hub files and their schedules; the rows of their keys go into `keys`.
pub(super) fn hubs(reading: &mut Reading, files: &[String], keys: &mut Keys) -> Vec<HubFile> {
    let mut hubs = Vec::with_capacity(files.len());
    for file in files {
        let read = reading.bytes(file, "a hub file").and_then(|b| shape::typed::<HubFile>(reading, file, &b, &[]));
        let Some((mut hub, rows)) = read else {
            reading.unread.insert(Part::Hubs);
            continue;
        };
        hub.path.clone_from(file);
        if !rows.is_bad("schedule") {
            hub.services = schedule(reading, &hub.schedule);
        }
        keys.hubs.push(rows);
        hubs.push(hub);
    }
    hubs
}

/// Reads a schedule.
fn schedule(reading: &mut Reading, file: &str) -> Vec<ServiceRow> {
    const MODES: [(&str, ServiceMode); 4] = [
        ("air", ServiceMode::Air),
        ("rail", ServiceMode::Rail),
        ("air_cargo", ServiceMode::AirCargo),
        ("rail_freight", ServiceMode::RailFreight),
    ];
    const DIRECTIONS: [(&str, Direction); 2] = [("departure", Direction::Departure), ("arrival", Direction::Arrival)];
    const SCOPES: [(&str, Scope); 3] =
        [("domestic", Scope::Domestic), ("international", Scope::International), ("", Scope::Domestic)];
    let form = Form {
        required: &["service_id", "mode", "direction", "time"],
        optional: &["seats", "load_factor", "tonnes", "teu", "region", "scope", "terminal"],
        open: false,
    };
    let read = reading.bytes(file, "the schedule of a hub").and_then(|bytes| {
        rows(reading, file, &bytes, &form, |row| {
            let service_id = row.id("service_id");
            let service = ServiceRow {
                service_id: String::new(),
                mode: row.one_of("mode", &MODES),
                direction: row.one_of("direction", &DIRECTIONS),
                time_s: row.time("time"),
                seats: row.number_maybe("seats", NOT_NEGATIVE).unwrap_or(0.0),
                load_factor: row.number_maybe("load_factor", SHARE).unwrap_or(0.0),
                tonnes: row.number_maybe("tonnes", NOT_NEGATIVE).unwrap_or(0.0),
                teu: row.number_maybe("teu", NOT_NEGATIVE).unwrap_or(0.0),
                region: row.word("region"),
                scope: row.one_of("scope", &SCOPES),
                terminal: row.word("terminal"),
                row: row.line,
            };
            let passengers = matches!(service.mode, ServiceMode::Air | ServiceMode::Rail);
            if passengers && row.text("seats").is_empty() {
                row.wrong("seats", "the seats of a passenger service");
            } else if passengers && row.text("load_factor").is_empty() {
                row.wrong("load_factor", "the share of the seats that are taken");
            } else if !passengers && row.text("tonnes").is_empty() && row.text("teu").is_empty() {
                row.wrong("tonnes", "the tonnes or TEU of a freight service");
            }
            Some(ServiceRow { service_id: service_id?, ..service })
        })
    });
    read.unwrap_or_default()
}
