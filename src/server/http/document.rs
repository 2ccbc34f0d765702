//! Documents as they are sent. What is rendered is a template: a nonce of its own and what is said of who reads it come into it
//! with each answer, so that a document can be rendered once for many readers.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::{
    config::LeptosOptions,
    nonce::Nonce,
    prelude::{AnyView, RenderHtml as _, provide_context},
};

use super::headers;
use crate::{
    app,
    components::who::strip,
    model::access::{Role, SignedIn},
    server::state::AppState,
};

/// What a document says of who reads it. It comes with the request, as an extension; without one it says nothing.
#[derive(Clone, Debug, Default)]
pub enum Reader {
    /// Whoever reads what is open to all.
    #[default]
    Unknown,
    /// Somebody at this machine, while nobody has an account.
    Anyone,
    SignedIn(SignedIn),
}

impl Reader {
    /// Who has sent a request.
    pub fn of(request: &Request) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// HTML: the strip that says who is signed in.
    fn strip(&self) -> String {
        match self {
            Self::Unknown => String::new(),
            Self::Anyone => strip(None).to_html(),
            Self::SignedIn(signed_in) => strip(Some(signed_in)).to_html(),
        }
    }

    /// The role, for the styles that hide what it can't use.
    const fn role(&self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Anyone => Role::Admin.as_str(),
            Self::SignedIn(signed_in) => signed_in.role.as_str(),
        }
    }
}

/// A rendered document with gaps.
#[derive(Debug)]
pub struct Template {
    status: StatusCode,
    headers: HeaderMap,
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Nonce,
    Strip,
    Role,
}

impl Template {
    /// Renders a document with what is given to it as context. `None`: it could not be rendered.
    pub async fn render(
        state: AppState,
        given: impl Fn() + Clone + Send + Sync + 'static,
        request: Request,
        document: fn(&LeptosOptions) -> AnyView,
    ) -> Option<Self> {
        let options = state.leptos.clone();
        // Nobody knows it before, so nothing that is shown can look like it.
        let mark = Nonce::new();
        let told = mark.clone();
        let render = leptos_axum::render_app_async_with_context(
            move || {
                provide_context(told.clone());
                provide_context(state.clone());
                given();
            },
            move || document(&options),
        );
        let (parts, body) = render(request).await.into_response().into_parts();
        let html = to_bytes(body, usize::MAX).await.ok()?;
        Some(Self {
            status: parts.status,
            headers: parts.headers,
            parts: split(std::str::from_utf8(&html).ok()?, &mark),
        })
    }

    /// The document for one reader, with a nonce that no other answer has.
    pub fn fill(&self, reader: &Reader) -> Response {
        let (nonce, strip) = (Nonce::new(), reader.strip());
        let mut html = String::new();
        for part in &self.parts {
            html.push_str(match part {
                Part::Text(text) => text,
                Part::Nonce => &nonce,
                Part::Strip => &strip,
                Part::Role => reader.role(),
            });
        }
        let policy = [(
            header::CONTENT_SECURITY_POLICY,
            headers::policy_of_document(&nonce),
        )];
        let mut response = (self.status, policy, Body::from(html)).into_response();
        response.headers_mut().extend(self.headers.clone());
        response
    }
}

/// The parts of a document that was rendered with a mark for its nonce.
fn split(html: &str, mark: &str) -> Vec<Part> {
    let gaps = [
        (app::place_of_who(mark), Part::Strip),
        (app::place_of_role(mark), Part::Role),
        (mark.to_owned(), Part::Nonce),
    ];
    let mut parts = Vec::new();
    let mut rest = html;
    // The gap that comes first; of those that begin within each other that is the longest.
    while let Some((at, long, gap)) = gaps
        .iter()
        .filter_map(|(place, gap)| Some((rest.find(place.as_str())?, place.len(), gap)))
        .min_by_key(|(at, ..)| *at)
    {
        parts.push(Part::Text(rest[..at].to_owned()));
        parts.push(match gap {
            Part::Strip => Part::Strip,
            Part::Role => Part::Role,
            Part::Nonce | Part::Text(_) => Part::Nonce,
        });
        rest = &rest[at + long..];
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

#[cfg(test)]
mod tests {
    use axum::body::HttpBody as _;

    use super::*;

    #[test]
    fn a_document_is_split_where_something_comes_into_it() {
        let text = |text: &str| Part::Text(text.to_owned());
        let html = "<script nonce=\"M\"></script><body data-role=\"role-M\"><!--who M--><p>who</p><script nonce=\"M\">";
        assert_eq!(
            split(html, "M"),
            [
                text("<script nonce=\""),
                Part::Nonce,
                text("\"></script><body data-role=\""),
                Part::Role,
                text("\">"),
                Part::Strip,
                text("<p>who</p><script nonce=\""),
                Part::Nonce,
                text("\">"),
            ]
        );
    }

    #[test]
    fn each_answer_has_its_own_nonce_and_its_reader() {
        let template = Template {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            parts: vec![Part::Nonce, Part::Role, Part::Strip],
        };
        let policy = |response: &Response| {
            let policy = &response.headers()[header::CONTENT_SECURITY_POLICY];
            policy.to_str().map(str::to_owned).unwrap_or_default()
        };
        let reader = Reader::SignedIn(SignedIn {
            name: "somchai".to_owned(),
            role: Role::Viewer,
        });
        let one = template.fill(&reader);
        assert_ne!(policy(&one), policy(&template.fill(&reader)));
        let length = one.into_body().size_hint().exact();
        let strip = u64::try_from(reader.strip().len()).unwrap_or_default();
        assert!(strip > 14);
        assert_eq!(length, Some(22 + 6 + strip));
    }
}
