//! Why the API did not do what it was asked for, in sentences for the person who asked.

use reqwest::{Response, StatusCode};
use serde::Deserialize;

use crate::words::sentence;

/// It was not done, as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// It wants to know who asks, or does not know this token.
    SignIn(String),
    /// It takes changes from nobody out there, whatever they show.
    Closed(String),
    /// Something is wrong with what was asked for, or with what would do it.
    Refused { code: String, sentence: String },
    /// It does not answer, or not in time.
    Away,
    /// It answers something that nobody understands.
    Strange,
}

/// A problem document (RFC 9457), as far as it is read here.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    code: String,
    detail: String,
}

impl Problem {
    /// What a person reads.
    pub(super) fn sentence(&self) -> String {
        words(&self.code).map_or_else(|| sentence(&self.detail), str::to_owned)
    }
}

/// An answer that is none of an error.
pub(super) async fn check(answer: Response) -> Result<Response, ApiError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let problem: Option<Problem> = answer.json().await.ok();
    Err(judge(status, problem))
}

fn judge(status: StatusCode, problem: Option<Problem>) -> ApiError {
    match (status, problem) {
        (StatusCode::FORBIDDEN, Some(Problem { code, detail })) if code == "not_local" => {
            ApiError::Closed(sentence(&detail))
        }
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
            ApiError::SignIn("To change something, sign in with a token that is right.".to_owned())
        }
        (_, Some(problem)) => {
            let sentence = problem.sentence();
            ApiError::Refused { code: problem.code, sentence }
        }
        (StatusCode::PAYLOAD_TOO_LARGE, None) => {
            let code = "body_too_large".to_owned();
            ApiError::Refused { code, sentence: TOO_LARGE.to_owned() }
        }
        (status, None) if status.is_server_error() => ApiError::Away,
        (_, None) => ApiError::Strange,
    }
}

impl ApiError {
    /// From a request that was not answered.
    #[expect(clippy::needless_pass_by_value, reason = "it is a function for map_err")]
    pub(super) fn unheard(error: reqwest::Error) -> Self {
        tracing::error!(%error, "the API does not answer");
        Self::Away
    }

    /// Whether nothing at all is taken from this visitor.
    pub(crate) const fn keeps_out(&self) -> bool {
        matches!(self, Self::SignIn(_) | Self::Closed(_))
    }

    /// What a person reads.
    pub(crate) fn sentence(&self) -> &str {
        match self {
            Self::SignIn(sentence) | Self::Closed(sentence) | Self::Refused { sentence, .. } => sentence,
            Self::Away => {
                "The receiver does not answer, so it is not sure that anything was changed. Look, and try again in a moment."
            }
            Self::Strange => {
                "The receiver's answer makes no sense: it may be of another version than these pages."
            }
        }
    }
}

const TOO_LARGE: &str = "The file has more bytes than are allowed: make it smaller.";

/// Words for codes whose details are for programs: they name fields, routes and ids.
fn words(code: &str) -> Option<&'static str> {
    Some(match code {
        "name_taken" => "Somebody is called that already. Choose another name, or merge the two.",
        "wrong_name" => "A name has 1 to 255 characters, all of which can be seen.",
        "wrong_actor" => {
            "Your own name has 1 to 64 characters, all of which can be seen: sign in with another one."
        }
        "unknown_person" => "This person is not there any more.",
        "unknown_face" => "This face is not there any more: its picture was deleted or looked at again.",
        "unknown_image" => "This picture is not there any more.",
        "unknown_photo" => "This photo is not there any more.",
        "unknown_group" => "This group is not there any more: its faces are named.",
        "unknown_merge" | "merge_undone" => "This merge was undone already.",
        "not_final" => "This picture is being looked at: wait for its result.",
        "not_failed" => "Only a picture that failed is tried again.",
        "body_too_large" | "file_too_large" => TOO_LARGE,
        "not_an_image" => {
            "This is no picture in a format that can be read: JPEG, PNG, WebP, GIF, BMP or TIFF."
        }
        "no_face" => "No face was found in it. A known photo shows one face, clearly.",
        "several_faces" => "It shows several faces. A known photo shows one: cut it out, or use another.",
        "low_quality" => {
            "The face cannot be seen well enough to know somebody by it. Use a sharper or larger one."
        }
        "photo_known" => "This photo is known already.",
        "gallery_read_only" => {
            "The folder of known photos is read-only: nothing can be added or forgotten from here."
        }
        "store_read_only" => "The folder of pictures is read-only: files cannot be added from here.",
        "recogniser_away" => {
            "The recogniser does not answer, so it is not sure that anything was changed. Look, and try again in a moment."
        }
        "out_of_time" => {
            "This took too long, and it is not sure that all of it was done. Look, and try again."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: &str) -> Problem {
        Problem { code: code.to_owned(), detail: "do this instead".to_owned() }
    }

    #[test]
    fn each_answer_says_what_to_do() {
        let table = [
            (StatusCode::CONFLICT, Some(problem("name_taken")), "Somebody is called that already."),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(problem("something_new")), "Do this instead."),
            (StatusCode::UNAUTHORIZED, Some(problem("token_missing")), "To change something, sign in"),
            (StatusCode::FORBIDDEN, Some(problem("not_local")), "Do this instead."),
            (StatusCode::UNAUTHORIZED, None, "To change something, sign in"),
            (StatusCode::PAYLOAD_TOO_LARGE, None, "The file has more bytes"),
            (StatusCode::BAD_GATEWAY, None, "The receiver does not answer"),
            (StatusCode::NOT_FOUND, None, "The receiver's answer makes no sense"),
        ];
        for (status, problem, words) in table {
            let error = judge(status, problem);
            assert!(error.sentence().starts_with(words), "{status}: {error:?}");
        }
    }

    #[test]
    fn nobody_is_told_that_nothing_was_changed_where_something_may_be() {
        for code in ["recogniser_away", "out_of_time"] {
            let sentence = words(code).expect("it has words");
            assert!(sentence.contains("not sure") && !sentence.contains("Nothing was changed"), "{sentence}");
        }
    }

    #[test]
    fn only_who_is_not_let_in_is_to_sign_in() {
        assert!(matches!(judge(StatusCode::FORBIDDEN, Some(problem("x"))), ApiError::SignIn(_)));
        assert!(
            matches!(judge(StatusCode::NOT_FOUND, Some(problem("x"))), ApiError::Refused { code, .. } if code == "x")
        );
    }
}
