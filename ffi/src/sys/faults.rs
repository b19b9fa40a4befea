//! Fault injection: system calls that fail on a test's demand.
//!
//! Every system call calls [`pass`] first. Without the feature `faults` it compiles to nothing.

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
            /// All of them.
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

/// Returns the error that a call must fail with, if a test asked for one; else `Ok`.
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

    /// Which calls fail, and how. Calls are counted in the whole process, from when the plan is armed.
    #[derive(Clone, Copy, Debug)]
    pub struct Plan {
        /// The call.
        pub call: Call,
        /// The fault.
        pub fault: Fault,
        /// Calls that succeed before the first that fails.
        pub after: u32,
        /// 1: all fail from then on; 3: every third.
        pub every: u32,
        /// The most calls that fail.
        pub times: u32,
    }

    /// The fault of a call.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub enum Fault {
        /// It fails with an error.
        Error(Errno),
        /// It panics.
        Panic,
        /// It is delayed, as if the thread had no CPU.
        Stall(Duration),
    }

    struct Armed {
        plan: Plan,
        asked: u32,
        made: u32,
    }

    static ARMED: Mutex<Vec<Armed>> = Mutex::new(Vec::new());
    /// Spares the lock while no plan is armed, because the engine thread must not wait for one.
    static IS_ARMED: AtomicBool = AtomicBool::new(false);
    static MPTCP: AtomicBool = AtomicBool::new(false);

    /// Arms a plan, in place of those before.
    pub fn arm(plan: Plan) {
        arm_all([plan]);
    }

    /// Arms plans for different calls, in place of those before.
    pub fn arm_all(plans: impl IntoIterator<Item = Plan>) {
        *armed() = plans.into_iter().map(|plan| Armed { plan, asked: 0, made: 0 }).collect();
        IS_ARMED.store(true, Ordering::SeqCst);
    }

    /// Disarms all plans. Returns the number of calls that they made fail.
    pub fn disarm() -> u32 {
        IS_ARMED.store(false, Ordering::SeqCst);
        armed().drain(..).map(|armed| armed.made).sum()
    }

    /// Makes MPTCP sockets where TCP is asked for, as a BPF program at the kernel's `update_socket_protocol` may.
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
            Some(Fault::Panic) => panic!("a panic was asked for"),
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
