# `make demo` and `make test` need Python 3.11 to 3.13 and make; what else they need, they install.
SHELL := /bin/sh
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := .venv/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: demo test check bench format schemas clean

demo: .venv/.ready
	@$(RUN)/kept demo

test: check
	@$(RUN)/python -m tests

check: .venv/.ready
	@$(RUN)/ruff format --check --quiet . && $(RUN)/ruff check --quiet .
	@$(RUN)/mypy
	@$(RUN)/lint-imports
	@$(RUN)/python -m schemas.publish --check
	@$(RUN)/python -m scripts.reference --check

bench: .venv/.ready
	@$(RUN)/python -m bench

format: .venv/.ready
	@$(RUN)/ruff format . && $(RUN)/ruff check --fix .

schemas: .venv/.ready
	@$(RUN)/python -m schemas.publish
	@$(RUN)/python -m scripts.reference

clean:
	rm -rf .venv .tools .kept

# The lock file says exactly what is installed. Without uv on the machine, pip brings it into a folder of its own.
.venv/.ready: uv.lock pyproject.toml $(filter .tools/bin/uv,$(UV))
	@$(UV) sync --frozen --all-extras --quiet --python $(PYTHON)
	@touch $@

.tools/bin/uv:
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
