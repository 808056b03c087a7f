//! all-MiniLM-L6-v2 in llama.cpp's words: names of tensors, facts, and the vocabulary.
//!
//! The names and facts are those that llama.cpp's own converter gives a BERT model with mean pooling.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use super::gguf::{self, Fact, Head, Precision};
use super::safetensors::{Safetensors, Tensor};
use crate::failure::{Done, Failure};
use crate::say;

const LAYERS: u32 = 6;
const TOKENS: usize = 30_522;

/// Outside the layers: theirs, ours, and how precise. Matrices that are multiplied with are halves.
const AROUND: [(&str, &str, Precision); 5] = [
    (
        "embeddings.word_embeddings.weight",
        "token_embd.weight",
        Precision::Half,
    ),
    (
        "embeddings.position_embeddings.weight",
        "position_embd.weight",
        Precision::Single,
    ),
    (
        "embeddings.token_type_embeddings.weight",
        "token_types.weight",
        Precision::Single,
    ),
    (
        "embeddings.LayerNorm.weight",
        "token_embd_norm.weight",
        Precision::Single,
    ),
    (
        "embeddings.LayerNorm.bias",
        "token_embd_norm.bias",
        Precision::Single,
    ),
];

/// In each layer, a weight and a bias each; those that are added or scaled with are no matrices.
const LAYER: [(&str, &str, Precision); 8] = [
    ("attention.self.query", "attn_q", Precision::Half),
    ("attention.self.key", "attn_k", Precision::Half),
    ("attention.self.value", "attn_v", Precision::Half),
    ("attention.output.dense", "attn_output", Precision::Half),
    (
        "attention.output.LayerNorm",
        "attn_output_norm",
        Precision::Single,
    ),
    ("intermediate.dense", "ffn_up", Precision::Half),
    ("output.dense", "ffn_down", Precision::Half),
    ("output.LayerNorm", "layer_output_norm", Precision::Single),
];

/// How llama.cpp calls the kinds of tokens.
const WORD: i32 = 1;
const UNKNOWN: i32 = 2;
const CONTROL: i32 = 3;

/// Makes the GGUF out of the weights and the vocabulary.
pub(super) fn convert(weights: &Path, vocabulary: &Path, converted: &Path) -> Done {
    let what = "convert the embedding model";
    let words = fs::read_to_string(vocabulary).map_err(|error| Failure::of_file(what, vocabulary, &error))?;
    let words: Vec<&str> = words.lines().collect();
    if words.len() != TOKENS {
        return Err(Failure::new(
            what,
            format_args!(
                "its vocabulary has {} words, it should have {TOKENS}",
                words.len()
            ),
            "report this to the project",
        ));
    }
    let mut source = Safetensors::open(weights).map_err(|error| Failure::of_file(what, weights, &error))?;
    let read = |tensor: &Name| source.read(&tensor.theirs);
    let named = names();
    let tensors: io::Result<Vec<Tensor>> = named.iter().map(read).collect();
    let tensors = tensors.map_err(|error| Failure::of_file(what, weights, &error))?;
    write(&named, &tensors, &words, converted).map_err(|error| Failure::of_file(what, converted, &error))
}

struct Name {
    theirs: String,
    ours: String,
    precision: Precision,
}

fn names() -> Vec<Name> {
    let name = |theirs: String, ours: String, precision| Name {
        theirs,
        ours,
        precision,
    };
    let around = AROUND.map(|(theirs, ours, precision)| name(theirs.to_owned(), ours.to_owned(), precision));
    let layers = (0..LAYERS).flat_map(|layer| {
        LAYER.into_iter().flat_map(move |(theirs, ours, precision)| {
            let theirs = format!("encoder.layer.{layer}.{theirs}");
            let ours = format!("blk.{layer}.{ours}");
            [
                name(format!("{theirs}.weight"), format!("{ours}.weight"), precision),
                name(
                    format!("{theirs}.bias"),
                    format!("{ours}.bias"),
                    Precision::Single,
                ),
            ]
        })
    });
    around.into_iter().chain(layers).collect()
}

