//! What passes each link, by kind of vehicle and bin of entry: counted while the link is at hand, so that it costs no look
//! of its own.
//!
//! Nobody overtakes on a link, so its passages come in the order of entry and only one bin of a kind is open at a time.
//! What is closed goes into a list; links and bins without traffic take no memory. The same rows at a departure queue
//! hold the waits of those who set out in a bin.

use super::vehicle::kind_code;
use crate::network::passages::Kind;

/// Open bins of the inputs of a block, and those that are closed.
#[derive(Clone, Debug, Default)]
pub(super) struct Passages {
    kinds: Kinds,
    /// Width of a bin, milliseconds.
    bin_ms: u32,
    /// At `input * kinds + kind`.
    open: Vec<Open>,
    closed: Vec<Row>,
    /// When the last vehicle left an input and what it took, where that is published; else empty.
    last: Vec<(u32, u32)>,
}

/// The kinds of vehicles that there are in a day, by their code: a day of cars alone keeps one row a link.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    place: [u8; 8],
    /// Codes in the order of their places.
    pub codes: Vec<u8>,
}

/// A bin under way: 12 bytes. It is closed early when a sum might not fit; rows of one bin are added up in the end.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    /// Bin in the lower half, period in the upper.
    when: u32,
    count: u32,
    time_ms: u32,
}

/// A closed bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub input: u32,
    pub code: u8,
    pub bin: u32,
    pub period: u32,
    pub count: u32,
    pub time_ms: u32,
}

/// Sums up to this leave room for one passage more, of a day at most.
const FULL_MS: u32 = u32::MAX - 100_000_000;

/// A vehicle that passed: its kind's code, the moments, and the period of the link that it entered in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub code: u8,
    pub entered_ms: u32,
    pub left_ms: u32,
    pub period: u32,
}

impl Kinds {
    pub fn new(kinds: &[Kind]) -> Kinds {
        let mut codes: Vec<u8> = kinds.iter().map(|&kind| kind_code(kind)).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut place = [0; 8];
        for (p, &code) in codes.iter().enumerate() {
            place[usize::from(code)] = p as u8;
        }
        Kinds { place, codes }
    }
}

impl Passages {
    /// No passages yet; `published` tells whether the last one of each link will be asked for.
    pub fn new(inputs: usize, kinds: &Kinds, bin_ms: u32, published: bool) -> Passages {
        Passages {
            bin_ms,
            open: vec![Open::default(); inputs * kinds.codes.len()],
            kinds: kinds.clone(),
            closed: Vec::new(),
            last: if published { vec![(0, 0); inputs] } else { Vec::new() },
        }
    }

    /// When the last vehicle left an input, and what it took.
    pub fn last(&self, input: usize) -> (u32, u32) {
        self.last[input]
    }

    /// The kind of all vehicles, where there is only one.
    pub fn only_kind(&self) -> Option<u8> {
        if let [only] = self.kinds.codes[..] { Some(only) } else { None }
    }

    fn at(&self, input: u32, code: u8) -> usize {
        input as usize * self.kinds.codes.len() + usize::from(self.kinds.place[usize::from(code)])
    }

    /// Looks at the bins of an input, so that they are at hand when a passage is added.
    pub fn touch(&self, input: u32) -> u32 {
        self.open[input as usize * self.kinds.codes.len()].when
    }

    /// A vehicle left a link, or a departure queue.
    pub fn add(&mut self, input: u32, passed: Passed) {
        let Passed { code, entered_ms, left_ms, period } = passed;
        let at = self.at(input, code);
        let open = &mut self.open[at];
        // Nearly always the bin is the one that is open, which a product tells faster than a quotient.
        let since = entered_ms.wrapping_sub((open.when & 0xffff).wrapping_mul(self.bin_ms));
        if since >= self.bin_ms || open.when >> 16 != period || open.time_ms > FULL_MS {
            let when = (period << 16) | (entered_ms / self.bin_ms);
            if open.count > 0 {
                self.closed.push(open.close(input, code));
            }
            *open = Open { when, ..Open::default() };
        }
        if let Some(last) = self.last.get_mut(input as usize) {
            *last = (left_ms, left_ms - entered_ms);
        }
        open.count += 1;
        open.time_ms += left_ms - entered_ms;
    }

    /// Memory of open bins, bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.open[..])
    }

    /// All bins so far, those still open as they stand.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let open = self.open.iter().enumerate().filter(|(_, open)| open.count > 0).map(|(at, open)| {
            let kinds = self.kinds.codes.len();
            open.close((at / kinds) as u32, self.kinds.codes[at % kinds])
        });
        self.closed.iter().copied().chain(open)
    }
}

impl Open {
    fn close(&self, input: u32, code: u8) -> Row {
        let Open { when, count, time_ms } = *self;
        Row { input, code, bin: when & 0xffff, period: when >> 16, count, time_ms }
    }
}
