//! The links above the table that choose what it shows.

use migrations::{ImageStatus, UnresolvedReason};

use crate::{
    store::{Count, Counts},
    view::{Filter, View},
};

/// One choice.
pub(super) struct FilterLink {
    pub(super) address: String,
    pub(super) label: String,
    /// None for a reason: the number that tells a person to act is that of `unresolved`.
    pub(super) count: Option<Count>,
    /// Whether the page shows this choice.
    pub(super) is_current: bool,
}

impl FilterLink {
    fn new(filter: Filter, label: String, count: Option<Count>, is_current: bool) -> Self {
        Self { address: View::newest(filter).address(), label, count, is_current }
    }
}

/// All images, and those of each status.
pub(super) fn by_status(current: Filter, counts: &Counts) -> Vec<FilterLink> {
    let current = match current {
        Filter::Reason(_) => Filter::Status(ImageStatus::Unresolved),
        filter => filter,
    };
    let all = (Filter::All, "all", counts.iter().map(|(_, count)| *count).sum());
    let each = counts.iter().map(|(status, count)| (Filter::Status(*status), status.name(), *count));
    [all]
        .into_iter()
        .chain(each)
        .map(|(filter, label, count)| {
            FilterLink::new(filter, label.to_owned(), Some(count), filter == current)
        })
        .collect()
}

/// Unresolved images for any reason and for each one; nothing while others are shown.
pub(super) fn by_reason(current: Filter) -> Vec<FilterLink> {
    let unresolved = Filter::Status(ImageStatus::Unresolved);
    if current != unresolved && !matches!(current, Filter::Reason(_)) {
        return Vec::new();
    }
    let each = UnresolvedReason::ALL.iter().map(|reason| (Filter::Reason(*reason), label(*reason)));
    [(unresolved, "any reason".to_owned())]
        .into_iter()
        .chain(each)
        .map(|(filter, label)| FilterLink::new(filter, label, None, filter == current))
        .collect()
}

/// A reason in words.
pub(super) fn label(reason: UnresolvedReason) -> String {
    reason.name().replace('_', " ")
}
