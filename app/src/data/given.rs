//! What an island is given, on its way from the server into the browser: drawn with it by the server, it finds the same in
//! the page and makes no difference when it wakes up.
//!
//! A block of JSON in the document, which is no script and runs nowhere; not the properties that `#[island]` can have,
//! whose readers weigh more than the islands.

use crate::json::Value;

/// Something that an island is given.
pub(crate) trait Given: Sized + 'static {
    /// The id of its block in the document.
    const NAME: &'static str;

    /// Out of the block.
    fn read(value: Value) -> Option<Self>;
}

/// Gives this to the island that is drawn next, and to the same one in the browser: the block goes into the page, anywhere.
#[cfg(feature = "pages")]
pub(crate) fn give<T>(what: T) -> impl leptos::IntoView
where
    T: Given + Clone + Send + Sync + serde::Serialize,
{
    use leptos::prelude::*;
    #[cfg(feature = "ssr")]
    let block = {
        // What is said in a chat must not end the block.
        let json = serde_json::to_string(&what)
            .unwrap_or_default()
            .replace('<', "\\u003c");
        view! { <script type="application/json" id=T::NAME>{json}</script> }
    };
    // Drawn in the browser, it has nowhere to go.
    #[cfg(not(feature = "ssr"))]
    let block = ();
    provide_context(what);
    block
}

/// What the island that asks was given. `None` only where the page is not one of ours.
pub(crate) fn given<T: Given + Clone>() -> Option<T> {
    if cfg!(feature = "pages") {
        return leptos::prelude::use_context();
    }
    T::read(block(T::NAME)?)
}

fn block(name: &str) -> Option<Value> {
    let block = leptos::prelude::document().get_element_by_id(name)?;
    Value::parse(&block.text_content()?)
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;
    use leptos::prelude::*;

    #[derive(Debug, Clone, PartialEq, serde::Serialize)]
    struct Words {
        words: String,
    }

    impl Given for Words {
        const NAME: &'static str = "given-words";

        fn read(mut value: Value) -> Option<Self> {
            Some(Self {
                words: value.text("words")?,
            })
        }
    }

    #[test]
    fn what_is_given_is_read_again_and_never_ends_its_block() {
        let owner = Owner::new();
        owner.with(|| {
            let words = Words {
                words: "</script><script>alert(1)</script><!-- & \"".into(),
            };
            let html = give(words.clone()).to_html();
            assert_eq!(given::<Words>(), Some(words.clone()));
            let start = "<script type=\"application/json\" id=\"given-words\">";
            let block = html
                .strip_prefix(start)
                .unwrap()
                .strip_suffix("</script>")
                .unwrap();
            assert!(!block.contains('<'), "{block}");
            assert_eq!(Value::parse(block).and_then(Words::read), Some(words));
        });
    }
}
