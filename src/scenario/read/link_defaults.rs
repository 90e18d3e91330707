//! What holds for a link whose row leaves speed, lanes or capacity blank, by GMNS `facility_type`.

/// Defaults of a facility type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkDefault {
    /// GMNS `facility_type`.
    pub facility_type: &'static str,
    /// Free speed, kilometres per hour.
    pub free_speed_kmh: f64,
    /// Lanes.
    pub lanes: f64,
    /// Capacity of one lane, PCU per hour.
    pub capacity_pcu_h_lane: f64,
}

const fn default(facility_type: &'static str, free_speed_kmh: f64, lanes: f64, capacity: f64) -> LinkDefault {
    LinkDefault { facility_type, free_speed_kmh, lanes, capacity_pcu_h_lane: capacity }
}

/// The defaults, the last one for all other types. Round values of road design practice (general knowledge,
/// unverified): uninterrupted flow near 2,000 PCU per hour and lane, urban streets at the share of green that signals
/// leave them, kerbs and gates at the pace of stopping vehicles.
pub const LINK_DEFAULTS: [LinkDefault; 16] = [
    default("motorway", 100.0, 3.0, 2000.0),
    default("expressway", 80.0, 3.0, 1900.0),
    default("freeway", 100.0, 3.0, 2000.0),
    default("trunk", 80.0, 2.0, 1800.0),
    default("primary", 60.0, 2.0, 900.0),
    default("arterial", 60.0, 2.0, 900.0),
    default("secondary", 50.0, 2.0, 800.0),
    default("tertiary", 40.0, 1.0, 700.0),
    default("collector", 40.0, 1.0, 700.0),
    default("residential", 30.0, 1.0, 500.0),
    default("ramp", 40.0, 1.0, 1500.0),
    default("connector", 40.0, 2.0, 1800.0),
    default("kerb", 20.0, 2.0, 600.0),
    default("forecourt", 20.0, 2.0, 600.0),
    default("gate", 15.0, 2.0, 300.0),
    default("", 40.0, 1.0, 700.0),
];

/// The defaults of a facility type, whatever its case.
pub(super) fn of(facility_type: &str) -> LinkDefault {
    let last = LINK_DEFAULTS[LINK_DEFAULTS.len() - 1];
    LINK_DEFAULTS.into_iter().find(|d| d.facility_type.eq_ignore_ascii_case(facility_type)).unwrap_or(last)
}
