use super::*;
use perfpower_analysis::gate::{Budget, CountPer, Demand, GoalChoice, RegressionKind, RuleMode};
use perfpower_analysis::{FindingId, LevelGoal, Pattern, SeriesLevel, SeriesName};
use perfpower_stacks::{OwnerField, OwnerRule};

const WHOLE: &str = r#"
layout = "{app}/{snapshot}/{kind}.json"

[apps."com.example.mail"]
name = "Mail"
weight = 2.5
aliases = ["1234567890", "com.example.oldmail"]
releases = { "1.2" = 2026-03-01, "1.3" = "2026-04-02" }

[apps."com.example.maps"]

[parameters]
alpha = 0.01
margin_z = 1
strict = true

[metrics."LAUNCH/launchTime"]
weight = 2
higher_is_better = false
offset = 0.5

[percentiles]
weights = { 50 = 1, 90 = 1.5 }

[[owner]]
team = "Storage"
binary = "Mail"
file = "*/Storage/*"

[[rule]]
name = "launch"
app = "com.example.*"
metric = "LAUNCH/launchTime"
device = ["all_iphones", "all_ipads"]
percentile = [50, "p90"]
max = 700
unit = "ms"

[[rule]]
name = "goals"
goal = "good"
mode = "inform"

[[rule]]
name = "recommended"
goal = "recommended"

[[rule]]
name = "new"
no_regression = "open"
since = "1.2"

[[rule]]
name = "as good"
category = "HANG"
no_worse_than = "1.0"
percent = 5
strict = true

[[rule]]
name = "few"
max_open_regressions = 3
per = "archive"

[[waiver]]
rule = "launch"
device = "all_ipads"
reason = "new onboarding"
until = 2026-12-31

[[waiver]]
finding = "00000000000000ff"
reason = "measured wrongly"
until = "2027-01-31"
"#;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

#[test]
fn a_whole_file_says_everything() {
    let config = Config::from_toml(WHOLE).unwrap();
    assert_eq!(config.layout.as_deref(), Some("{app}/{snapshot}/{kind}.json"));
    let mail = &config.apps["com.example.mail"];
    assert_eq!((mail.name.as_deref(), mail.weight), (Some("Mail"), Some(2.5)));
    assert_eq!(mail.aliases, ["1234567890", "com.example.oldmail"]);
    assert_eq!(config.apps["com.example.maps"], AppConfig::default());
    assert_eq!(config.parameters.values, BTreeMap::from([("alpha", 0.01), ("margin_z", 1.0)]));
    assert_eq!(config.parameters.strict, Some(true));
    let launch = MetricOptions { weight: Some(2.0), higher_is_better: Some(false), offset: Some(0.5) };
    assert_eq!(config.metrics["LAUNCH/launchTime"], launch);
    assert_eq!(config.percentile_weights, BTreeMap::from([(50, 1.0), (90, 1.5)]));
    let patterns = [(OwnerField::Binary, "Mail"), (OwnerField::File, "*/Storage/*")];
    let patterns = patterns.map(|(field, pattern)| (field, pattern.to_owned())).to_vec();
    assert_eq!(config.owners.rules, [OwnerRule { owner: "Storage".to_owned(), patterns, fitting: None }]);

    let demands: Vec<_> = config.rules.iter().map(|rule| (rule.name.as_str(), rule.demand.clone())).collect();
    assert_eq!(
        demands,
        [
            ("launch", Demand::AtMost(Budget { bound: 700.0, unit: Some("ms".into()) })),
            ("goals", Demand::Goal(GoalChoice::Label("good".into()))),
            ("recommended", Demand::Goal(GoalChoice::Recommended)),
            ("new", Demand::NoRegression { kind: RegressionKind::Open, since: Some("1.2".into()) }),
            ("as good", Demand::NoWorseThan { version: "1.0".into(), percent: 5.0 }),
            ("few", Demand::MaxOpenRegressions { count: 3, per: CountPer::Archive }),
        ]
    );
    assert_eq!(config.rules[0].scope.apps, [Pattern::from("com.example.*")]);
    assert_eq!(config.rules[0].scope.percentiles, ["50", "p90"].map(Pattern::from));
    assert_eq!(config.rules[1].mode, RuleMode::Inform);
    assert!(config.rules[4].strict && !config.rules[0].strict);
    assert_eq!(config.waivers[0].rule.as_deref(), Some("launch"));
    assert_eq!(config.waivers[0].until, day("2026-12-31"));
    assert_eq!((config.waivers[1].finding, config.waivers[1].until), (Some(FindingId(255)), day("2027-01-31")));
}

