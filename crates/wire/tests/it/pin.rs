//! How samples are written down: a line each, the variant's name and its JSON exactly as it travels.

use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt::{Debug, Write},
    str::FromStr,
};
use wire::Timestamp;

/// Samples of a type, as text for a snapshot.
#[derive(Default)]
pub(crate) struct Pinned(String);

impl Pinned {
    /// Writes a sample down, after it went there and back unchanged.
    pub(crate) fn add<T: Serialize + DeserializeOwned + PartialEq + Debug>(
        &mut self,
        name: &str,
        sample: &T,
    ) {
        let json = serde_json::to_string(sample).unwrap();
        let back: T = serde_json::from_str(&json).unwrap();
        assert_eq!(back, *sample, "{name} is not what it was: {json}");
        self.write(name, &json);
    }

    /// The same for what holds a secret, and therefore cannot be compared or printed.
    pub(crate) fn add_secret<T: Serialize + DeserializeOwned>(&mut self, name: &str, sample: &T) {
        let json = serde_json::to_string(sample).unwrap();
        let back: T = serde_json::from_str(&json).unwrap();
        assert_eq!(
            serde_json::to_string(&back).unwrap(),
            json,
            "{name} is not what it was"
        );
        self.write(name, &json);
    }

    /// Says something more about the sample written last.
    pub(crate) fn remark(&mut self, remark: impl std::fmt::Display) {
        self.0.truncate(self.0.trim_end().len());
        writeln!(self.0, "  {remark}").unwrap();
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    fn write(&mut self, name: &str, json: &str) {
        writeln!(self.0, "{name:<22} {json}").unwrap();
    }
}

/// All variants of an enum with samples of each: `every!(Enum { Variant => [sample, …] … })`, or
/// `every!(Enum: Variant, …)` for those without fields. A variant that is missing does not compile.
macro_rules! every {
    ($type:ident: $($variant:ident),+ $(,)?) => {
        every!($type { $($variant => [$type::$variant])+ })
    };
    ($type:ident { $($variant:ident => [$($sample:expr),+ $(,)?])+ }) => {
        every!($type { $($variant => [$($sample),+])+ } |_pinned, _sample| {})
    };
    ($type:ident { $($variant:ident => [$($sample:expr),+ $(,)?])+ } $remark:expr) => {{
        const _COMPLETE: fn(&$type) = |value| match value { $($type::$variant { .. } => {})+ };
        let remark: fn(&mut $crate::pin::Pinned, &$type) = $remark;
        let mut pinned = $crate::pin::Pinned::default();
        $(for sample in [$($sample),+] {
            assert!(matches!(sample, $type::$variant { .. }), "not a {}", stringify!($variant));
            pinned.add(stringify!($variant), &sample);
            remark(&mut pinned, &sample);
        })+
        pinned
    }};
}

/// Compares with the snapshot of this name, in the caller's module.
macro_rules! assert_pinned {
    ($name:literal, $pinned:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($name, $pinned.text()) })
    };
}

/// An id of any kind, the same for the same number.
pub(crate) fn id<T: FromStr<Err: Debug>>(number: u32) -> T {
    format!("0192f0c1-2a3b-7c4d-8e5f-{number:012}").parse().unwrap()
}

/// The seed's time of day.
pub(crate) fn time() -> Timestamp {
    Timestamp::from_millis(1_705_314_600_000)
}
