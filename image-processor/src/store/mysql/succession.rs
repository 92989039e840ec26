//! What becomes of the faces of an earlier look at a picture: a face that is found again keeps its row, and with it what
//! people said of it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use identification::{Bounds, Outcome, decide_face, decide_image, pair};
use migrations::FaceVerdict;
use service_kit::statements::push_list;
use sqlx::{FromRow, MySql, QueryBuilder, Transaction};

use super::faces::NewFace;
use crate::{
    decision::{FaceDecision, ImageDecision, PersonId, Said},
    store::{DecidedFace, Finding, StoreError},
};

/// A face of an earlier look.
pub(super) struct EarlierFace {
    id: u64,
    bounds: Bounds,
    said: Said,
}

/// A face of an earlier look that a person named, and that this look did not find.
pub(super) struct Kept {
    pub(super) id: u64,
    pub(super) person: PersonId,
}

/// What becomes of the rows of one image.
pub(super) struct Succession<'a> {
    /// What the faces come to, with all that people said of them.
    pub(super) decision: ImageDecision,
    /// By the ids of their rows.
    pub(super) found_again: Vec<(u64, NewFace<'a>)>,
    pub(super) new: Vec<NewFace<'a>>,
    pub(super) kept: Vec<Kept>,
    /// The ids of those that nobody named and that were not found again.
    pub(super) gone: Vec<u64>,
}

impl<'a> Succession<'a> {
    /// Of an image with these `earlier` faces.
    pub(super) fn new(finding: &'a Finding, earlier: Vec<EarlierFace>) -> Self {
        let looked: Vec<Bounds> = finding.faces.iter().map(DecidedFace::bounds).collect();
        let before: Vec<Bounds> = earlier.iter().map(|face| face.bounds).collect();
        let mut earlier: Vec<Option<EarlierFace>> = earlier.into_iter().map(Some).collect();
        let (mut found_again, mut new) = (Vec::new(), Vec::new());
        let mut anything_said = false;
        for (face, partner) in finding.faces.iter().zip(pair(&looked, &before)) {
            match partner.and_then(|partner| earlier[partner].take()) {
                Some(EarlierFace { id, said, .. }) => {
                    anything_said |= !said.is_nothing();
                    found_again.push((id, NewFace { face, decision: decide(finding, face, &said) }));
                }
                None => new.push(NewFace { face, decision: Cow::Borrowed(&face.decision) }),
            }
        }
        let (mut kept, mut gone, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
        for EarlierFace { id, bounds, said } in earlier.into_iter().flatten() {
            match said.is {
                Some(person) => {
                    kept.push(Kept { id, person });
                    unseen.push((bounds.area(), named(person)));
                }
                None => gone.push(id),
            }
        }
        let decision = if anything_said || !unseen.is_empty() {
            let seen = found_again.iter().map(|(_, face)| face).chain(&new);
            let seen = seen.map(|face| (face.face.bounds().area(), &*face.decision));
            decide_image(seen.chain(unseen.iter().map(|(area, decision)| (*area, decision))))
        } else {
            finding.decision
        };
        Self { decision, found_again, new, kept, gone }
    }
}

fn decide<'a>(finding: &Finding, face: &'a DecidedFace, said: &Said) -> Cow<'a, FaceDecision> {
    match finding.thresholds.filter(|_| !said.is_nothing()) {
        Some(thresholds) => {
            Cow::Owned(decide_face(&face.candidates, said, thresholds, face.face.sufficiency()))
        }
        None => Cow::Borrowed(&face.decision),
    }
}

fn named(person: PersonId) -> FaceDecision {
    FaceDecision { outcome: Outcome::Identified, named: Some(person), best: None, runner_up: None }
}

/// A face and one thing that was said of it; without any, it is one row all the same.
#[derive(FromRow)]
struct Row {
    id: u64,
    image_id: u64,
    box_left: i32,
    box_top: i32,
    box_width: u32,
    box_height: u32,
    verdict: Option<FaceVerdict>,
    /// Of whom it was said, or whom they turned out to be.
    said_of: Option<u64>,
}

/// The faces of these images, by image. The images are locked: whoever says something of a face from now on has it decided
/// again.
pub(super) async fn earlier_faces(
    transaction: &mut Transaction<'_, MySql>,
    images: &[u64],
) -> Result<HashMap<u64, Vec<EarlierFace>>, StoreError> {
    let mut select = QueryBuilder::new(
        "SELECT faces.id, image_id, box_left, box_top, box_width, box_height, verdict,
                COALESCE(person.merged_into, person.id) AS said_of
         FROM faces LEFT JOIN face_verdicts ON face_verdicts.face_id = faces.id
                    LEFT JOIN person ON person.id = face_verdicts.person_id
         WHERE image_id IN ",
    );
    push_list(&mut select, images);
    let rows: Vec<Row> = select.build_query_as().fetch_all(&mut **transaction).await?;
    let mut faces: BTreeMap<u64, (u64, EarlierFace)> = BTreeMap::new();
    for row in rows {
        let bounds =
            Bounds { left: row.box_left, top: row.box_top, width: row.box_width, height: row.box_height };
        let (_, face) = faces
            .entry(row.id)
            .or_insert_with(|| (row.image_id, EarlierFace { id: row.id, bounds, said: Said::nothing() }));
        if let (Some(verdict), Some(person)) = (row.verdict, row.said_of) {
            add(&mut face.said, verdict, PersonId(person));
        }
    }
    let mut by_image: HashMap<u64, Vec<EarlierFace>> = HashMap::new();
    for (image, face) in faces.into_values() {
        by_image.entry(image).or_default().push(face);
    }
    Ok(by_image)
}

pub(super) fn add(said: &mut Said, verdict: FaceVerdict, person: PersonId) {
    match verdict {
        FaceVerdict::Is => said.is = Some(person),
        FaceVerdict::IsNot => _ = said.is_not.insert(person),
    }
}
