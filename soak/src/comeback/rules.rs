//! What must hold for somebody who comes back. Pure: each rule has a test with a forged testimony that breaks it alone.

use super::fault::Fault;
use super::visitor::Stored;
use crate::order::Order;
use std::fmt;
use std::time::Duration;
use wire::message::{MessageStatus, Outcome};

/// What may be missing of what the model had said when the server was gone: batches are at most 200 ms old, and have to
/// be written.
pub(super) const LACK: Duration = Duration::from_millis(250);
/// An answer that was cut is marked in this time after the server is started again.
const MARKED: Duration = Duration::from_secs(15);

/// What became of one answer.
#[derive(Debug, Clone)]
pub(super) struct Testimony {
    pub(super) fault: Fault,
    /// What the model was to say.
    pub(super) order: Order,
    /// Where it happened: the last token on the page.
    pub(super) point: u64,
    /// Every page, at the end.
    pub(super) pages: Vec<Sight>,
    /// The answer in the history, at the end.
    pub(super) stored: Stored,
    /// When the server's end cut it.
    pub(super) cut: Option<Cut>,
}

/// A page at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) text: String,
    pub(super) ended: Option<Outcome>,
    /// Frames that did not fit.
    pub(super) complaints: Vec<String>,
}

/// An answer that was cut, before somebody went on with it.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// When the model said each token, by one clock with `at`.
    pub(super) said: Vec<Duration>,
    /// When the server was gone for the model.
    pub(super) at: Duration,
    /// How late the machine was then, apart from the program.
    pub(super) noise: Duration,
    /// What was stored of it.
    pub(super) kept: Stored,
    /// What the page showed of it then.
    pub(super) seen: Sight,
    /// From the restart to the mark; `None` when it was marked before.
    pub(super) marked: Option<Duration>,
}

impl Cut {
    /// How long ago the first token was said that is not stored; `None` when what is stored cannot be counted.
    pub(super) fn lack(&self, testimony: &Testimony) -> Option<Duration> {
        let count = testimony.order.count(&self.kept.text)?;
        let first_lost = self.said.get(usize::try_from(count).ok()?);
        Some(first_lost.map_or(Duration::ZERO, |said| self.at.saturating_sub(*said)))
    }
}

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// It happened after the answer's end, or to no answer: nothing was tested.
    Untested,
    /// A page got frames that do not fit, or shows what was not said.
    WrongPage(String),
    /// What is stored is not what was said, or not whole.
    WrongStore(String),
    /// What was stored when it was cut is no beginning of what was said.
    NoBeginning(String),
    /// Too much of what had been said is missing.
    Lacks(Duration),
    /// It was not marked as interrupted, or late.
    Unmarked(String),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untested => f.write_str("it did not happen in the middle of an answer"),
            Self::WrongPage(what) => write!(f, "a page: {what}"),
            Self::WrongStore(what) => write!(f, "the history: {what}"),
            Self::NoBeginning(what) => write!(f, "what was left when it was cut: {what}"),
            Self::Lacks(lack) => write!(f, "{} ms of what had been said are missing", lack.as_millis()),
            Self::Unmarked(what) => f.write_str(what),
        }
    }
}

/// Every rule that this testimony breaks.
pub(super) fn check(testimony: &Testimony) -> Vec<Broken> {
    let mut broken = Vec::new();
    if testimony.point == 0 || testimony.point >= u64::from(testimony.order.tokens) {
        broken.push(Broken::Untested);
    }
    let script = testimony.order.script();
    for page in &testimony.pages {
        broken.extend(page.complaints.iter().cloned().map(Broken::WrongPage));
        if page.text != script || page.ended != Some(Outcome::Complete) {
            let what = differs(testimony, &page.text, &format!("{:?}", page.ended));
            broken.push(Broken::WrongPage(what));
        }
    }
    let stored = &testimony.stored;
    if stored.text != script || stored.status != MessageStatus::Complete {
        let what = differs(testimony, &stored.text, &format!("{:?}", stored.status));
        broken.push(Broken::WrongStore(what));
    }
    match &testimony.cut {
        Some(cut) => was_cut(testimony, cut, &mut broken),
        None if testimony.fault.cuts() => broken.push(Broken::Untested),
        None => {}
    }
    broken
}

