//! What fits into a night.

use std::time::Duration;

use super::night::Span;

/// What a night holds, told beforehand.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Forecast {
    /// The night: the present one, or the next.
    pub night: Span,
    /// Connections that are due by its end.
    pub due: u64,
    /// Requests that a connection costs, on the average.
    pub cost: f64,
    /// How long all that is due takes at the policy's pace.
    pub takes: Duration,
    /// How many connections fit.
    pub fits: u64,
}

impl Forecast {
    /// What of `due` connections fits between `now` and the end of the night, at so many requests a
    /// second and so many requests a connection.
    pub(super) fn new(
        night: Span,
        now: jiff::Timestamp,
        due: u64,
        per_second: u32,
        cost: f64,
    ) -> Self {
        let cost = if cost.is_finite() { cost.max(0.01) } else { 1.0 };
        let per_second = f64::from(per_second) / cost;
        let left = night.end.duration_since(now.max(night.start)).as_secs_f64().max(0.0);
        let takes = (due as f64 / per_second).min(1e12);
        let fits = ((left * per_second) as u64).min(due);
        Self { night, due, cost, takes: Duration::from_secs_f64(takes), fits }
    }

    /// How many connections will be reported as not reached.
    pub fn not_reached(&self) -> u64 {
        self.due - self.fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_connections_of_two_and_a_half_requests_do_not_fit_into_five_hours_at_a_hundred() {
        let at = |text: &str| text.parse().unwrap();
        let night = Span { start: at("2026-02-01T00:00:00Z"), end: at("2026-02-01T05:00:00Z") };
        let noon = at("2026-01-31T12:00:00Z");
        let forecast = Forecast::new(night, noon, 1_000_000, 100, 2.5);
        assert_eq!((forecast.fits, forecast.not_reached()), (720_000, 280_000));
        assert_eq!(forecast.takes, Duration::from_secs(25_000));
        // Half of the night is over.
        let later = Forecast::new(night, at("2026-02-01T02:30:00Z"), 1_000_000, 100, 2.5);
        assert_eq!(later.fits, 360_000);
        let over = Forecast::new(night, night.end, 7, 100, 2.5);
        assert_eq!((over.fits, over.not_reached()), (0, 7));
    }
}
