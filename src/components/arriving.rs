//! Rows that come one after the other.
//!
//! Leptos's keyed list takes every row out of the page and puts it in again when two new ones come before it at once:
//! focus, selection and the place that one has scrolled to would be lost.

use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

/// A list that becomes as `goal` says by one new row at a time, all before the browser draws anything.
#[must_use]
pub fn one_by_one(goal: Memo<Vec<i32>>) -> RwSignal<Vec<i32>> {
    let shown = RwSignal::new(goal.get_untracked());
    let going = StoredValue::new(false);
    let next =
        move || shown.try_with_untracked(|shown| goal.try_with_untracked(|goal| step(shown, goal)));
    Effect::new(move || {
        goal.track();
        // What is under way sees the newer goal, too.
        if going.get_value() {
            return;
        }
        going.set_value(true);
        spawn_local(async move {
            while let Some(rows) = next().flatten().flatten() {
                shown.try_set(rows);
                tick().await;
            }
            going.try_update_value(|going| *going = false);
        });
    });
    shown
}

/// The rows after the next change, if any is left: those that go all at once, then one that comes.
fn step(shown: &[i32], goal: &[i32]) -> Option<Vec<i32>> {
    if shown == goal {
        return None;
    }
    let stay = |row: &&i32| goal.contains(row);
    if !shown.iter().all(|row| goal.contains(row)) {
        return Some(shown.iter().filter(stay).copied().collect());
    }
    let comes = goal.iter().rfind(|row| !shown.contains(row));
    let there = |row: &&i32| shown.contains(row) || comes == Some(row);
    Some(goal.iter().filter(there).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(shown: &[i32], goal: &[i32]) -> Vec<Vec<i32>> {
        let next = |rows: &Vec<i32>| step(rows, goal);
        std::iter::successors(Some(shown.to_vec()), next)
            .skip(1)
            .collect()
    }

    #[test]
    fn each_step_brings_one_row_and_the_last_is_the_goal() {
        assert_eq!(steps(&[2, 1], &[2, 1]), Vec::<Vec<i32>>::new());
        assert_eq!(
            steps(&[3, 2, 1], &[5, 4, 3, 2]),
            [vec![3, 2], vec![4, 3, 2], vec![5, 4, 3, 2]]
        );
        assert_eq!(steps(&[], &[2, 1]), [vec![1], vec![2, 1]]);
        assert_eq!(steps(&[1, 2], &[2, 1]), [vec![2, 1]]);
        assert_eq!(steps(&[2, 1], &[]), [Vec::<i32>::new()]);
    }
}
