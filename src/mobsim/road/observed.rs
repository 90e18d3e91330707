//! What passed each link, by bin of entry: gathered while the link is at hand, so that it costs no look of its own.
//!
//! Nobody overtakes on a link, so its passages come in the order of entry and only one bin is open at a time. What is
//! closed goes into a list; links and bins without traffic take no memory.

use super::{BIN_MS, LinkBin};

/// Open bins of the links of a block, and those that are closed.
#[derive(Clone, Debug, Default)]
pub(super) struct Passages {
    open: Vec<Open>,
    closed: Vec<LinkBin>,
}

/// A bin under way: 16 bytes. It is closed early when a sum might not fit; rows of one bin are added up in the end.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    bin: u32,
    count: u32,
    time_ms: u32,
    lost_ms: u32,
}

/// Sums up to this leave room for one passage more, of a day at most.
const FULL_MS: u32 = u32::MAX - 100_000_000;

impl Passages {
    pub fn new(links: usize) -> Passages {
        Passages { open: vec![Open::default(); links], closed: Vec::new() }
    }

    /// Looks at the bin of a link, so that it is at hand when a passage is added.
    pub fn touch(&self, input: u32) -> u32 {
        self.open[input as usize].bin
    }

    /// A vehicle left a link so much later than at free flow.
    pub fn add(&mut self, input: u32, entered_ms: u32, left_ms: u32, lost_ms: u32) {
        let bin = entered_ms / BIN_MS;
        let open = &mut self.open[input as usize];
        if open.bin != bin || open.time_ms > FULL_MS {
            if open.count > 0 {
                self.closed.push(open.close(input));
            }
            *open = Open { bin, ..Open::default() };
        }
        open.count += 1;
        open.time_ms += left_ms - entered_ms;
        open.lost_ms += lost_ms;
    }

    /// All bins so far, those still open as they stand; links by `name`.
    pub fn bins(&self, name: impl Fn(u32) -> u32) -> Vec<LinkBin> {
        let open = (0u32..).zip(&self.open).filter(|(_, open)| open.count > 0).map(|(input, open)| open.close(input));
        let all = self.closed.iter().copied().chain(open);
        all.map(|bin| LinkBin { link: name(bin.link), ..bin }).collect()
    }
}

impl Open {
    fn close(&self, link: u32) -> LinkBin {
        let Open { bin, count, time_ms, lost_ms } = *self;
        LinkBin { link, bin, count, time_ms: time_ms.into(), lost_ms: lost_ms.into() }
    }
}
