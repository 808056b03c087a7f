//! The list of conversations, as plain values: which day a line belongs to, what is drawn in which order, and which
//! conversations have an answer that was not seen yet.
//!
//! Must not know: the browser, its clock, where the lines come from. Start at [`rows`].

use crate::{data::Line, text};
use wire::{ConversationId, Timestamp};

const DAY_SECONDS: f64 = 86_400.0;

/// What time it is for the reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Seconds since the epoch.
    pub now: f64,
    /// How many minutes the reader's day begins after that of UTC: negative in the east.
    pub west: f64,
}

impl Clock {
    /// As the server sees it, which knows no place.
    pub fn of_server(now: Timestamp) -> Self {
        Self {
            now: seconds(now),
            west: 0.0,
        }
    }

    fn day(self, seconds: f64) -> f64 {
        ((seconds - self.west * 60.0) / DAY_SECONDS).floor()
    }
}

fn seconds(at: Timestamp) -> f64 {
    u32::try_from(at.as_secs()).map_or(f64::MAX, f64::from)
}

/// A heading in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    /// Before all others, whenever it was.
    Pinned,
    /// The reader's day, up to now.
    Today,
    /// The day before.
    Yesterday,
    /// Within seven days.
    Week,
    /// Within thirty days.
    Month,
    /// Before that.
    Earlier,
}

impl Day {
    /// What is read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pinned => text::day_pinned(),
            Self::Today => text::day_today(),
            Self::Yesterday => text::day_yesterday(),
            Self::Week => text::day_week(),
            Self::Month => text::day_month(),
            Self::Earlier => text::day_earlier(),
        }
    }

    /// Where a line stands.
    pub fn of(line: &Line, clock: Clock) -> Self {
        if line.pinned {
            return Self::Pinned;
        }
        match clock.day(clock.now) - clock.day(seconds(line.updated_at)) {
            // A clock that is behind the server's sees what comes from tomorrow.
            days if days < 1.0 => Self::Today,
            days if days < 2.0 => Self::Yesterday,
            days if days < 7.0 => Self::Week,
            days if days < 30.0 => Self::Month,
            _ => Self::Earlier,
        }
    }
}

/// What is drawn, from the top.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Row {
    /// A heading.
    Day(Day),
    /// A conversation.
    Line(Line),
}

/// The list under its headings; what a search found has none, since it stands in another order.
pub fn rows(lines: &[Line], clock: Clock, searched: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut before = None;
    for line in lines {
        let day = Day::of(line, clock);
        if before.replace(day) != Some(day) && !searched {
            rows.push(Row::Day(day));
        }
        rows.push(Row::Line(line.clone()));
    }
    rows
}

/// The newest page, read again, in front of what is older.
pub fn refresh(list: &mut Vec<Line>, newest: Vec<Line>) {
    // All that are pinned are on the newest page: what is not there any more is not pinned.
    let older = std::mem::replace(list, newest);
    append(list, older.into_iter().filter(|line| !line.pinned));
}

/// Older ones, behind those that are there.
pub fn append(list: &mut Vec<Line>, more: impl IntoIterator<Item = Line>) {
    for line in more {
        if !list.iter().any(|known| known.id == line.id) {
            list.push(line);
        }
    }
}

/// Pins a line or lets it go, before the server has said where it stands then.
pub fn pin(list: &mut Vec<Line>, id: ConversationId, pinned: bool) {
    let Some(at) = list.iter().position(|line| line.id == id) else {
        return;
    };
    let mut line = list.remove(at);
    line.pinned = pinned;
    let stands_behind = |other: &Line| (other.pinned, other.updated_at) < (line.pinned, line.updated_at);
    let place = list.iter().position(stands_behind).unwrap_or(list.len());
    list.insert(place, line);
}

/// Answers that were not seen: of a conversation in which an answer was being written when it was last looked at, and
/// is not any more, and which was not opened since. Kept by each browser for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    running: Vec<ConversationId>,
    /// Which have one.
    pub unread: Vec<ConversationId>,
}

/// More than this is nobody's list of things to read.
const MARKS: usize = 50;

impl Marks {
    /// From the text in which they are kept; what cannot be read is forgotten.
    pub fn parse(kept: &str) -> Self {
        let (running, unread) = kept.split_once('|').unwrap_or_default();
        let ids = |text: &str| {
            text.split(' ')
                .filter_map(|id| id.parse().ok())
                .take(MARKS)
                .collect()
        };
        Self {
            running: ids(running),
            unread: ids(unread),
        }
    }

    /// The text in which they are kept.
    pub fn text(&self) -> String {
        let ids = |ids: &[ConversationId]| {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            ids.join(" ")
        };
        format!("{}|{}", ids(&self.running), ids(&self.unread))
    }

