//! Which copies are kept, and which go when all of them together are too large: those that were not used for longest. Pure.

use std::collections::{BTreeMap, HashMap};

/// What is kept.
#[derive(Debug)]
pub(crate) struct Ledger {
    limit: u64,
    total: u64,
    /// Counts uses: the clock by which one is later than another.
    uses: u64,
    kept: HashMap<String, Entry>,
    by_use: BTreeMap<u64, String>,
}

#[derive(Debug)]
struct Entry {
    bytes: u64,
    last_use: u64,
}

impl Ledger {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, total: 0, uses: 0, kept: HashMap::new(), by_use: BTreeMap::new() }
    }

    /// Notes that a copy was used, if it is kept.
    pub(crate) fn touch(&mut self, name: &str) {
        if let Some(entry) = self.kept.get_mut(name) {
            self.by_use.remove(&entry.last_use);
            self.uses += 1;
            entry.last_use = self.uses;
            self.by_use.insert(self.uses, name.to_owned());
        }
    }

    /// Notes a copy, and returns those that have to go for it. One that is larger than all may be goes itself.
    pub(crate) fn add(&mut self, name: &str, bytes: u64) -> Vec<String> {
        self.remove(name);
        self.uses += 1;
        self.kept.insert(name.to_owned(), Entry { bytes, last_use: self.uses });
        self.by_use.insert(self.uses, name.to_owned());
        self.total += bytes;
        let mut gone = Vec::new();
        while self.total > self.limit {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            if let Some(entry) = self.kept.remove(&oldest) {
                self.total -= entry.bytes;
            }
            gone.push(oldest);
        }
        gone
    }

    /// Forgets a copy that is not there any more.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(entry) = self.kept.remove(name) {
            self.by_use.remove(&entry.last_use);
            self.total -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut ledger = Ledger::new(30);
        for name in ["a", "b", "c"] {
            assert!(ledger.add(name, 10).is_empty());
        }
        ledger.touch("a");

        assert_eq!(ledger.add("d", 10), ["b"]);
        assert_eq!(ledger.add("e", 20), ["c", "a"]);
    }

    #[test]
    fn what_is_too_large_for_all_is_not_kept() {
        let mut ledger = Ledger::new(10);
        assert_eq!(ledger.add("a", 11), ["a"]);
        assert!(ledger.add("b", 10).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_kept_never_exceeds_the_limit_and_is_the_sum_of_its_parts(
            steps in prop::collection::vec((0_u8..3, 0_u8..8, 0_u64..40), 0..200),
        ) {
            let mut ledger = Ledger::new(100);
            for (step, name, bytes) in steps {
                let name = name.to_string();
                match step {
                    0 => ledger.touch(&name),
                    1 => ledger.remove(&name),
                    _ => { ledger.add(&name, bytes); }
                }
                prop_assert!(ledger.total <= 100);
                prop_assert_eq!(ledger.total, ledger.kept.values().map(|entry| entry.bytes).sum::<u64>());
                prop_assert_eq!(ledger.kept.len(), ledger.by_use.len());
            }
        }
    }
}
