//! Evaluations of photos on a line, and which of them are kept.

use super::*;
use crate::engine::Embedding;

const OF_PACK: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 };

/// A photo of the person whose number is the letter's, or of a stranger, at a place on the line.
pub(crate) fn seen(path: &str, place: f32) -> Seen {
    let shows = match path.as_bytes()[0] {
        letter @ b'a'..=b'z' => Shown::Person(usize::from(letter - b'a')),
        _ => Shown::Stranger,
    };
    Seen { path: path.to_owned(), shows, face: Embedding::new([place]), lacks: Vec::new() }
}

/// Of photos in which the folders are `a` to `d`.
fn evaluated(photos: &[(&str, f32)], rate: f64) -> Result<Evaluation, NotMeasured> {
    let people = ["ann", "bob", "cy", "dee"].map(str::to_owned);
    let photos: Vec<Seen> = photos.iter().map(|(path, place)| seen(path, *place)).collect();
    let wanted = WantedRate::new(rate).expect("a rate that can be wanted");
    Evaluation::of(&people, &photos, "dlib".to_owned(), OF_PACK, wanted)
}

/// Two people 1 apart with two photos each, and a stranger nearer to Ann.
pub(crate) fn evaluation(rate: f64) -> Evaluation {
    let photos = [("a/1.jpg", 0.0), ("a/2.jpg", 0.2), ("b/1.jpg", 1.2), ("b/2.jpg", 1.5), ("_/x.jpg", -0.4)];
    evaluated(&photos, rate).expect("there are enough photos")
}

#[test]
fn photos_are_counted_by_whom_they_show() {
    let Evaluation { people, photos, strangers, trials, .. } = evaluation(0.2);

    assert_eq!((people, photos, strangers), (2, 4, 1));
    assert_eq!((trials.mated().count(), trials.non_mated().count()), (4, 5));
}

#[test]
fn the_photos_that_are_nearest_to_a_wrong_person_are_told_each_once() {
    let mistakes = evaluation(0.2).mistakes;

    let told: Vec<(&str, &str)> =
        mistakes.iter().map(|mistake| (mistake.photo.as_str(), mistake.person.as_str())).collect();
    let expected =
        [("_/x.jpg", "ann"), ("b/1.jpg", "ann"), ("a/2.jpg", "bob"), ("a/1.jpg", "bob"), ("b/2.jpg", "ann")];
    assert_eq!(told, expected);
    assert!(mistakes.is_sorted_by(|one, next| one.distance <= next.distance), "{mistakes:?}");
}

#[test]
fn without_two_people_or_a_second_photo_nothing_is_measured() {
    type Case = (&'static [(&'static str, f32)], NotMeasured);
    let table: [Case; 4] = [
        (&[], NotMeasured::TooFewPeople(0)),
        (&[("_/x.jpg", 0.0), ("a/1.jpg", 1.0), ("a/2.jpg", 2.0)], NotMeasured::TooFewPeople(1)),
        (&[("_/x.jpg", 0.0), ("a/1.jpg", 1.0), ("b/1.jpg", 2.0)], NotMeasured::NobodyTwice),
        (&[("a/1.jpg", f32::NAN), ("a/2.jpg", f32::NAN), ("b/1.jpg", f32::NAN)], NotMeasured::NoDistance),
    ];
    for (photos, expected) in table {
        assert_eq!(evaluated(photos, 0.01).expect_err("nothing is measured"), expected, "{photos:?}");
    }
}

#[test]
fn what_is_kept_is_what_was_measured() {
    let calibration = evaluation(0.01).calibration().expect("it is stricter than the pack");

    let Thresholds { accept, unknown, margin } = calibration.thresholds;
    assert_eq!((accept, unknown, margin), (0.41, 0.41, 0.05));
    let Measured { people, photos, strangers, mated_probes, non_mated_probes, at_accept, .. } =
        calibration.measured;
    assert_eq!((people, photos, strangers, mated_probes, non_mated_probes), (2, 4, 1, 4, 5));
    let none = MeasuredRates { falsely_named: 0.0, missed: 0.0, misnamed: 0.0 };
    assert_eq!((calibration.model_id.as_str(), at_accept), ("dlib", none));
    assert!(calibration.date.date.is_some_and(|date| date.year >= 2026), "{}", calibration.date);
}

#[test]
fn few_photos_make_the_service_stricter_and_not_laxer() {
    let without_stranger = [("a/1.jpg", 0.0), ("a/2.jpg", 0.2), ("b/1.jpg", 1.2)];
    let evaluation = evaluated(&without_stranger, 0.01).expect("there are enough photos");
    assert!(!evaluation.shows_wanted_rate());

    let error = evaluation.calibration().expect_err("3 searches show nothing");

    assert!(matches!(error, NotMeasured::NotShown { probes: 3, needed: 300, .. }), "{error}");
}

#[test]
fn many_photos_may_make_it_laxer() {
    // A hundred photos of each of two people who are 9 apart.
    let photos: Vec<(&str, f32)> = (0_u8..200)
        .map(|number| match number % 2 {
            0 => ("a/photo.jpg", 0.001 * f32::from(number)),
            _ => ("b/photo.jpg", 0.001 * f32::from(number) + 9.0),
        })
        .collect();
    let evaluation = evaluated(&photos, 0.02).expect("there are enough photos");
    assert!(evaluation.shows_wanted_rate());

    let calibration = evaluation.calibration().expect("200 searches show 2 %");

    assert!(calibration.thresholds.accept > 8.0, "{calibration:?}");
}

#[test]
fn where_no_threshold_keeps_the_rate_nothing_is_kept() {
    let photos = [("a/1.jpg", 0.0), ("a/2.jpg", 0.2), ("b/1.jpg", 1.2), ("_/x.jpg", 0.0)];
    let evaluation = evaluated(&photos, 0.01).expect("there are enough photos");

    assert_eq!(evaluation.calibration().expect_err("nothing to keep"), NotMeasured::NoThreshold);
}
