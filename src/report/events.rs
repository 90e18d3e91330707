//! `events.parquet`: every event of a day in its total order, written while the day goes on, so that memory stays small
//! however many there are.
//!
//! The order is (time, agent, what ends before what begins); links, stops, processes and lines go by their external names.
//! A day of two million link entries takes about 40 MB.

use super::parquet::Stream;
use crate::error::{Error, Result};
use crate::events::{Event, EventSink, What};
use crate::mode::Mode;
use crate::network::Network;
use crate::table::Table;
use crate::units::Time;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Events of a row group.
const GROUP: usize = 1 << 17;

/// Words of the events, in the order of [`word`].
const WORDS: [&str; 18] = [
    "left_link",
    "alighted",
    "served",
    "leg_ended",
    "leg_began",
    "entered_link",
    "queued",
    "denied",
    "boarded",
    "diverted",
    "missed",
    "arrived",
    "replanned",
    "vehicle_left",
    "embarked",
    "cleared",
    "stored",
    "service_done",
];

/// A file of events under way.
pub struct EventFile<'a> {
    network: &'a Network,
    stream: Stream<BufWriter<File>>,
    waiting: Vec<Event>,
    /// What went wrong first; told in the end, as a sink has nobody to tell.
    failed: Option<Error>,
}

impl<'a> EventFile<'a> {
    /// Begins a file; one that is there is written over.
    pub fn create(path: &Path, network: &'a Network) -> Result<EventFile<'a>> {
        let file = File::create(path).map_err(|e| Error::file(path, e))?;
        let stream = Stream::new(&table(&[], network), BufWriter::new(file))?;
        Ok(EventFile { network, stream, waiting: Vec::with_capacity(GROUP), failed: None })
    }

    fn pass_on(&mut self) {
        if self.failed.is_none() {
            self.failed = self.stream.add(&table(&self.waiting, self.network)).err();
        }
        self.waiting.clear();
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The first thing that went wrong while it was written.
    pub fn finish(mut self) -> Result<()> {
        if !self.waiting.is_empty() {
            self.pass_on();
        }
        if let Some(error) = self.failed {
            return Err(error);
        }
        let file = self.stream.finish()?.into_inner().map_err(|e| Error::Model(format!("events: {}", e.error())))?;
        file.sync_all().map_err(|e| Error::Model(format!("events: {e}")))
    }
}

impl EventSink for EventFile<'_> {
    fn event(&mut self, event: &Event) {
        self.waiting.push(*event);
        if self.waiting.len() == GROUP {
            self.pass_on();
        }
    }
}

/// What an event tells besides its moment and agent.
#[derive(Clone, Copy, Default)]
struct Told {
    word: usize,
    link: Option<u32>,
    mode: Option<Mode>,
    leg: Option<u16>,
    process: Option<u32>,
    stop: Option<u32>,
    departure: Option<u32>,
    load: Option<u32>,
    service: Option<u32>,
    store: Option<u32>,
    change: Option<i64>,
    late_ms: Option<i64>,
    since: Option<Time>,
    began: Option<Time>,
}

fn told(what: What, network: &Network) -> Told {
    let none = Told::default();
    match what {
        What::LinkLeft { link, entered } => Told { link: Some(link.0), since: Some(entered), ..none },
        What::Alighted { departure, stop } => {
            Told { word: 1, departure: Some(departure.0), stop: Some(stop.0), ..none }
        }
        What::Served { process, arrived, began } => {
            Told { word: 2, process: Some(process.0), since: Some(arrived), began: Some(began), ..none }
        }
        What::Cleared { process, since } => Told { word: 15, process: Some(process.0), since: Some(since), ..none },
        What::Stored { store, change } => Told { word: 16, store: Some(store.0), change: Some(change), ..none },
        What::ServiceDone { service, late_ms } => {
            Told { word: 17, service: Some(service.0), late_ms: Some(late_ms), ..none }
        }
        What::LegEnded { leg, mode } => Told { word: 3, leg: Some(leg), mode, ..none },
        What::LegBegan { leg, mode } => Told { word: 4, leg: Some(leg), mode, ..none },
        What::LinkEntered { link } => Told { word: 5, link: Some(link.0), ..none },
        What::Queued { process } => Told { word: 6, process: Some(process.0), ..none },
        What::Denied { departure, stop } => Told { word: 7, departure: Some(departure.0), stop: Some(stop.0), ..none },
        What::Boarded { departure, line, position, arrived } => {
            let stop = network.lines.lines[line.i()].stops[usize::from(position)];
            Told { word: 8, departure: Some(departure.0), stop: Some(stop.0), since: Some(arrived), ..none }
        }
        What::Diverted { link } => Told { word: 9, link: Some(link.0), ..none },
        What::Missed => Told { word: 10, ..none },
        What::Embarked { service } => Told { word: 14, service: Some(service.0), ..none },
        What::Arrived => Told { word: 11, ..none },
        What::Replanned { departure, stop } => {
            Told { word: 12, departure: Some(departure.0), stop: Some(stop.0), ..none }
        }
        What::VehicleLeft { departure, position, load, arrived } => {
            let (line, _) = network.lines.run_of(departure);
            let stop = network.lines.lines[line.i()].stops[usize::from(position)];
            let (departure, stop, load) = (Some(departure.0), Some(stop.0), Some(load));
            Told { word: 13, departure, stop, load, since: Some(arrived), ..none }
        }
    }
}

/// The events as a table.
fn table(events: &[Event], network: &Network) -> Table {
    let told: Vec<Told> = events.iter().map(|e| told(e.what, network)).collect();
    let names = &network.names;
    let named = |names: &crate::ids::Names| -> Vec<String> {
        names.all().iter().cloned().chain(std::iter::once(String::new())).collect()
    };
    let codes = |of: fn(&Told) -> Option<u32>, none: usize| -> Vec<u32> {
        told.iter().map(|t| of(t).unwrap_or(none as u32)).collect()
    };
    let modes: Vec<String> = Mode::ALL.iter().map(|m| m.word().to_owned()).chain([String::new()]).collect();
    let seconds = |of: fn(&Told) -> Option<Time>| told.iter().map(|t| of(t).map(Time::seconds)).collect();
    Table::new("events")
        .key_int("time_ms", "milliseconds after midnight", "when", events.iter().map(|e| e.time.0).collect())
        .key_int(
            "agent",
            "",
            "number of the simulated agent, as in trips; vehicle runs come after them, then items of hubs",
            events.iter().map(|e| i64::from(e.agent.0)).collect(),
        )
        .category(
            "event",
            "what happened",
            told.iter().map(|t| t.word as u32).collect(),
            WORDS.map(str::to_owned).to_vec(),
        )
        .category(
            "link_id",
            "link that was entered, left or that the vehicle was on; empty for other events",
            codes(|t| t.link, names.links.len()),
            named(&names.links),
        )
        .real_or_none(
            "leg",
            "",
            "number of the leg in the plan, from 0",
            told.iter().map(|t| t.leg.map(f64::from)).collect(),
        )
        .category(
            "mode",
            "mode of the leg; empty for a visit of a hub and for other events",
            codes(|t| t.mode.map(|m| m as u32), Mode::COUNT),
            modes,
        )
        .category(
            "process",
            "process as hub/process; empty for other events",
            codes(|t| t.process, names.processes.len()),
            named(&names.processes),
        )
        .category("stop_id", "stop; empty for other events", codes(|t| t.stop, names.stops.len()), named(&names.stops))
        .real_or_none(
            "departure",
            "",
            "number of the vehicle run over all lines",
            told.iter().map(|t| t.departure.map(f64::from)).collect(),
        )
        .real_or_none(
            "load",
            "simulated persons",
            "aboard when a vehicle of a line left a stop",
            told.iter().map(|t| t.load.map(f64::from)).collect(),
        )
        .category(
            "service",
            "scheduled service of a hub that was boarded, or whose vehicle was through, hub/service; empty for other events",
            codes(|t| t.service, names.services.len()),
            named(&names.services),
        )
        .category(
            "store",
            "store of a hub in which room was taken or freed, hub/store; empty for other events",
            codes(|t| t.store, names.stores.len()),
            named(&names.stores),
        )
        .real_or_none(
            "change",
            "as in column unit of stores",
            "what came into the store, below zero what went",
            told.iter().map(|t| t.change.map(|thousandths| thousandths as f64 / 1_000.0)).collect(),
        )
        .real_or_none(
            "late_s",
            "seconds",
            "by how much the vehicle of a service was later than scheduled",
            told.iter().map(|t| t.late_ms.map(|ms| ms as f64 / 1_000.0)).collect(),
        )
        .real_or_none(
            "since_s",
            "seconds after midnight",
            "when the link was entered, the queue joined, the service ended that one was blocked after, or the stop reached",
            seconds(|t| t.since),
        )
        .real_or_none("began_s", "seconds after midnight", "when the service of a process began", seconds(|t| t.began))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AgentIx, LinkIx};
    use crate::network::fixture::{CENTRE, link, node, north, scenario};
    use crate::report::parquet::read;

