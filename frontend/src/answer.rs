//! What a form is answered with: the page to go to (Post/Redirect/Get: loading that page again sends nothing again), and
//! what is told there.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{api::ApiError, draft::Draft, notice::Notice, site_address};

/// The page to go to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    to: String,
    notice: Option<Notice>,
    /// The cookie of what was typed.
    draft: Option<HeaderValue>,
}

impl Answer {
    /// It was done.
    pub(crate) fn done(to: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { to: to.into(), notice: Some(Notice::Done(sentence.into())), draft: None }
    }

    /// It was not done, which is told on the page that the form is on.
    pub(crate) fn refused(page: &str, sentence: impl Into<String>) -> Self {
        Self { to: page.to_owned(), notice: Some(Notice::Refused(sentence.into())), draft: None }
    }

    /// Another page, without a word.
    pub(crate) fn quiet(to: impl Into<String>) -> Self {
        Self { to: to.into(), notice: None, draft: None }
    }

    /// The same for an error of the API. Who is not let in is asked to sign in and led back.
    pub(crate) fn failed(page: &str, error: &ApiError) -> Self {
        if error.keeps_out() {
            Self::refused(&site_address::sign_in(page), error.sentence())
        } else {
            Self::refused(page, error.sentence())
        }
    }

    /// What the API made of a form on `page`.
    pub(crate) fn to<T>(result: Result<T, ApiError>, page: &str, done: impl FnOnce(T) -> Self) -> Self {
        match result {
            Ok(told) => done(told),
            Err(error) => Self::failed(page, &error),
        }
    }

    /// The same where it is told on that page that it was done.
    pub(crate) fn told(result: Result<(), ApiError>, page: &str, sentence: impl Into<String>) -> Self {
        Self::to(result, page, |()| Self::done(page, sentence))
    }

    /// Where it was not done, a field of the page has what was typed into it again.
    #[must_use]
    pub(crate) fn keeping(mut self, field: &str, text: &str) -> Self {
        if let Some(Notice::Refused(_)) = self.notice {
            self.draft = Draft::cookie(field, text);
        }
        self
    }

    /// Whether it has.
    pub(crate) fn keeps(&self) -> bool {
        self.draft.is_some()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, self.to)]).into_response();
        if let Some(notice) = self.notice {
            response.headers_mut().append(header::SET_COOKIE, notice.cookie());
        }
        if let Some(draft) = self.draft {
            response.headers_mut().append(header::SET_COOKIE, draft);
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
