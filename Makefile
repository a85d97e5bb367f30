# `make` alone lists what there is. Every target that needs the environment makes it first.
PYTHON ?= python3
PORT ?= 8321
MEMBERS ?= 500
DAYS ?= 90
KILLS ?= 1000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check gallery pictures bench faults docs lock clean

help:  ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP)  ## make the environment in .venv (also done by the others when missing or stale)

$(STAMP): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP)  ## a made-up company, synced and served: open the printed sign-in link
	@$(BIN)/uptake demo --members $(MEMBERS) --days $(DAYS) --port $(PORT)

test: $(STAMP)  ## the everyday suite
	@$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(STAMP)  ## lint, types, import directions, generated docs
	@$(BIN)/ruff check src tests
	@$(BIN)/ruff format --check src tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.generated --check

gallery: $(STAMP)  ## photograph every page and state of made-up companies into gallery/ (minutes; LARGE=--large: 50,000 members)
	@$(BIN)/python -m tests.gallery $(LARGE)

pictures: $(STAMP)  ## make the pictures of README and docs again
	@$(BIN)/python -m tests.gallery.pictures

bench: $(STAMP)  ## measure speed, memory and peers; writes docs/benchmarks.md (many minutes)
	@$(BIN)/python -m tests.bench

faults: $(STAMP)  ## the whole proof of sync and keys: fault matrix, kills, random lives, canaries, fuzz; writes docs/reliability.md (hours)
	@$(BIN)/python -m pytest tests/faults tests/promises tests/fuzz -m "full or not full" -n 2 --dist worksteal --kills $(KILLS) --reliability docs/reliability.md

docs: $(STAMP)  ## write the generated pages again (docs/data.md, metrics.md, settings.md, permissions.md)
	@$(BIN)/python -m tests.generated

lock: $(STAMP)  ## resolve the requirements again (hashes, no index address)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev pyproject.toml -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/runtime.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header requirements/peers.in -o requirements/peers.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header requirements/spark.in -o requirements/spark.txt

clean:  ## remove the environment and the demo's data
	@rm -rf $(VENV) demo-data