    fn road() -> Network {
        let mut s = scenario();
        s.nodes = (0..2).map(|n| node(&format!("n{n}"), north(CENTRE, 900.0 * f64::from(n)))).collect();
        s.links = vec![link("there", "n0", "n1"), link("back", "n1", "n0")];
        Network::build(&s).expect("a road")
    }

    #[test]
    fn events_of_more_than_one_group_read_back_in_their_order() {
        let network = road();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.parquet");
        let mut file = EventFile::create(&path, &network).unwrap();
        let count = GROUP as i64 + 7;
        for n in 0..count {
            let what = match n % 2 {
                0 => What::LinkEntered { link: LinkIx(1) },
                _ => What::LinkLeft { link: LinkIx(1), entered: Time(n - 1) },
            };
            file.event(&Event { time: Time(n), agent: AgentIx(5), what });
        }
        file.finish().unwrap();
        let read = read(&path).unwrap();
        assert_eq!(read.rows(), count as usize);
        let last = read.rows() - 1;
        assert_eq!((read.number("time_ms", last), read.number("agent", last)), (Some(count as f64 - 1.0), Some(5.0)));
        assert_eq!((read.number("since_s", 1), read.number("since_s", 0)), (Some(0.0), None));
        assert_eq!(read.word("event", 0), Some("entered_link"));
        assert_eq!(read.word("link_id", 1), Some("back"));
    }

