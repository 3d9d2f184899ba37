# Two targets matter to a newcomer: `make demo` and `make test`. Both build .venv the first time.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate

SEEDS ?= 10000
ORDERS ?= 10000

.PHONY: demo test coverage mutate check proof soak deploy-test browser-test bench docs dist audit sbom ccxt lock clean

demo: .venv/.runtime ## run the main job against the embedded exchange
	@$(BIN)/hedged demo $(ARGS)

test: .venv/.dev ## run the tests
	@$(BIN)/pytest $(ARGS)

check: .venv/.dev ## everything that must hold before a commit
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

proof: .venv/.dev ## the long scenarios: the whole daemon, live, against the embedded exchange
	@$(BIN)/pytest -m proof --dist worksteal $(ARGS)

coverage: .venv/.dev ## every line and branch of what decides is run by its own tests, or this fails
	@$(BIN)/coverage run -m pytest -n 0 -q --hypothesis-seed=0 tests/core $(ARGS)
	@$(BIN)/coverage report

mutate: .venv/.dev ## change the formulas, one at a time, and see the tests notice (docs/mutation.md)
	@$(BIN)/mutmut run $(ARGS)
	@$(BIN)/mutmut results

soak: .venv/.dev ## SEEDS simulations of the whole daemon and ORDERS faulted orders, on all cores
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --orders $(ORDERS) $(ARGS)

deploy-test: .venv/.dev ## as root on Debian: a booted systemd, a Docker engine; removes what it made
	@deploy/prepare.sh
	@HEDGED_BED=$$(mktemp -d /var/tmp/hedged-bed.XXXXXX); export HEDGED_BED; trap 'rm -rf "$$HEDGED_BED"' EXIT; \
		$(BIN)/pytest -m deploy -n 2 --durations=5 tests/deploy $(ARGS)
	@$(MAKE) --no-print-directory browser-test

dist: .venv/.dev ## write the wheel and the source distribution, and try them in empty environments
	@rm -rf dist
	@$(BIN)/hatchling build --directory dist
	@$(BIN)/pytest -m deploy -n 2 tests/deploy/test_release.py $(ARGS)

docs: .venv/.dev ## build the docs site into build/site; a broken link is an error
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

browser-test: .venv/.dev ## the dashboard in chromium, and the alert rules in promtool; installs both (Debian, root)
	@tests/browser/install.sh
	@$(BIN)/pytest -m browser -n 1 $(ARGS)

bench: .venv/.dev ## measure, and write docs/benchmarks.md
	@$(BIN)/python -m tests.bench $(ARGS)

audit: .venv/.dev ## hold the locked packages against the public list of vulnerabilities
	@$(BIN)/python .ci/audit

sbom: .venv/.dev ## write dist/hedged.cdx.json, a CycloneDX bill of materials
	@mkdir -p dist
	@$(BIN)/python -W ignore -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible --of JSON -o dist/hedged.cdx.json
	@echo dist/hedged.cdx.json

ccxt: .venv/.dev ## CCXT=version: the venues' tests with that version of ccxt, and what differs
	@rm -rf build/ccxt
	@$(BIN)/uv pip install --quiet --no-deps --target build/ccxt "ccxt==$(CCXT)"
	@PYTHONPATH=build/ccxt $(BIN)/python -c 'import ccxt; print("ccxt", ccxt.__version__)'
	@PYTHONPATH=build/ccxt $(BIN)/pytest -q --tb=short --show-capture=no tests/contract/payloads tests/venue $(ARGS)

lock: .venv/.dev ## make the lock files again from pyproject.toml
	$(LOCK) pyproject.toml --extra build -o requirements.lock
	$(LOCK) pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what the targets made
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache mutants .coverage

.venv/.runtime: requirements.lock pyproject.toml
	@$(environment)
	@echo 'Installing the locked packages into .venv ...'
	@$(call install,requirements.lock)
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml
	@$(environment)
	@echo 'Installing the locked development packages into .venv ...'
	@$(call install,requirements-dev.lock)
	@touch .venv/.runtime $@

# What Ctrl-C left half-made, or what has no pip, is made anew.
define environment
if test -e .venv/.unfinished || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	command -v $(PYTHON) >/dev/null \
		|| { echo 'there is no $(PYTHON) here: name another, make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'hedged needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'Python has no venv module: sudo apt install python3-venv' >&2; exit 1; }; \
	rm -rf .venv && mkdir .venv && touch .venv/.unfinished && $(PYTHON) -m venv .venv; \
fi
endef

# The project itself has no hash to check, so it is installed apart and without its dependencies.
# An installation that fails (no network) leaves a sound environment, one that is interrupted may not.
define install
trap 'exit 130' HUP INT TERM; touch .venv/.unfinished; \
$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) \
	&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
code=$$?; rm .venv/.unfinished; exit $$code
endef
