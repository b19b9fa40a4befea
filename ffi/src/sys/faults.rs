//! Fault injection: makes system calls fail in tests.
//!
//! [`pass`] is called before every system call. Without the feature `faults` it compiles to nothing.

use rustix::io;
use rustix::net::{Protocol, ipproto};
#[cfg(feature = "faults")]
pub use switch::*;

macro_rules! calls {
    ($($call:ident),+ $(,)?) => {
        /// A system call, by its purpose.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[allow(missing_docs, reason = "their names say it")]
        pub enum Call { $($call),+ }

        #[cfg(feature = "faults")]
        impl Call {
            /// All calls.
            pub const ALL: &[Self] = &[$(Self::$call),+];
        }
    };
}

calls! {
    Socket,
    SetLinger,
    SetDeferAccept,
    Configure,
    Bind,
    Connect,
    Send,
    Receive,
    Disconnect,
    SocketError,
    TcpInfo,
    SetMinTtl,
    GetSockName,
    GetPeerName,
    InterfaceIndex,
    GetAddrInfo,
    EpollCreate,
    EpollAdd,
    EpollWait,
    EventfdCreate,
    EventfdWrite,
    SetRlimit,
    SpawnThread,
}

/// Returns the injected error of a call, if any; else `Ok`.
#[inline]
pub fn pass(call: Call) -> io::Result<()> {
    #[cfg(feature = "faults")]
    switch::ask(call)?;
    let _ = call;
    Ok(())
}

/// The protocol for a TCP socket; MPTCP if a test forces it.
#[inline]
pub fn tcp() -> Protocol {
    #[cfg(feature = "faults")]
    if switch::is_mptcp_forced() {
        return ipproto::MPTCP;
    }
    ipproto::TCP
}

#[cfg(feature = "faults")]
mod switch {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    use rustix::io::{self, Errno};

    use super::Call;

    /// The plan of a fault. Calls of the whole process are counted, from the time at which the plan is armed.
    #[derive(Clone, Copy, Debug)]
    pub struct Plan {
        /// The call.
        pub call: Call,
        /// The fault.
        pub fault: Fault,
        /// The number of calls that succeed before the first failure.
        pub after: u32,
        /// 1 to make each later call fail; 3 for every third.
        pub every: u32,
        /// The maximum number of failures.
        pub times: u32,
    }

    /// The fault of a call.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub enum Fault {
        /// An error.
        Error(Errno),
        /// A panic.
        Panic,
        /// A delay, as if the thread had no CPU.
        Stall(Duration),
    }

    struct Armed {
        plan: Plan,
        asked: u32,
        made: u32,
    }

    static ARMED: Mutex<Vec<Armed>> = Mutex::new(Vec::new());
    /// Avoids the lock while no plan is armed, because the engine thread must not wait for a lock.
    static IS_ARMED: AtomicBool = AtomicBool::new(false);
    static MPTCP: AtomicBool = AtomicBool::new(false);

    /// Arms a plan, and disarms earlier ones.
    pub fn arm(plan: Plan) {
        arm_all([plan]);
    }

    /// Arms plans for different calls, and disarms earlier ones.
    pub fn arm_all(plans: impl IntoIterator<Item = Plan>) {
        *armed() = plans.into_iter().map(|plan| Armed { plan, asked: 0, made: 0 }).collect();
        IS_ARMED.store(true, Ordering::SeqCst);
    }

    /// Disarms all plans. Returns the number of injected faults.
    pub fn disarm() -> u32 {
        IS_ARMED.store(false, Ordering::SeqCst);
        armed().drain(..).map(|armed| armed.made).sum()
    }

    /// Makes MPTCP sockets instead of TCP sockets, as a BPF program at the kernel's `update_socket_protocol` can.
    pub fn force_mptcp(forced: bool) {
        MPTCP.store(forced, Ordering::SeqCst);
    }

    pub(super) fn is_mptcp_forced() -> bool {
        MPTCP.load(Ordering::SeqCst)
    }

    pub(super) fn ask(call: Call) -> io::Result<()> {
        if !IS_ARMED.load(Ordering::Relaxed) {
            return Ok(());
        }
        match next(call) {
            None => Ok(()),
            Some(Fault::Error(errno)) => Err(errno),
            Some(Fault::Panic) => panic!("injected panic"),
            Some(Fault::Stall(time)) => {
                std::thread::sleep(time);
                Ok(())
            }
        }
    }

    fn next(call: Call) -> Option<Fault> {
        let mut armed = armed();
        let Armed { plan, asked, made } = armed.iter_mut().find(|armed| armed.plan.call == call)?;
        let turn = asked.checked_sub(plan.after);
        *asked += 1;
        let fails = turn.is_some_and(|turn| turn % plan.every == 0) && *made < plan.times;
        *made += u32::from(fails);
        fails.then_some(plan.fault)
    }

    fn armed() -> MutexGuard<'static, Vec<Armed>> {
        ARMED.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
