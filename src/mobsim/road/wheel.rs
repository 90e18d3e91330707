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
    /// Windows in which any bit is set: an empty window costs one look.
    any: u64,
    /// Window being processed.
    now: u32,
    window_ms: u32,
}

impl Wheel {
    /// A wheel for `inputs` inputs, standing at the window that begins at `start_ms`.
    pub fn new(inputs: usize, start_ms: u32, window_ms: u32) -> Wheel {
        let words = inputs.div_ceil(64);
        Wheel { words, bits: vec![0; words * WINDOWS], any: 0, now: start_ms / window_ms, window_ms }
    }

    /// Wakes an input in the window of a moment, at the earliest in the current window.
    pub fn wake(&mut self, input: u32, time_ms: u32) {
        let ahead = (time_ms / self.window_ms).saturating_sub(self.now).min(WINDOWS as u32 - 1);
        let slot = (self.now + ahead) as usize % WINDOWS;
        self.bits[slot * self.words + input as usize / 64] |= 1 << (input % 64);
        self.any |= 1 << slot;
    }

    /// Goes to the window of a moment. Windows may be skipped in which nobody wakes.
    pub fn turn_to(&mut self, time_ms: u32) {
        self.now = time_ms / self.window_ms;
    }

    /// Whether anybody wakes in the window of a moment.
    pub fn due(&self, time_ms: u32) -> bool {
        self.any >> ((time_ms / self.window_ms) as usize % WINDOWS) & 1 != 0
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.bits[..])
    }

    /// Moves the inputs that wake in the current window to `out`, in index order.
    pub fn take(&mut self, out: &mut Vec<u32>) {
        let slot = self.now as usize % WINDOWS;
        if self.any & 1 << slot == 0 {
            return;
        }
        self.any &= !(1 << slot);
        let words = &mut self.bits[slot * self.words..(slot + 1) * self.words];
        for (w, word) in words.iter_mut().enumerate() {
            let mut left = std::mem::take(word);
            while left != 0 {
                out.push(w as u32 * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
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
            wheel.turn_to(second * 1_000);
            assert_eq!(wheel.due(second * 1_000), second % 2 == 0);
            wheel.take(&mut out);
            seen.extend(out.drain(..).map(|input| (second, input)));
        }
        assert_eq!(seen, [(10, 7), (12, 5), (12, 130)]);
    }

    #[test]
    fn a_far_wake_comes_early_rather_than_never() {
        let mut wheel = Wheel::new(1, 0, 1_000);
        wheel.wake(0, 1_000_000);
        let mut out = Vec::new();
        for window in 0..WINDOWS as u32 {
            wheel.turn_to(window * 1_000);
            wheel.take(&mut out);
        }
        assert_eq!(out, [0]);
    }
}
