//! The report as one HTML file: everything inside, nothing fetched, readable without a script, in light, dark and print.

mod cells;
mod change;
mod charts;
mod districts;
mod format;
mod hub_changes;
mod hub_days;
mod hub_diagram;
mod hubs;
mod labels;
mod ledgers;
mod line_changes;
mod lines;
mod map;
mod measures;
mod page;
mod profile;
mod scale;
mod sections;
mod spillover;

pub use change::{Compared, page as change_page};
pub use page::page;
