//! What a browser is told to refuse: each answer says it, and no page needs what it refuses.

use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{feed, small_backup},
    reply::{Reply, upload},
};
use crate::server::feed::simulator::Trouble;

/// An application with something to show, and the pages that show it, errors too.
async fn with_pages(pool: &PgPool, feed: &str) -> (App, Vec<String>) {
    let app = App::working(pool, &[("EXTERNAL_API_URL", feed)]).await;
    app.import_named("good.json", small_backup()).await;
    app.import_named("bad.json", "[]").await;
    let range = app
        .post("/scheduler/import-range?start_date=2025-06-01&end_date=2025-06-20")
        .await;
    let range = range.id("import_id");
    app.ended(range).await;
    let check = upload().uri("/import-backup?dry_run=true");
    let check = app.send(check.body(small_backup().into()).unwrap()).await;
    let checked = check.json()["checked"].as_str().unwrap().to_owned();
    let mut pages: Vec<String> = [
        "/",
        "/scheduler?details=2",
        "/imports",
        "/imports?status=odd",
        "/imports?ask=remove",
        "/imports/0",
        "/monitoring",
        "/coverage",
        "/coverage?year=2025",
        "/coverage?month=never",
        "/results",
        "/results?q=nothing",
        "/results/L03-01",
        "/results/none",
        "/checked/none",
        "/nowhere",
    ]
    .map(str::to_owned)
    .into();
    pages.push(format!("/imports/{range}"));
    pages.push(format!("/checked/{checked}"));
    (app, pages)
}

/// The nonce that the policy of an answer names.
fn nonce(reply: &Reply) -> String {
    let policy = reply.header("content-security-policy");
    let (_, nonce) = policy.split_once("'nonce-").expect("there is a nonce");
    nonce.split_once('\'').expect("it ends").0.to_owned()
}

/// The beginnings of the elements and attributes by which a document would run or style something without its nonce.
fn without_nonce<'a>(html: &'a str, nonce: &str) -> Vec<&'a str> {
    let with = format!("nonce=\"{nonce}\"");
    let tags = html.split('<').skip(1);
    let tags = tags.filter_map(|tag| Some(&tag[..tag.find('>')?]));
    tags.filter(|tag| {
        let is_script = tag.starts_with("script");
        let is_style = tag.starts_with("style") || tag.contains(" style=");
        let runs = tag.contains(" on") && tag.contains("=\"") && {
            let attribute = tag.split(" on").nth(1).unwrap_or_default();
            let name = attribute.split('=').next().unwrap_or_default();
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase())
        };
        (is_script && !tag.contains(&with)) || is_style || runs || tag.contains("javascript:")
    })
    .collect()
}

#[sqlx::test(migrations = false)]
async fn no_page_needs_what_its_policy_refuses(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let (app, pages) = with_pages(&pool, &feed.url).await;
    for path in pages {
        let reply = app.page(&path).await;
        assert!(
            reply.header("content-type").starts_with("text/html"),
            "{path} is a page"
        );
        let policy = reply.header("content-security-policy");
        for word in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "'wasm-unsafe-eval'",
        ] {
            assert!(policy.contains(word), "{path}: no {word} in {policy}");
        }
        assert!(!policy.contains("'unsafe-"), "{path}: {policy}");
        let html = reply.text();
        let nonce = nonce(&reply);
        assert_eq!(nonce.len(), 22, "{path}: 128 bits");
        assert_eq!(without_nonce(&html, &nonce), [""; 0], "{path}");
        assert!(html.contains("<body data-role=\"admin\">"), "{path}");
        assert!(!html.contains("<!--who"), "{path}: a gap is left");
        assert_ne!(self::nonce(&app.page(&path).await), nonce, "{path}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn each_answer_says_what_a_browser_is_to_refuse(pool: PgPool) {
    const DATA: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    for path in [
        "/",
        "/imports",
        "/nowhere",
        "/import-logs",
        "/import-logs.csv",
        "/import-logs/99",
        "/export-data",
        "/results.csv",
        "/health",
        "/import-logs/",
        "/clear-data",
    ] {
        let page = ["/", "/imports", "/nowhere"].contains(&path);
        let reply = if page {
            app.page(path).await
        } else {
            app.get(path).await
        };
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(reply.header(name), value, "{path}: {name}");
        }
        assert!(
            reply.header("permissions-policy").contains("camera=()"),
            "{path}"
        );
        if !page {
            assert_eq!(reply.header("content-security-policy"), DATA, "{path}");
        }
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn only_where_a_network_lies_between_tls_is_asked_for(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_HOSTS", "numwatch.lan")]).await;
    for (host, asked) in [
        ("localhost:3000", false),
        ("127.0.0.1:3000", false),
        ("127.8.8.8", false),
        ("[::1]:3000", false),
        ("numwatch.lan", true),
        ("evil.example", true),
    ] {
        let request = axum::http::Request::get("/").header("host", host);
        let reply = app
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await;
        let says = reply.header("strict-transport-security");
        assert_eq!(says.contains("max-age="), asked, "{host}: {says}");
    }
    app.stop().await;
}

#[test]
fn what_a_policy_refuses_is_found() {
    for refused in [
        "<script>a()</script>",
        "<script nonce=\"other\">",
        "<p style=\"color:red\">",
        "<style>p{}</style>",
        "<a onclick=\"a()\">",
        "<a href=\"javascript:a()\">",
    ] {
        assert_eq!(without_nonce(refused, "N").len(), 1, "{refused}");
    }
    for harmless in [
        "<script nonce=\"N\">",
        "<p title=\"once on=\">style=</p>",
        "<p>on x</p>",
    ] {
        assert_eq!(without_nonce(harmless, "N"), [""; 0], "{harmless}");
    }
}
