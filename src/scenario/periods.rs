//! Links over the day: what the rows of `link_tod.csv` and the measures for a part of the day make of a link.
//!
//! Rows of a file may overlap when they set different things; what two rows set at the same time is a mistake. A measure
//! takes the place of what was set before in its part of the day. Each thing that a row sets is changed on its own and only
//! where it comes to differ, so a measure that changes nothing leaves the rows as they are, and one that is taken back
//! leaves the rows that were there before it.

use super::control::LinkPeriodRow;
use super::tables::LinkRow;
use crate::mode::Uses;
use rustc_hash::{FxHashMap, FxHashSet};

/// Something of a link that may differ in a part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    /// Capacity of one lane, PCU per hour.
    Capacity,
    /// Free speed, metres per second.
    Speed,
    /// Lanes.
    Lanes,
    /// Toll, yuan.
    Toll,
    /// Whether vehicles are kept out: 1 when they are, 0 when not.
    Closed,
}

impl Attribute {
    pub const ALL: [Attribute; 5] =
        [Attribute::Capacity, Attribute::Speed, Attribute::Lanes, Attribute::Toll, Attribute::Closed];

    /// What a row sets, `None` when it sets nothing of the kind.
    pub fn of(self, row: &LinkPeriodRow) -> Option<f64> {
        match self {
            Attribute::Capacity => row.capacity_pcu_h_lane,
            Attribute::Speed => row.free_speed_mps,
            Attribute::Lanes => row.lanes,
            Attribute::Toll => row.toll_cny,
            // Uses that let vehicles in are those of the link itself, or a mistake that is told.
            Attribute::Closed => {
                row.allowed_uses.as_deref().filter(|words| !Uses::of_words(words).vehicles()).map(|_| 1.0)
            }
        }
    }

    /// What holds on the link where no row says otherwise.
    pub fn of_link(self, link: &LinkRow) -> f64 {
        match self {
            Attribute::Capacity => link.capacity_pcu_h_lane,
            Attribute::Speed => link.free_speed_mps,
            Attribute::Lanes => link.lanes,
            Attribute::Toll => link.toll_cny,
            Attribute::Closed => f64::from(u8::from(!link.uses().vehicles())),
        }
    }

    fn put(self, row: &mut LinkPeriodRow, value: Option<f64>) {
        match self {
            Attribute::Capacity => row.capacity_pcu_h_lane = value,
            Attribute::Speed => row.free_speed_mps = value,
            Attribute::Lanes => row.lanes = value,
            Attribute::Toll => row.toll_cny = value,
            Attribute::Closed => row.allowed_uses = value.map(|_| vec!["none".to_owned()]),
        }
    }

    /// What holds from one border of the rows to the next: of rows that set it at the same time the last one.
    fn at(self, link: &LinkRow, rows: &[LinkPeriodRow], moment_s: f64) -> f64 {
        let holds = |row: &&LinkPeriodRow| row.from_s <= moment_s && moment_s < row.until_s;
        rows.iter().rev().filter(holds).find_map(|row| self.of(row)).unwrap_or_else(|| self.of_link(link))
    }
}

/// A part of the day in which a link differs from what it is else, with all that then holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// First moment, seconds after midnight.
    pub from_s: f64,
    /// First moment after it, seconds after midnight.
    pub until_s: f64,
    /// Capacity of all lanes, PCU per hour; 0 when vehicles are kept out.
    pub capacity_pcu_h: f64,
    /// Free speed, metres per second.
    pub free_speed_mps: f64,
    /// Toll, yuan.
    pub toll_cny: f64,
}

