//! Browsing the results: page by page, and all that match.
//!
//! A page of the newest among all games is found in two steps. The first results of each game say how far back the page
//! goes: of as many of them as the page holds, none can be older than its last. Then what lies so far is read, of the games
//! among them.

use std::{collections::BTreeSet, sync::Arc};

use chrono::NaiveDate;
use futures::{Stream, stream};
use sqlx::{PgPool, PgTransaction};

use super::{ServiceError, in_time};
use crate::{
    error::AppError,
    model::results::{COUNTED, Draw, Filter, From, GameName, Place, Slice},
    server::{
        clock::Clock,
        db::{
            self, game_search,
            results_pages::{self, Order, Spans},
            stories,
        },
    },
};

/// How many results of a long answer are read at a time, and how many first: it is to begin at once.
const PIECE: usize = 5000;
const FIRST_PIECE: usize = 500;

/// The results.
#[derive(Clone, Debug)]
pub struct Results {
    pub(super) pool: PgPool,
    pub(super) clock: Clock,
}

/// A page of the results, at one moment.
#[derive(Clone, Debug)]
pub struct Page {
    /// Each with its game and whether the log of the import that it comes from still stands.
    pub slice: Slice<(Draw, GameName, bool)>,
    /// How many match; above [`COUNTED`] one more than that.
    pub matches: usize,
    /// There is any game at all.
    pub any_game: bool,
}

/// The games that a filter matches, by their database ids.
type Games = Arc<Vec<(i32, GameName)>>;

impl Results {
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self { pool, clock }
    }

    /// A page of what matches a filter, and how many match.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn page(
        &self,
        filter: &Filter,
        from: From,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        Box::pin(in_time(async {
            let mut db = db::begin_reading(&self.pool).await?;
            let games = game_search::named(&mut *db, filter.game.as_deref()).await?;
            let any_game = !games.is_empty() || game_search::any(&mut *db).await?;
            let ids: Vec<i32> = games.iter().map(|(id, _)| *id).collect();
            let matches = count(&mut db, &ids, filter, COUNTED).await?;
            let slice = slice(&mut db, &ids, filter, from, limit).await?;
            let told = slice.draws.iter().filter_map(Draw::comes_from);
            let logged = stories::logged(&mut *db, told.collect::<BTreeSet<_>>()).await?;
            let draws = slice.draws.into_iter().filter_map(|draw| {
                let name = name_of(&games, &draw)?;
                let stands = draw.comes_from().is_some_and(|it| logged.contains(&it));
                Some((draw, name, stands))
            });
            Ok::<_, ServiceError>(Page {
                slice: Slice {
                    draws: draws.collect(),
                    has_newer: slice.has_newer,
                    has_older: slice.has_older,
                },
                matches,
                any_game,
            })
        }))
        .await
    }

    /// All that matches a filter, newest first, piece by piece: neither a connection nor memory is held between them.
    pub fn all(
        &self,
        filter: Filter,
    ) -> impl Stream<Item = Result<Vec<(Draw, GameName)>, AppError>> + use<> {
        let results = self.clone();
        stream::try_unfold((None, Some(From::Newest)), move |(games, from)| {
            let (results, filter) = (results.clone(), filter.clone());
            async move {
                let Some(from) = from else { return Ok(None) };
                let piece = results.piece(&filter, games, from).await;
                let (games, draws) = piece.map_err(|error| error.tell())?;
                // After the last there is an empty piece.
                let next = draws.last().map(|last| From::After(last.place));
                let named = draws.into_iter().filter_map(|draw| {
                    let name = name_of(&games, &draw)?;
                    Some((draw, name))
                });
                Ok(Some((named.collect(), (Some(games), next))))
            }
        })
    }

    /// The next results of a long answer, of the games that its first piece has found.
    async fn piece(
        &self,
        filter: &Filter,
        games: Option<Games>,
        from: From,
    ) -> Result<(Games, Vec<Draw>), ServiceError> {
        Box::pin(in_time(async {
            let mut db = db::begin_reading(&self.pool).await?;
            let games = match games {
                Some(games) => games,
                None => game_search::named(&mut *db, filter.game.as_deref())
                    .await?
                    .into(),
            };
            let ids: Vec<i32> = games.iter().map(|(id, _)| *id).collect();
            let limit = match from {
                From::Newest => FIRST_PIECE,
                _ => PIECE,
            };
            let draws = next(&mut db, &ids, filter, from, limit).await?;
            Ok::<_, ServiceError>((games, draws))
        }))
        .await
    }
}

fn name_of(games: &[(i32, GameName)], draw: &Draw) -> Option<GameName> {
    let nth = games.binary_search_by_key(&draw.place.game_id, |(id, _)| *id);
    Some(games.get(nth.ok()?)?.1.clone())
}

