//! Twenty things worth seeing: scheduled runs that brought nothing, next to each other, are one row.

use crate::{
    model::fold::{Fold, QuietRun},
    server::db::folds::Stretch,
};

/// The first `most` rows: the imports that have one of their own, newest first, and the folds among them.
#[must_use]
pub fn fold(stretches: &[Stretch], most: usize) -> (Vec<i32>, Vec<Fold>) {
    let (mut ids, mut folds) = (Vec::new(), Vec::new());
    for stretch in stretches {
        if ids.len() + folds.len() == most {
            break;
        }
        match (stretch.runs, stretch.ids.first(), stretch.first) {
            (0, ..) => {}
            (1, Some(alone), _) => ids.push(*alone),
            (runs, _, Some(first)) => folds.push(Fold {
                key: -stretch.below.unwrap_or_default(),
                above: ids.len(),
                runs,
                first,
                newest: newest(stretch),
            }),
            _ => {}
        }
        if ids.len() + folds.len() < most {
            ids.extend(stretch.below);
        }
    }
    (ids, folds)
}

fn newest(stretch: &Stretch) -> Vec<QuietRun> {
    let runs = stretch.ids.iter().zip(&stretch.times);
    runs.map(|(&id, &started_at)| QuietRun { id, started_at })
        .collect()
}
