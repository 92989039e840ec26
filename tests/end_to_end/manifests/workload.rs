//! Whatever makes pods: a deployment, a set of them, a job, what starts jobs, or one by itself.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{ConfigMap, Container, PodSpec, PodTemplateSpec, Volume},
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta},
};

use super::{
    objects::{Object, pick},
    rendering::Rendering,
};

/// Our images are `rollcall/NAME:VERSION`.
const OURS: &str = "rollcall/";
/// A program of ours that fills two volumes and reads no configuration.
const SAMPLES: &str = "samples";

pub(super) type Labels = BTreeMap<String, String>;

pub(super) struct Workload<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    labels: &'a Labels,
    pod: &'a PodSpec,
    /// None for what runs once.
    pub(super) selector: Option<&'a Labels>,
}

impl<'a> Workload<'a> {
    pub(super) fn of(object: &'a Object) -> Option<Self> {
        let (template, selector): (&PodTemplateSpec, Option<&LabelSelector>) = match object {
            Object::Deployment(one) => {
                one.spec.as_ref().map(|spec| (&spec.template, Some(&spec.selector)))?
            }
            Object::StatefulSet(one) => {
                one.spec.as_ref().map(|spec| (&spec.template, Some(&spec.selector)))?
            }
            Object::DaemonSet(one) => one.spec.as_ref().map(|spec| (&spec.template, Some(&spec.selector)))?,
            Object::Job(one) => (&one.spec.as_ref()?.template, None),
            Object::CronJob(one) => (&one.spec.as_ref()?.job_template.spec.as_ref()?.template, None),
            Object::Pod(one) => return Some(Self::new(object, &one.metadata, one.spec.as_ref()?, None)),
            _ => return None,
        };
        Some(Self::new(object, template.metadata.as_ref()?, template.spec.as_ref()?, selector))
    }

    fn new(
        object: &'a Object,
        metadata: &'a ObjectMeta,
        pod: &'a PodSpec,
        selector: Option<&'a LabelSelector>,
    ) -> Self {
        let labels = metadata.labels.as_ref().expect("pods have labels");
        let selector = selector.and_then(|selector| selector.match_labels.as_ref());
        Self { kind: object.kind(), name: object.name(), labels, pod, selector }
    }

    /// It runs until it is stopped.
    pub(super) fn serves(&self) -> bool {
        self.selector.is_some()
    }

    pub(super) fn pod(&self) -> &'a PodSpec {
        self.pod
    }

    pub(super) fn labels(&self) -> &'a Labels {
        self.labels
    }

    /// Those that start first, and the others.
    pub(super) fn containers(&self) -> impl Iterator<Item = &'a Container> + use<'a> {
        self.pod().init_containers.iter().flatten().chain(&self.pod().containers)
    }

    /// Containers that run beside each other until the pod ends: also an init container that is restarted always.
    pub(super) fn lasting_containers(&self) -> impl Iterator<Item = &'a Container> + use<'a> {
        let sidecars = self.pod().init_containers.iter().flatten().filter(|one| is_sidecar(one));
        let serving = if self.serves() { self.pod().containers.as_slice() } else { &[] };
        sidecars.chain(serving)
    }

    pub(super) fn volumes(&self) -> &'a [Volume] {
        self.pod().volumes.as_deref().unwrap_or_default()
    }
}

pub(super) fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// The program of ours that the container runs and configures by its environment.
pub(super) fn program(container: &Container) -> Option<&str> {
    let image = container.image.as_deref()?.strip_prefix(OURS)?;
    image.split(':').next().filter(|name| *name != SAMPLES)
}

/// Every variable that the container is given with a value in the manifests.
pub(super) fn environment(rendering: &Rendering, container: &Container) -> BTreeMap<String, String> {
    let config_maps = rendering.of_kind(pick!(ConfigMap));
    let named = |name: &str| -> &ConfigMap {
        let found = config_maps.iter().find(|map| map.metadata.name.as_deref() == Some(name));
        found.unwrap_or_else(|| panic!("{}: there is no ConfigMap {name}", rendering.name))
    };
    let maps = container.env_from.iter().flatten().filter_map(|from| from.config_map_ref.as_ref());
    let from_maps = maps.flat_map(|map| named(&map.name).data.clone().unwrap_or_default());
    let own = container.env.iter().flatten();
    from_maps.chain(own.map(|one| (one.name.clone(), one.value.clone().unwrap_or_default()))).collect()
}

/// Whether pods with these labels are selected.
pub(super) fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}
