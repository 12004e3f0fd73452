//! A session with the server, a line at a time. `.ci/readers/mcp` holds one with the client of the protocol's own library.

use crate::workdir::perfpower;
use serde_json::{Value, json};

/// The replies to some questions, each of a name and arguments of a tool; ids count from 1.
fn ask(archive: &str, questions: &[(&str, Value)]) -> Vec<Value> {
    let mut lines = vec![
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
    ];
    lines.extend(questions.iter().zip(1..).map(|((name, arguments), id)| {
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name, "arguments": arguments}})
    }));
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let input = lines.join("\n") + "\n";
    let run = perfpower(&format!("mcp {archive} --quiet")).input(input).run().ends_with(0).quietly();
    let mut replies = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(replies.next().unwrap()["result"]["serverInfo"]["name"], "perfpower");
    replies.collect()
}

fn text(reply: &Value) -> &str {
    reply["result"]["content"][0]["text"].as_str().unwrap()
}

#[test]
fn tools_say_what_the_commands_say() {
    let larder = "com.example.larder";
    let replies = ask(
        "fixtures/demo",
        &[
            ("list_findings", json!({"state": "all", "max_tokens": 8000})),
            ("explain_finding", json!({"id": "fb193c44c4894dc2"})),
            ("compare_versions", json!({"app": larder, "from": "3.11.1", "to": "4.0.0", "limit": 3})),
            (
                "frames_of_version",
                json!({"app": larder, "version": "4.0.0", "against": "3.11.1", "type": "launch", "limit": 5}),
            ),
        ],
    );
    assert!(replies.iter().all(|reply| reply["result"]["isError"] == false), "{replies:?}");
    assert_eq!(text(&replies[0]), perfpower("report fixtures/demo --brief --max-tokens 8000").run().stdout);
    let explained = perfpower("report fixtures/demo --explain fb193c44c4894dc2 --format markdown").run().stdout;
    let first = |text: &str| text.lines().take(20).collect::<Vec<_>>().join("\n");
    assert_eq!(first(text(&replies[1])), first(&explained));
    let compared =
        perfpower(&format!("compare fixtures/demo --app {larder} --from 3.11.1 --to 4.0.0 --top 3 --format markdown"));
    assert_eq!(first(text(&replies[2])), first(&compared.run().stdout));
    assert!(text(&replies[3]).contains("ShelfStore.rebuildThumbnails(for:)"), "{}", text(&replies[3]));
}

#[test]
fn a_list_goes_on_where_it_ended() {
    let replies = ask(
        "fixtures/demo",
        &[
            ("list_findings", json!({"state": "all", "max_tokens": 8000})),
            ("list_findings", json!({"state": "all", "max_tokens": 8000, "from_rank": 3})),
            ("list_findings", json!({})),
            ("list_findings", json!({"owner": "nobody"})),
        ],
    );
    let rows =
        |reply: &Value| serde_json::from_str::<Value>(text(reply)).unwrap()["findings"].as_array().unwrap().clone();
    let all = rows(&replies[0]);
    assert_eq!(rows(&replies[1]), all[2..]);
    assert!(rows(&replies[2]).iter().all(|row| row["state"] != "recovered") && rows(&replies[2]).len() == 2);
    assert!(rows(&replies[3]).is_empty(), "no team of that name");
}

#[test]
fn what_cannot_be_answered_is_told_in_words_and_the_session_goes_on() {
    let replies = ask(
        "fixtures/demo",
        &[
            ("explain_finding", json!({"id": "ffff"})),
            ("compare_versions", json!({"app": "Lardre"})),
            ("compare_versions", json!({"from": "4.0.0"})),
            ("frames_of_version", json!({"version": "4.0.0"})),
            ("frames_of_version", json!({"app": "com.example.larder", "version": "4.0.9"})),
            ("list_findings", json!({})),
        ],
    );
    let told: Vec<&str> = replies[..5].iter().map(text).collect();
    assert!(replies[..5].iter().all(|reply| reply["result"]["isError"] == true), "{told:?}");
    for (told, words) in told.iter().zip(["ffff", "Larder", "together", "several apps", "4.0.0"]) {
        assert!(told.contains(words), "no {words:?} in {told:?}");
    }
    assert_eq!(replies[5]["result"]["isError"], false);
    perfpower("mcp -").run().ends_with(2).says(&["give the archive as a path"]);
}
