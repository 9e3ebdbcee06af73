# The two commands of the README are `make publish` and `make test`; each sets up what it needs, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKS := .ci/requirements
.DEFAULT_GOAL := publish
.PHONY: publish test check fault fuzz format bench pictures lock system clean

publish: $(VENV)/.run ## one run on the repository's own config.toml
	$(BIN)/publish

test: $(VENV)/.dev $(VENV)/.s3 system ## every test
	$(BIN)/python -m pytest

check: $(VENV)/.dev ## formatter, linter, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fault: $(VENV)/.dev ## processes, workers and servers that are killed at their work, at full length
	PUBLISHER_FAULT=full $(BIN)/python -m pytest -s tests/integration/test_killed.py tests/integration/test_workers_killed.py \
	  tests/integration/test_workers_at_random.py tests/integration/test_three_machines.py

fuzz: $(VENV)/.dev ## a million mutated seeds, and as many that are led by the code they reach
	$(BIN)/python tests/fuzz_reading.py 1000000
	$(PYTHON) -m venv $(VENV)/fuzz
	$(VENV)/fuzz/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/fuzz.txt
	PYTHONPATH=$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])') \
	  $(VENV)/fuzz/bin/python tests/fuzz_coverage.py -runs=1000000

format: $(VENV)/.dev ## write what the formatter and the linter would have
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## measure, and write benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks.run

pictures: $(VENV)/.dev system ## the pictures of the README
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/console_pages.py

lock: $(VENV)/.dev ## pin every dependency anew, by hash and without the name of an index
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	for file in build run fuzz s3 dev; do \
	  case $$file in build) from="--group build";; fuzz|s3) from="--group $$file";; run) from="pyproject.toml";; \
	    dev) from="pyproject.toml --extra dkim --extra postgres --extra s3 --extra workers --group dev --group build -c $(LOCKS)/run.txt";; esac; \
	  $(VENV)/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate $$from -o $(LOCKS)/$$file.txt || exit 1; \
	done

system:
	@.ci/system

$(VENV)/.s3: $(LOCKS)/s3.txt | $(VENV)/bin/python
	$(PYTHON) -m venv --clear $(VENV)/s3
	$(VENV)/s3/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/s3.txt
	@touch $@

clean: ## remove what runs and tests leave behind
	rm -rf $(VENV) public data build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "publisher needs Python 3.11 or newer; make PYTHON=… names another")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(LOCKS)/build.txt $(LOCKS)/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/build.txt -r $(LOCKS)/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(LOCKS)/dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/dev.txt
	@touch $@
