//! The audit log: a line of JSON per entry, only ever added to, read from its end.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
};

use jamie_core::{Error, ErrorKind, Result, action::AuditEntry};

use super::{
    faults::failed,
    folder::{Folder, private},
};

/// Read at a time, from the end.
const STRETCH: u64 = 64 * 1024;

/// Adds a line, which lasts when this returns; the lock is held.
pub(super) fn append(folder: &Folder, entry: &AuditEntry) -> Result<()> {
    let path = folder.audit();
    let mut line = serde_json::to_vec(entry).map_err(|error| {
        Error::new(ErrorKind::Internal, "an audit entry cannot be written as JSON").with_source(error)
    })?;
    line.push(b'\n');
    let mut add = || {
        let is_new = !path.exists();
        let mut file = private().create(true).read(true).append(true).open(&path)?;
        if is_torn(&mut file)? {
            tracing::warn!(
                "the last line of {} was torn by a crash; it is left as it is, and a new one begun",
                path.display()
            );
            line.insert(0, b'\n');
        }
        file.write_all(&line)?;
        file.sync_all()?;
        if is_new { folder.sync() } else { Ok(()) }
    };
    add().map_err(|error| failed("write", &path, error))
}

/// Whether the last line has no end.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

/// The newest entries first, of one action where it is named. Lines that cannot be read are passed over.
pub(super) fn newest(folder: &Folder, action: Option<&str>, limit: usize) -> Result<Vec<AuditEntry>> {
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(found);
    }
    backwards(folder, |line| {
        if let Ok(entry) = serde_json::from_slice::<AuditEntry>(line)
            && action.is_none_or(|id| entry.action == id)
        {
            found.push(entry);
        }
        found.len() < limit
    })?;
    Ok(found)
}

/// Lines that cannot be read, one sentence.
pub(super) fn faults(folder: &Folder) -> Result<Option<String>> {
    let mut unreadable = 0_usize;
    backwards(folder, |line| {
        unreadable += usize::from(serde_json::from_slice::<AuditEntry>(line).is_err());
        true
    })?;
    let shown = folder.audit();
    Ok(match unreadable {
        0 => None,
        1 => Some(format!(
            "One line of {} cannot be read: a crash has torn it.",
            shown.display()
        )),
        several => Some(format!("{several} lines of {} cannot be read.", shown.display())),
    })
}

/// Gives the lines from the last to the first, for as long as more are wanted.
fn backwards(folder: &Folder, mut more: impl FnMut(&[u8]) -> bool) -> Result<()> {
    let path = folder.audit();
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("read", &path, error)),
    };
    let mut read = || {
        let mut start = file.seek(SeekFrom::End(0))?;
        // The beginning of what has been read, which may be the rest of a line.
        let mut rest: Vec<u8> = Vec::new();
        while start > 0 {
            let length = start.min(STRETCH);
            start -= length;
            file.seek(SeekFrom::Start(start))?;
            let mut stretch = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
            file.read_exact(&mut stretch)?;
            stretch.append(&mut rest);
            let first = if start == 0 {
                0
            } else {
                match stretch.iter().position(|byte| *byte == b'\n') {
                    Some(end) => end + 1,
                    None => stretch.len(),
                }
            };
            // Without a line's end in it, all of it is the rest of a line.
            let (head, lines) = stretch.split_at(first);
            if start > 0 && lines.is_empty() && head.last() != Some(&b'\n') {
                rest = stretch;
                continue;
            }
            for line in lines.split(|byte| *byte == b'\n').rev() {
                if !line.is_empty() && !more(line) {
                    return Ok(());
                }
            }
            rest = head.to_vec();
        }
        Ok(())
    };
    read().map_err(|error| failed("read", &path, error))
}
