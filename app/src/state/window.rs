//! Which messages of a long conversation are in the document: those around what the reader sees, and those that must not
//! go. What is not there leaves room of its height, so that nothing moves.
//!
//! Must not know: the document. `crate::component::pane` measures, and puts the room where it is said here.

use super::transcript::EntryKey;

/// A conversation of up to so many messages is there as a whole: it can be searched by the browser, and read aloud to its
/// end in one go.
const WHOLE: usize = 24;
/// What a message is taken for, in pixels, while none was measured.
const GUESS: f64 = 200.0;
/// This part of the view is drawn above it and below it, too; and at least so many pixels.
const AROUND: f64 = 0.6;
const AROUND_LEAST: f64 = 400.0;

/// Heights, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Window {
    /// By number of key, with the space below; 0 where it is not known.
    extents: Vec<f64>,
    sum: f64,
    known: u32,
}

/// What the reader looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sight {
    /// The end, whatever is added to it.
    End,
    /// A message, whose top is so many pixels below that of the view.
    On(EntryKey, f64),
    /// So many pixels below the first message's top.
    At(f64),
}

/// A message that is in the document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Which one of all.
    pub at: usize,
    /// The room before it, for those that are not there, in pixels.
    pub before: f64,
}

impl Window {
    /// A message was measured: its height and the space below it.
    pub fn measured(&mut self, key: EntryKey, extent: f64) {
        let Ok(at) = usize::try_from(key.number()) else {
            return;
        };
        if self.extents.len() <= at {
            self.extents.resize(at + 1, 0.0);
        }
        if let Some(known) = self.extents.get_mut(at) {
            self.known += u32::from(*known == 0.0);
            self.sum += extent - *known;
            *known = extent;
        }
    }

