//! The binary: everything is in the library, so that tests and benches call what `main` calls.

use std::process::ExitCode;

fn main() -> ExitCode {
    perfpower::main()
}
