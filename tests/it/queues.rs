//! Hub processes against the formulas of queueing theory.

use crate::town::{agent, day, day_of, hub, process, visit, waits};
use hubflow::events::What;
use hubflow::network::hubs::Process;
use hubflow::random::{Draws, Purpose};
use hubflow::scenario::hubs::ServiceLaw;
use hubflow::units::Time;

/// Poisson arrivals of `n` with a mean gap, ms.
fn poisson(n: u64, gap_ms: f64) -> Vec<i64> {
    let mut now = 0.0;
    (0..n)
        .map(|k| {
            now += Draws::new(11, Purpose::Generate, k, 0).exponential(gap_ms);
            now as i64
        })
        .collect()
}

/// Mean wait of all but the first tenth, s, with the half-width of its 99 % interval from 20 batch means
/// (Student's t with 19 degrees of freedom: 2.861).
fn mean_wait(process: Process, arrivals: &[i64]) -> (f64, f64) {
    let (_, events) = day(hub(vec![process]), arrivals.iter().map(|&t| visit(t)).collect(), 1.0, 1_000);
    let waits = waits(&events);
    assert_eq!(waits.len(), arrivals.len(), "everybody is served");
    let steady = &waits[waits.len() / 10..];
    let means: Vec<f64> = (steady.chunks_exact(steady.len() / 20))
        .map(|batch| batch.iter().sum::<i64>() as f64 / batch.len() as f64 / 1000.0)
        .collect();
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (means.len() - 1) as f64;
    (mean, 2.861 * (variance / means.len() as f64).sqrt())
}

/// M/M/3 with λ = 1/12.5 s and service 30 s: a = 2.4, ρ = 0.8. Erlang B: 1, then a·B/(k + a·B) for k = 1, 2, 3:
/// 0.705882, 0.458599, 0.268415; Erlang C = B/(1 − ρ(1 − B)) = 0.647214; W_q = C·s/(c(1 − ρ)) = 0.647214·30/0.6 = 32.36 s.
#[test]
fn mmc() {
    let (mean, half) = mean_wait(process(3, ServiceLaw::Exponential, 30.0), &poisson(40_000, 12_500.0));
    assert!((mean - 32.36).abs() < half && half < 8.0, "{mean} ± {half}");
}

/// M/M/1: W_q = ρ·s/(1 − ρ) = 0.7·10/0.3 = 23.33 s.
#[test]
fn mm1() {
    let (mean, half) = mean_wait(process(1, ServiceLaw::Exponential, 10.0), &poisson(40_000, 10_000.0 / 0.7));
    assert!((mean - 23.333).abs() < half && half < 4.0, "{mean} ± {half}");
}

/// M/D/1: half of M/M/1 [Pollaczek–Khinchine]: 11.67 s.
#[test]
fn md1() {
    let (mean, half) = mean_wait(process(1, ServiceLaw::Deterministic, 10.0), &poisson(40_000, 10_000.0 / 0.7));
    assert!((mean - 11.667).abs() < half && half < 2.0, "{mean} ± {half}");
}

/// M/G/1 with a lognormal service of coefficient of variation 1.5: W_q = ρ·s(1 + cv²)/(2(1 − ρ))
/// = 0.6·10·3.25/0.8 = 24.375 s; with Erlang-4 (cv² = 1/4): 0.6·10·1.25/0.8 = 9.375 s.
#[test]
fn mg1() {
    let lognormal = Process { cv: 1.5, ..process(1, ServiceLaw::Lognormal, 10.0) };
    let (mean, half) = mean_wait(lognormal, &poisson(36_000, 10_000.0 / 0.6));
    assert!((mean - 24.375).abs() < half && half < 6.0, "{mean} ± {half}");
    let erlang = Process { phases: 4, ..process(1, ServiceLaw::Erlang, 10.0) };
    let (mean, half) = mean_wait(erlang, &poisson(36_000, 10_000.0 / 0.6));
    assert!((mean - 9.375).abs() < half && half < 2.0, "{mean} ± {half}");
}

