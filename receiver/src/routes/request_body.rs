//! The JSON body of the two POST routes, read whatever the Content-Type says: `curl -d` sends
//! `application/x-www-form-urlencoded`, and that is how people post.

use std::{fmt, marker::PhantomData};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::problem::{Fault, Problem};

/// 10,000 paths of a usual length fit; a picture sent by mistake does not.
pub(super) const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A body that is JSON of the shape `T`.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        parse(&read(request, state).await?).map(Self)
    }
}

/// The same for routes under `/api/v1`, which want to be told that it is JSON: a page of another site cannot say that
/// without being allowed to first.
pub(super) struct ApiBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ApiBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Problem::plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "send JSON and say so: content-type: application/json",
            ));
        }
        JsonBody::from_request(request, state).await.map(|JsonBody(body)| Self(body))
    }
}

/// The whole body. One that says beforehand that it is too large is not read at all.
pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length > MAX_BYTES as u64) {
        return Err(too_large());
    }
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => {
            let detail = "the body ended too early: send it again";
            Problem::plain(StatusCode::BAD_REQUEST, "body_unreadable", detail)
        }
    })
}

fn too_large() -> Problem {
    let detail = format!(
        "the body is larger than {} MiB: send the paths of pictures, in several requests if there are many",
        MAX_BYTES / 1024 / 1024
    );
    Problem::plain(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() {
        return Err(Problem::plain(
            StatusCode::BAD_REQUEST,
            "body_empty",
            "the body is empty: send JSON, for instance {\"path\": \"/photos/a.jpg\"}",
        ));
    }
    serde_json::from_slice(body).map(|Object(value)| value).map_err(|error| {
        let not_json = if error.is_data() { fault_of_json(body) } else { Some(error.to_string()) };
        match not_json {
            Some(fault) => {
                let detail = format!("the body is not JSON: {fault}");
                Problem::plain(StatusCode::BAD_REQUEST, "not_json", detail)
            }
            None => wrong_shape(&error),
        }
    })
}

/// Why a body is not JSON to its end; what is wrong with one of its fields counts only where it is.
fn fault_of_json(body: &[u8]) -> Option<String> {
    match str::from_utf8(body) {
        Ok(text) => serde_json::from_str::<IgnoredAny>(text).err().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    }
}

fn wrong_shape(error: &serde_json::Error) -> Problem {
    let detail = error.to_string();
    let field = field_of(&detail);
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, Fault { code: "wrong_shape", detail, field })
}

/// A `T` that is written as an object. Left alone, serde would read a struct from a list of its fields too.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object, for instance {\"path\": \"/photos/a.jpg\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Says where an error is; [`field_of`] reads it from the message again.
pub(super) fn inside<E: Error>(field: impl fmt::Display, error: &E) -> E {
    E::custom(format_args!("in `{field}`: {error}"))
}

/// The field that a message names: "in `paths`: in `[3]`: missing field `path`" means `paths[3].path`.
fn field_of(message: &str) -> Option<String> {
    let mut rest = message;
    let mut place = String::new();
    while let Some((field, after)) = rest.strip_prefix("in `").and_then(|named| named.split_once("`: ")) {
        push_field(&mut place, field);
        rest = after;
    }
    let named = ["missing field `", "duplicate field `"].iter().find_map(|kind| rest.strip_prefix(kind));
    if let Some((field, _)) = named.and_then(|named| named.split_once('`')) {
        push_field(&mut place, field);
    }
    (!place.is_empty()).then_some(place)
}

/// Adds a field of what `place` names, or an index into it.
fn push_field(place: &mut String, field: &str) {
    if !place.is_empty() && !field.starts_with('[') {
        place.push('.');
    }
    place.push_str(field);
}
