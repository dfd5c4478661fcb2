//! A guard that knows a few tokens, and remembers what it was asked to settle.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt as _;
use portcullis_tower::GuardLayer;
use portcullis_types::guard::{
    BillingMode, ClientContext, GuardBilling, GuardResource, HeldCredits, OrganizationContext, UserInContext,
};
use portcullis_types::{
    AuthError, BoxFuture, Caller, Guard, GuardCode, GuardOutcome, GuardRequest, MicroCredits, SettleError,
    Timestamp, UserContext,
};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tower::ServiceExt as _;

/// How long a test waits for what must happen at once.
const DEADLINE: Duration = Duration::from_secs(20);
/// What every operation with a price holds.
pub(crate) const HELD: MicroCredits = MicroCredits(5_000_000);

/// What a guard was asked about an operation.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) operation: String,
    pub(crate) resource: Option<GuardResource>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) request_id: Option<String>,
}

/// Answers by the token (`alice`, `machine`, `down`, a code's text) and by the operation (`free`, `priced`, `contradiction`, a code's
/// text).
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) asked: Mutex<Vec<Asked>>,
    /// `commit res_1 all`, `commit res_1 7`, `release res_1`, in the order in which they were done.
    pub(crate) settled: Mutex<Vec<String>>,
    /// How often the ledger will not answer before it does.
    pub(crate) outages: Mutex<u32>,
    /// More for refusals.
    pub(crate) details: Mutex<Map<String, Value>>,
    /// Set: refusals hide what exists.
    pub(crate) hide: Mutex<bool>,
    /// Woken whenever something was settled.
    pub(crate) settle: Notify,
    /// A check of the operation `slow` says that it began, and waits.
    pub(crate) began: Notify,
    pub(crate) go_on: Notify,
}

fn code(text: &str) -> Option<GuardCode> {
    serde_json::from_value(json!(text)).ok().filter(|code| *code != GuardCode::Unknown)
}

pub(crate) fn alice() -> UserContext {
    let user = UserInContext {
        id: "alice".into(),
        name: Some("Alice".to_owned()),
        email: Some("alice@example.com".to_owned()),
        roles: vec!["editor".to_owned()],
        is_active: true,
    };
    let organization = OrganizationContext { id: "org_1".into(), name: "Org".into(), plan: None };
    let claims = json!({ "sub": "alice", "exp": 1, "user": "root", "team": 7 });
    let Value::Object(claims) = claims else { unreachable!() };
    UserContext { user: Some(user), organization: Some(organization), ..UserContext::default() }
        .with_token_claims(claims)
}

fn billing(reservation: Option<HeldCredits>) -> GuardBilling {
    GuardBilling {
        mode: BillingMode::Reserve,
        required: HELD,
        available: Some(MicroCredits(1)),
        currency: "CREDIT".to_owned(),
        billing_account_id: Some("ba_1".to_owned()),
        reservation,
        overage: false,
    }
}

impl Fake {
    fn who(token: &str) -> Result<Arc<UserContext>, Box<GuardOutcome>> {
        match token {
            "alice" => Ok(Arc::new(alice())),
            "machine" => {
                let client = ClientContext { id: "sc_1".into(), name: None };
                Ok(Arc::new(UserContext { client: Some(client), ..UserContext::default() }))
            }
            "down" => Err(Box::new(GuardOutcome::refused(
                GuardCode::VerificationUnavailable,
                "the token could not be checked",
            ))),
            other => {
                let code = code(other).unwrap_or(GuardCode::TokenInvalid);
                Err(Box::new(GuardOutcome::refused(code, "the token is not valid")))
            }
        }
    }

    fn held(&self) -> HeldCredits {
        let number = self.asked.lock().unwrap().len();
        HeldCredits { id: format!("res_{number}"), amount: HELD, expires_at: Timestamp::from_secs(0) }
    }

