//! The sentences, over every status, reason and error code.

use std::collections::HashSet;

use time::macros::datetime;

use super::*;

/// An image that was read at 10:00:00.
fn image(status: ImageStatus) -> ImageRow {
    ImageRow {
        id: 1,
        path: "/a.jpg".to_owned(),
        status,
        reason: None,
        person: None,
        error_code: None,
        error_detail: None,
        retryable: false,
        width: None,
        height: None,
        next_attempt_at: datetime!(2024-05-06 09:00:00 UTC),
        created_at: datetime!(2024-05-06 09:00:00 UTC),
        updated_at: datetime!(2024-05-06 09:59:58.7 UTC),
        read_at: datetime!(2024-05-06 10:00:00 UTC),
    }
}

fn failed_with(code: &str) -> ImageRow {
    ImageRow { error_code: Some(code.to_owned()), ..image(ImageStatus::Failed) }
}

fn happened(image: &ImageRow) -> String {
    about(image).happened.expect("something is said")
}

/// The codes of the table at the head of the contract of face-recognition.
fn codes_of_the_contract() -> Vec<&'static str> {
    let contract = include_str!("../../../proto/proto/facerecog.proto");
    let statuses = ["INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL"];
    // What follows happens to known photos, never to an image.
    let lines = contract.lines().take_while(|line| !line.contains("And of Gallery alone"));
    let rows = lines.filter_map(|line| {
        let mut words = line.strip_prefix("//")?.split_whitespace();
        words.next().filter(|status| statuses.contains(status)).and_then(|_| words.next())
    });
    rows.collect()
}

/// The codes of paths and addresses, and of the worker.
const OTHER_CODES: [&str; 22] = [
    "source_not_supported",
    "address_malformed",
    "address_with_password",
    "address_forbidden",
    "too_many_redirects",
    "redirect_refused",
    "source_missing",
    "source_denied",
    "source_refused",
    "source_unavailable",
    "source_unreachable",
    "source_too_slow",
    "s3_not_configured",
    "recogniser_too_old",
    "invalid_argument",
    "deadline_exceeded",
    "recogniser_unavailable",
    "recogniser_busy",
    "recogniser_failed",
    "contract_broken",
    "result_refused",
    "lost_too_often",
];

#[test]
fn a_pending_image_says_what_it_waits_for() {
    let later = datetime!(2024-05-06 10:00:07 UTC);
    let tomorrow = datetime!(2024-05-07 10:00:07 UTC);
    let table = [
        (None, None, "Waiting for a worker."),
        (None, Some("engine_failed"), "The recogniser failed. Waiting for the next try."),
        (Some(later), None, "Waiting until 10:00:07 UTC."),
        (
            Some(later),
            Some("recogniser_unavailable"),
            "The recogniser was not there. Will be tried again at 10:00:07 UTC.",
        ),
        (
            Some(tomorrow),
            Some("engine_failed"),
            "The recogniser failed. Will be tried again at 2024-05-07 10:00:07 UTC.",
        ),
    ];
    for (next_attempt_at, error, words) in table {
        let pending = image(ImageStatus::Pending);
        let next_attempt_at = next_attempt_at.unwrap_or(pending.next_attempt_at);
        let error_code = error.map(str::to_owned);

        let said = about(&ImageRow { error_code, next_attempt_at, ..pending });

        assert_eq!(said, Words { happened: Some(words.to_owned()), next: None });
    }
}

#[test]
fn an_age_is_told_in_the_largest_unit_that_fits() {
    let now = datetime!(2024-05-06 10:00:00 UTC);
    let table = [
        (datetime!(2024-05-06 10:00:05 UTC), "just now"),
        (datetime!(2024-05-06 09:59:01 UTC), "59 s ago"),
        (datetime!(2024-05-06 09:58:01 UTC), "1 min ago"),
        (datetime!(2024-05-06 07:30:00 UTC), "2 h ago"),
        (datetime!(2024-05-05 10:00:00 UTC), "1 day ago"),
        (datetime!(2024-04-06 10:00:00 UTC), "30 days ago"),
    ];
    for (time, words) in table {
        assert_eq!(age(time, now), words);
    }
}

#[test]
fn an_image_in_work_says_since_when() {
    assert_eq!(happened(&image(ImageStatus::Processing)), "Being looked at since 09:59:58 UTC.");
}

#[test]
fn a_processed_image_needs_no_words() {
    assert_eq!(about(&image(ImageStatus::Processed)), Words::default());
}

#[test]
fn every_reason_has_words_and_advice_of_its_own() {
    let mut said = HashSet::new();
    for reason in UnresolvedReason::ALL {
        let words = about(&ImageRow { reason: Some(*reason), ..image(ImageStatus::Unresolved) });

        let next = words.next.expect("advice");
        assert!(next.ends_with('.'), "{next}");
        assert!(said.insert(words.happened.expect("words")), "{reason:?} has the words of another reason");
    }
    assert_eq!(happened(&image(ImageStatus::Unresolved)), "Nobody was named.");
}

#[test]
fn every_error_code_has_words_and_advice() {
    let contract = codes_of_the_contract();
    assert!(contract.len() >= 12, "the table of the contract was not found: {contract:?}");
    let unknown = errors::advice("a_code_of_tomorrow");

    for code in contract.into_iter().chain(OTHER_CODES) {
        let advice = errors::advice(code);

        assert_ne!(advice, unknown, "{code}");
        assert!(advice.happened.ends_with('.') && advice.next.ends_with('.'), "{code}: {advice:?}");
    }
}

#[test]
fn an_unknown_error_code_has_words_too() {
    for image in [failed_with("a_code_of_tomorrow"), failed_with(""), image(ImageStatus::Failed)] {
        let words = about(&image);

        assert_eq!(words.happened.as_deref(), Some("The picture could not be looked at."));
        assert!(words.next.is_some_and(|next| next.ends_with("post this path again.")), "{words:?}");
    }
}

#[test]
fn the_recorded_error_is_said_instead_of_the_words_of_its_code() {
    let table = [
        (Some("the picture has 9 bytes; 8 are allowed"), "The picture has 9 bytes; 8 are allowed."),
        (Some("änderung!"), "Änderung!"),
        (Some(""), "The picture has more pixels than are allowed."),
        (None, "The picture has more pixels than are allowed."),
    ];
    for (detail, words) in table {
        let image = ImageRow { error_detail: detail.map(str::to_owned), ..failed_with("image_too_large") };

        assert_eq!(happened(&image), words);
        assert_eq!(about(&image).next, Some("Make it smaller and post this path again."));
    }
}

#[test]
fn a_failed_image_that_will_be_tried_again_says_so() {
    let image = ImageRow { retryable: true, ..failed_with("engine_failed") };

    assert_eq!(about(&image).next, Some("It will be tried again by itself."));
}
