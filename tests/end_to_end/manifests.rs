//! What is under `k8s/`, as kustomize renders it, in the types of Kubernetes' API: it fits the services, fits together, and
//! runs them as tightly as they allow.

mod availability;
mod configuration;
mod jobs;
mod network;
mod objects;
mod probes;
mod recognisers;
mod references;
mod rendering;
mod security;
mod workload;
