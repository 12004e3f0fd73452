//! What is listed, in which order, and why, whatever way the paths are given.

use crate::support::{Saves, document, listing, problems, relatives, skipped, undated, zip};
use perfpower_archive::{Archive, Identity, Layout, Reason, Rules, Sources};
use perfpower_model::Day;
use std::fs;

/// Two apps on two days, and an old zip.
fn demo() -> Saves {
    let saves = Saves::new();
    for app in ["com.foo", "com.bar"] {
        for day in ["2026-01-02", "2026-01-01"] {
            saves.write(&format!("demo/{app}/{day}/xcodeMetrics.json"), &document(100));
        }
    }
    saves.write("demo/old.zip", &zip(&[("com.foo/2025-12-01/xcodeMetrics.json", document(100))]));
    saves
}

const DEMO: &str = "com.bar 2026-01-01 demo/com.bar/2026-01-01/xcodeMetrics.json\n\
                    com.bar 2026-01-02 demo/com.bar/2026-01-02/xcodeMetrics.json\n\
                    com.foo 2025-12-01 demo/old.zip!com.foo/2025-12-01/xcodeMetrics.json\n\
                    com.foo 2026-01-01 demo/com.foo/2026-01-01/xcodeMetrics.json\n\
                    com.foo 2026-01-02 demo/com.foo/2026-01-02/xcodeMetrics.json";

#[test]
fn neither_the_spelling_nor_the_order_nor_the_number_of_arguments_matters() {
    let saves = demo();
    let file = "demo/com.bar/2026-01-02/xcodeMetrics.json";
    for paths in [
        &["demo"][..],
        &["demo/"],
        &["./demo/."],
        &["."],
        &["demo", "demo/", "demo/com.foo"],
        &["demo/com.foo", file, "demo"],
        &[file, "demo", "demo/old.zip"],
        &["demo/com.foo/2026-01-01", "demo/com.foo/2026-01-02", "demo/old.zip", "demo/com.bar"],
        &[
            "demo/old.zip",
            file,
            "demo/com.bar/2026-01-01/xcodeMetrics.json",
            "demo/com.foo/2026-01-01/xcodeMetrics.json",
            "demo/com.foo/2026-01-02/xcodeMetrics.json",
        ],
        &["demo/com.foo/../com.foo", "demo/com.bar", "demo/old.zip"],
    ] {
        let archive = saves.open(paths);
        let listing = listing(&archive).replace("com.foo/../com.foo", "com.foo");
        assert_eq!(listing, DEMO, "{paths:?}");
        assert_eq!(problems(&archive), "", "{paths:?}");
    }
}

#[test]
fn an_app_is_one_piece_newest_first() {
    let mut archive = demo().open(&["demo"]);
    let apps: Vec<(&str, Vec<String>)> = archive
        .by_app()
        .into_iter()
        .map(|(app, entries)| (app, entries.iter().map(|entry| entry.snapshot.value.to_string()).collect()))
        .collect();
    assert_eq!(
        apps,
        [
            ("com.bar", vec!["2026-01-02".to_owned(), "2026-01-01".into()]),
            ("com.foo", vec!["2026-01-02".into(), "2026-01-01".into(), "2025-12-01".into()]),
        ]
    );
    assert_eq!(undated(&archive), 0);

    // The body of one document says that it is another app's.
    archive.entries[0].app = Identity::new("com.foo".into(), Reason::Body);
    let sizes: Vec<(&str, usize)> = archive.by_app().into_iter().map(|(app, entries)| (app, entries.len())).collect();
    assert_eq!(sizes, [("com.bar", 1), ("com.foo", 4)]);
}

#[cfg(unix)]
#[test]
fn relative_paths_name_the_same_apps_as_absolute_ones() {
    let saves = Saves::new();
    saves.write("com.foo.bar/2026-01-02/1234567.json", b"{}");
    saves.write("com.foo.bar/xcodeMetrics.json", b"{}");
    let root = fs::canonicalize(saves.root()).unwrap();
    let up = "../".repeat(std::env::current_dir().unwrap().components().count());
    let relative = format!("{up}{}", root.display().to_string().trim_start_matches('/'));
    for place in [
        "com.foo.bar",
        "com.foo.bar/2026-01-02",
        "com.foo.bar/2026-01-02/1234567.json",
        "com.foo.bar/xcodeMetrics.json",
    ] {
        let identity = |root: &str| {
            let archive = Archive::open(&Sources::of_paths([format!("{root}/{place}")]), &Rules::default());
            let identities = archive.entries.into_iter().map(|entry| (entry.app, entry.snapshot));
            identities.collect::<Vec<_>>()
        };
        let absolute = identity(&root.display().to_string());
        assert_eq!(absolute, identity(&relative), "{place}");
        assert!(absolute.iter().all(|(app, _)| *app.value == *"com.foo.bar"), "{place}: {absolute:?}");
    }
}

