# Everything that a newcomer needs: `make run`, `make test`. All state lies under .huimin and .venv.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Superset needs other versions than Huimin, so it has an environment of its own.
BI := .venv-bi
# The loaders that ours is timed against have one too.
OTHERS := .venv-bench
# `make run LOCK=requirements-demo.lock` does without the tools for tests and lint.
LOCK ?= requirements-dev.lock
# `make install WHEELS=folder` takes packages from a folder that `make wheelhouse` filled, and asks no network.
INDEX = $(if $(WHEELS),--no-index --find-links $(abspath $(WHEELS)))
# Where benchmarks keep their results, as JSON.
BENCH = $${HUIMIN_BENCH_RESULTS:-.huimin/bench}
STAMP := $(VENV)/.installed.$(LOCK)
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
# Nothing here may wait for an answer.
export GIT_TERMINAL_PROMPT := 0
export PIP_NO_INPUT := 1

# `make run DEPLOYMENT=path` works on another deployment than the product's own; so do up, down and clean.
ifdef DEPLOYMENT
export HUIMIN_DEPLOYMENT := $(abspath $(DEPLOYMENT))
endif

.DEFAULT_GOAL := help
.PHONY: help install wheelhouse run bi up down test test-unit test-integration test-slow test-rotation test-retention test-upgrade test-faults test-system test-landing-s3 test-celery test-monitoring test-bi test-wheel test-closed-network test-rights bench bench-scale bench-others lint docs lock clean distclean

help: ## Say what can be made
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

install: $(STAMP) ## Install everything from the lock files into .venv

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V); set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(INDEX) uv

$(STAMP): $(BIN)/uv $(LOCK) requirements-build.lock pyproject.toml demo/pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python $(INDEX) --require-hashes --requirements $(LOCK) --requirements requirements-build.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . --editable ./demo
	@# Airflow starts twice as fast from compiled files; some packages carry files for other Pythons, which do not compile.
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

# Tools for tests are not carried over: not all of them have wheels.
wheelhouse: LOCK = requirements-demo.lock
wheelhouse: $(BIN)/uv ## Collect the packages of LOCK and the wheel of Huimin in the folder WHEELS, for a machine without a network (docs/operations/closed-network.md)
	@test -n "$(WHEELS)" || { echo "name the folder: make wheelhouse WHEELS=folder"; exit 1; }
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --only-binary=:all: --no-deps --require-hashes --requirement $(LOCK) --requirement requirements-build.lock --dest $(WHEELS)
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --only-binary=:all: --no-deps uv --dest $(WHEELS)
	@# What setuptools left of an earlier wheel would be taken into the next.
	@rm -rf build
	$(BIN)/uv build --quiet --wheel --no-index --find-links $(abspath $(WHEELS)) --out-dir $(WHEELS) .
	@rm -rf build

run: install ## Run the main job: load three years of the sample city and compare the figures with print (KEEP=1 leaves it up, DEPLOYMENT=path runs another one)
	@$(BIN)/huimin run $(if $(KEEP),--keep)

$(BI)/.installed: requirements-superset.lock $(BIN)/uv
	@test -x $(BI)/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python $(BI)
	$(BIN)/uv pip install --quiet --python $(BI)/bin/python --require-hashes --requirements requirements-superset.lock
	@touch $@

bi: install $(BI)/.installed ## Start Superset with the dashboards beside the services of `make up` or `make run KEEP=1`
	@$(BIN)/huimin bi

up: install ## Start PostgreSQL, the sample city and Airflow, and leave them running
	@$(BIN)/huimin up

down: ## Stop what `make up` started
	@test ! -x $(BIN)/huimin || $(BIN)/huimin down

test: install ## Everything that CI checks: lint, unit, dbt, integration and end-to-end tests
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist loadfile -m "not e2e and not slow and not faults and not bench and not system and not wheel and not bi"
	$(BIN)/pytest -n 2 --dist loadfile -m "e2e and not slow" tests/e2e

test-unit: install ## The tests that need no server (under 30 s)
	$(BIN)/pytest -n 2 --dist loadfile -m "not faults and not bench and not system" tests/unit tests/architecture

test-integration: install ## The tests that start real servers on loopback
	$(BIN)/pytest -m "integration and not slow and not faults and not bench and not system and not wheel and not bi" tests

test-slow: install ## Another city, whole builds, releases, three years of corrections, every value of every document (most of an hour)
	$(BIN)/pytest -n 2 --dist loadfile -m "slow and not system and not bi" tests

test-rotation: install ## Rotate the key of personal numbers, killed half-way, with the same persons before and after (minutes)
	$(BIN)/pytest tests/integration/lifecycle/test_rotation.py

