# One image for a laptop, a server and a Space: two cores, any user, a read-only root, one folder that is written.
# `make container` builds and tries it.  Targets: recto, and recto-ollama with Ollama's program beside it.
ARG PYTHON=docker.io/library/python:3.13-slim-trixie
ARG OLLAMA=docker.io/ollama/ollama:latest

# --- everything that is fetched or made, once: a container fetches nothing when it starts -----------------------------
FROM ${PYTHON} AS build
WORKDIR /build
COPY requirements-image.txt requirements.txt ./
RUN python3 -m venv /tools && /tools/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-image.txt
ENV PATH=/tools/bin:$PATH UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 VIRTUAL_ENV=/opt/recto UV_PYTHON_DOWNLOADS=never
RUN uv venv /opt/recto && uv pip install --no-deps --require-hashes -r requirements.txt

# Libraries on object storage, and filling them by Ray: CLUSTER=1 adds what these take. `make container` does not try it.
ARG CLUSTER=0
COPY requirements-cluster.txt ./
RUN if [ "$CLUSTER" = 1 ]; then uv pip install --no-deps --require-hashes -r requirements-cluster.txt; fi

# The sentence encoder. With ENCODER=0 documents are searched by words alone.
ARG ENCODER=1
COPY packages/minilm packages/minilm
RUN if [ "$ENCODER" = 1 ]; then cd packages/minilm && hatchling build -t wheel -d /build/dist; fi

COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN hatchling build -t wheel && uv pip install --no-deps dist/*.whl \
    && find /opt/recto -type d -name tests -prune -exec rm -r {} + && rm -f /opt/recto/.lock && mkdir /opt/baked

# A language model: fast, default, best or OWNER/REPO:FILE.gguf of the Hugging Face hub, held against its checksum there.
ARG MODEL=""
RUN if [ -n "$MODEL" ]; then RECTO_HOME=/build/home RECTO_WEIGHTS=/opt/baked /opt/recto/bin/recto models pull --no-measure "$MODEL" \
      && rm -f /opt/baked/.*.lock; fi

# Or one from anywhere, with the SHA-256 that it must have.
ARG MODEL_URL=""
ARG MODEL_SHA256=""
RUN if [ -n "$MODEL_URL" ]; then file="/opt/baked/$(basename "${MODEL_URL%%\?*}")" \
      && python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' "$MODEL_URL" "$file" \
      && echo "$MODEL_SHA256  $file" | sha256sum --check; fi

# --- what runs --------------------------------------------------------------------------------------------------------
FROM ${PYTHON} AS base
# Languages that scanned pages are read in, as Debian's tesseract-ocr-LANGUAGE calls them; RapidOCR reads without any.
ARG OCR_LANGUAGES="eng"
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
      $(for language in $OCR_LANGUAGES; do echo "tesseract-ocr tesseract-ocr-$language"; done) \
    && rm -rf /var/lib/apt/lists/*
# Any other user can write the folder, too, if in the group 0, as those without a name are.
RUN useradd --uid 1000 --gid 0 --no-create-home --home-dir /data recto && install -d -o 1000 -g 0 -m 775 /data
COPY --from=build /opt/recto /opt/recto
COPY --from=build /opt/baked /opt/baked
ENV PATH=/opt/recto/bin:$PATH HOME=/data RECTO_HOME=/data RECTO_BAKED=/opt/baked \
    PYTHONUTF8=1 PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1
USER 1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["recto", "healthcheck"]
ENTRYPOINT ["recto", "up"]

# --- with Ollama in the same container, on loopback -------------------------------------------------------------------
# Tried with a stand-in for Ollama's image only: `make container` builds and tries the target recto.
FROM ${OLLAMA} AS ollama
RUN rm -rf /usr/lib/ollama/cuda* /usr/lib/ollama/rocm* /usr/lib/ollama/vulkan* /usr/lib/ollama/mlx*

FROM base AS recto-ollama
COPY --from=ollama /usr/bin/ollama /usr/bin/ollama
COPY --from=ollama /usr/lib/ollama /usr/lib/ollama
ENV RECTO_OLLAMA=1

FROM base AS recto
