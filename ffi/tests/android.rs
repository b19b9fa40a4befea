//! The system calls of the socket engine, under the seccomp filter that Android has for apps.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(unsafe_code)]

mod common;

use std::process::Command;
use std::time::Duration;

use common::{Checks, Silent, free_address, host_and_port, listener, proves, request};
use libc::{BPF_ABS, BPF_JGE, BPF_JGT, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, sock_filter, sock_fprog};
use tcp_shaker::Config;
use tcp_shaker::record::{Request, Resolve};
use tcp_shaker::status::Status;

/// The calls that an app may make on x86_64, as ranges of numbers: bionic's SYSCALLS.TXT without its
/// SECCOMP_BLOCKLIST_APP.TXT, with SECCOMP_ALLOWLIST_COMMON.TXT and SECCOMP_ALLOWLIST_APP.TXT (AOSP, March 2025).
#[rustfmt::skip]
const ALLOWED: &[(u32, u32)] = &[
    (0, 5), (8, 20), (24, 28), (32, 32), (35, 36), (38, 42), (44, 56), (58, 63), (72, 81), (89, 89), (91, 91), (93, 93),
    (95, 102), (104, 104), (107, 110), (112, 112), (115, 115), (117, 118), (120, 121), (124, 131), (135, 135),
    (137, 138), (140, 152), (155, 155), (157, 158), (160, 160), (162, 162), (179, 179), (186, 200), (202, 204),
    (206, 210), (217, 219), (221, 226), (228, 231), (233, 234), (247, 247), (251, 252), (254, 255), (257, 260),
    (262, 272), (275, 278), (280, 281), (283, 283), (285, 299), (302, 302), (306, 311), (314, 319), (321, 328),
    (332, 332), (424, 424), (434, 436), (438, 438), (440, 441), (462, 462),
];

/// Calls that glibc makes at the start of a thread, and bionic does not.
const OF_GLIBC: &[libc::c_long] = &[libc::SYS_rseq, libc::SYS_set_robust_list];

#[test]
fn the_socket_engine_makes_only_system_calls_that_android_allows() {
    const NAME: &str = "the_socket_engine_makes_only_system_calls_that_android_allows";
    const INSIDE: &str = "TCP_SHAKER_TEST_ANDROID";
    if std::env::var_os(INSIDE).is_some() {
        return check_everything();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{}: {text}", output.status);
    proves(file!(), NAME, "scarcity", "every kind of check under the filter of Android's apps, and no call refused");
}

/// Makes checks of all kinds under the filter. Of the threads, only the ones that start later get it: the engine's.
fn check_everything() {
    let up = listener("127.0.0.1:0");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    let (closed_host, closed_port) = host_and_port(free_address("127.0.0.1:0"));
    let silent = Silent::new();
    let (silent_host, silent_port) = host_and_port(silent.address);
    set_filter();
    for config in [
        Config::default(),
        Config { extra_threads: 2, ..Config::default() },
        Config { source: Some(([127, 0, 0, 1], 0).into()), tos: 0x10, syn_retries: Some(0), ..Config::default() },
    ] {
        let mut checks = Checks::start_as(config, |_| {});
        let single = checks.check(request(0, &host, port));
        assert_eq!(single.status, Status::Up as u8, "{single:?}");
        checks.submit((0..400).map(|id| match id % 5 {
            0 => request(id, &host, port),
            1 => request(id, &closed_host, closed_port),
            // The timeout permits a second SYN.
            2 => Request { timeout: Duration::from_millis(1300), ..request(id, &silent_host, silent_port) },
            3 => Request { resolve: Resolve::First, ..request(id, "localhost", port) },
            // Only a few, because full connections stay in the accept queue.
            _ => Request { zero_linger: id > 50, ..request(id, &host, port) },
        }));
        for record in checks.take(400) {
            let expected = [Status::Up, Status::Refused, Status::Timeout, Status::Up, Status::Up];
            assert_eq!(record.status, expected[record.id as usize % 5] as u8, "{record:?}");
        }
        checks.submit([Request { timeout: Duration::from_secs(3600), ..request(1, &silent_host, silent_port) }]);
        checks.engine.cancel(1);
        assert!(checks.leftovers().is_empty());
        checks.engine.stop();
    }
}

/// Kills this process at any other system call, of this thread or of one that it starts.
fn set_filter() {
    const ALLOW: u32 = 0x7fff_0000;
    const KILL_PROCESS: u32 = 0x8000_0000;
    let step = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    // The number of the call is at offset 0 of `struct seccomp_data`.
    let mut program = vec![step(BPF_LD | BPF_W | BPF_ABS, 0, 0, 0)];
    let mut allow = |first, last| {
        program.push(step(BPF_JMP | BPF_JGE | BPF_K, 0, 2, first));
        program.push(step(BPF_JMP | BPF_JGT | BPF_K, 1, 0, last));
        program.push(step(BPF_RET | BPF_K, 0, 0, ALLOW));
    };
    for &(first, last) in ALLOWED {
        allow(first, last);
    }
    for &call in OF_GLIBC {
        allow(call as u32, call as u32);
    }
    program.push(step(BPF_RET | BPF_K, 0, 0, KILL_PROCESS));
    let program = sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the kernel copies the program during the call.
    let set = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            | libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program, 0, 0)
    };
    assert_eq!(set, 0, "{}", std::io::Error::last_os_error());
}
