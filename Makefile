# The commands of Rhei. `make help` lists them. JOBS=N limits the parallel compilers.
.DEFAULT_GOAL := build
.PHONY: build deps deps-test cpu test test-all demo conformance lint format fuzz clean help

RELEASE := build/release
export JOBS

build: deps cpu  ## Build the release programs into build/release/bin (default)
	@tools/build.sh release programs

deps:  ## Install the Debian packages that are missing for a build
	@tools/deps.sh

deps-test:
	@tools/deps.sh test

cpu:
	@tools/cpu_check.sh

test: deps-test cpu  ## Run all tests as CI does; ends with "N passed, N failed"
	@python3 tools/test.py

test-all: deps-test cpu  ## Run everything: every regime, every sanitizer, long fuzzing (hours)
	@python3 tools/test.py --all

demo: build  ## Build, then run the clickstream demo
	@$(RELEASE)/bin/rhei demo

conformance: deps cpu  ## Compare with Flink's own cases in ../shared/conformance
	@tools/build.sh release rhei-conformance
	@python3 tools/conformance.py

lint: deps-test  ## Check the house rules, the formatting, and that every header stands alone
	@python3 tools/tidy_test.py
	@python3 tools/tidy.py
	@tools/format.sh --check
	@tools/build.sh release all_verify_interface_header_sets

format: deps-test  ## Format all C++ files
	@tools/format.sh

fuzz: deps-test  ## Fuzz every target for SECONDS_TOTAL (300) seconds together
	@tools/fuzz.sh

clean:  ## Remove everything that was built
	rm -rf build

help:  ## List these commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | column -t -s '|'