#[test]
fn identities_and_releases_are_found_by_any_of_their_names() {
    let config = Config::from_toml(WHOLE).unwrap();
    assert_eq!(config.app_key("1234567890"), "com.example.mail");
    assert_eq!(config.app_key("com.example.mail"), "com.example.mail");
    assert_eq!(config.app_key("com.example.other"), "com.example.other");
    assert_eq!(config.release("com.example.mail", "1.2.0"), Some(day("2026-03-01")));
    assert_eq!(config.release("com.example.mail", "1.4"), None);
    assert_eq!(config.release("com.example.maps", "1.2"), None);
    let options = config.options();
    assert_eq!(options.app_name("com.example.mail"), "Mail");
    assert!(options.is_strict());
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(Config::from_toml("").unwrap(), Config::default());
}

/// All messages of a text, one fault a line.
#[track_caller]
fn check(text: &str, expected: &str) {
    let faults = Config::from_toml(text).unwrap_err();
    let found: Vec<_> = faults.iter().map(ToString::to_string).collect();
    let found = found.join("\n");
    assert!(found == expected.trim(), "--- expected\n{}\n--- found\n{found}", expected.trim());
}

#[test]
fn an_unknown_key_is_answered_with_the_nearest_known_one() {
    check("layuot = \"x\"", "1:1: unknown key `layuot`, did you mean `layout`?");
    check(
        "[[rule]]\nname = \"a\"\nmetric = \"launchTime\"\nmax = 1\nstrikt = true\n",
        "5:1: unknown key `strikt`, did you mean `strict`?",
    );
    check("[apps.a]\nwheight = 1", "2:1: unknown key `wheight`, did you mean `weight`?");
    check("[parameters]\nalfa = 1", "2:1: unknown key `alfa`, did you mean `alpha`?");
    check("[percentiles]\nquux = 1", "2:1: unknown key `quux`\n  help: known here: `weights`");
}

#[test]
fn every_fault_of_a_file_is_told_in_the_order_of_its_places() {
    check(
        r#"layout = 7
[apps."a"]
weight = -1
aliases = ["b"]
[apps."b"]
[apps."c"]
weight = "two"
releases = { "1.0" = "soon", "2.0" = 2026-01-01, "2" = 2026-01-02 }
[parameters]
alpha = 1.5
power = 0.4
min_change = nan
[metrics."launchTime"]
offset = 0
[percentiles.weights]
101 = 1
[[owner]]
team = "Storage"
"#,
        r#"
1:10: `layout`: expected a text, found 7
2:1: the alias `b` already means the app `b`
  help: an identity belongs to one app
3:10: `weight`: expected a weight from 0, found -1
7:10: `weight`: expected a weight from 0, found the text `two`
8:22: `1.0`: expected a day such as 2026-03-01, found the text `soon`
8:50: `2.0` and `2` are the same version
  help: keep one of them
10:9: `alpha`: expected a number above 0 and below 1, found 1.5
11:9: `power`: expected a number above 0.5 and below 1, found 0.4
12:14: `min_change`: expected a number above 0 and below 1, found nan
13:10: a metric is named `CATEGORY/identifier`, found `launchTime`
  help: write such as `[metrics."LAUNCH/launchTime"]`
14:10: `offset`: expected a number above 0, found 0
16:1: expected a percentile from 0 to 100, found `101`
  help: write such as `weights = { 50 = 1, 90 = 2 }`
17:1: an owner needs a pattern, found none
  help: give at least one of `pattern`, `binary`, `symbol` and `file`
"#,
    );
}

