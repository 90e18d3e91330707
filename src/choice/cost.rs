//! Generalised cost: what a way of travelling costs a party, time and money together, in yuan.
//!
//! All costs are those of the **whole party**: every person's time and fare is counted, a vehicle's money (running cost,
//! toll, parking, taxi fare) once. A truck with its crew is one party with the value of time of freight; that hourly
//! figure covers vehicle and crew, so only tolls are added to it. The visit of a hub's processes is the same for every
//! alternative and is left out.

use super::trip::Wish;
use crate::demand::{Agent, Class, Place, Purpose};
use crate::mode::{Mode, VehicleClass};
use crate::routing::trade::{Driven, TRADE_SHIFT, Trade};
use crate::scenario::settings::ChoiceSettings;
use crate::units::{HOUR_MS, MINUTE_MS, Time};

/// Least value of time that is reckoned with, yuan per hour, so that money can always be told in time.
const LEAST_VALUE_CNY_H: f64 = 0.1;

/// Prices and weights of a scenario, in the units of the search: milliseconds, centimetres, thousandths of a yuan.
#[derive(Clone, Debug)]
pub struct Prices {
    /// Value of time of a person by [`Purpose`], yuan per millisecond.
    value_cny_ms: [f64; 4],
    walk_weight: f64,
    cycle_weight: f64,
    wait_weight: f64,
    change_ms: f64,
    early_weight: f64,
    late_weight: f64,
    missed_ms: f64,
    car_cny_cm: f64,
    parking_cny: f64,
    taxi_base_cny: f64,
    taxi_cny_cm: f64,
    /// Constant of a mode for a person by [`Mode`], yuan.
    constant_cny: [f64; Mode::COUNT],
}

/// What the costs of an agent depend on besides the way it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Party {
    /// Value of an hour of all its persons together, as yuan per millisecond.
    pub value_cny_ms: f64,
    /// Persons.
    pub persons: f64,
    /// Whether its car must be parked for money: on commutes and at hubs.
    pub parks: bool,
}

/// A journey by lines: what a person goes through from setting out to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Journey {
    /// In vehicles, milliseconds.
    pub ride_ms: i64,
    /// How much longer that is felt to be in the crowd, milliseconds.
    pub crowd_ms: i64,
    /// In processes of hubs before boarding and after alighting, milliseconds.
    pub process_ms: i64,
    /// On foot, changes included, milliseconds.
    pub walk_ms: i64,
    /// Waiting at stops, milliseconds.
    pub wait_ms: i64,
    /// Waiting at the place of origin for a departure that the timetable tells, milliseconds.
    pub origin_wait_ms: i64,
    /// In a car to the first stop or from the last, milliseconds; its money is not in here.
    pub drive_ms: i64,
    /// Vehicles ridden.
    pub rides: u32,
    /// Those of them on rails.
    pub rail_rides: u32,
    /// Fare of one person, yuan.
    pub fare_cny: f64,
}

impl Prices {
    /// The prices of a scenario.
    pub fn new(choice: &ChoiceSettings) -> Prices {
        let value = &choice.value_of_time_cny_h;
        let value_cny_ms = [value.business, value.commute, value.other, value.freight]
            .map(|cny_h| cny_h.max(LEAST_VALUE_CNY_H) / HOUR_MS as f64);
        Prices {
            value_cny_ms,
            walk_weight: choice.walk_weight,
            cycle_weight: choice.cycle_weight,
            wait_weight: choice.wait_weight,
            change_ms: choice.change_penalty_min * MINUTE_MS as f64,
            early_weight: choice.early_weight,
            late_weight: choice.late_weight,
            missed_ms: choice.missed_min * MINUTE_MS as f64,
            car_cny_cm: choice.car_cny_km / 1e5,
            parking_cny: choice.parking_cny,
            taxi_base_cny: choice.taxi_base_cny,
            taxi_cny_cm: choice.taxi_cny_km / 1e5,
            // What is said of transit holds for all that ride lines.
            constant_cny: Mode::ALL.map(|mode| {
                let of = |mode: Mode| choice.constant_cny.get(&mode).copied().unwrap_or(0.0);
                of(mode) + if mode.rides_lines() && mode != Mode::Transit { of(Mode::Transit) } else { 0.0 }
            }),
        }
    }

    /// The party that an agent is.
    pub fn party(&self, agent: &Agent) -> Party {
        let persons = if is_truck(agent) { 1.0 } else { f64::from(agent.party.max(1)) };
        let at_hub = [agent.from, agent.to].iter().any(|place| matches!(place, Place::Hub(..)));
        self.party_of(agent.purpose, persons, at_hub || agent.purpose == Purpose::Commute)
    }

    /// A party by its purpose, its size and whether it pays for parking.
    pub fn party_of(&self, purpose: Purpose, persons: f64, parks: bool) -> Party {
        Party { value_cny_ms: self.value_cny_ms[purpose as usize] * persons, persons, parks }
    }

