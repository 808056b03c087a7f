//! How values are stored: ids as UUIDs (binary, subtype 4), times as dates (milliseconds), numbers as 64-bit integers,
//! enums as words, hashes as bytes. And how they are read again: [`Fields`].

use crate::{
    Result, StoreError,
    value::{Key, Word},
};
use mongodb::bson::{Binary, Bson, DateTime, Document, spec::BinarySubtype};
use wire::Timestamp;

/// An id, to be stored.
pub(super) fn key(id: impl Key) -> Bson {
    binary(BinarySubtype::Uuid, &id.to_bytes())
}

/// Ids, to be asked for.
pub(super) fn keys<'a, T: Key + 'a>(ids: impl IntoIterator<Item = &'a T>) -> Bson {
    Bson::Array(ids.into_iter().map(|id| key(*id)).collect())
}

/// An id that may be absent, to be stored or asked for.
pub(super) fn optional_key(id: Option<impl Key>) -> Bson {
    id.map_or(Bson::Null, key)
}

/// Ids of which one may be absent, to be asked for.
pub(super) fn optional_keys<'a, T: Key + 'a>(ids: impl IntoIterator<Item = &'a Option<T>>) -> Bson {
    Bson::Array(ids.into_iter().map(|id| optional_key(*id)).collect())
}

/// Bytes, to be stored.
pub(super) fn bytes(bytes: &[u8]) -> Bson {
    binary(BinarySubtype::Generic, bytes)
}

