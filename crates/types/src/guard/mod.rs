//! The guard: one question that says who is asking, whether they may, and whether they can pay for it (spec
//! `guard-request.md`).
//!
//! | file | its question |
//! |---|---|
//! | `contract.rs` | what does an application call? [`Guard`] |
//! | `request.rs` | what does it ask? [`GuardRequest`] |
//! | `outcome.rs` | what is it told? [`GuardOutcome`] |
//! | `code.rs` | why was something refused? [`GuardCode`] |
//! | `context.rs` | who is it, for the application's own use? [`UserContext`] |

mod batch;
mod code;
mod context;
mod contract;
mod outcome;
mod request;

pub use batch::{EvaluationsSemantic, GuardBatch, GuardBatchOutcome};
pub use code::{GuardCode, GuardStage};
pub use context::{
    ClientContext, Entitlement, OrganizationContext, ProductContext, RESERVED_CONTEXT_KEYS, SessionContext,
    SubscriptionContext, TenantContext, UserContext, UserInContext,
};
pub use contract::{AuthError, BoxFuture, Caller, Guard, SettleError};
pub use outcome::{BillingMode, DecisionPath, GuardBilling, GuardDecision, GuardOutcome, HeldCredits};
pub use request::{GuardBody, GuardRequest, GuardResource};
