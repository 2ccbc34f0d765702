//! What is promised of whatever anybody sends. The fuzz targets and the tests (`tests/outside/odd_input.rs`) ask the same.

pub mod cookies;
pub mod form;
pub mod query;

/// Who is told what is wrong is told it in a sentence.
fn is_a_sentence(text: &str) {
    assert!(text.ends_with('.') && text.len() > 10, "{text}");
}

/// Runs what never waits for anybody.
fn run<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}
