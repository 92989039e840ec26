//! One object of a manifest, in its type. A field that the type does not know is an error: the API server would drop it
//! without a word.

use anyhow::{Context, ensure};
use k8s_openapi::{
    api::{
        apps::v1::{DaemonSet, Deployment, StatefulSet},
        batch::v1::{CronJob, Job},
        core::v1::{ConfigMap, Namespace, PersistentVolumeClaim, Pod, Secret, Service, ServiceAccount},
        networking::v1::NetworkPolicy,
        policy::v1::PodDisruptionBudget,
        rbac::v1::{Role, RoleBinding},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

macro_rules! objects {
    ($($kind:ident in $version:literal),+ $(,)?) => {
        #[derive(Debug)]
        pub(super) enum Object { $($kind(Box<$kind>)),+ }

        impl Object {
            pub(super) fn parse(document: Value) -> anyhow::Result<Self> {
                let of = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
                match (of("apiVersion").as_str(), of("kind").as_str()) {
                    $(($version, stringify!($kind)) => Ok(Self::$kind(Box::new(typed(&document)?))),)+
                    (version, kind) => anyhow::bail!("{kind} of {version} is not expected in Rollcall's manifests"),
                }
            }

            pub(super) fn metadata(&self) -> &ObjectMeta {
                match self { $(Self::$kind(object) => &object.metadata),+ }
            }

            pub(super) fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => stringify!($kind)),+ }
            }
        }
    };
}

objects! {
    ConfigMap in "v1",
    CronJob in "batch/v1",
    DaemonSet in "apps/v1",
    Deployment in "apps/v1",
    Job in "batch/v1",
    Namespace in "v1",
    NetworkPolicy in "networking.k8s.io/v1",
    PersistentVolumeClaim in "v1",
    Pod in "v1",
    PodDisruptionBudget in "policy/v1",
    Role in "rbac.authorization.k8s.io/v1",
    RoleBinding in "rbac.authorization.k8s.io/v1",
    Secret in "v1",
    Service in "v1",
    ServiceAccount in "v1",
    StatefulSet in "apps/v1",
}

/// Picks the objects of one kind: `pick!(Service)` is a function for `Rendering::of_kind`.
macro_rules! pick {
    ($kind:ident) => {
        |object| match object {
            $crate::manifests::objects::Object::$kind(object) => Some(object.as_ref()),
            _ => None,
        }
    };
}
pub(super) use pick;

impl Object {
    pub(super) fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }
}

fn typed<T: DeserializeOwned + Serialize>(document: &Value) -> anyhow::Result<T> {
    let name = format!("{} {}", document["kind"], document["metadata"]["name"]);
    let object: T = serde_json::from_value(document.clone()).with_context(|| name.clone())?;
    let known = serde_json::to_value(&object)?;
    ensure_known(document, &known, &name)?;
    Ok(object)
}

fn ensure_known(written: &Value, known: &Value, at: &str) -> anyhow::Result<()> {
    match (written, known) {
        (Value::Object(written), Value::Object(known)) => written.iter().try_for_each(|(key, value)| {
            let at = format!("{at}.{key}");
            let known = known.get(key).with_context(|| format!("the API does not know {at}"))?;
            ensure_known(value, known, &at)
        }),
        (Value::Array(written), Value::Array(known)) => {
            written.iter().zip(known).enumerate().try_for_each(|(at_index, (written, known))| {
                ensure_known(written, known, &format!("{at}[{at_index}]"))
            })
        }
        (written, known) => {
            ensure!(written == known, "{at} is {written}, which the API takes for {known}");
            Ok(())
        }
    }
}

#[test]
fn a_field_that_the_api_does_not_know_is_found() {
    let misspelt = serde_json::json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a" }, "spec": { "selectors": { "app": "a" } },
    });

    let error = Object::parse(misspelt).expect_err("it is misspelt").to_string();

    assert!(error.contains("spec.selectors"), "{error}");
}