    /// Constant of a mode, yuan for a person.
    pub fn constant_cny(&self, mode: Mode) -> f64 {
        self.constant_cny[mode as usize]
    }

    /// A walk from door to door.
    pub fn walk_cny(&self, party: &Party, walk_ms: i64) -> f64 {
        party.value_cny_ms * self.walk_weight * walk_ms as f64
    }

    /// A way by bicycle or e-bike from door to door.
    pub fn cycle_cny(&self, party: &Party, ms: i64) -> f64 {
        party.value_cny_ms * self.cycle_weight * ms as f64
    }

    /// A way by car, taxi or truck with the walks at its ends.
    pub fn drive_cny(&self, party: &Party, mode: Mode, driven: Driven, walk_ms: i64) -> f64 {
        let time = party.value_cny_ms * driven.ms as f64 + self.walk_cny(party, walk_ms);
        let toll = driven.toll_milli_cny as f64 / 1e3;
        let money = match mode {
            Mode::Taxi => self.taxi_base_cny + self.taxi_cny_cm * driven.cm as f64,
            Mode::Truck => 0.0,
            Mode::Car => self.car_cny_cm * driven.cm as f64 + if party.parks { self.parking_cny } else { 0.0 },
            // What parking at the lot costs comes on top, at the lot.
            _ => self.car_cny_cm * driven.cm as f64,
        };
        time + toll + money
    }

    /// Money that a car's way costs by its distance and tolls: what tells two routes apart besides time.
    pub fn way_cny(&self, driven: Driven) -> f64 {
        self.car_cny_cm * driven.cm as f64 + driven.toll_milli_cny as f64 / 1e3
    }

    /// Being driven to or from a stop, time and money: by taxi, or by somebody of the household with a car, who spends
    /// the same time as a person of the party and drives back, whichever costs less. Tolls are paid one way.
    pub fn lift_cny(&self, party: &Party, driven: Driven, car: bool) -> f64 {
        let time = party.value_cny_ms * driven.ms as f64;
        let taxi = self.taxi_base_cny + self.taxi_cny_cm * driven.cm as f64;
        let there_and_back =
            2.0 * self.car_cny_cm * driven.cm as f64 + 2.0 * party.value_cny_ms / party.persons * driven.ms as f64;
        let lift = if car { there_and_back.min(taxi) } else { taxi };
        time + lift + driven.toll_milli_cny as f64 / 1e3
    }

    /// A journey by lines.
    pub fn journey_cny(&self, party: &Party, journey: &Journey) -> f64 {
        let changes = f64::from(journey.rides.saturating_sub(1));
        let felt_ms = (journey.ride_ms + journey.crowd_ms + journey.drive_ms + journey.origin_wait_ms) as f64
            + self.walk_weight * journey.walk_ms as f64
            + self.wait_weight * (journey.wait_ms + journey.process_ms) as f64
            + self.change_ms * changes;
        party.value_cny_ms * felt_ms + party.persons * journey.fare_cny
    }

    /// Weight of a minute too early against a minute of riding; β/α of Small.
    pub fn early_weight(&self) -> f64 {
        self.early_weight
    }

    /// Weight of a minute too late against a minute of riding; γ/α of Small.
    pub fn late_weight(&self) -> f64 {
        self.late_weight
    }

    /// What whoever misses a service or the last vehicle is late, milliseconds.
    pub fn missed_ms(&self) -> i64 {
        self.missed_ms as i64
    }

    /// Whether departures are chosen; where being early or late costs nothing, who has a wished moment arrives then.
    pub fn departures_are_chosen(&self) -> bool {
        self.early_weight > 0.0 && self.late_weight > 0.0
    }

    /// What it costs to be there too early or too late; who comes too late for its service waits for the next.
    pub fn schedule_cny(&self, party: &Party, wish: Wish, there: Time) -> f64 {
        let late_ms = there.since(wish.time);
        let missed_ms = if there > wish.latest { self.missed_ms } else { 0.0 };
        let felt_ms = match late_ms {
            ..0 => self.early_weight * -late_ms as f64,
            _ => self.late_weight * (late_ms as f64 + missed_ms),
        };
        party.value_cny_ms * felt_ms
    }

    /// How a driver trades time for distance and toll. Taxis take the way that a car would take.
    pub fn trade(&self, party: &Party, class: VehicleClass) -> Trade {
        // Below 2³², so that the weights of the longest way in a region stay far inside 64 bits.
        let weight = |cny: f64| (cny / party.value_cny_ms * f64::from(1u32 << TRADE_SHIFT)).round().min(4e9) as i64;
        let cny_cm = match class {
            VehicleClass::Car | VehicleClass::Bus => self.car_cny_cm,
            VehicleClass::Truck | VehicleClass::ArticulatedTruck => 0.0,
        };
        Trade { per_cm: weight(cny_cm), per_milli_cny: weight(1e-3) }
    }
}

