# The services that are pure Rust, and `migrate`: one image for each, chosen by SERVICE.
#
#   docker build --file docker/services.Dockerfile --build-arg SERVICE=receiver --tag rollcall/receiver:0.1.0 .
#
# All of them are built in one stage, so the second image costs next to nothing.

FROM rust:1.95-bookworm AS manifests
WORKDIR /source
COPY . .
RUN docker/keep-manifests

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends protobuf-compiler && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /source
ENV PACKAGES="--package receiver --package image-processor --package frontend --package migrations"
COPY --from=manifests /source .
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release --locked $PACKAGES
COPY . .
# Newer than the empty crates that were built in their place.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    find . -name '*.rs' -not -path './target/*' -exec touch {} + && cargo build --release --locked $PACKAGES

FROM debian:bookworm-slim
# The certificate authorities, for a database behind TLS, and for pictures that are fetched.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
ARG SERVICE
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="rollcall/$SERVICE" \
      org.opencontainers.image.description="Rollcall: who is in these pictures?" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"
# The thumbnails of the pages; a new volume there belongs to the service.
RUN install --directory --owner=10001 --group=10001 /cache
COPY --from=build /source/target/release/$SERVICE /usr/local/bin/service
# A new volume takes its owner from the folder that it is mounted over.
RUN install --directory --owner=10001 --group=10001 /images
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/service"]
