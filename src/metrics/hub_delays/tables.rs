//! The tables of delays.

use super::{Cause, HubDelays, Lost, User};
use crate::ids::{HubIx, Names};
use crate::metrics::Context;
use crate::table::Table;
use crate::units::{HOUR_MS, MINUTE_MS};
use std::collections::{BTreeMap, BTreeSet};

/// Places of a kind of cause that are told one by one, for each hub; the others are one row.
const MOST_PLACES: usize = 50;

/// The place of all places that are not told one by one.
const OTHERS: &str = "others";

/// A row of `hub_delays`: hub, user, word of the cause, place.
type Row = (HubIx, User, &'static str, String);

impl HubDelays {
    /// The rows: the places at which most is lost one by one, the others of each hub, user and kind together.
    fn rows(&self, context: &Context) -> BTreeMap<Row, Lost> {
        let told = self.told_places();
        let mut rows: BTreeMap<Row, Lost> = BTreeMap::new();
        for (&(hub, user, cause), lost) in &self.of {
            let place = match told.contains(&(hub, cause)) {
                true => place(cause, context),
                false => OTHERS.to_owned(),
            };
            rows.entry((hub, user, cause.word(), place)).or_default().add(lost);
        }
        rows
    }

    /// The places that are told one by one.
    fn told_places(&self) -> BTreeSet<(HubIx, Cause)> {
        let mut sums: BTreeMap<(HubIx, Cause), i64> = BTreeMap::new();
        for (&(hub, _, cause), lost) in &self.of {
            *sums.entry((hub, cause)).or_default() += lost.total_ms();
        }
        let mut places: Vec<(HubIx, usize, i64, Cause)> =
            sums.into_iter().map(|((hub, cause), ms)| (hub, cause.kind(), -ms, cause)).collect();
        // Of equal places those that come first in the order of causes.
        places.sort_unstable();
        let of_kind = places.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
        of_kind.flat_map(|own| own.iter().take(MOST_PLACES)).map(|&(hub, _, _, cause)| (hub, cause)).collect()
    }

    /// Time lost by hub, user, cause and place.
    pub(super) fn delay_table(&self, context: &Context) -> Table {
        let rows = self.rows(context);
        let value = context.value_cny_h;
        // In the order of purposes.
        let values = [value.business, value.commute, value.other, value.freight];
        let minutes = |lost: &Lost| lost.total_ms() as f64 / MINUTE_MS as f64;
        let worth = |lost: &Lost| {
            let sums = lost.person_ms.iter().zip(values).map(|(&ms, cny_h)| ms as f64 / HOUR_MS as f64 * cny_h);
            sums.sum::<f64>() / context.demand.sample
        };
        let column = |of: &dyn Fn(&Lost) -> f64| rows.values().map(of).collect::<Vec<f64>>();
        let hub = |row: &Row| context.network.names.hubs.name(row.0.0).to_owned();
        Table::new("hub_delays")
            .key("hub", "external id of the hub", rows.keys().map(hub).collect())
            .key(
                "user",
                "departing, arriving, transfer, connection (between two hubs), truck, or line (passes the hub to or from a line)",
                rows.keys().map(|row| row.1.word().to_owned()).collect(),
            )
            .key(
                "cause",
                "road: on a link beyond free flow; origin: before the first link; line: waiting at a stop; denied: after a \
                 full vehicle; service: lateness of the hub's service; process: waiting; blocked: after service for want of \
                 room; missed: until the service that was taken instead",
                rows.keys().map(|row| row.2.to_owned()).collect(),
            )
            .key(
                "place",
                "link, line, service or process; others: all but the 50 places where most is lost by the cause",
                rows.keys().map(|row| row.3.clone()).collect(),
            )
            .real(
                "persons",
                "persons",
                "persons (of trucks: trucks) who lost time there, once for each time, expanded by 1/sample",
                column(&|lost| context.expand(lost.persons)),
            )
            .real(
                "delay_min",
                "person-minutes per day",
                "time lost (of trucks: truck-minutes), expanded by 1/sample",
                column(&|lost| minutes(lost) / context.demand.sample),
            )
            .real(
                "mean_min",
                "minutes",
                "time lost by each of those who lost any",
                column(&|lost| minutes(lost) / lost.persons.max(1) as f64),
            )
            .real("worth_cny", "yuan per day", "time lost at the value of time by purpose, expanded by 1/sample", column(&worth))
    }

    /// Who missed a service, by what they had lost most time until then.
    pub(super) fn missed_table(&self, context: &Context) -> Table {
        let mut rows: BTreeMap<Row, (u64, u64)> = BTreeMap::new();
        for party in &self.parties {
            let Some((_, reason)) = party.missed else { continue };
            let (word, place) = reason.map_or(("none", String::new()), |cause| (cause.word(), place(cause, context)));
            let (missed, stranded) = rows.entry((party.hub, party.user, word, place)).or_default();
            *missed += u64::from(party.persons);
            *stranded += if party.took.is_none() { u64::from(party.persons) } else { 0 };
        }
        let hub = |row: &Row| context.network.names.hubs.name(row.0.0).to_owned();
        Table::new("hub_missed")
            .key("hub", "external id of the hub", rows.keys().map(hub).collect())
            .key("user", "departing, transfer, connection or truck", rows.keys().map(|r| r.1.word().to_owned()).collect())
            .key(
                "cause",
                "by what the party had lost most time when it missed its service, as in hub_delays; none: it came late by its own plan",
                rows.keys().map(|row| row.2.to_owned()).collect(),
            )
            .key(
                "place",
                "where it lost most by that at once; empty where no single place stands out",
                rows.keys().map(|row| row.3.clone()).collect(),
            )
            .real(
                "missed",
                "persons",
                "persons (of trucks: trucks) who missed their service, expanded by 1/sample",
                rows.values().map(|&(missed, _)| context.expand(missed)).collect(),
            )
            .real(
                "stranded",
                "persons",
                "of them those whom no other service took, expanded by 1/sample",
                rows.values().map(|&(_, stranded)| context.expand(stranded)).collect(),
            )
    }
}

/// The place of a cause in words; empty where it is not one.
fn place(cause: Cause, context: &Context) -> String {
    let names = &context.network.names;
    let of = |names: &Names, number: u32| names.all().get(number as usize).cloned().unwrap_or_default();
    match cause {
        Cause::Road(link) | Cause::Origin(link) => of(&names.links, link.0),
        Cause::Line(line) | Cause::Denied(line) => {
            context.network.lines.lines.get(line.i()).map_or(String::new(), |l| l.route_id.clone())
        }
        Cause::Service(service) => of(&names.services, service.0),
        Cause::Process(process) | Cause::Blocked(process) => of(&names.processes, process.0),
        Cause::Missed => String::new(),
    }
}