    async fn answer(&self, request: GuardRequest<'_>) -> GuardOutcome {
        let context = match Self::who(request.token) {
            Ok(context) => context,
            Err(refused) => {
                return GuardOutcome { details: self.details.lock().unwrap().clone(), ..*refused };
            }
        };
        let Some(operation) = request.operation else { return GuardOutcome::passed(context, None) };
        self.asked.lock().unwrap().push(Asked {
            operation: operation.to_owned(),
            resource: request.resource.cloned(),
            metadata: request.metadata.cloned().unwrap_or_default(),
            request_id: request.request_id.map(str::to_owned),
        });
        if operation == "slow" {
            self.began.notify_one();
            self.go_on.notified().await;
        }
        let mut outcome = match code(operation) {
            Some(code) => GuardOutcome::refused(code, "no"),
            None => GuardOutcome::passed(Arc::clone(&context), Some(true)),
        };
        outcome.context = outcome.is_authenticated.then_some(context);
        outcome.operation = Some(operation.into());
        outcome.details = self.details.lock().unwrap().clone();
        outcome.hide_existence = *self.hide.lock().unwrap();
        match operation {
            "priced" | "slow" => outcome.billing = Some(billing(Some(self.held()))),
            "contradiction" => {
                outcome.billing = Some(billing(Some(self.held())));
                outcome.has_sufficient_credits = Some(false);
            }
            _ if outcome.status_code == 402 => outcome.billing = Some(billing(None)),
            _ => {}
        }
        outcome
    }

    fn settled(&self, what: String) -> Result<(), SettleError> {
        let mut outages = self.outages.lock().unwrap();
        if *outages > 0 {
            *outages -= 1;
            return Err(SettleError::Unavailable);
        }
        self.settled.lock().unwrap().push(what);
        self.settle.notify_one();
        Ok(())
    }

    /// Waits until something was settled, and says what.
    pub(crate) async fn next_settled(&self) -> Vec<String> {
        tokio::time::timeout(DEADLINE, self.settle.notified()).await.expect("nothing was settled");
        self.so_far()
    }

    pub(crate) fn so_far(&self) -> Vec<String> {
        self.settled.lock().unwrap().clone()
    }
}

impl Guard for Fake {
    fn authenticate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Caller, AuthError>> {
        Box::pin(async { Err(AuthError::Unavailable) })
    }

    fn check<'a>(&'a self, request: GuardRequest<'a>) -> BoxFuture<'a, GuardOutcome> {
        Box::pin(self.answer(request))
    }

    fn commit<'a>(
        &'a self,
        id: &'a str,
        amount: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>> {
        Box::pin(async move {
            let text = amount.map_or("all".to_owned(), |amount| amount.0.to_string());
            self.settled(format!("commit {id} {text}"))?;
            Ok(amount.unwrap_or(HELD))
        })
    }

    fn release<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), SettleError>> {
        Box::pin(async move { self.settled(format!("release {id}")) })
    }
}

/// An application, and the guard that it asks.
pub(crate) struct Bed {
    pub(crate) fake: Arc<Fake>,
    pub(crate) layer: GuardLayer,
    pub(crate) app: Router,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Bed {
    pub(crate) fn new(routes: Router) -> Self {
        Self::with(routes, |layer| layer)
    }

    pub(crate) fn with(routes: Router, change: impl FnOnce(GuardLayer) -> GuardLayer) -> Self {
        let fake = Arc::new(Fake::default());
        let layer = change(GuardLayer::new(fake.clone()));
        Self { app: routes.layer(layer.clone()), fake, layer }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.app.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn ask(&self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(method).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let (parts, body) = self.send(request.body(Body::empty()).unwrap()).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, uri: &str, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        self.ask("GET", uri, if token.is_empty() { &[] } else { &headers }).await
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// All headers, to print.
    pub(crate) fn all_headers(&self) -> BTreeMap<String, String> {
        self.headers.iter().map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect()
    }
}
