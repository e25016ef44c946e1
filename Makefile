# Jamie: every target sets up what it needs. `make demo` and `make test` are the two to know.
.PHONY: demo test lint bench eval setup fmt help

# One target folder outside the checkout, so that a fresh clone does not build everything twice.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/jamie/target
VENV ?= $(HOME)/.cache/jamie/venv
export JAMIE_TEST_PYTHON ?= $(VENV)/bin/python
# Its libraries and those of the one above want different versions of what they share.
S3_VENV ?= $(HOME)/.cache/jamie/venv-s3
export JAMIE_TEST_S3_PYTHON ?= $(S3_VENV)/bin/python
export JAMIE_TEST_SENTENCE_MODEL ?= $(HOME)/.cache/jamie/sentence-model
export JAMIE_TEST_POSTGRES ?= postgres://postgres:jamie@127.0.0.1:5432/postgres
export JAMIE_TEST_REDIS ?= redis://127.0.0.1:6379/15

# What a build needs is installed before anything is decided: with and without mold are two builds.
ifneq ($(filter demo test lint bench eval setup,$(MAKECMDGOALS)),)
ifneq ($(shell sh .ci/setup build >&2 && echo ready),ready)
$(error the build tools are not complete, see above)
endif
endif

# mold links several times faster; without it the default linker does.
MOLD := $(shell command -v mold 2>/dev/null)
ifneq ($(MOLD),)
export RUSTFLAGS ?= -C link-arg=-fuse-ld=mold
endif

help:
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: ## start Jamie on the simulated estate
	@cargo build --package jamie-cli
	@"$(CARGO_TARGET_DIR)/debug/jamie" demo

test: setup ## run every test
	@if command -v cargo-nextest >/dev/null; then \
	  cargo nextest run --workspace && cargo test --workspace --doc; \
	else \
	  cargo test --workspace; \
	fi

lint: ## formatting and clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets
	@if command -v cargo-deny >/dev/null; then cargo deny --offline check bans licenses sources; fi

bench: ## measure, and print a table
	cargo bench --package benches
	@sh benches/table.sh $(CARGO_TARGET_DIR)/criterion

eval: ## accuracy over the scenario library
	cargo run --quiet --release --package jamie-cli -- eval

fmt: ## format the code
	cargo fmt --all

setup: ## install what the tests need
	@sh .ci/setup test "$(VENV)" "$(S3_VENV)" "$(JAMIE_TEST_SENTENCE_MODEL)"
