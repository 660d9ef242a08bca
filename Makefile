# Every developer command of the project, in one place. `make run` and `make test` need nothing but
# Python with venv, make and a package index; each does its own set-up in .venv.
PYTHON ?= python3
LOCK := requirements/dev.lock
# The set-up is done exactly when the environment named by this hash exists: it is built aside and renamed into place.
STAMP := $(shell cat $(LOCK) pyproject.toml | $(PYTHON) -c "import hashlib,sys; print(hashlib.sha256(sys.stdin.buffer.read() + sys.version.encode() + b'$(CURDIR)').hexdigest()[:16])")
# How many tests run at a time: one more than the check has processors, since a third of the time is waiting for a disk.
JOBS ?= 3
READY := .venv-$(STAMP)/.ready
BIN := .venv/bin

.PHONY: help figures run demo test format lint types imports unit bench bench-poll bench-turn bench-replicas bench-scale bench-lists manners crash mutants cjk lock image clean setup
.DEFAULT_GOAL := help

help:
	@echo "make run    start the daemon on config/ (page on 127.0.0.1:8080)"
	@echo "make demo   run the whole job once on bundled feeds, offline"
	@echo "make test   everything that CI checks: format, lint, types, import rules, tests"
	@echo "make unit   tests of the rooms that changed since main (ROOMS=\"core/lint cli\" names others)"
	@echo "make format rewrite the code in the project's format"
	@echo "make bench  print speed and memory beside the peers"
	@echo "make bench-poll print what a poll costs beside other feed readers (ARGS=--help)"
	@echo "make bench-turn, bench-replicas, bench-scale   what several daemons on one PostgreSQL reach and outlive (ARGS=--help)"
	@echo "make bench-lists   what a list of 600,000 names costs (ARGS=--help)"
	@echo "make figures print the figures of the code: sizes, ways through functions, documented, tests, the shape of each room"
	@echo "make manners play feeds with bad manners; prints what was lost, repeated or wrongly folded (ARGS=--help)"
	@echo "make crash  kill polls and sends at random moments among failing receivers; prints what was lost or repeated (ARGS=100)"
	@echo "make mutants change the core in one place at a time; prints what no test noticed (ARGS=--help)"
	@echo "make image  build the image without a container engine and try it (as root; OUT=folder; needs debootstrap, podman, buildah)"
	@echo "make cjk    add the segmenter of the extra cjk (needs libicu-dev, pkg-config and g++; its tests are skipped without)"
	@echo "make lock   renew the lock files (needs uv)"
	@echo "make clean  remove the environments"

setup: $(READY)

$(READY):
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "watcher needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || { echo "Python's venv module is missing; install it first (Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@rm -rf .venv-$(STAMP) && echo "setting up .venv (once; about a minute)"
	@$(PYTHON) -m venv .venv-$(STAMP)
	@.venv-$(STAMP)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(LOCK)
	@.venv-$(STAMP)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@# Once here, since Python may have been told to keep nothing (PYTHONDONTWRITEBYTECODE): each verb and test is quicker.
	@.venv-$(STAMP)/bin/python -m compileall -q -j 0 watcher
	@touch $(READY)
	@if [ -e .venv ] && [ ! -L .venv ]; then rm -rf .venv; fi
	@ln -sfn .venv-$(STAMP) .venv.new && mv -T .venv.new .venv
	@for old in .venv-*; do [ "$$old" = ".venv-$(STAMP)" ] || rm -rf "$$old"; done

run: $(READY)
	@$(BIN)/watcher run

demo: $(READY)
	@$(BIN)/watcher demo --once

# `make unit` is the usual loop.
test: $(READY)
	@echo "all tests take a quarter to half an hour on two cores; make unit runs those of the rooms that you changed"
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@# Beside it the tests are compiled once, so that none of the jobs has to.
	(unset PYTHONDONTWRITEBYTECODE; $(BIN)/pytest --collect-only -q >/dev/null 2>&1) & $(BIN)/mypy; failed=$$?; wait; exit $$failed
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n $(JOBS) --dist worksteal

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m tests.house

# ARGS=FOLDER measures another checkout.
figures: $(READY)
	@$(BIN)/python -m tests.house.figures $(ARGS)

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

# Tests of the rooms that changed since main (ROOMS="core/lint cli" names others); stops at the first that fails.
ROOMS ?=
unit: $(READY)
	@$(BIN)/python -m tests.house.changed $(ROOMS) | xargs -r $(BIN)/pytest -q -x

# Under four minutes; ARGS=--big adds 100,000 rules. Peers that cannot be installed are left out, and it says so.
bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/bench.lock || echo "the peer of requirements/bench.lock could not be installed; measuring without it" >&2
	@$(BIN)/python -m tests.bench.bench_matching $(ARGS)

# Two minutes on a quiet machine; ARGS="--feeds 500 --rss2email" takes longer. The peers are kept apart from our environment.
bench-poll: $(READY)
	@[ -d .bench-peers ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --target .bench-peers -r requirements/peers.lock || echo "the peers of requirements/peers.lock could not be installed; measuring without them" >&2
	@$(BIN)/python -m tests.bench.bench_poll --peers .bench-peers $(ARGS)

# Three minutes on a quiet machine; needs PostgreSQL's programs (Debian and Ubuntu: apt install postgresql).
bench-turn: $(READY)
	@$(BIN)/python -m tests.bench.bench_turn $(ARGS)

# Three minutes; ARGS="--daemons 2 --feeds 500 --seconds 600" takes longer.
bench-scale: $(READY)
	@$(BIN)/python -m tests.bench.bench_scale $(ARGS)

# Two minutes on a quiet machine.
bench-lists: $(READY)
	@$(BIN)/python -m tests.bench.bench_lists $(ARGS)

# Ten minutes; daemons on one PostgreSQL are killed, and the server once.
bench-replicas: $(READY)
	@$(BIN)/python -m tests.bench.bench_replicas $(ARGS)

# Half a minute; ARGS=--help lists what else it does.
image: $(READY)
	@$(BIN)/python -m tests.image $(OUT) $(ARGS)

manners: $(READY)
	@$(BIN)/python -m tests.manners $(ARGS)

# Three to ten seconds a kill on a busy machine; a second number is the seed.
crash: $(READY)
	@$(BIN)/python -m tests.e2e.crash_run $(ARGS)

# Five minutes of the processor a room at most (ARGS="--minutes 2"), at the lowest priority; nothing is changed but a copy of the project.
mutants: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/mutants.lock
	@$(BIN)/python -m tests.mutants $(ARGS)

# Built with the pinned tools of the environment, a minute and a half on a slow machine; nothing happens where it is there already.
cjk: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation -r requirements/cjk.lock

# Lock files hold hashes and no index address, so that they work with any package index.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet pyproject.toml --extra postgres --group build -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet pyproject.toml --group build --group test -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --group bench -o requirements/bench.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --group peers -o requirements/peers.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --group mutants --constraint requirements/dev.lock -o requirements/mutants.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --group cjk -o requirements/cjk.lock

clean:
	rm -rf .venv .venv-* .bench-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis
