# Two commands for a newcomer: `make demo` and `make test`. Needs Debian with Python 3.11 or newer.
# The system's own, if it can make a venv: one that was built by hand is often a third slower.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; \
	print(sys.executable if sys.version_info >= (3, 11) else "python3")' 2>/dev/null || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Installed with --no-deps: the lock files are complete, and every file is checked by its hash.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes

# Otherwise every process compiles the tests anew, and rewrites their assertions.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/python -m pytest
# Files stay whole: many share processes that are slow to start. More workers than cores, as some wait.
IN_PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder

.PHONY: demo test coverage crash check format lock bench openapi clean

demo: $(VENV)/.run-ready
	PORT=$(PORT) $(BIN)/python scripts/demo.py

test: $(VENV)/.dev-ready
	$(PYTEST) $(IN_PARALLEL) $(ARGS)

# The same tests; red as well if they leave too much untested (pyproject.toml says how much).
coverage: $(VENV)/.dev-ready
	$(PYTEST) $(IN_PARALLEL) --cov --cov-report=term:skip-covered $(ARGS)

# The whole crash matrix; takes about a quarter of an hour.
crash: $(VENV)/.dev-ready
	$(PYTEST) -m crash $(ARGS)

check: $(VENV)/.dev-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py spectacular --fail-on-warn --validate --file var/openapi.yaml
	diff -u docs/openapi.yaml var/openapi.yaml || { echo "Run 'make openapi' and commit docs/openapi.yaml"; exit 1; }
	$(BIN)/python scripts/check_docs.py
	$(BIN)/hadolint Dockerfile

openapi: $(VENV)/.dev-ready
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py spectacular --fail-on-warn --validate --file docs/openapi.yaml

format: $(VENV)/.dev-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev-ready
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.benchmarks

# Needs uv. Every lock is complete, and made for all platforms and Python 3.11 to 3.13.
LOCK := uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header
lock:
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-sandbox.in -o requirements-sandbox.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/it"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }

$(VENV)/.run-ready: requirements.txt requirements-sandbox.txt | $(BIN)/python
	@echo "Installing what the demo needs (about a minute the first time)..."
	@$(INSTALL) -r requirements.txt -r requirements-sandbox.txt
	@touch $@

$(VENV)/.dev-ready: requirements-dev.txt $(VENV)/.run-ready
	@echo "Installing what the tests need..."
	@$(INSTALL) -r requirements-dev.txt
	@if command -v npm >/dev/null; then npm ci --silent --prefix tests/webhooks/verifiers; fi
	@touch $@
