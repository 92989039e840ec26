//! Who a face is.

use std::collections::BTreeSet;

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::{ApiError, Caller, Enrolled, PersonRef, Takes, error::Problem, people::Resembling};

/// Somebody: known by their id, or by a name, which becomes a person where there is none of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Who {
    Known { person_id: u64 },
    Named { name: String },
}

/// What a group of unknown faces is told to be.
#[derive(Debug, Serialize)]
pub(crate) struct Naming {
    #[serde(flatten)]
    pub(crate) who: Who,
    /// Whether the best face becomes a known photo.
    pub(crate) enrol: bool,
    /// Later faces are not meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) as_of: Option<u64>,
    /// These faces are not meant.
    pub(crate) except: BTreeSet<u64>,
}

/// What became of it.
#[derive(Debug, Deserialize)]
pub(crate) struct NamedGroup {
    person: PersonRef,
    faces: u64,
    photo: Option<String>,
    #[serde(default)]
    resembles: Vec<Resembling>,
    /// Why the best face did not become one.
    not_enrolled: Option<Problem>,
}

impl NamedGroup {
    /// What a person should know.
    pub(crate) fn sentence(self) -> String {
        let name = &self.person.name;
        let named = match self.faces {
            1 => format!("One face is {name} now."),
            faces => format!("{faces} faces are {name} now."),
        };
        let enrolled = self.photo.map(|photo| Enrolled { photo, resembles: self.resembles }.sentence());
        let refused =
            self.not_enrolled.map(|problem| format!("None became a known photo. {}", problem.sentence()));
        [Some(named), enrolled, refused].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

impl Caller {
    pub(crate) async fn assign(&self, face: u64, who: &Who) -> Result<(), ApiError> {
        self.done_with(Method::PUT, &["faces", &face.to_string(), "person"], who).await
    }

    pub(crate) async fn unassign(&self, face: u64) -> Result<(), ApiError> {
        self.done(Takes::Usual, Method::DELETE, &["faces", &face.to_string(), "person"]).await
    }

    pub(crate) async fn refuse(&self, face: u64, person: u64) -> Result<(), ApiError> {
        self.done(Takes::Usual, Method::PUT, &["faces", &face.to_string(), "not", &person.to_string()]).await
    }

    pub(crate) async fn unrefuse(&self, face: u64, person: u64) -> Result<(), ApiError> {
        self.done(Takes::Usual, Method::DELETE, &["faces", &face.to_string(), "not", &person.to_string()])
            .await
    }

    /// Has a face become a known photo of somebody, which says who it is, too.
    pub(crate) async fn enrol_face(&self, face: u64, who: &Who) -> Result<Enrolled, ApiError> {
        self.told(Takes::Long, Method::POST, &["faces", &face.to_string(), "enrol"], who).await
    }

    pub(crate) async fn name_group(&self, group: u64, naming: &Naming) -> Result<NamedGroup, ApiError> {
        self.told(Takes::Long, Method::POST, &["unknown-groups", &group.to_string(), "name"], naming).await
    }
}
