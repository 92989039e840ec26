//! What is changed and the entry that tells of it are stored together.

use serde_json::json;

use super::{
    super::audit::{self, Action, AuditEntry, AuditFilter},
    *,
};
use crate::actor::Actor;

fn assigned(face: u64) -> AuditEntry {
    let detail = json!({"from": null, "to": {"id": 3, "name": "Zoë"}});
    AuditEntry { action: Action::FaceAssigned, person: Some(3), face: Some(face), image: None, detail }
}

#[tokio::test]
async fn many_entries_are_written_in_their_order_and_with_their_transaction() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let entries: Vec<AuditEntry> = (1..=400).map(assigned).collect();
    for keeps in [false, true] {
        let mut transaction = store.begin().await?;
        audit::write(&mut transaction, &Actor::named("Ann"), &entries).await?;
        audit::write(&mut transaction, &Actor::named("Ann"), &[]).await?;
        if keeps {
            transaction.commit().await?;
        }
    }

    let rows = store.audit_below(AuditFilter::default(), u64::MAX, 500).await?;

    let faces: Vec<_> = rows.iter().rev().filter_map(|row| row.face_id).collect();
    assert_eq!(faces, (1..=400).collect::<Vec<u64>>());
    let row = &rows[0];
    assert_eq!((row.actor.as_str(), row.action.as_str()), ("Ann", "face_assigned"));
    assert_eq!((row.person_id, row.person_name.as_deref(), row.image_id), (Some(3), None, None));
    assert_eq!(row.detail.0["to"]["name"], "Zoë");
    Ok(())
}

#[test]
fn every_action_has_a_word_of_its_own_that_its_column_holds() {
    let words: std::collections::BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();

    assert_eq!(words.len(), Action::ALL.len());
    assert!(words.iter().all(|word| word.len() <= 32), "{words:?}");
}
