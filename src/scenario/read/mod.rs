//! From a folder to a [`Scenario`]: every file is read and checked, and all problems are told at once.

mod control;
mod demand;
mod districts;
pub(super) mod gmns;
pub mod gtfs;
mod hub_files;
mod link_defaults;
pub(super) mod range;
pub(super) mod reading;
mod rows;
mod shape;
mod signals;
mod time_of_day;
pub(super) mod written;

pub(super) use gtfs::weekday;
pub use link_defaults::{LINK_DEFAULTS, LinkDefault};

use super::Scenario;
use super::check::{self, Keys};
use super::settings::{NetworkSettings, Settings};
use super::variant::Variant;
use crate::error::{Error, Problem, Result};
use reading::{Part, Reading};
use std::path::Path;

/// The file that makes a folder a scenario.
pub const SETTINGS_FILE: &str = "scenario.toml";

impl Scenario {
    /// Reads and checks a scenario folder. All problems of all files come back at once.
    pub fn read(folder: &Path) -> Result<Scenario> {
        Scenario::read_with(folder, &[])
    }

    /// Reads and checks a scenario folder with settings overridden: pairs of a dotted key of `scenario.toml` and its
    /// value as TOML (text may go without quotes).
    pub fn read_with(folder: &Path, sets: &[(String, String)]) -> Result<Scenario> {
        if !folder.is_dir() {
            let found = if folder.exists() { "a file" } else { "no such folder" };
            let wanted = format!("a scenario folder with {SETTINGS_FILE}");
            return Err(Error::Problems(vec![Problem::new(folder.display().to_string(), found, wanted)]));
        }
        let mut reading = Reading::new(folder);
        let Some(bytes) = reading.bytes(SETTINGS_FILE, "the settings of the scenario") else {
            return Err(reading.refusal());
        };
        let Some((settings, keys)) = shape::typed::<Settings>(&mut reading, SETTINGS_FILE, &bytes, sets) else {
            return Err(reading.refusal());
        };
        let scenario = tables(&mut reading, folder, settings, Keys::new(keys));
        reading.finish(Some(scenario))
    }

    /// Reads `variants/<name>.toml`. Whether its measures fit the scenario is told by [`Scenario::apply`].
    pub fn read_variant(&self, name: &str) -> Result<Variant> {
        let file = format!("variants/{name}.toml");
        let mut reading = Reading::new(&self.folder);
        let known = self.variants()?;
        if !known.iter().any(|k| k == name) {
            let wanted = match known.is_empty() {
                true => "a variant, but the scenario has none".to_owned(),
                false => format!("one of {}", known.join(", ")),
            };
            let problem = Problem::new(file, format!("unknown variant \"{name}\""), wanted);
            return Err(Error::Problems(vec![problem.did_you_mean(name, known.iter().map(String::as_str))]));
        }
        let Some(bytes) = reading.bytes(&file, "a variant") else { return Err(reading.refusal()) };
        let read = shape::typed::<Variant>(&mut reading, &file, &bytes, &[]);
        let variant = read.map(|(mut variant, keys)| {
            for (i, entry) in variant.measures.iter_mut().enumerate() {
                entry.row = keys.problem(&format!("measure[{i}]"), "", "").row.unwrap_or(0);
            }
            variant.name = name.to_owned();
            variant.digest = reading.digests.first().map(|(_, digest)| digest.clone()).unwrap_or_default();
            variant
        });
        reading.finish(variant)
    }

    /// Names of the variants in the folder, sorted.
    pub fn variants(&self) -> Result<Vec<String>> {
        let folder = self.folder.join("variants");
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(|e| Error::file(&folder, e))? {
            let path = entry.map_err(|e| Error::file(&folder, e))?.path();
            if path.extension().is_some_and(|e| e == "toml")
                && let Some(stem) = path.file_stem()
            {
                names.push(stem.to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Whether the scenario is a timetable and nothing else: no roads lie in the usual place, and nothing stands on any.
fn services_alone(reading: &Reading, settings: &Settings) -> bool {
    let usual = NetworkSettings::default().folder;
    let bare = settings.hubs.files.is_empty() && settings.districts.is_none() && settings.demand.trips.is_none();
    settings.services.is_some() && bare && settings.network.folder == usual && !reading.path(&usual).exists()
}

/// Reads all tables that the settings name, in the order of the settings, and checks them against each other.
fn tables(reading: &mut Reading, folder: &Path, settings: Settings, mut keys: Keys) -> Scenario {
    let given = |path: &str, file: &str| (!keys.settings.is_bad(path)).then(|| file.to_owned());
    let network = given("network.folder", &settings.network.folder).filter(|_| !services_alone(reading, &settings));
    let districts =
        settings.districts.as_ref().map(|d| (given("districts.file", &d.file), given("districts.zones", &d.zones)));

    let date = settings.services.as_ref().and_then(|s| s.date.as_deref());
    let (nodes, links, control) = match network {
        Some(folder) => {
            let (nodes, links, units) = gmns::network(reading, &folder);
            (nodes, links, control::control(reading, &folder, units, date))
        }
        None => Default::default(),
    };
    let timetable = match &settings.services {
        Some(services) if !keys.settings.is_bad("services.gtfs") => {
            let (date, faults) = (services.date.clone(), services.faults);
            let how = gtfs::HowRead { date, faults, walk_mps: settings.network.walk_speed_mps.max(0.1), about: false };
            gtfs::timetable(reading, services.gtfs.all(), &how)
        }
        _ => Default::default(),
    };
    let hubs = hub_files::hubs(reading, &settings.hubs.files, &mut keys);
    let (district_file, zone_file) = districts.unwrap_or_default();
    let districts = district_file.map(|file| districts::districts(reading, &file)).unwrap_or_default();
    let zones = zone_file.map(|file| demand::zones(reading, &file)).unwrap_or_default();
    let trips = settings.demand.trips.as_ref().map(|file| demand::trips(reading, file, (&nodes, &links)));
    let parameters =
        settings.spillover.parameters.as_ref().map(|file| demand::parameters(reading, file)).unwrap_or_default();
    for (bad, part) in [
        ("network.folder", Part::Nodes),
        ("network.folder", Part::Links),
        ("services", Part::Services),
        ("hubs", Part::Hubs),
        ("districts", Part::Districts),
        ("districts", Part::Zones),
    ] {
        if keys.settings.is_bad(bad) {
            reading.unread.insert(part);
        }
    }

    let mut digests = reading.digests.clone();
    digests.sort();
    let scenario = Scenario {
        folder: folder.to_owned(),
        variant: None,
        base_links: None,
        settings,
        nodes,
        links,
        control,
        timetable,
        hubs,
        districts,
        zones,
        trips: trips.unwrap_or_default().into(),
        parameters,
        digests,
    };
    let found = check::with_keys(&scenario, &keys, &reading.unread);
    reading.problems.extend(found);
    scenario
}

#[cfg(test)]
mod tests;
