use std::sync::Arc;

use metrics::{Counter, counter};
use portcullis::Portcullis;

use crate::HttpOptions;

/// What every handler shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    portcullis: Portcullis,
    options: HttpOptions,
    checks: Checks,
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
        Self { inner: Arc::new(Inner { portcullis, options, checks }) }
    }

    pub(crate) fn portcullis(&self) -> &Portcullis {
        &self.inner.portcullis
    }

    pub(crate) fn options(&self) -> &HttpOptions {
        &self.inner.options
    }

    pub(crate) fn checks(&self) -> &Checks {
        &self.inner.checks
    }
}
