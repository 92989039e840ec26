//! `GET /api/v1/statistics`: how many there are of everything, and how the last hour went.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{Json, extract::State};
use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};
use serde::Serialize;
use service_kit::fresh::Fresh;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    problem::Problem,
    store::{Counted, StoreError},
};

/// To count a million rows takes a moment: it is done once in so long, however many ask.
const KEEPS: Duration = Duration::from_secs(5);

/// How many there are of everything.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Statistics {
    /// Images, by status.
    images: BTreeMap<&'static str, u64>,
    /// Unresolved images, by reason.
    reasons: BTreeMap<&'static str, u64>,
    /// Faces, by what was decided of them.
    faces: BTreeMap<&'static str, u64>,
    people: u64,
    known_photos: u64,
    last_hour: LastHour,
}

/// How the last hour went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
struct LastHour {
    /// Images that got their result.
    results: u64,
    /// From the post to the result, in seconds: half of the newest 20,000 took no longer.
    median_seconds: Option<f64>,
    /// And nineteen of twenty no longer than this.
    p95_seconds: Option<f64>,
}

/// The last statistics, for all who ask.
#[derive(Debug, Clone)]
pub(crate) struct Kept(Arc<Fresh<Statistics>>);

impl Default for Kept {
    fn default() -> Self {
        Self(Arc::new(Fresh::new(KEEPS)))
    }
}

/// How many there are of everything, and how the last hour went.
///
/// As they were some seconds ago at most.
#[utoipa::path(
    get,
    path = "/api/v1/statistics",
    operation_id = "statistics",
    tag = "statistics",
    responses((status = 200, body = Statistics)),
)]
pub(super) async fn handle(State(state): State<AppState>) -> Result<Json<Statistics>, Problem> {
    let Kept(kept) = &state.statistics;
    let ask = async || Ok::<_, StoreError>(Statistics::new(state.store.statistics().await?));
    Ok(Json(kept.get(ask).await?))
}

impl Statistics {
    fn new(counted: Counted) -> Self {
        let Counted { statuses, reasons, outcomes, people, known_photos, results, mut times } = counted;
        let of = |count: Option<&u64>| count.copied().unwrap_or(0);
        times.sort_unstable();
        Self {
            images: ImageStatus::ALL.map(|status| (status.name(), of(statuses.get(&status)))).into(),
            reasons: UnresolvedReason::ALL
                .iter()
                .map(|reason| (reason.name(), of(reasons.get(reason))))
                .collect(),
            faces: FaceOutcome::ALL
                .iter()
                .map(|outcome| (outcome.name(), of(outcomes.get(outcome))))
                .collect(),
            people,
            known_photos,
            last_hour: LastHour {
                results,
                median_seconds: percentile(&times, 50),
                p95_seconds: percentile(&times, 95),
            },
        }
    }
}

/// In seconds, of sorted microseconds.
fn percentile(sorted: &[i64], percent: usize) -> Option<f64> {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    // A clock that was set back makes an image older than its result.
    sorted.get(place).map(|took| Duration::from_micros(u64::try_from(*took).unwrap_or(0)).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_results_took_no_longer_than_the_median() {
        let hundred: Vec<i64> = (1..=100).map(|took| took * 1_000_000).collect();

        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 95)), (Some(50.0), Some(95.0)));
        assert_eq!((percentile(&[500_000], 50), percentile(&[500_000], 95)), (Some(0.5), Some(0.5)));
        assert_eq!((percentile(&[], 50), percentile(&[-5], 50)), (None, Some(0.0)));
    }
}