fn binary(subtype: BinarySubtype, bytes: &[u8]) -> Bson {
    Bson::Binary(Binary {
        subtype,
        bytes: bytes.to_vec(),
    })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number, to be stored. BSON's integers are signed; what is beyond them means "never" or "far too many", and so does
/// their largest.
pub(super) fn number(number: u64) -> Bson {
    Bson::Int64(signed(number))
}

/// A time, to be stored.
pub(super) fn time(time: Timestamp) -> Bson {
    Bson::DateTime(DateTime::from_millis(signed(time.as_millis())))
}

/// A time that may be absent, to be stored.
pub(super) fn optional_time(at: Option<Timestamp>) -> Bson {
    at.map_or(Bson::Null, time)
}

/// The smallest id there is. "At least this" is how a partial index says "is an id", in words that every planner
/// recognises in a query for one.
pub(super) fn any_key() -> Bson {
    binary(BinarySubtype::Uuid, &[0; 16])
}

/// A document's fields. One that cannot be understood is [`StoreError::Damaged`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'document>(&'document Document);

impl<'document> Fields<'document> {
    pub(super) fn of(document: &'document Document) -> Self {
        Self(document)
    }

    /// `None` when the field is absent or null.
    fn get(&self, name: &str) -> Option<&'document Bson> {
        self.0.get(name).filter(|value| **value != Bson::Null)
    }

    fn has<T>(&self, name: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| StoreError::Damaged(format!("the field {name} of a document")))
    }

    /// The document inside.
    pub(super) fn inner(&self, name: &str) -> Result<Fields<'document>> {
        self.has(name, self.get(name).and_then(Bson::as_document))
            .map(Fields)
    }

    pub(super) fn id<T: Key>(&self, name: &str) -> Result<T> {
        self.has(name, self.get(name).and_then(as_key))
    }

    pub(super) fn optional_id<T: Key>(&self, name: &str) -> Result<Option<T>> {
        self.get(name).map(|_| self.id(name)).transpose()
    }

    pub(super) fn ids<T: Key>(&self, name: &str) -> Result<Vec<T>> {
        let Some(value) = self.get(name) else {
            return Ok(Vec::new());
        };
        let ids = value
            .as_array()
            .and_then(|ids| ids.iter().map(as_key).collect::<Option<_>>());
        self.has(name, ids)
    }

    pub(super) fn number(&self, name: &str) -> Result<u64> {
        let number = match self.get(name) {
            Some(Bson::Int64(number)) => u64::try_from(*number).ok(),
            Some(Bson::Int32(number)) => u64::try_from(*number).ok(),
            _ => None,
        };
        self.has(name, number)
    }

    /// `None` when the field is absent: a document from before there was one.
    pub(super) fn optional_number(&self, name: &str) -> Result<Option<u64>> {
        self.get(name).map(|_| self.number(name)).transpose()
    }

    pub(super) fn optional_yes(&self, name: &str) -> Result<Option<bool>> {
        self.get(name).map(|_| self.yes(name)).transpose()
    }

    pub(super) fn optional_u32(&self, name: &str) -> Result<Option<u32>> {
        let Some(_) = self.get(name) else {
            return Ok(None);
        };
        let number = u32::try_from(self.number(name)?).ok();
        self.has(name, number).map(Some)
    }

    pub(super) fn time(&self, name: &str) -> Result<Timestamp> {
        let millis = match self.get(name) {
            Some(Bson::DateTime(time)) => u64::try_from(time.timestamp_millis()).ok(),
            _ => None,
        };
        self.has(name, millis.map(Timestamp::from_millis))
    }

    pub(super) fn optional_time(&self, name: &str) -> Result<Option<Timestamp>> {
        self.get(name).map(|_| self.time(name)).transpose()
    }

    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "it was an f32 when it was stored"
    )]
    pub(super) fn real(&self, name: &str) -> Result<Option<f32>> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => self.has(name, value.as_f64()).map(|real| Some(real as f32)),
        }
    }

    pub(super) fn yes(&self, name: &str) -> Result<bool> {
        self.has(name, self.get(name).and_then(Bson::as_bool))
    }

    pub(super) fn text(&self, name: &str) -> Result<String> {
        self.has(name, self.get(name).and_then(Bson::as_str).map(str::to_owned))
    }

    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>> {
        self.get(name).map(|_| self.text(name)).transpose()
    }

    /// Empty when the field is absent.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>> {
        let Some(value) = self.get(name) else {
            return Ok(Vec::new());
        };
        let texts = value.as_array().and_then(|texts| {
            let texts = texts.iter().map(|text| text.as_str().map(str::to_owned));
            texts.collect::<Option<_>>()
        });
        self.has(name, texts)
    }

    /// The documents in a list; empty when the field is absent.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Fields<'document>>> {
        let Some(value) = self.get(name) else {
            return Ok(Vec::new());
        };
        let list = value.as_array().and_then(|list| {
            let list = list.iter().map(|one| one.as_document().map(Fields));
            list.collect::<Option<_>>()
        });
        self.has(name, list)
    }

    pub(super) fn bytes(&self, name: &str) -> Result<&'document [u8]> {
        let bytes = match self.get(name) {
            Some(Bson::Binary(binary)) => Some(binary.bytes.as_slice()),
            _ => None,
        };
        self.has(name, bytes)
    }

    pub(super) fn hash(&self, name: &str) -> Result<[u8; 32]> {
        let hash = self.bytes(name)?.try_into().ok();
        self.has(name, hash)
    }

    pub(super) fn word<T: Word>(&self, name: &str) -> Result<T> {
        self.has(name, self.get(name).and_then(Bson::as_str).and_then(T::parse))
    }

    pub(super) fn optional_word<T: Word>(&self, name: &str) -> Result<Option<T>> {
        self.get(name).map(|_| self.word(name)).transpose()
    }

    pub(super) fn is_there(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

fn as_key<T: Key>(value: &Bson) -> Option<T> {
    match value {
        Bson::Binary(Binary {
            subtype: BinarySubtype::Uuid,
            bytes,
        }) => <[u8; 16]>::try_from(bytes.as_slice()).ok().map(T::from_bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::doc;
    use wire::{MessageId, message::Outcome};

    #[test]
    fn values_come_back_as_they_went_in() {
        let id = MessageId::from_uuid(uuid::Uuid::from_u128(0x0192_f0c1_2a3b_7c4d_8e5f_6a7b_8c9d_0e1f));
        let at = Timestamp::from_millis(1_750_000_000_001);
        let document = doc! {
            "id": key(id), "ids": keys(&[id, id]), "none": optional_key(None::<MessageId>), "at": time(at),
            "number": number(7), "real": 0.7_f32, "word": Outcome::Stopped.word(), "hash": bytes(&[3; 32]),
        };
        let fields = Fields::of(&document);
        assert_eq!(fields.id::<MessageId>("id").unwrap(), id);
        assert_eq!(fields.ids::<MessageId>("ids").unwrap(), [id, id]);
        assert_eq!(fields.optional_id::<MessageId>("none").unwrap(), None);
        assert_eq!(fields.time("at").unwrap(), at);
        assert_eq!(fields.number("number").unwrap(), 7);
        assert_eq!(fields.real("real").unwrap(), Some(0.7));
        assert_eq!(fields.word::<Outcome>("word").unwrap(), Outcome::Stopped);
        assert_eq!(fields.hash("hash").unwrap(), [3; 32]);
    }

    #[test]
    fn what_cannot_be_understood_is_damage_and_names_its_field() {
        let document = doc! {
            "id": "not one", "short": bytes(&[1; 16]), "number": -1_i64, "real": "0.7", "word": "eaten", "at": 7_i64,
            "ids": [1], "text": Bson::Null,
        };
        let fields = Fields::of(&document);
        let failures = [
            ("id", fields.id::<MessageId>("id").err()),
            ("short", fields.id::<MessageId>("short").err()),
            ("number", fields.number("number").err()),
            ("real", fields.real("real").err()),
            ("word", fields.word::<Outcome>("word").err()),
            ("at", fields.time("at").err()),
            ("ids", fields.ids::<MessageId>("ids").err()),
            ("text", fields.text("text").err()),
            ("nowhere", fields.yes("nowhere").err()),
        ];
        for (name, failure) in failures {
            assert!(
                matches!(&failure, Some(StoreError::Damaged(what)) if what.contains(name)),
                "{name}: {failure:?}"
            );
        }
    }
}
