//! A timing wheel of bitsets: one bit per road input and window, set exactly where something can happen.
//!
//! A wake that lies farther ahead than the wheel turns is set in its last window; whoever wakes there finds nothing to
//! do yet and sets the wake anew. Bits, not lists: setting one twice costs nothing and reading a window yields inputs in
//! index order, whoever set them first.

/// Windows that the wheel holds; a power of two. At one-second windows most links are shorter than this.
const WINDOWS: usize = 64;

/// The wheel.
#[derive(Clone, Debug)]
pub struct Wheel {
    words: usize,
    bits: Vec<u64>,
    /// Whether any bit of a window is set: empty windows cost one look.
    any: [bool; WINDOWS],
    /// Window being processed.
    now: u64,
    window_ms: u64,
}

impl Wheel {
    /// A wheel for `inputs` inputs, standing at the window that begins at `start_ms`.
    pub fn new(inputs: usize, start_ms: u64, window_ms: u64) -> Wheel {
        let words = inputs.div_ceil(64);
        Wheel { words, bits: vec![0; words * WINDOWS], any: [false; WINDOWS], now: start_ms / window_ms, window_ms }
    }

    /// Wakes an input in the window of a moment, at the earliest in the current window.
    pub fn wake(&mut self, input: u32, time_ms: u64) {
        let ahead = (time_ms / self.window_ms).saturating_sub(self.now).min(WINDOWS as u64 - 1);
        let slot = (self.now + ahead) as usize % WINDOWS;
        self.bits[slot * self.words + input as usize / 64] |= 1 << (input % 64);
        self.any[slot] = true;
    }

    /// Moves the inputs that wake in the current window to `out`, in index order.
    pub fn take(&mut self, out: &mut Vec<u32>) {
        let slot = self.now as usize % WINDOWS;
        if !self.any[slot] {
            return;
        }
        self.any[slot] = false;
        let words = &mut self.bits[slot * self.words..(slot + 1) * self.words];
        for (w, word) in words.iter_mut().enumerate() {
            let mut left = std::mem::take(word);
            while left != 0 {
                out.push(w as u32 * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    /// Goes on to the next window.
    pub fn turn(&mut self) {
        self.now += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_comes_in_its_window_and_once() {
        let mut wheel = Wheel::new(200, 10_000, 1_000);
        wheel.wake(130, 12_999);
        wheel.wake(5, 12_000);
        wheel.wake(130, 12_500);
        wheel.wake(7, 9_000); // in the past: now
        let mut out = Vec::new();
        let mut seen = Vec::new();
        for second in 10..14 {
            wheel.take(&mut out);
            seen.extend(out.drain(..).map(|input| (second, input)));
            wheel.turn();
        }
        assert_eq!(seen, [(10, 7), (12, 5), (12, 130)]);
    }

    #[test]
    fn a_far_wake_comes_early_rather_than_never() {
        let mut wheel = Wheel::new(1, 0, 1_000);
        wheel.wake(0, 1_000_000);
        let mut out = Vec::new();
        for _ in 0..WINDOWS {
            wheel.take(&mut out);
            wheel.turn();
        }
        assert_eq!(out, [0]);
    }
}
