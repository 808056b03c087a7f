//! Which form of a text a number asks for (CLDR): on the server by ICU, in the browser by the browser's own rules.

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

#[cfg(feature = "ssr")]
fn category(count: u64) -> &'static str {
    use icu_plurals::PluralCategory;
    let Some(rules) = rules(super::language().tag()) else {
        return "other";
    };
    match rules.category_for(count) {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

#[cfg(feature = "ssr")]
fn rules(tag: &str) -> Option<icu_plurals::PluralRules> {
    let locale: icu_locale_core::Locale = tag.parse().ok()?;
    icu_plurals::PluralRules::try_new_cardinal(locale.into()).ok()
}

#[cfg(not(feature = "ssr"))]
fn category(count: u64) -> String {
    use js_sys::{Array, Intl::PluralRules, Object};
    let rules = PluralRules::new(&Array::of1(&super::locale().into()), &Object::new());
    // A list of more than four thousand million lines is not counted one by one.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    rules.select(f64::from(count)).into()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::rules;
    use crate::text::{TABLES, TAGS};
    use icu_plurals::PluralCategory;

    #[test]
    fn each_text_that_counts_has_the_forms_that_its_language_has_and_no_other() {
        let name = |category| match category {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        };
        let mut counted = 0;
        for (tag, table) in TAGS.iter().zip(TABLES.iter()) {
            let rules = rules(tag).unwrap_or_else(|| panic!("no rules for {tag}"));
            let mut needed: Vec<&str> = rules.categories().map(name).collect();
            needed.sort_unstable();
            for text in table.iter().filter(|text| text.contains('\t')) {
                counted += 1;
                let forms: Vec<&str> = text.split('\t').step_by(2).collect();
                assert_eq!(forms, needed, "{tag}: {text}");
            }
        }
        assert!(counted > TAGS.len(), "some texts count");
    }
}
