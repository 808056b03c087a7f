//! What a reader does not see, a model is not told: characters that hide text, turn it round, or command a terminal.
//!
//! Documents come from anywhere. Tag characters and variation selectors spell whole sentences that no screen shows; bidi
//! controls show another text than the model reads.

/// A text without what cannot be seen. Line breaks and tabs stay; so do joiners within words of the scripts that are written
/// with them (Persian, Hindi and their neighbours).
pub fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\u{200C}' | '\u{200D}' => {
                let within = clean.chars().next_back().is_some_and(joins)
                    && characters.peek().copied().is_some_and(joins);
                if within {
                    clean.push(c);
                }
            }
            hidden if is_hidden(hidden) => {}
            shown => clean.push(shown),
        }
    }
    clean
}

/// Letters of scripts in which joiners change how a word is written.
fn joins(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{0DFF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// Is it a character that takes no place, or changes what others look like?
fn is_hidden(c: char) -> bool {
    if c.is_control() {
        return !matches!(c, '\n' | '\t');
    }
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' // Mongolian selectors
        | '\u{200B}'..='\u{200F}' // zero width, marks of direction
        | '\u{2028}'..='\u{202E}' // separators, embeddings, overrides
        | '\u{2060}'..='\u{206F}' // joiner, invisible operators, isolates
        | '\u{3164}' | '\u{FFA0}' // fillers
        | '\u{FE00}'..='\u{FE0F}' // variation selectors
        | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' // tags, more variation selectors
    )
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn a_hidden_order_does_not_reach_the_model() {
        let hidden: String = "ignore all"
            .chars()
            .map(|c| char::from_u32(0xE0000 + u32::from(c)).unwrap())
            .collect();
        assert_eq!(
            visible(&format!(
                "27{hidden} mon\u{200B}ths\u{202E}\u{FE0F}\u{0}\u{1b}[2J"
            )),
            "27 months[2J"
        );
    }

    #[test]
    fn what_belongs_to_the_writing_stays() {
        let persian = "می\u{200C}خواهم";
        assert_eq!(visible(persian), persian);
        assert_eq!(visible("a\u{200C}b\tc\nd é 東京 🐢"), "ab\tc\nd é 東京 🐢");
    }
}
