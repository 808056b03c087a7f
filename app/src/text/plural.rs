//! Which form of a text a number asks for (CLDR): on the server by Fluent's rules, in the browser by the browser's own rules.

/// The form for this number, of a text's forms: `one\t…\tother\t…`.
pub(super) fn form(forms: &'static str, count: u64) -> &'static str {
    let category = category(count);
    let mut parts = forms.split('\t');
    let mut found = "";
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        if name == category {
            return text;
        }
        // `other` is there always, and stands for what is not.
        if name == "other" {
            found = text;
        }
    }
    found
}

#[cfg(feature = "pages")]
fn category(count: u64) -> &'static str {
    category_in(super::language().tag(), count).unwrap_or("other")
}

#[cfg(feature = "pages")]
fn category_in(tag: &str, count: u64) -> Option<&'static str> {
    use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
    let language: unic_langid::LanguageIdentifier = tag.parse().ok()?;
    let rules = PluralRules::create(language, PluralRuleType::CARDINAL).ok()?;
    Some(match rules.select(count).ok()? {
        PluralCategory::ZERO => "zero",
        PluralCategory::ONE => "one",
        PluralCategory::TWO => "two",
        PluralCategory::FEW => "few",
        PluralCategory::MANY => "many",
        PluralCategory::OTHER => "other",
    })
}

#[cfg(not(feature = "pages"))]
fn category(count: u64) -> String {
    use js_sys::{Array, Intl::PluralRules, Object};
    let rules = PluralRules::new(&Array::of1(&super::locale().into()), &Object::new());
    // A list of more than four thousand million lines is not counted one by one.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    rules.select(f64::from(count)).into()
}

#[cfg(test)]
#[cfg(feature = "pages")]
mod tests {
    use super::category_in;
    use crate::text::{TABLES, TAGS};
    use std::collections::BTreeSet;

    #[test]
    fn each_text_that_counts_has_the_forms_that_its_language_has_and_no_other() {
        let mut counted = 0;
        for (tag, table) in TAGS.iter().zip(TABLES.iter()) {
            // Every language has its forms among these.
            let numbers = (0..1_000).chain([1_000_000]);
            let needed: BTreeSet<&str> = numbers
                .map(|number| category_in(tag, number).unwrap_or_else(|| panic!("no rules for {tag}")))
                .collect();
            for text in table.iter().filter(|text| text.contains('\t')) {
                counted += 1;
                let forms: BTreeSet<&str> = text.split('\t').step_by(2).collect();
                assert_eq!(forms, needed, "{tag}: {text}");
            }
        }
        assert!(counted > TAGS.len(), "some texts count");
    }
}
