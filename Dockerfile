# syntax=docker/dockerfile:1
# One image with one program: `docker build -t parlance .`; docs/deployment.md says how to run it.

# Debian 13: its Node is new enough for the front's tools.
FROM rust:1.95-trixie AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends cmake g++ libclang-dev make nodejs npm \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Front and program from the same sources in the same folder: the names of islands are hashes of them. The caches make
# the next build short; what is in them is gone from the image, so the program is taken out.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    --mount=type=cache,target=/src/xtask/npm/node_modules \
    cargo xtask build \
 && install -D --mode 755 --strip target/release/parlance /out/parlance \
 && install -D --directory --mode 700 /out/data

FROM debian:trixie-slim
# For a remote model's certificate.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/parlance /usr/local/bin/parlance
# A volume takes its owner from here.
COPY --from=build --chown=10001:10001 /out/data /data
USER 10001:10001
ENV PARLANCE_HOST=0.0.0.0 \
    PARLANCE_DATA=/data \
    PARLANCE_LOG_FORMAT=json
EXPOSE 8000
VOLUME /data
HEALTHCHECK --interval=10s --timeout=12s --start-period=60s CMD ["parlance", "ready"]
ENTRYPOINT ["parlance"]
CMD ["serve"]
