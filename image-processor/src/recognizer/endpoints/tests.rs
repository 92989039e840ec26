//! Whom the next call goes to, and who is put aside for how long.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use super::*;

const NOBODY: BTreeSet<Address> = BTreeSet::new();

fn address(name: &str) -> Address {
    format!("{name}:1").parse().expect("host:port")
}

fn addresses(names: &[&str]) -> BTreeSet<Address> {
    names.iter().map(|name| address(name)).collect()
}

/// Recognisers that are asked through nothing.
fn endpoints(names: &[&str]) -> Endpoints<()> {
    let mut endpoints = Endpoints::new(|_| ());
    endpoints.replace(&addresses(names));
    endpoints
}

fn call(endpoints: &mut Endpoints<()>) -> Chosen<()> {
    endpoints.choose(&NOBODY).expect("there are recognisers")
}

fn host(chosen: &Chosen<()>) -> &str {
    chosen.address.as_str().trim_end_matches(":1")
}

fn is_aside(endpoints: &Endpoints<()>, name: &str) -> bool {
    let view = endpoints.view();
    view.iter().find(|view| view.address == format!("{name}:1")).expect("it is there").aside
}

/// A call of this recogniser fails.
fn fail(endpoints: &mut Endpoints<()>, name: &str, now: Instant) -> bool {
    let member = endpoints.members.get_mut(&address(name)).expect("it is there");
    member.under_way += 1;
    let failing = chosen(&address(name), member);
    endpoints.ended(&failing, CallEnd::Failed, now)
}

#[test]
fn a_call_goes_to_the_one_with_the_fewest_under_way() {
    let mut endpoints = endpoints(&["a", "b", "c"]);
    let first: Vec<Chosen<()>> = (0..3).map(|_| call(&mut endpoints)).collect();
    endpoints.ended(&first[1], CallEnd::Answered, Instant::now());

    let next = call(&mut endpoints);

    assert_eq!(host(&next), "b");
}

#[test]
fn those_with_the_same_number_take_turns() {
    let mut endpoints = endpoints(&["a", "b", "c"]);
    let mut asked = Vec::new();

    for _ in 0..6 {
        let one = call(&mut endpoints);
        asked.push(host(&one).to_owned());
        endpoints.ended(&one, CallEnd::Answered, Instant::now());
    }

    assert_eq!(asked, ["a", "b", "c", "a", "b", "c"]);
}

#[test]
fn one_that_failed_is_put_aside_and_comes_back_with_a_healthy_ping() {
    let (mut endpoints, now) = (endpoints(&["a", "b"]), Instant::now());

    assert!(fail(&mut endpoints, "a", now));
    let asked: Vec<String> = (0..3).map(|_| host(&call(&mut endpoints)).to_owned()).collect();
    assert_eq!(asked, ["b", "b", "b"], "whatever b has to do");
    assert_eq!(endpoints.next_ping(), Some(now + FIRST_WAIT));
    assert!(endpoints.to_ping(now).is_empty());

    let due = endpoints.to_ping(now + FIRST_WAIT);
    assert_eq!(due.iter().map(host).collect::<Vec<_>>(), ["a"]);
    assert!(endpoints.pinged(&due[0], true, now + FIRST_WAIT));
    assert_eq!(host(&call(&mut endpoints)), "a");
}

