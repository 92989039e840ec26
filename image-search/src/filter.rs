//! What is looked for, and the words that say it: `status=unresolved&reason=no_face&q=party`. Pure.

use migrations::{ImageStatus, UnresolvedReason};
use thiserror::Error;
use time::OffsetDateTime;

use crate::moment;

/// What came of the images that are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Whatever it is.
    #[default]
    All,
    /// They have this status.
    Status(ImageStatus),
    /// Unresolved for this reason: images of no other status have one.
    Reason(UnresolvedReason),
}

/// Which images are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// What came of them.
    pub standing: Standing,
    /// Part of the path or URL, in upper or lower case.
    pub text: Option<String>,
    /// The name of somebody who was identified in them.
    pub person: Option<String>,
    /// Not posted before.
    pub from: Option<OffsetDateTime>,
    /// Posted before.
    pub until: Option<OffsetDateTime>,
}

/// The words of an address that choose images, as they were sent. What a form leaves empty is not said; `status` and
/// `reason` come from no field that could be left empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Words<'a> {
    /// The name of a status.
    pub status: Option<&'a str>,
    /// The name of a reason.
    pub reason: Option<&'a str>,
    /// Part of the path.
    pub q: Option<&'a str>,
    /// Somebody's name.
    pub person: Option<&'a str>,
    /// A time.
    pub from: Option<&'a str>,
    /// A time.
    pub until: Option<&'a str>,
}

/// Longer texts are in no path.
const MOST_CHARACTERS: usize = 2048;

/// Why words choose nothing, and what right ones are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FilterError {
    /// There is no such status.
    #[error("\"status\" is one of {}.", names(ImageStatus::ALL.iter().map(|status| status.name())))]
    UnknownStatus,
    /// There is no such reason.
    #[error("\"reason\" is one of {}.", names(UnresolvedReason::ALL.iter().map(|reason| reason.name())))]
    UnknownReason,
    /// The status has no reasons.
    #[error("Only unresolved pictures have a reason: say \"status=unresolved\" beside it, or no status.")]
    ReasonOfAnotherStatus,
    /// The word named takes a time.
    #[error("\"{0}\" takes a time in UTC, like 2024-02-29 or 2024-02-29T23:59.")]
    NoTime(&'static str),
    /// The word named is longer than any path.
    #[error("\"{0}\" is longer than {MOST_CHARACTERS} characters.")]
    TooLong(&'static str),
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

impl FilterError {
    /// The word that is wrong.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownStatus => "status",
            Self::UnknownReason | Self::ReasonOfAnotherStatus => "reason",
            Self::NoTime(word) | Self::TooLong(word) => word,
        }
    }
}

impl TryFrom<Words<'_>> for Filter {
    type Error = FilterError;

    fn try_from(words: Words<'_>) -> Result<Self, FilterError> {
        Ok(Self {
            standing: standing(words.status, words.reason)?,
            text: said("q", words.q)?.map(str::to_owned),
            person: said("person", words.person)?.map(str::to_owned),
            from: time("from", words.from)?,
            until: time("until", words.until)?,
        })
    }
}

fn said<'a>(word: &'static str, text: Option<&'a str>) -> Result<Option<&'a str>, FilterError> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) if text.chars().count() > MOST_CHARACTERS => Err(FilterError::TooLong(word)),
        said => Ok(said),
    }
}

fn time(word: &'static str, text: Option<&str>) -> Result<Option<OffsetDateTime>, FilterError> {
    said(word, text)?.map(|text| moment::parse(text).ok_or(FilterError::NoTime(word))).transpose()
}

fn standing(status: Option<&str>, reason: Option<&str>) -> Result<Standing, FilterError> {
    let status = status.map(|name| {
        let found = ImageStatus::ALL.into_iter().find(|status| status.name() == name);
        found.ok_or(FilterError::UnknownStatus)
    });
    let reason = reason.map(|name| {
        let found = UnresolvedReason::ALL.iter().find(|reason| reason.name() == name);
        found.ok_or(FilterError::UnknownReason)
    });
    match (status.transpose()?, reason.transpose()?) {
        (None, None) => Ok(Standing::All),
        (Some(status), None) => Ok(Standing::Status(status)),
        (None | Some(ImageStatus::Unresolved), Some(reason)) => Ok(Standing::Reason(*reason)),
        (Some(_), Some(_)) => Err(FilterError::ReasonOfAnotherStatus),
    }
}

