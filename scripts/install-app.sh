#!/usr/bin/env bash
# Installs the app's environment: install-app.sh requirements/app.txt
# torch comes first and alone. On Linux x86-64 its CPU build is taken (192 MB); the build on the package index would bring
# gigabytes of CUDA libraries. It is only needed to convert and export encoders.
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=$1
python=$(scripts/find-python.sh 3.11 3.12 3.13)
[ -x .venv/bin/python ] || "$python" -m venv .venv
pip() { .venv/bin/python -m pip --disable-pip-version-check -qq "$@"; }

if ! .venv/bin/python -c 'import torch' 2>/dev/null; then
  cpu_index=https://download.pytorch.org/whl/cpu
  if [ "$(uname -sm)" = "Linux x86_64" ]; then
    if [ "$(.venv/bin/python -c 'import sys; print(sys.version_info[:2] == (3, 11))')" = True ]; then
      pip install --no-deps --require-hashes -r requirements/torch.txt ||
        PIP_EXTRA_INDEX_URL=$cpu_index pip install --no-deps --require-hashes -r requirements/torch.txt
    else
      PIP_EXTRA_INDEX_URL=$cpu_index pip install --no-deps 'torch==2.13.0+cpu'
    fi || {
      echo "The CPU build of torch 2.13.0 was found neither with your pip settings nor at $cpu_index." >&2
      echo "Give pip a place that has it (PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL) and run this again." >&2
      exit 1
    }
  else # elsewhere the ordinary build is a CPU build
    pip install --no-deps 'torch==2.13.0'
  fi
fi
pip install --require-hashes -r "$requirements"
pip install --no-deps --no-build-isolation --editable .
