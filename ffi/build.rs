//! Link options of the library that Deno loads.

fn main() {
    // Deno unloads the library with the last worker that uses it, and a thread that blocks in getaddrinfo() may run longer.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
