//! What the description lists: all that programs may ask for. Pages, their forms and their functions are for people: they
//! change with the pages.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::super::{
    alerts, audit, auth, backup, cookies, coverage, data, described::Known, events, health,
    history, import_logs, imports, metrics, problem::Problem, rejects, results, scheduler,
};

/// The API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "NumWatch",
        description = "Imports of lottery results, and a truthful log of every one of them.

**Who asks.** While nobody has an account, NumWatch is open to its own machine. From then on each request brings a token (`Authorization: Bearer …`, made on the page Accounts or with `numwatch token add`), or the session of a browser. What takes more than the role viewer says so. A role may do what those before it may: viewer, operator, admin.

**Errors** are problem documents (RFC 9457): `detail` is a sentence that says what happened and what to do.

**Times** are instants (RFC 3339); days are those of Bangkok, where the draws are. Digits of results are text: leading zeros matter.

**Methods.** What answers GET answers HEAD. Each address answers OPTIONS with what it has (`Allow`). Where an answer has an `ETag`, whoever asks again with it (`If-None-Match`) hears that it is still the same (304).

Pages, their forms and what they ask by themselves are not part of the API: they change with the pages.",
    ),
    tags(
        (name = "Imports", description = "Starting imports. `Prefer: respond-async` answers at once."),
        (name = "History", description = "What became of them, and what can still be done."),
        (name = "Scheduler", description = "Imports by themselves."),
        (name = "Results", description = "What is stored."),
        (name = "Audit", description = "Who did what."),
        (name = "Signing in", description = "For programs that have no token."),
        (name = "Server", description = "The server itself."),
    ),
    paths(
        imports::sample,
        backup::api,
        scheduler::import_range,
        scheduler::import_dates,
        history::list,
        import_logs::clear,
        history::csv,
        history::ndjson,
        import_logs::retry_all,
        import_logs::details,
        import_logs::remove,
        import_logs::retry,
        import_logs::cancel,
        import_logs::dismiss,
        import_logs::undo,
        rejects::json,
        rejects::csv,
        rejects::ndjson,
        scheduler::status,
        scheduler::start,
        scheduler::stop,
        scheduler::trigger,
        data::games,
        data::results,
        results::csv,
        coverage::show,
        data::export,
        data::clear,
        audit::csv,
        audit::ndjson,
        auth::login,
        auth::logout,
        auth::me,
        health::health,
        health::live,
        health::ready,
        metrics::show,
        alerts::show,
        alerts::test,
        events::tell,
        this_description,
    ),
    components(schemas(Problem)),
    modifiers(&Credentials),
)]
pub struct Api;

/// How one shows who asks.
pub const TOKEN: &str = "token";
pub const SESSION: &str = "session";

/// The description's own line in it: its handler holds what is listed here.
#[utoipa::path(
    get, path = "/api/openapi.json", operation_id = "describeApi", tag = "Server",
    summary = "This description",
    description = "The API as an OpenAPI 3.1 document. The page `/api/docs` shows the same.",
    params(Known),
    responses(
        (status = 200, description = "The document.", body = serde_json::Value),
    ),
    extensions(("x-action" = json!("see"))),
)]
#[expect(dead_code, reason = "only its annotation is used")]
fn this_description() {}

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut openapi::OpenApi) {
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let [cookie, _] = cookies::NAMES;
        let about = "The cookie of a browser that is signed in; off the server's own machine `__Host-numwatch`.";
        let session = ApiKeyValue::with_description(cookie, about);
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(session));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme(TOKEN, token);
        components.add_security_scheme(SESSION, session);
    }
}