#[test]
fn where_all_are_aside_all_are_asked() {
    let (mut endpoints, now) = (endpoints(&["a", "b"]), Instant::now());
    fail(&mut endpoints, "a", now);
    fail(&mut endpoints, "b", now);

    let asked: BTreeSet<String> = (0..2).map(|_| host(&call(&mut endpoints)).to_owned()).collect();

    assert_eq!(asked, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
}

#[test]
fn a_call_that_was_refused_is_not_tried_on_one_that_is_aside() {
    let (mut endpoints, now) = (endpoints(&["a", "b"]), Instant::now());
    fail(&mut endpoints, "a", now);

    assert!(endpoints.choose(&addresses(&["b"])).is_none());
}

#[test]
fn one_that_is_busy_is_neither_put_aside_nor_brought_back() {
    let (mut endpoints, now) = (endpoints(&["a"]), Instant::now());
    let busy = call(&mut endpoints);
    assert!(!endpoints.ended(&busy, CallEnd::Inconclusive, now));
    fail(&mut endpoints, "a", now);

    let busy = call(&mut endpoints);

    assert!(!endpoints.ended(&busy, CallEnd::Inconclusive, now));
    assert!(is_aside(&endpoints, "a"));
}

#[test]
fn one_that_was_late_is_asked_through_another_connection() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let mut endpoints = Endpoints::new(|_| MADE.fetch_add(1, Ordering::Relaxed));
    endpoints.replace(&addresses(&["a"]));
    let (failed, late) = (endpoints.choose(&NOBODY).expect("it"), endpoints.choose(&NOBODY).expect("it"));

    endpoints.ended(&failed, CallEnd::Failed, Instant::now());
    assert_eq!(endpoints.choose(&NOBODY).expect("it").connection, 0);
    endpoints.ended(&late, CallEnd::Late, Instant::now());
    assert_eq!(endpoints.choose(&NOBODY).expect("it").connection, 1);
}

#[test]
fn an_answer_brings_one_back_that_was_aside() {
    let (mut endpoints, now) = (endpoints(&["a"]), Instant::now());
    fail(&mut endpoints, "a", now);
    let trial = call(&mut endpoints);

    assert!(endpoints.ended(&trial, CallEnd::Answered, now));
    assert!(!is_aside(&endpoints, "a"));
}

#[test]
fn calls_that_were_under_way_together_count_as_one_failure() {
    let (mut endpoints, now) = (endpoints(&["a"]), Instant::now());
    let together: Vec<Chosen<()>> = (0..8).map(|_| call(&mut endpoints)).collect();

    for one in &together {
        endpoints.ended(one, CallEnd::Failed, now);
    }

    assert_eq!(endpoints.next_ping(), Some(now + FIRST_WAIT));
}

#[test]
fn the_wait_doubles_with_each_ping_that_is_not_healthy_up_to_its_limit() {
    let (mut endpoints, mut now) = (endpoints(&["a"]), Instant::now());
    fail(&mut endpoints, "a", now);
    let mut waits = Vec::new();

    for _ in 0..6 {
        let next = endpoints.next_ping().expect("it is aside");
        waits.push((next - now).as_secs());
        now = next;
        let due = endpoints.to_ping(now);
        endpoints.pinged(&due[0], false, now);
    }

    assert_eq!(waits, [1, 2, 4, 8, 16, 16]);
}

#[test]
fn one_that_says_it_is_well_and_fails_each_time_waits_longer_and_longer() {
    let (mut endpoints, mut now) = (endpoints(&["a", "b"]), Instant::now());
    fail(&mut endpoints, "a", now);
    let one = endpoints.at(&address("a")).expect("it is there");
    assert!(endpoints.pinged(&one, true, now), "after its first failure a ping brings it back at once");

    fail(&mut endpoints, "a", now);
    assert!(!endpoints.pinged(&one, true, now), "after the second it has to wait");
    assert_eq!(endpoints.next_ping(), Some(now + 2 * FIRST_WAIT));

    now += 2 * FIRST_WAIT;
    assert!(endpoints.pinged(&one, true, now));
    fail(&mut endpoints, "a", now);
    assert_eq!(endpoints.next_ping(), Some(now + 4 * FIRST_WAIT));
}

#[test]
fn one_that_is_pinged_in_good_standing_and_is_not_healthy_is_put_aside() {
    let (mut endpoints, now) = (endpoints(&["a", "b"]), Instant::now());
    let all = endpoints.to_ask_all();

    assert!(endpoints.pinged(&all[0], false, now));
    assert!(is_aside(&endpoints, "a") && !is_aside(&endpoints, "b"));
}

