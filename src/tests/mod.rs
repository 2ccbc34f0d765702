//! Integration tests: the production router, services and worker against a real PostgreSQL, a database per test.

mod app;
mod fixtures;
mod process;
mod reply;

mod architecture;
mod cancel;
mod feed_semantics;
mod feed_trouble;
mod invariant_1;
mod invariant_2;
mod invariant_3;
mod invariant_4;
mod invariant_4_stale;
mod invariant_5;
mod invariant_6_and_7;
mod latest;
mod page;
mod page_tells;
mod progress;
mod rejects;
mod rest_backup;
mod rest_data;
mod rest_logs;
mod rest_problems;
mod rest_range;
mod rest_sample;
mod rest_scheduler;
mod retry;
mod schedule;
mod seed;
mod shutdown;
mod stuck;
mod tidying;
mod two_workers;
