//! The OpenAPI document: what the endpoints say about themselves, and what is the same for all of them.

use portcullis_types::Problem;
use utoipa::PartialSchema as _;
use utoipa::ToSchema as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
};

use crate::routes;

const PROBLEM: &str = "application/problem+json";
const FORM: &str = "application/x-www-form-urlencoded";
const BEARER: &str = "bearer";
const UNACCEPTABLE: &str =
    "A part of the request cannot be accepted; `field` and `expected` say which and why.";
const UNAVAILABLE: &str = "Storage does not answer; the same call may work later.";

/// The OpenAPI 3.1 document of [`router`](crate::router): every operation with every status that it answers with. The same text
/// in every build of one version.
pub fn openapi() -> OpenApi {
    let mut guarded = routes::guarded().into_openapi();
    for_each_operation(&mut guarded, |operation| {
        operation
            .security
            .get_or_insert_with(|| vec![SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])]);
        add_refusals(operation);
    });
    let mut public = routes::public().into_openapi();
    for_each_operation(&mut public, |operation| {
        operation.security.get_or_insert_with(|| vec![SecurityRequirement::default()]);
        say_what_a_form_is(operation);
        if takes_json(operation) {
            add_refusals_of_bodies(operation);
        }
        add(operation, "500", "It failed, which is our fault. The log holds more under `errorId`.");
    });
    let mut document = base();
    document.merge(guarded);
    document.merge(public);
    document
}

fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Portcullis")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Who is this, and may they do it: the Authress API, self-hosted."))
        .build();
    let mut components = Components::new();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A user's token, a service client's own token, or an access key as it is."))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

const UNAUTHENTICATED: &str = "The bearer is missing (`errorCode` is `Unauthenticated`), or names nobody, and `errorCode` says why: \
    `token_malformed`, `token_invalid`, `token_expired`, `token_revoked`, `user_inactive`.";

/// What every operation behind the bearer can answer with.
fn add_refusals(operation: &mut Operation) {
    add(operation, "400", UNACCEPTABLE);
    add(operation, "401", UNAUTHENTICATED);
    add(operation, "403", "The caller is known, and may not do this.");
    if operation.request_body.is_some() {
        add_refusals_of_bodies(operation);
    }
    add(operation, "500", "It failed, which is our fault. The log holds more under `errorId`.");
    add(operation, "503", UNAVAILABLE);
}

/// Whether the body is JSON; forms are refused in OAuth's own way.
fn takes_json(operation: &Operation) -> bool {
    match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key("application/json"),
        Some(RefOr::Ref(_)) => true,
        None => false,
    }
}

/// A form that may be absent is not `null`, which forms cannot say.
fn say_what_a_form_is(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let Some(RefOr::T(form)) = body.content.get_mut(FORM) else { return };
    if let Some(RefOr::T(Schema::OneOf(choice))) = &form.schema
        && let Some(only) = choice.items.iter().find(|item| matches!(item, RefOr::Ref(_)))
    {
        form.schema = Some(only.clone());
    }
}

/// What every operation with a body can answer with.
fn add_refusals_of_bodies(operation: &mut Operation) {
    add(operation, "400", UNACCEPTABLE);
    add(operation, "408", "The body took too long.");
    add(operation, "413", "The body is too large.");
    add(operation, "415", "The body is not JSON.");
    add(operation, "503", UNAVAILABLE);
}

fn add(operation: &mut Operation, status: &str, description: &str) {
    let responses = &mut operation.responses.responses;
    responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
}

/// A refusal with a problem as its body.
fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    ResponseBuilder::new().description(description).content(PROBLEM, Content::new(Some(schema))).build()
}

fn for_each_operation(document: &mut OpenApi, mut change: impl FnMut(&mut Operation)) {
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
            &mut item.head,
            &mut item.options,
            &mut item.trace,
        ];
        operations.into_iter().flatten().for_each(&mut change);
    }
}
