# setup installs only; every other target installs first if it must.
PYTHON ?= python3
VENV := .venv
SIZES ?= 10000,100000
TESTS ?= spark
BIN := $(VENV)/bin
UV := $(BIN)/uv
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark
# Without kept bytecode each process compiles what it imports anew: 15 s of processor time a run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test faults check sql parity spark sparktest security detection format bench lock ui clean

help: ## Say what each target does
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY) ## Create .venv and install what requirements.lock names

run: $(READY) ## The main job: source, extraction, marts, checks, publication, reports
	@$(BIN)/hypnomart run

test: $(READY) ## The whole test suite, a real PostgreSQL included
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

faults: $(READY) ## Counted faults, which take hours; FAULTS=10 for a tenth of the tries
	@$(BIN)/python -m pytest -m faults -s --timeout=0

check: $(READY) ## Format, lint, types, security, SQL style and tests, as CI runs them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory security
	@$(MAKE) --no-print-directory sql
	$(MAKE) test

sql: $(READY) ## What sqlfluff says of all SQL: dbt's, the reports', the source's
	@$(BIN)/python -m tests.sql_style lint

detection: $(READY) ## What the checks find of what the simulator plants, kind by kind
	@$(BIN)/python -m tests.detection

parity: $(READY) ## The marts of the last run built by PostgreSQL too, and by Spark if installed, compared row by row
	@$(BIN)/python -m tests.parity

$(SPARK): $(READY) requirements-spark.lock requirements-s3a.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --no-deps --requirement requirements-spark.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --no-deps --no-build-isolation \
		--target $(VENV)/s3a --requirement requirements-s3a.lock
	@touch $@

spark: $(SPARK) ## Install what Spark needs beside Java 17: 450 MB, and 200 by which its tests read an S3

sparktest: $(SPARK) ## Spark's tests; TESTS="spark and not slow" without a cluster's whole builds
	@$(BIN)/python -m pytest -m "$(TESTS)" tests/integration

security: $(READY) ## What bandit says of the code; pyproject.toml says what is accepted, and why
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive hypnomart models pipelines checks reports

format: $(READY) ## Mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@$(BIN)/python -m tests.sql_style fix

bench: $(READY) ## What a run costs by size, and what others take; SIZES=10000,1000000; writes docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks.whole --users $(SIZES)

lock: $(READY) ## Write requirements.lock anew from pyproject.toml
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra ducklake --group dev pyproject.toml --output-file requirements.lock
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra spark --group stores --constraint requirements.lock \
		$$(sed -nE 's/^([a-zA-Z0-9._-]+)==.*/--no-emit-package \1/p' requirements.lock) \
		pyproject.toml --quiet --output-file requirements-spark.lock
	sed -i.before '/^#/d' requirements-spark.lock && rm requirements-spark.lock.before

ui: $(READY) ## Dagster's web interface on http://127.0.0.1:3000
	@$(BIN)/hypnomart serve

clean: ## Remove the environment, the working files and everything derived
	rm -rf $(VENV) .hypnomart reports/out dbt_project/target dbt_project/logs
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
