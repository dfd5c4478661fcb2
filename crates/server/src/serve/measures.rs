//! What is measured when somebody asks for the metrics.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use portcullis::Portcullis;
use portcullis_http::RenderMetrics;

/// What `GET /metrics` answers with.
pub(super) fn render(portcullis: Portcullis, metrics: PrometheusHandle) -> RenderMetrics {
    Arc::new(move || {
        let (entries, bytes) = portcullis.grant_cache_size();
        gauge("portcullis_grant_cache_entries", entries);
        gauge("portcullis_grant_cache_bytes", bytes);
        gauge("portcullis_token_cache_entries", portcullis.token_cache_size());
        let passwords = portcullis.password_work();
        gauge("portcullis_passwords_waiting", passwords.waiting);
        metrics::counter!("portcullis_password_hashes_total").absolute(passwords.hashed);
        metrics::counter!("portcullis_passwords_refused_total").absolute(passwords.refused);
        metrics.render()
    })
}

fn gauge(name: &'static str, value: usize) {
    // Above 2^32 a gauge need not be exact.
    metrics::gauge!(name).set(u32::try_from(value).map_or(f64::from(u32::MAX), f64::from));
}
