use std::num::NonZeroU32;
use std::sync::Arc;

use metrics::{Counter, counter};
use portcullis::Portcullis;
use portcullis_tower::{RateLimit, RateLimitOptions};

use crate::HttpOptions;
use crate::routes::oauth::FailedClients;

/// What every handler shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    portcullis: Portcullis,
    options: HttpOptions,
    checks: Checks,
    /// Attempts at credentials, by address; absent when they are not limited.
    credential_limit: Option<RateLimit>,
    /// Failures of clients to prove who they are, by address; absent when they are not limited.
    failed_clients: Option<FailedClients>,
}

/// `portcullis_checks_total`, by answer. Handles, because looking them up costs more than a check.
pub(crate) struct Checks {
    pub(crate) allow: Counter,
    pub(crate) deny: Counter,
    pub(crate) refused: Counter,
}

impl Api {
    pub(crate) fn new(portcullis: Portcullis, options: HttpOptions) -> Self {
        let checks = Checks {
            allow: counter!("portcullis_checks_total", "answer" => "allow"),
            deny: counter!("portcullis_checks_total", "answer" => "deny"),
            refused: counter!("portcullis_checks_total", "answer" => "refused"),
        };
        let limit = || {
            NonZeroU32::new(options.credential_rate_per_minute)
                .map(|rate| RateLimit::new(RateLimitOptions::per_minute(rate), portcullis.time_source()))
        };
        let credential_limit = limit();
        let failed_clients = limit().map(|limit| FailedClients::new(limit, portcullis.time_source()));
        Self { inner: Arc::new(Inner { checks, credential_limit, failed_clients, portcullis, options }) }
    }

    pub(crate) fn portcullis(&self) -> &Portcullis {
        &self.inner.portcullis
    }

    pub(crate) fn options(&self) -> &HttpOptions {
        &self.inner.options
    }

    pub(crate) fn credential_limit(&self) -> Option<&RateLimit> {
        self.inner.credential_limit.as_ref()
    }

    pub(crate) fn failed_clients(&self) -> Option<&FailedClients> {
        self.inner.failed_clients.as_ref()
    }

    pub(crate) fn checks(&self) -> &Checks {
        &self.inner.checks
    }
}
