# Everything is made inside this folder: .venv, .tools and var.
SHELL := /bin/bash
PORT ?= 8000
SUBSCRIBERS ?= 500
DAYS ?= 90
SEED ?= 1
PYTEST ?=
BENCH ?=

.PHONY: demo test check bench reset setup messages

# A working operator with people, usage and money, on http://localhost:$(PORT)
demo:
	@bin/setup runtime
	@exec .venv/bin/abonent demo --port "$(PORT)" --subscribers "$(SUBSCRIBERS)" --days "$(DAYS)" --seed "$(SEED)"

# Every test, as CI runs them; a system Chromium is installed when there is none.
test: setup
	@bin/browser
	@.venv/bin/pytest $(PYTEST)

# What must be green before a commit.
check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy
	bin/manage makemigrations --check --dry-run
	@$(MAKE) --no-print-directory test

# Speed, as ratios against baselines measured in the same run; writes docs/benchmarks.md.
bench: setup
	@.venv/bin/python -m benchmarks $(BENCH)

# Start afresh: deletes the embedded database and everything else that the demo made.
reset:
	@bin/setup runtime
	@.venv/bin/abonent reset --yes

# Gather translatable strings into the catalogues and compile them.
messages: setup
	@bin/messages

setup:
	@bin/setup dev
