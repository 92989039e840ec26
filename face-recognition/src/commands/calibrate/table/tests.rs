//! What is printed.

use super::{
    super::evaluation::tests::{evaluation, seen},
    *,
};
use crate::engine::quality::Shortcoming;

fn figures(rate: f64) -> String {
    let mut text = String::new();
    write_figures(&mut text, &evaluation(rate)).expect("a text takes everything");
    text
}

#[test]
fn a_row_tells_both_rates_with_their_intervals_and_what_it_is() {
    let text = figures(0.2);

    let row = text.lines().find(|line| line.contains("<- accept of the model pack")).expect("the row");
    let columns: Vec<&str> = row.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
    let expected = [
        "0.55",
        "20.0 % (3.6 to 62.4 %) 1/5",
        "0.0 % (0.0 to 49.0 %) 0/4",
        "0 of 4",
        "<- accept of the model pack",
    ];
    assert_eq!(columns, expected, "{text}");
}

#[test]
fn every_change_has_a_row_and_what_stays_the_same_has_none() {
    let evaluation = evaluation(0.2);
    let text = figures(0.2);

    let rows: Vec<f32> = text
        .lines()
        .skip_while(|line| !line.starts_with("threshold"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_whitespace().next().expect("a column").parse().expect("a threshold"))
        .collect();

    let told = |threshold: f32| rows.iter().rev().find(|row| **row <= threshold).copied();
    for threshold in evaluation.grid.thresholds() {
        let row =
            told(threshold).unwrap_or_else(|| panic!("{threshold} has a row at or before it: {rows:?}"));
        assert_eq!(evaluation.trials.rates(row), evaluation.trials.rates(threshold), "{threshold}");
    }
    assert!(rows.len() < 20, "{text}");
}

#[test]
fn too_few_searches_are_told_in_figures() {
    let text = figures(0.01);

    assert!(text.contains("if not one of 5 strangers were named, up to 60.0 % might still be"), "{text}");
    assert!(text.contains("To show 1 %, 300 searches for strangers are needed."), "{text}");
}

#[test]
fn enough_searches_are_not_complained_of() {
    let mut enough = evaluation(0.2);
    enough.trials.trials = enough.trials.trials.repeat(3);
    let mut text = String::new();

    write_figures(&mut text, &enough).expect("a text takes everything");

    assert!(!text.contains("Too few"), "{text}");
}

#[test]
fn the_recommendation_and_what_is_nearest_to_being_wrong_are_told() {
    let text = figures(0.01);

    for line in [
        "So that at most 1 % of strangers are named:",
        "  accept  0.41  nearer than this is that person",
        "  strangers named:     0.0 % (0.0 to 43.4 %) 0/5",
        "  _/x.jpg is 0.42 from ann",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn photos_that_do_not_count_and_bad_ones_that_do_are_named_with_the_reason() {
    let bad = Seen { lacks: vec![Shortcoming::Blurred, Shortcoming::Dark], ..seen("a/2.jpg", 0.0) };
    let unusable = Unusable { path: "b/1.jpg".to_owned(), reason: "no face was found in it".to_owned() };
    let mut text = String::new();

    write_photos(&mut text, &[seen("a/1.jpg", 0.0), bad], &[unusable]).expect("a text takes everything");

    let expected = "\nOf low quality, and counted (1):\n  a/2.jpg: blurred, too dark\n\
                    \nNot counted (1):\n  b/1.jpg: no face was found in it\n";
    assert_eq!(text, expected);
}

#[test]
fn where_all_photos_are_good_nothing_is_said_of_them() {
    let mut text = String::new();

    write_photos(&mut text, &[seen("a/1.jpg", 0.0)], &[]).expect("a text takes everything");

    assert_eq!(text, "");
}
