//! The story of a stored value: what it was created with, what changed it, and what was put back.

use chrono::{DateTime, Utc};

/// A change as it was kept: old and new values, line by line, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<V> {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// The import that made it, or whose change was put back.
    pub import_id: i32,
    /// The line that this one puts back.
    pub undoes: Option<i64>,
    pub old: V,
    pub new: V,
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// An import created it; `None`: it was stored before NumWatch kept track of that.
    Created(Option<i32>),
    /// This import changed it.
    Changed(i32),
    /// What this import had changed was put back.
    PutBack(i32),
}

impl Happened {
    /// The import that it tells of.
    #[must_use]
    pub const fn import(self) -> Option<i32> {
        match self {
            Self::Created(import) => import,
            Self::Changed(import) | Self::PutBack(import) => Some(import),
        }
    }
}

/// A part of the story: what happened, and the values from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<V> {
    pub happened: Happened,
    /// `None`: at its creation, whose time its import tells.
    pub at: Option<DateTime<Utc>>,
    pub values: V,
}

/// The story of what has these values now, was created by this import, and of whose changes these lines are kept.
///
/// An undo may have removed a result that an import then created anew: lines of that former life are no part of this one.
/// All of them were put back by then, and their imports are older than the one that created it. What one undo put back
/// change by change is one part.
#[must_use]
pub fn story<V: Clone>(created_by: Option<i32>, present: &V, lines: &[Line<V>]) -> Vec<Part<V>> {
    let lines = &lines[former(created_by, lines)..];
    let first = Part {
        happened: Happened::Created(created_by),
        at: None,
        values: lines.first().map_or(present, |line| &line.old).clone(),
    };
    let mut story = vec![first];
    for line in lines {
        let part = Part {
            happened: match line.undoes {
                Some(_) => Happened::PutBack(line.import_id),
                None => Happened::Changed(line.import_id),
            },
            at: Some(line.at),
            values: line.new.clone(),
        };
        match story.last_mut() {
            Some(last) if last.is_of_the_same_undo(&part) => *last = part,
            _ => story.push(part),
        }
    }
    story
}

impl<V> Part<V> {
    fn is_of_the_same_undo(&self, other: &Self) -> bool {
        matches!(self.happened, Happened::PutBack(_))
            && (self.happened, self.at) == (other.happened, other.at)
    }
}

/// How many of the lines are of a former life.
fn former<V>(created_by: Option<i32>, lines: &[Line<V>]) -> usize {
    let Some(created_by) = created_by else {
        return 0;
    };
    let mut standing = Vec::new();
    let mut former = 0;
    for (nth, line) in lines.iter().enumerate() {
        if line.import_id >= created_by {
            break;
        }
        match line.undoes {
            Some(undone) => standing.retain(|id| *id != undone),
            None => standing.push(line.id),
        }
        if standing.is_empty() {
            former = nth + 1;
        }
    }
    former
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is done to one result: whole lives of it, one after the other.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// An import brings this value: it creates the result, or changes it if it differs.
        Bring(u8),
        /// The latest import that brought something and still stands is undone.
        Undo,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![2 => (0..4u8).prop_map(Step::Bring), 1 => Just(Step::Undo)];
        prop::collection::vec(step, 0..24)
    }

    fn line(id: i64, import_id: i32, undoes: Option<i64>, old: u8, new: u8) -> Line<u8> {
        Line {
            id,
            // No two at the same moment.
            at: DateTime::from_timestamp(id, 0).unwrap(),
            import_id,
            undoes,
            old,
            new,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// The story told of a result is what happened to it since it was created the last time, whatever happened before.
        #[test]
        fn the_story_is_what_happened_in_this_life(steps in steps()) {
            let mut lines = Vec::new();
            // What happened in this life; of each change that stands its line, its import and the value before it.
            let mut told: Vec<(Happened, u8)> = Vec::new();
            let mut standing: Vec<(i64, i32, u8)> = Vec::new();
            for (import, step) in (1..).zip(steps) {
                let id = i64::try_from(lines.len()).unwrap() + 1;
                let now = told.last().map(|(_, value)| *value);
                match (step, now) {
                    (Step::Bring(value), None) => {
                        told.push((Happened::Created(Some(import)), value));
                    }
                    (Step::Bring(value), Some(now)) if value != now => {
                        lines.push(line(id, import, None, now, value));
                        standing.push((id, import, now));
                        told.push((Happened::Changed(import), value));
                    }
                    (Step::Undo, Some(now)) => match standing.pop() {
                        Some((undone, by, before)) => {
                            lines.push(line(id, by, Some(undone), now, before));
                            told.push((Happened::PutBack(by), before));
                        }
                        None => told.clear(),
                    },
                    _ => {}
                }
            }
            if let (Some((Happened::Created(by), _)), Some((_, now))) = (told.first(), told.last()) {
                let parts = story(*by, now, &lines);
                let parts: Vec<_> = parts.iter().map(|part| (part.happened, part.values)).collect();
                prop_assert_eq!(parts, told);
            }
        }
    }

    #[test]
    fn what_one_undo_put_back_change_by_change_is_told_once() {
        let at = |seconds, line: Line<u8>| Line {
            at: DateTime::from_timestamp(seconds, 0).unwrap(),
            ..line
        };
        let lines = [
            at(1, line(1, 12, None, 1, 2)),
            at(2, line(2, 12, None, 2, 3)),
            at(3, line(3, 12, Some(2), 3, 2)),
            at(3, line(4, 12, Some(1), 2, 1)),
        ];
        let parts = story(Some(9), &1, &lines);
        let told: Vec<_> = parts.iter().map(|it| (it.happened, it.values)).collect();
        assert_eq!(
            told,
            [
                (Happened::Created(Some(9)), 1),
                (Happened::Changed(12), 2),
                (Happened::Changed(12), 3),
                (Happened::PutBack(12), 1),
            ]
        );
    }

    #[test]
    fn what_was_stored_before_it_was_kept_track_of_says_so() {
        let lines = [line(7, 12, None, 1, 2)];
        let parts = story(None, &2, &lines);
        let told: Vec<_> = parts.iter().map(|it| (it.happened, it.values)).collect();
        assert_eq!(
            told,
            [(Happened::Created(None), 1), (Happened::Changed(12), 2)]
        );
    }
}
