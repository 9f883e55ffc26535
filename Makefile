# One command for each thing a developer does; the first use of any of them sets up .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup check format lint types imports test unit e2e demo demo-check bench bench-full conformance validate scenarios fuzz explore protos clean

setup: $(READY)

$(READY): pyproject.toml
	@deploy/setup $(PYTHON) $(VENV)
	@touch $@

check: lint types imports unit

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile

unit: $(READY)
	$(BIN)/python -m pytest -n 2 -m "not e2e"

e2e: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m e2e

demo: $(READY)
	@$(BIN)/python -m kuma.cli.demo

demo-check: $(READY)
	@$(BIN)/python -m kuma.cli.demo --check

scenarios: $(READY)
	@$(BIN)/python -m tests.scenarios

# CASES: a folder of cases in the format of tests/conformance; SUITE=a,b and JSON=FILE as wanted, ARGS=-v for whole differences.
CASES ?= ../shared/conformance/cases

conformance: $(READY)
	@$(BIN)/python -m tests.conformance --cases $(CASES) $(if $(SUITE),--suite $(SUITE)) $(if $(JSON),--json $(JSON)) $(ARGS)

# Whether the real Envoy takes what we make of the cases of whole configs.
validate: $(READY)
	@$(BIN)/python -m tests.conformance.validate --cases $(CASES)

# Questions to the REST API that nobody would think of, made from its own description. EXAMPLES: how many per operation.
EXAMPLES ?= 50
SEED ?= 0

fuzz: $(READY)
	@$(BIN)/python -m tests.kuma.rest.fuzz --examples $(EXAMPLES) --seed $(SEED)

# Properties with examples that have not been tried before; `make test` tries the same each time.
explore: $(READY)
	HYPOTHESIS_PROFILE=exploring $(BIN)/python -m pytest -n 2 -m "not e2e" tests/kuma tests/zone_cp tests/certs

# What things cost: `bench` in ten minutes on two cores, `bench-full` also at a thousand proxies and more.
RESULTS := benchmarks/results
MEASURE := $(BIN)/python -m benchmarks

bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	$(MEASURE).light --runs 5
	$(MEASURE).micro --result $(RESULTS)/micro.json
	$(MEASURE).fleet --services 60 --trials 50 --idle 30 --duration 15 --result $(RESULTS)/fleet-300.json
	$(MEASURE).zones --trials 50 --idle 10 --result $(RESULTS)/zones.json

bench-full: bench
	$(MEASURE).fleet --services 200 --instances 5 --result $(RESULTS)/fleet-1000.json
	$(MEASURE).fleet --services 1000 --instances 2 --outbounds 20 --result $(RESULTS)/fleet-2000.json
	$(MEASURE).fleet --services 100 --planes 1 --cases connect,mesh,workload,endpoint --trials 100 \
	  --result $(RESULTS)/fleet-500-one.json
	$(MEASURE).fleet --services 100 --planes 2 --cases connect,mesh,workload,endpoint --trials 100 \
	  --result $(RESULTS)/fleet-500-two.json
	$(MEASURE).zones --result $(RESULTS)/zones.json
	$(MEASURE).growth --result $(RESULTS)/growth.json

protos: $(READY)
	deploy/protos
	$(BIN)/python -m kuma.envoy.stubs

clean:
	rm -rf $(VENV) .state .mypy_cache .ruff_cache .pytest_cache .hypothesis
