//! The limit on file descriptors, and how many sockets an engine may have under it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::faults::{self, Call};

/// Raises the soft limit on open files to the hard one, and returns how many sockets an engine may hold: what the
/// limit leaves beside what is open now and a margin for the host program.
pub fn socket_window() -> usize {
    window(raise_open_files(), open_files())
}

/// The margin of the host program: a tenth of the limit, from 16 to 1024.
fn window(limit: usize, open: usize) -> usize {
    let margin = (limit / 10).clamp(16, 1024);
    limit.saturating_sub(open + margin).clamp(1, MAX_WINDOW)
}

/// The most sockets that are useful: each connection to one target needs a local port, and there are 65,536.
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
    // Without /proc, a guess: what a Deno process has open when it starts.
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
