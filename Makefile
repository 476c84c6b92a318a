# poreline: set up, run, check. `make` alone lists the targets.
# Everything is installed into .venv in this folder; nothing outside it is changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first interpreter that runs and is Python 3.11 or newer. A command of that name may exist and not run
# (version managers install such shims), hence the trial. Override with `make setup PYTHON=/path/to/python`.
PYTHON ?= $(shell for candidate in python3.13 python3.12 python3.11 python3 python; do \
    if "$$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
      command -v "$$candidate"; break; \
    fi; \
  done)

VENV := .venv
RUN := $(VENV)/bin/python
comma := ,

# Extra arguments of pytest, such as `make test PYTEST="-k porosity"`.
PYTEST ?=

# Installing writes bytecode even where the caller has switched it off: starts of the command are then quick.
COMPILING := env -u PYTHONDONTWRITEBYTECODE

# install <requirement>: with uv, or with pip where uv cannot be had.
define install
if $(RUN) -m uv --version >/dev/null 2>&1; then \
  $(COMPILING) $(RUN) -m uv pip install --quiet --python $(RUN) --constraint constraints.txt --compile-bytecode $(1); \
elif $(RUN) -m pip --version >/dev/null 2>&1; then \
  $(COMPILING) $(RUN) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt $(1); \
else \
  $(COMPILING) "$(PYTHON)" -m pip --python $(RUN) install --quiet --disable-pip-version-check --constraint constraints.txt $(1); \
fi
endef

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(VENV)/.installed ## create .venv and install poreline with its development tools
	@$(COMPILING) $(RUN) -m compileall -q src

.PHONY: demo
demo: setup ## run the example recipe through the whole line and say where its report is
	@$(VENV)/bin/poreline demo

.PHONY: test
test: setup ## run the tests, without the slow ones
	@$(RUN) -m pytest -n auto -m "not slow" $(PYTEST)

.PHONY: test-slow
test-slow: setup ## run the slow tests
	@$(RUN) -m pytest -n auto -m slow $(PYTEST)

.PHONY: lint
lint: setup ## check style, types, the direction of imports and the constraints
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(VENV)/bin/lint-imports
	@if grep -nE '://|@|^-' constraints.txt; then \
	  echo "constraints.txt holds versions only: no addresses, no options." >&2; exit 1; \
	fi

.PHONY: bench
bench: setup ## run every script in benchmarks/ and print a table
	@shopt -s nullglob; scripts=(benchmarks/[!_]*.py); rows=(); failed=0; \
	if (( $${#scripts[@]} == 0 )); then echo "benchmarks/ holds no script."; exit 0; fi; \
	for script in "$${scripts[@]}"; do \
	  echo "== $$script"; begin=$$(date +%s.%N); verdict=ok; \
	  $(RUN) "$$script" || { verdict="failed ($$?)"; failed=1; }; \
	  end=$$(date +%s.%N); \
	  rows+=("$$(awk -v s="$$script" -v b="$$begin" -v e="$$end" -v v="$$verdict" \
	    'BEGIN { printf "%-48s %9.1f s   %s", s, e - b, v }')"); \
	done; \
	printf '\n%-48s %11s   %s\n' script "wall time" result; printf '%s\n' "$${rows[@]}"; exit $$failed

.PHONY: bench-reference
bench-reference: setup ## measure images beside PoreSpy and TauFactor, installed for the run alone (some gigabytes)
	@$(RUN) benchmarks/measuring.py --only both

.PHONY: docs
docs: setup $(VENV)/.installed-docs ## build the documentation; warnings are errors
	@$(RUN) -m sphinx -W --keep-going -q -b html -d docs/_build/doctrees docs docs/_build/html
	@echo "Documentation: $(CURDIR)/docs/_build/html/index.html"

.PHONY: constraints
constraints: setup ## raise constraints.txt to the newest versions that pyproject.toml allows
	@echo "# Versions that the checks run with. Written by \`make constraints\`." > $(VENV)/constraints.txt
	@$(RUN) -m uv pip compile --quiet --python-version 3.11 --universal --upgrade --all-extras --no-header --no-annotate \
	  --no-emit-index-url pyproject.toml >> $(VENV)/constraints.txt
	@mv $(VENV)/constraints.txt constraints.txt

.PHONY: clean
clean: ## remove the environment, the caches and the built documentation; runs/ stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks build dist docs/_build
	@find src tests validation benchmarks examples docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# A virtual environment that works, made anew where there is none or where its interpreter is gone.
# Debian ships the venv module without ensurepip: then the environment is made without pip, and the system's pip serves it.
$(VENV)/.installed: pyproject.toml constraints.txt
	@if ! $(RUN) -c '' >/dev/null 2>&1; then \
	  if [[ -z "$(PYTHON)" ]]; then \
	    echo "poreline needs Python 3.11 or newer; none was found. Name one with: make setup PYTHON=/path/to/python" >&2; exit 1; \
	  fi; \
	  echo "Creating $(VENV) with $(PYTHON)"; \
	  "$(PYTHON)" -m venv --clear $(VENV) >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear --without-pip $(VENV); \
	fi
	@echo "Installing poreline and its tools into $(VENV)"
	@if ! $(RUN) -m uv --version >/dev/null 2>&1; then \
	  if $(RUN) -m pip --version >/dev/null 2>&1; then \
	    $(RUN) -m pip install --quiet --disable-pip-version-check uv; \
	  else \
	    "$(PYTHON)" -m pip --python $(RUN) install --quiet --disable-pip-version-check uv; \
	  fi || echo "uv could not be installed; pip does its work, more slowly." >&2; \
	fi
	@$(call install,--editable '.[dev]')
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	@$(call install,--editable '.[dev$(comma)docs]')
	@touch $@
