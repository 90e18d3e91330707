//! Colour scales: seven classes on ramps that differ in lightness at every step, so that they can be told apart
//! without colour vision and in print, and class limits at round numbers.

/// Classes of every scale.
pub const CLASSES: usize = 7;

/// A ramp of colours, given by anchors between which it is interpolated, for light and for dark surroundings.
struct Ramp {
    /// Prefix of its CSS variables.
    name: &'static str,
    light: [[u8; 3]; 3],
    dark: [[u8; 3]; 3],
}

/// `d` fills districts (pale blue-green, so that links stand out on them), `l` draws links (grey over amber to deep red), `t` sections of
/// lines (pale to deep purple, so that they are told apart from links), `x` tells changes of
/// links and `y`, paler, those of districts (blue for less, orange for more). On a dark page the ends that mean "much" are the bright ones.
const RAMPS: [Ramp; 5] = [
    Ramp {
        name: "d",
        light: [[240, 244, 243], [190, 216, 219], [104, 160, 178]],
        dark: [[30, 37, 42], [40, 72, 84], [62, 124, 140]],
    },
    Ramp {
        name: "l",
        light: [[176, 186, 192], [230, 150, 32], [122, 12, 40]],
        dark: [[84, 96, 104], [214, 108, 40], [255, 226, 150]],
    },
    Ramp {
        name: "t",
        light: [[206, 192, 220], [150, 98, 190], [70, 8, 112]],
        dark: [[92, 78, 110], [154, 104, 206], [230, 202, 255]],
    },
    Ramp {
        name: "x",
        light: [[16, 84, 156], [196, 198, 196], [184, 70, 4]],
        dark: [[104, 180, 246], [78, 84, 88], [250, 150, 66]],
    },
    Ramp {
        name: "y",
        light: [[134, 178, 212], [240, 240, 236], [232, 170, 120]],
        dark: [[42, 84, 122], [34, 39, 42], [128, 74, 36]],
    },
];

/// CSS variables of all ramps for one kind of surroundings.
pub fn variables(dark: bool) -> String {
    let mut css = String::new();
    for ramp in &RAMPS {
        let anchors = if dark { &ramp.dark } else { &ramp.light };
        for class in 0..CLASSES {
            let [r, g, b] = between(anchors, class as f64 / (CLASSES - 1) as f64);
            css.push_str(&format!("--{}{class}:#{r:02x}{g:02x}{b:02x};", ramp.name));
        }
    }
    css
}

/// CSS classes that use the variables: fills and strokes.
pub fn classes() -> String {
    let mut css = String::new();
    for ramp in &RAMPS {
        for class in 0..CLASSES {
            let name = format!("{}{class}", ramp.name);
            css.push_str(&format!(".f{name}{{fill:var(--{name})}}.s{name}{{stroke:var(--{name})}}"));
        }
    }
    css
}

fn between(anchors: &[[u8; 3]; 3], at: f64) -> [u8; 3] {
    let (from, to, share) =
        if at < 0.5 { (anchors[0], anchors[1], at * 2.0) } else { (anchors[1], anchors[2], at * 2.0 - 1.0) };
    std::array::from_fn(|i| (f64::from(from[i]) + (f64::from(to[i]) - f64::from(from[i])) * share).round() as u8)
}

/// Limits between the classes of a measure, ascending: at most six, at round numbers.
///
/// Figures that spread over more than a decade are cut at 1, 2, 5, 10, …; others in even steps.
pub fn limits(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    if high <= low {
        return Vec::new();
    }
    let positive: Vec<f64> = sorted.iter().copied().filter(|&x| x > 0.0).collect();
    let median = positive.get(positive.len() / 2).copied().unwrap_or(high);
    if low >= 0.0 && high > 8.0 * median { geometric(high) } else { even(low, high) }
}

/// Limits of changes around zero: symmetric, the middle class is "about none".
pub fn change_limits(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sizes: Vec<f64> = values.map(f64::abs).filter(|x| x.is_finite() && *x > 0.0).collect();
    sizes.sort_by(f64::total_cmp);
    let Some(&high) = sizes.get(sizes.len().saturating_sub(1) * 95 / 100) else { return Vec::new() };
    let top = round_down(high);
    vec![-top, -top / 4.0, -top / 20.0, top / 20.0, top / 4.0, top]
}

/// The largest 1, 2 or 5 times a power of ten that is not above `x`.
fn round_down(x: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(x)));
    let lead = x / power;
    power * if lead >= 5.0 { 5.0 } else { f64::from(1 + u8::from(lead >= 2.0)) }
}

fn geometric(high: f64) -> Vec<f64> {
    let mut limits = Vec::new();
    let mut limit = round_down(high * 0.999);
    while limits.len() < CLASSES - 1 {
        limits.push(limit);
        limit = round_down(limit * 0.75);
    }
    limits.reverse();
    limits
}

fn even(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / CLASSES as f64;
    let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(rough);
    let first = libm::floor(low / step) + 1.0;
    (0..CLASSES - 1).map(|i| (first + i as f64) * step).filter(|x| *x < high).collect()
}

/// The class of a value, counted from the limits.
pub fn class(limits: &[f64], value: f64) -> usize {
    limits.iter().filter(|l| value >= **l).count()
}

/// The place on the ramp of a class, when there are fewer classes than colours.
pub fn colour(class: usize, limits: usize) -> usize {
    (class * (CLASSES - 1) + limits / 2).checked_div(limits).unwrap_or(CLASSES / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_stand_at_round_numbers() {
        let even: Vec<f64> = (0..=70).map(f64::from).collect();
        assert_eq!(limits(even.into_iter()), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        // Median 3, largest 4,000: a decade and more, so 1, 2, 5, …
        let skew = [1.0, 2.0, 3.0, 3.0, 4000.0];
        assert_eq!(limits(skew.into_iter()), [50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0]);
        assert_eq!(limits([5.0, 5.0].into_iter()), Vec::<f64>::new());
    }

    #[test]
    fn changes_are_cut_evenly_on_both_sides_of_none() {
        let limits = change_limits([-40.0, 10.0, 25.0, f64::NAN].into_iter());
        assert_eq!(limits, [-20.0, -5.0, -1.0, 1.0, 5.0, 20.0]);
        assert_eq!(class(&limits, 0.0), 3);
        assert_eq!(class(&limits, -40.0), 0);
        assert_eq!(class(&limits, 40.0), 6);
    }

    #[test]
    fn the_ends_of_a_ramp_are_used_whatever_the_number_of_classes() {
        for limits in 1..CLASSES {
            assert_eq!(colour(0, limits), 0);
            assert_eq!(colour(limits, limits), CLASSES - 1);
        }
    }

    #[test]
    fn lightness_tells_the_classes_of_a_ramp_apart() {
        for ramp in &RAMPS[..2] {
            for anchors in [&ramp.light, &ramp.dark] {
                let luma = |c: usize| {
                    let [r, g, b] = between(anchors, c as f64 / 6.0).map(f64::from);
                    0.2126 * r + 0.7152 * g + 0.0722 * b
                };
                let sign = (luma(6) - luma(0)).signum();
                for c in 1..CLASSES {
                    assert!((luma(c) - luma(c - 1)) * sign > 4.0, "{} {c}", ramp.name);
                }
            }
        }
    }
}
