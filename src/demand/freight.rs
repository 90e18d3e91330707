//! freight
