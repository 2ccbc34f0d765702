//! Which draws there should be.

use super::volume::WEEKS;

/// So many days before those that are looked at say which draws are expected.
pub const BEFORE: usize = 7 * WEEKS;

/// On which of some days a game's draw is expected that has these draws: the days from [`BEFORE`] days before the first of
/// them on. A weekday is the game's own when it was drawn in at least half of the last eight weeks; of a game that began since,
/// in half of the weeks that it has.
#[must_use]
pub fn expected<T>(draws: &[Option<T>]) -> Vec<bool> {
    let mut first = draws.iter().position(Option::is_some);
    (BEFORE..draws.len())
        .map(|day| {
            // The first draw of the eight weeks before.
            while first.is_some_and(|first| first + BEFORE < day) {
                let from = first.map_or(0, |first| first + 1);
                let next = draws.iter().skip(from).position(Option::is_some);
                first = next.map(|next| from + next);
            }
            let Some(first) = first.filter(|first| *first < day) else {
                return false;
            };
            let weeks = (day - first).div_ceil(7);
            let same_weekday = (1..=weeks).filter(|week| {
                let before = day.checked_sub(7 * week);
                before.is_some_and(|at| draws.get(at).is_some_and(Option::is_some))
            });
            let found = same_weekday.count();
            found > 0 && 2 * found >= weeks
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule, said once more: word by word, for one day.
    fn is_expected(drawn: &[bool], day: usize) -> bool {
        let window: Vec<bool> = (1..=56)
            .map(|back| drawn.get(day.wrapping_sub(back)) == Some(&true))
            .collect();
        let Some(oldest) = window.iter().rposition(|drawn| *drawn) else {
            return false;
        };
        let weeks = oldest / 7 + 1;
        let same = window.iter().skip(6).step_by(7).filter(|drawn| **drawn);
        let same = same.count();
        same >= 1 && same * 2 >= weeks
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_draw_is_expected_where_the_games_own_weekdays_say_so(
            weekdays in prop::collection::vec(0_u8..4, 7),
            begins in 0_usize..150,
            ends in 0_usize..150,
            chances in prop::collection::vec(0_u8..8, 0..150),
        ) {
            // Drawn on some weekdays always, on others now and then, on others never; with gaps, from some day to another.
            let days: Vec<bool> = chances.iter().enumerate().map(|(day, chance)| {
                (begins.min(ends)..=begins.max(ends)).contains(&day) && match weekdays[day % 7] {
                    0 => false,
                    1 => *chance == 0,
                    2 => *chance > 0,
                    _ => true,
                }
            }).collect();
            let draws: Vec<Option<()>> = days.iter().map(|drawn| drawn.then_some(())).collect();
            let told = expected(&draws);
            let plain: Vec<bool> = (BEFORE..days.len()).map(|day| is_expected(&days, day)).collect();
            prop_assert_eq!(told, plain);
        }
    }

    /// Draws on these days; the answer is of the day that follows them.
    fn next(is_drawn: impl Fn(usize) -> bool) -> bool {
        let draws: Vec<Option<()>> = (0..=BEFORE)
            .map(|day| (day < BEFORE && is_drawn(day)).then_some(()))
            .collect();
        expected(&draws) == [true]
    }

    #[test]
    fn a_game_keeps_its_weekdays_through_gaps() {
        assert!(next(|_| true), "drawn each day");
        assert!(next(|day| day % 7 == 0), "drawn on this weekday");
        assert!(!next(|day| day % 7 == 1), "drawn on another");
        assert!(next(|day| day < 28), "not for four weeks");
        assert!(!next(|day| day < 21), "not for five");
        assert!(!next(|_| false), "never drawn");
        assert!(next(|day| day >= 49), "known for a week");
        assert!(!next(|day| day > 49), "known for less");
        assert!(!next(|day| day == 14), "drawn once, long ago");
        let twice_a_month = [3, 18, 31, 46];
        assert!(!next(|day| twice_a_month.contains(&day)), "by the month");
    }
}
