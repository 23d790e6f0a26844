# Everything a newcomer needs; each target sets up what it uses.
PYTHON ?= python3
DOCS ?=
URL ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install demo test check format trainer bench clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## make .venv with .venv/bin/footnote

demo: install ## ingest a help centre and answer four questions (DOCS=folder for your own)
	@$(BIN)/footnote demo $(if $(DOCS),--docs '$(DOCS)') $(if $(URL),--url '$(URL)')

# Each process has a Postgres of its own; more than four would gain little.
test: $(VENV)/.developer ## run every test
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

check: $(VENV)/.developer ## lint, formatting and strict types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.developer ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

trainer: $(VENV)/.trainer ## add what trains voices on this machine (torch: gigabytes)

bench: $(VENV)/.bench ## measure retrieval and ingest beside a peer; writes to bench-results
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.ingest

clean: ## remove what the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

# The lock file is complete and hashed, so nothing is resolved here (--no-deps).
$(VENV)/.installed: requirements.lock pyproject.toml
	@echo "Making $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.bench: $(VENV)/.installed requirements-bench.lock
	@echo "Adding what the bench compares with …"
	@$(PIP) install --no-deps --require-hashes -r requirements-bench.lock
	@touch $@

# In no lock file: which build of torch fits depends on the machine.
$(VENV)/.trainer: $(VENV)/.installed
	@echo "Adding torch, transformers and peft …"
	@$(PIP) install torch==2.13.0 transformers==5.24.0 peft==0.21.2
	@touch $@

$(VENV)/.developer: $(VENV)/.installed requirements-dev.lock
	@echo "Adding the developer's tools …"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