#[test]
fn a_rule_says_one_thing_and_has_a_name() {
    check(
        r#"[[rule]]
max = 5
[[rule]]
name = "a"
[[rule]]
name = "a"
goal = "good"
min = 1
[[rule]]
name = "b"
max = 5
[[rule]]
name = "c"
no_worse_than = "1.0"
[[rule]]
name = "d"
no_regression = "newest"
[[rule]]
name = "e"
max_open_regressions = -1
mode = "Gate"
app = []
[rule.unknown]
"#,
        r#"
1:1: `max` needs `metric`: a number means something in one unit only
  help: add such as `metric = "LAUNCH/launchTime"`
1:1: a rule needs `name`
  help: give it one that is unique, such as "launch budget"
3:1: a rule needs one demand, found none
  help: give exactly one of `max`, `min`, `goal`, `no_regression`, `no_worse_than`, `max_open_regressions`, `newest_within`, `has_version`
5:1: a rule needs one demand, found `min` and `goal`
  help: give exactly one of `max`, `min`, `goal`, `no_regression`, `no_worse_than`, `max_open_regressions`, `newest_within`, `has_version`
9:1: `max` needs `metric`: a number means something in one unit only
  help: add such as `metric = "LAUNCH/launchTime"`
12:1: `no_worse_than` needs `percent`: how much worse is still allowed
  help: add such as `percent = 5`
17:17: `no_regression`: expected `latest`, `open`, `any` or `new`, found `newest`, did you mean `new`?
20:24: `max_open_regressions`: expected a whole number from 0, found -1
21:8: `mode`: expected `gate` or `inform`, found `Gate`, did you mean `gate`?
22:7: `app`: expected at least one text, found an empty list
  help: leave `app` out to mean all
23:7: unknown key `unknown`
  help: known here: `app`, `category`, `device`, `goal`, `has_version`, `max`, `max_open_regressions`, `metric`, `min`, `mode`, `name`, `newest_within`, `no_regression`, `no_worse_than`, `per`, `percentile`, `platform`, `strict`
"#,
    );
}

#[test]
fn strict_needs_a_bound_to_be_strict_about() {
    check(
        "[[rule]]\nname = \"a\"\nno_regression = \"any\"\nstrict = true",
        r"
1:1: `strict` does not go with `no_regression`: a regression is a matter of evidence
  help: leave `strict` out
",
    );
}

#[test]
fn a_demand_is_read_as_what_its_key_says() {
    let samples = [
        ("max", "max = 1\nmetric = \"launchTime\""),
        ("min", "min = 1\nmetric = \"launchTime\""),
        ("goal", "goal = \"good\""),
        ("no_regression", "no_regression = \"open\""),
        ("no_worse_than", "no_worse_than = \"1.0\"\npercent = 5"),
        ("max_open_regressions", "max_open_regressions = 0"),
        ("newest_within", "newest_within = \"2 weeks\""),
        ("has_version", "has_version = \"4.2\""),
    ];
    assert_eq!(samples.map(|(key, _)| key), rules::DEMANDS.each_ref().map(|kind| kind.key));
    for (key, sample) in samples {
        let config = Config::from_toml(&format!("[[rule]]\nname = \"a\"\n{sample}")).unwrap();
        assert_eq!(config.rules[0].demand.as_str(), key);
    }
}

#[test]
fn freshness_is_a_number_of_days_or_weeks() {
    let read = |text: &str| Config::from_toml(&format!("[[rule]]\nname = \"a\"\nnewest_within = \"{text}\""));
    for (text, days) in [("1 day", 1), ("14 days", 14), ("14days", 14), ("2 weeks", 14)] {
        assert_eq!(read(text).unwrap().rules[0].demand, Demand::NewestWithin { days }, "{text}");
    }
    for text in ["14", "days", "-1 days", "1.5 days", "14 hours", "99999999999 days", "999999999 weeks"] {
        assert!(read(text).unwrap_err()[0].message.contains("expected a number of days or weeks"), "{text}");
    }
}

#[test]
fn two_rules_cannot_share_a_name() {
    check(
        "[[rule]]\nname = \"a\"\ngoal = \"good\"\n[[rule]]\nname = \"a\"\ngoal = \"fair\"",
        "5:8: two rules are named `a`\n  help: names are unique",
    );
}

#[test]
fn a_waiver_has_a_rule_that_exists_a_reason_and_an_end() {
    check(
        r#"[[rule]]
name = "launch budget"
goal = "good"
[[waiver]]
rule = "lanch budget"
[[waiver]]
rule = "launch budget"
reason = ""
until = 12:00:00
finding = "xyz"
"#,
        r"
4:1: a waiver needs `reason`
  help: say why the breach is accepted
4:1: a waiver needs `until`
  help: give its last day, such as `until = 2026-12-31`
5:8: no rule is named `lanch budget`, did you mean `launch budget`?
8:10: `reason`: expected a text, found an empty text
9:9: `until`: expected a day such as 2026-03-01, found the time 12:00:00
10:11: `finding`: expected 16 hexadecimal digits, found the text `xyz`
  help: copy the id from `perfpower check` or `perfpower report`
",
    );
}

