//! What one object says of another is true.

use std::collections::BTreeSet;

use k8s_openapi::{
    api::core::v1::{Secret, Volume},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{
    objects::{Object, pick},
    rendering::{ALL, Rendering, is_beside, named, systems},
    workload::selects,
};

/// Labels that everything carries (Kubernetes documentation, recommended labels).
const LABELS: [&str; 3] =
    ["app.kubernetes.io/name", "app.kubernetes.io/component", "app.kubernetes.io/part-of"];

/// What mounts more than its own objects mounts those of the system beside it.
fn there(rendering: &Rendering, kind: &str) -> BTreeSet<String> {
    let beside = is_beside(rendering).then(|| named("local"));
    let objects = [Some(rendering), beside].into_iter().flatten().flat_map(|rendering| &rendering.objects);
    objects.filter(|object| object.kind() == kind).map(|object| object.name().to_owned()).collect()
}

/// The names of what a volume holds: kind and name.
fn held(volume: &Volume) -> Vec<(&'static str, String)> {
    let mut held = Vec::new();
    held.extend(volume.config_map.iter().map(|map| ("ConfigMap", map.name.clone())));
    held.extend(
        volume.secret.iter().map(|secret| ("Secret", secret.secret_name.clone().unwrap_or_default())),
    );
    held.extend(
        volume.persistent_volume_claim.iter().map(|one| ("PersistentVolumeClaim", one.claim_name.clone())),
    );
    for source in volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten()) {
        held.extend(source.config_map.iter().map(|map| ("ConfigMap", map.name.clone())));
        held.extend(source.secret.iter().map(|secret| ("Secret", secret.name.clone())));
    }
    held
}

fn used(rendering: &Rendering) -> BTreeSet<(&'static str, String)> {
    let mut used = BTreeSet::new();
    for workload in rendering.workloads() {
        used.extend(workload.volumes().iter().flat_map(held));
        for from in workload.containers().flat_map(|container| container.env_from.iter().flatten()) {
            used.extend(from.config_map_ref.iter().map(|map| ("ConfigMap", map.name.clone())));
        }
    }
    used
}

#[test]
fn everything_that_a_pod_mounts_or_reads_is_there() {
    for rendering in ALL.iter() {
        for (kind, name) in used(rendering) {
            assert!(there(rendering, kind).contains(&name), "{}: there is no {kind} {name}", rendering.name);
        }
    }
}

#[test]
fn everything_that_is_made_for_pods_is_used() {
    for rendering in ALL.iter() {
        let used = used(rendering);
        for object in &rendering.objects {
            let (kind, name) = (object.kind(), object.name().to_owned());
            if ["ConfigMap", "Secret", "PersistentVolumeClaim"].contains(&kind) {
                let is_used = used.contains(&(kind, name.clone()));
                assert!(is_used, "{}: nobody uses {kind} {name}", rendering.name);
            }
        }
    }
}

#[test]
fn every_mount_has_its_volume_and_every_volume_its_mount() {
    for rendering in ALL.iter() {
        for workload in rendering.workloads() {
            let volumes: BTreeSet<&str> =
                workload.volumes().iter().map(|volume| volume.name.as_str()).collect();
            let mounts: BTreeSet<&str> = workload
                .containers()
                .flat_map(|container| container.volume_mounts.iter().flatten())
                .map(|mount| mount.name.as_str())
                .collect();
            assert_eq!(volumes, mounts, "{}: {}", rendering.name, workload.name);
        }
    }
}

#[test]
fn every_service_leads_to_the_open_ports_of_one_workload() {
    for rendering in ALL.iter() {
        for service in rendering.of_kind(pick!(Service)) {
            let name = service.metadata.name.as_deref().unwrap_or_default();
            let spec = service.spec.as_ref().expect("a service has a spec");
            let selector = spec.selector.as_ref().expect("our services select pods");
            let hit: Vec<_> =
                rendering.workloads().into_iter().filter(|one| selects(selector, one.labels())).collect();
            let [workload] = hit.as_slice() else {
                panic!("{}: {name} hits {} workloads", rendering.name, hit.len())
            };
            let open: BTreeSet<&str> = workload
                .containers()
                .flat_map(|container| container.ports.iter().flatten())
                .filter_map(|port| port.name.as_deref())
                .collect();
            for port in spec.ports.iter().flatten() {
                let Some(IntOrString::String(target)) = &port.target_port else {
                    panic!("{name}: a named port")
                };
                assert!(open.contains(target.as_str()), "{}: {name} leads to {target}", rendering.name);
            }
            assert_ne!(spec.type_.as_deref(), Some("NodePort"), "{name}");
        }
    }
}

#[test]
fn a_workload_selects_its_own_pods_and_no_others() {
    for rendering in systems() {
        let beside = named("drain").workloads();
        let workloads = rendering.workloads();
        for workload in workloads.iter().filter(|one| one.serves()) {
            let selector = workload.selector.expect("it serves");
            let hit: Vec<&str> = workloads
                .iter()
                .chain(&beside)
                .filter(|one| selects(selector, one.labels()))
                .map(|one| one.name)
                .collect();
            assert_eq!(hit, [workload.name], "{}", rendering.name);
            assert!(!selector.contains_key("app.kubernetes.io/version"), "a selector never changes");
        }
    }
}

#[test]
fn everything_is_labelled_and_in_our_namespace() {
    for rendering in ALL.iter() {
        for object in rendering.objects.iter().filter(|object| !matches!(object, Object::Namespace(_))) {
            let at = format!("{}: {} {}", rendering.name, object.kind(), object.name());
            assert_eq!(object.metadata().namespace.as_deref(), Some("rollcall"), "{at}");
            let labels = object.metadata().labels.as_ref().unwrap_or_else(|| panic!("{at} has no labels"));
            assert_eq!(labels.get(LABELS[2]).map(String::as_str), Some("rollcall"), "{at}");
        }
        for workload in rendering.workloads() {
            for label in LABELS {
                assert!(
                    workload.labels().contains_key(label),
                    "{}: {} has no {label}",
                    rendering.name,
                    workload.name
                );
            }
            assert_eq!(workload.labels()[LABELS[0]], workload.name, "{}", rendering.name);
        }
    }
}

#[test]
fn what_is_read_by_pods_is_named_by_its_content() {
    for rendering in ALL.iter() {
        for object in &rendering.objects {
            if matches!(object, Object::ConfigMap(_) | Object::Secret(_)) {
                let suffix = object.name().rsplit('-').next().unwrap_or_default();
                let hash = suffix.len() == 10 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
                assert!(hash, "{}: {} {} has no hash", rendering.name, object.kind(), object.name());
            }
        }
    }
}

#[test]
fn what_the_drain_deletes_when_it_goes_is_its_own() {
    for object in &named("drain").objects {
        let name = object.name();
        assert!(
            name.starts_with("drain"),
            "{} {name}: kubectl delete -k k8s/drain would take it away",
            object.kind()
        );
    }
}

#[test]
fn the_drain_has_the_password_of_the_worker() {
    let password = |rendering: &'static Rendering, prefix: &str| {
        let secrets = rendering.of_kind(pick!(Secret));
        let name = |secret: &Secret| secret.metadata.name.clone().unwrap_or_default();
        secrets
            .into_iter()
            .find(|secret| name(secret).starts_with(prefix))
            .and_then(|secret| secret.data.clone())
    };

    let drains = password(named("drain"), "drain-image-processor-database");

    assert!(drains.is_some());
    assert_eq!(drains, password(named("local"), "image-processor-database"));
}
