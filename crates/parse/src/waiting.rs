//! Threads that wait for something to do, by the call that they wait in.

use perfpower_model::text_hash;
use std::sync::LazyLock;

/// Calls of the system in which a thread waits for work: a queue's worker, a run loop, a condition. A lock is not among them: who
/// waits for one has something to do.
const WAITS: [&str; 26] = [
    "__workq_kernreturn",
    "__psynch_cvwait",
    "mach_msg_trap",
    "mach_msg2_trap",
    "mach_msg_overwrite_trap",
    "semaphore_wait_trap",
    "semaphore_timedwait_trap",
    "semaphore_timedwait_signal_trap",
    "__semwait_signal",
    "__semwait_signal_nocancel",
    "kevent",
    "kevent64",
    "kevent_id",
    "kevent_qos",
    "__kevent",
    "__select",
    "__select_nocancel",
    "__poll_nocancel",
    "poll",
    "__sigwait",
    "__sigsuspend",
    "__accept",
    "__accept_nocancel",
    "__wait4",
    "start_wqthread",
    "_pthread_wqthread",
];

static HASHES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut hashes: Vec<u64> = WAITS.iter().map(|symbol| text_hash(symbol)).collect();
    hashes.sort_unstable();
    hashes
});

/// The innermost frames of one stack.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waiting {
    leaves: u32,
    waits: u32,
}

impl Waiting {
    /// Counts an innermost frame, by the hash of its symbol.
    #[inline]
    pub(crate) fn note_leaf(&mut self, symbol: u64) {
        self.leaves += 1;
        self.waits += u32::from(symbol != 0 && HASHES.binary_search(&symbol).is_ok());
    }

    /// Whether the thread did nothing but wait.
    pub(crate) fn is_idle(self) -> bool {
        self.leaves > 0 && self.waits == self.leaves
    }
}
