//! Headers of HTTP in front of a body: `curl -i` and `curl -v`, `HTTPie`, a saved exchange.

use super::{Layer, Opened, Part, facts::Facts};
use crate::moment;
use perfpower_model::{Problem, Severity};

/// Lines that `curl -v` writes round a body, by their first bytes.
const OF_CURL: [&str; 6] = ["* ", "> ", "< ", "{ [", "} [", "  % Total"];

/// What the headers say of what follows.
#[derive(Default)]
struct Headers {
    facts: Facts,
    host: String,
    /// Of the last response.
    status: String,
    is_chunked: bool,
    coding: String,
}

/// The body behind one or more blocks of headers; `None` where there are none. An error where there is no body, or none that
/// can be read.
pub(super) fn open(bytes: &[u8]) -> Result<Option<Opened<'_>>, Problem> {
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let is_transcript = OF_CURL.iter().any(|start| bytes.starts_with(start.as_bytes()));
    if !is_transcript && !is_first_line(first_line(&bytes[start..])) {
        return Ok(None);
    }
    let mut headers = Headers::default();
    let at = if is_transcript { headers.transcript(bytes) } else { headers.blocks(bytes, start) };
    let Some(at) = at else { return Ok(None) };
    let body = &bytes[at..];
    if body.trim_ascii().is_empty() {
        let status = if headers.status.is_empty() { String::new() } else { format!(" ({})", headers.status) };
        let message = format!("HTTP headers without a body{status}");
        let hint = "the response had no body, or it was not saved: download it again";
        return Err(Problem::new(Severity::Error, "headers-without-body", message).with_hint(hint));
    }
    if matches!(&*headers.coding, "br" | "deflate") && !matches!(body.trim_ascii_start()[0], b'{' | b'[') {
        let message = format!("HTTP headers, and a body in the coding {:?}, which is not read", headers.coding);
        let hint = "have curl unpack it (`--compressed`), or ask for gzip";
        return Err(Problem::new(Severity::Error, "unknown-coding", message).with_hint(hint));
    }
    let part = match headers.is_chunked.then(|| joined_chunks(body)).flatten() {
        Some(joined) => Part::inside(Layer::HttpHeaders, joined, at),
        None => Part::inside(Layer::HttpHeaders, body, at),
    };
    Ok(Some(Opened::one(Part { facts: headers.facts, ..part })))
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == b'\n').next().unwrap_or_default()
}

/// Whether a line starts a response (`HTTP/2 200`) or a request (`GET /v1/apps HTTP/1.1`).
fn is_first_line(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    if line.starts_with(b"HTTP/") {
        return line.get(5).is_some_and(u8::is_ascii_digit);
    }
    let mut words = line.split(|&byte| byte == b' ');
    let method = words.next().unwrap_or_default();
    matches!(method, b"GET" | b"POST" | b"HEAD") && words.nth(1).is_some_and(|word| word.starts_with(b"HTTP/"))
}

impl Headers {
    /// Reads block after block (redirects, `100 Continue`, a request before its response); where the body starts.
    fn blocks(&mut self, bytes: &[u8], start: usize) -> Option<usize> {
        let mut at = start;
        while is_first_line(first_line(&bytes[at..])) {
            self.is_chunked = false;
            self.coding.clear();
            loop {
                let line = first_line(&bytes[at..]);
                at = (at + line.len() + 1).min(bytes.len());
                let line = std::str::from_utf8(line).ok()?.trim_end();
                if line.is_empty() {
                    break;
                }
                self.line(line);
                if at == bytes.len() {
                    break;
                }
            }
            let blank = bytes[at..].len() - bytes[at..].trim_ascii_start().len();
            if is_first_line(first_line(&bytes[at + blank..])) {
                at += blank;
            }
        }
        Some(at)
    }

    /// Reads what `curl -v` says up to the body.
    fn transcript(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            let line = first_line(&bytes[at..]);
            // A progress meter writes its lines over each other.
            let shown = line.rsplit(|&byte| byte == b'\r').find(|part| !part.is_empty()).unwrap_or_default();
            if matches!(shown.first(), Some(b'{' | b'['))
                && !OF_CURL.iter().any(|start| shown.starts_with(start.as_bytes()))
            {
                return Some(at + line.len() - (line.len() - position_of(line, shown)));
            }
            if let Ok(text) = std::str::from_utf8(line.trim_ascii_end())
                && let Some(header) = text.strip_prefix("> ").or_else(|| text.strip_prefix("< "))
            {
                self.line(header);
            }
            at += line.len() + 1;
        }
        None
    }

    /// One line of a block.
    fn line(&mut self, line: &str) {
        if is_first_line(line.as_bytes()) {
            let mut words = line.splitn(3, ' ');
            let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            if first.starts_with("HTTP/") {
                line.split_once(' ').map_or("", |(_, status)| status.trim()).clone_into(&mut self.status);
            } else {
                self.facts.url = Some(format!("{}{second}", self.host));
            }
            return;
        }
        let Some((name, value)) = line.split_once(':') else { return };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "date" => self.facts.day = moment::day(value).or(self.facts.day),
            "host" if self.host.is_empty() => {
                self.host = format!("https://{value}");
                if let Some(path) = self.facts.url.take_if(|url| url.starts_with('/')) {
                    self.facts.url = Some(format!("{}{path}", self.host));
                }
            }
            "transfer-encoding" => self.is_chunked = value.eq_ignore_ascii_case("chunked"),
            "content-encoding" => self.coding = value.to_ascii_lowercase(),
            _ => {}
        }
    }
}

/// Where a part of a slice starts in it.
fn position_of(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}

/// The body of `curl --raw`: sizes in base 16, each with its bytes. `None` where it is not that.
fn joined_chunks(body: &[u8]) -> Option<Vec<u8>> {
    let (mut joined, mut rest) = (Vec::new(), body);
    loop {
        let line = first_line(rest);
        let digits = std::str::from_utf8(line).ok()?.trim().split(';').next()?;
        let size = usize::from_str_radix(digits, 16).ok()?;
        rest = rest.get(line.len() + 1..)?;
        if size == 0 {
            return Some(joined);
        }
        joined.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?;
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
        if rest.is_empty() {
            return Some(joined);
        }
    }
}
