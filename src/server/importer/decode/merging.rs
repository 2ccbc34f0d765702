//! When two readings of one draw meet: what an answer of the feed makes of what stands there already
//! (`formats.md` §1, "Merging"). The same rule joins the repetitions within one answer.

use crate::model::{difference::DrawValues, game::ResultStatus};

/// The draw as it is after the answer.
///
/// Each value merges by itself: digits replace what stood there, and nothing else replaces digits. The status follows;
/// an answer that says what stands there already changes nothing.
#[must_use]
pub fn merged(stored: &DrawValues, answer: &DrawValues) -> DrawValues {
    if stored == answer {
        return stored.clone();
    }
    let newer = |answer: &Option<String>, stored: &Option<String>| {
        answer.as_ref().or(stored.as_ref()).cloned()
    };
    let status = if answer.status == ResultStatus::Cancelled {
        ResultStatus::Cancelled
    } else if has_digits(answer) {
        ResultStatus::Completed
    } else if has_digits(stored) {
        // Only digits bring a cancelled draw back, and this answer has none.
        match stored.status {
            ResultStatus::Cancelled => ResultStatus::Cancelled,
            _ => ResultStatus::Completed,
        }
    } else if answer.status == ResultStatus::Waiting {
        ResultStatus::Waiting
    } else {
        stored.status
    };
    DrawValues {
        result_3up: newer(&answer.result_3up, &stored.result_3up),
        result_2down: newer(&answer.result_2down, &stored.result_2down),
        result_4up: newer(&answer.result_4up, &stored.result_4up),
        status,
    }
}

/// Whether the answer replaces digits with others.
#[must_use]
pub fn corrects(stored: &DrawValues, answer: &DrawValues) -> bool {
    values(stored)
        .into_iter()
        .zip(values(answer))
        .any(|(stored, answer)| {
            stored
                .zip(answer)
                .is_some_and(|(stored, answer)| stored != answer)
        })
}

fn has_digits(draw: &DrawValues) -> bool {
    values(draw).into_iter().any(|value| value.is_some())
}

fn values(draw: &DrawValues) -> [Option<&str>; 3] {
    [
        draw.result_3up.as_deref(),
        draw.result_2down.as_deref(),
        draw.result_4up.as_deref(),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ResultStatus::{Cancelled, Completed, NoResult, Waiting};

    fn draw(values: [&str; 2], status: ResultStatus) -> DrawValues {
        let [up3, down2] = values.map(|text| (!text.is_empty()).then(|| text.to_owned()));
        DrawValues {
            result_3up: up3,
            result_2down: down2,
            result_4up: None,
            status,
        }
    }

    #[test]
    fn the_rules_one_by_one() {
        let done = draw(["282", "05"], Completed);
        let off = draw(["282", "05"], Cancelled);
        let nothing = draw(["", ""], NoResult);
        for (what, stored, answer, expected) in [
            (
                "absent takes nothing away",
                &done,
                nothing.clone(),
                done.clone(),
            ),
            (
                "nor does waiting",
                &done,
                draw(["", ""], Waiting),
                done.clone(),
            ),
            (
                "digits replace absence",
                &draw(["", ""], Waiting),
                done.clone(),
                done.clone(),
            ),
            (
                "one value by itself",
                &done,
                draw(["", "07"], Completed),
                draw(["282", "07"], Completed),
            ),
            (
                "cancelled leaves the digits",
                &done,
                draw(["", ""], Cancelled),
                off.clone(),
            ),
            (
                "silence brings none back",
                &off,
                nothing.clone(),
                off.clone(),
            ),
            (
                "nor does waiting",
                &off,
                draw(["", ""], Waiting),
                off.clone(),
            ),
            ("digits do", &off, done.clone(), done.clone()),
            (
                "a draw is awaited",
                &nothing,
                draw(["", ""], Waiting),
                draw(["", ""], Waiting),
            ),
            (
                "and stays so",
                &draw(["", ""], Waiting),
                nothing.clone(),
                draw(["", ""], Waiting),
            ),
            (
                "half a draw",
                &draw(["", ""], Waiting),
                draw(["282", ""], Waiting),
                draw(["282", ""], Completed),
            ),
            (
                "what is the same stays",
                &draw(["282", ""], Waiting),
                draw(["282", ""], Waiting),
                draw(["282", ""], Waiting),
            ),
        ] {
            assert_eq!(merged(stored, &answer), expected, "{what}");
        }
        assert!(corrects(&done, &draw(["283", ""], Completed)));
        assert!(!corrects(&done, &draw(["", ""], Cancelled)));
        assert!(!corrects(&nothing, &done));
    }

    fn any_draw() -> impl Strategy<Value = DrawValues> {
        let value = || proptest::option::of("[0-2]");
        let status = proptest::sample::select(ResultStatus::ALL.to_vec());
        (value(), value(), value(), status).prop_map(
            |(result_3up, result_2down, result_4up, status)| DrawValues {
                result_3up,
                result_2down,
                result_4up,
                status,
            },
        )
    }

    proptest! {
        #[test]
        fn again_is_harmless_and_no_digit_goes(stored in any_draw(), answer in any_draw()) {
            let once = merged(&stored, &answer);
            prop_assert_eq!(&merged(&once, &answer), &once);
            for ((was, said), is) in values(&stored).into_iter().zip(values(&answer)).zip(values(&once)) {
                prop_assert_eq!(is, said.or(was));
            }
        }
    }
}
