//! The thread that owns the model: steps all answers under way until nobody needs it any more.
//!
//! Start at [`run`]. One step computes a token for each answer that is being written, and reads as much of the prompts of
//! the others as `pace` allows; then a token is drawn for each that has been fed all. Between two steps answers nobody
//! listens to are dropped, and new ones begin. When the memory that all share is full, conversations that are over are
//! forgotten; if that is not enough, the answer that began last is put off until another one ends.

use super::LocalConfig;
use super::answer::Answer;
use super::pace::Pace;
use super::prompt::Prompter;
use super::queue::{Job, Queue};
use super::sampling::{Sampler, Seeds};
use super::setup::{self, BATCH, Dimensions};
use super::slot::Slot;
use super::template::Template;
use super::utf8::Utf8Joiner;
use crate::{ChatRequest, ModelError};
use llama_cpp_2::DecodeError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::{BatchAddError, LlamaBatch};
use llama_cpp_2::token::LlamaToken;
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Loads, serves, ends. However it ends, everyone who waits is told.
pub(super) fn run(config: &LocalConfig, queue: &Arc<Queue>) {
    /// Also when llama.cpp's binding panics.
    struct Farewell<'queue>(&'queue Queue);
    impl Drop for Farewell<'_> {
        fn drop(&mut self) {
            self.0.end("it was shut down");
        }
    }
    let farewell = Farewell(queue);
    if let Err(why) = serve(config, queue) {
        tracing::error!(path = %config.path.display(), "The local model failed: {why}");
        farewell.0.end(&why);
    }
}

fn serve(config: &LocalConfig, queue: &Arc<Queue>) -> Result<(), String> {
    let began = Instant::now();
    let backend = setup::backend().ok_or("llama.cpp cannot be set up")?;
    let model = setup::load(backend, config, queue)?;
    let template = Template::of(&model)?;
    let dimensions = Dimensions::of(config, &model);
    let mut context = setup::context(backend, &model, dimensions)?;
    let mut batch = LlamaBatch::new(usize::from(BATCH), 1);
    setup::warm_up(&model, &mut context, &mut batch)?;
    let size = |tokens| usize::try_from(tokens).unwrap_or(usize::MAX);
    let window = size(dimensions.window);
    let longest = size(config.max_tokens).max(1);
    let mut engine = Engine {
        prompter: Prompter {
            model: &model,
            template,
            // A prompt may take what a short answer leaves.
            limit: window - longest.min(window / 4),
            limit_going_on: window - longest.min(window / 16),
        },
        context,
        batch,
        slots: (0..).take(size(dimensions.sequences)).map(Slot::new).collect(),
        queue,
        window,
        memory: size(dimensions.memory),
        lends: setup::lends(&model),
        longest,
        seeds: Seeds::from(config.seed),
        pace: Pace::new(usize::from(BATCH)),
        begun: 0,
        one_ended: false,
    };
    queue.ready();
    tracing::info!(
        window,
        memory = dimensions.memory,
        parallel = dimensions.sequences,
        threads = dimensions.threads,
        duration_ms = began.elapsed().as_millis(),
        "Loaded the local model"
    );
    engine.serve();
    Ok(())
}

struct Engine<'model> {
    prompter: Prompter<'model>,
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    slots: Vec<Slot>,
    queue: &'model Queue,
    /// Tokens of one conversation, prompt and answer together.
    window: usize,
    /// Tokens of all conversations together.
    memory: usize,
    /// Whether a slot's beginning can be lent to another.
    lends: bool,
    longest: usize,
    seeds: Seeds,
    pace: Pace,
    /// Answers begun so far.
    begun: u64,
    /// Whether an answer ended since those that were put off were looked at.
    one_ended: bool,
}

/// What is computed together.
#[derive(Default)]
struct Step {
    /// Which slots can draw after it, and from where.
    places: Vec<(usize, i32)>,
    /// Tokens of prompts.
    read: usize,
    /// Answers that get their next token.
    answers: usize,
}

