use std::sync::Arc;

/// Renders the metrics of this process in the text format of Prometheus.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// How the routes behave.
#[derive(Clone)]
pub struct HttpOptions {
    /// The longest body that is read, in bytes; longer ones are answered with 413. Records and groups have a smaller bound of
    /// their own, which the engine knows.
    pub body_limit: usize,
    /// How many attempts at a credential (register, login, refresh, passwords, verification) one address may make a minute, all
    /// at once if need be; 0 for no limit. Each node counts for itself; IPv6 is counted by network of /64. Requests whose
    /// address nobody says ([`PeerAddress`](portcullis_tower::PeerAddress)) share one count.
    pub credential_rate_per_minute: u32,
    /// Paths below which the older paths of the OAuth endpoints (`/oauth/token`, `/oidc/device/code`, …) are there too, for clients that
    /// have such a path built in: each begins with a slash and ends without one.
    pub oauth_prefixes: Vec<String>,
    /// What `GET /metrics` answers with. Without it, that path is not there.
    pub metrics: Option<RenderMetrics>,
}

impl Default for HttpOptions {
    /// Bodies of up to 1 MiB, 30 attempts at a credential a minute, no metrics.
    fn default() -> Self {
        Self {
            body_limit: 1 << 20,
            credential_rate_per_minute: 30,
            oauth_prefixes: Vec::new(),
            metrics: None,
        }
    }
}

impl std::fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpOptions")
            .field("body_limit", &self.body_limit)
            .field("credential_rate_per_minute", &self.credential_rate_per_minute)
            .field("oauth_prefixes", &self.oauth_prefixes)
            .field("metrics", &self.metrics.is_some())
            .finish()
    }
}
