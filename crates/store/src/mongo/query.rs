//! Queries: every filter that is ever sent, by name. A subject lists its own with [`queries!`], and `plan.rs` asks the
//! server how it finds what each asks for; a filter that is not listed cannot be sent, since [`Query`] is made by nothing
//! else.

use mongodb::bson::Document;

/// Which documents, of which collection, in which order.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) collection: &'static str,
    pub(super) filter: Document,
    pub(super) sort: Option<Document>,
    pub(super) project: Option<Document>,
    /// Sees only what a majority of the replica set has.
    pub(super) majority: bool,
}

impl Query {
    /// For [`queries!`] alone.
    pub(super) fn new(collection: &'static str, filter: Document) -> Self {
        Self {
            collection,
            filter,
            sort: None,
            project: None,
            majority: false,
        }
    }

    /// For [`queries!`] alone.
    pub(super) fn sort(mut self, sort: Document) -> Self {
        self.sort = Some(sort);
        self
    }

    /// For [`queries!`] alone.
    pub(super) fn project(mut self, project: Document) -> Self {
        self.project = Some(project);
        self
    }

    /// The same, of what a majority has: what it finds can never be taken back.
    pub(super) fn of_majority(mut self) -> Self {
        self.majority = true;
        self
    }
}

/// Names the queries of a file, and lists them for the test that looks at their plans.
macro_rules! queries {
    ($(
        $(#[$doc:meta])*
        $name:ident($($arg:ident: $type:ty),* $(,)?) in $collection:ident { $($filter:tt)* }
        $($option:ident { $($value:tt)* })*;
    )*) => {
        $(
            $(#[$doc])*
            fn $name($($arg: $type),*) -> $crate::mongo::query::Query {
                $crate::mongo::query::Query::new($collection, mongodb::bson::doc! { $($filter)* })
                    $(.$option(mongodb::bson::doc! { $($value)* }))*
            }
        )*

        /// Every query of this file, with some values.
        #[cfg(test)]
        pub(in crate::mongo) fn queries() -> Vec<(&'static str, $crate::mongo::query::Query)> {
            vec![$((
                stringify!($name),
                $name($(<$type as $crate::mongo::query::sample::Sample>::sample()),*),
            )),*]
        }
    };
}
pub(super) use queries;

/// Values to ask with, where only the question matters.
#[cfg(test)]
pub(super) mod sample {
    use crate::value::Key;
    use wire::Timestamp;

    /// Has a value.
    pub(in crate::mongo) trait Sample {
        fn sample() -> Self;
    }

    macro_rules! keys {
        ($($id:ident)*) => {$(
            impl Sample for wire::$id {
                fn sample() -> Self {
                    Self::from_bytes([7; 16])
                }
            }
        )*};
    }

    keys! { UserId ChatbotId SessionId ConversationId MessageId GenerationId ClientMessageId SignInId DocumentId AuditId }

    impl Sample for Timestamp {
        fn sample() -> Self {
            Self::from_millis(1_750_000_000_000)
        }
    }

    impl Sample for u64 {
        fn sample() -> Self {
            7
        }
    }

    impl Sample for [u8; 32] {
        fn sample() -> Self {
            [7; 32]
        }
    }

    impl Sample for &str {
        fn sample() -> Self {
            "word"
        }
    }

    impl Sample for String {
        fn sample() -> Self {
            "word".into()
        }
    }

    impl<T: Sample> Sample for Option<T> {
        fn sample() -> Self {
            Some(T::sample())
        }
    }

    impl<T: Sample + 'static> Sample for &[T] {
        fn sample() -> Self {
            Box::leak(Box::new([T::sample(), T::sample()]))
        }
    }
}
