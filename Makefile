# OmniBind: `make help`
SHELL := /bin/bash
PYTHON ?= python3
ENTER := . tools/env.sh

.DEFAULT_GOAL := help
.PHONY: help demo env env-runtime shell data lint format test test-slow clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: env-runtime  ## watch a robot recognise things while its sensors come and go
	@$(ENTER) && omnibind demo $(DEMO_ARGS)

env:  ## set up .venv and install/ for development (torch, tests); again: only what changed
	@$(PYTHON) tools/environment.py development

env-runtime:  ## set up what the nodes and the demo need, without torch
	@$(PYTHON) tools/environment.py runtime

shell:  ## a shell inside the environment
	@test -f install/setup.bash || $(MAKE) env-runtime
	@$(ENTER) && echo "OmniBind: domain $$ROS_DOMAIN_ID, discovery $$ROS_AUTOMATIC_DISCOVERY_RANGE; try: omnibind --help" && exec bash --norc -i

data: env  ## OmniHome, the simulated data set: models, readings, data card (about 20 minutes)
	@$(ENTER) && python tools/curate_omnihome.py fetch
	@$(ENTER) && omnibind simulate objects --config config/omnihome.yaml --out data/omnihome
	@$(ENTER) && omnibind data probe data/omnihome --json data/omnihome/probes.json
	@$(ENTER) && omnibind data card data/omnihome --out docs/data_card.md

lint:  ## ruff and mypy --strict
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format:  ## let ruff format everything
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

# What talks over DDS or starts nodes runs alone: two suites at once would slow each other's nodes.
NODES := test/omnibind_ros test/launch
# Elsewhere a worker for each core, each with one thread for its matrix products.
PARALLEL := OMP_NUM_THREADS=1 python -m pytest -n auto --dist loadfile

test: env lint  ## set-up, lint, and all tests but the slow ones
	@$(ENTER) && $(PARALLEL) -m "not slow and not gpu" $(addprefix --ignore=,$(NODES)) $(PYTEST_ARGS)
	@$(ENTER) && python -m pytest -m "not slow and not gpu" $(NODES) $(PYTEST_ARGS)

test-slow: env  ## the slow tests, and 10,000 malformed inputs for whatever reads bytes
	@$(ENTER) && python -m pytest -m "slow and not gpu" $(PYTEST_ARGS)
	@$(ENTER) && $(PARALLEL) -m malformed --dist load --hypothesis-profile=thorough -q $(PYTEST_ARGS)

clean:  ## remove what was built and installed (.venv too)
	rm -rf .venv build install log