test-retention: install ## Remove what is old by rule: what figures, releases and open issues stand on stays (minutes)
	$(BIN)/pytest tests/integration/lifecycle/test_retention.py tests/dags/test_clean_up.py

test-upgrade: install ## Upgrade a warehouse of an earlier program, and roll it back; PostgreSQL 15 to the newest (needs postgresql-15; minutes)
	$(BIN)/pytest tests/integration/lifecycle/test_upgrade.py tests/system/test_postgres_major.py

test-faults: install ## Kill and break things on purpose (slow)
	$(BIN)/pytest -m faults tests

test-system: install ## Against LibreOffice, MariaDB, Chromium, promtool and PostgreSQL 15; needs Debian's libreoffice-calc-nogui, mariadb-server, chromium, prometheus and postgresql-15 (minutes)
	@$(BIN)/python -m tests.support.debian_packages
	$(BIN)/pytest -m "system and not slow" tests/system

test-landing-s3: install ## The landing in a bucket: what a folder promises, kills, a bucket that is away, rebuild, purge, restore (minutes)
	$(BIN)/pytest -n 2 --dist loadfile tests/integration/test_landing_s3.py tests/integration/test_landing_s3_on_ledger.py

test-celery: install ## Two Celery workers without a shared disk load the sample city, one is killed; needs Debian's redis-server (10 minutes)
	$(BIN)/pytest tests/system/test_celery_workers.py

test-monitoring: install ## Metrics, alarms and lineage against PostgreSQL, Airflow and promtool; needs Debian's prometheus (minutes)
	$(BIN)/pytest tests/integration/monitoring tests/e2e/test_watch_airflow.py tests/system/test_alert_rules.py tests/unit/test_monitoring_files.py

test-bi: install $(BI)/.installed ## The dashboards in Superset and a browser; needs Debian's chromium and a Chinese font (minutes)
	$(BIN)/pytest -m bi tests/bi

test-wheel: install ## Install the wheel and requirements.lock into an empty environment, without the demo, and use it there
	$(BIN)/pytest -m wheel tests/wheel

test-closed-network: install ## Install from a folder of packages where no network is, as docs/operations/closed-network.md says (needs the package registry; minutes)
	$(BIN)/pytest -m wheel tests/wheel/test_closed_network.py

test-rights: install ## Who may do what, the audit log, and each service of the compose file as a plain process with its secrets (minutes)
	$(BIN)/pytest tests/architecture/test_compose.py tests/integration/rights tests/integration/warehouse/test_migrate_rights.py tests/e2e/test_compose_processes.py

bench: install ## Time a load of 2 million rows against psql's \copy, and one of the sample city against a bare script
	HUIMIN_BENCH_RESULTS=$(BENCH) $(BIN)/pytest -m bench -s tests/bench
	$(BIN)/python -m tests.bench.scale_page $(BENCH)

bench-scale: install ## Measure what a million rows cost, and write the figures of docs/scale.md
	HUIMIN_BENCH_RESULTS=$(BENCH) $(BIN)/pytest -m bench -s tests/bench/test_scale_cost.py tests/bench/test_load_speed.py
	$(BIN)/python -m tests.bench.scale_page $(BENCH)

$(OTHERS)/.installed: requirements-bench.lock $(BIN)/uv
	@test -x $(OTHERS)/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python $(OTHERS)
	$(BIN)/uv pip install --quiet --python $(OTHERS)/bin/python --require-hashes --requirements requirements-bench.lock
	@touch $@

bench-others: install $(OTHERS)/.installed ## Time the load of 2 million rows against dlt and pandas, and write docs/benchmark.md; needs the package registry
	HUIMIN_BENCH_RESULTS=$(BENCH) $(BIN)/python -m tests.bench.others.compare $(OTHERS)/bin/python

lint: install ## Format, style, types, SQL, rooms and contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy loaders demo
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 dbt_project/engine/models dbt_project/engine/tests dbt_project/models dbt_project/tests
	$(BIN)/huimin contracts check

docs: install ## dbt's documentation and a page of each report, as files that need no network
	$(BIN)/huimin docs

COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock"

# The largest first: the others take their versions from it.
lock: $(BIN)/uv ## Renew all lock files from pyproject.toml; UPGRADE=1 takes newer versions
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --extra demo --output-file requirements-demo.lock pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --extra airflow --extra celery --extra kubernetes --extra dbt --output-file requirements-airflow.lock pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements-superset.lock demo/superset/requirements.in
	$(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements-bench.lock tests/bench/others/requirements.in
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group build --output-file requirements-build.lock

clean: ## Stop everything and remove all state
	@test ! -x $(BIN)/huimin || $(BIN)/huimin clean
	rm -rf dbt_project/target dbt_project/logs

distclean: clean ## Also remove the installed packages
	rm -rf $(VENV) $(BI) $(OTHERS)
