//! What runs in the background: the worker that takes imports that wait, and the housekeeping that finds abandoned work.
//! Each runs in every process; PostgreSQL keeps them apart.

pub mod housekeeping;
pub mod presence;
pub mod recovery;
pub mod supervisor;
pub mod worker;
