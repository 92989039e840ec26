//! The figures as a drawing (SVG). It has a background of its own, so that it is legible on any.

use std::fmt::{self, Write};

use identification::calibration::{Rates, Share};

use super::{evaluation::Evaluation, percent, table::distance};

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 500.0;
/// Where the curves are drawn.
const LEFT: f64 = 72.0;
const RIGHT: f64 = 772.0;
const TOP: f64 = 112.0;
const BOTTOM: f64 = 436.0;
/// What the labels of `unknown` and of `accept` take across.
const LABEL: f64 = 120.0;
const LONG_LABEL: f64 = 320.0;
/// Steps between two numbers at the axis of thresholds at most.
const MOST_TICKS: f64 = 12.0;
const STRANGERS_COLOUR: &str = "#b42318";
const KNOWN_COLOUR: &str = "#1849a9";

const STYLE: &str = "text { font: 13px system-ui, sans-serif; fill: #1d2939 } .title { font-size: 16px; font-weight: 600 } \
     .middle { text-anchor: middle } .end { text-anchor: end } .grid { stroke: #e4e7ec } .axis { stroke: #475467 } \
     .curve { fill: none; stroke-width: 2.5 } .known { stroke-dasharray: 9 4 } .threshold { stroke: #344054; stroke-width: 1.5 } \
     .unknown { stroke-dasharray: 2 3 } .label { paint-order: stroke; stroke: #ffffff; stroke-width: 4 }";

/// From a threshold and a rate to a place in the drawing.
struct Frame {
    from: f64,
    to: f64,
}

impl Frame {
    fn across(&self, threshold: f64) -> f64 {
        LEFT + (threshold - self.from) / (self.to - self.from) * (RIGHT - LEFT)
    }

    fn down(rate: f64) -> f64 {
        BOTTOM - rate * (BOTTOM - TOP)
    }

    /// Round numbers at most [`MOST_TICKS`] steps apart, with the digits that they need.
    fn ticks(&self) -> (Vec<f64>, usize) {
        let least = (self.to - self.from) / MOST_TICKS;
        let power = 10_f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= least);
        let step = step.unwrap_or(least);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few digits")]
        let decimals = (-(step * 1.000_001).log10().floor()).max(0.0) as usize;
        let mut ticks = Vec::new();
        let mut tick = (self.from / step).ceil();
        while tick * step <= self.to {
            ticks.push(tick * step);
            tick += 1.0;
        }
        (ticks, decimals)
    }
}

/// Both rates over the threshold, and the recommended thresholds.
pub(super) fn svg(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    draw(&mut text, evaluation).expect("a text takes everything");
    text
}

