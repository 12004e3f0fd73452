//! Writes the call stacks of saved diagnostic logs in every profile format: `export_profiles OUT_DIR PATH...`.
//!
//! What reader checks run until the command line feeds them, and what the speed of merging is measured with. With
//! `PROFILE_ONLY=folded` it writes that format alone, with `PROFILE_ONLY=ranking` it prints the top blame frames and nothing
//! else.

use perfpower_analysis::diagnostics::{FrameKey, PairedTree, Ranked, StackTable, StackTree};
use perfpower_report::profile::{
    FlameGraph, ProfileError, Width, write_difference_graph, write_firefox, write_flame_graph, write_folded,
    write_pprof, write_speedscope,
};
use rayon::prelude::*;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out_dir = arguments.next().ok_or("usage: export_profiles OUT_DIR PATH...")?;
    let mut files = Vec::new();
    for path in arguments {
        collect(&path, &mut files)?;
    }
    files.sort();
    let only = std::env::var("PROFILE_ONLY").unwrap_or_default();

    let start = Instant::now();
    let table = absorb(&files);
    let merged = start.elapsed();
    let mut stderr = io::stderr().lock();
    writeln!(
        stderr,
        "{} logs, {} frames, {} paths, {} KiB, {:?}; read and merged in {merged:?}",
        table.logs().len(),
        table.frames().len(),
        table.node_count(),
        table.heap_bytes() / 1024,
        table.losses(),
    )?;

    fs::create_dir_all(&out_dir)?;
    if only != "folded" {
        let ranking = table.ranking(Ranked::Blame, |_| true);
        let mut stdout = io::stdout().lock();
        for row in ranking.frames.iter().take(20) {
            writeln!(stdout, "{}\t{}\t{}", row.inclusive, row.frame.binary, row.frame.name)?;
        }
        writeln!(stderr, "ranked after {:?}", start.elapsed())?;
    }
    if only == "ranking" {
        return Ok(());
    }
    let named = table.tree(FrameKey::Name, |_| true);
    writeln!(stderr, "tree of {} nodes, {} samples after {:?}", named.len(), named.total(), start.elapsed())?;
    write_folded(&named, File::create(out_dir.join("stacks.folded"))?)?;
    writeln!(stderr, "folded after {:?}", start.elapsed())?;
    if only == "folded" {
        return Ok(());
    }
    let tree = table.tree(FrameKey::Function, |_| true);
    write_all(&out_dir, &tree)?;
    write_difference(&out_dir, &table)?;
    writeln!(stderr, "all after {:?}", start.elapsed())?;
    Ok(())
}

/// Reads and merges one run of files per thread, equal in bytes, in order: the result is that of one thread. More runs would
/// balance better and merge the common paths more often.
fn absorb(files: &[PathBuf]) -> StackTable {
    let sizes: Vec<u64> = files.iter().map(|file| fs::metadata(file).map_or(0, |metadata| metadata.len())).collect();
    let share = sizes.iter().sum::<u64>().div_ceil(rayon::current_num_threads() as u64).max(1);
    let mut runs: Vec<Vec<&PathBuf>> = Vec::new();
    let mut read = 0;
    for (file, size) in files.iter().zip(sizes) {
        let run = (read / share) as usize;
        runs.resize_with(runs.len().max(run + 1), Vec::new);
        runs[run].push(file);
        read += size;
    }
    runs.par_iter()
        .map(|files| {
            let mut table = StackTable::new();
            for file in files {
                if let Ok(bytes) = fs::read(file) {
                    let document = perfpower_parse::parse(&bytes, &perfpower_parse::ParseOptions::default());
                    let app = file.parent().and_then(Path::file_name).unwrap_or_default();
                    table.absorb(&app.to_string_lossy(), &document);
                }
            }
            table
        })
        .reduce_with(|mut left, right| {
            left.merge(&right);
            left
        })
        .unwrap_or_default()
}

fn write_all(out_dir: &Path, tree: &StackTree) -> Result<(), ProfileError> {
    let file = |name: &str| File::create(out_dir.join(name)).map(BufWriter::new);
    let graph = FlameGraph { title: "Samples".to_owned(), subtitle: format!("{} in all", tree.total()) };
    write_flame_graph(tree, &graph, file("flame.svg")?)?;
    write_pprof(tree, file("profile.pb.gz")?)?;
    write_speedscope(tree, "diagnostic logs", file("speedscope.json")?)?;
    write_firefox(tree, "diagnostic logs", file("firefox.json")?)?;
    Ok(())
}

/// Every second signature against the others: any two sides do, to see whether a reader takes the image.
fn write_difference(out_dir: &Path, table: &StackTable) -> Result<(), ProfileError> {
    let signature = |log: &perfpower_analysis::diagnostics::StackLog| log.signature.index().is_multiple_of(2);
    let pair: PairedTree = table.paired_tree(FrameKey::Function, signature, |log| !signature(log));
    for (width, name) in [(Width::Before, "difference-before.svg"), (Width::After, "difference-after.svg")] {
        let graph = FlameGraph { title: "Difference".to_owned(), subtitle: String::new() };
        match write_difference_graph(&pair, width, &graph, BufWriter::new(File::create(out_dir.join(name))?)) {
            Ok(_) | Err(ProfileError::Empty) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "json") {
        files.push(path.to_owned());
    }
    Ok(())
}
