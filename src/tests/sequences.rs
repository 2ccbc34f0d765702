//! Rules that hold for whatever comes, tried on made-up cases one after the other, on a database.

use proptest::{
    strategy::{Strategy, ValueTree as _},
    test_runner::{Config, TestRunner},
};

/// Tries so many cases. Ends the test with what `run` says of the shortest that fails, which says most.
pub async fn each_holds<S: Strategy>(
    cases: u32,
    strategy: S,
    run: impl AsyncFn(S::Value) -> Result<(), String>,
) {
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    for _ in 0..cases {
        let mut tree = strategy.new_tree(&mut runner).unwrap();
        let Err(mut why) = run(tree.current()).await else {
            continue;
        };
        while tree.simplify() {
            match run(tree.current()).await {
                Err(shorter) => why = shorter,
                Ok(()) if !tree.complicate() => break,
                Ok(()) => {}
            }
        }
        panic!("{why}");
    }
}
