//! Whether all processes keep uploads in one store. Each store has a name, which every process tells with its signs of life.

use sqlx::PgPool;

use crate::server::db::processes;

/// How many processes are named; more are counted.
const NAMED: usize = 2;

/// Compares this process's store with the others'.
#[derive(Clone, Debug)]
pub struct Stores {
    pool: PgPool,
    /// The name of this process's.
    own: String,
}

impl Stores {
    #[must_use]
    pub const fn new(pool: PgPool, own: String) -> Self {
        Self { pool, own }
    }

    /// That living processes keep uploads elsewhere, as a sentence; `None`: all keep them where this one does.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn differ(&self) -> sqlx::Result<Option<String>> {
        let others = processes::with_another_store(&self.pool, &self.own).await?;
        Ok((!others.is_empty()).then(|| sentence(&others)))
    }
}

fn sentence(others: &[String]) -> String {
    let (named, more) = others.split_at(others.len().min(NAMED));
    let mut who = named.join(" and ");
    if !more.is_empty() {
        who = format!("{}, and {} more", named.join(", "), more.len());
    }
    let keep = if others.len() == 1 { "keeps" } else { "keep" };
    format!(
        "{who} {keep} uploads in another store than the process that answers here, so neither can import what the other receives. Let NUMWATCH_PAYLOADS name the same store for all of them: an object store, or a folder that they share."
    )
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn the_others_are_named_as_far_as_they_are_few() {
        let names = ["numwatch worker on a (1)", "b", "c", "d"].map(str::to_owned);
        for (count, begins) in [
            (1, "numwatch worker on a (1) keeps uploads in"),
            (2, "numwatch worker on a (1) and b keep uploads in"),
            (4, "numwatch worker on a (1), b, and 2 more keep uploads in"),
        ] {
            let said = sentence(&names[..count]);
            assert!(said.starts_with(begins), "{said}");
        }
    }
}
