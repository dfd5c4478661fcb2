//! The guard: one pass that says who is asking, whether they may, and whether they can pay for it (spec `guard-request.md`).
//!
//! | file | its question |
//! |---|---|
//! | `contract.rs` | what does an application call? (`Guard` for [`Portcullis`](crate::Portcullis)) |
//! | `pipeline.rs` | in which order are the stages asked, and what does each refusal make of the outcome? |
//! | `stage.rs` | what is a stage? Traits, so that a test or an application replaces one |
//! | `context.rs` | who is it, and in which organization and tenant? |
//! | `fake.rs` | who is it, in development, where every token is somebody? |
//! | `memory.rs` | which contexts does this node remember, and until when? |
//! | `registry.rs`, `resolve.rs` | what is asked for: a registered operation, one by convention, or none |
//! | `decide.rs`, `caps.rs` | may they? The ten named paths, and what a token keeps of a yes |
//! | `policy.rs` | which policies and overrides apply? |
//! | `reasons.rs` | why was it decided so, for administrators, without a read each time? |
//! | `entitle.rs` | does the subscription include it? |
//! | `price.rs`, `bill.rs` | what does it cost, and is it there? |
//! | `defer.rs` | what was not charged because the ledger did not answer? |
//! | `ask.rs` | may this service ask about its users? (`POST /v1/guard`) |

mod ask;
mod bill;
mod caps;
mod context;
mod contract;
mod decide;
mod defer;
mod entitle;
mod fake;
mod memory;
mod pipeline;
mod policy;
mod price;
mod reasons;
mod registry;
mod resolve;
mod stage;
mod standing;

pub use ask::{Answer, Semantics, answer, ask, ask_many};
pub use context::{GuardContext, InForce, LeftOut, NotInForce, Wanted};
pub use defer::charge_deferred;
pub use entitle::{Entitled, EntitlementQuestion};
pub use registry::RegisteredOperation;
pub use stage::{
    ContextProvider, CreditLedger, Decided, DecisionQuestion, Entitlements, LedgerRefusal, PolicyDecision,
    PriceQuestion, Priced, Stages, TokenVerifier,
};

pub(crate) use context::MAX_OVERRIDES;
pub(crate) use defer::charge_in_background;
pub(crate) use memory::{ContextEpochs, Contexts, Remembers};
pub(crate) use reasons::Reasons;
pub(crate) use registry::{Registry, policy_change};
pub use resolve::UnknownOperation;