/// Whether an agent is a truck: freight of a hub, or a truck whose trip was given.
pub fn is_truck(agent: &Agent) -> bool {
    agent.class == Class::Truck || matches!(agent.vehicle, VehicleClass::Truck | VehicleClass::ArticulatedTruck)
}

#[cfg(test)]
impl Prices {
    /// The same with another weight of being early.
    pub fn with_early_weight(mut self, weight: f64) -> Prices {
        self.early_weight = weight;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn being_late_costs_four_times_being_early_and_missing_the_service_two_hours_more() {
        // 19 yuan/h for others: 10 minutes early 0.61 · 10 = 6.1 min, late 2.38 · 10 = 23.8 min; 31 minutes late, one
        // after the last moment, 2.38 · (31 + 120) min.
        let prices = Prices::new(&ChoiceSettings::default());
        let one = prices.party_of(Purpose::Other, 1.0, false);
        let wish = Wish { time: Time(HOUR_MS), latest: Time(HOUR_MS + 30 * MINUTE_MS) };
        let at = |minutes: i64| prices.schedule_cny(&one, wish, wish.time.plus(minutes * MINUTE_MS));
        let minute = 19.0 / 60.0;
        close(at(-10), 6.1 * minute);
        close(at(0), 0.0);
        close(at(10), 23.8 * minute);
        close(at(31), 2.38 * 151.0 * minute);
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn two_persons_share_the_car_but_not_their_time() {
        let prices = Prices::new(&ChoiceSettings::default());
        let driven = Driven { ms: 30 * MINUTE_MS, cm: 2_000_000, toll_milli_cny: 15_000 };
        // Half an hour at 19 yuan/h is 9.5 a head; 20 km at 0.8 is 16, the toll 15, parking 10.
        let (one, two) = (prices.party_of(Purpose::Other, 1.0, true), prices.party_of(Purpose::Other, 2.0, true));
        close(prices.drive_cny(&one, Mode::Car, driven, 0), 9.5 + 16.0 + 15.0 + 10.0);
        close(prices.drive_cny(&two, Mode::Car, driven, 0), 19.0 + 16.0 + 15.0 + 10.0);
        // A taxi: 12 + 20 · 2.6 and the toll, and 3 minutes' walk at double weight: 0.1 h · 19 = 1.9 a head.
        close(prices.drive_cny(&one, Mode::Taxi, driven, 3 * MINUTE_MS), 9.5 + 1.9 + 12.0 + 52.0 + 15.0);
        // A truck at 150 yuan/h: 75 and the toll.
        let truck = prices.party_of(Purpose::Freight, 1.0, false);
        close(prices.drive_cny(&truck, Mode::Truck, driven, 0), 75.0 + 15.0);
    }

    #[test]
    fn a_lift_is_given_by_whoever_costs_less() {
        // 5 km in 600 s at 19 yuan/h: 3.17 yuan of one's own time. A taxi takes 12 + 13 = 25; the household's car 8 for 10 km
        // and 6.33 for the driver's time there and back.
        let prices = Prices::new(&ChoiceSettings::default());
        let one = prices.party_of(Purpose::Other, 1.0, false);
        let driven = Driven { ms: 600_000, cm: 500_000, toll_milli_cny: 0 };
        let own = 19.0 / 6.0;
        close(prices.lift_cny(&one, driven, false), own + 25.0);
        close(prices.lift_cny(&one, driven, true), own + 8.0 + 2.0 * own);
    }

    #[test]
    fn a_journey_weighs_walking_and_waiting_double_and_a_change_five_minutes() {
        let prices = Prices::new(&ChoiceSettings::default());
        let journey = Journey {
            ride_ms: 20 * MINUTE_MS,
            walk_ms: 10 * MINUTE_MS,
            wait_ms: 5 * MINUTE_MS,
            origin_wait_ms: 5 * MINUTE_MS,
            rides: 2,
            fare_cny: 6.0,
            ..Journey::default()
        };
        // 20 + 2·10 + 2·5 + 5 + 5 = 60 minutes at 28 yuan/h, and the fare: 34 a head.
        close(prices.journey_cny(&prices.party_of(Purpose::Commute, 3.0, false), &journey), 3.0 * 34.0);
    }

    #[test]
    fn a_driver_gives_time_for_money_by_the_value_of_time() {
        let prices = Prices::new(&ChoiceSettings::default());
        let trade = prices.trade(&prices.party_of(Purpose::Business, 1.0, false), VehicleClass::Car);
        // One yuan at 72 yuan/h is 50 s; a kilometre at 0.8 yuan is 40 s.
        close(trade.per_milli_cny as f64 / 65_536.0, 50.0);
        assert!((trade.per_cm as f64 / 65_536.0 - 0.4).abs() < 1e-4);
        let truck = prices.trade(&prices.party_of(Purpose::Freight, 1.0, false), VehicleClass::Truck);
        assert_eq!(truck.per_cm, 0);
    }
}
