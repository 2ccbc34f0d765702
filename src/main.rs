//! The `numwatch` program.

fn main() -> std::process::ExitCode {
    numwatch::server::cli::main()
}
