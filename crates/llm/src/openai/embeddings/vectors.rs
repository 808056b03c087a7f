//! What a server answers, checked: as many vectors as there were texts, each in its place, each of length 1.
//!
//! Must not know: how it was asked.

use crate::ModelError;
use crate::embed::normalise;
use crate::openai::report::{Reporter, UpstreamError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    data: Option<Vec<Item>>,
    error: Option<UpstreamError>,
}

#[derive(Deserialize)]
struct Item {
    /// Which text it belongs to; they need not come in order. Without it, in the order it came.
    index: Option<usize>,
    embedding: Vec<f32>,
}

pub(super) fn read(answer: &[u8], count: usize, reporter: &Reporter) -> Result<Vec<Vec<f32>>, ModelError> {
    let broke_off = |why: &str| ModelError::BrokeOff(why.to_owned());
    // The error itself would quote the answer. A number that is none (`NaN`, `null`) ends here, too.
    let Ok(answer) = serde_json::from_slice::<Answer>(answer) else {
        return Err(broke_off("its answer cannot be read"));
    };
    if let Some(error) = answer.error {
        return Err(reporter.in_band(error));
    }
    let items = answer.data.unwrap_or_default();
    if items.len() != count {
        let text = format!("it gave {} vectors for {count} texts", items.len());
        return Err(ModelError::BrokeOff(text));
    }
    let mut vectors = vec![Vec::new(); count];
    for (came, item) in items.into_iter().enumerate() {
        let place = vectors.get_mut(item.index.unwrap_or(came));
        let Some(place) = place.filter(|place| place.is_empty()) else {
            return Err(broke_off("its vectors cannot be told apart"));
        };
        *place = item.embedding;
        // What is empty has no direction, and is refused here.
        normalise(place)?;
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: &str, count: usize) -> Result<Vec<Vec<f32>>, ModelError> {
        read(answer.as_bytes(), count, &Reporter::new(None))
    }

    #[test]
    fn vectors_find_their_places_and_get_length_one() {
        let answer = r#"{"data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4],"object":"embedding"}],"model":"m"}"#;
        assert_eq!(told(answer, 2).unwrap(), [[0.6, 0.8], [0.0, 1.0]]);
        let without_places = r#"{"data":[{"embedding":[1,0]},{"embedding":[0,1]}]}"#;
        assert_eq!(told(without_places, 2).unwrap(), [[1.0, 0.0], [0.0, 1.0]]);
    }

    #[test]
    fn too_few_too_many_or_twice_the_same_is_no_answer() {
        let one = r#"{"index":0,"embedding":[1]}"#;
        for answer in [
            format!(r#"{{"data":[{one}]}}"#),
            format!(r#"{{"data":[{one},{one}]}}"#),
            format!(r#"{{"data":[{one},{one},{one}]}}"#),
            r#"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}"#.to_owned(),
            r#"{"data":[]}"#.to_owned(),
            "{}".to_owned(),
        ] {
            assert!(
                matches!(told(&answer, 2), Err(ModelError::BrokeOff(_))),
                "{answer}"
            );
        }
    }

    #[test]
    fn a_number_that_is_none_and_a_vector_without_a_direction_are_refused() {
        for vector in [
            "[NaN,1]",
            "[null,1]",
            "[1e300,1]",
            "[0,0]",
            "[]",
            "\"AAAA\"",
            "[\"1\"]",
        ] {
            let answer = format!(r#"{{"data":[{{"index":0,"embedding":{vector}}}]}}"#);
            assert!(
                matches!(told(&answer, 1), Err(ModelError::BrokeOff(_))),
                "{vector}"
            );
        }
    }

    #[test]
    fn an_error_inside_an_answer_is_told() {
        let answer = r#"{"error":{"message":"out of memory"}}"#;
        assert_eq!(
            told(answer, 1),
            Err(ModelError::BrokeOff("out of memory".to_owned()))
        );
    }
}
