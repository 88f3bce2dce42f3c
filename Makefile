# make repro: install, make the sample where there are no data (make sample), run the pipeline
# make docs: build the documentation into build/site;  make contract: write docs/data-contract.md anew
# make test, make lint: what a change must pass;  make params: compose conf/ into params.yaml
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt
export PATH := $(BIN):$(PATH)
export DVC_NO_ANALYTICS := true
# Imports are compiled once, when first used, also where the surroundings say otherwise.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: repro sample test lint docs contract params clean

repro: $(VENV)/run data
	dvc repro

test: $(VENV)/test
	python -m pytest

lint: $(VENV)/dev
	ruff format --check .
	ruff check .
	lint-imports
	mypy

docs: $(VENV)/docs
	mkdocs build --strict --quiet

contract: $(VENV)/run
	python docs/contract_page.py

params: $(VENV)/run
	scope params

data:
	$(MAKE) sample

sample: $(VENV)/run
	scope sample --out data/sample

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable .
	touch $@

$(VENV)/test: $(VENV)/run
	$(PIP) --editable ".[test]"
	touch $@

$(VENV)/dev: $(VENV)/test
	$(PIP) --editable ".[test,dev]"
	touch $@

$(VENV)/docs: $(VENV)/run
	$(PIP) --editable ".[docs]"
	touch $@

clean:
	rm -rf build models reports .pytest_cache .mypy_cache .ruff_cache
