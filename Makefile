# The book in two commands: `make book` and `make test`.  Plain `make` lists the rest.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
SHELL  := /bin/bash
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
CHOSEN := $(if $(ONLY),--only "$(ONLY)")
PAGES  := $(wildcard chapters/*/[0-9]_*.py)
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)

.DELETE_ON_ERROR:
.PHONY: help env book test stress serve lab status train smoke verify bench data sync clean

help:  ## this list
	@echo "make TARGET, where TARGET is one of"
	@sed -nE 's/^([a-z]+):.*  ## (.*)/  \1\t\2/p' Makefile | expand -t 10

book: $(STAMP)  ## build the book, warnings are errors
	$(BIN)/jupyter-book build . -W -n --keep-going
	@echo "The book lies in _build/html/index.html.  To read it in a browser: make serve"

test: $(STAMP)  ## style, unit tests, pairs, notebooks, training in small, the built book
	$(BIN)/ruff check .
	BOOK_RUNS=records OMP_NUM_THREADS=1 $(BIN)/python -m pytest --nbmake --durations=10

stress: $(STAMP)  ## kill a training 20 times: it must end with the same bits; run every page on smoke runs
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m stress tests

serve: $(STAMP)  ## show the built book at http://localhost:8000 (PORT=)
	@test -f _build/html/index.html || { echo "There is no book yet: make book"; exit 1; }
	@echo "http://localhost:$(PORT)  (Ctrl-C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lab: $(STAMP)  ## open the chapters in JupyterLab
	$(BIN)/jupyter-lab --LabApp.default_url=/lab/tree/chapters

status: $(STAMP)  ## table of all runs: how many are done, scale, seconds, what is missing or stale
	@$(BIN)/python -m lib status $(CHOSEN)

train: $(STAMP)  ## train missing runs, resumable (ONLY=lenet-grey SEEDS=3 MINUTES=30 REDUCED=1)
	$(BIN)/python -m lib train $(CHOSEN) $(if $(SEEDS),--seeds $(SEEDS)) \
	    $(if $(MINUTES),--minutes $(MINUTES)) $(if $(REDUCED),--reduced)

smoke: $(STAMP)  ## train everything once on tiny slices of real data, outside the repository
	$(BIN)/python -m lib smoke $(CHOSEN)

verify: $(STAMP)  ## read every record whole, compute its measures and a check of its network again (ONLY=)
	$(BIN)/python -m lib verify $(CHOSEN)

bench: $(STAMP)  ## speeds, as ratios to what people would write otherwise
	$(BIN)/python bench.py

data: $(STAMP)  ## fetch and verify the full data sets into data/
	$(BIN)/python -m lib data

sync: $(STAMP)  ## write notebooks from scripts, changed measures into records, what was found into README.md
	$(BIN)/jupytext --to ipynb --update $(PAGES)
	$(BIN)/python -m lib verify --renew
	$(BIN)/python -m lib claims --readme

clean:  ## remove the built book and its cache (the environment stays)
	rm -rf _build

env: $(STAMP)  ## make the environment .venv and nothing else
$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "This book needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; \
	  echo "Name another one: make PYTHON=python3.12 book"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments" \
	    "(on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@# uv is quicker, but it reads none of pip's variables
	@if command -v uv >/dev/null && [ -z "$$PIP_EXTRA_INDEX_URL" ]; then pip=(uv pip install --python $(BIN)/python -q); \
	else pip=($(BIN)/python -m pip install --disable-pip-version-check -q); fi; \
	set -ex; "$${pip[@]}" -r requirements.txt; \
	"$${pip[@]}" --no-deps --no-build-isolation -e .
	@touch $@