/// The parts of the day in which a link differs, in order and apart from each other, by the rows that name it.
pub fn profile(link: &LinkRow, rows: &[LinkPeriodRow]) -> Vec<Piece> {
    let borders = borders(rows, (f64::NEG_INFINITY, f64::INFINITY));
    let mut pieces: Vec<Piece> = Vec::new();
    for span in borders.windows(2) {
        let at = |attribute: Attribute| attribute.at(link, rows, span[0]);
        if Attribute::ALL.iter().all(|&a| at(a) == a.of_link(link)) {
            continue;
        }
        let open = if at(Attribute::Closed) > 0.0 { 0.0 } else { 1.0 };
        let piece = Piece {
            from_s: span[0],
            until_s: span[1],
            capacity_pcu_h: at(Attribute::Capacity) * at(Attribute::Lanes) * open,
            free_speed_mps: at(Attribute::Speed),
            toll_cny: at(Attribute::Toll),
        };
        match pieces.last_mut() {
            Some(last)
                if last.until_s == span[0]
                    && (Piece { until_s: span[1], ..*last } == Piece { from_s: last.from_s, ..piece }) =>
            {
                last.until_s = span[1];
            }
            _ => pieces.push(piece),
        }
    }
    pieces
}

/// The moments within a window at which rows begin or end, and the ends of the window where they are finite; in order.
fn borders(rows: &[LinkPeriodRow], window: (f64, f64)) -> Vec<f64> {
    let moments = rows.iter().flat_map(|row| [row.from_s, row.until_s]).filter(|s| window.0 < *s && *s < window.1);
    let mut borders: Vec<f64> = moments.chain([window.0, window.1].into_iter().filter(|s| s.is_finite())).collect();
    borders.sort_unstable_by(f64::total_cmp);
    borders.dedup();
    borders
}

/// What a measure makes of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    /// Sets it.
    To(f64),
    /// Multiplies it.
    Times(f64),
}

impl Change {
    fn of(self, value: f64) -> f64 {
        match self {
            Change::To(new) => new,
            Change::Times(factor) => value * factor,
        }
    }
}

/// Changes links in a part of the day, or on the whole of it where there is no window: then the links themselves change,
/// and with them every row that says something of the kind.
pub(super) fn change(
    links: &mut [LinkRow],
    rows: &mut Vec<LinkPeriodRow>,
    chosen: &[usize],
    window: Option<(f64, f64)>,
    changes: &[(Attribute, Change)],
) {
    let place: FxHashMap<String, usize> =
        chosen.iter().enumerate().map(|(i, &link)| (links[link].link_id.clone(), i)).collect();
    let mut own: Vec<Vec<LinkPeriodRow>> = vec![Vec::new(); chosen.len()];
    for row in rows.iter() {
        if let Some(&i) = place.get(&row.link_id) {
            own[i].push(row.clone());
        }
    }
    let before = own.clone();
    for (&link, own) in chosen.iter().zip(&mut own) {
        for &(attribute, change) in changes {
            match window {
                Some(window) => in_window(&links[link], own, window, attribute, change),
                None => all_day(&mut links[link], own, attribute, change),
            }
        }
    }
    if own == before {
        return;
    }
    // The rows of a changed link stand where its first one stood, those of a link without rows at the end.
    let mut out = Vec::with_capacity(rows.len());
    let mut told = FxHashSet::default();
    for row in rows.drain(..) {
        match place.get(&row.link_id) {
            None => out.push(row),
            Some(&i) if told.insert(i) => out.append(&mut own[i]),
            Some(_) => {}
        }
    }
    out.extend(own.into_iter().flatten());
    *rows = out;
}

fn in_window(link: &LinkRow, rows: &mut Vec<LinkPeriodRow>, window: (f64, f64), attribute: Attribute, change: Change) {
    let spans: Vec<(f64, f64, f64)> =
        borders(rows, window).windows(2).map(|span| (span[0], span[1], attribute.at(link, rows, span[0]))).collect();
    if spans.iter().all(|&(.., now)| change.of(now) == now) {
        return;
    }
    cut(rows, window, attribute);
    let usual = attribute.of_link(link);
    let mut new: Vec<(f64, f64, f64)> = Vec::new();
    for (from_s, until_s, now) in spans {
        let value = change.of(now);
        match new.last_mut() {
            Some((_, end_s, last)) if *end_s == from_s && *last == value => *end_s = until_s,
            _ => new.push((from_s, until_s, value)),
        }
    }
    for (from_s, until_s, value) in new.into_iter().filter(|&(.., value)| value != usual) {
        let mut row = LinkPeriodRow { link_id: link.link_id.clone(), from_s, until_s, ..LinkPeriodRow::default() };
        attribute.put(&mut row, Some(value));
        rows.push(row);
    }
}