fn write(names: &[Name], tensors: &[Tensor], words: &[&str], converted: &Path) -> io::Result<()> {
    let mut head = Head::default();
    tell(&mut head, words);
    for (name, tensor) in names.iter().zip(tensors) {
        head.tensor(&name.ours, &tensor.shape, name.precision);
    }
    let mut file = BufWriter::new(File::create(converted)?);
    head.write(&mut file)?;
    for (done, (name, tensor)) in names.iter().zip(tensors).enumerate() {
        gguf::numbers(&mut file, &tensor.numbers, name.precision)?;
        if (done + 1) % 25 == 0 || done + 1 == names.len() {
            say::line(format_args!("{} of {} tensors", done + 1, names.len()));
        }
    }
    file.flush()
}

/// The facts.
fn tell(head: &mut Head, words: &[&str]) {
    let tokens: Vec<String> = words.iter().map(|word| phantom(word)).collect();
    let kinds: Vec<i32> = words.iter().map(|word| kind(word)).collect();
    for (key, fact) in [
        ("general.architecture", Fact::Word("bert")),
        ("general.name", Fact::Word("all-MiniLM-L6-v2")),
        ("general.license", Fact::Word("apache-2.0")),
        // Mostly halves.
        ("general.file_type", Fact::Count(1)),
        ("bert.block_count", Fact::Count(LAYERS)),
        ("bert.context_length", Fact::Count(512)),
        ("bert.embedding_length", Fact::Count(384)),
        ("bert.feed_forward_length", Fact::Count(1536)),
        ("bert.attention.head_count", Fact::Count(12)),
        ("bert.attention.layer_norm_epsilon", Fact::Number(1e-12)),
        // A word sees those behind it, too.
        ("bert.attention.causal", Fact::Flag(false)),
        // The mean over all tokens.
        ("bert.pooling_type", Fact::Count(1)),
        ("tokenizer.ggml.model", Fact::Word("bert")),
        ("tokenizer.ggml.token_type_count", Fact::Count(2)),
        ("tokenizer.ggml.tokens", Fact::Words(&tokens)),
        ("tokenizer.ggml.token_type", Fact::Kinds(&kinds)),
        ("tokenizer.ggml.padding_token_id", Fact::Count(0)),
        ("tokenizer.ggml.unknown_token_id", Fact::Count(100)),
        ("tokenizer.ggml.bos_token_id", Fact::Count(101)),
        ("tokenizer.ggml.cls_token_id", Fact::Count(101)),
        ("tokenizer.ggml.eos_token_id", Fact::Count(102)),
        // llama.cpp spells it so.
        ("tokenizer.ggml.seperator_token_id", Fact::Count(102)),
        ("tokenizer.ggml.mask_token_id", Fact::Count(103)),
    ] {
        head.fact(key, &fact);
    }
}

fn is_bracketed(word: &str) -> bool {
    word.starts_with('[') && word.ends_with(']')
}

/// Here what goes on within a word is marked (`##ing`); llama.cpp marks what begins one, by U+2581.
fn phantom(word: &str) -> String {
    match word.strip_prefix("##") {
        _ if is_bracketed(word) => word.to_owned(),
        Some(rest) => rest.to_owned(),
        None => format!("\u{2581}{word}"),
    }
}

fn kind(word: &str) -> i32 {
    match word {
        "[UNK]" => UNKNOWN,
        "[PAD]" | "[CLS]" | "[SEP]" | "[MASK]" => CONTROL,
        _ => WORD,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CONTROL, UNKNOWN, WORD, kind, names, phantom};

    #[test]
    fn words_are_marked_at_their_beginning_instead_of_inside() {
        assert_eq!(phantom("kettle"), "\u{2581}kettle");
        assert_eq!(phantom("##ing"), "ing");
        assert_eq!(phantom("[CLS]"), "[CLS]");
        assert_eq!(phantom("["), "\u{2581}[");
        assert_eq!(phantom("#"), "\u{2581}#");
        assert_eq!(
            (kind("kettle"), kind("[UNK]"), kind("[SEP]")),
            (WORD, UNKNOWN, CONTROL)
        );
    }

    #[test]
    fn every_tensor_has_a_name_of_its_own() {
        let names = names();
        assert_eq!(names.len(), 5 + 6 * 16);
        let ours: BTreeSet<_> = names.iter().map(|name| name.ours.as_str()).collect();
        assert_eq!(ours.len(), names.len());
        assert!(ours.contains("blk.5.ffn_down.bias"));
    }
}
