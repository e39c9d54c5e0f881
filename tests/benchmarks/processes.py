"""What the two processes cost: memory, time to start, and the training of the model that one of them runs."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.script import Timings, play
from tests.support.client import Desk
from tests.support.stack import ROOT, Stack, running_stack

AIM_MIB = 1.2 * 1024
AIM_START_S, AIM_TRAINING_S = 15.0, 60.0


def memory(stack: Stack) -> list[Figure]:
    """MiB of both processes after they have done some work; PSS counts what processes share only once."""
    with Desk(stack.base) as desk:
        play(desk, Timings(), asking=10, filling=2)
    figures, resident, proportional = [], 0.0, 0.0
    for name, process in (("app", stack.app), ("Rasa", stack.rasa)):
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        used = [member.memory_full_info() for member in family]
        rss, pss, uss = (sum(getattr(one, kind) for one in used) / 2**20 for kind in ("rss", "pss", "uss"))
        resident, proportional = resident + rss, proportional + pss
        figures += [
            Figure(f"{name}: RSS", rss, "MiB"),
            Figure(f"{name}: PSS", pss, "MiB", "its RSS", rss),
            Figure(f"{name}: USS", uss, "MiB", "its RSS", rss),
        ]
    return [
        *figures,
        Figure("both: RSS", resident, "MiB", "aim: at most 1.2 GiB", AIM_MIB),
        Figure("both: PSS", proportional, "MiB", "aim: at most 1.2 GiB", AIM_MIB),
    ]


def start() -> list[Figure]:
    """Seconds from starting the processes to /readyz saying yes, in a fresh folder and a second time in it."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (_seconds_to_ready(Path(folder)) for _ in range(2))
    return [
        Figure("first start", first, "s"),
        Figure("warm start", second, "s", "aim: at most 15 s", AIM_START_S),
    ]


def _seconds_to_ready(folder: Path) -> float:
    with running_stack(folder) as stack:
        return time.time() - float(min(psutil.Process(p.pid).create_time() for p in (stack.app, stack.rasa)))


def training() -> list[Figure]:
    """Seconds of a training from scratch, the start of the program included."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(ROOT / ".venv-rasa/bin/python"), "-W", "ignore", "-m", "rasa", "train", "--force"]
        command += ["--domain", "domain.yml", "--data", "data", "--config", "config.yml", "--out", folder]
        environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
        started = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        took = time.perf_counter() - started
        if done.returncode or not list(Path(folder).glob("*.tar.gz")):
            raise RuntimeError(f"rasa train failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return [Figure("rasa train --force", took, "s", "aim: at most 60 s", AIM_TRAINING_S)]
