//! The store: every command says the same of it as of the archive that it was packed from, however it was packed, and whatever ended a run.

use crate::workdir::{Run, Workdir};
use perfpower_testkit::{ArchiveFile, demo, fixture};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// What is asked, in all forms that differ in what they read.
const ASKED: &[&[&str]] = &[
    &["report"],
    &["report", "--format", "json"],
    &["report", "--format", "html"],
    &["report", "--format", "csv"],
    &["report", "--brief"],
    &["report", "--until", "2026-09-07", "--format", "json"],
    &["report", "--redact", "--format", "json"],
    &["report", "--snapshot", "2026-11-02", "--format", "json"],
    &["inspect", "--all"],
    &["inspect", "--drift", "--format", "json"],
    &["audit", "--format", "json"],
    &["compare"],
    &["compare", "--format", "csv"],
    &["percentiles", "--over", "apps"],
    &["diagnostics"],
    &["diagnostics", "--format", "json"],
    &["check"],
    &["init"],
];

/// Code, standard output and standard error of all that is asked of `saves`.
fn answers(dir: &Workdir) -> Vec<(i32, String, String)> {
    let answer = |asked: &&[&str]| {
        let Run { code, stdout, stderr, .. } = dir.perfpower([asked[0], "saves"]).arguments(&asked[1..]).run();
        (code, stdout, stderr)
    };
    ASKED.iter().map(answer).collect()
}

/// Puts a store in the place of `saves`, so that commands and paths read the same.
fn replace_archive(dir: &Workdir) {
    fs::rename(dir.path().join("saves"), dir.path().join("archive")).unwrap();
    fs::rename(dir.path().join("store"), dir.path().join("saves")).unwrap();
}

#[track_caller]
fn assert_same(dir: &Workdir, expected: &[(i32, String, String)]) {
    for ((asked, expected), found) in ASKED.iter().zip(expected).zip(answers(dir)) {
        assert_eq!(&found, expected, "{asked:?}");
    }
}

fn pack(dir: &Workdir, more: &[&str]) -> Run {
    dir.perfpower(["pack", "saves", "--into", "store", "--allow-partial"]).arguments(more).run().ends_with(0)
}

fn with_demo() -> Workdir {
    let dir = Workdir::new();
    for ArchiveFile { path, bytes } in demo::files() {
        dir.write(format!("saves/{path}"), bytes);
    }
    dir.write("perfpower.toml", "[[rule]]\nname = \"new\"\nno_regression = \"open\"\n");
    dir
}

#[test]
fn a_store_says_what_its_archive_says() {
    let dir = with_demo();
    let expected = answers(&dir);
    let told = pack(&dir, &[]);
    assert_eq!(
        told.stdout,
        "33 files read (2.5 MB)\n33 documents of 33 files in the store; next: perfpower report store\n"
    );
    assert!(pack(&dir, &[]).stdout.starts_with("0 files read (0 B), 33 unchanged\n"));
    assert!(pack(&dir, &["--verify"]).stdout.starts_with("0 files read (2.5 MB), 33 unchanged\n"));
    replace_archive(&dir);
    assert_same(&dir, &expected);
}

#[test]
fn the_order_in_which_it_was_packed_changes_nothing() {
    let dir = with_demo();
    let expected = answers(&dir);
    fs::rename(dir.path().join("saves"), dir.path().join("all")).unwrap();
    // Newest first, one app after the other, and a file of which there was another version first.
    let mut files = demo::files();
    files.sort_by_key(|file| (file.path.len() % 3, std::cmp::Reverse(file.path.clone())));
    for part in files.chunks(7) {
        for ArchiveFile { path, .. } in part {
            let to = dir.path().join("saves").join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(&to, "{\"productData\": [").unwrap();
            fs::File::open(&to).unwrap().set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000)).unwrap();
        }
        pack(&dir, &[]);
        for ArchiveFile { path, .. } in part {
            // The time of a file is part of what decides.
            fs::copy(dir.path().join("all").join(path), dir.path().join("saves").join(path)).unwrap();
            let modified = fs::metadata(dir.path().join("all").join(path)).unwrap().modified().unwrap();
            let file = fs::File::options().write(true).open(dir.path().join("saves").join(path)).unwrap();
            file.set_modified(modified).unwrap();
        }
        pack(&dir, &[]);
    }
    replace_archive(&dir);
    assert_same(&dir, &expected);
}

