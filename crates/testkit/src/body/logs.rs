//! `diagnosticLogs`: call stacks with what is known of each event.
//!
//! Frames are a flat list with depths, so that a stack of any depth is built, written and dropped without recursion.

use crate::json::{JsonWriter, Style};

/// A whole body.
#[derive(Clone, Debug, Default)]
pub struct LogsBody {
    /// One per signature.
    pub signatures: Vec<SignatureLogs>,
}

/// The logs of one signature.
#[derive(Clone, Debug)]
pub struct SignatureLogs {
    /// Id, as in the page of signatures.
    pub signature_id: String,
    /// Apple's advice.
    pub advice: Vec<Advice>,
    /// The logs.
    pub logs: Vec<Log>,
}

/// Apple's advice for a signature.
#[derive(Clone, Debug)]
pub struct Advice {
    /// Such as `SQLiteSpill`.
    pub category: String,
    /// What to do.
    pub text: String,
    /// Where it is explained.
    pub url: String,
}

/// One device's report.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What is said of the event.
    pub metadata: LogMetadata,
    /// Whether each root is the stack of one thread.
    pub per_thread: bool,
    /// Frames in document order, a parent before its children; depth 0 starts a new call stack.
    pub frames: Vec<Frame>,
}

/// What is said of an event; an empty text is left out.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each is Apple's field of the same name")]
pub struct LogMetadata {
    pub bundle_id: String,
    pub app_version: String,
    pub build_version: String,
    pub os_version: String,
    pub device_type: String,
    pub platform_architecture: String,
    pub event: String,
    pub event_detail: String,
    pub writes_caused: String,
}

/// A frame of a stack.
#[derive(Clone, Debug)]
pub struct Frame {
    /// 0 for a root; at most one more than that of the frame before it.
    pub depth: usize,
    /// Samples, those of its children included.
    pub samples: u64,
    /// Where it is.
    pub place: Place,
}

/// A place in code.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Function; empty = not symbolicated.
    pub symbol: String,
    /// Such as `UIKitCore`.
    pub binary: String,
    /// Build id of the binary.
    pub binary_uuid: String,
    /// Source file; empty = unknown.
    pub file: String,
    /// 1-based line; 0 = unknown.
    pub line: u32,
    /// Offset into the function; into the text segment where there is no symbol.
    pub offset: u64,
    /// Load address.
    pub address: u64,
    /// Whether the app is held responsible.
    pub is_blame: bool,
    /// Apple's category of a culprit frame; empty = none.
    pub advice_category: String,
}

impl LogsBody {
    /// The JSON text.
    pub fn to_json(&self, style: Style) -> String {
        let mut json = JsonWriter::new(style);
        json.begin_object();
        json.string_at("version", "1.0.0");
        json.objects_at("productData", &self.signatures, |json, signature| {
            json.string_at("signatureId", &signature.signature_id);
            json.objects_at("diagnosticInsights", &signature.advice, |json, advice| {
                json.string_at("insightsCategory", &advice.category);
                json.string_at("insightsString", &advice.text);
                json.string_at("insightsURL", &advice.url);
            });
            json.objects_at("diagnosticLogs", &signature.logs, |json, log| log.write(json));
        });
        json.end_object();
        json.finish()
    }
}

impl Log {
    fn write(&self, json: &mut JsonWriter) {
        json.object_at("diagnosticMetaData", |json| self.metadata.write(json));
        json.objects_at("callStackTree", [&self.frames], |json, frames| {
            json.boolean_at("callStackPerThread", self.per_thread);
            let stacks = frames.chunk_by(|_, next| next.depth > 0);
            json.objects_at("callStacks", stacks, |json, stack| {
                json.key("callStackRootFrames");
                json.begin_array();
                write_stack(json, stack);
                json.end_array();
            });
        });
    }
}

impl LogMetadata {
    fn write(&self, json: &mut JsonWriter) {
        for (key, text) in [
            ("bundleId", &self.bundle_id),
            ("appVersion", &self.app_version),
            ("buildVersion", &self.build_version),
            ("osVersion", &self.os_version),
            ("deviceType", &self.device_type),
            ("platformArchitecture", &self.platform_architecture),
            ("event", &self.event),
            ("eventDetail", &self.event_detail),
            ("writesCaused", &self.writes_caused),
        ] {
            if !text.is_empty() {
                json.string_at(key, text);
            }
        }
    }
}