fn all_day(link: &mut LinkRow, rows: &mut Vec<LinkPeriodRow>, attribute: Attribute, change: Change) {
    let new = change.of(attribute.of_link(link));
    match change {
        Change::To(_) => {
            if rows.iter().any(|row| attribute.of(row).is_some_and(|x| x != new)) {
                cut(rows, (f64::NEG_INFINITY, f64::INFINITY), attribute);
            }
        }
        Change::Times(_) => {
            for row in rows.iter_mut() {
                let value = attribute.of(row);
                if attribute != Attribute::Closed && value.is_some() {
                    attribute.put(row, value.map(|x| change.of(x)));
                }
            }
        }
    }
    match attribute {
        Attribute::Capacity => link.capacity_pcu_h_lane = new,
        Attribute::Speed => link.free_speed_mps = new,
        Attribute::Lanes => link.lanes = new,
        Attribute::Toll => link.toll_cny = new,
        // Who walks still may.
        Attribute::Closed if new > attribute.of_link(link) => {
            let word = if link.uses().walk { "walk" } else { "none" };
            link.allowed_uses = vec![word.to_owned()];
        }
        Attribute::Closed => {}
    }
}

/// Takes what rows set of one kind in a window out of them; rows that reach beyond it are split at its ends.
fn cut(rows: &mut Vec<LinkPeriodRow>, (from_s, until_s): (f64, f64), attribute: Attribute) {
    let mut out = Vec::with_capacity(rows.len() + 2);
    for row in rows.drain(..) {
        if attribute.of(&row).is_none() || row.until_s <= from_s || until_s <= row.from_s {
            out.push(row);
            continue;
        }
        let part = |from_s: f64, until_s: f64| LinkPeriodRow { from_s, until_s, ..row.clone() };
        if row.from_s < from_s {
            out.push(part(row.from_s, from_s));
        }
        let mut middle = part(row.from_s.max(from_s), row.until_s.min(until_s));
        attribute.put(&mut middle, None);
        if Attribute::ALL.iter().any(|a| a.of(&middle).is_some()) {
            out.push(middle);
        }
        if until_s < row.until_s {
            out.push(part(until_s, row.until_s));
        }
    }
    *rows = out;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link() -> LinkRow {
        LinkRow {
            link_id: "l".into(),
            name: String::new(),
            from_node_id: "a".into(),
            to_node_id: "b".into(),
            length_m: 1_000.0,
            free_speed_mps: 20.0,
            capacity_pcu_h_lane: 1_800.0,
            lanes: 2.0,
            facility_type: String::new(),
            allowed_uses: Vec::new(),
            toll_cny: 1.0,
            jam_density_pcu_km: None,
            shape: Vec::new(),
            row: 2,
        }
    }

    fn row(from_s: f64, until_s: f64) -> LinkPeriodRow {
        LinkPeriodRow { link_id: "l".into(), from_s, until_s, row: 2, ..LinkPeriodRow::default() }
    }

    #[test]
    fn rows_that_set_different_things_hold_together() {
        // A toll from 10 to 30, one lane from 20 to 40, closed from 25 to 26.
        let rows = [
            LinkPeriodRow { toll_cny: Some(5.0), ..row(10.0, 30.0) },
            LinkPeriodRow { lanes: Some(1.0), ..row(20.0, 40.0) },
            LinkPeriodRow { allowed_uses: Some(vec!["none".into()]), ..row(25.0, 26.0) },
        ];
        let told: Vec<(f64, f64, f64, f64)> =
            profile(&link(), &rows).iter().map(|p| (p.from_s, p.until_s, p.capacity_pcu_h, p.toll_cny)).collect();
        let wanted = [
            (10.0, 20.0, 3_600.0, 5.0),
            (20.0, 25.0, 1_800.0, 5.0),
            (25.0, 26.0, 0.0, 5.0),
            (26.0, 30.0, 1_800.0, 5.0),
            (30.0, 40.0, 1_800.0, 1.0),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_row_that_says_what_holds_anyway_is_no_piece() {
        let rows = [LinkPeriodRow { toll_cny: Some(1.0), lanes: Some(2.0), ..row(10.0, 30.0) }];
        assert_eq!(profile(&link(), &rows), []);
    }

    fn changed(rows: &[LinkPeriodRow], window: Option<(f64, f64)>, what: (Attribute, Change)) -> Vec<LinkPeriodRow> {
        let (mut links, mut rows) = (vec![link()], rows.to_vec());
        change(&mut links, &mut rows, &[0], window, &[what]);
        rows
    }

    #[test]
    fn a_measure_takes_the_place_of_what_was_set_and_splits_rows_at_its_ends() {
        let rows = [LinkPeriodRow { toll_cny: Some(5.0), lanes: Some(1.0), ..row(10.0, 40.0) }];
        let told: Vec<_> = changed(&rows, Some((20.0, 30.0)), (Attribute::Toll, Change::To(7.0)))
            .iter()
            .map(|r| (r.from_s, r.until_s, r.toll_cny, r.lanes))
            .collect();
        let wanted = [
            (10.0, 20.0, Some(5.0), Some(1.0)),
            (20.0, 30.0, None, Some(1.0)),
            (30.0, 40.0, Some(5.0), Some(1.0)),
            (20.0, 30.0, Some(7.0), None),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_factor_works_on_what_holds_at_each_time() {
        // Toll 1 all day and 5 from 10 to 20; twice of it from 15 to 25.
        let rows = [LinkPeriodRow { toll_cny: Some(5.0), ..row(10.0, 20.0) }];
        let rows = changed(&rows, Some((15.0, 25.0)), (Attribute::Toll, Change::Times(2.0)));
        let told: Vec<_> = profile(&link(), &rows).iter().map(|p| (p.from_s, p.until_s, p.toll_cny)).collect();
        assert_eq!(told, [(10.0, 15.0, 5.0), (15.0, 20.0, 10.0), (20.0, 25.0, 2.0)]);
    }

    proptest! {
        /// Changes in any windows against a slow truth: one value for each second and thing. The same change again, and
        /// a factor of one, change no row; set back to what the link is, no row is left.
        #[test]
        fn changes_hold_second_by_second_and_what_is_taken_back_leaves_nothing(
            steps in prop::collection::vec((0usize..8, 1usize..8, 0usize..4, 1u8..4), 0..12),
        ) {
            let (mut links, mut rows) = (vec![link()], Vec::new());
            let mut truth = Attribute::ALL.map(|a| [a.of_link(&link()); 16]);
            for &(from, length, a, value) in &steps {
                let window = (from as f64, (from + length) as f64);
                let (attribute, value) = (Attribute::ALL[a], f64::from(value));
                change(&mut links, &mut rows, &[0], Some(window), &[(attribute, Change::To(value))]);
                let before = rows.clone();
                change(&mut links, &mut rows, &[0], Some(window), &[(attribute, Change::To(value))]);
                change(&mut links, &mut rows, &[0], Some((0.0, 16.0)), &[(attribute, Change::Times(1.0))]);
                prop_assert_eq!(&rows, &before);
                truth[a][from..from + length].fill(value);
            }
            for second in 0..16 {
                let now = Attribute::ALL.map(|a| a.at(&links[0], &rows, second as f64 + 0.5));
                prop_assert_eq!(now, truth.map(|of| of[second]));
                let piece = profile(&links[0], &rows).into_iter().find(|p| (p.from_s..p.until_s).contains(&(second as f64)));
                let capacity = piece.map_or(3_600.0, |p| p.capacity_pcu_h);
                prop_assert_eq!(capacity, truth[0][second] * truth[2][second]);
            }
            for attribute in Attribute::ALL {
                let usual = Change::To(attribute.of_link(&link()));
                change(&mut links, &mut rows, &[0], Some((0.0, 20.0)), &[(attribute, usual)]);
            }
            prop_assert_eq!(rows, vec![]);
            prop_assert_eq!(links, vec![link()]);
        }
    }
}