fn draw(svg: &mut String, evaluation: &Evaluation) -> fmt::Result {
    let mut thresholds = evaluation.grid.thresholds().map(f64::from);
    let (from, to) = (thresholds.next().unwrap_or(0.0), thresholds.next_back().unwrap_or(1.0));
    let frame = Frame { from, to };
    let title = title(evaluation);
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">"#
    )?;
    writeln!(svg, "<title>{title}</title>\n<style>{STYLE}</style>")?;
    writeln!(svg, r##"<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>"##)?;
    writeln!(svg, r#"<text class="title" x="{LEFT}" y="32">{title}</text>"#)?;
    draw_axes(svg, &frame)?;
    let strangers = |rates: Rates| rates.falsely_named;
    let known = |rates: Rates| rates.missed;
    draw_curve(svg, evaluation, &frame, "strangers", STRANGERS_COLOUR, strangers)?;
    draw_curve(svg, evaluation, &frame, "known", KNOWN_COLOUR, known)?;
    draw_legend(svg, LEFT, "strangers", STRANGERS_COLOUR, "strangers who are named (FPIR)")?;
    draw_legend(svg, LEFT + 270.0, "known", KNOWN_COLOUR, "known people who are missed (FNIR)")?;
    draw_thresholds(svg, evaluation, &frame)?;
    writeln!(svg, "</svg>")
}

fn title(evaluation: &Evaluation) -> String {
    let Evaluation { model_id, people, photos, strangers, .. } = evaluation;
    escaped(&format!("{model_id}: {people} people, {photos} photos; photos of strangers: {strangers}"))
}

fn draw_axes(svg: &mut String, frame: &Frame) -> fmt::Result {
    for percent in (0..=100).step_by(20) {
        let (y, label) = (Frame::down(f64::from(percent) / 100.0), LEFT - 10.0);
        writeln!(svg, r#"<line class="grid" x1="{LEFT}" y1="{y:.1}" x2="{RIGHT}" y2="{y:.1}"/>"#)?;
        writeln!(svg, r#"<text class="end" x="{label}" y="{:.1}">{percent} %</text>"#, y + 4.5)?;
    }
    let (ticks, decimals) = frame.ticks();
    for tick in ticks {
        let x = frame.across(tick);
        writeln!(
            svg,
            r#"<line class="axis" x1="{x:.1}" y1="{BOTTOM}" x2="{x:.1}" y2="{:.1}"/>"#,
            BOTTOM + 6.0
        )?;
        writeln!(
            svg,
            r#"<text class="middle" x="{x:.1}" y="{:.1}">{tick:.decimals$}</text>"#,
            BOTTOM + 23.0
        )?;
    }
    writeln!(svg, r#"<path class="axis" fill="none" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>"#)?;
    let (middle, below) = (f64::midpoint(LEFT, RIGHT), BOTTOM + 48.0);
    writeln!(
        svg,
        r#"<text class="middle" x="{middle}" y="{below}">threshold (distance to a person)</text>"#
    )?;
    let (across, down) = (20.0, f64::midpoint(TOP, BOTTOM));
    writeln!(
        svg,
        r#"<text class="middle" transform="translate({across} {down}) rotate(-90)">share of the searches</text>"#
    )
}

fn draw_curve(
    svg: &mut String,
    evaluation: &Evaluation,
    frame: &Frame,
    class: &str,
    colour: &str,
    share: impl Fn(Rates) -> Share,
) -> fmt::Result {
    write!(svg, r#"<polyline class="curve {class}" stroke="{colour}" points=""#)?;
    for threshold in evaluation.grid.thresholds() {
        let rate = share(evaluation.trials.rates(threshold)).rate();
        write!(svg, "{:.1},{:.1} ", frame.across(threshold.into()), Frame::down(rate))?;
    }
    writeln!(svg, r#""/>"#)
}

fn draw_legend(svg: &mut String, x: f64, class: &str, colour: &str, label: &str) -> fmt::Result {
    let end = x + 36.0;
    writeln!(svg, r#"<line class="curve {class}" stroke="{colour}" x1="{x}" y1="56" x2="{end}" y2="56"/>"#)?;
    writeln!(svg, r#"<text x="{}" y="60.5">{label}</text>"#, end + 8.0)
}

/// Each label in a row of its own, the one of `accept` below and to the left of its line where there is room: `unknown` is
/// never on the left of it, so that no line goes through a label.
fn draw_thresholds(svg: &mut String, evaluation: &Evaluation, frame: &Frame) -> fmt::Result {
    let Some(recommendation) = evaluation.recommendation else { return Ok(()) };
    let (thresholds, at) = (recommendation.thresholds, recommendation.at_accept);
    let (named, missed) = (percent::measured(at.falsely_named.rate()), percent::measured(at.missed.rate()));
    let accept =
        format!("accept {}: {named} named, {missed} missed", distance(evaluation, thresholds.accept));
    let unknown = format!("unknown {}", distance(evaluation, thresholds.unknown));
    let rows = [
        (thresholds.unknown, "unknown", unknown, 84.0, RIGHT - LABEL),
        (thresholds.accept, "accept", accept, 103.0, LEFT + LONG_LABEL),
    ];
    for (threshold, class, label, y, room) in rows {
        let x = frame.across(threshold.into());
        let (anchor, beside) = if x > room { ("end", -6.0) } else { ("start", 6.0) };
        let top = y - 11.0;
        writeln!(
            svg,
            r#"<line class="threshold {class}" x1="{x:.1}" y1="{top}" x2="{x:.1}" y2="{BOTTOM}"/>"#
        )?;
        writeln!(svg, r#"<text class="label {anchor}" x="{:.1}" y="{y}">{label}</text>"#, x + beside)?;
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
