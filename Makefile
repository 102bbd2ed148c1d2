# Two commands: `make demo` shows the whole loop, `make test` runs every check.

PYTHON ?= python3.11
BIN := .venv/bin
LOCKED := requirements/all.lock

export TOKENIZERS_PARALLELISM := false
# Empty is unset: where a container sets it, each process would compile the program anew.
export PYTHONDONTWRITEBYTECODE :=
# Waiting threads sleep, so that others can compute (cli/app.py says more).
export OMP_WAIT_POLICY := PASSIVE

.PHONY: demo test types tests docs licences audit release bench starter meant lock clean

# With ONCE=1 it ends after the loop; without it the roles run until Ctrl-C.
demo: .venv/installed
	$(BIN)/python -m examples.demo $(if $(ONCE),--once)

# SLOW=1 adds tests that take more than about half a second, and tries more examples, as CI does.
# The types are checked beside the tests: the first time that takes a minute.
test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory --jobs 2 types tests

types: .venv/installed
	$(BIN)/mypy

tests: .venv/installed
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		$(if $(SLOW),,-m "not slow" --hypothesis-profile quick)

# The site of docs/, in build/site; a broken link fails.
docs: .venv/installed
	$(BIN)/zensical build --strict

# Writes docs/licences.md anew.
licences: .venv/installed
	$(BIN)/python -m tools.licences

# Asks whether weaknesses of the locked versions are known; where nobody can be asked, it says so.
audit: .venv/installed
	$(BIN)/python -m tools.audit

# The wheel, the source, and what they bring, in dist/.
release: .venv/installed
	$(BIN)/python -m tools.release

bench: .venv/installed
	$(BIN)/python -m bench

# Trains the starter adapter anew, on the rows of training/starter.jsonl, for an hour or more on two cores.
starter: .venv/installed
	$(BIN)/python -m training.make_starter

# Learns anew, in a minute, which lines of a thread are meant for the bot, and prints how often that is wrong.
meant: .venv/installed
	$(BIN)/python -m bench.meant

.venv/installed: $(LOCKED) requirements/uv.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock
	# Bytecode is compiled here: if PYTHONDONTWRITEBYTECODE is set, as in many containers, each command
	# would otherwise compile everything that it imports.
	$(BIN)/uv pip install --compile-bytecode --require-hashes -r $(LOCKED)
	$(BIN)/uv pip install --no-deps --no-build-isolation --editable .
	touch $@

# Takes the newest versions that pyproject.toml allows into the lock file. Text recognition (the extra
# ocr) is left out: it is large, and reads slowly.
lock: .venv/installed
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --extra train --extra postgres --extra small --extra s3 --extra cluster --extra console --extra traces --extra threads --group dev --group docs --group release \
		pyproject.toml -o $(LOCKED)

clean:
	rm -rf .venv .cache build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
