//! One game: what is known of it, and the story of each of its results.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sqlx::PgTransaction;

use super::{
    ServiceError, in_time,
    results::{Results, count, slice},
};
use crate::{
    error::ErrorKind,
    model::{
        difference::DrawValues,
        game_page::{About, OneGame, Told},
        results::{COUNTED_OF_GAME, Draw, Filter, From, Place, Slice},
        story::{Happened, Line, story},
    },
    server::db::{self, stories},
};

/// So many results that are newer than a day stand on the page that shows it.
const NEWER: usize = 5;

/// Which of a game's results.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    Newest,
    /// Those before this day.
    After(NaiveDate),
    /// Those after it.
    Before(NaiveDate),
    /// The page that has it.
    Around(NaiveDate),
}

impl Results {
    /// A game at one moment, with a page of its results.
    ///
    /// # Errors
    /// When there is no such game or the database refuses.
    pub async fn game(
        &self,
        base_game_id: &str,
        wanted: Wanted,
        limit: usize,
    ) -> Result<OneGame, ServiceError> {
        Box::pin(in_time(async {
            // PostgreSQL's texts have no such character.
            if base_game_id.contains('\0') {
                return Err(no_such_game(base_game_id));
            }
            let mut db = db::begin_reading(&self.pool).await?;
            let game = stories::game(&mut *db, base_game_id)
                .await?
                .ok_or_else(|| no_such_game(base_game_id))?;
            let changes = stories::of_game(&mut *db, game.id).await?;
            let about = About {
                base_game_id: base_game_id.to_owned(),
                story: story(game.created_by, &game.called, &changes),
                called: game.called,
                is_active: game.is_active,
                created_at: game.created_at,
                drawn: stories::drawn(&mut *db, game.id).await?,
                results: count(&mut db, &[game.id], &Filter::default(), COUNTED_OF_GAME).await?,
                weekdays: stories::weekdays(&mut *db, game.id, self.clock.today()).await?,
            };
            let found = page(&mut db, game.id, wanted, limit).await?;
            let slice = told(&mut db, game.id, found).await?;
            let parts = slice.draws.iter().flat_map(|told| &told.story);
            let happened = parts.map(|part| part.happened);
            let happened = happened.chain(about.story.iter().map(|part| part.happened));
            let imports: BTreeSet<i32> = happened.filter_map(Happened::import).collect();
            let logged = stories::logged(&mut *db, imports).await?;
            Ok(OneGame {
                about,
                slice,
                logged,
            })
        }))
        .await
    }
}

async fn page(
    db: &mut PgTransaction<'static>,
    game_id: i32,
    wanted: Wanted,
    limit: usize,
) -> sqlx::Result<Slice<Draw>> {
    let at = |date| Place { date, game_id };
    let from = match wanted {
        Wanted::Newest => From::Newest,
        Wanted::After(date) => From::After(at(date)),
        Wanted::Before(date) => From::Before(at(date)),
        Wanted::Around(date) => {
            let newer = NEWER.min(limit - 1);
            let before = From::Before(at(date));
            let before = slice(db, &[game_id], &Filter::default(), before, newer).await?;
            let first = before.draws.first().map_or(date, |draw| draw.place.date);
            match first.succ_opt() {
                Some(next) if before.has_newer => From::After(at(next)),
                _ => From::Newest,
            }
        }
    };
    slice(db, &[game_id], &Filter::default(), from, limit).await
}

/// The same results, each with its story.
async fn told(
    db: &mut PgTransaction<'static>,
    game_id: i32,
    found: Slice<Draw>,
) -> sqlx::Result<Slice<Told>> {
    let dates: Vec<NaiveDate> = found.draws.iter().map(|draw| draw.place.date).collect();
    let mut changes: BTreeMap<NaiveDate, Vec<Line<DrawValues>>> = BTreeMap::new();
    for (date, line) in stories::of_results(&mut **db, game_id, &dates).await? {
        changes.entry(date).or_default().push(line);
    }
    let told = found.draws.into_iter().map(|draw| {
        let lines = changes.get(&draw.place.date).map_or(&[][..], Vec::as_slice);
        Told {
            story: story(draw.created_by, &draw.values, lines),
            draw,
        }
    });
    Ok(Slice {
        draws: told.collect(),
        has_newer: found.has_newer,
        has_older: found.has_older,
    })
}

fn no_such_game(base_game_id: &str) -> ServiceError {
    let sentence = format!(
        "There is no game \u{201c}{base_game_id}\u{201d}. It may have been cleared, or its id be mistyped: look for it among the results."
    );
    ServiceError::told(ErrorKind::NotFound, sentence)
}
