# Two commands matter: `make run` and `make test`. Each sets everything up by itself.
SHELL := /bin/bash
PYTHON := .venv/bin/python
RISKATLAS := .venv/bin/riskatlas

.PHONY: run test environment setup warm lint tests tests-house tests-layers tests-app tests-journeys tests-screen peers bench clean

run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(RISKATLAS) open-sample; else $(RISKATLAS) demo --out out; fi

# Two at a time, the longest first; what one finds does not stop the others.
TESTS := tests-layers tests-journeys tests-app tests-screen tests-house
TWO := --no-print-directory --jobs=2 --output-sync=line --keep-going

test: environment
	@$(MAKE) $(TWO) warm lint $(TESTS)

tests: environment
	@$(MAKE) $(TWO) $(TESTS)

environment:
	@.ci/setup environment

setup:
	@.ci/setup

warm: environment
	@$(RISKATLAS) warm

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

tests-house: environment
	$(PYTHON) -m pytest -p no:pytest-qt -p no:xvfb tests/house

# The domain, with Qt hidden from it.
tests-layers: warm
	RISKATLAS_HIDE_QT=1 $(PYTHON) -m pytest -p no:pytest-qt -p no:xvfb layers tests/layers $(wildcard tests/published) --doctest-modules

# The window, without a screen.
tests-app: warm
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -p no:xvfb tests/app

tests-journeys: warm
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -p no:xvfb tests/journeys

# What a screen may change, and a whole journey, on one.
tests-screen: warm
	@if command -v Xvfb >/dev/null; then QT_QPA_PLATFORM=xcb $(PYTHON) -m pytest -m screen tests/app tests/journeys; \
	else echo "Xvfb is not installed: the window was tested offscreen only (apt-get install xvfb)"; fi

peers: setup
	.venv/bin/uv venv -q .venv-peers && .venv/bin/uv pip install -q --python .venv-peers/bin/python -r requirements/peers.txt

bench: setup
	@for script in $(filter-out benchmarks/peer_%,$(wildcard benchmarks/*.py)); do $(PYTHON) "$$script" --json --quick; done

clean:
	rm -rf .venv .venv-peers out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
