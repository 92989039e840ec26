//! The kinds of routes: what stands around a handler, and what the description of the API says of that. A route is given
//! its kind where it is listed, so that what is described is what is done.

use std::sync::Arc;

use axum::middleware::{from_fn, from_fn_with_state};
use utoipa::openapi::{
    HeaderBuilder, Object, RefOr, Required, Response, SecurityRequirement, Type,
    path::{Operation, ParameterBuilder, ParameterIn, PathItem, Paths},
};
use utoipa_axum::router::UtoipaMethodRouter;

use super::{authority, entity_tag, idempotency};
use crate::{actor, app::AppState, idempotency_key};

/// The name of the way to show the token.
pub(super) const BEARER: &str = "bearer";

/// Handlers of one path, and their description.
type Described = UtoipaMethodRouter<AppState>;

/// Gives routes their kinds.
pub(super) struct Kinds(AppState);

impl Kinds {
    pub(super) fn new(state: &AppState) -> Self {
        Self(state.clone())
    }

    /// It takes pictures in, from anybody; a request with an `Idempotency-Key` is done once.
    pub(super) fn posts(&self, (schemas, mut paths, methods): Described) -> Described {
        for operation in operations(&mut paths) {
            add_header(
                operation,
                idempotency_key::HEADER,
                "A name for this request, random, 1 to 255 printable characters: sent again, it is answered the same and done once.",
            );
        }
        (schemas, paths, methods.route_layer(from_fn_with_state(self.0.clone(), idempotency::once)))
    }

    /// It reads, for anybody; who has the answer already is told so.
    #[expect(clippy::unused_self, reason = "a kind like the others, though it needs nothing of the state")]
    pub(super) fn reads(&self, (schemas, mut paths, methods): Described) -> Described {
        for operation in operations(&mut paths) {
            add_header(operation, "if-none-match", "The `etag` of an answer that you have.");
            if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") {
                let etag = HeaderBuilder::new()
                    .schema(Some(Object::with_type(Type::String)))
                    .description(Some("Another one whenever the answer is another one."));
                answer.headers.insert("etag".to_owned(), RefOr::T(etag.build()));
            }
            let unchanged = RefOr::T(Response::new("The answer that you have."));
            operation.responses.responses.insert("304".to_owned(), unchanged);
        }
        (schemas, paths, methods.route_layer(from_fn(entity_tag::tagged)))
    }

    /// It changes something, for whoever may; the audit trail says who did.
    pub(super) fn changes(&self, (schemas, mut paths, methods): Described) -> Described {
        for operation in operations(&mut paths) {
            add_header(
                operation,
                actor::HEADER,
                "What you call yourself, 1 to 64 printable characters: the audit trail says it.",
            );
            operation.security = Some(vec![SecurityRequirement::new(BEARER, [""; 0])]);
            for (status, refusal) in [
                ("401", "`token_missing`: a token is configured, and was not sent."),
                (
                    "403",
                    "`not_local`, `foreign_origin`: none is configured, and you are not on this machine.",
                ),
            ] {
                operation
                    .responses
                    .responses
                    .insert(status.to_owned(), super::documentation::problem(refusal));
            }
        }
        let required = from_fn_with_state(Arc::clone(&self.0.access), authority::required);
        (schemas, paths, methods.route_layer(required))
    }
}

/// Every operation of these paths.
pub(super) fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        let PathItem { get, put, post, delete, patch, .. } = item;
        [get, put, post, delete, patch].into_iter().flatten()
    })
}

fn add_header(operation: &mut Operation, name: &str, description: &str) {
    let header = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(Object::with_type(Type::String)));
    operation.parameters.get_or_insert_default().push(RefOr::T(header.build()));
}
