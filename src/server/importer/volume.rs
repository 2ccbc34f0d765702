//! Whether a day of the feed brought as many draws as its weekday usually has.

use chrono::{Days, NaiveDate};
use sqlx::PgConnection;

use crate::{
    model::volume::{Usual, WEEKS},
    server::db::{coverage, import_dates},
};

/// Notes with a day that it brought far fewer draws than usual, or far more. `today`, and what follows, still fills up: of that
/// nothing is said.
///
/// # Errors
/// When the database refuses.
pub async fn judge(
    db: &mut PgConnection,
    import_id: i32,
    date: NaiveDate,
    today: NaiveDate,
    draws: i64,
) -> sqlx::Result<()> {
    if date >= today {
        return Ok(());
    }
    let weeks_before: Vec<NaiveDate> = (1..=WEEKS as u64)
        .filter_map(|weeks| date.checked_sub_days(Days::new(7 * weeks)))
        .collect();
    let known = coverage::known_draws(&mut *db, &weeks_before).await?;
    let draws = u32::try_from(draws).unwrap_or(u32::MAX);
    if let Some(sentence) = Usual::of(&known).and_then(|usual| usual.unusual(date, draws)) {
        import_dates::mark_unusual(db, import_id, date, &sentence).await?;
    }
    Ok(())
}