impl Standing {
    /// The words of an address that say it.
    #[must_use]
    pub fn words(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::All => Vec::new(),
            Self::Status(status) => vec![("status", status.name())],
            Self::Reason(reason) => {
                vec![("status", ImageStatus::Unresolved.name()), ("reason", reason.name())]
            }
        }
    }
}

impl Filter {
    /// Whether it is about all images.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The same, of another standing.
    #[must_use]
    pub fn with(&self, standing: Standing) -> Self {
        Self { standing, ..self.clone() }
    }

    /// The words of an address that say it; [`Words`] reads them.
    #[must_use]
    pub fn words(&self) -> Vec<(&'static str, String)> {
        let mut words: Vec<_> =
            self.standing.words().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        words.extend(self.text.clone().map(|text| ("q", text)));
        words.extend(self.person.clone().map(|name| ("person", name)));
        words.extend(self.from.map(|from| ("from", moment::text(from))));
        words.extend(self.until.map(|until| ("until", moment::text(until))));
        words
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_reason_alone_means_unresolved() {
        let words = Words { reason: Some("ambiguous"), ..Words::default() };
        let ambiguous = Standing::Reason(UnresolvedReason::Ambiguous);

        assert_eq!(Filter::try_from(words), Ok(Filter { standing: ambiguous, ..Filter::default() }));
    }

    #[test]
    fn what_a_form_leaves_empty_is_not_looked_for() {
        let words =
            Words { q: Some(""), person: Some(" "), from: Some(""), until: Some(""), ..Words::default() };

        assert_eq!(Filter::try_from(words), Ok(Filter::default()));
    }

    #[test]
    fn a_filter_is_what_its_words_say() {
        let filter = Filter {
            standing: Standing::Reason(UnresolvedReason::NoFace),
            text: Some("party".to_owned()),
            person: Some("John Doe".to_owned()),
            from: Some(datetime!(2024-02-29 00:00 UTC)),
            until: Some(datetime!(2024-03-01 12:30:01 UTC)),
        };
        let said = filter.words();
        let value = |name| said.iter().find(|(word, _)| *word == name).map(|(_, value)| value.as_str());
        let words = Words {
            status: value("status"),
            reason: value("reason"),
            q: value("q"),
            person: value("person"),
            from: value("from"),
            until: value("until"),
        };

        assert_eq!(Filter::try_from(words), Ok(filter));
    }

    #[test]
    fn words_that_choose_nothing_are_refused_by_name() {
        let long = "a".repeat(MOST_CHARACTERS + 1);
        let of = |status, reason| Words { status, reason, ..Words::default() };
        let table = [
            (of(Some("broken"), None), FilterError::UnknownStatus, "status"),
            (of(Some(""), None), FilterError::UnknownStatus, "status"),
            (of(Some("Failed"), None), FilterError::UnknownStatus, "status"),
            (of(Some("failed"), Some("ugly")), FilterError::UnknownReason, "reason"),
            (of(Some("failed"), Some("no_face")), FilterError::ReasonOfAnotherStatus, "reason"),
            (Words { from: Some("yesterday"), ..Words::default() }, FilterError::NoTime("from"), "from"),
            (Words { until: Some("2024-02-30"), ..Words::default() }, FilterError::NoTime("until"), "until"),
            (Words { q: Some(&long), ..Words::default() }, FilterError::TooLong("q"), "q"),
            (Words { person: Some(&long), ..Words::default() }, FilterError::TooLong("person"), "person"),
        ];
        for (words, error, word) in table {
            assert_eq!(Filter::try_from(words), Err(error), "{words:?}");
            assert_eq!(error.word(), word);
        }
    }

    #[test]
    fn a_value_that_does_not_exist_is_answered_with_those_that_do() {
        let table = [
            (FilterError::UnknownStatus, "one of pending, processed, failed, processing, unresolved."),
            (FilterError::UnknownReason, "one of no_face, low_quality, unknown_face, ambiguous."),
        ];
        for (error, values) in table {
            assert!(error.to_string().ends_with(values), "{error}");
        }
    }
}
