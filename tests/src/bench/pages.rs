//! How long a page takes with a full database: `GET /api/v1/images` and the table of the pages under each kind of filter, and
//! each of the other pages.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Settings,
    connection::Connection,
    figures::percentile,
    fill::{self, EVERYWHERE, ONCE},
    report::{self, milliseconds},
    rig::Rig,
};
use crate::installed::Installed;

/// What any page is to stay below.
const TARGET: &str = "50 ms";

/// A filter, and what is said of it.
struct Kind {
    name: &'static str,
    query: String,
}

/// Pages that are no list of images.
const OTHERS: [&str; 9] = [
    "/images/1",
    "/people",
    "/people/1",
    "/unknown",
    "/unknown/1",
    "/history",
    "/history?person=1",
    "/history?person=2",
    "/system",
];

/// Of each list the first page and one in the middle, then the other pages.
pub(super) async fn measure(settings: &Settings, installed: &Installed) -> anyhow::Result<()> {
    let rig = Rig::intake(installed).await?;
    fill::images_of_all_kinds(&rig.pool, settings.rows).await?;
    let mut api = rig.connect().await?;
    let mut pages = Connection::open(rig.frontend()).await?;
    let middle = settings.rows / 2;
    for Kind { name, query } in kinds(settings.rows) {
        for (place, below) in [("first page", None), ("a page in the middle", Some(middle))] {
            let [cursor, before] =
                below.map_or_else(Default::default, |id| [cursor(id), format!("&before={id}")]);
            let by_api = measure_page(settings, &mut api, &format!("/api/v1/images?{query}{cursor}")).await?;
            let by_page = measure_page(settings, &mut pages, &format!("/?{query}{before}")).await?;
            let what = format!("{name}, {place}, {} rows", settings.rows);
            report::line(&what, &format!("API {}; page {}", spread(&by_api), spread(&by_page)), TARGET);
        }
    }
    for page in OTHERS {
        let times = measure_page(settings, &mut pages, page).await?;
        report::line(&format!("{page}, {} rows", settings.rows), &spread(&times), TARGET);
    }
    rig.stop().await
}

fn spread(times: &[Duration]) -> String {
    let [half, most] = [50, 100].map(|percent| milliseconds(percentile(times, percent)));
    format!("{half}, at most {most}")
}

/// How long each round took, but for one that does not count.
async fn measure_page(
    settings: &Settings,
    connection: &mut Connection,
    route: &str,
) -> anyhow::Result<Vec<Duration>> {
    connection.get(route).await?.ensure(200)?;
    let mut times = Vec::new();
    for _ in 0..settings.rounds {
        let began = Instant::now();
        connection.get(route).await?.ensure(200)?;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// The rest of a query for images with lower ids. To clients a cursor is opaque; to page to the middle would take ten
/// thousand pages.
fn cursor(id: u32) -> String {
    format!("&cursor={}", hex::encode(format!(r#"{{"below":{id}}}"#)))
}

fn kinds(rows: u32) -> Vec<Kind> {
    let kind = |name, query: &str| Kind { name, query: query.to_owned() };
    let day = |day: u32| format!("from={}&until={}", fill::day(day), fill::day(day + 1));
    vec![
        kind("all images", "limit=50"),
        kind("500 images a page", "limit=500"),
        kind("a common status", "status=processed"),
        kind("a rare status", "status=processing"),
        kind("a common reason", "reason=unknown_face"),
        kind("a reason of the oldest ten only", "reason=low_quality"),
        kind("a reason of no image", "reason=ambiguous"),
        kind("somebody in every tenth image", &format!("person={EVERYWHERE}")),
        kind(
            "somebody in every tenth image, of a status that they never have",
            &format!("person={EVERYWHERE}&status=failed"),
        ),
        kind("somebody in one image", &format!("person={ONCE}")),
        kind("a text that is everywhere", "q=CAMERA"),
        kind("a text that is nowhere", "q=nowhere"),
        kind("a text that is nowhere, of a status", "q=nowhere&status=processed"),
        Kind { name: "a day in the middle", query: day(fill::days(rows) / 2) },
        Kind {
            name: "a day in the middle, of a status",
            query: day(fill::days(rows) / 2) + "&status=failed",
        },
        Kind { name: "a day without images", query: day(fill::days(rows) + 7) },
    ]
}