#[test]
fn options_come_before_the_layout_and_the_layout_before_inference() {
    let saves = demo();
    let explain = |rules: &Rules| {
        let archive = saves.open_by(&["demo/com.foo"], rules);
        let entry = &archive.entries[0];
        format!("{} by {}, {} by {}", entry.app.value, entry.app.reason, entry.snapshot.value, entry.snapshot.reason)
    };
    let mut rules = Rules::default();
    assert_eq!(explain(&rules), "com.foo by directory `com.foo`, 2026-01-01 by date in `2026-01-01`");
    rules.layout = Some(Layout::parse("{app}/{snapshot}/{kind}.json").unwrap());
    assert_eq!(explain(&rules), "com.foo by layout, 2026-01-01 by layout");
    rules.aliases.insert("com.foo".into(), "Foo".into());
    assert_eq!(explain(&rules), "Foo by layout, 2026-01-01 by layout");
    rules.app = Some("mine".into());
    rules.snapshot = Day::parse("2020-02-03");
    assert_eq!(explain(&rules), "mine by --app, 2020-02-03 by --snapshot");
}

#[test]
fn a_layout_that_does_not_fit_is_told_once() {
    let rules = Rules { layout: Some(Layout::parse("{app}/v{build}/{*}").unwrap()), ..Rules::default() };
    let saves = demo();
    saves.write("demo/com.foo/v12/a.json", b"{}");
    let archive = saves.open_by(&["demo"], &rules);
    assert_eq!(
        problems(&archive),
        "demo/com.bar/2026-01-01/xcodeMetrics.json: warning layout-missed: the layout `{app}/v{build}/{*}` does not fit \
         5 of 6 documents; this is the first (their app and day were inferred; `perfpower inspect` shows how)"
    );
    let builds: Vec<&str> = archive.entries.iter().filter_map(|entry| entry.build.as_deref()).collect();
    assert_eq!(builds, ["12"]);
    assert!(archive.entries.iter().all(|entry| entry.version.is_none()));
}

#[test]
fn a_layout_reads_walked_containers_from_their_own_root() {
    let rules = Rules { layout: Some(Layout::parse("{app}/{build}/{*}").unwrap()), ..Rules::default() };
    let saves = Saves::new();
    saves.write("packed.zip", &zip(&[("com.foo/12/deep/a.json", document(10))]));
    for path in [".", "packed.zip"] {
        let archive = saves.open_by(&[path], &rules);
        assert_eq!(&*archive.entries[0].app.value, "com.foo");
        assert_eq!(archive.entries[0].build.as_deref(), Some("12"));
    }
}

#[test]
fn files_that_are_no_documents_are_counted_or_named() {
    let saves = Saves::new();
    for name in [
        "a/x.json",
        "a/perfPowerMetrics",
        "a/login.html",
        "a/x.json.bak",
        "a/.DS_Store",
        "a/.x.json.swp",
        ".git/HEAD",
        ".old/x.json",
        "perfpower.toml",
    ] {
        saves.write(name, b"{}");
    }
    for (name, text) in [
        ("a/README", "what lies here"),
        ("a/note.html", "<html>"),
        ("a/table.csv", "{}"),
        ("a/page.log", " {\"a\": 1}"),
    ] {
        saves.write(name, text.as_bytes());
    }
    let archive = saves.open(&[".", "a"]);
    let mut paths: Vec<String> = archive.entries.iter().map(|entry| entry.path.clone()).collect();
    paths.sort();
    assert_eq!(relatives(&paths), ["a/login.html", "a/page.log", "a/perfPowerMetrics", "a/x.json", "a/x.json.bak"]);
    assert_eq!(
        skipped(&archive),
        [
            ".old/: its name starts with a period",
            "a/.x.json.swp: its name starts with a period",
            "a/README: notes for people, or for other programs",
            "a/note.html: it does not start as a saved body does",
            "a/table.csv: by its ending a table, such as App Analytics exports",
        ]
    );
    assert_eq!(archive.ignored, 3);
    // A file that was asked for by name is read whatever its name.
    let asked = saves.open(&["a/login.html", "a/README"]);
    assert_eq!(asked.entries.len(), 2);
    assert_eq!((asked.skipped.len(), asked.ignored), (0, 0));
}

