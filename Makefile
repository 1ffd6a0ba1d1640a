.DEFAULT_GOAL := help
.PHONY: help setup run up down status test check format schemas bench faults fuzz lock clean
PYTHON := .venv/bin/python

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## install what is missing, and nothing twice
	@./setup.sh

run: setup  ## the whole system in the foreground; Ctrl-C stops all of it
	@.venv/bin/taskpool run

up: setup  ## the same in the background
	@.venv/bin/taskpool up

down:  ## stop it; data stays
	@test ! -x .venv/bin/taskpool || .venv/bin/taskpool down

status:  ## every process and whether it answers
	@.venv/bin/taskpool status

test:  ## all tests, against real servers of their own
	@./setup.sh --test
	@$(PYTHON) -m pytest

check: setup  ## format, lint, types, import rules, the page's own tests; no servers
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports
	@./setup.sh --page check

format: setup  ## put every file into shape
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .
	@./setup.sh --page format

schemas: setup  ## write the schemas of event versions that are new
	@$(PYTHON) -m workers.cli.event_schemas

bench:  ## measure; prints a table and writes bench/results.json
	@./setup.sh --test
	@$(PYTHON) -m bench

faults:  ## break a system at work for MINUTES (5), by SEED, on SQL (postgresql, sqlite), and check what is left
	@./setup.sh --test
	@$(PYTHON) -m tests.faults --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED)) $(if $(SQL),--sql $(SQL))

fuzz:  ## try what nobody would write in ROOM (models, expressions, decisions, parser) for MINUTES (5), by SEED
	@./setup.sh --test
	@$(PYTHON) -m tests.fuzz $(or $(ROOM),models) --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))

lock:  ## resolve requirements.in again and pin every version
	@rm -rf .venv-lock && python3 -m venv .venv-lock
	@.venv-lock/bin/python -m pip install -q -r requirements.in
	@.venv-lock/bin/python -m pip freeze --all | grep -v '^pip==' > requirements.txt
	@rm -rf .venv-lock

clean: down  ## remove what was installed and cached; data in .taskpool stays
	rm -rf .venv .venv-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info tests/journey/npm/node_modules webapp/page/client/node_modules webapp/page/static/built
