//! What people see, whole: a change of a word shows in the diff of these files. `BLESS=1` rewrites them.

use crate::workdir::perfpower;
use perfpower_testkit::golden;

#[test]
fn results_on_the_demo() {
    for (line, name) in [
        ("report fixtures/demo", "report.txt"),
        ("report fixtures/demo --format markdown", "report.md"),
        ("report fixtures/demo --format csv", "report.csv"),
        ("audit fixtures/demo", "audit.txt"),
        ("inspect fixtures/demo", "inspect.txt"),
        ("compare fixtures/demo", "compare.txt"),
    ] {
        golden(name, perfpower(line).run().ends_with(0).quietly().stdout);
    }
}

#[test]
fn help() {
    let mut told = perfpower("--help").run().ends_with(0).quietly().stdout;
    // Whatever commands there are, the first help lists them.
    let commands = told.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap().to_owned();
    let commands = commands.lines().filter_map(|line| line.strip_prefix("  ").filter(|name| !name.starts_with(' ')));
    for command in commands.filter_map(|line| line.split_whitespace().next()) {
        let help = perfpower(&format!("{command} --help")).run().ends_with(0).quietly().stdout;
        told.push_str(&format!("\n──── perfpower {command} --help\n\n{help}"));
    }
    golden("help.txt", told);
}

#[test]
fn version() {
    let told = perfpower("--version").run().ends_with(0).quietly().stdout;
    assert_eq!(told.lines().next().unwrap(), concat!("perfpower ", env!("CARGO_PKG_VERSION")));
    assert!(told.contains(std::env::consts::ARCH), "what it was built for: {told}");
    for schema in ["perfpower.report/1", "perfpower.diagnostics/1", "perfpower.export/1"] {
        assert!(told.contains(schema), "which contracts it keeps: {told}");
    }
}
