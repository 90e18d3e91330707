//! The one integration binary. Table of contents:
//!
//! - `city`: small networks and demands that the other tests drive through the public face
//! - `road`: free_flow, capacity, bottleneck, spillback, start_wave, merge, diverge, gridlock, pcu, window invariance

mod city;
mod road;
