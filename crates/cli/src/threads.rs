//! As many threads as were asked for, or as the system gives.

use crate::Args;
use rayon::{ThreadBuilder, ThreadPoolBuilder};
use std::io::{self, Write};
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Starts the threads of the run. Where the system gives none (`ulimit -u`), the run goes on without: its result is the same.
/// A second call in one process (tests, benches) changes nothing.
pub(crate) fn start(args: &Args) {
    let wanted = args.threads.or(thread::available_parallelism().ok()).map_or(1, std::num::NonZero::get);
    // rayon gives up for good where it gets fewer threads than it counts on, so they are there before it counts.
    let mut idle: Vec<Sender<ThreadBuilder>> = Vec::with_capacity(wanted);
    for at in 0..wanted {
        let (start, task) = channel::<ThreadBuilder>();
        let spawned = thread::Builder::new().name(format!("perfpower {at}")).spawn(move || {
            if let Ok(task) = task.recv() {
                task.run();
            }
        });
        if spawned.is_err() {
            break;
        }
        idle.push(start);
    }
    let got = idle.len();
    if got < wanted && !args.quiet {
        let what = match got {
            0 => "no thread but the first".to_owned(),
            1 => "1 thread".to_owned(),
            _ => format!("{got} threads"),
        };
        // Where standard error is closed there is nobody left to tell.
        let _ =
            writeln!(io::stderr().lock(), "note: the system gives {what} of {wanted}: the result is the same, later");
    }
    let pool = ThreadPoolBuilder::new().num_threads(got.max(1));
    // The only failure is that there is a pool already.
    let _ = if got == 0 {
        pool.use_current_thread().build_global()
    } else {
        pool.spawn_handler(|task| {
            let start = idle.pop().ok_or(io::ErrorKind::OutOfMemory)?;
            start.send(task).map_err(|_| io::ErrorKind::OutOfMemory.into())
        })
        .build_global()
    };
}
