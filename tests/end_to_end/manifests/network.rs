//! With the policies, exactly the flows of the design are open.

use std::collections::BTreeSet;

use k8s_openapi::{
    api::networking::v1::{IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort},
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

use super::{
    objects::pick,
    rendering::{Rendering, named},
    workload::Labels,
};

/// From, to, port. `*` is everybody, `dns` whatever answers for names, `internet` whatever is in no private net.
type Flow = (String, String, i32);

const FLOWS: [(&str, &str, i32); 18] = [
    ("*", "frontend", 8081),
    ("*", "receiver", 8000),
    ("drain", "internet", 80),
    ("drain", "internet", 443),
    ("drain", "mysql", 3306),
    ("frontend", "mysql", 3306),
    ("frontend", "receiver", 8000),
    ("image-processor", "face-recognition", 50051),
    ("image-processor", "internet", 80),
    ("image-processor", "internet", 443),
    ("image-processor", "mysql", 3306),
    ("image-processor", "nsqd", 4150),
    ("image-processor", "nsqlookupd", 4161),
    ("nsqd", "nsqlookupd", 4160),
    ("receiver", "face-recognition", 50051),
    ("receiver", "mysql", 3306),
    ("receiver", "nsqd", 4150),
    ("redeemer", "mysql", 3306),
];

/// Whether a selector, also one with a list of values, takes these labels.
fn takes(selector: Option<&LabelSelector>, labels: &Labels) -> bool {
    let Some(selector) = selector else { return false };
    let equal = selector.match_labels.iter().flatten().all(|(key, value)| labels.get(key) == Some(value));
    let listed = selector.match_expressions.iter().flatten().all(|one| {
        assert_eq!(one.operator, "In", "the policies say it no other way");
        one.values.iter().flatten().any(|value| labels.get(&one.key) == Some(value))
    });
    equal && listed
}

/// Every pod there may be: those of the system and of the drain.
fn pods(rendering: &Rendering) -> Vec<(&str, &Labels)> {
    let beside = named("drain").workloads();
    rendering.workloads().into_iter().chain(beside).map(|one| (one.name, one.labels())).collect()
}

fn policies(rendering: &Rendering) -> Vec<&NetworkPolicy> {
    let mut policies = rendering.of_kind(pick!(NetworkPolicy));
    // Those that come with the drain, for its own pods.
    policies.extend(named("drain").of_kind(pick!(NetworkPolicy)));
    policies
}

fn ports(ports: Option<&Vec<NetworkPolicyPort>>) -> Vec<i32> {
    let ports = ports.expect("every rule names its ports").iter();
    ports
        .map(|port| {
            assert!(port.end_port.is_none(), "a range of ports: {port:?}");
            let Some(IntOrString::Int(number)) = port.port else { panic!("a number") };
            number
        })
        .collect()
}

/// Where a cluster's own services lie, its name server among them.
fn system_namespace() -> LabelSelector {
    let name = ("kubernetes.io/metadata.name".to_owned(), "kube-system".to_owned());
    LabelSelector { match_labels: Some([name].into()), ..LabelSelector::default() }
}

/// The names of pods that a rule speaks of; `*` without peers.
fn peers(peers: Option<&Vec<NetworkPolicyPeer>>, pods: &[(&str, &Labels)]) -> Vec<String> {
    let Some(peers) = peers else { return vec!["*".to_owned()] };
    let mut names = Vec::new();
    for peer in peers {
        if let Some(namespace) = &peer.namespace_selector {
            assert_eq!(*namespace, system_namespace(), "no other namespace is spoken to");
            names.push("dns".to_owned());
            continue;
        }
        if let Some(block) = &peer.ip_block {
            assert_public(block);
            names.push("internet".to_owned());
            continue;
        }
        let hit: Vec<String> = pods
            .iter()
            .filter(|(_, labels)| takes(peer.pod_selector.as_ref(), labels))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert!(!hit.is_empty(), "a peer that nobody is: {peer:?}");
        names.extend(hit);
    }
    names
}

/// The nets that nobody may be let out to, of which each block of its family leaves out all.
const PRIVATE: [&str; 7] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
];

/// Of IPv6 only what is given out to the internet is named at all.
fn assert_public(block: &IPBlock) {
    let left_out = block.except.as_deref().unwrap_or_default();
    match block.cidr.as_str() {
        "0.0.0.0/0" => {
            for net in PRIVATE {
                assert!(left_out.iter().any(|left_out| left_out == net), "{net} is open: {block:?}");
            }
        }
        "2000::/3" => assert!(left_out.iter().any(|left_out| left_out == "2002::/16"), "6to4: {block:?}"),
        _ => panic!("a block of addresses that is not the internet: {block:?}"),
    }
}

