//! A duration in four bytes, because a pending check must be small.

use std::time::Duration;

/// A duration of whole microseconds below 35 minutes (2^31 us), and of whole milliseconds above.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ShortDuration(u32);

/// Set if the other bits count milliseconds.
const MILLISECONDS: u32 = 1 << 31;

impl ShortDuration {
    pub const ZERO: Self = Self(0);

    pub fn get(self) -> Duration {
        match self.0 & MILLISECONDS {
            0 => Duration::from_micros(self.0.into()),
            _ => Duration::from_millis((self.0 ^ MILLISECONDS).into()),
        }
    }
}

impl From<Duration> for ShortDuration {
    /// Rounds down. The maximum is [`MAX_TIMEOUT`](crate::record::MAX_TIMEOUT).
    fn from(duration: Duration) -> Self {
        let micros = duration.as_micros();
        if micros < MILLISECONDS.into() {
            return Self(micros as u32);
        }
        Self(duration.as_millis().min((MILLISECONDS - 1).into()) as u32 | MILLISECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::MAX_TIMEOUT;

    #[test]
    fn short_times_are_exact_to_the_microsecond_and_long_ones_to_the_millisecond() {
        let [micros, millis] = [Duration::from_micros, Duration::from_millis];
        for exact in [micros(0), micros(1), micros((1 << 31) - 1), millis(3_000_001), MAX_TIMEOUT] {
            assert_eq!(ShortDuration::from(exact).get(), exact);
        }
        assert_eq!(ShortDuration::from(Duration::from_nanos(1999)).get(), micros(1));
        assert_eq!(ShortDuration::from(micros(3_000_000_999)).get(), millis(3_000_000));
        assert_eq!(ShortDuration::from(2 * MAX_TIMEOUT).get(), MAX_TIMEOUT);
    }
}
