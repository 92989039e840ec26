# The ways into the project: set up, run, test, check, clean. Each real step is a script in setup/.
# A fresh Debian has no make: apt-get install make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test simulate bench chaos check fuzz images test-compose test-swarm test-k8s k8s-lint setup clean rust packages crates assets nsq kustomize moto axe engine cluster

# Holds everything that is made outside the build folder: assets, tools, the demo's data and logs.
override ROLLCALL_HOME := $(shell realpath --canonicalize-missing -- "$(or $(ROLLCALL_HOME),.rollcall)")
export ROLLCALL_HOME

# rustup tells only new shells where it put cargo.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin
build_folder := $(or $(CARGO_TARGET_DIR),target)

help: ## list these targets
	@echo 'Rollcall: who is in these pictures? Start with: make run'
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand --tabs=14

run: setup ## set up, build and start everything in the foreground; Ctrl-C stops it
	@cargo build --release --locked --workspace
	@exec "$(build_folder)/release/rollcall-run" --home "$$ROLLCALL_HOME"

# The end-to-end tests start the built binaries. With all targets, the binaries and the tests share one build.
test: setup kustomize moto axe ## set up, build and run every test
	@cargo build --locked --workspace --all-targets
	@ROLLCALL_BIN="$$ROLLCALL_HOME/bin" ROLLCALL_ASSETS="$$ROLLCALL_HOME/assets" cargo test --locked --workspace

# What `test` runs some thousands of. A seed that fails says how it is replayed.
simulate: rust packages crates ## run the simulation with SEEDS (100000) seeds: docs/SIMULATION.md
	@ROLLCALL_SEEDS="$(or $(SEEDS),100000)" cargo test --locked --workspace --test simulation -- no_seed

# Figures for docs/PERFORMANCE.md; they depend on the machine, so no test asks for them.
bench: setup ## set up, build and measure
	@cargo build --release --locked --workspace
	@ROLLCALL_BIN="$$ROLLCALL_HOME/bin" ROLLCALL_ASSETS="$$ROLLCALL_HOME/assets" "$(build_folder)/release/rollcall-bench"

# A selection with shorter outages is one of the tests.
chaos: setup ## set up, build, and break one part after the other under load: about 35 minutes
	@cargo build --release --locked --workspace
	@ROLLCALL_BIN="$$ROLLCALL_HOME/bin" ROLLCALL_ASSETS="$$ROLLCALL_HOME/assets" "$(build_folder)/release/rollcall-chaos"

# No advisories: their database comes from the network at every run, and a new entry there would fail an
# unchanged commit. `cargo deny check advisories` asks for them.
check: rust packages crates ## check format, lints, licences and sources of the crates
	@cargo fmt --all --check
	@cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
	@setup/install-cargo-deny
	@PATH="$$ROLLCALL_HOME/tools/bin:$$PATH" cargo deny --locked check bans licenses sources
	@for script in .ci/run setup/* docker/* k8s/*; do [[ ! -x $$script || -d $$script ]] || bash -n "$$script" || exit; done

# What it does next depends on chance and on the machine, so it is not part of `test`.
fuzz: rust packages ## send made-up files to the decoders, FUZZ_SECONDS (600) for each
	@setup/install-cargo-fuzz
	@setup/fuzz

images: engine ## build the container images
	@docker compose --file docker/compose.yaml build

# Each takes some minutes and needs an engine or a cluster, so they are outside of `test`.
container_test = cargo test --locked --workspace --features rollcall-tests/containers --test containers -- --nocapture

test-compose: engine setup images ## test docker/compose.yaml with these images in a real engine
	@docker/make-secrets
	@$(container_test) compose::

test-swarm: engine setup images ## test docker/stack.yaml with these images in a swarm of one node
	@docker/make-secrets
	@$(container_test) swarm::

# LOAD_IMAGES is what brings images into the cluster, for instance: make test-k8s LOAD_IMAGES='kind load docker-image'
test-k8s: engine cluster setup images ## test k8s/ with these images in the cluster that KUBECONFIG names; deletes the namespace rollcall there
	@[[ -z "$(LOAD_IMAGES)" ]] || $(LOAD_IMAGES) $$(docker compose --file docker/compose.yaml config --images | sort --unique)
	@k8s/make-secrets
	@$(container_test) kubernetes::

k8s-lint: ## render k8s/ and have kube-score look at it
	@k8s/lint

setup: rust packages crates assets nsq ## install and fetch what is missing; run and test do this first

clean: ## delete what was built and ROLLCALL_HOME (.rollcall), the data with it
	@setup/clean "$(build_folder)"

engine:
	@docker/check-engine

cluster:
	@k8s/check-cluster

rust:
	@setup/check-rust

packages:
	@setup/install-packages setup/packages.txt

crates:
	@setup/fetch-crates

assets:
	@setup/fetch-assets

nsq:
	@setup/build-nsq

# Only the tests render k8s/.
kustomize:
	@setup/install-go-program kustomize

# Only the tests have an object store.
moto:
	@setup/install-moto

# Only the tests ask whether the pages keep somebody out.
axe:
	@setup/install-axe
