//! Externalities of road traffic: CO2, NOx and PM2.5 from vehicle-kilometres, and what delay costs those who sit in it.
//!
//! Emission factors are per vehicle-kilometre and do not depend on speed; electric cars emit what the grid emits for them,
//! wear included, and no NOx.

use super::parameters::{Parameter, ParameterSet};

/// Road traffic of a day; arrays by district.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoadTraffic {
    /// Kilometres driven by cars, taxis and buses.
    pub car_km: Vec<f64>,
    /// Kilometres driven by trucks.
    pub truck_km: Vec<f64>,
    /// Vehicle-hours above free flow, of cars, taxis and buses.
    pub car_delay_h: Vec<f64>,
    /// Vehicle-hours above free flow, of trucks.
    pub truck_delay_h: Vec<f64>,
}

impl RoadTraffic {
    /// No traffic in so many districts.
    pub fn none(districts: usize) -> RoadTraffic {
        let zero = vec![0.0; districts];
        RoadTraffic { car_km: zero.clone(), truck_km: zero.clone(), car_delay_h: zero.clone(), truck_delay_h: zero }
    }

    /// Vehicle-hours above free flow in a district.
    pub fn delay_h(&self, district: usize) -> f64 {
        self.car_delay_h[district] + self.truck_delay_h[district]
    }
}

/// What is emitted in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Emission {
    /// Carbon dioxide, tonnes.
    pub co2_t: f64,
    /// Nitrogen oxides, kilograms.
    pub nox_kg: f64,
    /// Fine dust, kilograms.
    pub pm25_kg: f64,
}

/// Emission of so many kilometres of cars and trucks.
pub fn emission(car_km: f64, truck_km: f64, set: &ParameterSet) -> Emission {
    let electric = set.optional(Parameter::EvShare).unwrap_or(0.0);
    let electric_co2 = set.of(Parameter::EvEnergy) * set.of(Parameter::GridCo2);
    let car_co2 = (1.0 - electric) * set.of(Parameter::Co2Car) + electric * electric_co2;
    let car_nox = (1.0 - electric) * set.of(Parameter::NoxCar);
    Emission {
        co2_t: (car_km * car_co2 + truck_km * set.of(Parameter::Co2Truck)) / 1e6,
        nox_kg: (car_km * car_nox + truck_km * set.of(Parameter::NoxTruck)) / 1e3,
        pm25_kg: (car_km * set.of(Parameter::Pm25Car) + truck_km * set.of(Parameter::Pm25Truck)) / 1e3,
    }
}

/// Cost of delay in a day, yuan, of drivers alone (passengers of cars are not counted): car hours at the mean value of time
/// of the purposes driven (shares of business, commute and other), truck hours at that of a truck with its crew.
pub fn delay_cost_cny(car_h: f64, truck_h: f64, purpose_shares: [f64; 3], set: &ParameterSet) -> f64 {
    let values = [Parameter::VotBusiness, Parameter::VotCommute, Parameter::VotOther];
    let shares: f64 = purpose_shares.iter().sum();
    let weighted: f64 = purpose_shares.iter().zip(values).map(|(s, v)| s * set.of(v)).sum();
    let car_value = if shares > 0.0 { weighted / shares } else { set.of(Parameter::VotOther) };
    car_h * car_value + truck_h * set.of(Parameter::VotTruck)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::tables::ParameterRow;
    use crate::spillover::parameters::Parameters;
    use crate::spillover::parameters::tests::table;

    #[test]
    fn kilometres_make_emissions() {
        let set = Parameters::read(&table(), "p.csv").unwrap().defaults();
        // 1,000 km by car and 100 by truck: CO2 190 + 80 = 270 kg; NOx 60 + 150 = 210 g; PM2.5 15 + 6 = 21 g.
        let e = emission(1000.0, 100.0, &set);
        assert!((e.co2_t - 0.27).abs() < 1e-12 && (e.nox_kg - 0.21).abs() < 1e-12 && (e.pm25_kg - 0.021).abs() < 1e-12);
    }

    #[test]
    fn electric_cars_emit_what_the_grid_emits() {
        let mut rows = table();
        rows.push(ParameterRow { param_id: "ev_share".into(), default: 0.5, low: 0.4, high: 0.6, ..rows[0].clone() });
        let set = Parameters::read(&rows, "p.csv").unwrap().defaults();
        // Half at 190 g, half at 0.15 kWh · 440 g = 66 g: 128 g a kilometre; NOx halves, wear stays.
        let e = emission(1000.0, 0.0, &set);
        assert!(
            (e.co2_t - 0.128).abs() < 1e-12 && (e.nox_kg - 0.03).abs() < 1e-12 && (e.pm25_kg - 0.015).abs() < 1e-12
        );
    }

    #[test]
    fn delay_costs_what_those_who_drive_would_pay() {
        let set = Parameters::read(&table(), "p.csv").unwrap().defaults();
        // 10 car-hours, half commuters (28) and half others (19): 235; 2 truck-hours at 150: 300.
        assert!((delay_cost_cny(10.0, 2.0, [0.0, 0.5, 0.5], &set) - 535.0).abs() < 1e-9);
        assert!((delay_cost_cny(10.0, 0.0, [0.0; 3], &set) - 190.0).abs() < 1e-9);
    }
}
