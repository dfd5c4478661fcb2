//! What pages load: part of the program, under a name that changes with the content, so that browsers may keep it for good.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};

use crate::failure::Failure;

pub(super) const PATH: &str = "/assets/{name}";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A file that pages load.
struct Asset {
    name: String,
    kind: &'static str,
    content: &'static [u8],
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, content: &'static [u8]) -> Self {
        // To tell versions apart, nothing else: two nodes of one version have the same name.
        let mut hasher = DefaultHasher::new();
        hasher.write(content);
        Self { name: format!("{stem}-{:016x}.{extension}", hasher.finish()), kind, content }
    }

    fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// The files, and where pages find them.
pub(super) struct Assets {
    all: [Asset; 3],
    pub(super) stylesheet: String,
    pub(super) script: String,
    pub(super) mark: String,
}

/// The files of this version.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let stylesheet =
        Asset::new("pages", "css", "text/css; charset=utf-8", include_bytes!("../../assets/pages.css"));
    let script =
        Asset::new("pages", "js", "text/javascript; charset=utf-8", include_bytes!("../../assets/pages.js"));
    let mark = Asset::new("mark", "svg", "image/svg+xml", include_bytes!("../../assets/mark.svg"));
    Assets {
        stylesheet: stylesheet.path(),
        script: script.path(),
        mark: mark.path(),
        all: [stylesheet, script, mark],
    }
});

/// Gives a file of this version.
pub(super) async fn show(Path(name): Path<String>) -> Result<Response, Failure> {
    let asset = ASSETS.all.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or_else(|| Failure::not_found("there is no such path"))?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, asset.content).into_response())
}
