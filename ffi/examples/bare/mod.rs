//! Common code of the bare loops: the system calls of a probe, arguments, clocks, report.

use std::net::SocketAddr;
use std::time::Instant;

use rustix::io;
use rustix::time::{ClockId, clock_gettime};

mod arguments;
#[path = "../../src"]
mod source {
    #[allow(dead_code, unused_imports)]
    pub mod sys;
}

pub use arguments::argument;
pub use source::sys;

/// The number of checks in flight.
pub const IN_FLIGHT: usize = 100;

/// The arguments of a bare loop: `TARGET CHECKS WARM_UP`.
pub struct Given {
    pub target: SocketAddr,
    checks: usize,
    warm_up: usize,
}

impl Given {
    pub fn read() -> Self {
        Self { target: argument(1, "TARGET"), checks: argument(2, "CHECKS"), warm_up: argument(3, "WARM_UP") }
    }

    /// Runs the warm-up, then the measured part, and prints its time.
    pub fn measure(&self, mut run: impl FnMut(usize) -> io::Result<()>) -> io::Result<()> {
        run(self.warm_up)?;
        let (start, cpu_before) = (Instant::now(), cpu_seconds());
        run(self.checks)?;
        let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu_before);
        println!("{{\"checks\":{},\"seconds\":{seconds},\"cpuMicros\":{}}}", self.checks, cpu * 1e6);
        Ok(())
    }
}

/// User and system time of the process.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
