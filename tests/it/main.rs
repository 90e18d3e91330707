//! The one integration binary. Table of contents:
//!
//! - `city`: small networks and demands that the other tests drive through the public face
//! - `road`: free_flow, capacity, bottleneck, shock, spillback, start_wave, merge, invariance, diverge, gridlock, pcu mixture
//! - `road_gates`: places of hubs on the road: gate_peak, spillback from a gate, turn bays, shares, conservation
//! - `road_control`: signal discharge, incident, closure, turn bays, rerouting within the day
//! - `road_same`: the same day on any number of threads, blocks and windows, whoever is listed first
//! - `queues`: mmc, md1, D/D/c, shifts and samples of hub processes, little
//! - `hub_cases`: hub nets made up by draws, for the next two
//! - `hub_net`: mm1, mmc, md1, mg1, D/D/c, blocking, places, stores, batches, breakdowns, appointments of hub nets by hand
//! - `hub_truth`: the net of a hub against a slow truth; windows, order of calls, little, conservation in any net
//! - `lines`: wait_half_headway, denied_boarding, missed_connection, conservation of passengers
//! - `services`: trains and flights of hubs: seats, missed, moved to another one, stranded; gates to platforms
//! - `vehicles`: dwell, bunching, rotations, headways on rails, capacity, times and loads of lines as a day was
//! - `buses`: in a jam, with the road's own vehicles, late with all aboard, on any thread, window and block
//! - `runs`: conservation, determinism, zero_change_is_zero, little on whole runs of scenarios
//! - `assignment`: pigou, braess, parallel links, first_thru_node; published optima; Kuhn and Tucker; a slow truth
//! - `assign_command`: braess from its files, weights, unreachable pairs, mistakes with file and line, exit codes
//! - `baiyun`: the flagship scenario: four hubs in every operating hour, published figures
//! - `small_scenarios`: two_links, corridor and crossing against the sums in their READMEs
//! - `equilibrium`: vickrey, pigou, braess, the dynamic Sioux Falls: gaps, costs and flows of whole runs
//! - `bad_input`: every mistake is told once, all at once
//! - `feeds`: real GTFS feeds against published counts and statistics, every fault alone, feeds torn at random
//! - `feed_tables`: GTFS tables one by one by hand: shapes, headways, pathways, fares, calendars, the command line
//! - `given_trips`: generated cities, their files and their agents, wrong trips, closed links, pure loading
//! - `route`: one journey in words and JSON, places that are not there
//! - `command_line`: exit codes, what goes where, nothing written over
//! - `control`: turns, bays, signals and links by time of day from files to the network, and measures on them
//! - `control_mistakes`: every mistake in the tables of control, and junk in them
//! - `tidy`: the house keeps its plan

mod assign_command;
mod assignment;
mod bad_input;
mod baiyun;
mod baiyun_hubs;
mod buses;
mod city;
mod command_line;
mod control;
mod control_mistakes;
mod equilibrium;
mod feed_tables;
mod feeds;
mod given_trips;
mod hub_cases;
mod hub_net;
mod hub_roads;
mod hub_truth;
mod lines;
mod queues;
mod road;
mod road_control;
mod road_gates;
mod road_same;
mod route;
mod runs;
mod services;
mod small_scenarios;
mod tidy;
mod town;
mod vehicles;
