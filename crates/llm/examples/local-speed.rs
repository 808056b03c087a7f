//! How fast the local model reads and writes on this machine.
//!
//! `cargo run --release -p llm --features local --example local-speed -- MODEL.gguf [THREADS]`

use futures::StreamExt as _;
use llm::local::{LocalConfig, LocalModel};
use llm::{ChatEvent, ChatModel as _, ChatRequest, ChatRole, ChatTurn, ModelError};
use std::error::Error;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    llm::local::wait_politely();
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("which model? Give the path of a GGUF file")?;
    let threads = arguments.next().map_or(Ok(0), |threads| threads.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(measure(LocalConfig {
        threads,
        max_tokens: 200,
        seed: Some(1),
        ..LocalConfig::new(path)
    }))
}

async fn measure(config: LocalConfig) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let model = LocalModel::load(config);
    answer(&model, "Hi.").await?;
    println!("loaded and answered once after {:?}", began.elapsed());
    for round in 1..=3 {
        let text = "The quick brown fox jumps over the lazy dog. ".repeat(60);
        let Answer {
            read,
            reading,
            written,
            writing,
        } = answer(&model, &format!("{round}. Go on: {text}")).await?;
        let per_second = |tokens, time: Duration| f64::from(tokens) / time.as_secs_f64();
        println!(
            "read {read} tokens, {:.0}/s; wrote {written}, {:.1}/s",
            per_second(read, reading),
            per_second(written.saturating_sub(1), writing)
        );
    }
    Ok(())
}

struct Answer {
    read: u32,
    reading: Duration,
    written: u32,
    writing: Duration,
}

async fn answer(model: &LocalModel, prompt: &str) -> Result<Answer, ModelError> {
    let turns = vec![ChatTurn {
        role: ChatRole::User,
        text: prompt.to_owned(),
    }];
    let asked = Instant::now();
    let mut first_word = None;
    let mut stream = model
        .answer(ChatRequest {
            turns,
            ..ChatRequest::default()
        })
        .await?;
    while let Some(event) = stream.next().await {
        match event? {
            ChatEvent::Queued(_) => {}
            ChatEvent::Text(_) => {
                first_word.get_or_insert_with(Instant::now);
            }
            ChatEvent::Finished { usage, .. } => {
                let first_word = first_word.unwrap_or_else(Instant::now);
                return Ok(Answer {
                    read: usage.prompt_tokens.unwrap_or_default(),
                    reading: first_word - asked,
                    written: usage.completion_tokens.unwrap_or_default(),
                    writing: first_word.elapsed(),
                });
            }
        }
    }
    Err(ModelError::BrokeOff("no end".to_owned()))
}
