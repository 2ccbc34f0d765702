//! Paths and queries whose rejections are problem documents.

use axum::extract::{FromRequestParts, Path, Query};

use super::problem::Problem;

/// The parameters of a path.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Problem))]
pub struct InPath<T>(pub T);

/// The parameters of a query.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Problem))]
pub struct InQuery<T>(pub T);
