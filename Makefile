# Every command a person or CI types. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup lab exercise report lab-down test lint unit integration installed cores molecule ten-times hosts hosts-faults secured transitions artifacts artifacts-lock options flags bench docs headers results changelog version clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make this machine ready: packages, Python environment, container engine
	@tests/lab/setup

lab: ## Bring up the reference estate in six containers, run the exercise, show what runs where (or INVENTORY=kraft, secured)
	@tests/lab/up

exercise: ## The whole students exercise on the lab: v1, v2, and 50,000 of v3; then its health
	@tests/lab/run ansible-playbook playbooks/exercise.yml playbooks/health.yml -e '{"exercise_versions": {"v1": 100, "v2": 100, "v3": 50000}}'

report: ## Write .cache/report.html: the lab as a drawing, with tables and plots
	@tests/lab/run ansible-playbook playbooks/report.yml

lab-down: ## Remove the lab's containers and network, and nothing else
	@tests/lab/down

test: ## Everything CI runs: lint, unit, integration, cores, every Molecule scenario, the whole estate
	@tests/run

lint: ## Linters, types, shell scripts, role defaults against their documentation
	@tests/run lint

unit: ## Unit tests, in seconds, without containers
	@tests/run unit

integration: ## Bad input and whole runs that need a container or two
	@tests/run integration

installed: ## Build the collection, install it into an empty place, check every playbook by its full name
	@pytest tests/integration/test_installed.py

cores: ## The supported releases of ansible-core that requirements.lock does not hold
	@tests/run cores

molecule: ## Every Molecule scenario of the suite except site, two at a time
	@tests/run molecule

molecule-%: ## One Molecule scenario, such as molecule-zookeeper
	@tests/run molecule-$*

ten-times: ## Each scenario of the suite that talks to Connect, ten times (or TIMES=3), no failed test once more; takes hours
	@TIMES=$${TIMES:-10} tests/run molecule-kafka_connect molecule-kafka_controller molecule-secured site

hosts: ## The scenario hosts with what takes too long for make test: monitoring and the whole estate in check mode, too
	@HOSTS_WHOLE=true tests/run molecule-hosts

hosts-faults: ## Kill the controller of fresh runs on the hosts of that scenario, make the store read-only: KILLS=5 SEED=…
	@tests/run faults

secured: ## What else a secured estate has: controllers, flows, registry, Elasticsearch, monitoring, the exercise, each attacked by who may not; rotations, a company's authority
	@tests/run molecule-secured_company molecule-secured_exercise molecule-secured_kraft molecule-secured_metrics molecule-secured_mirrors molecule-secured_registry molecule-secured_rotate molecule-secured_search

transitions: ## A living cluster leaves ZooKeeper, an open estate becomes a secured one, under load, and back: docs/transitions.md
	@tests/run molecule-migrate molecule-secure

artifacts: ## Fill the artefact store with what the lab needs
	@tests/lab/run ansible-playbook playbooks/artifacts.yml

artifacts-lock: ## Fetch from every source anew and write artifacts/lock.json
	@ansible-playbook -i inventories/prod playbooks/artifacts.yml -e artifacts_update_lock=true

options: ## Write artifacts/options anew: the options that the catalogue's versions of the programs define
	@python tools/options.py

flags: ## Write artifacts/options anew for the flags of programs that the store has, and for librdkafka
	@python tools/flags.py
	@python tools/client.py

bench: ## Measure runs against a floor without Ansible and add them to docs/bench.md
	@tests/bench/run

docs: ## Write docs/roles, the limits, the list of variables and the drawings of the estates anew
	@python tools/docs.py

results: ## Write docs/tests.md and its badge from the record of the last whole run of make test, or of RESULTS=<its results.json>
	@python tools/results.py page $(RESULTS) --note "$(NOTE)"

headers: ## Write into every plugin its licence, author and the version in which it came, where they are missing
	@python tools/headers.py

changelog: ## Write the section of the coming release in CHANGELOG.md from changelogs/fragments
	@python tools/changelog.py

version: ## Write the version of the coming release everywhere: make version VERSION=0.2.0
	@python tools/version.py $(VERSION)

clean: ## Remove caches; the artefact store and a running lab stay
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .ansible .cache/*.log
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
