//! What is drawn, read as XML.

use proptest::prelude::*;

use super::{super::evaluation::tests::evaluation, *};

/// The points of a curve.
fn points(svg: &str, class: &str) -> Vec<(f64, f64)> {
    let document = roxmltree::Document::parse(svg).expect("it is XML");
    let is_curve = |node: &roxmltree::Node<'_, '_>| {
        node.has_tag_name(("http://www.w3.org/2000/svg", "polyline"))
            && node.attribute("class").is_some_and(|classes| classes.ends_with(class))
    };
    let curve = document.descendants().find(is_curve).expect("a curve");
    let numbers = curve.attribute("points").expect("points").split_whitespace().map(|point| {
        let (x, y) = point.split_once(',').expect("two numbers");
        (x.parse().expect("a number"), y.parse().expect("a number"))
    });
    numbers.collect()
}

#[test]
fn each_curve_has_a_point_for_each_threshold_within_the_axes() {
    let evaluation = evaluation(0.2);
    let svg = svg(&evaluation);

    for class in ["strangers", "known"] {
        let points = points(&svg, class);
        assert_eq!(points.len(), evaluation.grid.thresholds().count());
        assert!(points.is_sorted_by(|one, next| one.0 < next.0), "{points:?}");
        let within = |(x, y): &(f64, f64)| (LEFT..=RIGHT).contains(x) && (TOP..=BOTTOM).contains(y);
        assert!(points.iter().all(within), "{points:?}");
    }
}

#[test]
fn strangers_rise_from_none_to_all_and_known_people_fall() {
    let svg = svg(&evaluation(0.2));
    let (strangers, known) = (points(&svg, "strangers"), points(&svg, "known"));

    let ends = |points: &[(f64, f64)]| (points[0].1, points[points.len() - 1].1);
    assert_eq!(ends(&strangers), (BOTTOM, TOP));
    assert_eq!(ends(&known), (TOP, BOTTOM));
}

#[test]
fn the_title_and_the_recommended_thresholds_are_written_on_it() {
    let mut evaluation = evaluation(0.01);
    evaluation.model_id = "a<b>&c".to_owned();

    let svg = svg(&evaluation);

    let document = roxmltree::Document::parse(&svg).expect("it is XML");
    let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    for text in [
        "a<b>&c: 2 people, 4 photos; photos of strangers: 1",
        "accept 0.41: 0.0 % named, 0.0 % missed",
        "unknown 0.41",
        "100 %",
        "threshold (distance to a person)",
    ] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
}

#[test]
fn without_a_recommendation_the_curves_are_drawn_all_the_same() {
    let mut evaluation = evaluation(0.01);
    evaluation.recommendation = None;

    let svg = svg(&evaluation);

    assert!(!svg.contains(r#"class="threshold"#), "{svg}");
    assert!(!points(&svg, "known").is_empty());
}

proptest! {
    #[test]
    fn ticks_are_a_few_round_numbers_whatever_the_scale(from in 0.0_f64..100.0, width in 1e-3_f64..1e3) {
        let frame = Frame { from, to: from + width };
        let (ticks, decimals) = frame.ticks();

        prop_assert!((4..=13).contains(&ticks.len()), "{ticks:?}");
        let labels: std::collections::BTreeSet<String> =
            ticks.iter().map(|tick| format!("{tick:.decimals$}")).collect();
        prop_assert_eq!(labels.len(), ticks.len(), "{:?}", ticks);
        prop_assert!(ticks.iter().all(|tick| (from..=frame.to).contains(tick)));
    }
}