/// D/D/2: one arrival every 10 s, service 30 s, two servers: a pair is served every 30 s, so the k-th pair (k = 0, 1, …)
/// begins at 30·k and its members came at 20·k and 20·k + 10: waits 10·k and, for the second, 10·k − 0 but never before it
/// comes: the second of pair 0 begins at 10, and frees its server at 40. So server A begins 0, 30, 60, …; server B
/// 10, 40, 70, …: the n-th agent waits 30·⌊n/2⌋ + 10·(n mod 2) − 10·n = 10·⌊n/2⌋.
#[test]
fn deterministic_queue_is_exact() {
    let arrivals = (0..400).map(|n| visit(10_000 * n)).collect();
    let (_, events) = day(hub(vec![process(2, ServiceLaw::Deterministic, 30.0)]), arrivals, 1.0, 1_000);
    for (n, wait) in waits(&events).into_iter().enumerate() {
        assert_eq!(wait, 10_000 * (n as i64 / 2), "agent {n}");
    }
}

/// Who comes before the counter opens waits for it; nobody is served while it is closed, and what has begun ends.
#[test]
fn opening_hours() {
    let open = |from: i64, to: i64| (Time(from * 1000), Time(to * 1000), 1);
    let counter =
        Process { shifts: vec![open(100, 200), open(500, 600)], ..process(1, ServiceLaw::Deterministic, 60.0) };
    // They join 10 s after these moments: 30, 40, 50, 190.
    let plans = [20_000, 30_000, 40_000, 180_000].map(visit).to_vec();
    let (report, events) = day(hub(vec![counter]), plans, 1.0, 1_000);
    let began: Vec<i64> = (events.iter())
        .filter_map(|e| match e.what {
            What::Served { began, .. } => Some(began.0 / 1000),
            _ => None,
        })
        .collect();
    assert_eq!(began, [100, 160, 500, 560]);
    assert_eq!(report.agents.arrived, 4);
}

/// A tenth of the people at a bank of 20 servers meet 2, which serve as fast for a sampled population: at utilisation
/// above one the backlog grows alike, (λ − cμ)·t.
#[test]
fn a_sample_meets_scaled_capacity() {
    // 25 arrivals in 100 s against 20 servers of 100 s: after 1,000 s 250 came and 200 were served.
    let last_wait = |every: i64, sample| {
        let plans = (0..1000 / every).map(|n| visit(4_000 * every * n)).collect();
        let (_, events) = day(hub(vec![process(20, ServiceLaw::Deterministic, 100.0)]), plans, sample, 1_000);
        *waits(&events).last().unwrap()
    };
    let (all, tenth) = (last_wait(1, 1.0), last_wait(10, 0.1));
    assert!((all - tenth).abs() <= 100_000, "{all} against {tenth}");
    assert!(all > 900_000);
}

/// A party of three takes three turns: 3 · 20 s.
#[test]
fn a_party_takes_its_turns() {
    let family = hubflow::demand::Agent { party: 3, ..agent(0) };
    let network = hub(vec![process(1, ServiceLaw::Deterministic, 20.0)]);
    let (_, events) = day_of(network, vec![family, agent(1)], vec![visit(0), visit(1_000)], 1.0, 1_000);
    assert_eq!(waits(&events), [0, 59_000]);
}

/// Two processes in tandem, half-second and two-second windows: the same day.
#[test]
fn windows_do_not_matter_to_hubs() {
    let tandem = || hub(vec![process(2, ServiceLaw::Exponential, 9.0), process(1, ServiceLaw::Exponential, 4.0)]);
    let plans = || poisson(3_000, 5_000.0).into_iter().map(visit).collect::<Vec<_>>();
    let one = day(tandem(), plans(), 1.0, 1_000);
    assert_eq!(one, day(tandem(), plans(), 1.0, 500));
    assert_eq!(one, day(tandem(), plans(), 1.0, 2_000));
}
