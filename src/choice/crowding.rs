//! How riding is felt in a full vehicle.
//!
//! While there are seats everybody sits and time is felt as it is. With people standing, seats go by chance: of so many
//! aboard as many sit as there are seats. Sitting and standing are felt worse the fuller the standing room is, in straight
//! lines between the figures of the settings. The defaults are those of Whelan and Crockett (2009) for 0 and 6 persons a
//! square metre, which is what the places of a vehicle are reckoned with; see also the review of Wardman and Whelan (2011,
//! Transport Reviews 31(3)). Sitting with hardly anybody standing counts as 1.

use crate::network::lines::Line;
use crate::scenario::settings::ChoiceSettings;

/// Felt over real riding time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crowding {
    /// Sitting while the standing room is full.
    seated_full: f64,
    /// Standing while hardly anybody else stands, …
    standing: f64,
    /// … and while the standing room is full.
    standing_full: f64,
}

impl Crowding {
    /// As the settings have it.
    pub fn new(choice: &ChoiceSettings) -> Crowding {
        Crowding {
            seated_full: choice.crowding_seated_full,
            standing: choice.crowding_standing,
            standing_full: choice.crowding_standing_full,
        }
    }

    /// Felt over real riding time in a vehicle of a line with persons aboard for a share of its places. A vehicle whose
    /// seats are not known has one for everybody.
    pub fn felt(&self, line: &Line, load: f64) -> f64 {
        let (seats, places) = (f64::from(line.vehicle.seats), f64::from(line.vehicle.places()));
        let persons = load * places;
        if persons <= seats || places <= seats {
            return 1.0;
        }
        let full = ((persons - seats) / (places - seats)).min(1.0);
        let between = |empty: f64, most: f64| empty + (most - empty) * full;
        let sits = seats / persons;
        sits * between(1.0, self.seated_full) + (1.0 - sits) * between(self.standing, self.standing_full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::vehicles::VehicleType;

    #[test]
    fn a_seat_for_everybody_is_no_crowd_and_standing_weighs_more_the_fuller_it_is() {
        let crowding = Crowding::new(&ChoiceSettings::default());
        let vehicle = VehicleType { seats: 50, standing: 150, ..VehicleType::default() };
        let line = Line { vehicle, ..Line::default() };
        assert_eq!((crowding.felt(&line, 0.0), crowding.felt(&line, 0.25)), (1.0, 1.0));
        // 125 persons: 50 sit, 75 stand in half of the standing room. Sitting 1.315, standing (1.53 + 2.04) / 2 = 1.785.
        let half = 0.4 * 1.315 + 0.6 * 1.785;
        assert!((crowding.felt(&line, 0.625) - half).abs() < 1e-12);
        // All places taken: a quarter sits at 1.63, the others stand at 2.04.
        assert!((crowding.felt(&line, 1.0) - (0.25 * 1.63 + 0.75 * 2.04)).abs() < 1e-12);
        // Nothing is known of the vehicle.
        assert_eq!(crowding.felt(&Line::default(), 0.9), 1.0);
    }
}
