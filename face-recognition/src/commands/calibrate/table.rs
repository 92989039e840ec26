//! The figures as text.

use std::fmt::{Result, Write};

use identification::calibration::{Rates, Recommendation, Share};

use super::{
    evaluation::Evaluation,
    looking::{Seen, Unusable},
    percent,
};

/// Writes what was measured and what is recommended.
pub(super) fn write_figures(text: &mut String, evaluation: &Evaluation) -> Result {
    let Evaluation { model_id, people, photos, strangers, .. } = evaluation;
    writeln!(text, "Model {model_id}: {people} people in {photos} photos, and strangers in {strangers}.\n")?;
    let Rates { falsely_named, missed, .. } = evaluation.trials.rates(0.0);
    writeln!(text, "{} searches for known people: each photo among all others.", missed.of)?;
    writeln!(
        text,
        "{} searches for strangers: {photos} photos of known people among those of everybody else, and {strangers} of strangers.",
        falsely_named.of
    )?;
    writeln!(text, "Of each rate the interval in which it lies with 95 % confidence.\n")?;
    write_rates(text, evaluation)?;
    writeln!(text)?;
    write_recommendation(text, evaluation)?;
    write_mistakes(text, evaluation)
}

/// The rates over the threshold. Rows in which nothing changes are left out.
fn write_rates(text: &mut String, evaluation: &Evaluation) -> Result {
    let Rates { falsely_named, missed, .. } = evaluation.trials.rates(0.0);
    let widest = |of| share(Share { part: of, of }).len();
    let width = widest(falsely_named.of.max(missed.of)).max("known people missed".len());
    writeln!(
        text,
        "threshold  {:<width$}  {:<width$}  by another name",
        "strangers named", "known people missed"
    )?;
    let mut before = None;
    for threshold in thresholds(evaluation) {
        let rates = evaluation.trials.rates(threshold);
        let marks = marks(evaluation, threshold);
        if before == Some(rates) && marks.is_empty() {
            continue;
        }
        before = Some(rates);
        let Rates { falsely_named, missed, misnamed } = rates;
        let row = format!(
            "{:>9}  {:<width$}  {:<width$}  {:<15}  {}",
            distance(evaluation, threshold),
            share(falsely_named),
            share(missed),
            format!("{} of {}", misnamed.part, misnamed.of),
            marks.join(", ")
        );
        writeln!(text, "{}", row.trim_end())?;
    }
    Ok(())
}

/// Those of the grid, and of the model pack.
fn thresholds(evaluation: &Evaluation) -> Vec<f32> {
    let Evaluation { grid, of_pack, .. } = evaluation;
    let mut thresholds: Vec<f32> = grid.thresholds().chain([of_pack.accept, of_pack.unknown]).collect();
    thresholds.sort_by(f32::total_cmp);
    thresholds.dedup();
    thresholds
}

/// What the threshold is.
fn marks(evaluation: &Evaluation, threshold: f32) -> Vec<&'static str> {
    let Evaluation { recommendation, of_pack, .. } = evaluation;
    let recommended = recommendation.map(|recommendation| recommendation.thresholds);
    let is = |marked: Option<f32>| marked.is_some_and(|marked| marked.to_bits() == threshold.to_bits());
    [
        (is(recommended.map(|recommended| recommended.accept)), "<- accept"),
        (is(recommended.map(|recommended| recommended.unknown)), "<- unknown"),
        (is(Some(of_pack.accept)), "<- accept of the model pack"),
        (is(Some(of_pack.unknown)), "<- unknown of the model pack"),
    ]
    .into_iter()
    .filter_map(|(is, mark)| is.then_some(mark))
    .collect()
}

fn write_recommendation(text: &mut String, evaluation: &Evaluation) -> Result {
    let wanted = percent::wanted(evaluation.wanted);
    match evaluation.recommendation {
        Some(Recommendation { thresholds, at_accept, .. }) => {
            let accept = distance(evaluation, thresholds.accept);
            let unknown = distance(evaluation, thresholds.unknown);
            writeln!(text, "So that at most {wanted} of strangers are named:")?;
            writeln!(text, "  accept  {accept}  nearer than this is that person")?;
            writeln!(
                text,
                "  unknown {unknown}  from here on nobody is known; between the two a person has to look"
            )?;
            writeln!(text, "  margin  {}  the model pack's", distance(evaluation, thresholds.margin))?;
            writeln!(text, "  strangers named:     {}", share(at_accept.falsely_named))?;
            writeln!(text, "  known people missed: {}", share(at_accept.missed))?;
        }
        None => writeln!(
            text,
            "No threshold keeps {wanted}: a photo of a stranger is as near to a known one as if it were the same."
        )?,
    }
    if !evaluation.shows_wanted_rate() {
        let probes = evaluation.non_mated();
        writeln!(
            text,
            "\nToo few: if not one of {probes} strangers were named, up to {} might still be (95 %, rule of three).",
            percent::measured(Share::rule_of_three(probes))
        )?;
        writeln!(
            text,
            "To show {wanted}, {} searches for strangers are needed.",
            evaluation.wanted.probes_needed()
        )?;
    }
    Ok(())
}

fn write_mistakes(text: &mut String, evaluation: &Evaluation) -> Result {
    writeln!(text, "\nNearest to a person whom they do not show (is each in the right folder?):")?;
    for mistake in &evaluation.mistakes {
        let far = distance(evaluation, mistake.distance);
        writeln!(text, "  {} is {far} from {}", mistake.photo, mistake.person)?;
    }
    Ok(())
}

/// Writes which photos do not count, and which count although they are bad.
pub(super) fn write_photos(text: &mut String, seen: &[Seen], unusable: &[Unusable]) -> Result {
    let bad: Vec<&Seen> = seen.iter().filter(|seen| !seen.lacks.is_empty()).collect();
    if !bad.is_empty() {
        writeln!(text, "\nOf low quality, and counted ({}):", bad.len())?;
    }
    for Seen { path, lacks, .. } in bad {
        let lacks: Vec<String> = lacks.iter().map(ToString::to_string).collect();
        writeln!(text, "  {path}: {}", lacks.join(", "))?;
    }
    if !unusable.is_empty() {
        writeln!(text, "\nNot counted ({}):", unusable.len())?;
    }
    unusable.iter().try_for_each(|Unusable { path, reason }| writeln!(text, "  {path}: {reason}"))
}

/// With as many digits as thresholds can be told apart by.
pub(super) fn distance(evaluation: &Evaluation, distance: f32) -> String {
    format!("{distance:.*}", evaluation.grid.decimals())
}

fn share(share: Share) -> String {
    let (from, to) = share.interval();
    let Share { part, of } = share;
    format!(
        "{} ({:.1} to {}) {part}/{of}",
        percent::measured(share.rate()),
        from * 100.0,
        percent::measured(to)
    )
}

#[cfg(test)]
mod tests;
