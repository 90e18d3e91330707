//! A synthetic city as a scenario folder. Rows are written as they are drawn: ten million trips take no more memory than
//! one.

use super::{BLOCK_M, City, JAM_PCU_KM};
use crate::error::{Error, Result};
use crate::ids::NodeIx;
use crate::scenario::init::check_empty;
use crate::scenario::read::SETTINGS_FILE;
use crate::units::Time;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Nodes.
    pub nodes: u64,
    /// Links.
    pub links: u64,
    /// Trips.
    pub trips: u64,
    /// Links of all routes together.
    pub route_links: u64,
}

/// Time after the last departure that is simulated, hours: the longest way of 60 blocks takes 24 minutes at 30 km/h.
const AFTER_H: f64 = 3.0;

/// Writes the city into a folder, which is made when it is not there and refused when it is not empty. `scenario.toml`
/// comes last: a folder that was left half written is no scenario.
pub fn write(city: &City, dir: &Path) -> Result<Written> {
    check_empty(dir)?;
    for folder in ["network", "demand"] {
        let path = dir.join(folder);
        fs::create_dir_all(&path).map_err(|e| Error::file(&path, e))?;
    }
    let text = |file: &str, text: String| {
        let path = dir.join(file);
        fs::write(&path, text).map_err(|e| Error::file(&path, e))
    };
    let config = "dataset_name,short_length,long_length,speed,crs,geometry_field_format,currency,version_number,id_type\n\
                  grid,m,km,kph,EPSG:4326,wkt,CNY,0.96,string\n";
    text("network/config.csv", config.to_owned())?;
    table(&dir.join("network/node.csv"), |to| nodes(city, to))?;
    table(&dir.join("network/link.csv"), |to| links(city, to))?;
    let mut route_links = 0;
    table(&dir.join("demand/trips.csv"), |to| {
        route_links = trips(city, to)?;
        Ok(())
    })?;
    let (nodes, links) = (city.nodes() as u64, city.links() as u64);
    let written = Written { nodes, links, trips: city.trips, route_links };
    text("README.md", readme(city, &written))?;
    text("SOURCES.md", sources(city))?;
    text(SETTINGS_FILE, settings(city))?;
    Ok(written)
}

fn table(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<()> {
    let written = File::create(path).and_then(|file| {
        let mut to = BufWriter::with_capacity(1 << 20, file);
        fill(&mut to)?;
        to.into_inner().map_err(|e| e.into_error())?.sync_all()
    });
    written.map_err(|e| Error::file(path, e))
}

fn nodes(city: &City, to: &mut impl Write) -> std::io::Result<()> {
    writeln!(to, "node_id,x_coord,y_coord")?;
    for node in 0..city.nodes() {
        let [x, y] = city.position(NodeIx::from(node));
        writeln!(to, "{node},{x:.6},{y:.6}")?;
    }
    Ok(())
}

fn links(city: &City, to: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        to,
        "link_id,from_node_id,to_node_id,directed,length,facility_type,capacity,free_speed,lanes,allowed_uses,jam_density"
    )?;
    let length_km = BLOCK_M / 1000.0;
    for (number, street) in city.streets().enumerate() {
        let kind = if street.arterial { "primary" } else { "residential" };
        let (from, end, capacity) = (street.from.0, street.to.0, street.lane_capacity_pcu_h());
        let (speed, lanes) = (street.free_speed_kmh(), street.lanes());
        writeln!(
            to,
            "{number},{from},{end},true,{length_km},{kind},{capacity},{speed},{lanes},\"auto,truck\",{JAM_PCU_KM}"
        )?;
    }
    Ok(())
}

/// Writes all trips and gives the number of links in their routes.
fn trips(city: &City, to: &mut impl Write) -> std::io::Result<u64> {
    writeln!(to, "trip_id,departure_s,from_node_id,to_node_id,vehicle_class,route")?;
    let (mut route, mut line, mut count) = (Vec::new(), Vec::new(), 0);
    // In the order of departure: who is under way together stands together in every list made from this one.
    for number in city.by_departure() {
        route.clear();
        line.clear();
        let trip = city.trip(u64::from(number), &mut route);
        let (s, ms) = (trip.departure_ms / 1000, trip.departure_ms % 1000);
        write!(line, "{number},{s}.{ms:03},{},{},{},", trip.from.0, trip.to.0, trip.class.word())?;
        for (i, link) in route.iter().enumerate() {
            if i > 0 {
                line.push(b'|');
            }
            decimal(link.0, &mut line);
        }
        line.push(b'\n');
        to.write_all(&line)?;
        count += route.len() as u64;
    }
    Ok(count)
}

/// Writes a number in decimal: a day of ten million trips has 280 million of them, and `write!` takes 5 times as long.
fn decimal(mut number: u32, to: &mut Vec<u8>) {
    let mut digits = [0; 10];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    to.extend_from_slice(&digits[first..]);
}

