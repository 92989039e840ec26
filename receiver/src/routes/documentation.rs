//! The description of the API (`OpenAPI` 3.1), made from the routes, at `/openapi.json`, and a page to browse it at `/docs`.
//! Nothing of the page comes from elsewhere.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderValue, header},
    middleware::{from_fn, map_response},
    response::Response,
    routing::get,
};
use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};
use utoipa::{
    ToSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, InfoBuilder, Object, ObjectBuilder, OpenApi, OpenApiBuilder, Ref,
        RefOr, Response as Described, ResponseBuilder, Type,
        schema::SchemaType,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{entity_tag, kinds};
use crate::{
    app::AppState,
    problem::{Fault, Problem},
};

const DOCUMENT: &str = "/openapi.json";
const PAGE: &str = "/docs";
const PROBLEM_TYPE: &str = "application/problem+json";
/// The page builds itself with its own script, and writes styles.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is said of the API as a whole.
pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Rollcall")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Who is in these pictures? Post them by path or address, read what was found, and correct it.\n\n\
             Ids are numbers, times RFC 3339 in UTC. Lists come in pages: `next` is the `cursor` of the next one, or \
             null. Whatever is wrong is told as a problem document (RFC 9457): `code` is for programs, `detail` says \
             what to do, `field` names the part of the request.",
        ));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "The token of API_TOKEN_FILE. Where none is configured, whoever is on the machine needs none.",
    ));
    let components = ComponentsBuilder::new()
        .security_scheme(kinds::BEARER, SecurityScheme::Http(token.build()))
        .schema_from::<Fault>()
        .schema_from::<Problem>();
    OpenApiBuilder::new().info(info.build()).components(Some(components.build())).build()
}

/// Adds what is the same for every route: anything else than what a route says of itself is a problem document.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    for operation in kinds::operations(&mut document.paths) {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                say_problem_type(response);
            }
        }
        let other = operation.responses.responses.entry("default".to_owned());
        other.or_insert_with(|| problem("Anything else is a problem document, too."));
    }
    document
}

/// An answer that is a problem document.
pub(super) fn problem(description: &str) -> RefOr<Described> {
    let content = ContentBuilder::new().schema(Some(problem_schema())).build();
    RefOr::T(ResponseBuilder::new().description(description).content(PROBLEM_TYPE, content).build())
}

fn problem_schema() -> Ref {
    Ref::from_schema_name(Problem::name())
}

/// A problem that a route names is JSON of its own type, whatever the route says.
fn say_problem_type(response: &mut Described) {
    let is_problem = |schema: &RefOr<_>| matches!(schema, RefOr::Ref(schema) if *schema == problem_schema());
    let json = "application/json";
    if response.content.get(json).is_some_and(|content| match content {
        RefOr::T(content) => content.schema.as_ref().is_some_and(is_problem),
        RefOr::Ref(_) => false,
    }) && let Some(content) = response.content.shift_remove(json)
    {
        response.content.insert(PROBLEM_TYPE.to_owned(), content);
    }
}

/// The description, and the page.
pub(super) fn router(document: &OpenApi) -> Router<AppState> {
    let document = Bytes::from(serde_json::to_vec(document).expect("a description is plain JSON"));
    let document = get(async move || ([(header::CONTENT_TYPE, "application/json")], document.clone()));
    let page = SwaggerUi::new(PAGE).config(Config::from(DOCUMENT).validator_url("none"));
    let page = Router::from(page).layer(map_response(with_security_headers));
    Router::new().route(DOCUMENT, document.route_layer(from_fn(entity_tag::tagged))).merge(page)
}

async fn with_security_headers(mut response: Response) -> Response {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The words for the status of an image.
pub(super) fn status() -> Object {
    one_of(ImageStatus::ALL.iter().map(|status| status.name()))
}

/// The words for why nobody was named, or null.
pub(super) fn reason() -> Object {
    let words = one_of(UnresolvedReason::ALL.iter().map(|reason| reason.name()));
    let values = words.enum_values.into_iter().flatten().chain([serde_json::Value::Null]);
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some(values))
        .build()
}

/// The words for what was decided of a face.
pub(super) fn outcome() -> Object {
    one_of(FaceOutcome::ALL.iter().map(|outcome| outcome.name()))
}

/// A text that is one of these words.
pub(super) fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(words)).build()
}
