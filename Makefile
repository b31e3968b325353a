# Two commands matter: `make run` and `make test`. Each sets everything up by itself.
SHELL := /bin/bash
PYTHON := .venv/bin/python
RISKATLAS := .venv/bin/riskatlas

.PHONY: run test setup lint tests tests-layers tests-app tests-xvfb peers bench clean

run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(RISKATLAS) open-sample; else $(RISKATLAS) demo --out out; fi

test: setup lint tests

setup:
	@.ci/setup

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

# Two at a time: the domain with Qt hidden from it, the window without a screen, then the window on one.
tests:
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=line tests-layers tests-app tests-xvfb

tests-layers:
	RISKATLAS_HIDE_QT=1 $(PYTHON) -m pytest -p no:pytest-qt -p no:xvfb layers tests/layers $(wildcard tests/published) --doctest-modules

tests-app:
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -p no:xvfb tests/house tests/app tests/journeys

tests-xvfb:
	@if command -v Xvfb >/dev/null; then QT_QPA_PLATFORM=xcb $(PYTHON) -m pytest tests/app; \
	else echo "Xvfb is not installed: the window was tested offscreen only (apt-get install xvfb)"; fi

peers: setup
	.venv/bin/uv venv -q .venv-peers && .venv/bin/uv pip install -q --python .venv-peers/bin/python -r requirements/peers.txt

bench: setup
	@for script in $(filter-out benchmarks/peer_%,$(wildcard benchmarks/*.py)); do $(PYTHON) "$$script" --json --quick; done

clean:
	rm -rf .venv .venv-peers out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
