# The recogniser, with OpenCV, ONNX Runtime and the model pack inside; and, as target `samples`, a program that puts known
# people and pictures to try into two volumes.
#
#   docker build --file docker/face-recognition.Dockerfile --tag rollcall/face-recognition:0.1.0 .

FROM rust:1.95-bookworm AS manifests
WORKDIR /source
COPY . .
RUN docker/keep-manifests

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends \
    clang libclang-dev libopencv-imgproc-dev protobuf-compiler && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /source
ENV PACKAGES="--package face-recognition --package rollcall-tests"
COPY --from=manifests /source .
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release --locked $PACKAGES
COPY . .
# Newer than the empty crates that were built in their place.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    find . -name '*.rs' -not -path './target/*' -exec touch {} + && cargo build --release --locked $PACKAGES

# Weights, photos and ONNX Runtime's library, each by its pinned checksum.
FROM debian:bookworm-slim AS assets
RUN apt-get update && apt-get install --yes --no-install-recommends python3-pip && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY setup /setup
RUN ROLLCALL_HOME=/rollcall /setup/fetch-assets && rm -r /rollcall/downloads

FROM debian:bookworm-slim AS samples
# A new volume takes its owner from the folder that it is mounted over.
RUN install --directory --owner=10001 --group=10001 /images /known_people
COPY --from=build /source/target/release/rollcall-samples /usr/local/bin/service
COPY --from=assets /rollcall/assets/photos /photos
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/service", "--photos", "/photos"]

FROM debian:bookworm-slim AS runtime
RUN apt-get update && apt-get install --yes --no-install-recommends libopencv-imgproc406 && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=assets /rollcall/assets/lib/libonnxruntime.so /usr/local/lib/
COPY --from=build /source/target/release/face-recognition /usr/local/bin/service

FROM runtime AS models
COPY --from=assets /rollcall/assets/dlib /dlib
RUN ["/usr/local/bin/service", "import-dlib", "--from", "/dlib", "--to", "/models/dlib"]

FROM runtime
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="rollcall/face-recognition" \
      org.opencontainers.image.description="Rollcall: who is in these pictures?" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=models /models /models
# A new volume takes its owner from the folder that it is mounted over.
RUN install --directory --owner=10001 --group=10001 /state
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/service"]
