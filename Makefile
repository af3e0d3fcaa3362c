# Each target sets up .venv if needed.
# make test PYTHON=python3.13 recreates .venv if another Python made it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := $(VENV)/bench/bin/python -m leadbook.bench
DIST := dist
# Tests often wait for a server or a disk, so there are more workers than cores.
WORKERS ?= 3
PYTEST := $(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal

# The interpreter: two of the same version may have different SQLite libraries.
IDENTITY := import sys; print(sys.base_prefix, sys.version)
LIBRARIES := import platform; from leadbook.storage.sqlite.driver import sqlite3; \
	print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} of {sqlite3.__package__}")

.PHONY: run test lint reference pyz bench bench-quick bench-before bench-fronts bench-scale bench-testing bench-planning bench-files bench-erasures \
	new-environment FORCE

run: $(VENV)/run
	@exec $(BIN)/leadbook serve

# make test TESTS=tests/access/test_keys.py runs some of the quick tests.
# make test LONG=1 measures coverage, and also runs the tests marked `long`.
# The tests start hundreds of processes; without bytecode, each would compile the sources again.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/dev
	@$(BIN)/python -c '$(LIBRARIES)'
	@rm -f .coverage .coverage.*
	@$(PYTEST) $(TESTS) -m "not long" $(if $(LONG),--cov --cov-report=term)
	@$(if $(LONG),$(PYTEST) -m long)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(VENV)/source && ln -sfn "$(CURDIR)" $(VENV)/source/leadbook
	$(BIN)/mypy

# Generate the page of all settings and commands from the code.
reference: $(VENV)/dev
	$(BIN)/python -m leadbook.cli.reference > docs/reference.md

# One file that needs only Python.
pyz: $(VENV)/dev
	$(BIN)/python -m leadbook.cli.pyz.build $(DIST)/leadbook.pyz

# The next run reuses the peers and the rows; see bench/ for what is measured.
bench: $(VENV)/bench/made
	$(BENCH).compare --results bench/results

bench-quick: $(VENV)/bench/made
	$(BENCH).compare --rounds 2 --seconds 1 --cases list20 one post

# make bench-before BEFORE=v0.1.0 compares with that commit.
bench-before: $(VENV)/bench/made
	@rm -rf $(VENV)/before && mkdir -p $(VENV)/before/source
	git archive $(BEFORE) | tar -x -C $(VENV)/before/source
	$(BIN)/python -m venv $(VENV)/before
	$(VENV)/before/bin/pip install --quiet --disable-pip-version-check $(VENV)/before/source
	$(BENCH).compare --servers leadbook --before $(VENV)/before/bin/leadbook --cases list20 one post

# Our app on other servers: how fast they are, and what delays them.
bench-fronts: $(VENV)/bench/made
	$(BENCH).compare --servers leadbook granian waitress --cases list20 one post
	$(BENCH).fronts --results bench/results

bench-scale: $(VENV)/bench/made
	$(BENCH).scale --results bench/results

# This one has no peers.
bench-planning: $(VENV)/dev
	$(BIN)/python -m leadbook.bench.planning --results bench/results

bench-files: $(VENV)/bench/made
	$(BENCH).files --results bench/results

# This one has no peers.
bench-erasures: $(VENV)/dev
	$(BIN)/python -m leadbook.bench.erasures --results bench/results

bench-testing: $(VENV)/bench/made
	$(BENCH).suites --results bench/results

# Its time changes only when .venv is recreated. After that, PYTHON is not needed again.
$(VENV)/made-by: FORCE
	@wanted=$$($(if $(filter file,$(origin PYTHON)),$(BIN)/python -c '$(IDENTITY)' 2>/dev/null ||) \
		$(PYTHON) -c '$(IDENTITY)') || { echo "$(PYTHON) does not run." >&2; exit 1; }; \
	[ "$$wanted" = "$$(cat $@ 2>/dev/null)" ] || $(MAKE) --no-print-directory new-environment

new-environment:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Leadbook needs Python 3.11 or newer. Choose one: make run PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing; on Debian: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -c '$(IDENTITY)' > $(VENV)/made-by

$(VENV)/run: pyproject.toml $(VENV)/made-by
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: pyproject.toml $(VENV)/made-by
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/run

# The peers have their own venv, which keeps their dependencies out of the project's.
$(VENV)/bench/made: pyproject.toml bench/requirements.txt $(VENV)/made-by
	$(BIN)/python -m venv $(VENV)/bench
	$(VENV)/bench/bin/pip install --quiet --disable-pip-version-check \
		--requirement bench/requirements.txt --editable .
	@touch $@
