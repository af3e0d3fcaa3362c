# Each target sets up .venv when it has to, and starts at once when it does not.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# make test LONG=1 runs all tests, measures their coverage, and takes longer.
SELECTION := $(if $(LONG),--cov --cov-report=term,-m "not long")

.PHONY: run test lint

run: $(VENV)/run
	@exec $(BIN)/leadbook serve

test: $(VENV)/dev
	@rm -f .coverage .coverage.*
	$(BIN)/pytest $(SELECTION)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(VENV)/source && ln -sfn "$(CURDIR)" $(VENV)/source/leadbook
	$(BIN)/mypy

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Leadbook needs Python 3.11 or newer; name one: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing; on Debian: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/run
