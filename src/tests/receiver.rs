//! A webhook that listens: what it was sent, and how it answers.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::fixtures::{Server, serve};

/// How it answers one message; those without a plan are taken.
#[derive(Clone, Copy, Debug)]
pub enum Plan {
    Status(u16, &'static str),
    /// It answers too late, though it has read all.
    Late,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Sent {
    pub headers: HeaderMap,
    pub body: String,
    pub json: Value,
}

impl Sent {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn event(&self) -> &str {
        self.json["event"].as_str().unwrap()
    }

    pub fn text(&self) -> &str {
        self.json["text"].as_str().unwrap()
    }
}

/// A webhook.
pub struct Receiver {
    pub url: String,
    sent: Arc<Mutex<Vec<Sent>>>,
    plans: Arc<Mutex<VecDeque<Plan>>>,
    _server: Server,
}

impl Receiver {
    /// One that answers the first messages as it is told.
    pub async fn start(plans: &[Plan]) -> Self {
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let plans = Arc::new(Mutex::new(plans.iter().copied().collect::<VecDeque<_>>()));
        let router = Router::new().fallback({
            let (sent, plans) = (sent.clone(), plans.clone());
            async move |headers: HeaderMap, body: String| -> Response {
                let json = serde_json::from_str(&body).unwrap();
                let plan = {
                    sent.lock().unwrap().push(Sent {
                        headers,
                        body,
                        json,
                    });
                    plans.lock().unwrap().pop_front()
                };
                match plan {
                    None => StatusCode::NO_CONTENT.into_response(),
                    Some(Plan::Status(status, body)) => {
                        (StatusCode::from_u16(status).unwrap(), body).into_response()
                    }
                    Some(Plan::Late) => {
                        tokio::time::sleep(Duration::from_mins(10)).await;
                        StatusCode::NO_CONTENT.into_response()
                    }
                }
            }
        });
        let server = serve(router).await;
        Self {
            url: format!("{}/services/T0/hunter2secret", server.url),
            sent,
            plans,
            _server: server,
        }
    }

    /// Answers the next messages so.
    pub fn plans(&self, plan: Plan, times: usize) {
        let mut plans = self.plans.lock().unwrap();
        plans.extend(std::iter::repeat_n(plan, times));
    }

    /// All that was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// The events of all that was sent so far, in order.
    pub fn events(&self) -> Vec<String> {
        let sent = self.sent();
        sent.iter().map(|sent| sent.event().to_owned()).collect()
    }
}