    /// Looks at the list again. `current`: the conversation on the page.
    pub fn look(&mut self, lines: &[Line], current: Option<ConversationId>) {
        for line in lines {
            let was_running = self.running.contains(&line.id);
            self.running.retain(|id| *id != line.id);
            if line.running {
                self.running.push(line.id);
            } else if was_running && !self.unread.contains(&line.id) {
                self.unread.push(line.id);
            }
        }
        self.unread.retain(|id| Some(*id) != current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOON: u64 = 1_764_072_000; // 2025-11-25T12:00:00Z
    const HOUR: u64 = 3_600;

    fn line(number: u128, seconds: u64) -> Line {
        Line {
            id: ConversationId::from_uuid(Uuid::from_u128(number)),
            chatbot_name: "Ada".into(),
            title: Some(format!("Number {number}")),
            updated_at: Timestamp::from_millis(seconds * 1000),
            pinned: false,
            running: false,
            found: None,
        }
    }

    fn ids(lines: &[Line]) -> Vec<u128> {
        lines.iter().map(|line| line.id.as_uuid().as_u128()).collect()
    }

    #[test]
    fn lines_stand_under_the_day_they_belong_to_where_the_reader_is() {
        let clock = |west: f64| Clock {
            now: f64::from(u32::try_from(NOON).unwrap()),
            west,
        };
        let day = |hours_ago: u64, west| Day::of(&line(1, NOON - hours_ago * HOUR), clock(west));
        assert_eq!(day(11, 0.0), Day::Today);
        assert_eq!(day(13, 0.0), Day::Yesterday);
        assert_eq!(
            day(13, -120.0),
            Day::Today,
            "it is two o'clock there, and 11 hours ago was today"
        );
        assert_eq!(day(9, 300.0), Day::Yesterday, "it is seven in the morning there");
        assert_eq!(day(37, 0.0), Day::Week);
        assert_eq!(day(24 * 6, 0.0), Day::Week);
        assert_eq!(day(24 * 7, 0.0), Day::Month);
        assert_eq!(day(24 * 30, 0.0), Day::Earlier);
        let ahead = line(1, NOON + 24 * HOUR);
        assert_eq!(Day::of(&ahead, clock(0.0)), Day::Today, "a clock that is behind");
    }

    #[test]
    fn each_day_has_its_heading_once_and_what_is_pinned_comes_first() {
        let mut pinned = line(9, NOON - 900 * HOUR);
        pinned.pinned = true;
        let lines = [
            pinned,
            line(1, NOON),
            line(2, NOON - HOUR),
            line(3, NOON - 30 * HOUR),
        ];
        let clock = Clock::of_server(Timestamp::from_millis(NOON * 1000));
        let words: Vec<String> = rows(&lines, clock, false)
            .iter()
            .map(|row| match row {
                Row::Day(day) => day.word().to_owned(),
                Row::Line(line) => line.title.clone().unwrap(),
            })
            .collect();
        assert_eq!(
            rows(&lines, clock, true).len(),
            lines.len(),
            "of a search there are no days"
        );
        assert_eq!(
            words,
            [
                "Pinned",
                "Number 9",
                "Today",
                "Number 1",
                "Number 2",
                "Yesterday",
                "Number 3"
            ]
        );
    }

    #[test]
    fn a_list_that_is_read_again_keeps_what_is_older_and_forgets_what_is_not_pinned_any_more() {
        let mut pinned = line(9, 1);
        pinned.pinned = true;
        let mut list = vec![pinned, line(3, 30), line(2, 20), line(1, 10)];
        refresh(&mut list, vec![line(4, 40), line(2, 35), line(3, 30)]);
        assert_eq!(ids(&list), [4, 2, 3, 1]);
    }

    #[test]
    fn a_line_goes_to_its_place_when_it_is_pinned_and_back_when_it_is_let_go() {
        let mut list = vec![line(3, 30), line(2, 20), line(1, 10)];
        let id = |number| ConversationId::from_uuid(Uuid::from_u128(number));
        pin(&mut list, id(1), true);
        pin(&mut list, id(2), true);
        assert_eq!(ids(&list), [2, 1, 3]);
        pin(&mut list, id(2), false);
        assert_eq!(ids(&list), [1, 3, 2]);
        pin(&mut list, id(7), true);
        assert_eq!(ids(&list), [1, 3, 2]);
    }

    #[test]
    fn an_answer_that_ended_elsewhere_is_unread_until_its_conversation_is_opened() {
        let mut running = line(1, 10);
        running.running = true;
        let id = running.id;
        let mut marks = Marks::default();
        marks.look(&[running], Some(id));
        assert_eq!(marks.unread, []);
        // The reader has gone to another page, which reads what was kept.
        let mut marks = Marks::parse(&marks.text());
        marks.look(&[line(1, 10), line(2, 5)], Some(line(2, 5).id));
        assert_eq!(marks.unread, [id]);
        let mut marks = Marks::parse(&marks.text());
        marks.look(&[line(1, 10)], None);
        assert_eq!(marks.unread, [id], "still");
        marks.look(&[line(1, 10)], Some(id));
        assert_eq!(marks.unread, []);
    }

    #[test]
    fn marks_that_cannot_be_read_are_forgotten() {
        assert_eq!(Marks::parse("x y|z|"), Marks::default());
        assert_eq!(Marks::parse(""), Marks::default());
    }
}
