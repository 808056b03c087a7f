//! Bytes become text: by byte order mark, as UTF-8, or as browsers would guess.

use crate::error::ExtractError;
use chardetng::EncodingDetector;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// How much is looked at to guess an encoding, or to tell text from other bytes.
const LOOK: usize = 64 << 10;

/// The text that these bytes are. `None` when they are none.
pub(crate) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding.decode_with_bom_removal(bytes).0).filter(|text| is_text(text));
    }
    if let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| is_text(text)) {
        return Some(Cow::Borrowed(text));
    }
    let look = bytes.get(..LOOK).unwrap_or(bytes);
    if let Some(encoding) = wide(look) {
        return Some(encoding.decode_without_bom_handling(bytes).0).filter(|text| is_text(text));
    }
    if look.contains(&0) {
        return None;
    }
    let encoding = if cut_utf8(bytes) { UTF_8 } else { guess(look) };
    let (text, _, _) = encoding.decode(bytes);
    is_text(&text).then_some(text)
}

/// The text of a member of a container, which must be one.
///
/// # Errors
/// It is not.
pub(crate) fn member(bytes: &[u8]) -> Result<Cow<'_, str>, ExtractError> {
    text(bytes).ok_or_else(|| ExtractError::damaged("a part that should be text is not"))
}

/// UTF-16 without a mark: every second byte is zero, nearly.
fn wide(look: &[u8]) -> Option<&'static Encoding> {
    let pairs = look.len() / 2;
    let zeros = |at: usize| look.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (high, low) = (zeros(0), zeros(1));
    if pairs < 4 || high.max(low) * 10 < pairs * 7 || high.min(low) * 10 > pairs {
        return None;
    }
    Some(if high > low { UTF_16BE } else { UTF_16LE })
}

/// UTF-8 that somebody cut in the middle of a character, or that has one broken byte in a thousand.
fn cut_utf8(bytes: &[u8]) -> bool {
    let beyond_ascii = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(cut) if cut.error_len().is_none() => true,
        Err(_) => {
            let broken = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty());
            broken.count() * 20 < beyond_ascii
        }
    }
}

fn guess(look: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(look, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// Text has hardly any control characters.
fn is_text(text: &str) -> bool {
    let mut seen = 0_usize;
    let mut strange = 0_usize;
    for c in text.chars().take(LOOK) {
        seen += 1;
        if c == '\u{fffd}'
            || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' | '\u{85}'))
        {
            strange += 1;
        }
    }
    // One at the end is where somebody cut a character.
    strange.saturating_sub(1) * 100 <= seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_encodings_are_guessed_and_unmarked_utf16_is_seen() {
        let latin = b"Die K\xf6nigin f\xe4hrt \xfcber die Br\xfccke nach Hause.";
        assert_eq!(
            text(latin).unwrap(),
            "Die Königin fährt über die Brücke nach Hause."
        );
        let wide: Vec<u8> = "Zephyr kettle"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(text(&wide).unwrap(), "Zephyr kettle");
        let marked: Vec<u8> = "\u{feff}Zephyr"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(text(&marked).unwrap(), "Zephyr");
    }

    #[test]
    fn utf8_cut_in_a_character_is_still_utf8() {
        let whole = "Żółw i gęś".as_bytes();
        let cut = text(&whole[..whole.len() - 1]).unwrap();
        assert!(cut.starts_with("Żółw i gę"), "{cut}");
    }

    #[test]
    fn other_bytes_are_no_text() {
        let bytes: Vec<u8> = (0..4096_u32)
            .map(|n| u8::try_from(n * 7919 % 251).unwrap())
            .collect();
        assert_eq!(text(&bytes), None);
    }
}
