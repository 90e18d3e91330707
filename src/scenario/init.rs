//! A commented starter scenario that reads, checks and runs.

use crate::error::{Error, Problem, Result};
use std::path::Path;

/// The files of the starter, by path relative to the folder.
const FILES: [(&str, &str); 10] = [
    ("scenario.toml", include_str!("starter/scenario.toml")),
    ("network/config.csv", include_str!("starter/network/config.csv")),
    ("network/node.csv", include_str!("starter/network/node.csv")),
    ("network/link.csv", include_str!("starter/network/link.csv")),
    ("hubs/station.toml", include_str!("starter/hubs/station.toml")),
    ("hubs/station_schedule.csv", include_str!("starter/hubs/station_schedule.csv")),
    ("demand/zones.csv", include_str!("starter/demand/zones.csv")),
    ("districts.geojson", include_str!("starter/districts.geojson")),
    ("variants/wider_road.toml", include_str!("starter/variants/wider_road.toml")),
    ("SOURCES.md", include_str!("starter/SOURCES.md")),
];

/// Refuses a folder for a new scenario when there is something in it, or a file in its place.
pub fn check_empty(folder: &Path) -> Result<()> {
    if folder.is_file() || folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        let found = if folder.is_file() { "a file" } else { "a folder that is not empty" };
        let problem = Problem::new(folder.display().to_string(), found, "a new or empty folder");
        return Err(Error::Problems(vec![problem]));
    }
    Ok(())
}

/// Writes the starter scenario into a folder, which is made when it is not there and refused when it is not empty.
pub fn init(folder: &Path) -> Result<()> {
    check_empty(folder)?;
    for (file, text) in FILES {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| Error::file(parent, e))?;
        }
        std::fs::write(&path, text).map_err(|e| Error::file(&path, e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn the_starter_is_a_sound_scenario_and_so_is_its_variant() {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path()).unwrap();
        let base = Scenario::read(folder.path()).unwrap();
        // Three two-way rows and three one-way rows are nine links.
        assert_eq!((base.nodes.len(), base.links.len(), base.hubs[0].services.len()), (6, 9, 30));
        assert_eq!(base.variants().unwrap(), ["wider_road"]);
        let variant = base.read_variant("wider_road").unwrap();
        let told = variant.tell(&base);
        assert_eq!(told[0], "widen: sets on 2 links (station_road, station_road_r): 2 lanes");
        assert_eq!(told[1], "security: sets at process security of Central Station: servers times 1.5");
        let changed = base.apply(&variant).unwrap();
        assert_eq!(changed.links.iter().filter(|l| l.name == "Station Road" && l.lanes == 2.0).count(), 2);
        // 2 · 1.5 = 3 and 4 · 1.5 = 6 servers.
        let counts: Vec<u32> = changed.hubs[0].processes[0].servers.iter().map(|s| s.count).collect();
        assert_eq!(counts, [3, 6]);
        assert!(changed.digests.iter().any(|(file, _)| file == "variants/wider_road.toml"));
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.txt"), "mine").unwrap();
        assert!(matches!(init(folder.path()), Err(Error::Problems(p)) if p.len() == 1));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
