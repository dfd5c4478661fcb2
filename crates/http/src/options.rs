use std::sync::Arc;

/// Renders the metrics of this process in the text format of Prometheus.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// How the routes behave.
#[derive(Clone)]
pub struct HttpOptions {
    /// The longest body that is read, in bytes; longer ones are answered with 413. Records and groups have a smaller bound of
    /// their own, which the engine knows.
    pub body_limit: usize,
    /// What `GET /metrics` answers with. Without it, that path is not there.
    pub metrics: Option<RenderMetrics>,
}

impl Default for HttpOptions {
    /// Bodies of up to 1 MiB, no metrics.
    fn default() -> Self {
        Self { body_limit: 1 << 20, metrics: None }
    }
}

impl std::fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpOptions")
            .field("body_limit", &self.body_limit)
            .field("metrics", &self.metrics.is_some())
            .finish()
    }
}
