# The commands of this project. `make help` lists them.
PORT ?= 8000
# The name of the image that is built, tested and started.
export IMAGE ?= pydotorg:local
PYTHON ?= python3.11
BIN := .venv/bin
# Tiers of the test suite: docs/testing.md. FULL needs other programs, NIGHTLY takes long.
FULL := full or browser or edge or processes or replica or cluster
NIGHTLY := nightly or matrix or stack
PYTEST = $(BIN)/python -m pytest -n auto $(ARGS)
MANAGE := $(BIN)/python manage.py
COMPILE := $(BIN)/uv pip compile --quiet --no-strip-extras --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help serve console import test test-app test-full test-nightly mutants test-pooled fuzz matrix lint lint-types lint-style lint-templates lint-site format lock upgrade-trial bench variables emails pictures requirements release-drills drills sbom backup restore image image-test image-suite stack stack-test stack-roll stack-down dev-stack

help: ## Say what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/serve: requirements/base.txt
	@echo "Making .venv and installing what the site needs (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

.venv/dev: requirements/dev.txt .venv/serve
	@echo "Installing what building and testing needs (about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip check
	@touch $@

serve: .venv/serve ## Start the site on 127.0.0.1:8000 with demo content (PORT= changes the port)
	@echo "Bringing the database up to date …"
	@$(MANAGE) migrate --verbosity 0
	@BASE_URL=http://127.0.0.1:$(PORT) $(MANAGE) demo
	@BASE_URL=http://127.0.0.1:$(PORT) $(MANAGE) runserver 127.0.0.1:$(PORT)

console: .venv/serve ## Place the Python console for browsers in var/console, from the npm of this machine
	@$(BIN)/python deploy/console.py $${CONSOLE_ROOT:-var/console}

.venv/import: requirements/import.txt .venv/serve
	@echo "Installing what the import needs …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/import.txt
	@touch $@

import: .venv/import ## Import a dump of the previous site into the database: make import FILE=dump.json (ARGS="--delta")
	@test -n "$(FILE)" || { echo "Name the dump: make import FILE=dump.json"; exit 1; }
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) import_pydotorg $(FILE) $(ARGS)

test: .venv/dev ## Run the tests that need nothing but Python, in a few minutes
	@$(PYTEST) -m "not ($(FULL) or $(NIGHTLY))"

test-app: .venv/dev ## Run the tests of one app: make test-app APP=jobs
	@$(PYTEST) -m "not ($(FULL) or $(NIGHTLY))" tests/$(APP)

test-full: .venv/dev ## Run what depends on PostgreSQL, Redis, Chromium, Varnish or HAProxy (DATABASE_URL, REDIS_URL)
	@test -n "$$DATABASE_URL" -a -n "$$REDIS_URL" || { echo "Set DATABASE_URL and REDIS_URL: see docs/testing.md."; exit 1; }
	@# Browsers and servers are waited for, so one process more than there are cores.
	@PYTEST_XDIST_AUTO_NUM_WORKERS=$$(($$(nproc) + 1)) $(PYTEST) -m "(engine or $(FULL)) and not ($(NIGHTLY))"

test-nightly: .venv/dev ## Run everything on both engines, with coverage (DATABASE_URL, REDIS_URL); writes docs/coverage.md
	@$(BIN)/coverage erase
	@status=0; \
	env -u DATABASE_URL -u REDIS_URL $(PYTEST) --cov --cov-report= -m "not (browser or edge or cluster)" || status=1; \
	$(PYTEST) --cov --cov-append --cov-report= -m "engine or $(FULL)" || status=1; \
	$(BIN)/python -m tests.branch_coverage || status=1; \
	exit $$status

mutants: .venv/dev ## Apply deliberate mistakes and report those that no test notices (ARGS="--seed 17 --number 60"); writes docs/mutants.md
	@$(BIN)/python -m tests.mutants $(ARGS)

test-pooled: .venv/dev ## Run the engine tests through PgBouncer on the PostgreSQL of DATABASE_URL (REPLICA=1: with the router of a replica)
	@$(BIN)/python -m tests.pooled $(if $(REPLICA),--replica) -n auto -m "(engine or replica) and not ($(NIGHTLY))"

fuzz: .venv/dev ## Send 20,000 hostile requests to every route and form as every role, and all that the APIs allow (FUZZ_REQUESTS=, FUZZ_SEED=)
	@$(PYTEST) -m nightly -rP --show-capture=stdout tests/pydotorg/test_fuzz.py tests/pydotorg/test_api_contracts.py tests/cms/test_hostile_files.py

matrix: .venv/dev ## Ask each address of the site as each role, and print the answers
	@$(PYTEST) -m matrix -rP --show-capture=stdout tests/pydotorg/test_routes.py

lint: .venv/dev ## Check style, types, templates, layers, migrations and the production settings
	@echo "Checking …"
	@mkdir -p var
	@$(MAKE) --no-print-directory -j2 lint-types lint-style lint-templates lint-site

lint-types:
	@$(BIN)/mypy

lint-style:
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/python -m docs.terminology
	@$(BIN)/codespell
	@PYTHONPATH=. $(BIN)/lint-imports > var/lint-imports.txt || (cat var/lint-imports.txt; exit 1)

