//! What a form is answered with: the page to go to (Post/Redirect/Get: loading that page again sends nothing again), and
//! what is told there.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{api::ApiError, notice::Notice, site_address};

/// The page to go to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    to: String,
    notice: Option<Notice>,
}

impl Answer {
    /// It was done.
    pub(crate) fn done(to: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { to: to.into(), notice: Some(Notice::Done(sentence.into())) }
    }

    /// It was not done, which is told on the page that the form is on.
    pub(crate) fn refused(page: &str, sentence: impl Into<String>) -> Self {
        Self { to: page.to_owned(), notice: Some(Notice::Refused(sentence.into())) }
    }

    /// Another page, without a word.
    pub(crate) fn quiet(to: impl Into<String>) -> Self {
        Self { to: to.into(), notice: None }
    }

    /// The same for an error of the API. Who is not let in is asked to sign in and led back.
    pub(crate) fn failed(page: &str, error: &ApiError) -> Self {
        match error {
            ApiError::SignIn(sentence) => Self::refused(&site_address::sign_in(page), sentence),
            error => Self::refused(page, error.sentence()),
        }
    }

    /// What the API made of a form on `page`.
    pub(crate) fn to<T>(result: Result<T, ApiError>, page: &str, done: impl FnOnce(T) -> Self) -> Self {
        match result {
            Ok(told) => done(told),
            Err(error) => Self::failed(page, &error),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, self.to)]).into_response();
        if let Some(notice) = self.notice {
            response.headers_mut().append(header::SET_COOKIE, notice.cookie());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_let_in_comes_back_after_signing_in() {
        let refused = Answer::failed("/people/3", &ApiError::SignIn("Who?".to_owned()));
        assert_eq!(refused, Answer::refused("/sign-in?next=%2Fpeople%2F3", "Who?"));
        let away = Answer::failed("/people/3", &ApiError::Away);
        assert_eq!(away.to, "/people/3");
    }
}
