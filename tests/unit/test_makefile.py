"""What `make` does again, and what it leaves alone, played with stand-ins for the programs it calls."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = "models/encoder/word_vectors.npy"
ENCODER = "models/encoder/encoder.json"

# It leaves the files that each command would leave, and a line in the log.
PROGRAM = """#!/bin/bash
echo "$*" >> log
case "$*" in
  *--word-vectors*) touch models/encoder/word_vectors.npy ;;
  *encoder_build*) mkdir -p models/encoder; touch models/encoder/{encoder.json,word_vectors.npy} ;;
  *"rasa train"*) mkdir -p models/rasa ;;
  *"kb build"*) mkdir -p kb_index/index ;;
esac
"""

Make = Callable[[], list[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile among empty files of the names it looks at, older than all that is made from them."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    names = ["config.yml", "domain.yml", "pyproject.toml", "scripts/install-app.sh", "kb_index/articles/en/a.md"]
    names += [f"requirements/{name}.txt" for name in ("app", "torch", "rasa")]
    names += [str(path.relative_to(ROOT)) for path in (ROOT / "kb_index").glob("*.py")]
    for name in [*names, ".venv/.installed", ".venv-rasa/.installed", "data/rules.yml"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        age(path, 1_000 if "installed" in name else 2_000)
    program = tmp_path / "program"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    return tmp_path


@pytest.fixture
def make(checkout: Path) -> Make:
    """Makes encoder, index and dialogue model; the commands that ran, by a word of each."""

    def run() -> list[str]:
        log = checkout / "log"
        log.write_text("")
        programs = [f"{name}=./program" for name in ("APP", "RASA", "FRONTDESK")]
        subprocess.run(["make", *programs, "encoder", "index", "train"], cwd=checkout, check=True, capture_output=True)
        words = ("--word-vectors", "--model bundled", "kb build", "rasa train")
        return [next(word for word in words if word in line) for line in log.read_text().splitlines()]

    return run


def age(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def everything_gets_older(checkout: Path) -> None:
    for path in checkout.rglob("*"):
        age(path, 100)


def test_a_bare_checkout_gets_everything_once(make: Make) -> None:
    assert make() == ["--model bundled", "kb build", "rasa train"]
    assert make() == []


def test_an_encoder_without_word_vectors_gets_just_them_though_its_sources_are_newer(
    checkout: Path, make: Make
) -> None:
    make()
    (checkout / WORDS).unlink()
    everything_gets_older(checkout)
    (checkout / "kb_index/encoder_build.py").touch()
    # Indexing looks at all sources of kb_index, and finds that nothing is to be encoded.
    assert make() == ["--word-vectors", "kb build"]
    assert make() == []


def test_other_word_vectors_leave_the_encoder_and_the_dialogue_model_alone(checkout: Path, make: Make) -> None:
    make()
    everything_gets_older(checkout)
    (checkout / "kb_index/encoder_words.py").touch()
    assert make() == ["--word-vectors", "kb build"]
    assert make() == []


def test_another_encoder_is_built_with_all_that_depends_on_it(checkout: Path, make: Make) -> None:
    make()
    everything_gets_older(checkout)
    (checkout / "kb_index/encoder_convert.py").touch()
    assert make() == ["--model bundled", "kb build", "rasa train"]
    assert make() == []


def test_a_removed_encoder_is_built_again(checkout: Path, make: Make) -> None:
    make()
    shutil.rmtree(checkout / "models/encoder")
    assert make() == ["--model bundled", "kb build", "rasa train"]


def test_an_encoder_that_lost_its_description_says_what_to_do(checkout: Path, make: Make) -> None:
    make()
    (checkout / ENCODER).unlink()
    with pytest.raises(subprocess.CalledProcessError) as caught:
        make()
    assert "encoder.json is missing; run: rm -r models/encoder" in caught.value.stderr.decode()
