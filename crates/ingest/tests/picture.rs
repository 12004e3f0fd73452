//! The picture of the README is the one that its example draws.

#[expect(dead_code, reason = "an example has a `main`")]
#[path = "../examples/sample_picture.rs"]
mod sample_picture;

use perfpower_testkit::fixture;

#[test]
fn the_picture_of_the_readme_is_up_to_date() {
    let path = fixture("..").join(".github/apple-sample.svg");
    let drawn = sample_picture::picture(&fixture("documented/app-launch-metrics.json")).unwrap();
    assert!(drawn.contains("Apple +13") && drawn.contains(">1.2"), "Apple's claim and ours: {drawn}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(shipped == drawn, "{} is not up to date; run again with BLESS=1", path.display());
}
