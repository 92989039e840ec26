//! Whom a request means: somebody by id, or by name.

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    person_name::PersonName,
    problem::{Fault, Problem},
    store::Whom,
};

/// Somebody; exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedPerson {
    /// Somebody who is known.
    person_id: Option<u64>,
    /// Whoever is called so; somebody new where nobody is.
    name: Option<String>,
}

impl WantedPerson {
    pub(super) fn whom(self) -> Result<Whom, Problem> {
        whom(self.person_id, self.name.as_deref())
    }
}

/// The one that is given.
pub(super) fn whom(person_id: Option<u64>, name: Option<&str>) -> Result<Whom, Problem> {
    match (person_id, name) {
        (Some(id), None) => Ok(Whom::Id(id)),
        (None, Some(name)) => Ok(Whom::Name(PersonName::parse(name)?)),
        _ => {
            let detail = "give one of {\"person_id\": 3} and {\"name\": \"Ann\"}".to_owned();
            let fault = Fault { code: "wrong_shape", detail, field: None };
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault))
        }
    }
}
