#!/usr/bin/env bash
# Prints a Python of one of the given versions, best first: find-python.sh 3.11 3.12
# Looks on PATH, then in pyenv, then asks uv. Says what to install when there is none.
set -u

works() { # a pyenv shim exists for versions that are not installed or not chosen, so it is run, not only found
  [ -x "$1" ] && [ "$("$1" -c 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$2" ]
}

for version in "$@"; do
  while IFS= read -r found; do
    works "$found" "$version" && { echo "$found"; exit 0; }
  done < <(type -ap "python$version" python3 python 2>/dev/null)
  for root in "${PYENV_ROOT:-$HOME/.pyenv}"; do
    while IFS= read -r found; do
      works "$found" "$version" && { echo "$found"; exit 0; }
    done < <(ls -d "$root/versions/$version".*/bin/python 2>/dev/null | sort -rV)
  done
  if command -v uv >/dev/null 2>&1; then
    found=$(uv python find --no-project "$version" 2>/dev/null) && works "$found" "$version" && { echo "$found"; exit 0; }
  fi
done

{
  echo "Frontdesk needs Python $(printf '%s or ' "$@" | sed 's/ or $//'), with venv, and found none on PATH, in pyenv or with uv."
  echo "Install one, for example:   pyenv install $1     or:   uv python install $1     or, on Debian:   apt install python$1-venv"
} >&2
exit 1
