# The verbs of the project. `make demo` and `make test` set up everything that they need on Debian 12 themselves.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

UV := packaging/uv.sh
RUN := $(UV) run --frozen --extra demo
DEMO_ARGS ?=
TEST_ARGS ?=

.PHONY: help
help: ## what there is
	@sed -nE 's/^([a-z-]+):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r verb what; do
		printf '%-18s %s\n' "$$verb" "$$what"
	done

.PHONY: system-run system-test env
system-run:
	@packaging/linux/system-packages.sh run

system-test:
	@packaging/linux/system-packages.sh run test

env:
	@[ -d .venv ] || echo "Setting up the Python environment in .venv (about 850 MB, the first time alone)"
	$(UV) sync --frozen --extra demo --quiet

.PHONY: demo
demo: system-run env ## a made-up clinic and the console, on this machine (DEMO_ARGS=--headless-clinic: no console)
	@$(RUN) teleconsole demo $(DEMO_ARGS)

.PHONY: test
test: system-test env ## everything that CI checks: lint, types, contracts, unit tests, journeys
	@$(MAKE) --no-print-directory check
	$(MAKE) --no-print-directory journeys

.PHONY: check
check: system-test env ## lint, types, contracts and the tests without journeys
	@$(RUN) ruff format --check src tests packaging
	$(RUN) ruff check src tests packaging
	$(RUN) mypy
	$(RUN) lint-imports
	# each suite in a process of its own: Qt's application, the network namespaces and the browser's driver do not mix
	export QT_QPA_PLATFORM=offscreen
	# two that wait little and time nothing run beside each other; those that follow need the machine for themselves
	told=$$(mktemp)
	$(RUN) pytest -q -m 'not journey and not slow' $(TEST_ARGS) tests/console >"$$told" 2>&1 & console=$$!
	good=yes
	$(RUN) pytest -q -m 'not journey and not slow' $(TEST_ARGS) tests/unit tests/architecture tests/faults || good=no
	wait $$console || good=no
	cat "$$told"
	rm -f "$$told"
	[ $$good = yes ]
	$(RUN) pytest -q -m 'not journey and not slow' $(TEST_ARGS) tests/integration
	$(RUN) pytest -q -m 'not journey and not slow' $(TEST_ARGS) tests/browser

.PHONY: journeys
journeys: system-test env ## the whole stories: real gateway, FHIR server, browser, window, keyring and sound
	@$(RUN) pytest -q -m journey tests/journeys $(TEST_ARGS)

.PHONY: slow
slow: system-test env ## the tests that measure seconds and rates; on a machine that does nothing else (root)
	@export QT_QPA_PLATFORM=offscreen
	$(RUN) pytest -q -m slow tests $(TEST_ARGS)

.PHONY: screenshots
screenshots: system-test env ## every pane in three themes, into docs/screenshots
	@$(RUN) python -m tests.screenshots.make

.PHONY: bench-first-light
bench-first-light: system-test env ## the figures of docs/figures/first-light.md, measured anew (root, a few minutes)
	@$(RUN) python -m tests.bench.first_light

.PHONY: bench-call
bench-call: system-test env ## the call over bad networks beside a browser's, into docs/figures/call (root, half an hour)
	@$(RUN) python -m tests.bench.call --matrix

.PHONY: bench-echo
bench-echo: env ## echo and double talk through the call's voice processing, into docs/figures/echo.md (a minute)
	@$(RUN) python -m tests.bench.echo

MINUTES ?= 60

.PHONY: soak-call
soak-call: system-test env ## a call of MINUTES with a sound device 100 ppm fast, into docs/figures/call/soak.md (root, a C compiler)
	@$(RUN) python -m tests.bench.soak --minutes $(MINUTES)

FUZZ_MINUTES ?= 60

.PHONY: fuzz-call
fuzz-call: system-test env ## hostile gateways and peers against the call process, for FUZZ_MINUTES (root)
	@$(RUN) python -m tests.integration.call.fuzz --minutes $(FUZZ_MINUTES)

.PHONY: format
format: env ## put the code into shape
	@$(RUN) ruff format src tests packaging
	$(RUN) ruff check --fix src tests packaging
