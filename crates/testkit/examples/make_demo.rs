//! Writes the demo archive: `cargo run -p perfpower-testkit --example make_demo -- fixtures/demo`.

use std::{env, io, path::PathBuf};

fn main() -> io::Result<()> {
    let out = env::args_os().nth(1).map(PathBuf::from);
    let out = out.ok_or_else(|| io::Error::other("usage: make_demo OUT"))?;
    perfpower_testkit::demo::files().iter().try_for_each(|file| file.write_below(&out))
}
