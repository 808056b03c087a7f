//! One short line out of whatever somebody wrote or a model said.

/// Characters of a title.
const CHARS: usize = 60;
/// What models put before or around a title.
const QUOTES: &[char] = &[
    '"', '\'', '“', '”', '„', '‘', '’', '‚', '«', '»', '‹', '›', '「', '」', '『', '』', '`', '*', '_', '#',
];

/// The first line of a prompt that says something.
pub(super) fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let mut title: String = line.chars().take(CHARS).collect();
    if line.chars().nth(CHARS).is_some() {
        title.push('…');
    }
    title
}

/// What a model said, as a title: without its thoughts, quotes, markup and last full stop; `None` when nothing is left.
pub(super) fn title_line(said: &str) -> Option<String> {
    let said = said.rsplit("</think>").next().unwrap_or(said);
    let line = said
        .lines()
        .map(bare)
        .find(|line| line.chars().any(char::is_alphanumeric))?;
    if line.starts_with("<think") {
        return None;
    }
    if line.chars().nth(CHARS).is_none() {
        return Some(line);
    }
    let short: String = line.chars().take(CHARS - 1).collect();
    Some(short.trim_end().to_owned() + "…")
}

fn bare(line: &str) -> String {
    let visible: String = line
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_hidden(*c))
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let mut line = words.join(" ");
    loop {
        let shorter = peeled(&line);
        if shorter.len() == line.len() {
            return line;
        }
        line = shorter.to_owned();
    }
}

/// One layer less.
fn peeled(line: &str) -> &str {
    let line = line.trim().trim_matches(QUOTES);
    let line = line.strip_prefix("- ").unwrap_or(line);
    let line = line
        .get(..6)
        .filter(|start| start.eq_ignore_ascii_case("title:"))
        .and(line.get(6..))
        .unwrap_or(line);
    // An ellipsis may be meant.
    let line = match line.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest,
        _ => line.strip_suffix('。').unwrap_or(line),
    };
    line.trim()
}

/// Control characters, and those that turn the direction of what stands around them.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{200b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompts_title_is_its_first_line_and_not_long() {
        assert_eq!(first_line("\n  Hello there \nmore"), "Hello there");
        assert_eq!(first_line(&"x".repeat(100)), format!("{}…", "x".repeat(60)));
    }

    #[test]
    fn what_a_model_says_becomes_one_bare_line() {
        for (said, title) in [
            ("Kettles and Limescale", "Kettles and Limescale"),
            (
                "\n\n  \"Kettles and Limescale.\"\nI hope that helps!",
                "Kettles and Limescale",
            ),
            ("**Title: Kettles**", "Kettles"),
            ("# „Kessel“", "Kessel"),
            ("title:  Tea   time ", "Tea time"),
            ("<think>\nhm, kettles\n</think>\n\nKettles", "Kettles"),
            ("And then…", "And then…"),
            ("a\u{202e}b\u{7}c", "abc"),
            ("水壶。", "水壶"),
            ("---\nKettles", "Kettles"),
        ] {
            assert_eq!(title_line(said).as_deref(), Some(title), "{said:?}");
        }
    }

    #[test]
    fn what_says_nothing_is_no_title() {
        for nothing in ["", " \n\t", "\"\"", "...", "<think>still thinking"] {
            assert_eq!(title_line(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_long_title_is_cut_to_sixty_characters() {
        let title = title_line(&"kettle ".repeat(20)).unwrap();
        assert!(title.ends_with('…') && title.chars().count() <= 60, "{title}");
    }
}
