//! Server-sent events out of bytes that are cut anywhere.
//!
//! Must not know: what the events mean, and where the bytes come from.
//! Start at [`EventParser::push`]. Only `data` is kept: nothing here needs names, ids or retry times.

/// One event may be this long. What is longer is no delta of a chat, but a way to fill our memory.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The parser of <https://html.spec.whatwg.org/multipage/server-sent-events.html>, by hand: a line is copied only when
/// it spans two pushes.
#[derive(Debug, Default)]
pub(super) struct EventParser {
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    event: Event,
    /// The last line ended with a CR: a LF right now belongs to it.
    after_cr: bool,
}

/// The event whose end has not come.
#[derive(Debug, Default)]
struct Event {
    data: Vec<u8>,
    /// It may have data that is empty.
    has_data: bool,
    /// A byte order mark may stand before the very first line.
    begun: bool,
}

/// A line or an event has no end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl EventParser {
    /// Takes the next bytes, and calls `on_event` with the data of each event that ends in them.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut on_event: impl FnMut(&[u8])) -> Result<(), TooLong> {
        loop {
            if self.after_cr && !bytes.is_empty() {
                self.after_cr = false;
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                break;
            };
            let (head, tail) = bytes.split_at(end);
            if self.line.is_empty() {
                self.event.take_line(head, &mut on_event)?;
            } else {
                self.line.extend_from_slice(head);
                self.event.take_line(&self.line, &mut on_event)?;
                self.line.clear();
            }
            let Some((delimiter, rest)) = tail.split_first() else {
                break;
            };
            self.after_cr = *delimiter == b'\r';
            bytes = rest;
        }
        if self.line.len() + bytes.len() > MAX_EVENT_BYTES {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// The bytes are over. The standard drops an event whose empty line is missing; some servers end with one.
    pub(super) fn finish(&mut self, mut on_event: impl FnMut(&[u8])) -> Result<(), TooLong> {
        let line = std::mem::take(&mut self.line);
        self.event.take_line(&line, &mut on_event)?;
        self.event.take_line(b"", &mut on_event)
    }
}

impl Event {
    fn take_line(&mut self, mut line: &[u8], on_event: &mut impl FnMut(&[u8])) -> Result<(), TooLong> {
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                on_event(&self.data);
                self.data.clear();
            }
            return Ok(());
        }
        let Some(data) = data_of(line) else { return Ok(()) };
        if self.data.len() + data.len() > MAX_EVENT_BYTES {
            return Err(TooLong);
        }
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(data);
        Ok(())
    }
}

/// What stands after `data:`; `None` for comments and other fields.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"data")? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events_of(pieces: &[&[u8]]) -> Vec<String> {
        let mut parser = EventParser::default();
        let mut events = Vec::new();
        for piece in pieces {
            parser
                .push(piece, |data| {
                    events.push(String::from_utf8(data.to_vec()).unwrap())
                })
                .unwrap();
        }
        events
    }

    #[test]
    fn an_event_is_its_data_and_nothing_else() {
        let stream = b": hello\nevent: message\nid: 7\ndata: one\nretry: 3\n\ndata:two\n\ndatabase: no\n\n";
        assert_eq!(events_of(&[stream]), ["one", "two"]);
    }

    #[test]
    fn data_over_several_lines_is_one_event() {
        assert_eq!(events_of(&[b"data: one\ndata:  two\ndata\n\n"]), ["one\n two\n"]);
    }

    #[test]
    fn an_event_without_its_end_is_not_told() {
        assert_eq!(events_of(&[b"data: one\n\ndata: two\n"]), ["one"]);
    }

    #[test]
    fn a_byte_order_mark_is_skipped_at_the_beginning_only() {
        assert_eq!(
            events_of(&[b"\xef\xbb", b"\xbfdata: one\n\n\xef\xbb\xbfdata: two\n\n"]),
            ["one"]
        );
    }

    #[test]
    fn a_cut_at_any_byte_changes_nothing_whatever_ends_the_lines() {
        let written =
            ": a comment\ndata: {\"é漢🙂\"}\n\nevent: x\ndata: two\ndata: lines\n\ndata:\n\ndata: [DONE]\n\n";
        let expected = ["{\"é漢🙂\"}", "two\nlines", "", "[DONE]"];
        for ending in ["\n", "\r\n", "\r"] {
            let stream = written.replace('\n', ending);
            let bytes = stream.as_bytes();
            for cut in 0..=bytes.len() {
                let (head, tail) = bytes.split_at(cut);
                // A lone CR at the very end cannot be told from half a CRLF, and need not be.
                assert_eq!(
                    events_of(&[head, tail]),
                    expected,
                    "cut at {cut}, lines end with {ending:?}"
                );
                assert_eq!(
                    events_of(&[head, b"", tail]),
                    expected,
                    "cut at {cut} with a pause"
                );
            }
            let single: Vec<_> = bytes.chunks(1).collect();
            assert_eq!(
                events_of(&single),
                expected,
                "byte by byte, lines end with {ending:?}"
            );
        }
    }

    #[test]
    fn the_end_of_the_bytes_ends_the_last_event() {
        for stream in [
            &b"data: one\n\ndata: two"[..],
            b"data: one\n\ndata: two\n",
            b"data: one\n\ndata: two\n\n",
        ] {
            let mut parser = EventParser::default();
            let mut events = Vec::new();
            parser.push(stream, |data| events.push(data.to_vec())).unwrap();
            parser.finish(|data| events.push(data.to_vec())).unwrap();
            assert_eq!(events, [b"one".to_vec(), b"two".to_vec()]);
        }
    }

    #[test]
    fn a_line_without_an_end_is_an_error_and_not_our_memory() {
        let mut parser = EventParser::default();
        let piece = [b'x'; 64 * 1024];
        let pushed = (0..17)
            .map(|_| parser.push(&piece, |_| ()))
            .collect::<Result<Vec<_>, _>>();
        assert_eq!(pushed, Err(TooLong));
    }

    #[test]
    fn an_event_without_an_end_is_an_error_and_not_our_memory() {
        let mut parser = EventParser::default();
        let line = [&b"data: "[..], &[b'x'; 64 * 1024], b"\n"].concat();
        let pushed = (0..17)
            .map(|_| parser.push(&line, |_| ()))
            .collect::<Result<Vec<_>, _>>();
        assert_eq!(pushed, Err(TooLong));
    }
}
