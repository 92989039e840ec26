//! What people said of a face.

use std::collections::BTreeSet;

/// Every decision about the face obeys it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<P> {
    /// It is this person.
    pub is: Option<P>,
    /// It is none of these.
    pub is_not: BTreeSet<P>,
}

impl<P: Ord> Said<P> {
    /// Nobody said anything.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { is: None, is_not: BTreeSet::new() }
    }

    /// Whether nobody said anything.
    pub fn is_nothing(&self) -> bool {
        self.is.is_none() && self.is_not.is_empty()
    }

    /// Whether the face may be this person.
    pub fn admits(&self, person: &P) -> bool {
        !self.is_not.contains(person)
    }
}

impl<P: Ord> Default for Said<P> {
    fn default() -> Self {
        Self::nothing()
    }
}
