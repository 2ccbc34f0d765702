//! What runs in the background: the worker that takes imports that wait, the schedule that starts some, and the
//! housekeeping that finds abandoned work. Each runs in every process; PostgreSQL keeps them apart.

pub mod housekeeping;
pub mod presence;
pub mod recovery;
pub mod schedule;
pub mod supervisor;
pub mod worker;
