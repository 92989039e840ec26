//! Everything runs as little as it can, which is what Pod Security `restricted` asks for and somewhat more.

use k8s_openapi::api::core::v1::{Container, Volume};

use super::{
    objects::pick,
    rendering::{ALL, named, systems},
    workload::Workload,
};

/// Below are the accounts of a host's own services.
const LOWEST_ID: i64 = 10_000;

fn for_each_container(check: impl Fn(&str, &Workload<'_>, &Container)) {
    for rendering in ALL.iter() {
        for workload in rendering.workloads() {
            for container in workload.containers() {
                let at = format!("{}: {} {}", rendering.name, workload.name, container.name);
                check(&at, &workload, container);
            }
        }
    }
}

#[test]
fn every_image_has_a_version_and_is_pulled_once() {
    for_each_container(|at, _, container| {
        let image = container.image.as_deref().unwrap_or_default();
        let tag = image.rsplit_once(':').map(|(_, tag)| tag);
        assert!(
            tag.is_some_and(
                |tag| tag != "latest" && tag.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
            ),
            "{at}: {image}"
        );
        assert_eq!(container.image_pull_policy.as_deref(), Some("IfNotPresent"), "{at}");
    });
}

#[test]
fn every_container_writes_nowhere_and_can_gain_no_rights() {
    for_each_container(|at, _, container| {
        let context = container.security_context.as_ref().unwrap_or_else(|| panic!("{at} has no context"));
        assert_eq!(context.read_only_root_filesystem, Some(true), "{at}");
        assert_eq!(context.allow_privilege_escalation, Some(false), "{at}");
        assert_ne!(context.privileged, Some(true), "{at}");
        let capabilities = context.capabilities.as_ref().unwrap_or_else(|| panic!("{at} keeps capabilities"));
        assert_eq!(capabilities.drop.as_deref(), Some(["ALL".to_owned()].as_slice()), "{at}");
        assert_eq!(capabilities.add, None, "{at}");
        let overridden = (context.run_as_user, context.run_as_group, context.run_as_non_root);
        assert_eq!(overridden, (None, None, None), "{at}: the pod says who it runs as");
    });
}

#[test]
fn every_pod_runs_as_nobody_that_the_host_knows() {
    for_each_container(|at, workload, _| {
        let context =
            workload.pod().security_context.as_ref().unwrap_or_else(|| panic!("{at} has no context"));
        assert_eq!(context.run_as_non_root, Some(true), "{at}");
        assert!(context.run_as_user.is_some_and(|user| user >= LOWEST_ID), "{at}");
        assert!(context.run_as_group.is_some_and(|group| group >= LOWEST_ID), "{at}");
        let seccomp = context.seccomp_profile.as_ref().map(|profile| profile.type_.as_str());
        assert_eq!(seccomp, Some("RuntimeDefault"), "{at}");
    });
}

#[test]
fn no_pod_reaches_into_its_host() {
    for_each_container(|at, workload, container| {
        let pod = workload.pod();
        for shared in [pod.host_network, pod.host_pid, pod.host_ipc] {
            assert_ne!(shared, Some(true), "{at}");
        }
        assert!(container.ports.iter().flatten().all(|port| port.host_port.is_none()), "{at}");
        for volume in workload.volumes() {
            assert!(is_restricted(volume), "{at}: the volume {}", volume.name);
        }
    });
}

/// The kinds of volumes that Pod Security `restricted` lets through and that we use.
fn is_restricted(volume: &Volume) -> bool {
    volume.config_map.is_some()
        || volume.empty_dir.is_some()
        || volume.persistent_volume_claim.is_some()
        || volume.projected.is_some()
        || volume.secret.is_some()
}

#[test]
fn every_container_has_requests_and_limits() {
    for_each_container(|at, _, container| {
        let resources = container.resources.as_ref().unwrap_or_else(|| panic!("{at} has no resources"));
        for (what, given) in [("requests", &resources.requests), ("limits", &resources.limits)] {
            let given = given.as_ref().unwrap_or_else(|| panic!("{at} has no {what}"));
            for resource in ["cpu", "memory", "ephemeral-storage"] {
                assert!(given.contains_key(resource), "{at}: {what} of {resource}");
            }
        }
    });
}

#[test]
fn the_namespace_enforces_the_restricted_standard() {
    for rendering in systems() {
        let namespaces = rendering.of_kind(pick!(Namespace));
        let [namespace] = namespaces.as_slice() else { panic!("{} has one namespace", rendering.name) };
        let labels = namespace.metadata.labels.as_ref().expect("it has labels");
        for mode in ["enforce", "audit", "warn"] {
            let label = format!("pod-security.kubernetes.io/{mode}");
            assert_eq!(labels.get(&label).map(String::as_str), Some("restricted"), "{}", rendering.name);
            let version =
                labels.get(&format!("{label}-version")).expect("the version of the standard is pinned");
            assert!(version.starts_with("v1."), "{version}");
        }
    }
}

#[test]
fn every_workload_has_an_account_of_its_own_without_a_token() {
    for rendering in ALL.iter() {
        let accounts = rendering.of_kind(pick!(ServiceAccount));
        for workload in rendering.workloads() {
            let at = format!("{}: {}", rendering.name, workload.name);
            assert_eq!(workload.pod().service_account_name.as_deref(), Some(workload.name), "{at}");
            let account = accounts.iter().find(|one| one.metadata.name.as_deref() == Some(workload.name));
            let account = account.unwrap_or_else(|| panic!("{at} has no ServiceAccount"));
            assert_eq!(account.automount_service_account_token, Some(false), "{at}");
            let watches = workload.name == "image-processor" && has_role(rendering);
            assert_eq!(workload.pod().automount_service_account_token, Some(watches), "{at}");
        }
    }
}

fn has_role(rendering: &super::rendering::Rendering) -> bool {
    !rendering.of_kind(pick!(Role)).is_empty()
}

#[test]
fn the_only_right_is_to_watch_endpoint_slices() {
    for rendering in ALL.iter() {
        for role in rendering.of_kind(pick!(Role)) {
            let [rule] = role.rules.as_deref().unwrap_or_default() else { panic!("one rule: {role:?}") };
            assert_eq!(rule.api_groups.as_deref(), Some(["discovery.k8s.io".to_owned()].as_slice()));
            assert_eq!(rule.resources.as_deref(), Some(["endpointslices".to_owned()].as_slice()));
            assert_eq!(rule.verbs, ["list", "watch"]);
        }
    }
    assert!(has_role(named("endpoint-slices")) && has_role(named("production")) && !has_role(named("local")));
}