fn was_cut(testimony: &Testimony, cut: &Cut, broken: &mut Vec<Broken>) {
    if cut.said.len() >= usize::try_from(testimony.order.tokens).unwrap_or(usize::MAX) {
        broken.push(Broken::Untested);
    }
    match cut.lack(testimony) {
        Some(lack) if lack > LACK + cut.noise => broken.push(Broken::Lacks(lack)),
        Some(_) => {}
        None => {
            let what = differs(testimony, &cut.kept.text, &format!("{:?}", cut.kept.status));
            broken.push(Broken::NoBeginning(what));
        }
    }
    broken.extend(cut.seen.complaints.iter().cloned().map(Broken::WrongPage));
    if cut.seen.text != cut.kept.text || cut.seen.ended != Some(Outcome::Interrupted) {
        let what = differs(testimony, &cut.seen.text, &format!("{:?}", cut.seen.ended));
        broken.push(Broken::WrongPage(format!("{what} when it had come back")));
    }
    if cut.kept.status != MessageStatus::Interrupted {
        broken.push(Broken::Unmarked(format!(
            "it is {:?}, not interrupted",
            cut.kept.status
        )));
    }
    if let Some(marked) = cut.marked.filter(|marked| *marked > MARKED) {
        let what = format!("it was marked {:.1} s after the restart", marked.as_secs_f32());
        broken.push(Broken::Unmarked(what));
    }
}

