//! Attempts at imports, as the workers of this process made them. How many imports there are and what became of each stands in
//! the logs, whoever worked on them: [`super::installation`].

use std::time::Duration;

use prometheus_client::{metrics::histogram::Histogram, registry::Registry};

use super::measure::{Histograms, Labels};
use crate::model::import_log::{FailureKind, ImportType};

/// Seconds: from the sample to a file of gigabytes, or a year of days.
const TOOK: [f64; 13] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1200.0, 3600.0,
];
/// Records a second.
const RECORDS: [f64; 10] = [
    100.0, 1_000.0, 5_000.0, 10_000.0, 25_000.0, 50_000.0, 100_000.0, 150_000.0, 250_000.0,
    500_000.0,
];
/// Bytes a second.
const BYTES: [f64; 9] = [1e4, 1e5, 5e5, 1e6, 5e6, 1e7, 2.5e7, 5e7, 1e8];
/// Below so much time a rate says nothing.
const ENOUGH: Duration = Duration::from_millis(100);

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Success,
    /// The import has failed with it.
    Failed(FailureKind),
    /// It failed, and the import is tried again.
    Again,
    /// Its process stops: another goes on with the import.
    HandedBack,
    /// The import was somebody else's meanwhile, or how it ended could not be written.
    Lost,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed(kind) => kind.as_str(),
            Self::Again => "again",
            Self::HandedBack => "handed_back",
            Self::Lost => "lost",
        }
    }
}

/// Attempts at imports.
#[derive(Clone, Debug)]
pub struct Imports {
    took: Histograms<2>,
    records: Histograms<1>,
    bytes: Histograms<1>,
}

impl Imports {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let imports = Self {
            took: Histograms::new_with_constructor(|| Histogram::new(TOOK)),
            records: Histograms::new_with_constructor(|| Histogram::new(RECORDS)),
            bytes: Histograms::new_with_constructor(|| Histogram::new(BYTES)),
        };
        // A series that begins with its first event has no rise that anybody could see.
        for import_type in ImportType::ALL {
            let ends = FailureKind::ALL.map(Outcome::Failed);
            for outcome in ends.into_iter().chain([Outcome::Success, Outcome::Again]) {
                drop(imports.took.get_or_create(&took(import_type, outcome)));
            }
        }
        let backup = of_type(ImportType::Backup);
        drop(imports.records.get_or_create(&backup));
        drop(imports.bytes.get_or_create(&backup));
        registry.register(
            "import_duration_seconds",
            "How long attempts at imports took in this process, by type and outcome: success, a reason of failure, again (it is tried once more), handed_back or lost",
            imports.took.clone(),
        );
        registry.register(
            "import_records_per_second",
            "How many records of a file this process imported in a second, of imports that succeeded",
            imports.records.clone(),
        );
        registry.register(
            "import_bytes_per_second",
            "How many bytes of a file this process imported in a second, of imports that succeeded",
            imports.bytes.clone(),
        );
        imports
    }

    /// Counts an attempt.
    pub fn ended(&self, import_type: ImportType, outcome: Outcome, after: Duration) {
        self.took
            .get_or_create(&took(import_type, outcome))
            .observe(after.as_secs_f64());
    }

    /// Notes how fast a file of so many bytes and records was imported.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no file is as large as that, and buckets are coarse"
    )]
    pub fn read(&self, import_type: ImportType, bytes: i64, records: i64, within: Duration) {
        if within < ENOUGH {
            return;
        }
        let labels = of_type(import_type);
        let each_second = |number: i64| number as f64 / within.as_secs_f64();
        self.records
            .get_or_create(&labels)
            .observe(each_second(records));
        self.bytes
            .get_or_create(&labels)
            .observe(each_second(bytes));
    }
}

fn of_type(import_type: ImportType) -> Labels<1> {
    [("type", import_type.as_str().into())]
}

fn took(import_type: ImportType, outcome: Outcome) -> Labels<2> {
    let [import_type] = of_type(import_type);
    [import_type, ("outcome", outcome.as_str().into())]
}
