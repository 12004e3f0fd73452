//! Pseudonyms in the place of what logs name. Trees, samples and which frames are one stay what they are.

use super::StackTable;
use perfpower_model::{Redact, TextRole, TextRoles};

impl StackTable {
    /// Replaces every text.
    pub fn redact(&mut self, by: &mut dyn Redact) {
        let mut roles = TextRoles::of(&self.names);
        for frame in &self.frames {
            roles.say(frame.symbol, TextRole::Function);
            roles.say(frame.binary, TextRole::Binary);
            roles.say(frame.file, TextRole::SourceFile);
            roles.say(frame.binary_uuid, TextRole::Build);
        }
        self.names = roles.redacted(&self.names, by);
        let mut roles = TextRoles::of(&self.log_names);
        for log in &self.logs {
            roles.say(log.app, TextRole::App);
            roles.say(log.metadata.bundle_id, TextRole::App);
            roles.say(log.signature, TextRole::Signature);
            roles.say(log.metadata.app_version, TextRole::Version);
            roles.say(log.metadata.build_version, TextRole::Build);
            roles.say(log.metadata.event_detail, TextRole::Sentence);
            roles.say(log.metadata.writes_caused, TextRole::Sentence);
        }
        for advice in &self.advice {
            roles.say(advice.signature, TextRole::Signature);
            roles.say(advice.text, TextRole::Sentence);
            roles.say(advice.url, TextRole::Sentence);
        }
        self.log_names = roles.redacted(&self.log_names, by);
    }

    /// What each frame is called, its binary and its file, in the order of the frames: what patterns of owners are held against.
    pub fn frame_texts(&self) -> Vec<[String; 3]> {
        let text = |id| self.names.get(id).unwrap_or_default().to_owned();
        self.frames
            .iter()
            .map(|frame| [self.shown_name(frame).into_owned(), text(frame.binary), text(frame.file)])
            .collect()
    }
}