#[test]
fn names_of_any_kind_are_kept() {
    let saves = Saves::new();
    saves.write("Wetter \u{1b}[31m/2026-01-02/x.json", b"{}");
    saves.write("日記/2026-01-02/x.json", b"{}");
    saves.write("a\nb/2026-01-02/x.json", b"{}");
    let archive = saves.open(&["."]);
    let apps: Vec<&str> = archive.by_app().into_iter().map(|(app, _)| app).collect();
    assert_eq!(apps, ["Wetter \u{1b}[31m", "a\nb", "日記"]);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_unicode_are_opened_all_the_same() {
    use std::os::unix::ffi::OsStrExt;
    let saves = Saves::new();
    let directory = saves.root().join(std::ffi::OsStr::from_bytes(b"app\xff"));
    if fs::create_dir(&directory).is_err() {
        return; // a file system that knows Unicode alone
    }
    fs::write(directory.join("x.json"), b"{}").unwrap();
    let archive = saves.open(&["."]);
    assert_eq!(&*archive.entries[0].app.value, "app\\xFF");
    assert!(archive.entries[0].read(&mut Vec::new()).is_ok());
}

#[test]
fn paths_that_lead_nowhere_are_told_with_a_cure() {
    let saves = demo();
    let archive = saves.open(&["demo/com.foo", "nowhere", "demo/old.zip/y", "nowhere"]);
    assert_eq!(archive.entries.len(), 2);
    let told = problems(&archive);
    assert!(told.contains(
        "nowhere: error missing-path: no such file or directory \
         (check the spelling; a relative path starts at the current directory)"
    ));
    assert!(told.contains("demo/old.zip/y: error missing-path: "));
    assert_eq!(told.lines().count(), 2); // each place once
}

#[test]
fn a_directory_named_like_a_file_is_a_directory() {
    let saves = Saves::new();
    saves.write("x.json/2026-01-02/m.json", b"{}");
    assert_eq!(listing(&saves.open(&["."])), "x.json 2026-01-02 x.json/2026-01-02/m.json");
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn loops_and_dangling_links_are_told_and_cost_nothing_else() {
        let saves = demo();
        symlink(saves.root().join("demo"), saves.root().join("demo/com.foo/again")).unwrap();
        symlink("gone.json", saves.root().join("demo/com.foo/broken.json")).unwrap();
        let archive = saves.open(&["demo"]);
        assert_eq!(listing(&archive), DEMO);
        assert_eq!(
            problems(&archive),
            "demo/com.foo/again: warning link-loop: the symbolic link leads back into a directory above it \
             (what it points to is read once, so nothing is lost; remove the link to be rid of this line)\n\
             demo/com.foo/broken.json: error dangling-link: the symbolic link points to nothing \
             (restore what it points to, or remove the link)"
        );
        let given = saves.open(&["demo/com.foo/broken.json"]);
        assert_eq!(given.problems[0].1.code, "dangling-link");
    }

    #[test]
    fn a_file_behind_a_link_is_read_once_by_its_own_name() {
        let saves = demo();
        symlink("2026-01-02", saves.root().join("demo/com.foo/0-latest")).unwrap();
        symlink("2026-01-02/xcodeMetrics.json", saves.root().join("demo/com.foo/2026-09-09.json")).unwrap();
        for paths in [&["demo"][..], &["demo/com.foo/0-latest", "demo"]] {
            assert_eq!(listing(&saves.open(paths)), DEMO);
        }
    }

    #[test]
    fn each_directory_is_walked_once_however_many_links_lead_to_it() {
        let saves = Saves::new();
        // Three links on each of twelve levels: half a million ways down.
        let mut below = String::from("levels");
        for _ in 0..12 {
            below.push_str("/real");
            saves.write(&format!("{below}/x.json"), b"{}");
            for link in ["one", "two", "three"] {
                symlink("real", saves.root().join(&below).parent().unwrap().join(link)).unwrap();
            }
        }
        let archive = saves.open(&["."]);
        assert_eq!(archive.entries.len(), 12);
        assert_eq!(problems(&archive), "");
        assert!(archive.entries.iter().all(|entry| !entry.path.contains("one")));
    }

    #[test]
    fn links_that_lead_outside_are_told_and_followed_if_asked_for() {
        let saves = Saves::new();
        saves.write("given/com.foo/x.json", b"{}");
        saves.write("other/2026-01-02/y.json", b"{}");
        saves.write("other/z.json", b"{}");
        symlink("../../other", saves.root().join("given/com.foo/elsewhere")).unwrap();
        symlink("../../other/z.json", saves.root().join("given/com.foo/z.json")).unwrap();
        symlink("/", saves.root().join("given/machine")).unwrap();
        let archive = saves.open(&["given"]);
        assert_eq!(archive.entries.len(), 1);
        let told = |path: &str| {
            format!(
                "given/{path}: error link-outside: the symbolic link leads out of what was given, and is not followed \
                 (give what it points to as well, or follow all links by `--follow-links`)"
            )
        };
        assert_eq!(problems(&archive), ["com.foo/elsewhere", "com.foo/z.json", "machine"].map(told).join("\n"));
        // What is given as well is inside.
        let archive = saves.open(&["given/com.foo", "other"]);
        assert_eq!((archive.entries.len(), problems(&archive)), (3, String::new()));
        // Asked for, they are followed; by the way that needs no link where there is one.
        let root = saves.root().join("given/com.foo");
        let sources = Sources { follow_links: true, ..Sources::of_paths([root]) };
        let archive = Archive::open(&sources, &Rules::default());
        let mut paths: Vec<String> = archive.entries.iter().map(|entry| entry.path.clone()).collect();
        paths.sort();
        let expected = ["elsewhere/2026-01-02/y.json", "elsewhere/z.json", "x.json"];
        assert_eq!(relatives(&paths), expected.map(|path| format!("given/com.foo/{path}")));
    }

    #[test]
    fn what_only_a_link_shows_is_read_by_the_link() {
        let saves = Saves::new();
        saves.write("com.foo/.store/1/x.json", b"{}");
        symlink(".store/1", saves.root().join("com.foo/2026-01-02")).unwrap();
        symlink("1", saves.root().join("com.foo/.store/2")).unwrap();
        assert_eq!(listing(&saves.open(&["."])), "com.foo 2026-01-02 com.foo/2026-01-02/x.json");
    }

    #[test]
    fn hard_links_are_two_snapshots() {
        let saves = Saves::new();
        saves.write("foo/2026-01-01/x.json", b"{}");
        fs::create_dir(saves.root().join("foo/2026-01-02")).unwrap();
        fs::hard_link(saves.root().join("foo/2026-01-01/x.json"), saves.root().join("foo/2026-01-02/x.json")).unwrap();
        assert_eq!(saves.open(&["."]).entries.len(), 2);
    }

    #[test]
    fn a_socket_is_no_document() {
        let saves = Saves::new();
        let path = saves.root().join("socket.json");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let given = saves.open(&["socket.json"]);
        assert_eq!(given.problems[0].1.message, "it is neither a file nor a directory");
        assert_eq!(
            problems(&saves.open(&["."])),
            "socket.json: warning not-a-file: it is a pipe, a socket or a device by the name of a document, and is not opened \
             (save what comes out of it into a file)"
        );
    }
}

#[test]
fn without_any_date_the_day_is_that_of_the_file() {
    let saves = Saves::new();
    saves.write("com.foo/x.json", b"{}");
    let file = fs::File::options().write(true).open(saves.root().join("com.foo/x.json")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(20_780 * 86_400 + 5)).unwrap();
    let archive = saves.open(&["."]);
    assert_eq!(archive.entries[0].snapshot.value.to_string(), "2026-11-23");
    assert_eq!(archive.entries[0].snapshot.reason.to_string(), "modification time");
    assert_eq!(undated(&archive), 1);
}

#[test]
fn nothing_given_is_an_empty_archive() {
    let archive = Archive::open(&Sources::default(), &Rules::default());
    assert!(archive.entries.is_empty() && archive.by_app().is_empty() && archive.size() == 0);
}

#[test]
fn a_name_is_given_to_a_lone_app_and_to_none_of_several() {
    let saves = demo();
    let apps = |path: &str, app: &str| -> Vec<String> {
        let archive = saves.open_by(&[path], &Rules { app: Some(app.to_owned()), ..Rules::default() });
        archive.by_app().into_iter().map(|(app, _)| app.to_owned()).collect()
    };
    assert_eq!(apps("demo/com.foo", "mine"), ["mine"]);
    assert_eq!(apps("demo/com.foo", "com.foo"), ["com.foo"]);
    assert_eq!(apps("demo", "mine"), ["com.bar", "com.foo"]);
    assert_eq!(apps("demo", "com.foo"), ["com.bar", "com.foo"]);
}