#[test]
fn a_table_where_a_list_is_meant_is_told_how() {
    check(
        "[rule]\nname = \"a\"",
        "1:1: `rule`: expected a list of tables, found a table\n  help: write `[[rule]]`, with two brackets",
    );
}

#[test]
fn broken_toml_keeps_its_place_and_hostile_text_stays_harmless() {
    let faults = Config::from_toml("layout = \"a\nb\"").unwrap_err();
    assert_eq!(faults[0].line, 1);
    assert!(faults[0].message.starts_with("not TOML: "), "{}", faults[0].message);
    check(
        "\"\\u001b[31m\" = 1",
        "1:1: unknown key `\\u{1b}[31m`\n  help: known here: `apps`, `layout`, `metrics`, `owner`, `parameters`, `percentiles`, `rule`, `waiver`",
    );
}

#[test]
fn settings_are_found_here_or_above_up_to_the_root_of_the_repository() {
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| root.path().join(path);
    std::fs::create_dir_all(at("repo/.git")).unwrap();
    std::fs::create_dir_all(at("repo/deep/er")).unwrap();
    let found = |current: &str| Config::discover(&at(current)).unwrap().path;
    std::fs::write(at(FILE_NAME), "").unwrap();
    assert_eq!(found("repo/deep/er"), None);
    std::fs::write(at("repo/perfpower.toml"), "").unwrap();
    assert_eq!(found("repo/deep/er"), Some("../../perfpower.toml".into()));
}

#[test]
fn an_archive_names_its_apps_and_sets_no_rule() {
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| root.path().join(path);
    std::fs::create_dir_all(at("one")).unwrap();
    let brought = "layout = \"{app}/{snapshot}/{kind}.json\"\n\
        [apps.a]\nname = \"A\"\nweight = 9\n\
        [apps.b]\nname = \"Theirs\"\naliases = [\"ours\"]\n\
        [parameters]\nmin_change = 0.5\n\
        [[rule]]\nname = \"r\"\nno_regression = \"open\"\n\
        [[waiver]]\nrule = \"r\"\nreason = \"x\"\nuntil = 2030-01-01\n";
    std::fs::write(at("one/perfpower.toml"), brought).unwrap();
    let mut config = Config::from_toml("[apps.ours]\nname = \"Ours\"").unwrap();
    // A file of the archive stands for its directory, and the same directory twice is one.
    let own = config.with_own_settings(&[at("one/a.json"), at("one")]);
    assert_eq!(config.layout.as_deref(), Some("{app}/{snapshot}/{kind}.json"));
    assert_eq!(config.apps["a"], AppConfig { name: Some("A".to_owned()), ..AppConfig::default() });
    // Their `b` would take our app by an alias.
    assert!(!config.apps.contains_key("b"));
    assert_eq!((config.rules.len(), config.waivers.len()), (0, 0));
    assert_eq!(config.parameters, ParametersConfig::default());
    assert_eq!(own.used, [at("one/perfpower.toml")]);
    let told: Vec<String> = own.problems.iter().map(|told| told.problem.message.clone()).collect();
    assert_eq!(
        told,
        [
            "the archive's own settings hold weights of apps, `parameters`, `rule`, `waiver`, which an archive may not say of \
         itself: they are not followed"
        ]
    );
}

#[test]
fn faulty_settings_of_an_archive_stop_nothing() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join(FILE_NAME), "layuot = 1").unwrap();
    let mut config = Config::default();
    let own = config.with_own_settings(&[root.path().to_owned()]);
    assert_eq!(config, Config::default());
    assert!(own.problems[0].problem.message.contains("unknown key `layuot`"), "{own:?}");
}

#[test]
fn a_file_of_any_size_is_not_read() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join(FILE_NAME);
    std::fs::write(&path, vec![b'#'; super::MAX_BYTES as usize + 1]).unwrap();
    let error = Config::load(&path).unwrap_err().to_string();
    assert!(error.ends_with("larger than 4 MB: expected settings of a team, not data"), "{error}");
}

