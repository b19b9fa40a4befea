//! Tests in a separate network namespace.

use std::process::Command;

/// Runs the test `name` of this binary again, as another process in a new network namespace, after the shell script
/// `setup`. Returns true in that process, which must then run the test, and false in this one, which must return.
///
/// If no namespace can be made, the test prints the reason and returns; tools/test.ts counts it as skipped.
pub fn entered(name: &str, setup: &str) -> bool {
    const INSIDE: &str = "TCP_SHAKER_TEST_NAMESPACE";
    const UNSHARE: [&str; 4] = ["--user", "--map-root-user", "--net", "--mount"];
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !Command::new("unshare").args(UNSHARE).args(["ip", "link"]).output().is_ok_and(|made| made.status.success()) {
        eprintln!("skipped {name}: no network namespace can be made");
        return false;
    }
    // A test for another architecture needs its runner.
    let runner = std::env::var("TCP_SHAKER_TEST_RUNNER").unwrap_or_default();
    let script = format!("set -e; ip link set lo up\n{setup}\nexec {runner} \"$0\" \"$@\"");
    let inner = Command::new("unshare")
        .args(UNSHARE)
        .args(["sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--include-ignored"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&inner.stdout) + String::from_utf8_lossy(&inner.stderr);
    assert!(inner.status.success() && text.contains("1 passed"), "in the namespace: {text}");
    false
}