impl Engine<'_> {
    fn serve(&mut self) {
        loop {
            self.drop_cancelled();
            let free = self.slots.iter().filter(|slot| slot.is_free()).count();
            let Some(jobs) = self.queue.take(free, free == self.slots.len()) else {
                break;
            };
            for job in jobs {
                self.begin(job);
            }
            self.let_in();
            self.step();
        }
        for slot in &mut self.slots {
            slot.end(Some(Err(ModelError::BrokeOff("it was shut down".to_owned()))));
        }
    }

    fn drop_cancelled(&mut self) {
        let ended = self.slots.iter_mut().filter(|slot| slot.is_cancelled());
        let took: Vec<_> = ended.filter_map(|slot| slot.end(None)).collect();
        took.into_iter().for_each(|took| self.ended(took));
    }

    fn ended(&mut self, took: Duration) {
        self.one_ended = true;
        self.queue.finished(Some(took));
    }

    fn begin(&mut self, job: Job) {
        let prompt = match self.prompter.prompt(&job.request.turns) {
            Ok(prompt) => prompt,
            Err(error) => {
                job.fail(error);
                return self.queue.finished(None);
            }
        };
        let waits = self.slots.iter().any(Slot::is_put_off);
        let used = self.begun + 1;
        let seed = self.seeds.next();
        let room = self.room(&job.request, prompt.tokens.len());
        let vocabulary = self.prompter.model.n_vocab();
        let said = prompt.tokens.iter().rev().take(prompt.said).rev().copied();
        let said: Vec<_> = said.collect();
        let Some(index) = self.place(&prompt.tokens) else {
            job.fail(ModelError::Busy { retry_after: None });
            return self.queue.finished(None);
        };
        self.lend(index, &prompt.tokens);
        let Some(slot) = self.slots.get_mut(index) else {
            return self.queue.finished(None);
        };
        let answer = Answer {
            events: job.events,
            sampler: Sampler::new(vocabulary, job.request.temperature, seed, &said),
            prompt_tokens: prompt.tokens.len(),
            seam: prompt.seam,
            written: 0,
            room,
            text: Utf8Joiner::default(),
            tokens: prompt.tokens,
            began: Instant::now(),
        };
        self.begun = used;
        slot.begin(answer, used, &mut self.context);
        // Who waits already comes first.
        let running = self
            .slots
            .iter()
            .filter(|slot| slot.is_running())
            .map(Slot::weight);
        let crowded = running.sum::<usize>() > self.memory;
        if let Some(slot) = self.slots.get_mut(index).filter(|_| waits || crowded) {
            slot.put_off();
        }
    }

    /// The free slot that knows this conversation; or the one that was not used for the longest time.
    fn place(&self, tokens: &[LlamaToken]) -> Option<usize> {
        let free = || self.slots.iter().enumerate().filter(|(_, slot)| slot.is_free());
        // What it brings is more than what is lost by it.
        let knows = free().filter(|(_, slot)| slot.known(tokens) * 2 > slot.len());
        knows
            .max_by_key(|(_, slot)| (slot.known(tokens), Reverse(slot.used())))
            .or_else(|| free().min_by_key(|(_, slot)| slot.used()))
            .map(|(index, _)| index)
    }

    /// Lets a slot have what another one knows of a prompt, if that is more than it knows itself: most conversations
    /// begin with the same instructions.
    fn lend(&mut self, to: usize, tokens: &[LlamaToken]) {
        if !self.lends {
            return;
        }
        let (others, slot) = (self.slots.iter().enumerate(), self.slots.get(to));
        let own = slot.map_or(usize::MAX, |slot| slot.known(tokens));
        let lender = others
            .filter(|(index, _)| *index != to)
            .max_by_key(|(_, other)| other.known(tokens));
        let Some((_, lender)) = lender.filter(|(_, lender)| lender.known(tokens) > own) else {
            return;
        };
        let (id, first) = lender.lend(tokens);
        if let Some(slot) = self.slots.get_mut(to) {
            slot.borrow(id, &first, &mut self.context);
        }
    }

    /// Lets those in that were put off, the oldest first, when an answer ended and there is memory for them.
    fn let_in(&mut self) {
        loop {
            let running = self.slots.iter().filter(|slot| slot.is_running());
            let (count, weight) = running.fold((0, 0), |(count, weight), slot| {
                (count + 1, weight + slot.weight())
            });
            let put_off = self.slots.iter_mut().filter(|slot| slot.is_put_off());
            let Some(oldest) = put_off.min_by_key(|slot| slot.used()) else {
                break;
            };
            let fits = self.one_ended && weight + oldest.weight() <= self.memory;
            if count > 0 && !fits {
                break;
            }
            oldest.let_in();
        }
        self.one_ended = false;
    }

    /// Tokens that an answer to a prompt of so many tokens may have.
    fn room(&self, request: &ChatRequest, prompt: usize) -> usize {
        let wanted = request.max_tokens.map_or(self.longest, |wanted| {
            usize::try_from(wanted).unwrap_or(usize::MAX)
        });
        wanted
            .min(self.longest)
            .min(self.window.saturating_sub(prompt))
            .max(1)
    }

    /// Feeds, computes, draws.
    fn step(&mut self) {
        let began = Instant::now();
        let step = match self.compute() {
            Ok(Some(step)) => step,
            Ok(None) => return,
            Err(why) => return self.fail(&why),
        };
        self.pace.took(step.read, step.answers, began.elapsed());
        let vocabulary = self.prompter.model.vocab();
        let mut took = Vec::new();
        for (index, place) in step.places {
            let logits = self.context.get_logits_ith(place);
            let slot = self.slots.get_mut(index);
            took.extend(slot.and_then(|slot| slot.draw(logits, &vocabulary)));
        }
        took.into_iter().for_each(|took| self.ended(took));
    }

    /// `None`: there is nothing to do.
    fn compute(&mut self) -> Result<Option<Step>, String> {
        loop {
            let step = self.plan().map_err(|error| error.to_string())?;
            if self.batch.n_tokens() == 0 {
                return Ok(None);
            }
            match self.context.decode(&mut self.batch) {
                Ok(()) => {
                    self.slots.iter_mut().for_each(Slot::keep);
                    return Ok(Some(step));
                }
                // Nothing was changed: with less in the memory, or less to do, it is tried again.
                Err(DecodeError::NoKvCacheSlot) if self.make_room() => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Fills the batch: answers that are being written first, however many prompts there are. Of the prompts the shortest
    /// first: its answer begins soon, and leaves the next step to the longer ones.
    fn plan(&mut self) -> Result<Step, BatchAddError> {
        self.batch.clear();
        let mut step = Step::default();
        let mut waiting: Vec<_> = self
            .slots
            .iter_mut()
            .enumerate()
            .filter(|(_, slot)| slot.pending() > 0)
            .collect();
        waiting.sort_by_key(|(_, slot)| (slot.pending(), slot.used()));
        step.answers = waiting.iter().filter(|(_, slot)| slot.pending() == 1).count();
        let mut share = self.pace.share(step.answers);
        for (index, slot) in waiting {
            let pending = slot.pending();
            let room = if pending == 1 { 1 } else { share.min(pending) };
            if pending > 1 {
                share -= room;
                step.read += room;
            }
            let place = slot.plan(&mut self.batch, room)?;
            step.places.extend(place.map(|place| (index, place)));
        }
        Ok(step)
    }

    /// Frees memory, of what is needed least, or has less to do. Whether there was any to free.
    fn make_room(&mut self) -> bool {
        let filled = || |slot: &&mut Slot| slot.len() > 0 && !slot.is_running();
        let over = self
            .slots
            .iter_mut()
            .filter(filled())
            .filter(|slot| slot.is_free());
        if let Some(oldest) = over.min_by_key(|slot| slot.used()) {
            oldest.forget(&mut self.context);
            return true;
        }
        // Now those that are not over are those that were put off.
        if let Some(youngest) = self
            .slots
            .iter_mut()
            .filter(filled())
            .max_by_key(|slot| slot.used())
        {
            youngest.forget(&mut self.context);
            return true;
        }
        let mut running: Vec<_> = self.slots.iter_mut().filter(|slot| slot.is_running()).collect();
        // One alone always has room: the memory is at least a window.
        let others = running.len() > 1;
        let youngest = running.iter_mut().max_by_key(|slot| slot.used());
        youngest.filter(|_| others).map(|slot| slot.put_off()).is_some()
    }

    /// A step failed: whose tokens were to blame cannot be told.
    fn fail(&mut self, why: &str) {
        tracing::error!("The local model could not compute: {why}");
        let mut took = Vec::new();
        for slot in self.slots.iter_mut().filter(|slot| slot.is_running()) {
            let error = ModelError::BrokeOff("it could not compute the next word".to_owned());
            took.extend(slot.fail(error, &mut self.context));
        }
        took.into_iter().for_each(|took| self.ended(took));
    }
}
