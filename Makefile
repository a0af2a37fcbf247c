# Python 3.11 is what the locks were made with; a newer one will do.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Options for pytest: `make test ARGS="tests/handlers -x"`. Without any, the whole suite runs, on several processors where
# there are some, and coverage is checked.
ARGS ?=

.PHONY: help install install-dev run run-wechat-sandbox test bench bench-scale bench-broadcasts machine kill faults lint format lock clean

help:
	@echo "make run       start with an invented township: http://127.0.0.1:8080/chat"
	@echo "make run-wechat-sandbox  the same as residents see it on WeChat, on this machine alone: http://127.0.0.1:8080/"
	@echo "make install   only install, into .venv"
	@echo "make test      the whole suite, with real PostgreSQL and Redis (ARGS=... for a part of it)"
	@echo "make lint      style, types, layers"
	@echo "make format    put the style right"
	@echo "make bench     measure (BENCH_QUICK=1: in a minute)"
	@echo "make bench-scale  a store of a million people, and a long day (ARGS=\"--people 100000\": a tenth)"
	@echo "make bench-broadcasts  tell many people, beside the loops that bots usually have (20 minutes)"
	@echo "make machine   people do anything at all, 100,000 steps of it (ARGS=\"--steps 5000\": fewer)"
	@echo "make kill      kill it 50 times amid 20,000 messages, on SQLite and on PostgreSQL with two replicas, 30 times while it tells 50,000, and while WeChat repeats itself (50 minutes)"
	@echo "make faults    stops, lost servers, full disks, backups, refusals, doubles, in the long versions (15 minutes)"
	@echo "make lock      choose the newest allowed packages anew"
	@echo "make clean     remove all that these commands made, but no data"

install: .venv/installed

install-dev: .venv/installed-dev

run: .venv/installed
	@$(BIN)/minsheng demo

run-wechat-sandbox: .venv/installed
	@$(BIN)/python -m tests.wechat_sandbox

test: .venv/installed-dev
ifeq ($(strip $(ARGS)),)
	$(BIN)/python -m pytest --cov --numprocesses auto --maxprocesses 4 --dist worksteal
	$(BIN)/coverage report --include='storage/domain/*' --fail-under=100
else
	$(BIN)/python -m pytest $(ARGS)
endif

bench: .venv/installed-dev
	@$(BIN)/python -m tests.bench

bench-scale: .venv/installed-dev
	@$(BIN)/python -m tests.bench.scale $(ARGS)

bench-broadcasts: .venv/installed-dev
	@$(BIN)/python -m tests.bench.broadcasts $(ARGS)

machine: .venv/installed-dev
	@nice -n 10 $(BIN)/python -m tests.handlers.machine $(ARGS)

# The last line of each of these is a summary as JSON.
KILL := $(BIN)/python -m tests.kill

kill: .venv/installed-dev
	@$(KILL) --people 500 --messages 20000 --per-second 50 --rounds 50
	@$(KILL) --people 500 --messages 20000 --per-second 50 --rounds 50 --database postgresql --replicas 2
	@$(BIN)/python -m tests.kill.telling
	@$(BIN)/python -m tests.kill.telling --database postgresql --replicas 2
	@$(BIN)/python -m tests.kill.callbacks
	@$(BIN)/python -m tests.kill.callbacks --replicas 2
	@$(BIN)/python -m tests.kill.callbacks --replicas 2 --pushes

faults: .venv/installed-dev
	@$(KILL) --people 100 --messages 2000 --suffers stops --rounds 3 --database postgresql --replicas 2
	@$(KILL) --people 100 --messages 2000 --suffers servers --rounds 5 --database postgresql --replicas 2
	@$(KILL) --people 100 --messages 2000 --suffers disk --rounds 5
	@$(KILL) --people 100 --messages 2000 --suffers backups --rounds 5
	@$(BIN)/python -m tests.faults --rounds 1000

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Minsheng needs Python 3.11 or newer, and $(PYTHON) is not: install it, or name it with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing: install it, on Debian with apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

# The project itself is installed as a path, so that a change in it needs no new installation.
.venv/installed: requirements.lock pyproject.toml | .venv/bin/pip
	@echo "Installing packages into .venv ..." >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "Installing packages for development into .venv ..." >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Wheels only, and no addresses: where packages come from is each machine's own setting.
COMPILE := pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --build-deps-for=editable \
	--pip-args=--only-binary=:all: --no-header --annotation-style=line --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

lock:
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT \
		&& $(PYTHON) -m venv "$$tools" \
		&& "$$tools/bin/pip" install --quiet --disable-pip-version-check 'pip-tools>=7.5,<8' \
		&& "$$tools/bin/"$(COMPILE) --output-file requirements.lock pyproject.toml \
		&& "$$tools/bin/"$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv build dist *.egg-info .coverage .coverage.* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
