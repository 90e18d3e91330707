//! Rebuilds every derived table of the baiyun scenario from the facts kept in its `facts/` folder.
//!
//! `cargo run --release --example build_baiyun [SCENARIO FOLDER]`. The same facts give the same bytes: every draw is
//! keyed, every number is written with fixed decimals. What is fact and what is rule stands in `SOURCES.md`.

#![expect(clippy::print_stderr, reason = "a builder tells its user what it made")]

mod airport;
mod districts;
mod facts;
mod geometry;
mod hub_roads;
mod network;
mod output;
mod places;
mod plan;
mod port;
mod roads;
mod schedules;
mod services;
mod stations;
mod streets;

use districts::District;
use facts::Facts;
use network::Network;
use output::write_text;
use places::Place;
use std::error::Error;
use std::path::{Path, PathBuf};

/// GMNS `config.csv`: what the numbers of the network mean.
const CONFIG: &str = "dataset_name,short_length,long_length,speed,crs,geometry_field_format,currency,version_number,id_type\n\
                      baiyun,m,km,kph,EPSG:4326,wkt,CNY,0.96,string\n";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "scenarios/baiyun".into()));
    let facts = Facts::read(&folder.join("facts"))?;
    for part in ["network", "services", "demand", "hubs"] {
        let part = folder.join(part);
        std::fs::create_dir_all(&part).map_err(|e| format!("{}: {e}", part.display()))?;
    }
    let districts = districts::build(&facts);
    let places = places::build(&facts, &districts);
    let network = road_network(&facts, &districts, &places)?;
    write_text(&folder.join("districts.geojson"), &districts::geojson(&districts))?;
    places::zones(&districts, &places).write(&folder.join("demand/zones.csv"))?;
    network.node_sheet().write(&folder.join("network/node.csv"))?;
    network.link_sheet().write(&folder.join("network/link.csv"))?;
    write_text(&folder.join("network/config.csv"), CONFIG)?;
    services::write(&facts, &folder.join("services"))?;
    write_hubs(&facts, &folder)?;
    eprintln!(
        "{}: {} districts, {} zones, {} nodes, {} links",
        folder.display(),
        districts.len(),
        places.len(),
        network.nodes.len(),
        network.links.len()
    );
    Ok(())
}

/// The road network: mesh nodes, named roads, ramps, mesh, local streets, hubs.
fn road_network(facts: &Facts, districts: &[District], places: &[Place]) -> Result<Network, Box<dyn Error>> {
    let mut network = Network::default();
    let mesh_nodes = streets::mesh_nodes(places, &mut network);
    let inner: Vec<usize> =
        (0..places.len()).filter(|&i| places[i].kind != places::Kind::City).map(|i| mesh_nodes[i]).collect();
    let named = roads::build(facts, &mut network);
    roads::ramps(&named, &inner, &mut network);
    streets::mesh(districts, places, &mesh_nodes, &mut network);
    streets::tie_cities(places, &mesh_nodes, &named, &mut network);
    hub_roads::build(facts, &inner, &named, &mut network);
    streets::local(places, &mesh_nodes, &mut network);
    for use_ in ["auto", "truck"] {
        let cut_off = network.cut_off(use_);
        if !cut_off.is_empty() {
            return Err(format!("nodes that {use_} cannot reach or leave: {}", cut_off.join(", ")).into());
        }
    }
    Ok(network)
}

fn write_hubs(facts: &Facts, folder: &Path) -> Result<(), Box<dyn Error>> {
    type HubFile = fn(&Facts, &[schedules::Service]) -> String;
    let all: [(&str, Vec<schedules::Service>, HubFile); 4] = [
        ("can", schedules::airport(facts), airport::airport),
        ("gzs", schedules::guangzhou_station(facts), stations::guangzhou_station),
        ("gby", schedules::baiyun_station(facts), stations::baiyun_station),
        ("gip", schedules::port(facts), port::port),
    ];
    for (id, services, file) in all {
        write_text(&folder.join(format!("hubs/{id}.toml")), &file(facts, &services))?;
        schedules::sheet(&services).write(&folder.join(format!("hubs/{id}_schedule.csv")))?;
    }
    Ok(())
}
