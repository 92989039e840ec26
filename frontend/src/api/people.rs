//! People and their known photos.

use axum::body::Bytes;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{ApiError, Caller, PersonRef, Takes};

/// A new known photo.
#[derive(Debug, Deserialize)]
pub(crate) struct Enrolled {
    pub(super) photo: String,
    #[serde(default)]
    pub(super) resembles: Vec<Resembling>,
}

/// A known photo of somebody else that the new one looks like.
#[derive(Debug, Deserialize)]
pub(crate) struct Resembling {
    photo: String,
    person: Option<PersonRef>,
}

/// The rest of the answer is on the page that follows.
#[derive(Deserialize)]
struct Merged {
    person: PersonRef,
}

#[derive(Deserialize)]
struct Undone {
    person: PersonRef,
}

impl Enrolled {
    /// What a person should know: whom else the photo looks like.
    pub(crate) fn sentence(&self) -> String {
        let name =
            |other: &Resembling| other.person.as_ref().map_or(&other.photo, |known| &known.name).clone();
        let mut others: Vec<String> = self.resembles.iter().map(name).collect();
        others.sort_unstable();
        others.dedup();
        match &others[..] {
            [] => format!("{} is a known photo now.", self.photo),
            others => format!(
                "{} is a known photo now. It looks like {}, too: see that this is right.",
                self.photo,
                others.join(" and ")
            ),
        }
    }
}

impl Caller {
    pub(crate) async fn create_person(&self, name: &str) -> Result<PersonRef, ApiError> {
        self.told(Takes::Usual, Method::POST, &["people"], &json!({ "name": name })).await
    }

    pub(crate) async fn rename_person(&self, person: u64, name: &str) -> Result<(), ApiError> {
        self.done_with(Method::PATCH, &["people", &person.to_string()], &json!({ "name": name })).await
    }

    /// Tells who the two are together.
    pub(crate) async fn merge_people(&self, person: u64, into: u64) -> Result<PersonRef, ApiError> {
        let path = ["people", &person.to_string(), "merge"];
        let merged: Merged = self.told(Takes::Usual, Method::POST, &path, &json!({ "into": into })).await?;
        Ok(merged.person)
    }

    /// Tells who is a person of their own again.
    pub(crate) async fn undo_merge(&self, merge: u64) -> Result<PersonRef, ApiError> {
        let path = ["merges", &merge.to_string(), "undo"];
        let undone: Undone = self.told(Takes::Usual, Method::POST, &path, &json!({})).await?;
        Ok(undone.person)
    }

    pub(crate) async fn delete_person(&self, person: u64) -> Result<(), ApiError> {
        self.done(Takes::Long, Method::DELETE, &["people", &person.to_string()]).await
    }

    pub(crate) async fn enrol_photo(
        &self,
        person: u64,
        name: &str,
        bytes: Bytes,
    ) -> Result<Enrolled, ApiError> {
        self.uploaded(&["people", &person.to_string(), "photos"], name, bytes).await
    }

    pub(crate) async fn forget_photo(&self, photo: &str) -> Result<(), ApiError> {
        self.done(Takes::Long, Method::DELETE, &["known-photos", photo]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_photo_says_whom_else_it_looks_like() {
        let resembling = |photo: &str, name: Option<&str>| Resembling {
            photo: photo.to_owned(),
            person: name.map(|name| PersonRef { id: 1, name: name.to_owned() }),
        };
        let enrolled = |resembles| Enrolled { photo: "ann_2.jpg".to_owned(), resembles };
        assert_eq!(enrolled(vec![]).sentence(), "ann_2.jpg is a known photo now.");
        let resembles = vec![
            resembling("bob.jpg", Some("Bob")),
            resembling("bob_2.jpg", Some("Bob")),
            resembling("x.jpg", None),
        ];
        assert_eq!(
            enrolled(resembles).sentence(),
            "ann_2.jpg is a known photo now. It looks like Bob and x.jpg, too: see that this is right."
        );
    }
}
