//! Tables to files: one file per table, or one per table and app.

use super::batch::{Batcher, Cell};
use super::schema::{Table, schema_json};
use super::writer::{ExportFormat, TableWriter};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Where files come from. The writer of an export names them; it knows no directory.
pub trait ExportSink {
    /// A file that is being written.
    type File: Write + Send;

    /// Starts a file; the path is relative, with `/` between its parts, and each part is safe as a file's name.
    fn create(&mut self, path: &str) -> io::Result<Self::File>;

    /// Takes back a file that is written whole.
    fn commit(&mut self, file: Self::File) -> io::Result<()>;
}

/// How tables are split into files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Partition {
    /// `points.parquet`.
    #[default]
    None,
    /// `points/app=com.example.app/data.parquet`, as Hive does. The column `app` stands in the file too.
    App,
}

/// Rows per table that were written.
pub type ExportSummary = BTreeMap<Table, u64>;

/// Writes tables. Rows of one app come together, app by app, for each table.
pub struct Exporter<S: ExportSink> {
    format: ExportFormat,
    partition: Partition,
    sink: S,
    open: BTreeMap<Table, OpenTable<S::File>>,
    summary: ExportSummary,
    /// Partitions that are done, by table, in lower case: some file systems do not tell cases apart.
    done: BTreeSet<(Table, String)>,
    /// Whose they are.
    apps: BTreeSet<(Table, String)>,
}

struct OpenTable<W: Write + Send> {
    /// Empty without partitions.
    partition: String,
    batcher: Batcher,
    writer: TableWriter<W>,
}

impl<W: Write + Send> OpenTable<W> {
    fn flush(&mut self) -> io::Result<()> {
        if self.batcher.is_empty() { Ok(()) } else { self.writer.write(&self.batcher.take()?) }
    }
}

impl<S: ExportSink> Exporter<S> {
    /// Whether rows must come app by app.
    pub(super) fn is_partitioned(&self) -> bool {
        self.partition == Partition::App
    }

    /// An export without rows.
    pub fn new(format: ExportFormat, partition: Partition, sink: S) -> Self {
        Self {
            format,
            partition,
            sink,
            open: BTreeMap::new(),
            summary: BTreeMap::new(),
            done: BTreeSet::new(),
            apps: BTreeSet::new(),
        }
    }

    /// Ends every file. Without partitions each table has a file, so that a reader finds its columns where there are no rows.
    pub fn finish(mut self) -> io::Result<(S, ExportSummary)> {
        if self.partition == Partition::None {
            for table in Table::ALL {
                self.open(table, "")?;
            }
        }
        for table in Table::ALL {
            self.close(table)?;
            self.summary.entry(table).or_default();
        }
        let mut file = self.sink.create("schema.json")?;
        file.write_all(schema_json().as_bytes())?;
        self.sink.commit(file)?;
        Ok((self.sink, self.summary))
    }

    /// Adds a row of an app.
    pub(super) fn row(&mut self, table: Table, app: &str, cells: &[Cell<'_>]) -> io::Result<()> {
        let partition = if self.partition == Partition::App { app } else { "" };
        let open = self.open(table, partition)?;
        if open.batcher.push(cells) {
            open.flush()?;
        }
        *self.summary.entry(table).or_default() += 1;
        Ok(())
    }

    fn open(&mut self, table: Table, partition: &str) -> io::Result<&mut OpenTable<S::File>> {
        if self.open.get(&table).is_some_and(|open| open.partition != partition) {
            self.close(table)?;
        }
        if !self.open.contains_key(&table) {
            let path = self.path(table, partition)?;
            let writer = TableWriter::new(self.format, table, self.sink.create(&path)?)?;
            let open = OpenTable { partition: partition.to_owned(), batcher: Batcher::new(table), writer };
            self.open.insert(table, open);
        }
        self.open.get_mut(&table).ok_or_else(|| io::Error::other("a table is not open"))
    }

    fn close(&mut self, table: Table) -> io::Result<()> {
        let Some(mut open) = self.open.remove(&table) else { return Ok(()) };
        open.flush()?;
        self.sink.commit(open.writer.finish()?)
    }

    fn path(&mut self, table: Table, partition: &str) -> io::Result<String> {
        let (table_name, extension) = (table.as_str(), self.format.extension());
        if self.partition == Partition::None {
            return Ok(format!("{table_name}.{extension}"));
        }
        if !self.apps.insert((table, partition.to_owned())) {
            return Err(io::Error::other(format!("rows of the app `{partition}` do not come together")));
        }
        // Two keys may differ in case alone, or behind where a name ends; the file itself tells them apart.
        let plain = [false, true].map(|escape_capitals| partition_directory(partition, escape_capitals));
        let mut names = plain.iter().cloned().chain((2..).map(|number: u32| format!("{}~{number}", plain[1])));
        let directory = names.find(|name| self.done.insert((table, name.to_lowercase()))).unwrap_or_default();
        Ok(format!("{table_name}/{directory}/data.{extension}"))
    }
}

/// The longest name of a file on the usual file systems is 255 bytes; this leaves room for what tells long names apart.
const LONGEST_NAME: usize = 220;

/// `app=` and the key as Hive escapes it: every byte that a path, a shell or a URL could read otherwise as `%XX`. Capitals are
/// escaped on request, to keep apart what a file system would not. A key that is too long for a name is cut, with a hash of it behind.
fn partition_directory(app: &str, escape_capitals: bool) -> String {
    if app.is_empty() {
        return "app=__HIVE_DEFAULT_PARTITION__".to_owned();
    }
    let mut out = String::from("app=");
    for byte in app.bytes() {
        match byte {
            b'A'..=b'Z' if escape_capitals => out.push_str(&format!("%{byte:02X}")),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            // Windows drops a period at the end of a name; the prefix keeps `.` and `..` from being names of their own.
            b'.' if out.len() + 1 < "app=".len() + app.len() => out.push('.'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    if out.len() > LONGEST_NAME {
        out.truncate(LONGEST_NAME);
        out.push_str(&format!("~{:016x}", perfpower_model::stable_text_hash(app)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_names_that_no_file_system_misreads() {
        for (app, expected) in [
            ("com.example.Mail-2_b", "app=com.example.Mail-2_b"),
            ("..", "app=.%2E"),
            ("../../etc/passwd", "app=..%2F..%2Fetc%2Fpasswd"),
            ("a b=c%d", "app=a%20b%3Dc%25d"),
            ("é\u{0}", "app=%C3%A9%00"),
            ("", "app=__HIVE_DEFAULT_PARTITION__"),
        ] {
            assert_eq!(partition_directory(app, false), expected);
        }
        assert_eq!(partition_directory("aB", true), "app=a%42");
        let long = partition_directory(&"é".repeat(10_000), false);
        assert!(long.len() < 240 && long.starts_with("app=%C3%A9") && long.contains('~'), "{long}");
    }
}