#[test]
fn a_faulty_file_names_itself_in_each_line() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join(FILE_NAME);
    std::fs::write(&path, "layuot = 1\n[apps.a]\nnam = 1").unwrap();
    let error = Config::load(&path).unwrap_err().to_string();
    let path = path.display();
    assert_eq!(
        error,
        format!(
            "{path}:1:1: unknown key `layuot`, did you mean `layout`?\n{path}:3:1: unknown key `nam`, did you mean `name`?"
        )
    );
    let absent = root.path().join("absent.toml");
    assert_eq!(Config::load(&absent).unwrap_err().to_string(), format!("{}: cannot be read", absent.display()));
}

fn level(app: &str, device: &str, level: f64, ci: [f64; 2], higher_is_better: bool) -> SeriesLevel {
    SeriesLevel {
        unusable: None,
        series: SeriesName {
            app: app.into(),
            platform: "iOS".into(),
            category: "LAUNCH".into(),
            metric: "launchTime".into(),
            device: device.into(),
            percentile_label: "percentile.ninety".into(),
            names_platform: false,
        },
        percentile: Some(90.0),
        unit_label: Some("ms".into()),
        higher_is_better,
        version: "1.2".into(),
        value: level,
        level,
        ci,
        points: 6,
        judged: true,
        detectable_percent: None,
        holds: Vec::new(),
        newest_day: Day::from_days(0),
        earlier: Vec::new(),
        goals: vec![LevelGoal { label: "good".into(), lower: None, upper: Some(400.0) }],
        recommended: None,
    }
}

#[test]
fn the_first_configuration_reads_back_and_passes_today() {
    let levels = [
        level("a \"b\"\u{1}", "all_iphones", 812.3, [790.0, 834.6], false),
        level("a \"b\"\u{1}", "all_ipads", 0.0321, [0.0312, 0.033], true),
        level("a \"b\"\u{1}", "iPhone12,1", 900.0, [800.0, 1000.0], false),
        level("d", "all_ipads", f64::NAN, [f64::NAN; 2], false),
    ];
    let apps = [("a \"b\"\u{1}".to_owned(), "B".to_owned()), ("c".to_owned(), "C".to_owned())];
    let text = render_initial(&Initial { apps: &apps, levels: &levels, open: &[], slack_percent: 10.0 });
    let config = Config::from_toml(&text).unwrap();
    assert_eq!(config.apps["a \"b\"\u{1}"].name.as_deref(), Some("B"));
    let budgets: Vec<_> = config.rules.iter().map(|rule| (rule.name.as_str(), rule.demand.clone())).skip(3).collect();
    // 834.6 × 1.1 = 918.06, up to three digits; 0.0312 / 1.1 = 0.028363…, down.
    assert_eq!(
        budgets,
        [
            (
                "a \"b\"\u{1} iOS LAUNCH/launchTime all_iphones p90",
                Demand::AtMost(Budget { bound: 919.0, unit: Some("ms".into()) })
            ),
            (
                "a \"b\"\u{1} iOS LAUNCH/launchTime all_ipads p90",
                Demand::AtLeast(Budget { bound: 0.0283, unit: Some("ms".into()) })
            ),
        ]
    );
    assert!(config.rules[3].scope.series(&levels[0].series));
    assert!(text.contains("max = 919  # 812.3 in 1.2\n"), "{text}");
}

#[test]
fn many_apps_are_held_by_one_budget_a_metric_and_fit_on_a_page() {
    let key = |app: usize| format!("com.example.app{app:03}");
    let apps: Vec<(String, String)> = (0..300).map(|app| (key(app), format!("App {app}"))).collect();
    let levels: Vec<SeriesLevel> = (0..300)
        .flat_map(|app| {
            let value = 500.0 + app as f64;
            ["all_iphones", "all_ipads"]
                .map(|device| level(&key(app), device, value, [value - 9.0, value + 9.0], false))
        })
        .collect();
    let text = render_initial(&Initial { apps: &apps, levels: &levels, open: &[], slack_percent: 10.0 });
    assert!(text.lines().count() < 110, "{} lines:\n{text}", text.lines().count());
    let config = Config::from_toml(&text).unwrap();
    // (799 + 9) × 1.1 = 888.8, up.
    let budget = config.rules.iter().find(|rule| rule.name == "iOS LAUNCH/launchTime p90").unwrap();
    assert_eq!(budget.demand, Demand::AtMost(Budget { bound: 889.0, unit: Some("ms".into()) }));
    assert!(levels.iter().all(|level| budget.scope.series(&level.series)), "it holds all of them");
    assert!(text.contains("# App 299, 799 in 1.2\n") && text.contains("# 300 apps are judged"), "{text}");
}

