//! A process that dies leaves no picture of its memory behind: secrets stand in it.

use rustix::{
    io,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

/// Lets this process leave no core, and nobody but root look into it while it runs.
///
/// # Errors
/// When the system doesn't let it.
pub fn leave_none() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        ..getrlimit(Resource::Core)
    };
    setrlimit(Resource::Core, none)?;
    undumpable()
}

/// The limit holds for files; a program that takes cores, as systemd's, is given one all the same.
#[cfg(target_os = "linux")]
fn undumpable() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

#[cfg(not(target_os = "linux"))]
fn undumpable() -> io::Result<()> {
    Ok(())
}
