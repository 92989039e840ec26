//! The links above the table that choose what it shows.

use migrations::{ImageStatus, UnresolvedReason};

use crate::{
    store::{Count, Counts},
    view::{Filter, Standing, View},
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

/// All images, and those of each status; what is looked for beside that stays.
pub(super) fn by_status(filter: &Filter, counts: &Counts) -> Vec<FilterLink> {
    let current = match filter.standing {
        Standing::Reason(_) => Standing::Status(ImageStatus::Unresolved),
        standing => standing,
    };
    let all = (Standing::All, "all", counts.iter().map(|(_, count)| *count).sum());
    let each = counts.iter().map(|(status, count)| (Standing::Status(*status), status.name(), *count));
    [all]
        .into_iter()
        .chain(each)
        .map(|(standing, label, count)| {
            FilterLink::new(filter.with(standing), label.to_owned(), Some(count), standing == current)
        })
        .collect()
}

/// Unresolved images for any reason and for each one; nothing while others are shown.
pub(super) fn by_reason(filter: &Filter) -> Vec<FilterLink> {
    let unresolved = Standing::Status(ImageStatus::Unresolved);
    if filter.standing != unresolved && !matches!(filter.standing, Standing::Reason(_)) {
        return Vec::new();
    }
    let each = UnresolvedReason::ALL.iter().map(|reason| (Standing::Reason(*reason), label(*reason)));
    [(unresolved, "any reason".to_owned())]
        .into_iter()
        .chain(each)
        .map(|(standing, label)| {
            FilterLink::new(filter.with(standing), label, None, standing == filter.standing)
        })
        .collect()
}

/// A reason in words.
pub(super) fn label(reason: UnresolvedReason) -> String {
    reason.name().replace('_', " ")
}
