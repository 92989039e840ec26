use super::*;

fn names(addresses: &BTreeSet<Address>) -> Vec<String> {
    addresses.iter().map(Address::to_string).collect()
}

#[test]
fn an_answer_names_the_usable_nsqds() {
    let answer = r#"{"channels": ["ch"], "producers": [
        {"remote_address": "10.0.0.1:5", "hostname": "a", "broadcast_address": "nsqd-0", "tcp_port": 4150, "http_port": 4151, "version": "1.3.0"},
        {"broadcast_address": "::1", "tcp_port": 4150},
        {"broadcast_address": "not a host", "tcp_port": 4150}
    ]}"#;

    let addresses = addresses(serde_json::from_str(answer).unwrap());

    assert_eq!(names(&addresses), ["[::1]:4150", "nsqd-0:4150"]);
}

#[test]
fn no_more_than_a_thousand_nsqds_are_taken_from_an_answer() {
    let entry = |port| ProducerEntry { broadcast_address: "nsqd".to_owned(), tcp_port: port };
    let producers = (1..=1_001).map(entry).collect();

    assert_eq!(addresses(Answer { producers }).len(), 1_000);
}

#[test]
fn an_nsqd_is_known_while_any_lookupds_last_answer_names_it() {
    let mut lookupds = ["one:4161", "two:4161"].map(|address| Lookupd::new(address.parse().unwrap()));
    let answer = |names: &[&str]| Ok(names.iter().map(|name| name.parse().unwrap()).collect());
    let away = || Err(LookupError::TooLong);
    let rounds = [
        (answer(&[]), answer(&[]), &[][..], "the topic does not exist"),
        (away(), answer(&["a:1"]), &["a:1"], "one alone answers"),
        (answer(&["a:1", "b:1"]), answer(&["b:1", "c:1"]), &["a:1", "b:1", "c:1"], "both answer"),
        (away(), answer(&["b:1"]), &["a:1", "b:1"], "what only the other named is gone"),
        (away(), away(), &["a:1", "b:1"], "nobody answers: nothing changes"),
        (away(), answer(&["d:1"]), &["a:1", "b:1", "d:1"], "new ones come while one is away"),
        (answer(&["d:1"]), away(), &["d:1"], "back, it names the old ones no longer"),
        (answer(&[]), answer(&[]), &[], "the topic is deleted"),
    ];
    for (first, second, expected, why) in rounds {
        lookupds[0].note(first);
        lookupds[1].note(second);

        assert_eq!(names(&union(&lookupds)), expected, "{why}");
    }
}