/// A count as people write it.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The command that writes the city again.
fn command(city: &City) -> String {
    let City { columns, rows, trips, seed, hours, reach, trucks } = city;
    let trucks = if *trucks > 0.0 { format!(" --trucks {trucks}") } else { String::new() };
    format!(
        "hubflow generate grid --size {columns}x{rows} --trips {trips} --seed {seed} --hours {hours} --reach {reach}{trucks}"
    )
}

fn settings(city: &City) -> String {
    let City { columns, rows, trips, seed, .. } = city;
    // To the next whole minute, as the day begins and ends at multiples of ten seconds.
    let end = Time(((city.hours + AFTER_H) * 60.0).ceil() as i64 * 60_000);
    format!(
        "# A synthetic city, written by: {}\n\
         title = \"Grid city of {columns} × {rows} nodes, {} trips with given routes\"\n\
         description = \"Pure network loading: every trip keeps its route, and one iteration is run.\"\n\
         caveats = [\"The city is invented.\"]\n\
         crs = \"EPSG:4326\"\n\n\
         [time]\n\
         start = \"00:00\"\n\
         end = \"{end}\"\n\n\
         [run]\n\
         seed = {seed}\n\
         sample = 1.0\n\
         iterations = 1\n\n\
         [network]\n\
         folder = \"network\"\n\n\
         [demand]\n\
         trips = \"demand/trips.csv\"\n",
        command(city),
        grouped(*trips),
    )
}

fn readme(city: &City, written: &Written) -> String {
    let City { columns, rows, hours, reach, .. } = city;
    let Written { nodes, links, trips, route_links } = *written;
    let mean = route_links as f64 / trips.max(1) as f64;
    let [nodes, links, trips, route_links] = [nodes, links, trips, route_links].map(grouped);
    format!(
        "# A grid city\n\n\
         {columns} × {rows} nodes {BLOCK_M} m apart, joined both ways: {nodes} nodes, {links} links. Every fifth row and column\n\
         is an arterial (2 lanes, 60 km/h, 1,800 PCU/h and lane), the rest are local streets (1 lane, 30 km/h, 1,200 PCU/h).\n\n\
         {trips} trips set out evenly over {hours} h from anywhere to a node within ±{reach} blocks in each direction, by a\n\
         Z-shaped route that is given: half of the way along the row, all of the way along a column, the rest along the row.\n\
         Together they enter {route_links} links, {mean:.1} each. Every trip keeps its route, so a run of one iteration is\n\
         pure network loading.\n\n\
         Written by\n\n    {}\n\n\
         The same command writes the same bytes.\n",
        command(city),
    )
}

fn sources(city: &City) -> String {
    format!(
        "# Sources\n\n\
         | table | origin | licence | date | confidence |\n|---|---|---|---|---|\n\
         | network/*, demand/trips.csv | drawn by `{}`, version {} | CC0 1.0 | - | invented, for benches and tests |\n",
        command(city),
        env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::Demand;
    use crate::network::Network;
    use crate::scenario::Scenario;

    #[test]
    fn a_city_that_was_written_reads_back_with_the_same_roads_and_routes() {
        let folder = tempfile::tempdir().unwrap();
        let city = City { columns: 12, rows: 9, trips: 300, seed: 7, hours: 0.25, reach: 5, trucks: 0.2 };
        let written = write(&city, folder.path()).unwrap();
        let scenario = Scenario::read(folder.path()).unwrap();
        let network = Network::build(&scenario).unwrap();
        let (read, made) = (&network.roads, city.roads());
        assert_eq!((&read.from, &read.to, &read.lanes), (&made.from, &made.to, &made.lanes));
        assert_eq!((&read.storage_pcu, &read.capacity_pcu_h), (&made.storage_pcu, &made.capacity_pcu_h));
        let agents = Demand::synthesise(&scenario, &network, 1, 1.0).unwrap().agents;
        assert_eq!(agents.len(), 300);
        let (mut route, mut links) = (Vec::new(), 0);
        for (number, agent) in city.by_departure().into_iter().zip(&agents) {
            route.clear();
            let trip = city.trip(u64::from(number), &mut route);
            assert_eq!(agent.route.as_deref(), Some(&route[..]));
            assert_eq!((agent.time, agent.vehicle), (Time(i64::from(trip.departure_ms)), trip.class));
            links += route.len() as u64;
        }
        assert_eq!(written, Written { nodes: 108, links: city.links() as u64, trips: 300, route_links: links });
        // Nobody copied a route on the way from the file to the agents.
        let list = agents[0].route.as_ref().unwrap().place().0;
        assert!(std::sync::Arc::ptr_eq(list, scenario.trips.routes()));
        assert!(write(&city, folder.path()).is_err(), "a folder with something in it is left alone");
    }

    #[test]
    fn numbers_are_written_in_decimal() {
        for number in [0, 9, 10, 12_345, u32::MAX] {
            let mut out = Vec::new();
            decimal(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
        assert_eq!(
            (grouped(7), grouped(1_000), grouped(27_654_321)),
            ("7".into(), "1,000".into(), "27,654,321".into())
        );
    }
}