/// Where a text leaves the script, without either in full: they are long.
fn differs(testimony: &Testimony, text: &str, ended: &str) -> String {
    let script = testimony.order.script();
    let same = script
        .bytes()
        .zip(text.bytes())
        .take_while(|(one, other)| one == other)
        .count();
    format!(
        "{ended}, {} bytes of {}; alike up to byte {same}",
        text.len(),
        script.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: Order = Order {
        number: 3,
        tokens: 100,
        rate: 100,
    };

    fn whole() -> Sight {
        Sight {
            text: ORDER.script(),
            ended: Some(Outcome::Complete),
            complaints: Vec::new(),
        }
    }

    /// Somebody who saw everything, twice.
    fn testimony(fault: Fault) -> Testimony {
        Testimony {
            fault,
            order: ORDER,
            point: 40,
            pages: vec![whole(), whole()],
            stored: Stored {
                text: ORDER.script(),
                status: MessageStatus::Complete,
            },
            cut: None,
        }
    }

    /// A token each 10 ms; killed at 500 ms, when 51 had been said and 30 were stored; gone on with.
    fn killed() -> Testimony {
        let kept = ORDER.beginning(30);
        Testimony {
            cut: Some(Cut {
                said: (0..51).map(|index| Duration::from_millis(10) * index).collect(),
                at: Duration::from_millis(500),
                noise: Duration::ZERO,
                seen: Sight {
                    text: kept.clone(),
                    ended: Some(Outcome::Interrupted),
                    complaints: Vec::new(),
                },
                kept: Stored {
                    text: kept,
                    status: MessageStatus::Interrupted,
                },
                marked: Some(Duration::from_secs(1)),
            }),
            ..testimony(Fault::Killed)
        }
    }

    fn broken_by(wrong: impl FnOnce(&mut Testimony, &mut Cut)) -> Vec<Broken> {
        let mut testimony = killed();
        let mut cut = testimony.cut.take().unwrap();
        wrong(&mut testimony, &mut cut);
        testimony.cut = Some(cut);
        check(&testimony)
    }

    #[test]
    fn nothing_is_found_where_nothing_is_wrong() {
        assert_eq!(check(&testimony(Fault::Reload)), []);
        assert_eq!(check(&killed()), []);
        let lack = killed().cut.unwrap().lack(&killed());
        assert_eq!(lack, Some(Duration::from_millis(200)), "since token 31");
    }

    #[test]
    fn what_does_not_happen_in_the_middle_tests_nothing() {
        for point in [0, 100] {
            let late = Testimony {
                point,
                ..testimony(Fault::Reset)
            };
            assert_eq!(check(&late), [Broken::Untested]);
        }
        assert_eq!(
            check(&testimony(Fault::Killed)),
            [Broken::Untested],
            "nothing was cut"
        );
        let all_said = broken_by(|_, cut| {
            cut.said = vec![Duration::from_millis(490); 100];
        });
        assert_eq!(all_said, [Broken::Untested]);
    }

    #[test]
    fn a_page_that_shows_other_than_what_was_said_is_found() {
        let pages: [fn(&mut Sight); 4] = [
            |page| page.text.truncate(99),
            |page| page.text = page.text.replace(" 3:7 ", " 3:8 "),
            |page| page.text.push('.'),
            |page| page.ended = Some(Outcome::Interrupted),
        ];
        for wrong in pages {
            let mut testimony = testimony(Fault::SecondDevice);
            wrong(testimony.pages.last_mut().unwrap());
            assert!(matches!(check(&testimony).as_slice(), [Broken::WrongPage(_)]));
        }
    }

    #[test]
    fn a_frame_that_did_not_fit_is_found_though_all_is_right_in_the_end() {
        let mut testimony = testimony(Fault::Reset);
        testimony.pages[0].complaints.push("4 to 6 came after 5".into());
        assert_eq!(
            check(&testimony),
            [Broken::WrongPage("4 to 6 came after 5".into())]
        );
    }

    #[test]
    fn a_history_that_is_other_or_not_whole_is_found() {
        let stored: [fn(&mut Stored); 3] = [
            |stored| stored.text.truncate(99),
            |stored| stored.text = stored.text.replace(" 3:7 ", " 3:7 3:7 "),
            |stored| stored.status = MessageStatus::Interrupted,
        ];
        for wrong in stored {
            let mut testimony = testimony(Fault::Drained);
            wrong(&mut testimony.stored);
            assert!(matches!(check(&testimony).as_slice(), [Broken::WrongStore(_)]));
        }
    }

    #[test]
    fn a_cut_answer_that_is_no_beginning_is_found() {
        for wrong in [" 3:1 3:3", " 3:1 3:", " 4:1"] {
            let broken = broken_by(|_, cut| {
                cut.kept.text = wrong.into();
                cut.seen.text = wrong.into();
            });
            assert!(
                matches!(broken.as_slice(), [Broken::NoBeginning(_)]),
                "{wrong:?}: {broken:?}"
            );
        }
    }

    #[test]
    fn an_answer_that_lacks_more_than_a_batch_is_found_unless_the_machine_was_late() {
        let less = |cut: &mut Cut| {
            cut.kept.text = ORDER.beginning(24);
            cut.seen.text = ORDER.beginning(24);
        };
        let broken = broken_by(|_, cut| less(cut));
        assert_eq!(broken, [Broken::Lacks(Duration::from_millis(260))]);
        let late = broken_by(|_, cut| {
            less(cut);
            cut.noise = Duration::from_millis(10);
        });
        assert_eq!(late, []);
    }

    #[test]
    fn what_was_said_after_the_end_is_not_missing() {
        let broken = broken_by(|_, cut| {
            cut.said.extend((0..20).map(|_| Duration::from_millis(501)));
        });
        assert_eq!(broken, []);
    }

    #[test]
    fn a_page_that_shows_more_than_is_stored_is_found() {
        let broken = broken_by(|_, cut| cut.seen.text = ORDER.beginning(31));
        assert!(matches!(broken.as_slice(), [Broken::WrongPage(_)]));
    }

    #[test]
    fn a_cut_answer_that_is_not_marked_or_late_is_found() {
        let other = broken_by(|_, cut| cut.kept.status = MessageStatus::Failed);
        assert!(matches!(other.as_slice(), [Broken::Unmarked(_)]));
        let late = broken_by(|_, cut| cut.marked = Some(Duration::from_secs(16)));
        assert!(matches!(late.as_slice(), [Broken::Unmarked(_)]));
    }
}
