//! A failing system call in a direct check loses no check and causes no false verdict.
#![cfg(feature = "faults")]

mod common;

use std::time::Duration;

use common::{DirectEngine, Silent, assert_reported, free_address, host_and_port, listener, request};
use rustix::io::Errno;
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::Request;
use tcp_shaker::status::Status;

#[test]
fn each_direct_check_has_one_true_result_despite_faults() {
    let calls = [
        Call::Socket,
        Call::SetLinger,
        Call::SetDeferAccept,
        Call::Connect,
        Call::TcpInfo,
        Call::SetMinTtl,
        Call::SocketError,
        Call::Disconnect,
    ];
    let target = listener("127.0.0.1:0");
    let expected = [(target.local_addr().unwrap(), Status::Up), (free_address("127.0.0.1:0"), Status::Refused)];
    for call in calls {
        let direct = DirectEngine::new();
        let (mut failed, mut records) = (0, Vec::new());
        for id in 0..40 {
            let (address, outcome) = expected[id as usize % 2];
            let (host, port) = host_and_port(address);
            arm(Plan { call, fault: Fault::Error(Errno::PERM), after: 0, every: 1, times: u32::from(id % 4 < 2) });
            let record = direct.answer(&request(id, &host, port));
            disarm();
            assert_eq!(record.id, id);
            let status = Status::from_code(record.status).unwrap();
            failed += u32::from(status == Status::LocalError && record.code == Errno::PERM.raw_os_error());
            assert!(status == outcome || status == Status::LocalError, "{call:?}: {record:?}");
            assert!(status == outcome || id % 4 < 2, "{call:?} did not fail: {record:?}");
            records.push(record);
        }
        // A failure after connect() is reported. After another failure the engine thread makes the check.
        let is_reported = matches!(call, Call::TcpInfo | Call::SocketError);
        assert!(failed > 0 || !is_reported, "{call:?} was not reported");
        drop(direct);
        assert_reported(&target, &records);
    }
    // The engine thread repeats a check without an answer, and tries again if epoll rejects a socket.
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let direct = DirectEngine::new();
    arm(Plan { call: Call::EpollAdd, fault: Fault::Error(Errno::NOSPC), after: 0, every: 1, times: 1 });
    let record = direct.answer(&Request { timeout: Duration::from_millis(20), ..request(1, &host, port) });
    disarm();
    assert_eq!(Status::from_code(record.status), Some(Status::Timeout));
}
