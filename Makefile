# Everything runs in a virtual environment of its own, from exact versions in constraints.txt.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check lint docs bench lock clean

demo: $(READY)  ## simulate an organisation, replay it, score it
	@rm -rf demo
	@$(BIN)/kamengine demo demo

test: $(READY)  ## run the tests
	$(BIN)/pytest -n 2

check: lint test  ## what to run before committing

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.generate --check

docs: $(READY)  ## write the generated parts of the documentation anew
	$(BIN)/python -m docs.generate

bench: $(READY)  ## measure speed and memory beside the limit (takes many minutes)
	$(BIN)/python -m benchmarks

lock:  ## take the newest versions into constraints.txt
	rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT= $(BIN)/pip install --quiet --editable '.[dev]' hatchling editables
	$(BIN)/pip freeze --exclude kamengine --exclude-editable --all | grep -v '^pip==' > constraints.txt

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) demo dist build
