#!/usr/bin/env bash
# Rewrites the three lock files from the .in files. Needs uv (only here; installing needs pip alone).
# torch is locked apart (torch.txt): its CPU build and its PyPI build have different dependencies, so it is installed
# with --no-deps and its pure-Python dependencies are locked with the rest.
set -euo pipefail
cd "$(dirname "$0")"
# Extra places where the CPU build of torch lies can be given to uv through UV_FIND_LINKS.
compile() { uv pip compile --quiet --no-header --generate-hashes --no-emit-package torch "$@"; }
compile --python-version 3.11 app.in -o app.txt
compile --python-version 3.11 dev.in -c app.txt -o dev.txt
compile --python-version 3.10 rasa.in -o rasa.txt
