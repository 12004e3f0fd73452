//! The example runs, and says what is planted in the demo.

#[expect(dead_code, reason = "the example's own entry")]
#[path = "../examples/embed.rs"]
mod embed;

use embed::Engine;
use perfpower_analysis::Finding;
use perfpower_report::PageFormat;

#[test]
fn the_engine_needs_no_command_line() {
    let engine = Engine::read(&perfpower_testkit::fixture("demo"));
    let analysis = engine.judge();
    assert_eq!(engine.lost(), 0);
    assert!(analysis.findings.iter().any(Finding::is_open_regression));
    for (format, title) in [(PageFormat::Markdown, "#"), (PageFormat::Html, "<!DOCTYPE html>")] {
        let mut page = Vec::new();
        engine.write(&analysis, format, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(page.starts_with(title), "{page}");
        assert!(page.contains("com.example.larder"), "{page}");
    }
}
