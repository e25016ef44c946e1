//! The bytes of an event stream in, the data of whole events out.

use super::super::lines::{Lines, TooLong};

/// Reads server-sent events. Names of events, ids and comments are skipped: this protocol uses none.
#[derive(Debug, Default)]
pub(super) struct Events {
    lines: Lines,
    data: Vec<u8>,
    begun: bool,
}

impl Events {
    /// Adds what has come.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.lines.push(bytes);
    }

    /// The data of the next whole event, its lines joined; `None` until more has come.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        while let Some(line) = self.lines.next()? {
            let line = if self.begun { line } else { without_mark(line) };
            self.begun = true;
            if line.is_empty() {
                if !self.data.is_empty() {
                    return Ok(Some(std::mem::take(&mut self.data)));
                }
            } else {
                add(&mut self.data, line)?;
            }
        }
        Ok(None)
    }

    /// What is left when the stream is over: many servers forget the empty line after the last event.
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, TooLong> {
        add(&mut self.data, self.lines.rest())?;
        Ok(std::mem::take(&mut self.data))
    }
}

fn add(data: &mut Vec<u8>, line: &[u8]) -> Result<(), TooLong> {
    let Some(value) = line.strip_prefix(b"data") else {
        return Ok(());
    };
    let value = match value {
        [b':', b' ', value @ ..] | [b':', value @ ..] => value,
        [] => value,
        // A field whose name only begins like this one.
        _ => return Ok(()),
    };
    if data.len() + value.len() > Lines::MAX_LINE {
        return Err(TooLong);
    }
    if !data.is_empty() {
        data.push(b'\n');
    }
    data.extend_from_slice(value);
    Ok(())
}

/// A stream may begin with a mark of its encoding.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::Events;

    #[test]
    fn events_are_whole_wherever_the_bytes_are_cut() {
        let stream =
            "\u{feff}: hello\r\nevent: x\r\ndata: {\"a\":\r\ndata:\"é🫖\"}\r\n\r\n\n\nid: 7\ndata: two\n\ndatabase: no\n\ndata: [DONE]"
                .as_bytes();
        for cut in 0..stream.len() {
            let mut events = Events::default();
            let mut found = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                events.push(part);
                while let Some(data) = events.next().unwrap() {
                    found.push(String::from_utf8(data).unwrap());
                }
            }
            found.push(String::from_utf8(events.rest().unwrap()).unwrap());
            assert_eq!(found, ["{\"a\":\n\"é🫖\"}", "two", "[DONE]"], "cut at {cut}");
        }
    }
}
