//! What is true of the whole installation, as the database knows it.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::measure::Labels;
use crate::{
    model::{
        alert::AlertState,
        import_log::{FailureKind, ImportStatus, ImportType},
        monitoring::Counted,
    },
    server::db::watching::{Installation, LastSuccess},
};

pub fn register(installation: &Installation, registry: &mut Registry) {
    let Installation {
        imports,
        last_successes,
        now,
        alerts,
    } = installation;
    register_logs(imports, registry);
    register_last_successes(last_successes, registry);
    let unfinished = Family::<Labels<1>, Gauge>::default();
    for (state, number) in [
        ("waiting", now.waiting),
        ("pausing", now.pausing),
        ("arriving", now.arriving),
        ("running", now.running),
    ] {
        let labels = [("state", state.into())];
        unfinished.get_or_create(&labels).set(number);
    }
    registry.register(
        "installation_unfinished_imports",
        "Imports that have not ended: waiting for a worker, pausing before another attempt, arriving (uploads), or running",
        unfinished,
    );
    let told = Family::<Labels<1>, Gauge>::default();
    for (state, number) in [
        (AlertState::Waiting, alerts.waiting),
        (AlertState::Delivered, alerts.delivered),
        (AlertState::GivenUp, alerts.given_up),
        (AlertState::SummedUp, alerts.summed_up),
    ] {
        let labels = [("state", state.as_str().into())];
        told.get_or_create(&labels).set(number);
    }
    registry.register(
        "installation_alerts",
        "Alerts of the last thirty days, by what became of them: delivered, waiting (to be sent, or again), given_up, or summed_up in another one",
        told,
    );
    let age = Gauge::<f64, AtomicU64>::default();
    age.set(now.oldest_seconds);
    registry.register(
        "installation_queue_oldest_age_seconds",
        "How long the import has waited for a worker that has done so longest; 0: none waits",
        age,
    );
    if let Some(since) = now.success_awaited_since {
        let gauge = Gauge::<i64>::default();
        gauge.set(since.timestamp());
        registry.register(
            "installation_success_awaited_since_timestamp_seconds",
            "Since when a success of the scheduler is awaited, in seconds since 1970: its latest one, or when it was switched on; nothing while it is off, or where no feed was ever known",
            gauge,
        );
    }
    for (name, help, number) in [
        (
            "installation_processes",
            "Processes (serve, worker) that were heard of within half a minute",
            now.processes,
        ),
        (
            "installation_workers",
            "Those of the processes that run imports",
            now.workers,
        ),
        (
            "installation_scheduler_on",
            "1: the scheduler is switched on",
            now.scheduler_on.into(),
        ),
    ] {
        let gauge = Gauge::<i64>::default();
        gauge.set(number);
        registry.register(name, help, gauge);
    }
}

/// What became of imports, and how many failures nobody has settled.
fn register_logs(imports: &[Counted], registry: &mut Registry) {
    let logs = Family::<Labels<3>, Gauge>::default();
    let open = Family::<Labels<1>, Gauge>::default();
    let words = |import_type: ImportType, status: ImportStatus, kind: Option<FailureKind>| {
        [
            ("type", import_type.as_str().into()),
            ("status", status.as_str().into()),
            ("failure_kind", kind.map_or("", FailureKind::as_str).into()),
        ]
    };
    // A series that begins with its first log has no rise that anybody could see.
    for import_type in ImportType::ALL {
        drop(logs.get_or_create(&words(import_type, ImportStatus::Success, None)));
        for kind in FailureKind::ALL {
            drop(logs.get_or_create(&words(import_type, ImportStatus::Failed, Some(kind))));
        }
        drop(open.get_or_create(&[("type", import_type.as_str().into())]));
    }
    let ended = imports
        .iter()
        .filter(|counted| counted.status != ImportStatus::Running);
    for counted in ended {
        let labels = words(counted.import_type, counted.status, counted.failure_kind);
        logs.get_or_create(&labels).inc_by(counted.logs);
        if counted.open {
            let labels = [("type", counted.import_type.as_str().into())];
            open.get_or_create(&labels).inc_by(counted.logs);
        }
    }
    registry.register(
        "installation_imports",
        "Logs of imports that have ended, by type, status and reason, whichever process worked on them; those that are removed count no more",
        logs,
    );
    registry.register(
        "installation_open_failures",
        "Failed imports that nobody has settled, by type",
        open,
    );
}

fn register_last_successes(last_successes: &[LastSuccess], registry: &mut Registry) {
    let last = Family::<Labels<2>, Gauge>::default();
    for success in last_successes {
        let labels = [
            ("type", success.import_type.as_str().into()),
            ("requested_by", success.requested_by.as_str().into()),
        ];
        last.get_or_create(&labels).set(success.at.timestamp());
    }
    registry.register(
        "installation_last_success_timestamp_seconds",
        "When the newest import that succeeded ended, in seconds since 1970, by type and by the door that it came through",
        last,
    );
}
