//! A finding has one number, one headline figure and one set of words, whichever form it is read in.

use crate::workdir::perfpower;

/// One line of words: breaks, marks of Markdown and of HTML, and what typography changes are taken out.
fn words(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_tag = false;
    for (at, c) in text.char_indices() {
        match c {
            '<' if text[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '/') => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                plain.push(' ');
            }
            _ if is_tag => {}
            '\u{a0}' | '\u{202f}' => plain.push(' '),
            '−' => plain.push('-'),
            '\\' | '`' | '*' => {}
            other => plain.push(other),
        }
    }
    let plain = plain.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&").replace("&#x27;", "'");
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[test]
fn a_finding_is_the_same_in_every_form() {
    let read = |arguments: &str| perfpower(&format!("report fixtures/demo {arguments}")).run().ends_with(0);
    let json = read("--format json").json();
    let names = |app: &str| {
        let apps = json["apps"].as_array().unwrap();
        apps.iter().find(|known| known["app"] == app).unwrap()["name"].as_str().unwrap().to_owned()
    };
    let text = words(&read("--format text").stdout);
    let markdown = words(&read("--format markdown").stdout);
    let page = read("--format html").stdout;
    let brief = read("--brief --max-tokens 100000").json();
    let findings: Vec<_> = json["findings"].as_array().unwrap().iter().filter(|own| !own["rank"].is_null()).collect();
    assert!(findings.len() >= 3, "the demo has findings");
    assert_eq!(brief["findings"].as_array().unwrap().len(), findings.len());
    for (at, finding) in findings.into_iter().enumerate() {
        let of = |key: &str| finding[key].as_str().unwrap().to_owned();
        assert_eq!(finding["rank"], at + 1, "ranks are those of the list");
        let (headline, sentence) = (words(&of("headline")), words(&of("text")));
        let name = words(&names(&of("app")));
        for (form, said) in [("text", &text), ("markdown", &markdown)] {
            // The card starts with its number and its app, and has its figure and its sentence.
            let card = said.find(&sentence).unwrap_or_else(|| panic!("{form} does not say {sentence:?}:\n{said}"));
            let head = &said[..card];
            let start =
                head.rfind(&format!("{} {name} ·", at + 1)).or_else(|| head.rfind(&format!("{}. {name} ·", at + 1)));
            let start = start.unwrap_or_else(|| panic!("{form} has no card {} of {name}:\n{said}", at + 1));
            assert!(
                head[start..].contains(&headline),
                "{form}, card {}: no {headline:?} in {:?}",
                at + 1,
                &head[start..]
            );
        }
        let card = page.find(&format!("id=\"finding-{}\"", of("id"))).expect("a card");
        let card = words(&page[card..card + page[card..].find("</article>").unwrap()]);
        for wanted in [&format!("{} {name}", at + 1), &headline, &sentence] {
            assert!(card.contains(wanted.as_str()), "html, card {}: no {wanted:?} in {card}", at + 1);
        }
        let row = &brief["findings"][at];
        for key in ["id", "rank", "headline", "text", "version", "state"] {
            assert_eq!(row[key], finding[key], "brief, {key}");
        }
    }
}
