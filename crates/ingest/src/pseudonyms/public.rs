//! What is everybody's, and stays: the closed lists behind [`super::Pseudonyms`].

use super::{split, words};
use perfpower_model::{Day, Kind};

/// Whether a whole text is of Apple's vocabulary, a device of Apple's, or made of numbers.
pub(super) fn is_word(text: &str) -> bool {
    is_device(text) || is_day(text) || split(text, char::is_alphanumeric).all(|part| is_sign(part) || is_known(part))
}

/// Whether a run of letters and digits is a number, a word of the lists, or the number of an operating system's build.
fn is_known(part: &str) -> bool {
    is_number(part) || is_apple(part) || is_system_build(part) || is_byte(part)
}

/// `0x1b`.
fn is_byte(part: &str) -> bool {
    part.strip_prefix("0x").is_some_and(|hex| hex.len() <= 2 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_apple(part: &str) -> bool {
    VOCABULARY.iter().any(|word| word.eq_ignore_ascii_case(part))
}

/// Digits that count or measure. Nine and more may be Apple's number of an app.
pub(super) fn is_number(part: &str) -> bool {
    part.len() < 9 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// `18F72`, `22B5054e`.
fn is_system_build(part: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(part);
    let Some(rest) =
        part.get(first..).filter(|rest| (1..=2).contains(&first) && rest.starts_with(|c: char| c.is_ascii_uppercase()))
    else {
        return false;
    };
    let second = digits(&rest[1..]);
    let behind = &rest[1 + second..];
    (1..=5).contains(&second) && behind.len() <= 1 && behind.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// What stands between words and says nothing.
pub(super) fn is_sign(part: &str) -> bool {
    part.chars().all(|c| (c.is_ascii() && !c.is_ascii_alphanumeric()) || "…–—→×·≤≥±²′″‑%µ°".contains(c))
}

fn is_day(text: &str) -> bool {
    Day::parse(text).is_some()
}

/// `iPhone12,1` and `all_iphones`, and how Apple sells them: `iPhone 13 Pro Max`, `iPad (9th generation)`.
pub(super) fn is_device(text: &str) -> bool {
    const FAMILIES: [&str; 9] =
        ["iPhone", "iPad", "iPod", "Watch", "AppleTV", "Mac", "MacBookPro", "RealityDevice", "AudioAccessory"];
    let model = |family: &&str| {
        let Some((major, minor)) = text.strip_prefix(family).and_then(|numbers| numbers.split_once([',', '_'])) else {
            return false;
        };
        let is_short =
            |number: &str| (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        is_short(major) && is_short(minor)
    };
    FAMILIES.iter().any(model)
}

/// Words that stand in versions.
pub(super) fn is_version_word(part: &str) -> bool {
    ["a", "alpha", "b", "beta", "build", "dev", "pre", "preview", "rc", "v", "version"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(part))
}

/// Whether a part of a path is a day, a number, or what everybody calls such a file: `xcodeMetrics.json.gz`, `page 2.json`.
pub(super) fn is_file_name(part: &str) -> bool {
    let stem = &part[..part.len() - ending(part).len()];
    is_day(stem)
        || split(stem, char::is_alphanumeric).all(|run| {
            is_sign(run)
                || is_number(run)
                || FILE_WORDS.iter().any(|word| word.eq_ignore_ascii_case(run))
                || Kind::ALL.iter().any(|kind| kind.as_str() == run)
        })
}

/// The known endings of a file's name, all of them together: `.json.gz`.
pub(super) fn ending(name: &str) -> &str {
    let mut start = name.len();
    while let Some((stem, last)) = name[..start].rsplit_once('.')
        && !stem.is_empty()
        && ENDINGS.contains(&last)
    {
        start = stem.len();
    }
    &name[start..]
}

/// Whether a binary is one of Apple's systems', whose name says nothing of an app.
pub(super) fn is_system_binary(text: &str) -> bool {
    SYSTEM_BINARIES.contains(&text)
}

/// Whether a function is one that every program has, or has no name.
pub(super) fn is_function(text: &str) -> bool {
    FUNCTIONS.contains(&text)
        || text.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a word of a sentence is this program's own, or of Apple's vocabulary.
pub(super) fn is_said(part: &str) -> bool {
    is_known(part) || words::is_own(part)
}

#[rustfmt::skip] // lists of words read in lines
const VOCABULARY: &[&str] = &[
    // categories and metrics
    "HANG", "LAUNCH", "MEMORY", "DISK", "BATTERY", "TERMINATION", "ANIMATION", "STORAGE", "hangRate", "hangTime", "launchTime",
    "peakMemory", "memoryAtSuspension", "averageMemory", "diskWrites", "batteryUsage", "allActivity", "scrollHitchRate",
    "animationGlitchRate", "hitchRate", "onScreen", "background", "hangs", "launches", "hitches", "terminations", "writes",
    // percentiles
    "com", "apple", "dt", "metrics", "percentile", "ten", "twentyFive", "fifty", "seventyFive", "ninety", "ninetyFive", "ninetyNine",
    "typical", "top", "p50", "p90", "p95", "p99",
    // platforms, systems and devices
    "iOS", "iPadOS", "macOS", "tvOS", "watchOS", "visionOS", "MAC", "OS", "TV", "WATCH", "VISION", "all", "iphones", "ipads", "macs",
    "watches", "visions", "tvs", "devices", "iPhone", "iPad", "iPod", "touch", "Apple", "Watch", "Vision", "Pro", "Max", "mini", "Plus", "Air",
    "SE", "XR", "XS", "X", "1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "generation", "inch", "M1", "M2", "M3", "M4",
    "12S", "16e", "arm64", "arm64e", "x86_64", "x86", "64", "Version", "Build",
    // goals and directions
    "good", "fair", "poor", "UP", "DOWN", "UNDEFINED", "regressions", "trendingUp",
    // units
    "ms", "s", "sec", "second", "seconds", "milliseconds", "minute", "minutes", "hour", "hours", "h", "min", "day", "days", "per", "percent",
    "count", "counts", "bytes", "kilobytes", "megabytes", "gigabytes", "B", "KB", "kB", "MB", "GB", "KiB", "MiB", "GiB", "mAh", "mWh", "W", "mW",
    // diagnostics, and sub-systems of Apple's own
    "DISKWRITES", "disk", "hang", "launch", "Total", "of", "cpu", "gpu", "networking", "network", "display", "location", "bluetooth",
    "camera", "audio", "accessories", "torch", "other", "system", "memory", "pressure", "limit", "abort", "watchdog", "illegal", "instruction", "badAccess",
    "access", "foreground", "application", "processing", "rendering", "idle", "none", "null", "true", "false",
];

#[rustfmt::skip] // a list of words reads in lines
const FILE_WORDS: &[&str] = &[
    "metrics", "metric", "perfPowerMetrics", "diagnosticSignature", "diagnosticLog", "logs", "log", "signatures", "signature", "overview",
    "insights", "page", "pages", "part", "build", "builds", "apps", "latest", "download", "downloads", "copy", "perfpower", "W", "v",
];

#[rustfmt::skip] // a list of words reads in lines
const ENDINGS: &[&str] = &[
    "json", "gz", "zst", "zip", "tar", "tgz", "har", "txt", "csv", "html", "md", "svg", "xml", "toml", "ndjson", "jsonl", "parquet", "arrow",
    "sarif", "pb", "bak", "xcmetricsdata", "log", "out", "js", "png", "pdf", "tmp", "part",
];

#[rustfmt::skip] // a list of names reads in lines
const SYSTEM_BINARIES: &[&str] = &[
    "UIKitCore", "UIKit", "Foundation", "CoreFoundation", "SwiftUI", "SwiftUICore", "Combine", "CoreData", "CoreGraphics", "CoreText", "CoreImage",
    "CoreAnimation", "QuartzCore", "CoreMedia", "CoreVideo", "CoreAudio", "CoreML", "CoreLocation", "CoreTelephony", "CoreServices",
    "CFNetwork", "Network", "WebKit", "JavaScriptCore", "WebCore", "AVFoundation", "AVFAudio", "AudioToolbox", "VideoToolbox", "MediaToolbox",
    "Metal", "MetalKit", "SceneKit", "SpriteKit", "ARKit", "RealityKit", "MapKit", "Contacts", "EventKit", "HealthKit", "HomeKit", "PhotosUI", "Photos",
    "StoreKit", "GameKit", "CloudKit", "UserNotifications", "BackgroundTasks", "Security", "LocalAuthentication", "GraphicsServices", "FrontBoardServices",
    "BoardServices", "BackBoardServices", "RunningBoardServices", "SpringBoardServices", "ImageIO", "Accelerate", "AttributeGraph", "IOKit", "IOSurface",
    "TextInput", "UIFoundation", "Intents", "WidgetKit", "PDFKit", "QuickLook", "Vision", "NaturalLanguage", "Speech", "SafariServices", "MessageUI",
    "AppKit", "HIToolbox", "libobjc.A.dylib", "libdispatch.dylib", "libsystem_kernel.dylib", "libsystem_pthread.dylib", "libsystem_malloc.dylib",
    "libsystem_c.dylib", "libsystem_platform.dylib", "libsystem_blocks.dylib", "libsystem_trace.dylib", "libsystem_notify.dylib", "libsystem_info.dylib",
    "libsystem_m.dylib", "libxpc.dylib", "libc++.1.dylib", "libc++abi.dylib", "libsqlite3.dylib", "libz.1.dylib", "libicucore.A.dylib",
    "libswiftCore.dylib", "libswiftDispatch.dylib", "libswiftFoundation.dylib", "libswift_Concurrency.dylib", "libcompression.dylib", "dyld", "dyld_sim",
    "libsystem_coreservices.dylib", "libsystem_networkextension.dylib", "libcache.dylib", "libcorecrypto.dylib", "libdyld.dylib", "libnetwork.dylib",
];

#[rustfmt::skip] // a list of names reads in lines
const FUNCTIONS: &[&str] = &[
    "main", "start", "_start", "_main", "UIApplicationMain", "NSApplicationMain", "thread_start", "start_wqthread", "_pthread_start",
    "_pthread_wqthread", "CFRunLoopRun", "CFRunLoopRunSpecific", "GSEventRunModal", "mach_msg_trap", "mach_msg", "mach_msg2_trap", "__CFRunLoopRun",
    "_dispatch_call_block_and_release", "_dispatch_client_callout", "_dispatch_main_queue_callback_4CF", "objc_msgSend", "(unknown)", "(blank)",
];
