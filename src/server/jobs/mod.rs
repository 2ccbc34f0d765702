//! What runs in the background: the worker that takes imports off the queue, the schedule that puts them on it,
//! and the housekeeping that finds abandoned work. Each runs in every process; PostgreSQL keeps them apart.

pub mod housekeeping;
pub mod schedule;
pub mod worker;
