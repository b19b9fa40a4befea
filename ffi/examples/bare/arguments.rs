//! The command line of the benchmark's programs.

use std::str::FromStr;

/// Reads an argument.
pub fn argument<T: FromStr>(index: usize, name: &str) -> T {
    let text = std::env::args().nth(index).unwrap_or_else(|| panic!("{name} is missing"));
    text.parse().unwrap_or_else(|_| panic!("{name} can't be {text}"))
}
