//! Searching the history of imports.

mod gathering;

use chrono::DateTime;
use futures::{Stream, stream};
use sqlx::{PgPool, PgTransaction};

use super::{ServiceError, in_time};
use crate::{
    error::AppError,
    model::{
        history::{COUNTED, Filter, From, Place, Removable, Slice},
        import_log::{ImportLog, ImportStatus},
    },
    server::db::{
        self,
        bulk_work::{self, Counted},
        history::{self, Facets},
        import_logs,
        stretch::{Order, Stretch},
    },
};

/// How many logs of a long answer are read at a time.
const PIECE: usize = 1000;

/// How many logs are removed at a time.
const BATCH: usize = 2000;

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
    /// Above this place nothing matches.
    none_above: Option<Place>,
}

/// Where some of what matches a filter stands, and what they have in common.
#[derive(Debug)]
pub struct Batch {
    pub facets: Facets,
    pub places: Vec<Place>,
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

    /// Where the next logs stand that match a filter, after a place or from the first on, oldest first: what is removed in
    /// this order is out of the way of those who read the newest.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn batch(
        &self,
        filter: &Filter,
        after: Option<Place>,
    ) -> Result<Batch, ServiceError> {
        let first = Place {
            started_at: DateTime::UNIX_EPOCH,
            id: i32::MIN,
        };
        let from = From::Before(after.unwrap_or(first));
        Box::pin(in_time(async {
            let mut moment = Moment::of(&self.pool, filter).await?;
            let places = moment.places(from, BATCH).await?;
            let facets = moment.facets;
            Ok::<_, ServiceError>(Batch { facets, places })
        }))
        .await
    }

    /// What a removal of all that matches a filter would touch. With a text no more is looked at than is counted.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn removable(&self, filter: &Filter) -> Result<Removable, ServiceError> {
        Box::pin(in_time(async {
            let mut moment = Moment::of(&self.pool, filter).await?;
            let (mut at_least, within) = (false, Stretch::of(filter));
            let counted = if filter.text.is_some() {
                let places = moment.places(From::Newest, COUNTED + 1).await?;
                at_least = places.len() > COUNTED;
                bulk_work::count_these(&mut *moment.db, &places).await?
            } else {
                bulk_work::count_all(&mut *moment.db, &moment.facets, within).await?
            };
            let is_running = |it: &&Counted| it.status == ImportStatus::Running.as_str();
            let sum = |which: &dyn Fn(&&Counted) -> bool| -> i64 {
                counted.iter().filter(which).map(|it| it.logs).sum()
            };
            Ok::<_, ServiceError>(Removable {
                ended: sum(&|it| !is_running(it)),
                open_failures: sum(&|it| it.open),
                running: sum(&is_running),
                at_least,
            })
        }))
        .await
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
                let last = slice.logs.last().filter(|_| slice.has_older);
                let next = last.map(|log| From::After(Place::of(log)));
                Ok(Some((slice.logs, next)))
            }
        })
    }
}

impl<'a> Moment<'a> {
    async fn of(pool: &PgPool, filter: &'a Filter) -> sqlx::Result<Self> {
        let mut db = db::begin_reading(pool).await?;
        let facets = history::facets(&mut *db, filter).await?;
        if filter.text.is_some() {
            db::plan_each_anew(&mut db).await?;
        }
        Ok(Self {
            db,
            filter,
            facets,
            none_above: None,
        })
    }

    async fn count(&mut self) -> sqlx::Result<usize> {
        let (db, facets, within) = (&mut *self.db, &self.facets, Stretch::of(self.filter));
        let Some(text) = &self.filter.text else {
            return history::count(db, facets, within).await;
        };
        let (matches, none_above) = gathering::count(db, facets, text, within, COUNTED + 1).await?;
        self.none_above = Some(none_above);
        Ok(matches)
    }

    async fn page(&mut self, from: From, limit: usize) -> sqlx::Result<Slice> {
        // One more tells whether there are more.
        let mut places = self.places(from, limit + 1).await?;
        let more = places.len() > limit;
        places.truncate(limit);
        let ids: Vec<i32> = places.iter().map(|place| place.id).collect();
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

    /// The matches next to a place, the nearest first.
    async fn places(&mut self, from: From, limit: usize) -> sqlx::Result<Vec<Place>> {
        let (db, facets) = (&mut *self.db, &self.facets);
        let mut within = Stretch::of(self.filter);
        if let Some(none_above) = self.none_above {
            within.below = within.below.min(none_above);
        }
        let order = match from {
            From::Newest => Order::NewestFirst,
            From::After(place) => {
                within.below = within.below.min(place);
                Order::NewestFirst
            }
            From::Before(place) => {
                within.above = within.above.max(place);
                Order::OldestFirst
            }
        };
        if let Some(text) = &self.filter.text {
            return gathering::gather(db, facets, text, within, order, limit).await;
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        history::first(db, facets, within, order, limit).await
    }
}