#[test]
fn those_that_stay_keep_what_is_known_of_them() {
    let (mut endpoints, now) = (endpoints(&["a", "b"]), Instant::now());
    fail(&mut endpoints, "a", now);
    let under_way = call(&mut endpoints);

    assert!(endpoints.replace(&addresses(&["a", "b", "c"])));
    assert!(!endpoints.replace(&addresses(&["a", "b", "c"])), "nothing changed");

    assert!(is_aside(&endpoints, "a"));
    assert_eq!(host(&under_way), "b");
    assert_eq!(host(&call(&mut endpoints)), "c", "b is busy and a aside");
}

#[test]
fn a_late_end_says_nothing_of_the_next_one_at_the_same_address() {
    let (mut endpoints, now) = (endpoints(&["a"]), Instant::now());
    let late = call(&mut endpoints);
    endpoints.replace(&NOBODY);
    endpoints.replace(&addresses(&["a"]));

    assert!(!endpoints.ended(&late, CallEnd::Failed, now));
    assert!(!is_aside(&endpoints, "a"));
}

#[test]
fn without_any_or_with_all_passed_over_nobody_is_chosen() {
    let mut endpoints = endpoints(&["a"]);

    assert!(endpoints.choose(&addresses(&["a"])).is_none());
    endpoints.replace(&NOBODY);
    assert!(endpoints.is_empty() && endpoints.choose(&NOBODY).is_none());
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Call,
    End(usize, CallEnd),
    Ping(usize, bool),
    Pass(u64),
    Replace(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let end = prop_oneof![
        Just(CallEnd::Answered),
        Just(CallEnd::Failed),
        Just(CallEnd::Late),
        Just(CallEnd::Inconclusive)
    ];
    prop_oneof![
        4 => Just(Event::Call),
        3 => (any::<usize>(), end).prop_map(|(which, end)| Event::End(which, end)),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(which, healthy)| Event::Ping(which, healthy)),
        1 => (0_u64..20).prop_map(Event::Pass),
        1 => (0_usize..16).prop_map(Event::Replace),
    ]
}

proptest! {
    /// What is under way is counted right, and nobody in good standing has two calls more than another when it is chosen.
    #[test]
    fn whatever_happens_calls_are_counted_and_spread(events in prop::collection::vec(event(), 1..200)) {
        let names = ["a", "b", "c", "d"];
        let (mut endpoints, mut now) = (endpoints(&names), Instant::now());
        let mut under_way: Vec<Chosen<()>> = Vec::new();
        for event in events {
            match event {
                Event::Call => {
                    let least = endpoints.members.values().filter(|one| one.ping_at.is_none()).map(|one| one.under_way).min();
                    let Some(chosen) = endpoints.choose(&NOBODY) else {
                        prop_assert!(endpoints.is_empty());
                        continue;
                    };
                    let member = &endpoints.members[&chosen.address];
                    prop_assert!(least.is_none_or(|least| member.ping_at.is_none() && member.under_way == least + 1));
                    under_way.push(chosen);
                }
                Event::End(which, end) if !under_way.is_empty() => {
                    let ended = under_way.swap_remove(which % under_way.len());
                    endpoints.ended(&ended, end, now);
                }
                Event::Ping(which, healthy) if !endpoints.is_empty() => {
                    let all = endpoints.to_ask_all();
                    endpoints.pinged(&all[which % all.len()], healthy, now);
                }
                Event::End(..) | Event::Ping(..) => {}
                Event::Pass(seconds) => now += Duration::from_secs(seconds),
                Event::Replace(chosen) => {
                    let names: Vec<&str> =
                        names.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, name)| *name).collect();
                    endpoints.replace(&addresses(&names));
                }
            }
            for (address, member) in &endpoints.members {
                let calls = under_way.iter().filter(|call| call.address == *address && call.added == member.added).count();
                prop_assert_eq!(calls, member.under_way);
                prop_assert!(member.ping_at.is_none_or(|due| due <= now + LONGEST_WAIT));
            }
        }
    }
}
