//! How the system is: the services by their own word, the images by status, and how the last hour went.

mod chart;

use askama::Template;
use axum::{extract::State, response::Html};

use crate::{
    error_page::PageError,
    services::{Breaker, ServiceReport},
    site::Site,
    statistics::Figures,
    store::{Count, Counts, Queue},
    visitor::Frame,
    words,
};
use chart::Chart;

#[derive(Template)]
#[template(path = "system.html")]
struct SystemPage {
    frame: Frame,
    services: Vec<ServiceReport>,
    breakers: Vec<(String, String)>,
    counts: Counts,
    waiting: String,
    unpublished: Count,
    rate: Chart,
    median: Chart,
    slow: Chart,
    total: u32,
    only_minutes: Option<usize>,
}

pub(crate) async fn handle(State(site): State<Site>, frame: Frame) -> Result<Html<String>, PageError> {
    let (figures, services) = tokio::join!(site.statistics.figures(), site.services.reports());
    SystemPage::new(frame, &figures?, services).render().map(Html).map_err(PageError::Rendering)
}

impl SystemPage {
    fn new(frame: Frame, figures: &Figures, services: Vec<ServiceReport>) -> Self {
        let series = |value: fn(&crate::statistics::Minute) -> f64| figures.minutes.iter().map(value);
        let breakers = services.iter().filter_map(|service| {
            service.breaker.as_ref().map(|breaker| (service.name.clone(), standing(breaker)))
        });
        Self {
            frame,
            breakers: breakers.collect(),
            counts: figures.counts,
            waiting: waiting(&figures.queue),
            unpublished: figures.queue.unpublished,
            rate: Chart::bars(series(|minute| minute.results.into())),
            median: Chart::bars(series(|minute| minute.median_s)),
            slow: Chart::bars(series(|minute| minute.slow_s)),
            total: figures.minutes.iter().map(|minute| minute.results).sum(),
            only_minutes: figures.only_minutes,
            services,
        }
    }
}

/// How long pictures wait for a worker, in words.
fn waiting(queue: &Queue) -> String {
    match queue.first_due {
        None => "No picture waits.".to_owned(),
        Some(due) if due > queue.read_at => "The pictures that wait are to be tried again later.".to_owned(),
        Some(due) => {
            format!("The first that waits for a worker could be taken {}.", words::age(due, queue.read_at))
        }
    }
}

/// Where a circuit breaker stands, in words.
fn standing(breaker: &Breaker) -> String {
    let opened = match breaker.opened {
        0 => String::new(),
        1 => " It opened once since the worker began.".to_owned(),
        times => format!(" It opened {times} times since the worker began."),
    };
    let now = match breaker.state.as_str() {
        "closed" => match breaker.consecutive_failures {
            None | Some(0) => "Closed: calls go through.".to_owned(),
            Some(failures) => format!("Closed: calls go through; {failures} failed in a row."),
        },
        "half_open" => "Half open: one call tries whether the recogniser is well again.".to_owned(),
        "open" => {
            let wait = breaker.retry_after_ms.map_or(0, |wait| wait.div_ceil(1000));
            format!("Open: the recogniser is given a rest, {wait} s more. No picture is lost meanwhile.")
        }
        other => format!("{other}."),
    };
    now + &opened
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn a_queue_says_how_long_its_first_picture_waits() {
        let read_at = datetime!(2024-05-06 10:00 UTC);
        let words = |first_due| waiting(&Queue { first_due, unpublished: Count::up_to(1, 0), read_at });

        assert_eq!(words(None), "No picture waits.");
        assert_eq!(
            words(Some(read_at - Duration::minutes(2))),
            "The first that waits for a worker could be taken 2 min ago."
        );
        assert_eq!(
            words(Some(read_at + Duration::SECOND)),
            "The pictures that wait are to be tried again later."
        );
    }

    #[test]
    fn a_breaker_says_where_it_stands() {
        let breaker = |state: &str, failures, wait, opened| Breaker {
            state: state.to_owned(),
            consecutive_failures: failures,
            retry_after_ms: wait,
            opened,
        };
        let table = [
            (breaker("closed", Some(0), None, 0), "Closed: calls go through."),
            (
                breaker("closed", Some(3), None, 1),
                "Closed: calls go through; 3 failed in a row. It opened once since the worker began.",
            ),
            (
                breaker("open", None, Some(1500), 0),
                "Open: the recogniser is given a rest, 2 s more. No picture is lost meanwhile.",
            ),
            (
                breaker("half_open", None, None, 0),
                "Half open: one call tries whether the recogniser is well again.",
            ),
        ];
        for (breaker, words) in table {
            assert_eq!(standing(&breaker), words);
        }
    }
}
