//! Synthesis: from the tables of a scenario and its network to everybody and everything that moves in a day.
//!
//! The agents of each part depend on nothing that another part does: a change of one hub's services leaves the trucks
//! and users of other hubs and the residents as they are, draw by draw.

use super::frame::Frame;
use super::freight::freight;
use super::given::given;
use super::hub_users::hub_users;
use super::residents::residents;
use super::{Consignment, Demand};
use crate::error::Result;
use crate::ids::AgentIx;
use crate::network::Network;
use crate::scenario::Scenario;

impl Demand {
    /// The demand of a day, for a share `sample` of the population in (0, 1]. In index order: given trips, users of
    /// hubs, trucks, residents.
    pub fn synthesise(scenario: &Scenario, network: &Network, seed: u64, sample: f64) -> Result<Demand> {
        let frame = Frame::new(scenario, network, seed, sample)?;
        let mut agents = given(&frame)?;
        agents.extend(hub_users(&frame)?);
        let (trucks, consignments) = freight(&frame)?;
        let before = agents.len();
        agents.extend(trucks);
        agents.extend(residents(&frame)?);
        let carried = |c: Consignment| Consignment { agent: AgentIx::from(before + c.agent.i()), ..c };
        Ok(Demand { agents, consignments: consignments.into_iter().map(carried).collect(), sample })
    }
}
