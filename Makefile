# `make help` lists what can be made. Everything is installed into .venv; a second call starts at once.

PYTHON   ?= python3
VENV     ?= .venv
LOWEST   ?= .venv-lowest
BUILDING ?= .venv-build
NOTEBOOK ?= notebooks/quickstart.ipynb
LAB_ARGS ?=
WORKERS  ?= 2

IN_VENV := $(VENV)/bin/python -m
VERSION := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
# The file list of JupyterLab begins at the clone, README and all, unless the notebook lies elsewhere.
LAB_ROOT := $(if $(filter $(CURDIR)/%,$(abspath $(NOTEBOOK))),--ServerApp.root_dir="$(CURDIR)")
FOR_LAB := $(VENV)/.lab-$(VERSION)
FOR_DEV := $(VENV)/.dev-$(VERSION)
PIP     := $(IN_VENV) pip --quiet --disable-pip-version-check
PYTEST  := $(IN_VENV) pytest -q -n $(WORKERS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help lab test test-fast test-lowest check format notebooks pictures bench dist docs lite clean venv chromium pyodide

help: ## this list
	@awk -F ': .*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: $(FOR_LAB) ## JupyterLab, opened on the quickstart notebook
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@cp tools/lab_settings.json $(VENV)/share/jupyter/lab/settings/overrides.json
	$(IN_VENV) jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB_ROOT) $(LAB_ARGS) $(NOTEBOOK)

test: $(FOR_DEV) chromium pyodide ## every test, notebooks and a real browser included
	$(PYTEST) --durations 5

test-fast: $(FOR_DEV) ## the tests for the inner loop, within a minute
	$(PYTEST) -m "not slow and not browser" -p no:nbval

check: $(FOR_DEV) ## formatting, lint rules and types
	$(IN_VENV) ruff format --check .
	$(IN_VENV) ruff check .
	$(IN_VENV) mypy

format: $(FOR_DEV) ## write the formatting that `make check` asks for
	$(IN_VENV) ruff format .

pictures: $(FOR_DEV) chromium ## take the pictures of the panel again
	$(VENV)/bin/python tests/ui/take_pictures.py

notebooks: $(FOR_DEV) ## run the notebooks again and keep their outputs
	$(VENV)/bin/python tests/notebooks/execute.py

bench: $(FOR_DEV) ## speed and accuracy
	@set -e; for script in benchmarks/*.py; do echo; echo $$script; $(VENV)/bin/python $$script; done

test-lowest: ## the fast tests with the lowest versions of the dependencies that pyproject.toml allows
	@sh tools/make_venv.sh "$(PYTHON)" "$(LOWEST)"
	"$(PYTHON)" tools/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip --quiet --disable-pip-version-check install -c $(LOWEST)/constraints.txt -e ".[lab,completion,gpu,test]"
	$(LOWEST)/bin/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not slow and not browser" -p no:nbval

dist: ## the package as PyPI would get it, checked
	rm -rf dist
	@sh tools/make_venv.sh "$(PYTHON)" "$(BUILDING)"
	$(BUILDING)/bin/python -m pip --quiet --disable-pip-version-check install build twine
	$(BUILDING)/bin/python -m build --outdir dist
	$(BUILDING)/bin/python -m twine check --strict dist/*

docs: $(FOR_DEV) lite ## the site of the documentation, in build/site, with the panel for a browser alone
	$(PIP) install -e ".[docs]"
	@mkdir -p build
	$(IN_VENV) pytest -q -p no:nbval tests/architectures/test_oracle.py tests/docs > build/test-run.txt || { tail -n 20 build/test-run.txt; exit 1; }
	$(IN_VENV) mkdocs build --strict --quiet
	cp -r build/lite build/site/lite

lite: $(FOR_DEV) ## the panel in a browser alone (JupyterLite), in build/lite
	$(PIP) install -e ".[lite]"
	$(VENV)/bin/python tools/browser/site.py build/lite

clean: ## remove the environment and everything else that was made here
	rm -rf $(VENV) $(LOWEST) $(BUILDING) build dist .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/ui/screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@sh tools/make_venv.sh "$(PYTHON)" "$(VENV)"

chromium:
	@sh tools/find_chromium.sh

pyodide: $(FOR_DEV)
	@$(VENV)/bin/python tools/browser/distribution.py build/pyodide || echo "The tests of a browser's own Python are left out."

# These stamps are younger than pyproject.toml once what it asks for is installed for that version of Python.
$(FOR_LAB): pyproject.toml | venv
	@echo "Installing JupyterLab and the package (a minute or two, the first time only)"
	$(PIP) install -e ".[lab]"
	@touch $@

$(FOR_DEV): pyproject.toml | venv
	@echo "Installing the package and what its tests need (a minute or two, the first time only)"
	$(PIP) install -e ".[lab,test,check]"
	@touch $@ $(FOR_LAB)
