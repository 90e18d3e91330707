//! hubflow simulates travellers and freight through transport hubs, and what spills over into the districts around them.
//!
//! A run is a river: **scenario → network → demand → choice → mobsim → events → metrics → spillover → report**.
//! Each stage takes values by reference, returns a new value and knows nothing that lies downstream. One thing flows
//! back, the experienced travel times of one iteration, and only [`run`] carries them to the next.

#![deny(missing_docs)]

pub mod error;
pub mod ids;
pub mod mode;
pub mod random;
pub mod table;
pub mod units;

pub mod events;
pub mod scenario;

pub mod network;

pub mod demand;

pub mod outcome;

pub mod report;