lint-templates:
	@$(BIN)/djlint --quiet --check --lint templates

lint-site:
	@DATABASE_URL=sqlite:///:memory: $(MANAGE) makemigrations --check --dry-run
	@SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(60))") DATABASE_URL=sqlite:///:memory: \
		REDIS_URL=redis://127.0.0.1:6379/0 ALLOWED_HOSTS=www.python.org BASE_URL=https://www.python.org \
		AWS_STORAGE_BUCKET_NAME=none CDN_BACKEND=none EMAIL_URL=none DJANGO_SETTINGS_MODULE=pydotorg.settings.production \
		$(MANAGE) check --deploy --fail-level WARNING

format: .venv/dev ## Put Python and templates into shape
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint --quiet --reformat templates || true

lock: .venv/dev ## Renew requirements/*.txt from requirements/*.in
	@for name in base import search dev; do $(COMPILE) --upgrade requirements/$$name.in -o requirements/$$name.txt; done

upgrade-trial: .venv/dev ## Install the next patch releases of Wagtail and Django in var/upgrade, and run the suite there
	@rm -rf var/upgrade && mkdir -p var/upgrade && cp -r requirements var/upgrade
	@for name in base import search dev; do $(COMPILE) --upgrade-package django --upgrade-package wagtail \
		var/upgrade/requirements/$$name.in -o var/upgrade/requirements/$$name.txt; done
	@diff requirements/dev.txt var/upgrade/requirements/dev.txt | grep "==" || echo "There is no newer patch release."
	@$(PYTHON) -m venv var/upgrade/venv
	@var/upgrade/venv/bin/python -m pip install --quiet --require-hashes -r var/upgrade/requirements/dev.txt
	@$(MAKE) --no-print-directory test BIN=var/upgrade/venv/bin
	@var/upgrade/venv/bin/python -m pytest -n auto -m nightly tests/pydotorg/test_upgrade.py

variables: .venv/dev ## Write the table of variables into docs/operations.md
	@$(BIN)/python -m pydotorg.settings.variables

emails: .venv/dev ## Write docs/emails.md: each email of the site with its example
	@DJANGO_SETTINGS_MODULE=pydotorg.settings.dev $(BIN)/python -m docs.emails

pictures: .venv/dev ## Walk the staff guide in Chromium and write its pictures into docs/images
	@PICTURES=write $(BIN)/python -m pytest -n 0 -p no:randomly -q -m nightly tests/browser/test_staff_guide.py $(ARGS)

requirements: ## Write the table of requirements from the marks on tests and files
	@$(BIN)/python docs/requirements.py

release-drills: .venv/dev ## Switch, roll back, kill and restore on this machine, and write docs/release-drills.md
	@$(BIN)/python -m deploy.drills.releases

drills: .venv/dev ## Make each part fail on this machine, count what is lost or done twice, and write docs/drills.md
	@$(BIN)/python -m deploy.drills

sbom: .venv/dev ## List what the site is made of, as CycloneDX, in var/sbom.json
	@$(BIN)/cyclonedx-py requirements --output-reproducible --output-file var/sbom.json requirements/base.txt

backup: .venv/serve ## Save the database and the list of media (FOLDER= says where)
	@$(BIN)/python deploy/backup.py save $(or $(FOLDER),var/backups)

restore: .venv/serve ## Bring the backup in FOLDER= back into an empty database
	@$(BIN)/python deploy/backup.py restore $(FOLDER)

bench: .venv/dev ## Measure the site on real-sized data and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

image: ## Build the image (IMAGE=pydotorg:local BASE_IMAGE= REQUIREMENTS=), with Docker, or with buildah as root
	@$(PYTHON) deploy/console.py var/console --if-possible
	@$(PYTHON) deploy/containers/image.py build

image-test: ## Start the image and ask for a page with all its files, /ready and one sign-in
	@$(PYTHON) deploy/containers/image.py test

image-suite: ## Run the tests that need only Python inside the image (ARGS=)
	@$(PYTHON) deploy/containers/image.py suite $(ARGS)

stack: .venv/dev ## Start the whole site in containers on http://127.0.0.1:8080/ (DEMO=1: with demo content)
	@$(BIN)/python deploy/containers/stack.py up $(if $(DEMO),--demo)

stack-test: .venv/dev ## Test the running stack as visitors, staff and operators
	@$(BIN)/python -m pytest -n 0 -p no:randomly -rP --show-capture=stdout -m stack tests/stack $(ARGS)

stack-roll: ## Replace web processes and workers of the running stack by IMAGE= without an outage
	@$(BIN)/python deploy/containers/stack.py roll $(IMAGE)

stack-down: ## Stop the stack (VOLUMES=1: and delete its data)
	@$(BIN)/python deploy/containers/stack.py down $(if $(VOLUMES),--volumes)

dev-stack: .venv/dev ## Start the source in containers with PostgreSQL on http://127.0.0.1:8888/, reloading changes (Ctrl+C stops it)
	@mkdir -p var # The image declares a volume here.
	@$(BIN)/python deploy/containers/stack.py dev up
