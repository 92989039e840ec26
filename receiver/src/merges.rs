//! Who somebody is after merges: the last one of each chain. Pure.

use std::collections::BTreeMap;

/// A merge that is not undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merge {
    /// Who is no person of their own any more. Of one person there is one such merge at most.
    pub(crate) from: u64,
    /// Who that is.
    pub(crate) into: u64,
}

/// Who everybody is that was merged into somebody. Nobody else is in it.
pub(crate) fn roots(merges: &[Merge]) -> BTreeMap<u64, u64> {
    let next: BTreeMap<u64, u64> = merges.iter().map(|merge| (merge.from, merge.into)).collect();
    let root_of = |from: u64| {
        let mut root = from;
        // A chain is no longer than there are merges: what was stored wrongly must not keep us here.
        for _ in &next {
            match next.get(&root) {
                Some(into) => root = *into,
                None => break,
            }
        }
        root
    };
    next.keys().map(|from| (*from, root_of(*from))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merge(from: u64, into: u64) -> Merge {
        Merge { from, into }
    }

    #[test]
    fn a_chain_of_merges_leads_to_its_last_person() {
        let table = [
            (vec![], vec![]),
            (vec![merge(1, 2)], vec![(1, 2)]),
            (vec![merge(1, 2), merge(2, 3), merge(4, 3)], vec![(1, 3), (2, 3), (4, 3)]),
            (vec![merge(1, 2), merge(3, 4)], vec![(1, 2), (3, 4)]),
        ];
        for (merges, expected) in table {
            assert_eq!(roots(&merges), expected.into_iter().collect(), "{merges:?}");
        }
    }

    /// What people do one after the other, as far as it is allowed: only who is a person of their own is merged, and only into
    /// another one who is.
    fn replay(wishes: &[(u64, u64)]) -> Vec<Merge> {
        let mut merges = Vec::new();
        for (from, into) in wishes {
            let known = roots(&merges);
            if from != into && !known.contains_key(from) && !known.contains_key(into) {
                merges.push(merge(*from, *into));
            }
        }
        merges
    }

    proptest! {
        #[test]
        fn no_root_was_merged_into_somebody(wishes in prop::collection::vec((0_u64..12, 0_u64..12), 0..40)) {
            let merges = replay(&wishes);

            let roots = roots(&merges);

            prop_assert_eq!(roots.len(), merges.len());
            for (from, root) in &roots {
                prop_assert!(!roots.contains_key(root), "{} is {} who is somebody else", from, root);
                prop_assert_ne!(from, root);
            }
        }

        #[test]
        fn a_merge_moves_one_person_with_theirs_and_undoing_it_moves_them_back(
            wishes in prop::collection::vec((0_u64..12, 0_u64..12), 1..40),
        ) {
            let merges = replay(&wishes);
            if let Some((last, before)) = merges.split_last() {
                let (before, after) = (roots(before), roots(&merges));
                let moved = |person: &u64| before.get(person).copied().unwrap_or(*person) == last.from;
                for (person, root) in &after {
                    let was = before.get(person).copied().unwrap_or(*person);
                    prop_assert_eq!(*root, if moved(person) { last.into } else { was });
                }
            }
        }

        #[test]
        fn undoing_any_merge_makes_its_person_their_own_and_leaves_others_where_they_do_not_depend_on_it(
            wishes in prop::collection::vec((0_u64..12, 0_u64..12), 1..40), chosen: prop::sample::Index,
        ) {
            let merges = replay(&wishes);
            prop_assume!(!merges.is_empty());
            let undone = chosen.get(&merges);
            let left: Vec<Merge> = merges.iter().copied().filter(|merge| merge != undone).collect();

            let (before, after) = (roots(&merges), roots(&left));

            prop_assert!(!after.contains_key(&undone.from));
            for (person, root) in &after {
                prop_assert!(*root == before[person] || *root == undone.from, "{} became {}", person, root);
            }
        }

        #[test]
        fn even_a_circle_has_an_end(merges in prop::collection::vec((0_u64..5, 0_u64..5), 0..20)) {
            let merges: Vec<Merge> = merges.into_iter().map(|(from, into)| merge(from, into)).collect();
            let _ends = roots(&merges);
        }
    }
}
