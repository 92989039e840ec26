//! A rolling update, a drained node or a full zone takes no service away.

use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{PodAffinityTerm, PodSpec, TopologySpreadConstraint},
    },
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{
    objects::pick,
    rendering::{Rendering, named, systems},
    workload::selects,
};

/// Of this there is one: workers keep the nsqds that they know, and nsqds register again by themselves.
const SINGLE: &str = "nsqlookupd";

/// Well-known labels of nodes (Kubernetes documentation).
const ZONE: &str = "topology.kubernetes.io/zone";
const NODE: &str = "kubernetes.io/hostname";

fn is_single(deployment: &Deployment) -> bool {
    deployment.metadata.name.as_deref() == Some(SINGLE)
}

#[test]
fn an_update_starts_the_new_pod_before_it_stops_the_old_one() {
    for rendering in systems() {
        for deployment in rendering.of_kind(pick!(Deployment)).into_iter().filter(|one| !is_single(one)) {
            let at = format!("{}: {:?}", rendering.name, deployment.metadata.name);
            let spec = deployment.spec.as_ref().expect("it has a spec");
            let strategy = spec.strategy.as_ref().unwrap_or_else(|| panic!("{at} has no strategy"));
            assert_eq!(strategy.type_.as_deref(), Some("RollingUpdate"), "{at}");
            let rolling = strategy.rolling_update.as_ref().unwrap_or_else(|| panic!("{at}"));
            assert_eq!(rolling.max_unavailable, Some(IntOrString::Int(0)), "{at}");
            assert!(spec.min_ready_seconds.is_some_and(|seconds| seconds > 0), "{at}");
            assert!(
                spec.revision_history_limit.is_some_and(|revisions| revisions >= 2),
                "{at}: nothing to go back to"
            );
        }
    }
}

#[test]
fn pods_of_one_service_spread_over_nodes_and_zones() {
    for rendering in systems() {
        for workload in
            rendering.workloads().iter().filter(|one| one.kind == "Deployment" && one.name != SINGLE)
        {
            let at = format!("{}: {}", rendering.name, workload.name);
            let (zones, nodes) = (spread(workload.pod()), kept_apart(workload.pod()));
            assert!(zones.iter().any(|one| one.topology_key == ZONE), "{at} is not spread over zones");
            assert!(nodes.iter().any(|term| term.topology_key == NODE), "{at} is not spread over nodes");
            let of_zones = zones.iter().map(|one| &one.label_selector);
            let selectors = of_zones.chain(nodes.iter().map(|term| &term.label_selector));
            for selector in selectors {
                let labels = selector.as_ref().and_then(|one| one.match_labels.as_ref());
                assert!(
                    labels.is_some_and(|labels| selects(labels, workload.labels())),
                    "{at} counts other pods"
                );
            }
        }
    }
}

fn spread(pod: &PodSpec) -> Vec<&TopologySpreadConstraint> {
    pod.topology_spread_constraints.iter().flatten().collect()
}

/// Whose node a pod avoids. Preferred: one node must do for all of them.
fn kept_apart(pod: &PodSpec) -> Vec<&PodAffinityTerm> {
    let apart = pod.affinity.iter().filter_map(|affinity| affinity.pod_anti_affinity.as_ref());
    let preferred = apart.filter_map(|one| one.preferred_during_scheduling_ignored_during_execution.as_ref());
    preferred.flatten().map(|one| &one.pod_affinity_term).collect()
}

/// The names of workloads that budgets hold, each checked on the way.
fn budgeted(rendering: &Rendering) -> Vec<String> {
    let budgets = rendering.of_kind(pick!(PodDisruptionBudget));
    let mut names = Vec::new();
    for budget in budgets {
        let spec = budget.spec.as_ref().expect("it has a spec");
        assert!(spec.unhealthy_pod_eviction_policy.is_some(), "{:?}", budget.metadata.name);
        assert_eq!(spec.max_unavailable, Some(IntOrString::Int(1)), "a node can always be emptied");
        let selector = spec.selector.as_ref().and_then(|one| one.match_labels.as_ref()).expect("it selects");
        let hit = rendering.workloads().into_iter().filter(|one| selects(selector, one.labels()));
        names.extend(hit.map(|one| one.name.to_owned()));
    }
    names.sort();
    names
}

#[test]
fn in_production_every_service_of_ours_has_two_pods_or_more_and_a_budget() {
    let production = named("production");
    let mut replicated = Vec::new();
    for deployment in production.of_kind(pick!(Deployment)).into_iter().filter(|one| !is_single(one)) {
        let name = deployment.metadata.name.clone().unwrap_or_default();
        let replicas = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
        assert!(replicas >= 2, "{name}");
        replicated.push(name);
    }
    replicated.sort();

    assert_eq!(budgeted(production), replicated);
    assert_eq!(budgeted(named("pod-disruption-budgets")), replicated);
}

#[test]
fn what_all_recognisers_have_can_be_mounted_by_many_nodes_in_production() {
    for claim in named("production").of_kind(pick!(PersistentVolumeClaim)) {
        let name = claim.metadata.name.as_deref().unwrap_or_default();
        let modes = claim.spec.as_ref().and_then(|spec| spec.access_modes.clone()).unwrap_or_default();
        let shared = ["pictures", "known-people", "face-recognition-state"].contains(&name);
        assert_eq!(modes == ["ReadWriteMany"], shared, "{name}: {modes:?}");
    }
}
