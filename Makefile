# `make help` lists what there is. Needs Python 3.11 or later, make, and a package index that pip reaches.

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RECENT := sys.version_info < (3, 11)
# The first Python that is recent enough; PYTHON=... names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit($(RECENT))' 2>/dev/null && echo $$p && break; done)
# What runs the tests; the checks in .ci measure coverage with it.
PYTEST ?= -m pytest
# All of them: those that start programs one after the other, the rest beside them.
BESIDE := --numprocesses 2 --dist loadscope --durations 25

# The Chinese messages, and what gettext reads of them.
CATALOGUE := src/modemlab/text/locale/zh_CN.po
COMPILED := src/modemlab/text/locale/zh_CN/LC_MESSAGES/modemlab.mo

# What no person's shell has: with the first, every program that starts compiles all that it imports; with the second,
# nothing that is printed waits for its end.
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED

.PHONY: up test check bench docs messages clean help

up: $(VENV)/.run ## A broker and a module on this machine, and a session to paste; Ctrl-C ends it
	@$(BIN)/modemlab up $(ARGS)

test: $(VENV)/.dev $(COMPILED) ## All tests; ARGS="-k qmtsub" chooses
	@$(BIN)/python $(PYTEST) $(or $(ARGS),$(BESIDE))

check: $(VENV)/.dev ## Formatting, lint, types, import rules, and whether generated documents and messages are up to date
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/documents.py --check
	@$(BIN)/python tools/messages.py --check
	@$(BIN)/python tools/class_names.py

docs: $(VENV)/.dev ## Write docs/commands, docs/results.md, docs/mqtt-states.md and tables of other documents from the declarations
	@$(BIN)/python tools/documents.py

messages: $(VENV)/.dev ## Take the messages of the code over into the Chinese catalogue, and say which lack a translation
	@$(BIN)/python tools/messages.py $(ARGS)

bench: $(VENV)/.bench ## The figures: a table, and bench-results.json
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove what these targets made
	rm -rf $(VENV) $(dir $(COMPILED)) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* dist bench-results.json
	find src tests tools bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

help: ## This list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "modemlab needs Python 3.11 or later, and none is on the PATH: make ... PYTHON=/path/of/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit($(RECENT))' 2>/dev/null || { echo "modemlab needs Python 3.11 or later, which $(PYTHON) is not" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) comes without venv: install it first (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: pyproject.toml $(CATALOGUE) $(VENV)/.made
	@echo "installing modemlab into $(VENV)"
	@$(PIP) install --editable .
	@touch $@

# --no-build-isolation: what builds the package is locked too.
$(VENV)/.dev: pyproject.toml requirements-dev.txt $(VENV)/.made
	@echo "installing modemlab and what its tests need into $(VENV)"
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $(VENV)/.run $@

# As the installation does, without all else.
$(COMPILED): $(CATALOGUE) | $(VENV)/.dev
	@mkdir -p $(dir $@)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

$(VENV)/.bench: $(VENV)/.dev
	@echo "installing what the figures are compared with into $(VENV)"
	@$(PIP) install --no-build-isolation --editable '.[bench,uvloop]'
	@touch $@