/// Everything that a file can be: broken, wrapped, packed, of nobody, of several apps.
#[test]
fn what_is_wrong_with_an_archive_is_told_of_its_store_in_the_same_words() {
    let dir = Workdir::new();
    for folder in ["broken", "handmade", "documented"] {
        for entry in fs::read_dir(fixture(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                dir.write(
                    format!("saves/{folder}/{}", path.file_name().unwrap().to_str().unwrap()),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    dir.write("saves/com.example.a/2026-11-02.zip", "PK\u{3}\u{4} and no more");
    dir.write("saves/com.example.a/2026-11-02/x.json.gz", [0x1f, 0x8b, 8, 0, 0]);
    dir.write("saves/com.example.a/notes.pdf", "%PDF");
    fs::create_dir(dir.path().join("saves/nothing")).unwrap();
    let expected = answers(&dir);
    let told = dir.perfpower(["pack", "saves", "--into", "store"]).run().ends_with(5);
    assert!(told.stderr.contains(" errors); --allow-partial accepts that"), "{}", told.stderr);
    replace_archive(&dir);
    assert_same(&dir, &expected);
}

#[test]
fn what_is_gone_stays_until_it_is_pruned() {
    let dir = with_demo();
    pack(&dir, &[]);
    fs::remove_dir_all(dir.path().join("saves/com.example.larder/2026-08-03")).unwrap();
    assert!(pack(&dir, &[]).stdout.starts_with("0 files read (0 B), 30 unchanged, 3 gone from the archive and kept\n"));
    let inspect = || dir.perfpower(["inspect", "store", "--all"]).run().ends_with(0).stdout;
    assert!(inspect().contains("2026-08-03/diagnosticLogs.json.gz"));
    let pruned = pack(&dir, &["--prune"]);
    assert!(pruned.stdout.starts_with("0 files read (0 B), 30 unchanged, 3 gone from the archive and forgotten\n"));
    assert!(!inspect().contains("com.example.larder/2026-08-03"));
    // Its tables hold no row of them either: the shard was written anew.
    let expected = answers(&dir);
    replace_archive(&dir);
    assert_same(&dir, &expected);
}

#[test]
fn two_archives_are_packed_one_after_the_other() {
    let dir = with_demo();
    let both = ["report", "one", "two", "--format", "json"];
    for (folder, app) in [("one", "com.example.larder"), ("two", "com.example.tidemark")] {
        fs::create_dir(dir.path().join(folder)).unwrap();
        fs::rename(dir.path().join("saves").join(app), dir.path().join(folder).join(app)).unwrap();
    }
    dir.write("one/com.example.larder/broken.zip", "PK\u{3}\u{4}");
    let expected = dir.perfpower(both).run();
    for folder in ["one", "two", "one"] {
        dir.perfpower(["pack", folder, "--into", "store", "--allow-partial"]).run().ends_with(0);
    }
    let found = dir.perfpower(["report", "store", "--format", "json"]).run();
    assert_eq!((found.code, found.stdout), (expected.code, expected.stdout));
    // And beside files, of which one is what the store has.
    fs::create_dir(dir.path().join("three")).unwrap();
    let copy = dir.path().join("three/com.example.larder/2026-11-02/xcodeMetrics.json.gz");
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::copy(dir.path().join("one/com.example.larder/2026-11-02/xcodeMetrics.json.gz"), copy).unwrap();
    let report = |archive: &[&str]| {
        let mut report = dir.perfpower(["report"]).arguments(archive).arguments(["--format", "json"]).run().json();
        report["problems"].take();
        report
    };
    let beside = report(&["store", "three"]);
    assert_eq!(beside, report(&["one", "two", "three"]));
    assert_eq!(beside["archive"]["repeated"], 1);
}

#[test]
fn what_is_no_store_and_who_else_packs_is_told() {
    let dir = with_demo();
    dir.write("taken/notes.txt", "mine");
    let pack = |arguments: &[&str]| dir.perfpower(["pack"]).arguments(arguments).run().ends_with(2);
    pack(&["saves", "--into", "taken"]).says(&["taken: found a directory that is neither empty nor a store"]);
    pack(&["-", "--into", "store"]).says(&["a store knows a file by its path"]);
    pack(&["saves", "--into", "store", "--redact"]).says(&["leave --redact out here"]);
    dir.perfpower(["pack", "saves", "--into", "store"]).run().ends_with(0);
    pack(&["store", "--into", "other"]).says(&["store is a store already"]);
    let lock = fs::File::open(dir.path().join("store/perfpower.lock")).unwrap();
    lock.lock().unwrap();
    pack(&["saves", "--into", "store"])
        .says(&["store: another run is packing into this store: wait until it has ended"]);
}

#[test]
fn a_store_in_an_archive_is_passed_over_by_name() {
    let dir = with_demo();
    let plain = dir.perfpower(["report", "saves", "--format", "csv"]).run().ends_with(0).stdout;
    dir.perfpower(["pack", "saves", "--into", "saves/packed"]).run().ends_with(0);
    assert_eq!(dir.perfpower(["report", "saves", "--format", "csv"]).run().ends_with(0).stdout, plain);
    let inspect = dir.perfpower(["inspect", "saves", "--all"]).run().ends_with(0).stdout;
    assert!(inspect.contains("saves/packed/") && inspect.contains("a store of packed downloads"), "{inspect}");
    // Nor does it pack itself.
    let again = dir.perfpower(["pack", "saves", "--into", "saves/packed"]).run().ends_with(0).stdout;
    assert!(again.starts_with("0 files read (0 B), 33 unchanged\n"), "{again}");
}

#[test]
fn a_damaged_store_costs_what_is_damaged_and_says_so() {
    let dir = with_demo();
    pack(&dir, &[]);
    let shards = dir.path().join("store/shards");
    let shard = fs::read_dir(&shards).unwrap().next().unwrap().unwrap().path();
    let points = shard.join("points.parquet");
    let whole = fs::read(&points).unwrap();
    let report = || dir.perfpower(["report", "store"]).run();
    for damage in [&whole[..whole.len() / 2], b"", b"PAR1"] {
        fs::write(&points, damage).unwrap();
        let run = report().ends_with(3);
        assert!(
            run.stderr.contains("the store cannot be read here") && run.stderr.contains("points.parquet"),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("pack the archive into a new store"), "{}", run.stderr);
    }
    fs::write(&points, &whole).unwrap();
    report().ends_with(0);
    // A byte in the middle of a page, which its pages do not notice in every place: no panic, and no other result in silence than an error.
    let ledger = dir.path().join("store/perfpower-ledger.parquet");
    let whole = fs::read(&ledger).unwrap();
    fs::write(&ledger, &whole[..whole.len() - 9]).unwrap();
    report().ends_with(3);
    fs::write(&ledger, &whole).unwrap();
    report().ends_with(0);
    fs::remove_dir_all(&shard).unwrap();
    report().ends_with(3);
}

/// Whatever ends a run, the store is what it was before or what it is after, and the next run makes it whole.
#[cfg(unix)]
#[test]
fn a_run_that_is_ended_leaves_a_store_that_is_whole() {
    let dir = with_demo();
    let expected = dir.perfpower(["report", "saves", "--format", "csv"]).run().ends_with(0).stdout;
    let mut ended = 0;
    for moment in 0..24_u64 {
        if moment % 8 == 0 {
            let _ = fs::remove_dir_all(dir.path().join("store"));
        }
        let mut command = dir.perfpower(["pack", "saves", "--into", "store", "--verify"]).command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moment * 37 % 500));
        ended += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let has_ledger = Path::new(&dir.path().join("store/perfpower-ledger.parquet")).is_file();
        if has_ledger {
            assert_eq!(dir.perfpower(["report", "store", "--format", "csv"]).run().ends_with(0).stdout, expected);
        }
    }
    assert!(ended > 0);
    pack(&dir, &[]);
    assert_eq!(dir.perfpower(["report", "store", "--format", "csv"]).run().ends_with(0).stdout, expected);
    let left: Vec<_> =
        fs::read_dir(dir.path().join("store")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        left.iter().all(|name| !name.to_str().unwrap().starts_with('.') && name != "perfpower-ledger.pending.parquet"),
        "{left:?}"
    );
}
