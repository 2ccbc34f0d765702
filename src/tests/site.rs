//! The browser's half, as the whole application serves it from a folder.

use std::fs;

use sqlx::PgPool;

use super::app::App;

#[sqlx::test(migrations = false)]
async fn a_page_names_files_that_are_served(pool: PgPool) {
    let root = tempfile::tempdir().unwrap();
    let pkg = root.path().join("pkg/0123456789ab");
    fs::create_dir_all(&pkg).unwrap();
    fs::write(root.path().join("pkg/current"), "0123456789ab").unwrap();
    fs::write(root.path().join("favicon.svg"), "<svg/>").unwrap();
    fs::write(pkg.join("light.css"), "body {}").unwrap();
    let variables = [("NUMWATCH_SITE_ROOT", root.path().to_str().unwrap())];
    let app = App::idle(&pool, &variables).await;

    let page = app.page("/imports").await.text();
    for file in ["/pkg/0123456789ab/light.css", "/favicon.svg"] {
        assert!(page.contains(&format!("\"{file}\"")), "{file}: {page}");
        assert_eq!(app.get(file).await.status, 200, "{file}");
    }
    // An upgrade replaces the folder while the program runs, and pages that are open ask for its files.
    fs::remove_dir_all(root.path()).unwrap();
    let kept = app.get("/pkg/0123456789ab/light.css").await;
    assert_eq!((kept.status.as_u16(), &*kept.body), (200, &b"body {}"[..]));
    app.stop().await;
}
