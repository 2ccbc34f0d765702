//! This process's connections to PostgreSQL, and whether it answers.

use std::{sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::measure::{Labels, gauged};
use crate::server::db::watching::Installation;

/// The connections that this process holds.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub idle: usize,
    pub all: u32,
    pub most: u32,
}

/// What came of asking the database.
#[derive(Debug)]
pub struct Answer {
    /// How long a connection was waited for, whether or not one came.
    pub waited: Duration,
    /// How long all of it took.
    pub took: Duration,
    /// `None`: no answer came in time.
    pub installation: Option<Installation>,
}

impl Pool {
    pub(super) fn register(self, registry: &mut Registry) {
        let connections = Family::<Labels<1>, Gauge>::default();
        let idle = gauged(self.idle);
        let used = (i64::from(self.all) - idle).max(0);
        for (state, number) in [("idle", idle), ("in_use", used)] {
            let labels = [("state", state.into())];
            connections.get_or_create(&labels).set(number);
        }
        registry.register(
            "database_pool_connections",
            "Connections that this process holds to PostgreSQL, idle or in use",
            connections,
        );
        let most = Gauge::<i64>::default();
        most.set(self.most.into());
        registry.register(
            "database_pool_connections_limit",
            "The most connections that this process may hold (NUMWATCH_DATABASE_CONNECTIONS)",
            most,
        );
    }
}

impl Answer {
    pub(super) fn register(&self, registry: &mut Registry) {
        let up = Gauge::<i64>::default();
        up.set(self.installation.is_some().into());
        registry.register(
            "database_up",
            "Whether PostgreSQL answered this process in time just now: without it nothing is told of the installation",
            up,
        );
        for (name, help, time) in [
            (
                "database_pool_wait_seconds",
                "How long this very question waited for a free connection",
                self.waited,
            ),
            (
                "database_answer_seconds",
                "How long PostgreSQL and the wait for a connection took for this very question",
                self.took,
            ),
        ] {
            let gauge = Gauge::<f64, AtomicU64>::default();
            gauge.set(time.as_secs_f64());
            registry.register(name, help, gauge);
        }
    }
}
