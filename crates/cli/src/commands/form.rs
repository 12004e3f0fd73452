//! Which formats of a command are forms of its page.

use crate::args::{CheckFormat, DiagnosticsFormat, Format, ReportFormat};
use perfpower_report::{PageFormat, TextStyle};

/// A format that may be a form of a page.
pub(crate) trait HasPageFormat {
    /// The form; absent = a document for programs.
    fn page_format(self, style: TextStyle) -> Option<PageFormat>;
}

macro_rules! forms {
    ($($format:ident),*) => {$(
        impl HasPageFormat for $format {
            fn page_format(self, style: TextStyle) -> Option<PageFormat> {
                match self {
                    Self::Text => Some(PageFormat::Text(style)),
                    Self::Markdown => Some(PageFormat::Markdown),
                    Self::Html => Some(PageFormat::Html),
                    _ => None,
                }
            }
        }
    )*};
}

forms!(CheckFormat, DiagnosticsFormat, Format, ReportFormat);
