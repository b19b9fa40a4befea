//! An instant of the monotonic clock in 8 bytes, half the size of `std::time::Instant`, because the engine's tables
//! hold several per check, for up to a million checks.

use std::num::NonZeroU64;
use std::ops::{Add, Sub};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A reading of `CLOCK_MONOTONIC` in ns. It overflows after 584 years of uptime.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Instant(NonZeroU64);

impl Instant {
    pub fn now() -> Self {
        let now = clock_gettime(ClockId::Monotonic);
        Self::from_nanos(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
    }

    /// The instant that many ns after the clock's start.
    pub fn from_nanos(nanos: u64) -> Self {
        Self(NonZeroU64::new(nanos).unwrap_or(NonZeroU64::MIN))
    }

    /// The time since the clock's start.
    pub fn as_nanos(self) -> u64 {
        self.0.get()
    }

    /// The time from an earlier instant to this one; zero if `earlier` is the later one.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.as_nanos().saturating_sub(earlier.as_nanos()))
    }

    /// The time that has passed.
    pub fn elapsed(self) -> Duration {
        Self::now().since(self)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_nanos() as u64))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self::from_nanos(self.as_nanos().saturating_sub(duration.as_nanos() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optional_instant_takes_eight_bytes() {
        assert_eq!(size_of::<Option<Instant>>(), 8);
    }

    #[test]
    fn time_goes_forward() {
        let start = Instant::now();
        let later = start + Duration::from_millis(5);
        assert_eq!((later.since(start), start.since(later)), (Duration::from_millis(5), Duration::ZERO));
        assert_eq!(later - Duration::from_millis(5), start);
        while Instant::now() < later {}
        assert!(start.elapsed() >= Duration::from_millis(5));
    }

    #[test]
    fn the_start_of_the_clock_is_an_instant() {
        assert_eq!(Instant::from_nanos(7) - Duration::from_secs(1), Instant::from_nanos(0));
        assert_eq!(Instant::from_nanos(u64::MAX) + Duration::from_secs(1), Instant::from_nanos(u64::MAX));
    }
}
