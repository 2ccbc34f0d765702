//! Any bytes as the query of an address: no panic; either a sentence says what is wrong, or an address that is written of
//! what was read asks for the same. The first byte chooses the reader's zone.

use axum::{
    extract::FromRequestParts as _,
    http::{Request, StatusCode, Uri, header::COOKIE},
    response::IntoResponse as _,
};
use numwatch::{
    error::{AppError, ErrorKind},
    server::http::inlet::{CoverageAsked, HistoryAsked, Parameters, ReadersZone, ResultsAsked},
};

use super::{is_a_sentence, run};

/// Zones with odd clocks: put forward at midnight, by half an hour, a day that was left out, and none of these.
const ZONES: [&str; 5] = [
    "Asia/Bangkok",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
];

pub fn holds(data: &[u8]) {
    let Some((&zone, query)) = data.split_first() else {
        return;
    };
    let zone = ZONES[usize::from(zone) % ZONES.len()];
    let Some(parameters) = parameters(query, zone) else {
        return;
    };
    let (parameters, zone) = parameters;
    if let Some(asked) = fine(HistoryAsked::read(&parameters, zone, &["ask"])) {
        let again = again(&asked.address("/imports", &[]));
        let same = HistoryAsked::read(&again, zone, &[]).unwrap();
        assert_eq!(same.filter, asked.filter);
        let elsewhere = self::again(&asked.address_in_instants("/import-logs.csv"));
        let elsewhere = HistoryAsked::read(&elsewhere, ReadersZone::BANGKOK, &[]).unwrap();
        assert_eq!(elsewhere.filter, asked.filter);
    }
    if let Some(asked) = fine(ResultsAsked::read(&parameters)) {
        let again = again(&asked.address("/results", None));
        let same = ResultsAsked::read(&again).unwrap();
        assert_eq!((same.filter, same.limit), (asked.filter, asked.limit));
    }
    let today = "2025-06-22".parse().unwrap();
    if let Some(asked) = fine(CoverageAsked::read(&parameters, today)) {
        let again = again(&asked.address("/coverage"));
        let same = CoverageAsked::read(&again, today).unwrap();
        assert_eq!(
            (same.span, same.q, same.gaps),
            (asked.span, asked.q.clone(), asked.gaps)
        );
        let addresses = asked.addresses(None, today);
        self::again(&addresses.month);
    }
}

/// The parameters of a query, and the zone that a cookie names. None: no address has such a query.
fn parameters(query: &[u8], zone: &str) -> Option<(Parameters, ReadersZone)> {
    let address = [&b"/?"[..], query].concat();
    let uri = Uri::builder().path_and_query(address).build().ok()?;
    let request = Request::get(uri).header(COOKIE, format!("zone={zone}"));
    let (mut parts, ()) = request.body(()).ok()?.into_parts();
    let zone = run(ReadersZone::from_request_parts(&mut parts, &())).ok()?;
    match run(Parameters::from_request_parts(&mut parts, &())) {
        Ok(parameters) => Some((parameters, zone)),
        Err(problem) => {
            assert_eq!(problem.into_response().status(), StatusCode::BAD_REQUEST);
            None
        }
    }
}

/// The parameters of an address that NumWatch has written.
fn again(address: &str) -> Parameters {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let (parameters, _) = parameters(query.as_bytes(), "UTC").expect("it can be read");
    parameters
}

fn fine<T>(read: Result<T, AppError>) -> Option<T> {
    match read {
        Ok(asked) => Some(asked),
        Err(error) => {
            is_a_sentence(&error.message);
            assert_eq!(error.kind, ErrorKind::Malformed);
            None
        }
    }
}
