#!/usr/bin/env bash
# Build the container's image and try it: as several users, with a read-only root, without a network, with little memory.
#   ENGINE      podman or docker, with options of its own if need be    the one that works here
#   IMAGE       an image that is there already, instead of building one
#   BUILD_ARGS  more arguments of `ENGINE build`, such as "--build-arg MODEL=fast"
#   RUN_ARGS    more arguments of `ENGINE run`
set -euo pipefail
cd "$(dirname "$0")/.."
export ENGINE="${ENGINE:-}" IMAGE="${IMAGE:-}" RUN_ARGS="${RUN_ARGS:-}"
for each in podman docker; do
  if [ -z "$ENGINE" ] && "$each" info >/dev/null 2>&1; then ENGINE=$each; fi
done
if [ -z "$ENGINE" ]; then
  echo "skipped: neither podman nor a docker whose daemon runs is here (Debian: apt-get install podman)" >&2
  exit 0
fi
if [ -z "$IMAGE" ]; then
  IMAGE=localhost/recto
  base=$(sed -n 's/^ARG PYTHON=//p' Dockerfile)
  if ! $ENGINE image inspect "$base" >/dev/null 2>&1 && ! $ENGINE pull "$base"; then
    echo "skipped: $base is not here and cannot be fetched" >&2
    exit 0
  fi
  # --format: podman's own drops the health check.  ENGINE and BUILD_ARGS are meant to split.
  format=$([[ $ENGINE == podman* ]] && echo "--format docker" || true)
  # shellcheck disable=SC2086
  $ENGINE build $format --target recto ${BUILD_ARGS:-} -t "$IMAGE" .
fi
.uv/bin/uv run --frozen --quiet --extra llama --extra ocr pytest -m "" tests/container
