//! For which galleries a sweep is due: pure.

use std::collections::{BTreeMap, BTreeSet};

/// What a recogniser searches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) model_id: String,
    /// Of its gallery.
    pub(super) revision: String,
}

/// A sweep that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    /// For this gallery.
    pub(super) seen: Seen,
    /// Whether all recognisers of the model have it.
    pub(super) agreed: bool,
}

/// What was seen, and what was swept for.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// By model.
    models: BTreeMap<String, Model>,
}

#[derive(Debug, Default)]
struct Model {
    /// Those of the revisions in use that were swept for.
    swept: BTreeSet<String>,
    /// That all agreed on when it was swept for.
    settled: Option<String>,
}

impl Standing {
    /// Takes in what the recognisers search now, and says what is to be swept for: a revision that is new, and one that all
    /// agree on after they did not.
    pub(super) fn due(&mut self, seen: &BTreeSet<Seen>) -> Vec<Look> {
        let mut by_model: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for seen in seen {
            by_model.entry(&seen.model_id).or_default().insert(&seen.revision);
        }
        let mut looks = Vec::new();
        for (model_id, revisions) in by_model {
            let agreed = revisions.len() == 1;
            let model = self.models.entry(model_id.to_owned()).or_default();
            // One that comes back after it was gone is new: what was decided meanwhile is not known here.
            model.swept.retain(|revision| revisions.contains(revision.as_str()));
            if !agreed {
                model.settled = None;
            }
            let is_due = |revision: &&str| {
                if agreed {
                    model.settled.as_deref() != Some(*revision)
                } else {
                    !model.swept.contains(*revision)
                }
            };
            looks.extend(revisions.into_iter().filter(is_due).map(|revision| Look {
                seen: Seen { model_id: model_id.to_owned(), revision: revision.to_owned() },
                agreed,
            }));
        }
        looks
    }

    /// A sweep was done.
    pub(super) fn swept(&mut self, look: Look) {
        let Look { seen: Seen { model_id, revision }, agreed } = look;
        let model = self.models.entry(model_id).or_default();
        if agreed {
            model.settled = Some(revision.clone());
        }
        model.swept.insert(revision);
    }

    /// What is agreed on and was swept for, of each model.
    pub(super) fn settled(&self) -> Vec<Seen> {
        let seen = |(model_id, model): (&String, &Model)| {
            Some(Seen { model_id: model_id.clone(), revision: model.settled.clone()? })
        };
        self.models.iter().filter_map(seen).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(revisions: &[&str]) -> BTreeSet<Seen> {
        revisions.iter().map(|revision| of("dlib", revision)).collect()
    }

    fn of(model_id: &str, revision: &str) -> Seen {
        Seen { model_id: model_id.to_owned(), revision: revision.to_owned() }
    }

    /// What is due for each of these sights, when all that is due is done; `!` marks what all agree on.
    fn due(sights: &[&[&str]]) -> Vec<String> {
        let mut standing = Standing::default();
        let mut told = Vec::new();
        for sight in sights {
            let looks = standing.due(&seen(sight));
            let words: Vec<String> = looks
                .iter()
                .map(|look| format!("{}{}", look.seen.revision, if look.agreed { "!" } else { "" }))
                .collect();
            told.push(words.join(" "));
            for look in looks {
                standing.swept(look);
            }
        }
        told
    }

    #[test]
    fn a_gallery_is_swept_for_when_it_is_new_and_again_when_all_agree_on_it() {
        type Case = (&'static str, &'static [&'static [&'static str]], &'static [&'static str]);
        let table: [Case; 6] = [
            ("one recogniser, or all alike", &[&["a"], &["a"], &["b"], &["b"]], &["a!", "", "b!", ""]),
            (
                "one follows the other",
                &[&["a"], &["a", "b"], &["a", "b"], &["b"], &["b"]],
                &["a!", "b", "", "b!", ""],
            ),
            ("they differ from the start", &[&["a", "b"], &["b"]], &["a b", "b!"]),
            ("nobody answers for a while", &[&["a"], &[], &["a"]], &["a!", "", ""]),
            ("one is tried and given up", &[&["a"], &["a", "b"], &["a"], &["a"]], &["a!", "b", "a!", ""]),
            ("an old one comes back", &[&["a"], &["b"], &["a"]], &["a!", "b!", "a!"]),
        ];
        for (case, sights, expected) in table {
            assert_eq!(due(sights), expected, "{case}");
        }
    }

    #[test]
    fn a_sweep_that_was_not_done_stays_due() {
        let mut standing = Standing::default();

        let first = standing.due(&seen(&["a"]));

        assert_eq!(first.len(), 1);
        assert_eq!(standing.due(&seen(&["a"])), first);
        assert_eq!(standing.settled(), []);
    }

    #[test]
    fn recognisers_of_another_model_agree_among_themselves() {
        let mut standing = Standing::default();
        let both = BTreeSet::from([of("dlib", "a"), of("sface", "b")]);

        let looks = standing.due(&both);

        assert_eq!(looks.iter().map(|look| look.agreed).collect::<Vec<_>>(), [true, true]);
        for look in looks {
            standing.swept(look);
        }
        assert_eq!(standing.settled(), both.into_iter().collect::<Vec<_>>());
    }
}
