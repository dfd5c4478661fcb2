//! The hosted pages as browsers see them: statuses, headers, cookies and forms. How they look and work in a browser is proven in
//! `interop/browser`.

mod attempts;
mod forms;
mod hardening;
mod mails;
mod sessions;
mod signing_out;
mod start;

use portcullis_http::HttpOptions;

use crate::wire::Answer;

fn unlimited() -> HttpOptions {
    HttpOptions { credential_rate_per_minute: 0, ..HttpOptions::default() }
}

/// Everything that every page has, also one that refuses.
fn is_a_page(answer: &Answer, what: &str) {
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{what}");
    is_hardened(answer, what);
    let html = answer.text();
    for part in ["<html lang=\"en\">", "<title>", "<h1>", "name=\"viewport\"", "id=\"main\""] {
        assert!(html.contains(part), "{what}: no {part}");
    }
    // Nothing inline, nothing from elsewhere.
    for part in ["<style", "style=\"", "onclick", "javascript:", "src=\"http", "href=\"http", "//cdn"] {
        assert!(!html.contains(part), "{what}: {part}");
    }
    assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/assets/").count(), "{what}");
}

fn is_hardened(answer: &Answer, what: &str) {
    assert_eq!(answer.header("x-frame-options"), Some("DENY"), "as_12 {what}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "as_13 {what}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "as_14 {what}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), None, "as_15 {what}");
    let policy = answer.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "as_12 as_13 {what}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
}
