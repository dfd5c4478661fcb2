use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use portcullis_types::guard::{DecisionPath, GuardResource, HeldCredits};
use portcullis_types::{AuthError, BoxFuture, GuardCode, MicroCredits, SettleError, Timestamp};
use serde_json::{Map, Value};

use super::context::{GuardContext, Wanted};
use super::entitle::{Entitled, EntitlementQuestion};
use super::registry::RegisteredOperation;
use crate::bearer::Bearer;
use crate::{Portcullis, Result};

/// Stage 1: who sent this token? (spec `guard-request.md` §2)
pub trait TokenVerifier: Send + Sync {
    /// Verifies a credential.
    fn verify<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Bearer, AuthError>>;
}

/// Stage 2: who is that, and in which organization and tenant?
pub trait ContextProvider: Send + Sync {
    /// Puts the context of a verified caller together.
    fn context<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        bearer: &'a Bearer,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<GuardContext>>>;
}

/// Stage 4: may they?
pub trait PolicyDecision: Send + Sync {
    /// Decides by the paths of spec `guard-request.md` §3.2, in their order.
    fn decide<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: DecisionQuestion<'a>,
    ) -> BoxFuture<'a, Result<Decided>>;
}

/// Stage 5: does what they subscribed to include it?
pub trait Entitlements: Send + Sync {
    /// Looks at subscription, feature and seat.
    fn entitled<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: EntitlementQuestion<'a>,
    ) -> BoxFuture<'a, Result<Entitled>>;

    /// Counts the use of a metered feature: all of its units or none, and once for each `key`, the request's idempotency key. It
    /// is asked when the price is held. A use stays counted when what was held is released later: what is metered are the
    /// requests that were let through, not those that ended well.
    fn consume<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: EntitlementQuestion<'a>,
        feature: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Entitled>>;
}

/// Stage 6: are the credits there?
pub trait CreditLedger: Send + Sync {
    /// What a wallet holds free.
    fn available<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, Result<MicroCredits>>;

    /// Holds the price until it is committed or released.
    fn reserve<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, Result<Result<Priced, LedgerRefusal>>>;

    /// Takes the price. With [`PriceQuestion::deferred`] it is taken whatever the wallet holds.
    fn charge<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, Result<Result<Priced, LedgerRefusal>>>;

    /// Takes what is held; see [`Guard::commit`](portcullis_types::Guard::commit).
    fn commit<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        reservation_id: &'a str,
        amount: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>>;

    /// Gives back what is held; see [`Guard::release`](portcullis_types::Guard::release).
    fn release<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        reservation_id: &'a str,
    ) -> BoxFuture<'a, Result<(), SettleError>>;
}

/// The stages of a guard. Take the default, which asks this installation, and replace what differs.
#[derive(Clone)]
pub struct Stages {
    /// Stage 1.
    pub verifier: Arc<dyn TokenVerifier>,
    /// Stage 2.
    pub context: Arc<dyn ContextProvider>,
    /// Stage 4.
    pub decision: Arc<dyn PolicyDecision>,
    /// Stage 5.
    pub entitlements: Arc<dyn Entitlements>,
    /// Stage 6.
    pub ledger: Arc<dyn CreditLedger>,
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            verifier: Arc::new(super::pipeline::OwnVerifier),
            context: Arc::new(super::context::OwnContext),
            decision: Arc::new(super::decide::OwnDecision),
            entitlements: Arc::new(super::entitle::OwnEntitlements),
            ledger: Arc::new(super::bill::OwnLedger),
        }
    }
}

impl Stages {
    /// The same, but stages 1 and 2 believe every token that has the shape of a JWT, signed by anybody or nobody, and answer with a
    /// made-up context that says `_fake: true` (spec `guard-request.md` §1.3). For development, where the real issuer is out of
    /// reach. What is permitted is decided as ever, for the user whom the token names or else for `test_user_001`; our own API
    /// takes no such token. Says so in the log, as an error.
    #[must_use]
    pub fn with_fake_context(self) -> Self {
        tracing::error!(
            "DEVELOPMENT MODE: the guard believes every token, also unsigned ones, and makes its context up. Never use it where \
             anybody else can reach it"
        );
        let (verifier, context) = (Arc::new(super::fake::FakeVerifier), Arc::new(super::fake::FakeContext));
        Self { verifier, context, ..self }
    }
}

impl fmt::Debug for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stages").finish_non_exhaustive()
    }
}

/// What stage 4 is asked.
#[derive(Clone, Copy)]
pub struct DecisionQuestion<'a> {
    /// Who.
    pub bearer: &'a Bearer,
    /// Where.
    pub context: &'a GuardContext,
    /// What.
    pub operation: &'a RegisteredOperation,
    /// To what, as the calling service says.
    pub resource: Option<&'a GuardResource>,
    /// What else the calling service says.
    pub metadata: Option<&'a Map<String, Value>>,
    /// When.
    pub now: Timestamp,
    /// Whether administrators are to be told why.
    pub explain: bool,
}

/// What stage 4 answers.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The path that decided.
    pub path: DecisionPath,
    /// Why not; none if they may.
    pub refused: Option<GuardCode>,
    /// The role that gave it.
    pub role: Option<Arc<str>>,
    /// The policy, override or access record that decided.
    pub policy_id: Option<Arc<str>>,
    /// A sentence for the end user.
    pub reason_user: Cow<'static, str>,
    /// A sentence for administrators, if it was asked for.
    pub reason_admin: Option<String>,
    /// More for programs.
    pub details: Map<String, Value>,
}

/// What stage 6 is asked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PriceQuestion {
    /// The wallet: an organization's id, or a user's.
    pub account_id: String,
    /// Its currency.
    pub currency: String,
    /// The price, not negative.
    pub amount: MicroCredits,
    /// What makes the same request the same.
    pub idempotency_key: String,
    /// How long to hold, in seconds.
    pub ttl_seconds: i64,
    /// The operation's id.
    pub operation: String,
    /// The version of the operation that the price is of.
    pub version: i64,
    /// Who caused it.
    pub subject: String,
    /// By which rule.
    pub rule: portcullis_types::credits::BillingRule,
    /// Whether this is charged afterwards, because the ledger did not answer when it was due.
    pub deferred: bool,
    /// Whether what is held is taken by the same request: its repetition may find it taken.
    #[serde(default)]
    pub taken_at_once: bool,
}

/// What stage 6 did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// What is held; none if it was taken.
    pub held: Option<HeldCredits>,
    /// Whether it goes beyond what is paid for.
    pub overage: bool,
}

/// Why stage 6 refused. That it does not answer is an error, not one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerRefusal {
    /// The wallet holds too little.
    Insufficient {
        /// What it holds, if that was found out.
        available: Option<MicroCredits>,
    },
    /// The idempotency key was used for something else.
    Conflict,
    /// The amount or the wallet cannot be accepted.
    Invalid,
}
