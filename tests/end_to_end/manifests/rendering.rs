//! The manifests as they are applied: each overlay, the drain job, and the small overlay with each component.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use anyhow::Context;
use rollcall_tests::{folder, installed::Installed};
use serde_json::Value;

use super::{objects::Object, workload::Workload};

/// What is applied beside a system.
const BESIDE: [&str; 2] = ["drain", "photos"];

/// Everything that one `kubectl apply -k` applies.
pub(super) struct Rendering {
    pub(super) name: String,
    pub(super) objects: Vec<Object>,
}

/// Everything that people apply.
pub(super) static ALL: LazyLock<Vec<Rendering>> = LazyLock::new(|| render_all().expect("k8s/ renders"));

/// Those that make a whole system.
pub(super) fn systems() -> impl Iterator<Item = &'static Rendering> {
    ALL.iter().filter(|rendering| !is_beside(rendering))
}

/// Applied beside a system, whose claims it mounts.
pub(super) fn is_beside(rendering: &Rendering) -> bool {
    BESIDE.contains(&rendering.name.as_str())
}

pub(super) fn named(name: &str) -> &'static Rendering {
    ALL.iter().find(|rendering| rendering.name == name).expect("it is among the rendered ones")
}

impl Rendering {
    pub(super) fn workloads(&self) -> Vec<Workload<'_>> {
        self.objects.iter().filter_map(Workload::of).collect()
    }

    pub(super) fn workload(&self, name: &str) -> Workload<'_> {
        self.workloads().into_iter().find(|workload| workload.name == name).expect("it has this workload")
    }

    /// The objects of one kind, picked by `pick`.
    pub(super) fn of_kind<'a, T>(&'a self, pick: impl Fn(&'a Object) -> Option<&'a T>) -> Vec<&'a T> {
        self.objects.iter().filter_map(pick).collect()
    }
}

fn render_all() -> anyhow::Result<Vec<Rendering>> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let scratch = tempfile::tempdir()?;
    // The secrets are the scratch folder's own: a checkout has none before somebody deploys it.
    folder::copy(&checkout.join("k8s"), &scratch.path().join("k8s"))?;
    folder::copy(&checkout.join("setup"), &scratch.path().join("setup"))?;
    let k8s = scratch.path().join("k8s");
    run(Command::new(k8s.join("make-secrets")))?;

    let mut folders = vec![
        ("local".to_owned(), k8s.join("overlays/local")),
        ("production".to_owned(), k8s.join("overlays/production")),
    ];
    folders.extend(BESIDE.map(|name| (name.to_owned(), k8s.join(name))));
    for component in components(&k8s)? {
        let folder = local_with(&k8s, &component)?;
        folders.push((component, folder));
    }
    let kustomize = Installed::find()?.go_program("kustomize")?;
    folders.into_iter().map(|(name, folder)| render(&kustomize, name, &folder)).collect()
}

/// What goes on top of an overlay.
fn components(k8s: &Path) -> anyhow::Result<Vec<String>> {
    let folders = fs::read_dir(k8s.join("components"))?;
    folders.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// An overlay of the small one with this component.
fn local_with(k8s: &Path, component: &str) -> anyhow::Result<PathBuf> {
    let folder = k8s.join("overlays").join(component);
    fs::create_dir(&folder)?;
    let kustomization = format!("resources: [../local]\ncomponents: [../../components/{component}]\n");
    fs::write(folder.join("kustomization.yaml"), kustomization)?;
    Ok(folder)
}

fn render(kustomize: &Path, name: String, folder: &Path) -> anyhow::Result<Rendering> {
    let mut command = Command::new(kustomize);
    command.arg("build").arg(folder);
    let text = run(command).with_context(|| format!("rendering {name}"))?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text)?;
    let objects = documents.into_iter().map(Object::parse).collect::<anyhow::Result<_>>()?;
    Ok(Rendering { name, objects })
}

fn run(mut command: Command) -> anyhow::Result<String> {
    let output = command.output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{command:?}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