    /// The page has another width: nothing that was measured holds.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn extent(&self, key: EntryKey) -> f64 {
        let known = usize::try_from(key.number())
            .ok()
            .and_then(|at| self.extents.get(at));
        match known {
            Some(extent) if *extent > 0.0 => *extent,
            _ if self.known > 0 => self.sum / f64::from(self.known),
            _ => GUESS,
        }
    }

    /// The messages that are to be in the document, in order. `height`: of the view. `stays`: whether one must not go,
    /// wherever it is. The last one never does: what can be done with it is the style sheet's to say.
    pub fn choose(
        &self,
        keys: &[EntryKey],
        sight: Sight,
        height: f64,
        stays: &dyn Fn(usize) -> bool,
    ) -> Vec<Placed> {
        let top = self.top(keys, sight, height);
        let around = (height * AROUND).max(AROUND_LEAST);
        let (from, to) = (top - around, top + height + around);
        let (mut placed, mut at_top, mut before) = (Vec::new(), 0.0, 0.0);
        for (at, key) in keys.iter().enumerate() {
            let extent = self.extent(*key);
            let near = at_top + extent > from && at_top < to;
            if keys.len() <= WHOLE || near || at + 1 == keys.len() || stays(at) {
                placed.push(Placed { at, before });
                before = 0.0;
            } else {
                before += extent;
            }
            at_top += extent;
        }
        placed
    }

    /// Where the view begins, below the first message's top.
    fn top(&self, keys: &[EntryKey], sight: Sight, height: f64) -> f64 {
        let until = |end: usize| -> f64 { keys.iter().take(end).map(|key| self.extent(*key)).sum() };
        match sight {
            Sight::End => until(keys.len()) - height,
            Sight::At(top) => top,
            Sight::On(key, below) => match keys.iter().position(|known| *known == key) {
                Some(at) => until(at) - below,
                // It is gone: another branch is shown, which is read from its end.
                None => until(keys.len()) - height,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: u32) -> Vec<EntryKey> {
        (0..count).map(EntryKey::numbered).collect()
    }

    /// A conversation of messages that are 100 pixels high each, all of them measured.
    fn measured(count: u32) -> (Window, Vec<EntryKey>) {
        let (mut window, keys) = (Window::default(), keys(count));
        for key in &keys {
            window.measured(*key, 100.0);
        }
        (window, keys)
    }

    fn places(placed: &[Placed]) -> Vec<usize> {
        placed.iter().map(|placed| placed.at).collect()
    }

    #[test]
    fn a_short_conversation_is_there_as_a_whole() {
        let keys = keys(24);
        let placed = Window::default().choose(&keys, Sight::End, 100.0, &|_| false);
        assert_eq!(places(&placed), (0..24).collect::<Vec<_>>());
        assert!(placed.iter().all(|placed| placed.before == 0.0));
    }

    #[test]
    fn of_a_long_one_only_what_is_near_the_view_is_there_and_the_last() {
        let (window, keys) = measured(2000);
        let placed = window.choose(&keys, Sight::At(50_000.0), 800.0, &|_| false);
        let mut expected: Vec<_> = (495..513).collect();
        expected.push(1999);
        assert_eq!(places(&placed), expected);
        assert_eq!(placed.first().unwrap().before, 49_500.0);
        assert_eq!(placed.last().unwrap().before, 148_600.0);
    }

    #[test]
    fn whatever_is_left_out_leaves_its_room() {
        let (mut window, keys) = measured(300);
        window.measured(EntryKey::numbered(7), 1234.5);
        for top in [0.0, 700.0, 5_000.0, 29_000.0] {
            let placed = window.choose(&keys, Sight::At(top), 500.0, &|at| at == 40);
            let room: f64 = placed.iter().map(|placed| placed.before).sum();
            let there: f64 = placed.iter().map(|placed| window.extent(keys[placed.at])).sum();
            assert_eq!(room + there, 300.0 * 100.0 + 1134.5, "{top}");
            assert!(places(&placed).contains(&40), "it must not go");
        }
    }

    #[test]
    fn at_the_end_the_end_is_there_however_much_is_put_before() {
        let (window, keys) = measured(100);
        let ends = places(&window.choose(&keys, Sight::End, 800.0, &|_| false));
        assert_eq!(ends, (87..100).collect::<Vec<_>>());
    }

    #[test]
    fn older_messages_put_before_it_do_not_change_what_is_looked_at() {
        let (window, mut keys) = measured(100);
        let sight = Sight::On(EntryKey::numbered(10), -30.0);
        let before = window.choose(&keys, sight, 400.0, &|_| false);
        let older: Vec<_> = (100..150).map(EntryKey::numbered).collect();
        keys.splice(0..0, older);
        let after = window.choose(&keys, sight, 400.0, &|_| false);
        // Those before it are not measured, and are taken for what the others are.
        let moved: Vec<_> = places(&after)
            .iter()
            .filter(|at| **at >= 56)
            .map(|at| at - 50)
            .collect();
        assert_eq!(
            moved,
            places(&before)[places(&before).iter().position(|at| *at == 6).unwrap()..]
        );
    }

    #[test]
    fn what_was_measured_is_believed_until_the_page_is_another() {
        let mut window = Window::default();
        let [one, other, unknown] = [0, 1, 2].map(EntryKey::numbered);
        assert_eq!(window.extent(one), GUESS);
        window.measured(one, 100.0);
        window.measured(other, 500.0);
        window.measured(other, 300.0);
        assert_eq!((window.extent(other), window.extent(unknown)), (300.0, 200.0));
        window.forget();
        assert_eq!(window.extent(other), GUESS);
    }

    #[test]
    fn a_message_that_is_gone_is_not_looked_at_any_more() {
        let (window, keys) = measured(100);
        let gone = Sight::On(EntryKey::numbered(500), 0.0);
        assert_eq!(
            window.choose(&keys, gone, 800.0, &|_| false),
            window.choose(&keys, Sight::End, 800.0, &|_| false)
        );
    }
}
