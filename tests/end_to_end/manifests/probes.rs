//! What Kubernetes asks the pods, and how long it lets them end.

use k8s_openapi::{
    api::core::v1::{Container, Probe},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{
    objects::pick,
    rendering::{ALL, Rendering},
    workload::{Workload, environment, program, selects},
};

/// Seconds that our services give themselves to stop.
const STOP_BUDGET: i64 = 20;

fn for_each_lasting(check: impl Fn(&str, &Rendering, &Workload<'_>, &Container)) {
    for rendering in ALL.iter() {
        for workload in rendering.workloads() {
            for container in workload.lasting_containers() {
                let at = format!("{}: {} {}", rendering.name, workload.name, container.name);
                check(&at, rendering, &workload, container);
            }
        }
    }
}

/// The named probes of a container that are there.
fn probes(container: &Container) -> Vec<(&'static str, &Probe)> {
    let all = [
        ("startup", &container.startup_probe),
        ("readiness", &container.readiness_probe),
        ("liveness", &container.liveness_probe),
    ];
    all.into_iter().filter_map(|(name, probe)| Some((name, probe.as_ref()?))).collect()
}

fn path(probe: &Probe) -> Option<&str> {
    probe.http_get.as_ref()?.path.as_deref()
}

#[test]
fn what_serves_is_asked_whether_it_started_is_ready_and_lives_and_these_differ() {
    for_each_lasting(|at, _, workload, container| {
        let names: Vec<&str> = probes(container).iter().map(|(name, _)| *name).collect();
        if workload.serves() {
            assert_eq!(names, ["startup", "readiness", "liveness"], "{at}");
            assert_ne!(container.readiness_probe, container.liveness_probe, "{at}");
        } else {
            assert!(names.contains(&"startup"), "{at}: what is beside it waits until it is there");
        }
    });
}

#[test]
fn our_services_are_asked_at_the_routes_that_they_have() {
    for_each_lasting(|at, _, workload, container| {
        if program(container).is_none() {
            return;
        }
        for (name, probe) in probes(container) {
            let path = path(probe).unwrap_or_else(|| panic!("{at}: {name} asks no route"));
            let meant: &[&str] = match name {
                "readiness" => &["/readyz"],
                // A restart heals nothing that is away.
                "liveness" => &["/livez"],
                _ => &["/livez", "/readyz"],
            };
            assert!(meant.contains(&path), "{at}: {name} asks {path}");
        }
        assert!(
            workload.serves()
                || path(container.startup_probe.as_ref().expect("checked above")) == Some("/readyz")
        );
    });
}

#[test]
fn every_port_that_is_asked_is_open() {
    for_each_lasting(|at, _, _, container| {
        let ports: Vec<&k8s_openapi::api::core::v1::ContainerPort> =
            container.ports.iter().flatten().collect();
        for (name, probe) in probes(container) {
            let asked = [
                probe.http_get.as_ref().map(|get| &get.port),
                probe.tcp_socket.as_ref().map(|socket| &socket.port),
            ];
            for port in asked.into_iter().flatten() {
                let open = ports.iter().any(|open| match port {
                    IntOrString::String(name) => open.name.as_ref() == Some(name),
                    IntOrString::Int(number) => open.container_port == *number,
                });
                assert!(open, "{at}: {name} asks port {port:?}");
            }
        }
    });
}

#[test]
fn the_ports_of_our_services_are_those_that_they_listen_on() {
    for_each_lasting(|at, rendering, _, container| {
        if program(container).is_none() {
            return;
        }
        let told = environment(rendering, container);
        let listens: Vec<String> = told
            .iter()
            .filter(|(variable, value)| variable.ends_with("_ADDR") && value.starts_with("0.0.0.0:"))
            .map(|(_, value)| value.trim_start_matches("0.0.0.0:").to_owned())
            .collect();
        let mut open: Vec<String> =
            container.ports.iter().flatten().map(|port| port.container_port.to_string()).collect();
        open.sort_by_key(|port| listens.iter().position(|one| one == port));
        assert_eq!(open, listens, "{at}");
    });
}

#[test]
fn a_pod_has_more_time_to_end_than_its_service_takes() {
    for_each_lasting(|at, rendering, workload, container| {
        let grace = workload.pod().termination_grace_period_seconds.unwrap_or(30);
        let before = container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.pre_stop.as_ref());
        let sleep = before.and_then(|before| before.sleep.as_ref()).map_or(0, |sleep| sleep.seconds);
        if program(container).is_some() {
            assert!(grace > sleep + STOP_BUDGET, "{at}: {grace} s");
            let called = rendering.of_kind(pick!(Service)).into_iter().any(|service| {
                let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
                selector.is_some_and(|selector| selects(selector, workload.labels()))
            });
            assert!(!called || sleep > 0, "{at}: its address is known for a while after it is to end");
        }
    });
}
