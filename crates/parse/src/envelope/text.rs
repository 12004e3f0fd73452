//! Texts that hold a document and are none: guards and callbacks of scripts, blocks of code, event streams, printed bytes.

use super::{Layer, Opened, Part, json};

/// What is put before a body so that a script cannot run it.
const GUARDS: [&str; 6] = [")]}',", ")]}'", "while(1);", "for(;;);", "throw 1;", "{}&&"];

/// What is inside of a text that is not JSON.
pub(super) fn open(text: &str) -> Option<Opened<'_>> {
    let part = guarded(text).or_else(|| callback(text)).or_else(|| python_bytes(text)).or_else(|| code_fence(text));
    part.map(Opened::one).or_else(|| events(text))
}

/// The same of a text that starts like JSON.
pub(super) fn open_broken(text: &str) -> Option<Opened<'_>> {
    guarded(text).map(Opened::one)
}

fn guarded(text: &str) -> Option<Part<'_>> {
    let start = text.trim_start();
    let rest = GUARDS.iter().find_map(|guard| start.strip_prefix(guard))?;
    Some(Part::inside(Layer::Script, rest.as_bytes(), text.len() - rest.len()))
}

/// `name({…});`, also with a comment in front.
fn callback(text: &str) -> Option<Part<'_>> {
    let start = text.trim_start();
    let start = start.strip_prefix("/**/").unwrap_or(start).trim_start();
    let (name, rest) = start.split_once('(')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$.".contains(&byte));
    let inside = rest.trim_end().trim_end_matches(';').trim_end().strip_suffix(')')?;
    let offset = text.len() - rest.len();
    (is_name && inside.trim_start().starts_with(['{', '[']))
        .then(|| Part::inside(Layer::Script, inside.as_bytes(), offset))
}

/// `b'{…}'`, as Python prints the content of a response.
fn python_bytes(text: &str) -> Option<Part<'_>> {
    let start = text.trim();
    let quoted = start.strip_prefix('b')?;
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inside = quoted[1..].strip_suffix(quote)?;
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = &rest[at + 1..];
        let (byte, length) = match escape.as_bytes().first()? {
            b'n' => (b'\n', 1),
            b'r' => (b'\r', 1),
            b't' => (b'\t', 1),
            b'x' => (u8::from_str_radix(escape.get(1..3)?, 16).ok()?, 3),
            &same @ (b'\\' | b'\'' | b'"') => (same, 1),
            _ => return None,
        };
        bytes.push(byte);
        rest = &escape[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(Part::inside(Layer::PythonBytes, bytes, 0))
}

/// The first block of code that may hold a document.
fn code_fence(text: &str) -> Option<Part<'_>> {
    const FENCE: &str = "```";
    let mut blocks = text.split(FENCE);
    let mut offset = blocks.next()?.len() + FENCE.len();
    loop {
        let block = blocks.next()?;
        // The word after the fence names the language.
        let word = block.len() - block.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
        let inside = &block[word..];
        if json::may_hold_a_body(inside) {
            return Some(Part::inside(Layer::CodeFence, inside.as_bytes(), offset + word));
        }
        offset += block.len() + FENCE.len() + blocks.next()?.len() + FENCE.len();
    }
}

/// Messages of an event stream (HTML, "server-sent events"): the `data:` lines up to each empty one.
fn events(text: &str) -> Option<Opened<'_>> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    if !["event:", "data:", "id:", "retry:", ":"].iter().any(|field| first.starts_with(field)) {
        return None;
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    let (mut message, mut at) = (None::<(usize, String)>, 0);
    for line in text.split_inclusive('\n').chain(["\n"]) {
        let content = line.trim_end_matches(['\r', '\n']);
        if let Some(data) = content.strip_prefix("data:") {
            let (_, message) = message.get_or_insert((at, String::new()));
            message.push_str(data.strip_prefix(' ').unwrap_or(data));
            message.push('\n');
        } else if content.is_empty()
            && let Some((start, data)) = message.take()
            && json::may_hold_a_body(&data)
        {
            let part = Part::inside(Layer::Event, data.into_bytes(), start);
            parts.push(Part { is_meant: false, ..part });
        }
        at += line.len();
    }
    (!parts.is_empty()).then_some(Opened { parts, remark: None })
}
