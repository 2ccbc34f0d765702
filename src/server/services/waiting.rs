//! Waiting for an import to end, in whichever process it runs.

use std::time::{Duration, Instant};

use super::{ServiceError, imports::Imports, in_time};
use crate::{
    error::ErrorKind,
    model::import_log::{ImportLog, ImportStatus},
    server::db,
};

impl Imports {
    /// Waits until an import has ended and answers its log. The database may be away for a while meanwhile.
    ///
    /// # Errors
    /// When there is no such import, or the database refuses or stays away.
    pub async fn wait(&self, id: i32) -> Result<ImportLog, ServiceError> {
        // The log is also looked at now and then, for the case that a notification got lost with its connection.
        const LOOK_EVERY: Duration = Duration::from_secs(2);
        const PATIENCE: Duration = Duration::from_secs(30);
        let mut endings = self.listener.ended();
        let mut seen = Instant::now();
        loop {
            match in_time(self.log(id)).await {
                Ok(log) if log.status != ImportStatus::Running => return Ok(log),
                Ok(_) => seen = Instant::now(),
                Err(ServiceError::Database(error)) if db::is_passing(&error) => {
                    if seen.elapsed() > PATIENCE {
                        tracing::error!(import = id, %error, "database");
                        return Err(ServiceError::told(
                            ErrorKind::Unavailable,
                            format!(
                                "Import #{id} was started, but the database can't be reached any more. Its log will say how it ended."
                            ),
                        ));
                    }
                }
                Err(error) => return Err(error),
            }
            let ended = async { while endings.recv().await.is_ok_and(|ended| ended != id) {} };
            let _ = tokio::time::timeout(LOOK_EVERY, ended).await;
        }
    }
}
