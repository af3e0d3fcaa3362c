# Each target sets up .venv when it has to, and starts at once when it does not.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := $(VENV)/bench/bin/python -m leadbook.bench
# Two at a time: most of a test is waiting for a server or a disk.
WORKERS ?= 2
# make test LONG=1 runs all tests, measures their coverage, and takes longer.
SELECTION := $(if $(LONG),--cov --cov-report=term,-m "not long")

.PHONY: run test lint bench bench-quick bench-scale bench-testing bench-files bench-erasures

run: $(VENV)/run
	@exec $(BIN)/leadbook serve

test: $(VENV)/dev
	@rm -f .coverage .coverage.*
	$(BIN)/pytest --numprocesses $(WORKERS) $(SELECTION)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(VENV)/source && ln -sfn "$(CURDIR)" $(VENV)/source/leadbook
	$(BIN)/mypy

# The peers and the rows are kept for the next time; see bench/ for what is measured.
bench: $(VENV)/bench/made
	$(BENCH).compare --results bench/results

bench-quick: $(VENV)/bench/made
	$(BENCH).compare --rounds 2 --seconds 1 --cases list20 one post

bench-scale: $(VENV)/bench/made
	$(BENCH).scale --results bench/results

bench-files: $(VENV)/bench/made
	$(BENCH).files --results bench/results

# It has no peers.
bench-erasures: $(VENV)/dev
	$(BIN)/python -m leadbook.bench.erasures --results bench/results

bench-testing: $(VENV)/bench/made
	$(BENCH).suites --results bench/results

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

# The peers have a venv of their own: what they bring along is none of the project's business.
$(VENV)/bench/made: pyproject.toml bench/requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/python -m venv $(VENV)/bench
	$(VENV)/bench/bin/pip install --quiet --disable-pip-version-check \
		--requirement bench/requirements.txt --editable .
	@touch $@
