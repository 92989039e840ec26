//! What an error of the recogniser means for the image: the one table from gRPC status to blame.

use std::{error::Error, fmt};

use picture_path::SourceError;
use tonic::{Code, Status};

use super::source::{Address, RecognitionSource};
use crate::{retry::Blame, store::StoreError};

/// A call that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whose fault it is.
    pub blame: Blame,
    /// One word group for programs: the server's own, else the name of the status.
    pub code: String,
    /// A sentence for people.
    pub detail: String,
    /// Who was asked.
    pub recogniser: Option<Address>,
}

impl Failure {
    /// What is stored as the image's source is none.
    #[must_use]
    pub fn source(error: SourceError) -> Self {
        Self::new(Blame::Image, error.code(), &error.to_string())
    }

    /// A recogniser of the older contract opens files and takes no bytes.
    pub(super) fn takes_no_bytes() -> Self {
        Self::new(
            Blame::Image,
            "recogniser_too_old",
            "the recogniser cannot take a picture that was fetched: update it, or put the picture below the image root",
        )
    }

    /// The answer breaks the contract.
    pub(super) fn contract(detail: &str) -> Self {
        Self::new(Blame::Attempt, "contract_broken", detail)
    }

    /// The database takes results, but not this one: the image must not go in circles.
    pub(crate) fn result_refused(error: &StoreError) -> Self {
        let detail = format!("the database does not take the result: {error}");
        Self::new(Blame::Attempt, "result_refused", &detail)
    }

    /// There is nobody to ask.
    pub(super) fn nobody_there(source: &RecognitionSource) -> Self {
        Self::new(Blame::Outage, name_of(Code::Unavailable), &format!("no recogniser is found at {source}"))
    }

    pub(crate) fn new(blame: Blame, code: &str, detail: &str) -> Self {
        Self { blame, code: code.to_owned(), detail: detail.to_owned(), recogniser: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.detail, self.code)
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let told = status.metadata().get(proto::ERROR_CODE_TRAILER).and_then(|code| code.to_str().ok());
        let code = told.unwrap_or_else(|| name_of(status.code()));
        // Tonic gives a source to the errors that it makes itself, never to those that the server sent.
        let made_here = status.source().is_some();
        Self::new(blame_for(status.code(), made_here), code, status.message())
    }
}

fn blame_for(code: Code, made_here: bool) -> Blame {
    match code {
        Code::InvalidArgument | Code::NotFound => Blame::Image,
        // A call that was sent and whose connection broke: reset, closed or cut in the middle of an answer.
        Code::Unknown | Code::Cancelled if made_here => Blame::Loss,
        Code::Internal
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::OutOfRange
        | Code::DataLoss
        | Code::Aborted
        | Code::Cancelled
        | Code::AlreadyExists
        | Code::Ok => Blame::Attempt,
        Code::Unavailable => Blame::Outage,
        Code::ResourceExhausted => Blame::Busy,
        Code::FailedPrecondition | Code::Unimplemented | Code::PermissionDenied | Code::Unauthenticated => {
            Blame::Unready
        }
    }
}

fn name_of(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument => "invalid_argument",
        Code::NotFound => "file_missing",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::Unavailable => "recogniser_unavailable",
        Code::ResourceExhausted => "recogniser_busy",
        Code::Internal => "engine_failed",
        _ => "recogniser_failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whose_fault_it_is() {
        let table = [
            (Code::InvalidArgument, Blame::Image),
            (Code::NotFound, Blame::Image),
            (Code::Internal, Blame::Attempt),
            (Code::Unknown, Blame::Attempt),
            (Code::DeadlineExceeded, Blame::Attempt),
            (Code::OutOfRange, Blame::Attempt),
            (Code::DataLoss, Blame::Attempt),
            (Code::Aborted, Blame::Attempt),
            (Code::Cancelled, Blame::Attempt),
            (Code::Unavailable, Blame::Outage),
            (Code::FailedPrecondition, Blame::Unready),
            (Code::ResourceExhausted, Blame::Busy),
        ];
        for (code, blame) in table {
            assert_eq!(Failure::from(Status::new(code, "")).blame, blame, "{code:?}");
        }
    }

    #[test]
    fn a_connection_that_breaks_after_sending_is_a_loss() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);

        assert_eq!(Failure::from(Status::from_error(reset.into())).blame, Blame::Loss);
    }

    #[test]
    fn the_servers_own_error_code_is_kept() {
        let mut status = Status::invalid_argument("it is a text");
        status.metadata_mut().insert(proto::ERROR_CODE_TRAILER, "not_an_image".parse().expect("plain ASCII"));

        assert_eq!(Failure::from(status).code, "not_an_image");
    }

    #[test]
    fn without_one_the_status_gives_the_error_code() {
        assert_eq!(Failure::from(Status::internal("")).code, "engine_failed");
    }
}
