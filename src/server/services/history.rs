//! Searching the history of imports.

use std::cmp::Reverse;

use futures::{Stream, stream};
use sqlx::{PgPool, PgTransaction};

use super::{ServiceError, in_time};
use crate::{
    error::AppError,
    model::{
        history::{COUNTED, Filter, From, Place, Slice},
        import_log::{Cleared, ImportLog},
    },
    server::db::{
        self,
        history::{self, Facets},
        import_log_counts, import_logs,
    },
};

/// How many logs of a long answer are read at a time.
const PIECE: usize = 1000;

/// The history of imports.
#[derive(Clone, Debug)]
pub struct History {
    pool: PgPool,
}

/// One moment of the history, and what matches a filter in it.
struct Moment<'a> {
    db: PgTransaction<'static>,
    filter: &'a Filter,
    facets: Facets,
    /// All matches, where a text is searched for that few logs have.
    hits: Option<Vec<Place>>,
    matches: Option<usize>,
}

impl History {
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// A page of what matches a filter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn page(
        &self,
        filter: &Filter,
        from: From,
        limit: usize,
    ) -> Result<Slice, ServiceError> {
        Box::pin(in_time(async {
            let mut moment = Moment::of(&self.pool, filter).await?;
            Ok::<_, ServiceError>(moment.page(from, limit).await?)
        }))
        .await
    }

    /// The same with the number of all that match; above [`COUNTED`] one more than that.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn page_and_count(
        &self,
        filter: &Filter,
        from: From,
        limit: usize,
    ) -> Result<(Slice, usize), ServiceError> {
        Box::pin(in_time(async {
            let mut moment = Moment::of(&self.pool, filter).await?;
            let matches = moment.count().await?;
            Ok::<_, ServiceError>((moment.page(from, limit).await?, matches))
        }))
        .await
    }

    /// Removes the logs that match a filter and have ended, batch by batch, each in a transaction of its own: nobody waits
    /// for all of it, and what was removed when it breaks off stays removed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove(
        &self,
        filter: &Filter,
        keep_open_failures: bool,
    ) -> Result<Cleared, ServiceError> {
        let mut removed = 0;
        let mut from = Some(From::Newest);
        while let Some(place) = from {
            let slice = self.page(filter, place, PIECE).await?;
            let ids: Vec<i32> = slice.logs.iter().map(|log| log.id).collect();
            removed += history::remove(&self.pool, &ids, keep_open_failures).await?;
            from = next(&slice);
        }
        let counts = import_log_counts::read(&self.pool).await?;
        Ok(Cleared {
            removed,
            open_failures_left: counts.open_failures,
        })
    }

    /// All that matches a filter, newest first, piece by piece: neither a connection nor memory is held between them.
    pub fn all(
        &self,
        filter: Filter,
    ) -> impl Stream<Item = Result<Vec<ImportLog>, AppError>> + use<> {
        let history = self.clone();
        stream::try_unfold(Some(From::Newest), move |from| {
            let (history, filter) = (history.clone(), filter.clone());
            async move {
                let Some(from) = from else { return Ok(None) };
                let slice = history.page(&filter, from, PIECE).await;
                let slice = slice.map_err(|error| error.tell())?;
                let next = next(&slice);
                Ok(Some((slice.logs, next)))
            }
        })
    }
}

impl<'a> Moment<'a> {
    async fn of(pool: &PgPool, filter: &'a Filter) -> sqlx::Result<Self> {
        let mut db = db::begin_reading(pool).await?;
        let facets = history::facets(&mut *db, filter).await?;
        let mut moment = Self {
            db,
            filter,
            facets,
            hits: None,
            matches: None,
        };
        if let Some(text) = &filter.text {
            let (db, facets) = (&mut *moment.db, &moment.facets);
            let without_text = history::count(&mut *db, facets, filter).await?;
            let mut hits = if without_text <= COUNTED {
                history::hits_among(db, facets, filter, text).await?
            } else {
                history::hits(db, facets, filter, text).await?
            };
            hits.sort_unstable_by_key(|place| Reverse((place.started_at, place.id)));
            moment.matches = Some(hits.len());
            moment.hits = (hits.len() <= COUNTED).then_some(hits);
        }
        Ok(moment)
    }

    async fn count(&mut self) -> sqlx::Result<usize> {
        match self.matches {
            Some(matches) => Ok(matches),
            None => history::count(&mut *self.db, &self.facets, self.filter).await,
        }
    }

    async fn page(&mut self, from: From, limit: usize) -> sqlx::Result<Slice> {
        // One more tells whether there are more.
        let mut ids = match &self.hits {
            Some(hits) => among(hits, from, limit + 1),
            None => self.walk(from, limit + 1).await?,
        };
        let more = ids.len() > limit;
        ids.truncate(limit);
        let logs = import_logs::of_ids(&mut *self.db, &ids).await?;
        // What a place was taken from stands on its other side.
        Ok(match from {
            From::Newest => Slice {
                logs,
                has_newer: false,
                has_older: more,
            },
            From::After(_) => Slice {
                logs,
                has_newer: true,
                has_older: more,
            },
            From::Before(_) => Slice {
                logs,
                has_newer: more,
                has_older: true,
            },
        })
    }

    async fn walk(&mut self, from: From, limit: usize) -> sqlx::Result<Vec<i32>> {
        let (db, facets, filter) = (&mut *self.db, &self.facets, self.filter);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        match from {
            From::Newest => history::older(db, facets, filter, None, limit).await,
            From::After(place) => history::older(db, facets, filter, Some(place), limit).await,
            From::Before(place) => history::newer(db, facets, filter, place, limit).await,
        }
    }
}

/// Where a page's older neighbour begins, if there is one.
fn next(slice: &Slice) -> Option<From> {
    let last = slice.logs.last().filter(|_| slice.has_older)?;
    Some(From::After(Place::of(last)))
}

/// The ids of those of `hits`, which are in the history's order, that stand next to a place.
fn among(hits: &[Place], from: From, limit: usize) -> Vec<i32> {
    let key = |place: &Place| (place.started_at, place.id);
    let ids = |hits: &mut dyn Iterator<Item = &Place>| hits.take(limit).map(|it| it.id).collect();
    match from {
        From::Newest => ids(&mut hits.iter()),
        From::After(place) => ids(&mut hits.iter().filter(|it| key(it) < key(&place))),
        From::Before(place) => ids(&mut hits.iter().rev().filter(|it| key(it) > key(&place))),
    }
}
