//! What the API's description says of the parameters that routes share, and of backups. Those who read them are `params`, each
//! `asked`, and the decoder.

mod backup;
mod schemas;

use serde_json::json;
use utoipa::{
    IntoParams,
    openapi::{
        RefOr, Required, Schema,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

pub use self::backup::Backup;
use self::schemas::{
    day, day_or_instant, flag, number, or_empty, text, text_of, with_default, words,
};
use crate::model::{
    audit::{ActorKind, Deed},
    game::ResultStatus,
    history::SHORTEST_SEARCH,
    import_log::{FailureKind, ImportStatus, ImportType, Requester},
    undo::{LISTED, MOST_LISTED},
};

/// Where the description stands. Below `/api` stand the functions of pages, too.
pub const ADDRESSES: [&str; 2] = ["/api/openapi.json", "/api/docs"];

/// Declares groups of parameters, for the annotations of handlers.
macro_rules! groups {
    ($($(#[$meta:meta])* $name:ident => $parameters:expr;)+) => {$(
        $(#[$meta])*
        pub struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                $parameters
            }
        }
    )+};
}

groups! {
    /// The number of an import, in the path.
    ImportNumber => vec![
        ParameterBuilder::new()
            .name("id")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The import's number."))
            .schema(Some(number(0, i32::MAX.into())))
            .example(Some(json!(12)))
            .build(),
    ];

    /// The history's filters, and where in it. A filter that is empty asks for nothing.
    HistoryPages => {
        let mut all = history(true);
        all.extend(places("An instant and the number of an import, as the `Link` header of another answer has them: what is older than that", "what is newer", text("2025-06-22T10:00:00.000000Z,12")));
        all.push(limit(200, 20, "imports"));
        all
    };

    /// The history's filters, where what they choose is taken whole: none may be empty.
    HistoryFilters => history(false);

    /// How many alerts.
    AlertsShown => vec![
        limit(500, 50, "alerts"),
        query("test", "The id of a test, of which the page then tells.", text("01890a5d-ac96-774b-bcce-b302099a8057")),
    ];

    /// The audit's filters.
    AuditFilters => {
        let deeds: Vec<&str> = Deed::all().map(Deed::as_str).collect();
        let mut all = vec![
            query("action", "What was done.", words(&deeds, true)),
            query("actor", "What whoever did it was called, to the letter.", text("somchai")),
            query("kind", "What they are.", words(&ActorKind::ALL.map(ActorKind::as_str), true)),
            query("import", "The number of the import that it was done to.", or_empty(number(0, i32::MAX.into()))),
            query("refused", "Whether it was refused.", words(&["true", "false"], true)),
        ];
        all.extend(span(true));
        all
    };

    /// The results' filters.
    ResultsFilters => vec![
        query("game", "Part of a game's id or name, in any case.", text("L03-01")),
        query("status", "What the draw came to.", words(&ResultStatus::ALL.map(ResultStatus::as_str), true)),
        query("from", "Drawn on this day or later.", or_empty(day())),
        query("to", "Drawn on this day or before.", or_empty(day())),
    ];

    /// Which days and games of the coverage.
    CoverageDays => vec![
        query("from", "The first day; the first of the month unless it is given.", or_empty(day())),
        query("to", "The last day, at most 400 days in all; today unless it is given.", or_empty(day())),
        query("q", "Part of a game's id or name, in any case.", text("L03-01")),
        query("gaps", "Only games that lack a draw.", flag()),
        query("after", "The id of a game: those behind it. The answer has it as `more_after`.", text("L03-01-000500")),
        limit(1000, 1000, "games"),
    ];

    /// The days of a range.
    RangeDays => ["start_date", "end_date"].map(|name| {
        let about = if name == "start_date" { "The first day" } else { "The last day" };
        let about = format!("{about}: as it is, or as the instant at which it begins in Bangkok.");
        ParameterBuilder::from(query(name, &about, day_or_instant()))
            .required(Required::True)
            .build()
    }).into();

    /// What an undo tells.
    UndoAsked => vec![
        query("dry_run", "Only tells what would be done.", flag()),
        query("limit", "How many games and results each list has at most.", with_default(number(0, MOST_LISTED.into()), json!(LISTED))),
    ];

    /// What is to be done with a backup.
    BackupAsked => vec![
        query("dry_run", "Only checks the file, tells what an import would do, and keeps it for a while, so that it can be imported without being sent again.", flag()),
        query("checked", "The file that was checked is imported: the member `checked` of that answer. Then there is no body.", text("0198c0de-0000-7000-8000-000000000000")),
        header("X-Filename", "The file's name, percent-encoded.", text("backup-2025-06-22.json")),
        header("X-Upload", "A name for this upload, by which it can be stopped.", text("nightly-1")),
    ];

    /// Whether the answer is to wait.
    Waiting => vec![header(
        "Prefer",
        "With `respond-async` the answer comes at once, as a 202 with the import's number (RFC 7240).",
        text("respond-async"),
    )];

    /// Whether open failures are kept.
    ClearAsked => vec![query("keep_open_failures", "Keeps failures that nothing has settled.", flag())];

    /// How many months of results.
    Months => vec![query(
        "months",
        "So many months back from today; 0 is all.",
        with_default(number(0, 1200), json!(4)),
    )];

    /// What the reader has already.
    Known => vec![header(
        "If-None-Match",
        "The `ETag` of an answer that the reader has: while it is still the same the answer is a 304 without a body.",
        text("W/\"5b2c\""),
    )];
}

fn history(may_be_empty: bool) -> Vec<Parameter> {
    let one_of = |all: &[&str]| words(all, may_be_empty);
    let mut all = vec![
        query(
            "import_type",
            "Where the data came from.",
            one_of(&ImportType::ALL.map(ImportType::as_str)),
        ),
        query(
            "status",
            "How it stands.",
            one_of(&ImportStatus::ALL.map(ImportStatus::as_str)),
        ),
        query(
            "failure_kind",
            "Why it failed.",
            one_of(&FailureKind::ALL.map(FailureKind::as_str)),
        ),
        query(
            "unresolved",
            "Whether it is a failure that nothing has settled.",
            one_of(&["true", "false"]),
        ),
        query(
            "requested_by",
            "The door it came through.",
            one_of(&Requester::ALL.map(Requester::as_str)),
        ),
    ];
    all.extend(span(may_be_empty));
    all.push(query(
        "q",
        "Part of the filename or the message, in any case.",
        text_of(Some(SHORTEST_SEARCH), "backup-2025"),
    ));
    all.push(query(
        "quiet",
        "`hide` leaves out scheduled runs that brought nothing.",
        one_of(&["hide", "show"]),
    ));
    all
}

/// From when until when.
fn span(may_be_empty: bool) -> [Parameter; 2] {
    [
        ("from", "Not before this day in Bangkok, or this instant."),
        ("to", "Not after this day in Bangkok, or this instant."),
    ]
    .map(|(name, about)| {
        let moment = day_or_instant();
        let moment = if may_be_empty {
            or_empty(moment)
        } else {
            moment
        };
        query(name, about, moment)
    })
}

/// Where in a list: on either side of a place.
fn places(after: &str, before: &str, schema: Schema) -> [Parameter; 2] {
    let before = format!("The same: {before}. Not beside `after`.");
    [
        query("after", &format!("{after}."), schema.clone()),
        query("before", &before, schema),
    ]
}

fn limit(most: i64, usual: u32, what: &str) -> Parameter {
    let about = format!("How many {what} there are in one answer.");
    query("limit", &about, with_default(number(1, most), json!(usual)))
}

fn query(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(ParameterIn::Query, name, about, schema)
}

fn header(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(ParameterIn::Header, name, about, schema)
}

fn parameter(
    place: ParameterIn,
    name: &str,
    about: &str,
    schema: impl Into<RefOr<Schema>>,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}
