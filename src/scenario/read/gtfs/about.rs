//! GTFS `agency.txt` and `feed_info.txt`: who made a feed.

use super::feed::Feed;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::Form;
use crate::scenario::tables::FeedFacts;

/// Reads who made the feed.
pub(super) fn about(reading: &mut Reading, feed: &mut Feed, facts: &mut FeedFacts) {
    let form = Form { required: &["agency_name"], optional: &["agency_url"], open: true };
    let agencies = feed.rows(reading, ("agency.txt", false), &form, |row| {
        let (name, url) = (row.word("agency_name"), row.word("agency_url"));
        Some(if url.is_empty() { name } else { format!("{name} ({url})") })
    });
    facts.agencies = agencies.unwrap_or_default();
    let columns = ["feed_publisher_name", "feed_publisher_url", "feed_version", "feed_start_date", "feed_end_date"];
    let form = Form { required: &[], optional: &columns, open: true };
    let publishers = feed.rows(reading, ("feed_info.txt", false), &form, |row| {
        let told = columns.iter().map(|c| row.text(c)).filter(|t| !t.is_empty());
        Some(told.collect::<Vec<_>>().join(", "))
    });
    facts.publisher = publishers.unwrap_or_default().into_iter().next().unwrap_or_default();
}