/// Writes frames in document order: each leaves its `subFrames` open, and the next one closes as many as it must.
fn write_stack(json: &mut JsonWriter, frames: &[Frame]) {
    let mut open = 0;
    let close = |json: &mut JsonWriter| {
        json.end_array();
        json.end_object();
    };
    for frame in frames {
        assert!(
            frame.depth <= open,
            "a frame of depth {} follows one of depth {}",
            frame.depth,
            open.saturating_sub(1)
        );
        while open > frame.depth {
            close(json);
            open -= 1;
        }
        json.begin_object();
        frame.write_fields(json);
        json.key("subFrames");
        json.begin_array();
        open += 1;
    }
    (0..open).for_each(|_| close(json));
}

impl Frame {
    fn write_fields(&self, json: &mut JsonWriter) {
        let place = &self.place;
        json.number_at("sampleCount", self.samples as f64);
        json.boolean_at("isBlameFrame", place.is_blame);
        let (into_symbol, into_text) = if place.symbol.is_empty() {
            (String::new(), place.offset.to_string())
        } else {
            json.string_at("symbolName", &place.symbol);
            (place.offset.to_string(), String::new())
        };
        if !place.advice_category.is_empty() {
            json.string_at("insightsCategory", &place.advice_category);
        }
        json.string_at("offsetIntoSymbol", &into_symbol);
        json.string_at("offsetIntoBinaryTextSegment", &into_text);
        json.string_at("binaryName", &place.binary);
        json.string_at("binaryUUID", &place.binary_uuid);
        if !place.file.is_empty() {
            json.string_at("fileName", &place.file);
            json.string_at("lineNumber", &place.line.to_string());
        }
        json.string_at("address", &format!("{:#x}", place.address));
        json.string_at("rawFrame", &self.raw());
    }

    /// The frame as one line of text, in the form of Apple's sample.
    fn raw(&self) -> String {
        let place = &self.place;
        let symbol = if place.symbol.is_empty() { "???" } else { &place.symbol };
        let source = if place.file.is_empty() { String::new() } else { format!(" ({}:{})", place.file, place.line) };
        format!("{} {symbol} (in {}) + {}{source} [{:#x}]", self.samples, place.binary, place.offset, place.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(depth: usize, samples: u64, symbol: &str) -> Frame {
        Frame { depth, samples, place: Place { symbol: symbol.into(), binary: "App".into(), ..Place::default() } }
    }

    fn body(frames: Vec<Frame>) -> LogsBody {
        let log = Log { frames, ..Log::default() };
        LogsBody { signatures: vec![SignatureLogs { signature_id: "s".into(), advice: Vec::new(), logs: vec![log] }] }
    }

    #[test]
    fn depths_become_nesting() {
        let frames =
            vec![frame(0, 5, "main"), frame(1, 3, "a"), frame(2, 3, "b"), frame(1, 2, "c"), frame(0, 1, "other")];
        let json: serde_json::Value = serde_json::from_str(&body(frames).to_json(Style::Compact)).unwrap();
        let stacks = &json["productData"][0]["diagnosticLogs"][0]["callStackTree"][0]["callStacks"];
        assert_eq!(stacks.as_array().unwrap().len(), 2);
        let main = &stacks[0]["callStackRootFrames"][0];
        assert_eq!(main["subFrames"][0]["subFrames"][0]["symbolName"], "b");
        assert_eq!(main["subFrames"][1]["symbolName"], "c");
        assert_eq!(main["subFrames"][1]["subFrames"], serde_json::json!([]));
        assert_eq!(stacks[1]["callStackRootFrames"][0]["rawFrame"], "1 other (in App) + 0 [0x0]");
    }

    #[test]
    fn ten_thousand_frames_need_no_stack() {
        let json = body((0..10_000).map(|depth| frame(depth, 1, "deeper")).collect()).to_json(Style::Compact);
        assert_eq!(json.matches("\"subFrames\":[").count(), 10_000);
        assert_eq!(json.matches('[').count(), json.matches(']').count());
        assert_eq!(json.matches('{').count(), json.matches('}').count());
    }
}
