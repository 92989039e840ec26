//! What a client reads when something is wrong: a problem document (RFC 9457). The one place that turns errors into
//! HTTP; what went wrong on our side is logged here and not told.

mod changes;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use group_commit::Ended;
use picture_path::SourceError;
use serde::Serialize;
use service_kit::database::DatabaseFault;
use utoipa::ToSchema;

use crate::{posting::NotStored, store::StoreError};

/// The code of a request that another one like it is about to answer.
pub(crate) const IN_PROGRESS: &str = "idempotency_key_in_progress";

/// A problem document. `code` is for programs, `detail` says what to do, `field` names the part of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    #[serde(flatten)]
    fault: Fault,
}

/// The part of a problem that one entry of a batch has too.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
}

impl Fault {
    /// What is wrong with the path or address in `field`.
    pub(crate) fn source(error: SourceError, field: impl Into<String>) -> Self {
        Self { code: error.code(), detail: error.to_string(), field: Some(field.into()) }
    }
}

impl Problem {
    pub(crate) fn new(status: StatusCode, fault: Fault) -> Self {
        Self {
            kind: format!("urn:rollcall:problem:{}", fault.code),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            fault,
        }
    }

    /// The database did not do what a request needs; the log has the error.
    fn database(fault: DatabaseFault) -> Self {
        let (status, code, detail) = match fault {
            DatabaseFault::Permanent => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "database_refused",
                "the database refuses what this request needs, and would again: the receiver's log says why",
            ),
            DatabaseFault::ReadOnly => (
                StatusCode::SERVICE_UNAVAILABLE,
                "database_read_only",
                "the database takes no writes at the moment: send the request again in a few seconds; what was stored already is not stored twice",
            ),
            DatabaseFault::Unprepared => (
                StatusCode::SERVICE_UNAVAILABLE,
                "database_unavailable",
                "the database is not ready for the receiver: run migrate, then send the request again",
            ),
            DatabaseFault::LostRace | DatabaseFault::LockedRow | DatabaseFault::Away => (
                StatusCode::SERVICE_UNAVAILABLE,
                "database_unavailable",
                "the database does not answer: send the request again in a few seconds; what was stored already is not stored twice",
            ),
        };
        Self::plain(status, code, detail)
    }

    /// What a part of a request met that was done for the rest.
    pub(crate) fn into_fault(self) -> Fault {
        self.fault
    }

    /// A bug of ours, which the log tells of.
    fn internal() -> Self {
        Self::plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "this is a fault of the receiver: its log says more",
        )
    }

    /// A problem that concerns no particular field.
    pub(crate) fn plain(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(status, Fault { code, detail: detail.into(), field: None })
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database could not do what a request needs");
        Self::database(error.fault())
    }
}

/// What went wrong is in the log already.
impl From<NotStored> for Problem {
    fn from(NotStored(fault): NotStored) -> Self {
        Self::database(fault)
    }
}

/// The process stops, and took its last group.
impl From<Ended> for Problem {
    fn from(_: Ended) -> Self {
        Self::plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "stopping",
            "this receiver is stopping: send the request again",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some("5"),
            // Another request is at it, which is a matter of milliseconds.
            StatusCode::CONFLICT if self.fault.code == IN_PROGRESS => Some("1"),
            _ => None,
        };
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}
