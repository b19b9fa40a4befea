//! The limit on file descriptors, and the number of sockets that it permits.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::faults::{self, Call};

/// Raises the soft limit on open files to the hard one. Returns the number of sockets that an engine may have: the limit,
/// less the open files and a margin for the host program.
pub fn socket_window() -> usize {
    window(raise_open_files(), open_files())
}

/// The margin of the host program: a tenth of the limit, from 16 to 1024.
fn window(limit: usize, open: usize) -> usize {
    let margin = (limit / 10).clamp(16, 1024);
    limit.saturating_sub(open + margin).clamp(1, MAX_WINDOW)
}

/// The maximum number of sockets.
const MAX_WINDOW: usize = 1 << 20;

fn raise_open_files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let Rlimit { current: Some(current), maximum } = limit else {
        return MAX_WINDOW;
    };
    let raised =
        faults::pass(Call::SetRlimit).and_then(|()| setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }));
    let effective = if raised.is_ok() { maximum.unwrap_or(MAX_WINDOW as u64) } else { current };
    usize::try_from(effective).unwrap_or(MAX_WINDOW)
}

fn open_files() -> usize {
    // Without /proc, an estimate: the number in a Deno process at its start.
    std::fs::read_dir("/proc/self/fd").map_or(64, Iterator::count)
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn the_window_leaves_a_margin_for_the_host() {
        assert_eq!(window(20_000, 20), 20_000 - 20 - 1024);
        assert_eq!(window(1024, 24), 1024 - 24 - 102);
        assert_eq!(window(64, 30), 64 - 30 - 16);
    }

    #[test]
    fn the_window_is_never_zero() {
        assert_eq!(window(64, 64), 1);
        assert_eq!(window(0, 0), 1);
    }
}