    #[test]
    fn stores_and_late_services_are_told_with_their_amounts() {
        use crate::ids::{ServiceIx, StoreIx};
        let mut network = road();
        network.names.stores.add("port/yard");
        network.names.services.add("port/X1");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.parquet");
        let mut file = EventFile::create(&path, &network).unwrap();
        let whats = [
            What::Stored { store: StoreIx(0), change: -1_500 },
            What::ServiceDone { service: ServiceIx(0), late_ms: 90_000 },
        ];
        whats.into_iter().for_each(|what| file.event(&Event { time: Time(0), agent: AgentIx(5), what }));
        file.finish().unwrap();
        let read = read(&path).unwrap();
        assert_eq!([0, 1].map(|r| read.word("event", r)), [Some("stored"), Some("service_done")]);
        assert_eq!((read.word("store", 0), read.number("change", 0)), (Some("port/yard"), Some(-1.5)));
        assert_eq!((read.word("service", 1), read.number("late_s", 1)), (Some("port/X1"), Some(90.0)));
        assert_eq!((read.word("store", 1), read.number("change", 1)), (Some(""), None));
    }

    #[test]
    fn a_file_that_cannot_be_made_is_told() {
        let error = EventFile::create(Path::new("/nowhere/events.parquet"), &road()).map(drop).unwrap_err();
        assert!(error.to_string().contains("events.parquet"), "{error}");
    }
}