/// How many results of these games match a filter; above `most` one more than that.
pub(super) async fn count(
    db: &mut PgTransaction<'static>,
    games: &[i32],
    filter: &Filter,
    most: usize,
) -> sqlx::Result<usize> {
    let spans = spans(games, filter, From::Newest, None);
    let most = whole(most + 1);
    let counted = results_pages::count(&mut **db, &spans, filter.status, most).await?;
    Ok(usize::try_from(counted).unwrap_or_default())
}

/// A page of the results of these games.
pub(super) async fn slice(
    db: &mut PgTransaction<'static>,
    games: &[i32],
    filter: &Filter,
    from: From,
    limit: usize,
) -> sqlx::Result<Slice<Draw>> {
    // One more tells whether there are more.
    let mut draws = next(db, games, filter, from, limit + 1).await?;
    let more = draws.len() > limit;
    draws.truncate(limit);
    let is_back = matches!(from, From::Before(_));
    if is_back {
        draws.reverse();
    }
    // What a place was taken from stands on its other side.
    Ok(Slice {
        draws,
        has_newer: if is_back { more } else { from != From::Newest },
        has_older: is_back || more,
    })
}

/// The results of these games next to a place, the nearest first.
async fn next(
    db: &mut PgTransaction<'static>,
    games: &[i32],
    filter: &Filter,
    mut from: From,
    limit: usize,
) -> sqlx::Result<Vec<Draw>> {
    let order = match from {
        From::Before(_) => Order::OldestFirst,
        _ => Order::NewestFirst,
    };
    let (db, status) = (&mut **db, filter.status);
    let mut games = games.to_vec();
    let mut found = Vec::new();
    while found.len() < limit {
        let wanted = limit - found.len();
        let about = spans(&games, filter, from, None);
        let mut first =
            results_pages::first(&mut *db, &about, status, order, 1, whole(wanted)).await?;
        if first.len() < wanted && !first.is_empty() {
            // These are all games that have any: of fewer games more results each say how far the page goes.
            games = ids(&first);
            let each = whole(wanted.div_ceil(games.len()));
            let about = spans(&games, filter, from, None);
            first =
                results_pages::first(&mut *db, &about, status, order, each, whole(wanted)).await?;
        }
        let Some(end) = first.last().copied() else {
            break;
        };
        let about = spans(&ids(&first), filter, from, Some((end, order)));
        let draws =
            results_pages::draws(&mut *db, &about, status, order, whole(first.len())).await?;
        let Some(last) = draws.last() else { break };
        from = match order {
            Order::NewestFirst => From::After(last.place),
            Order::OldestFirst => From::Before(last.place),
        };
        found.extend(draws);
    }
    Ok(found)
}

/// The games of some places, each once.
fn ids(places: &[Place]) -> Vec<i32> {
    let ids: BTreeSet<i32> = places.iter().map(|place| place.game_id).collect();
    ids.into_iter().collect()
}

/// The dates of each game that a filter asks for, on the far side of a place, and up to an end where one is given.
fn spans(games: &[i32], filter: &Filter, from: From, end: Option<(Place, Order)>) -> Spans {
    let first = filter
        .from
        .unwrap_or(NaiveDate::from_yo_opt(1, 1).unwrap_or(NaiveDate::MIN));
    let last = filter
        .to
        .unwrap_or(NaiveDate::from_yo_opt(9999, 365).unwrap_or(NaiveDate::MAX));
    let day_after = |date: NaiveDate| date.succ_opt().unwrap_or(date);
    let day_before = |date: NaiveDate| date.pred_opt().unwrap_or(date);
    let span = |game: &i32| {
        let (mut lower, mut upper) = (first, last);
        match from {
            From::Newest => {}
            // Within a day what comes later has the greater id.
            From::After(place) if *game > place.game_id => upper = upper.min(place.date),
            From::After(place) => upper = upper.min(day_before(place.date)),
            From::Before(place) if *game < place.game_id => lower = lower.max(place.date),
            From::Before(place) => lower = lower.max(day_after(place.date)),
        }
        match end {
            None => {}
            Some((end, Order::NewestFirst)) if *game <= end.game_id => lower = lower.max(end.date),
            Some((end, Order::NewestFirst)) => lower = lower.max(day_after(end.date)),
            Some((end, Order::OldestFirst)) if *game >= end.game_id => upper = upper.min(end.date),
            Some((end, Order::OldestFirst)) => upper = upper.min(day_before(end.date)),
        }
        (*game, lower, upper)
    };
    games.iter().map(span).collect()
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
