//! Link options of the library that Deno loads.

fn main() {
    // A thread that is stuck in getaddrinfo outlives the worker that asked for it, with which Deno unloads the library.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
