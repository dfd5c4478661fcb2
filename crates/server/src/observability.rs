//! The log on stderr and the metrics of this process.

use std::fmt;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::config::{ConfigError, LogConfig};
use crate::{Error, Result};

/// Begins to log. A second call in one process changes nothing.
///
/// # Errors
/// [`Error::Config`] when the filter does not read.
pub fn start_log(config: &LogConfig, process: &str) -> Result {
    let filter = EnvFilter::builder().parse(&config.filter).map_err(|_directive| ConfigError::Value {
        name: "log_filter".to_owned(),
        expected: "a level (error, warn, info, debug, trace) or directives such as info,portcullis=debug"
            .to_owned(),
    })?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let process = process.to_owned();
    let format = tracing_subscriber::fmt::format();
    // Only the first subscriber of a process counts; tests start many servers in one.
    let _already_logging = if config.json {
        let inner = format.json().flatten_event(true);
        builder.json().event_format(Named { inner, process, json: true }).try_init().is_err()
    } else {
        builder.event_format(Named { inner: format, process, json: false }).try_init().is_err()
    };
    Ok(())
}

/// Adds the name of this process to every line, also to those of tasks that belong to no request.
struct Named<F> {
    inner: F,
    process: String,
    json: bool,
}

impl<S, N, F> FormatEvent<S, N> for Named<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.inner.format_event(ctx, Writer::new(&mut line), event)?;
        match line.strip_prefix('{').filter(|_| self.json) {
            Some(rest) => {
                let process = serde_json::Value::from(self.process.as_str());
                write!(writer, "{{\"node\":{process},{rest}")
            }
            None => write!(writer, "{} {line}", self.process),
        }
    }
}

/// The metrics of this process. One recorder serves every server in it, because the `metrics` facade has one.
///
/// # Errors
/// [`Error::Internal`] when another recorder was installed by somebody else.
pub fn metrics() -> Result<PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| error.to_string())
    });
    handle.clone().map_err(Error::Internal)
}

/// Bounds of the histograms, which are all of durations: from a warm check to a slow disk.
const SECONDS: [f64; 14] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
