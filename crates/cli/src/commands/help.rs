//! `perfpower help`: the guide, by topic, and the help of a command.

use crate::args::{Args, HelpArgs};
use crate::config::RULE_KEYS;
use crate::output::write_stdout;
use crate::{Exit, Failure};
use anyhow::anyhow;
use clap::CommandFactory;
use perfpower_statistics::{PARAMETERS, Parameters};
use std::fmt::Write as _;

/// The topics of the guide, with what each says.
const TOPICS: [(&str, &str); 12] = [
    ("start", include_str!("../guide/start.md")),
    ("tutorial", include_str!("../guide/tutorial.md")),
    ("downloads", include_str!("../guide/downloads.md")),
    ("layout", include_str!("../guide/layout.md")),
    ("card", include_str!("../guide/card.md")),
    ("nightly", include_str!("../guide/nightly.md")),
    ("gate", include_str!("../guide/gate.md")),
    ("agents", include_str!("../guide/agents.md")),
    ("settings", include_str!("../guide/settings.md")),
    ("redaction", include_str!("../guide/redaction.md")),
    ("glossary", include_str!("../guide/glossary.md")),
    ("faq", include_str!("../guide/faq.md")),
];

/// Writes a topic; without one, where to begin.
pub fn run(command: &HelpArgs) -> Result<Exit, Failure> {
    let wanted = command.topic.as_deref().unwrap_or("start");
    let mut program = Args::command();
    program.build();
    let text = match (TOPICS.iter().find(|(topic, _)| *topic == wanted), program.find_subcommand_mut(wanted)) {
        (Some(("settings", text)), _) => format!("{text}{}", reference()),
        (Some((_, text)), _) => (*text).to_owned(),
        (None, Some(known)) => known.render_long_help().to_string(),
        (None, None) => {
            let topics: Vec<&str> = TOPICS.iter().map(|(topic, _)| *topic).collect();
            return Err(Failure::usage(anyhow!(
                "there is no help on {wanted:?}; the topics are {}, and every command",
                topics.join(", ")
            )));
        }
    };
    write_stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Done)
}

/// What a rule may demand, and the numbers of the method: made from what reads them.
fn reference() -> String {
    let mut text = format!("\nA rule demands one of {}.\n", RULE_KEYS.map(|key| format!("`{key}`")).join(", "));
    text.push_str("\n| `[parameters]` | default | above | below |\n|---|---|---|---|\n");
    for (parameter, (name, default)) in PARAMETERS.iter().zip(Parameters::default().list()) {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| `{name}` | {default} | {} | {} |", parameter.above, parameter.below);
    }
    text.push_str(
        "\n`false_discovery_rate` (0.05) and `strict` (false) choose how claims are held down over the batch.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_settings_of_the_guide_are_settings() {
        let (_, text) = TOPICS.iter().find(|(topic, _)| *topic == "settings").unwrap();
        let (_, rest) = text.split_once("```toml\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        let config = Config::from_toml(example).unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!((config.rules.len(), config.waivers.len(), config.owners.rules.len()), (1, 1, 1));
    }

    #[test]
    fn every_parameter_and_every_demand_is_in_the_reference() {
        let text = reference();
        for (name, _) in Parameters::default().list() {
            assert!(text.contains(&format!("| `{name}` |")), "{name}");
        }
        assert!(text.contains("`no_regression`") && text.contains("`newest_within`"), "{text}");
    }

    #[test]
    fn the_start_names_every_topic() {
        for (topic, text) in TOPICS {
            assert!(text.starts_with("# "), "{topic}");
            assert!(topic == "start" || TOPICS[0].1.contains(&format!("perfpower help {topic}")), "{topic}");
        }
    }
}
