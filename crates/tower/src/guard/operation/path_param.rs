use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::Request;
use axum::http::request::Parts;

/// A parameter of the matched route, decoded: `id` of `/documents/{id}`. For the functions that name an operation's resource.
///
/// `None` outside a route that has it.
pub fn path_param(parts: &Parts, name: &str) -> Option<String> {
    let (mut scratch, ()) = Request::new(()).into_parts();
    scratch.extensions = parts.extensions.clone();
    let params = {
        let mut found = pin!(RawPathParams::from_request_parts(&mut scratch, &()));
        // It reads an extension, so it is ready at once.
        match found.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(params) => params.ok()?,
            Poll::Pending => return None,
        }
    };
    params.iter().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}
