//! What is said of an image beside the name of its status: what happened, and what a person can do about it. Pure.

mod errors;

use migrations::{ImageStatus, UnresolvedReason};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::store::ImageRow;

const DATE_TIME: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const TIME: &[BorrowedFormatItem] = format_description!("[hour]:[minute]:[second]");

/// Sentences about one image.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) happened: Option<String>,
    pub(crate) next: Option<&'static str>,
}

/// What there is to say about an image.
pub(crate) fn about(image: &ImageRow) -> Words {
    match image.status {
        ImageStatus::Pending => Words { happened: Some(waiting(image)), next: None },
        ImageStatus::Processing => {
            let since = clock(image.updated_at, image.read_at);
            Words { happened: Some(format!("Being looked at since {since}.")), next: None }
        }
        ImageStatus::Processed => Words::default(),
        ImageStatus::Failed => failed(image),
        ImageStatus::Unresolved => {
            let (happened, next) = unresolved(image.reason);
            Words { happened: Some(happened.to_owned()), next }
        }
    }
}

fn waiting(image: &ImageRow) -> String {
    let is_due = image.next_attempt_at <= image.read_at;
    let time = clock(image.next_attempt_at, image.read_at);
    match image.error_code.as_deref().map(|code| errors::advice(code).happened) {
        None if is_due => "Waiting for a worker.".to_owned(),
        None => format!("Waiting until {time}."),
        Some(happened) if is_due => format!("{happened} Waiting for the next try."),
        Some(happened) => format!("{happened} Will be tried again at {time}."),
    }
}

fn unresolved(reason: Option<UnresolvedReason>) -> (&'static str, Option<&'static str>) {
    match reason {
        None => ("Nobody was named.", None),
        Some(UnresolvedReason::NoFace) => {
            ("No face was found.", Some("Nothing to do, or post a larger picture."))
        }
        Some(UnresolvedReason::LowQuality) => (
            "The face cannot be seen well enough.",
            Some("Post a sharper, larger or better lit picture, if there is one."),
        ),
        Some(UnresolvedReason::UnknownFace) => {
            ("A face of nobody we know.", Some("If you know the person, say who it is."))
        }
        Some(UnresolvedReason::Ambiguous) => {
            ("A face that may be somebody's, but not surely.", Some("If you know the person, say who it is."))
        }
    }
}

fn failed(image: &ImageRow) -> Words {
    let advice = errors::advice(image.error_code.as_deref().unwrap_or_default());
    // What was recorded knows more than its code: which limit, what the decoder met.
    let happened = recorded_error(image).map_or_else(|| advice.happened.to_owned(), sentence);
    let next = if image.retryable { "It will be tried again by itself." } else { advice.next };
    Words { happened: Some(happened), next: Some(next) }
}

fn recorded_error(image: &ImageRow) -> Option<&str> {
    image.error_detail.as_deref().map(str::trim).filter(|detail| !detail.is_empty())
}

/// Errors are written for logs and programs: lower case, without a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

/// A time within a sentence: without the day when that is today.
fn clock(time: OffsetDateTime, now: OffsetDateTime) -> String {
    let form = if time.date() == now.date() { TIME } else { DATE_TIME };
    time.format(form).expect("the formats have only fields that every time has") + " UTC"
}

/// How long ago, in the largest unit that fits.
pub(crate) fn age(time: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (now - time).whole_seconds().max(0);
    match seconds {
        0 => "just now".to_owned(),
        1..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        86_400..172_800 => "1 day ago".to_owned(),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// A time with its day.
pub(crate) fn date_time(time: OffsetDateTime) -> String {
    time.format(DATE_TIME).expect("the format has only fields that every time has")
}

#[cfg(test)]
mod tests;
