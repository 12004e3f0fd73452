//! Writes every state of the gallery as a page: `cargo run -p perfpower-report --example gallery -- OUT`.

#[path = "../tests/gallery/finding.rs"]
mod finding;
#[path = "../tests/gallery/worlds.rs"]
mod worlds;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let out = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "gallery".into()));
    std::fs::create_dir_all(&out)?;
    for world in worlds::all() {
        std::fs::write(out.join(format!("{}.html", world.name)), world.html()?)?;
    }
    for count in [100, 5_000] {
        std::fs::write(out.join(format!("many-{count}.html")), worlds::many(count).html()?)?;
    }
    Ok(())
}
