//! How each nsqd of a producer stands, as its pipeline says and its publishes see, and what follows for a
//! publish: where to send it, or whether to wait.

use std::sync::Arc;

use tokio::sync::watch;

/// How one nsqd stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A first attempt is under way, or the first one after a loss: publishes wait for it.
    Connecting,
    Connected,
    /// Tried in vain or closed: publishes do not wait for it.
    Away,
}

/// The standings in the order of the producer's addresses.
pub(super) type Standings = Vec<Standing>;

/// One pipeline's place among the standings. Dropping it leaves the nsqd away.
#[derive(Debug)]
pub(super) struct Place {
    standings: Arc<watch::Sender<Standings>>,
    index: usize,
}

/// The standings of so many nsqds, each connecting, and the place of each.
pub(super) fn places(nsqds: usize) -> (watch::Receiver<Standings>, impl Iterator<Item = Place>) {
    let (standings, seen) = watch::channel(vec![Standing::Connecting; nsqds]);
    let standings = Arc::new(standings);
    (seen, (0..nsqds).map(move |index| Place { standings: Arc::clone(&standings), index }))
}

impl Place {
    pub(super) fn set(&self, standing: Standing) {
        self.standings.send_modify(|standings| standings[self.index] = standing);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.set(Standing::Away);
    }
}

/// Where a publish goes: to the first nsqd that is connected.
pub(super) fn preferred(standings: &[Standing]) -> Option<usize> {
    standings.iter().position(|standing| *standing == Standing::Connected)
}

/// Whether a publish need not wait: it has somewhere to go, or nothing to hope for.
pub(super) fn is_decided(standings: &[Standing]) -> bool {
    preferred(standings).is_some() || !standings.contains(&Standing::Connecting)
}

#[cfg(test)]
mod tests {
    use super::{
        Standing::{Away, Connected, Connecting},
        *,
    };

    #[test]
    fn a_publish_goes_to_the_first_that_is_connected_and_waits_only_for_first_attempts() {
        for (standings, decided, goes_to) in [
            (&[Connecting, Connecting][..], false, None),
            (&[Away, Connecting], false, None),
            (&[Away, Away], true, None),
            (&[Connecting, Connected], true, Some(1)),
            (&[Away, Connected, Connected], true, Some(1)),
            (&[Connected, Connected], true, Some(0)),
        ] {
            assert_eq!(is_decided(standings), decided, "{standings:?}");
            assert_eq!(preferred(standings), goes_to, "{standings:?}");
        }
    }

    #[test]
    fn an_nsqd_whose_pipeline_ended_is_away() {
        let (seen, places) = places(2);
        let mut places: Vec<_> = places.collect();
        for place in &places {
            place.set(Connected);
        }

        drop(places.remove(0));

        assert_eq!(*seen.borrow(), [Away, Connected]);
    }
}