#[test]
fn the_examples_in_comments_of_the_first_configuration_are_valid_too() {
    let text =
        render_initial(&Initial { apps: &[("a".into(), "A".into())], levels: &[], open: &[], slack_percent: 5.0 });
    // Lines that look like TOML once the mark is gone.
    let uncommented: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with('[')
                    || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains([' ', '`'])) =>
            {
                rest
            }
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n");
    let config = Config::from_toml(&uncommented).unwrap();
    assert_eq!(config.rules.len(), 6);
    assert_eq!(config.waivers.len(), 1);
    assert!(config.layout.is_some());
}

/// One file sets every parameter to a value inside its range, each of them different from its default.
#[test]
fn every_parameter_of_the_statistics_can_be_set() {
    use perfpower_statistics::{PARAMETERS, Parameter, Parameters};
    let mut text = String::from("[parameters]\n");
    for Parameter { name, above, below, .. } in PARAMETERS {
        text.push_str(&format!("{name} = {}\n", above + 0.37 * (below.min(2.0) - above)));
    }
    let config = Config::from_toml(&text).unwrap();
    let mut parameters = Parameters::default();
    config.parameters.apply(&mut parameters);
    assert_eq!(parameters.check(), Ok(()));
    // Through the debug text, so that a field that is added to the statistics and not to the table is seen here.
    let fields = |parameters: &Parameters| -> Vec<String> {
        format!("{parameters:#?}").lines().filter(|line| line.contains(": ")).map(str::to_owned).collect()
    };
    let (set, default) = (fields(&parameters), fields(&Parameters::default()));
    assert_eq!(set.len(), PARAMETERS.len());
    for (set, default) in set.iter().zip(&default) {
        assert_ne!(set, default);
    }
}

#[test]
fn the_ranges_of_the_parameters_are_those_of_the_statistics() {
    use perfpower_statistics::{PARAMETERS, Parameter, Parameters};
    for Parameter { name, above, below, field, .. } in PARAMETERS {
        for value in [above, below] {
            let mut parameters = Parameters::default();
            *field(&mut parameters) = value;
            let error = parameters.check().expect_err(name);
            assert_eq!((error.name, error.above, error.below), (name, above, below));
        }
    }
}

/// Files of some megabytes, the most that is read. What asked every line about every other one took minutes for each of them.
#[test]
fn a_file_at_its_limit_is_read_in_a_moment() {
    const LINES: usize = 8_000;
    let lines = |line: &dyn Fn(usize) -> String| (0..LINES).map(line).collect::<String>();
    let releases = lines(&|at| format!("\"1.{at}\" = \"2026-01-01\"\n"));
    let rules = lines(&|at| format!("[[rule]]\nname = \"{at}\"\nmetric = \"launchTime\"\nmax = 1\n"));
    let waivers = lines(&|at| format!("[[waiver]]\nrule = \"x{at}\"\nreason = \"r\"\nuntil = 2027-01-01\n"));
    let started = std::time::Instant::now();
    let config = Config::from_toml(&format!("[apps.a.releases]\n{releases}{rules}")).unwrap();
    assert_eq!((config.apps["a"].releases.len(), config.rules.len()), (LINES, LINES));
    let unknown = lines(&|at| format!("unknown{at} = 1\n"));
    let faulty = |text: &str| Config::from_toml(text).unwrap_err();
    let faults = faulty(&unknown);
    assert_eq!((faults.len(), faults[LINES - 1].line), (LINES, LINES));
    assert_eq!(faulty(&format!("[[rule]]\nname = \"r\"\nmetric = \"launchTime\"\nmax = 1\n{waivers}")).len(), LINES);
    let same = releases.replace("\"1.", "\"1.0000000");
    assert_eq!(faulty(&format!("[apps.a.releases]\n{releases}{same}")).len(), LINES);
    let told = ConfigError::Faulty { path: "x.toml".into(), faults }.to_string();
    assert!(told.lines().count() <= 201 && told.ends_with("x.toml: … and 7900 more faults"), "{told}");
    // In one line each fault would be looked for from the start of the text.
    let in_a_line = format!("a = [{}]\n", "1,".repeat(LINES));
    assert_eq!(faulty(&in_a_line).len(), 1);
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}
