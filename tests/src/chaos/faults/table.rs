//! Every fault, in the order in which they happen, and how long each is held.

use std::time::Duration;

use super::{
    Fault,
    connections::{Cut, Still},
    messages::{Copies, Drains, Workers},
    processes::{Killed, KilledTogether, Part, StoodStill},
    queue::{DataLost, DiskFull},
    recogniser::{FatalPicture, Misbehaves, Says},
};
use crate::{
    chaos::form::{Form, Length},
    stack::Link,
};

/// A fault and how long it is held.
pub(in crate::chaos) struct Planned {
    pub(in crate::chaos) fault: Box<dyn Fault>,
    pub(in crate::chaos) hold: Duration,
}

/// A row: the fault, seconds in the whole form, and in the short one if it is part of that.
type Row = (Box<dyn Fault>, u64, Option<u64>);

/// The faults of this form.
pub(in crate::chaos) fn table(form: &Form) -> Vec<Planned> {
    let rows = rows().into_iter().filter_map(|(fault, whole, short)| {
        let hold = match form.length {
            Length::Whole => whole,
            Length::Short => short?,
        };
        Some(Planned { fault, hold: form.hold.unwrap_or(Duration::from_secs(hold)) })
    });
    rows.filter(|planned| form.only.is_empty() || form.only.contains(&planned.fault.name())).collect()
}

/// What takes longest to be made good comes first, so that it is over when the short form ends. What may cost attempts
/// comes last, so that no earlier fault is blamed for them.
fn rows() -> Vec<Row> {
    use Part::{
        Frontend, MariaDb, Nsqd, Nsqlookupd, Receiver, Recogniser, SecondReceiver, SecondWorker, Worker,
    };
    let killed = |part| Box::new(Killed(part)) as Box<dyn Fault>;
    let mut rows: Vec<Row> = vec![
        (Box::new(DataLost), 5, Some(2)),
        (killed(Nsqd), 10, None),
        (Box::new(DiskFull), 30, Some(5)),
        (killed(Nsqlookupd), 60, Some(5)),
        (killed(MariaDb), 10, Some(2)),
        (Box::new(StoodStill(MariaDb)), 20, Some(5)),
        (killed(Receiver), 10, None),
        (killed(SecondReceiver), 5, None),
        (killed(Worker), 10, Some(2)),
        (killed(SecondWorker), 5, None),
        (Box::new(StoodStill(Worker)), 30, None),
        (killed(Frontend), 5, None),
        (killed(Recogniser), 5, Some(3)),
        (together("everybody-killed", Part::ALL), 10, None),
        (together("workers-killed", &[Worker, SecondWorker]), 10, None),
        (together("receivers-killed", &[Receiver, SecondReceiver]), 10, None),
        (together("database-queue-and-worker-killed", &[MariaDb, Nsqd, Worker]), 5, Some(2)),
        (Box::new(Copies), 10, Some(2)),
        (Box::new(Drains::new(Workers::AtWork)), 0, None),
        (Box::new(Drains::new(Workers::Stopped)), 10, None),
    ];
    for link in Link::ALL {
        let short = match link {
            Link::ReceiverToDatabase | Link::WorkerToDatabase | Link::WorkerToNsqd => Some(3),
            _ => None,
        };
        if link != Link::WorkerToRecogniser {
            rows.push((Box::new(Cut::new(link)), 10, short));
        }
        rows.push((Box::new(Still(link)), 15, None));
    }
    rows.extend::<[Row; 8]>([
        (Box::new(StoodStill(Recogniser)), 20, Some(5)),
        (Box::new(Misbehaves(Says::Nothing)), 30, Some(6)),
        (Box::new(Misbehaves(Says::AnswersSlowly)), 20, None),
        (together("recogniser-away", &[Recogniser]), 300, None),
        (Box::new(FatalPicture), 0, None),
        (Box::new(Cut::new(Link::WorkerToRecogniser)), 10, None),
        (Box::new(Misbehaves(Says::OnlyThatItIsWell)), 20, None),
        (Box::new(Misbehaves(Says::Internal)), 20, Some(4)),
    ]);
    rows
}

fn together(name: &'static str, parts: &'static [Part]) -> Box<dyn Fault> {
    Box::new(KilledTogether { name, parts })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(form: &Form) -> Vec<String> {
        table(form).iter().map(|planned| planned.fault.name()).collect()
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names = names(&Form::whole(50));

        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn the_short_form_is_a_selection_with_shorter_times() {
        let (whole, short) = (table(&Form::whole(50)), table(&Form::short()));

        for planned in &short {
            let same = whole.iter().find(|other| other.fault.name() == planned.fault.name());
            assert!(same.is_some_and(|same| same.hold >= planned.hold), "{}", planned.fault.name());
        }
        assert!(short.iter().map(|planned| planned.hold).sum::<Duration>() < Duration::from_mins(1));
    }

    #[test]
    fn one_fault_is_had_by_its_name_and_held_as_long_as_one_likes() {
        let hold = Some(Duration::from_secs(7));
        let form = Form { only: vec!["nsqd-killed".to_owned()], hold, ..Form::whole(50) };

        let table = table(&form);

        assert_eq!(names(&form), ["nsqd-killed"]);
        assert_eq!(table[0].hold, Duration::from_secs(7));
    }
}
