//! Whether an upload comes fast enough to be waited for.

use std::time::Duration;

use crate::server::config::Limits;

/// What an upload has brought since it was last looked at.
#[derive(Debug)]
pub struct Pace {
    /// It is looked at so often.
    window: Duration,
    /// Bytes a second.
    least: u64,
    waited: Duration,
    brought: u64,
}

impl Pace {
    pub fn new(limits: &Limits) -> Self {
        Self {
            window: limits.idle,
            least: limits.least_rate,
            waited: Duration::ZERO,
            brought: 0,
        }
    }

    /// Hears of bytes that were waited for so long; answers whether that is fast enough. What the server itself takes to
    /// store them doesn't count.
    pub fn goes_on(&mut self, waited: Duration, bytes: usize) -> bool {
        self.waited += waited;
        self.brought += bytes as u64;
        if self.waited < self.window {
            return true;
        }
        let most = u128::from(self.brought) * 1_000;
        let enough = most >= u128::from(self.least) * self.waited.as_millis();
        (self.waited, self.brought) = (Duration::ZERO, 0);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(least: u64) -> Pace {
        Pace {
            window: Duration::from_secs(10),
            least,
            waited: Duration::ZERO,
            brought: 0,
        }
    }

    #[test]
    fn what_drips_is_too_slow_once_the_window_is_over() {
        let second = Duration::from_secs(1);
        let lasts = |least, bytes| {
            let mut pace = pace(least);
            (1..=100).find(|_| !pace.goes_on(second, bytes))
        };
        assert_eq!(lasts(500, 1), Some(10));
        assert_eq!(lasts(500, 499), Some(10));
        assert_eq!(lasts(500, 500), None);
        assert_eq!(lasts(0, 0), None, "no rate is asked for");
    }

    #[test]
    fn a_burst_pays_for_a_rest_within_the_same_window_only() {
        let mut pace = pace(500);
        assert!(pace.goes_on(Duration::ZERO, 5_000));
        assert!(pace.goes_on(Duration::from_secs(10), 0));
        assert!(!pace.goes_on(Duration::from_secs(10), 4_999));
    }
}
