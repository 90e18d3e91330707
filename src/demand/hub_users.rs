//! hub_users