/// What the rules of one direction open.
fn open(rendering: &Rendering, inbound: bool) -> BTreeSet<Flow> {
    let pods = pods(rendering);
    let mut flows = BTreeSet::new();
    for policy in policies(rendering) {
        let spec = policy.spec.as_ref().expect("it has a spec");
        let selector = spec.pod_selector.clone().unwrap_or_default();
        let everybody = selector == LabelSelector::default();
        let own: Vec<String> = if everybody {
            vec!["*".to_owned()]
        } else {
            pods.iter()
                .filter(|(_, labels)| takes(Some(&selector), labels))
                .map(|(name, _)| (*name).to_owned())
                .collect()
        };
        let rules: Vec<(Vec<String>, Vec<i32>)> = if inbound {
            let rules = spec.ingress.iter().flatten();
            rules.map(|rule| (peers(rule.from.as_ref(), &pods), ports(rule.ports.as_ref()))).collect()
        } else {
            let rules = spec.egress.iter().flatten();
            rules.map(|rule| (peers(rule.to.as_ref(), &pods), ports(rule.ports.as_ref()))).collect()
        };
        for (others, ports) in rules {
            for (own, other, port) in own
                .iter()
                .flat_map(|own| others.iter().map(move |other| (own, other)))
                .flat_map(|(own, other)| ports.iter().map(move |port| (own, other, *port)))
            {
                let (from, to) = if inbound { (other, own) } else { (own, other) };
                flows.insert((from.clone(), to.clone(), port));
            }
        }
    }
    flows
}

fn flows(wanted: impl Fn(&(&str, &str, i32)) -> bool) -> BTreeSet<Flow> {
    FLOWS
        .iter()
        .filter(|flow| wanted(flow))
        .map(|(from, to, port)| ((*from).to_owned(), (*to).to_owned(), *port))
        .collect()
}

/// What goes out, besides questions for names.
fn open_outwards(rendering: &Rendering) -> BTreeSet<Flow> {
    let all = open(rendering, false);
    assert!(all.contains(&("*".to_owned(), "dns".to_owned(), 53)), "everybody may ask for names");
    all.into_iter().filter(|(_, to, port)| to != "dns" || *port != 53).collect()
}

#[test]
fn exactly_the_flows_of_the_design_come_in() {
    // Where everybody is let in, nobody needs to be named.
    let is_open = |to: &str, port: i32| FLOWS.contains(&("*", to, port));
    let designed = flows(|(from, to, port)| *to != "internet" && (*from == "*" || !is_open(to, *port)));

    assert_eq!(open(named("network-policies"), true), designed);
    assert_eq!(open(named("production"), true), designed);
}

#[test]
fn exactly_the_flows_of_the_design_go_out() {
    let designed = flows(|(from, _, _)| *from != "*");

    assert_eq!(open_outwards(named("network-policies")), designed);
    let api_server = [443, 6443].map(|port| ("image-processor".to_owned(), "*".to_owned(), port));
    let with_api_server: BTreeSet<Flow> = designed.into_iter().chain(api_server).collect();
    assert_eq!(open_outwards(named("production")), with_api_server);
}

#[test]
fn whatever_is_not_named_is_closed_in_both_directions() {
    for rendering in [named("network-policies"), named("production")] {
        let denies = rendering.of_kind(pick!(NetworkPolicy)).into_iter().any(|policy| {
            let spec = policy.spec.as_ref().expect("it has a spec");
            let everybody = spec.pod_selector.clone().unwrap_or_default() == LabelSelector::default();
            let both = spec.policy_types.as_ref().is_some_and(|types| types.len() == 2);
            everybody && both && spec.ingress.is_none() && spec.egress.is_none()
        });
        assert!(denies, "{}", rendering.name);
    }
}

#[test]
fn with_one_nsqd_a_node_receivers_publish_to_their_own() {
    let rendering = named("nsqd-daemonset");
    let (nsqd, receiver) = (rendering.workload("nsqd"), rendering.workload("receiver"));
    assert_eq!(nsqd.kind, "DaemonSet");
    assert!(nsqd.pod().node_selector.is_some());
    assert_eq!(nsqd.pod().node_selector, receiver.pod().node_selector);

    let told = super::workload::environment(rendering, &receiver.pod().containers[0]);
    let (host, _) = told["NSQD_ADDR"].split_once(':').expect("host:port");
    let services = rendering.of_kind(pick!(Service));
    let local =
        services.into_iter().find(|one| one.metadata.name.as_deref() == Some(host)).expect("its name");
    let policy = local.spec.as_ref().and_then(|spec| spec.internal_traffic_policy.as_deref());
    assert_eq!(policy, Some("Local"));
}
