//! What runs over a store claimed, by the newest day that they knew: what the next night is held against.

use perfpower_model::Day;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The directory of claims in a store.
const CLAIMS: &str = "claims";

/// Where the claims of a run go whose newest download is of this day, in a directory that is there then. A run of the same day takes the place of the
/// one before.
pub fn place_for_claims(store: &Path, day: Day) -> io::Result<PathBuf> {
    let claims = store.join(CLAIMS);
    fs::create_dir_all(&claims)?;
    Ok(claims.join(format!("{day}.json")))
}

/// The claims of the newest run that knew no download of this day or of a later one; absent = there is none.
pub fn claims_before(store: &Path, day: Day) -> io::Result<Option<PathBuf>> {
    let entries = match fs::read_dir(store.join(CLAIMS)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut newest: Option<(Day, PathBuf)> = None;
    for entry in entries {
        let path = entry?.path();
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        let own = path.file_stem().and_then(|name| Day::parse(name.to_str()?)).filter(|own| is_json && *own < day);
        if let Some(own) = own.filter(|own| newest.as_ref().is_none_or(|(known, _)| known < own)) {
            newest = Some((own, path));
        }
    }
    Ok(newest.map(|(_, path)| path))
}
