"""Conversation scripts in the form of the acceptance player, played by it against the running desk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stack import ROOT, Stack

PLAYER = ROOT / "tests/acceptance/run.py"
OWN = ROOT / "tests/acceptance"
# Where the product is accepted, further scripts lie beside the checkout.
BESIDE = ROOT.parent / "shared/acceptance"
SCRIPTS = sorted([*OWN.glob("*.yml"), *BESIDE.glob("*.yml")])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_script_is_played_to_its_end(stack: Stack, script: Path) -> None:
    command = [sys.executable, str(PLAYER), "--base", stack.base, str(script)]
    played = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert played.returncode == 0, played.stdout + played.stderr
