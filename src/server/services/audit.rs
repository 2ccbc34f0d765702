//! Reading the audit. Writing it is a part of what it tells of: each service does so in its own transaction.

use futures::{Stream, stream};
use sqlx::{PgPool, PgTransaction};

use super::{ServiceError, in_time};
use crate::{
    error::AppError,
    model::{
        access::Action,
        audit::{AuditLine, Filter, Page, Slice},
    },
    server::{
        actor::Actor,
        db::{self, audit},
    },
};

/// How many lines of a long answer are read at a time.
const PIECE: usize = 1000;

/// The audit.
#[derive(Clone, Debug)]
pub struct Audit {
    pool: PgPool,
}

impl Audit {
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// A page of what matches a filter, and how many lines do; above [`crate::model::history::COUNTED`] one more than that.
    ///
    /// # Errors
    /// When they may not read it, or the database refuses.
    pub async fn page_and_count(
        &self,
        by: &Actor,
        filter: &Filter,
        from: Page,
        limit: usize,
    ) -> Result<(Slice, usize), ServiceError> {
        by.permit(Action::ReadAudit)?;
        in_time(async {
            let mut db = self.begin().await?;
            let matches = audit::count(&mut *db, filter).await?;
            let slice = slice(&mut db, filter, from, limit).await?;
            Ok::<_, ServiceError>((slice, matches))
        })
        .await
    }

    /// All that matches a filter, newest first, piece by piece: neither a connection nor memory is held between them.
    ///
    /// # Errors
    /// When they may not read it.
    pub fn all(
        &self,
        by: &Actor,
        filter: Filter,
    ) -> Result<impl Stream<Item = Result<Vec<AuditLine>, AppError>> + use<>, ServiceError> {
        by.permit(Action::ReadAudit)?;
        let audit = self.clone();
        Ok(stream::try_unfold(Some(Page::Newest), move |from| {
            let (audit, filter) = (audit.clone(), filter.clone());
            async move {
                let Some(from) = from else { return Ok(None) };
                let slice = in_time(async {
                    let mut db = audit.begin().await?;
                    let slice = slice(&mut db, &filter, from, PIECE).await?;
                    Ok::<_, ServiceError>(slice)
                });
                let slice = slice.await.map_err(|error| error.tell())?;
                let last = slice.lines.last().filter(|_| slice.has_older);
                let next = last.map(|line| Page::After(line.id));
                Ok(Some((slice.lines, next)))
            }
        }))
    }

    async fn begin(&self) -> sqlx::Result<PgTransaction<'static>> {
        let mut db = db::begin_reading(&self.pool).await?;
        db::plan_each_anew(&mut db).await?;
        Ok(db)
    }
}

async fn slice(
    db: &mut PgTransaction<'static>,
    filter: &Filter,
    from: Page,
    limit: usize,
) -> sqlx::Result<Slice> {
    // One more tells whether there are more.
    let mut lines = audit::beside(db, filter, from, limit + 1).await?;
    let more = lines.len() > limit;
    lines.truncate(limit);
    // What a place was taken from stands on its other side.
    let (has_newer, has_older) = match from {
        Page::Newest => (false, more),
        Page::After(_) => (true, more),
        Page::Before(_) => {
            lines.reverse();
            (more, true)
        }
    };
    Ok(Slice {
        lines,
        has_newer,
        has_older,
    })
}
