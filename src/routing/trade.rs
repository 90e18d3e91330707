//! What a way on the road takes, and what of it a driver gives for what: time in milliseconds, distance in centimetres,
//! money in thousandths of a yuan.

/// Fractions of a millisecond in the weights of [`Trade`]: 2¹⁶, so that a centimetre of road still has a weight.
pub const TRADE_SHIFT: u32 = 16;

/// A way on the road: time, distance and toll of one vehicle. Whole numbers, so that sums do not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Driven {
    /// Time, milliseconds.
    pub ms: i64,
    /// Distance, centimetres.
    pub cm: i64,
    /// Toll, thousandths of a yuan.
    pub toll_milli_cny: i64,
}

impl Driven {
    /// Two ways one after the other.
    pub fn and(self, next: Driven) -> Driven {
        Driven {
            ms: self.ms + next.ms,
            cm: self.cm + next.cm,
            toll_milli_cny: self.toll_milli_cny + next.toll_milli_cny,
        }
    }
}

/// What a driver gives in time for distance and money: weights of the road search, in 2⁻¹⁶ milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trade {
    /// Of a centimetre of road.
    pub per_cm: i64,
    /// Of a thousandth of a yuan.
    pub per_milli_cny: i64,
}

impl Trade {
    /// Time alone counts.
    pub const TIME_ONLY: Trade = Trade { per_cm: 0, per_milli_cny: 0 };
}
