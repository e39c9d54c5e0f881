"""Intent recognition of the trained model on utterances that it has not seen, by language."""

from __future__ import annotations

import json
import os
import subprocess

from tests.benchmarks.figures import Figure
from tests.support.stack import ROOT

LANGUAGES = ("en", "es", "fr", "de")
AIMS = {"accuracy": 0.95, "macro_f1": None, "oos_recall": 0.85, "oos_precision": 0.9}


def intents() -> list[Figure]:
    """Accuracy, macro-F1, recall and precision of out_of_scope (0–1), and the ms of understanding one message."""
    figures = []
    for language in LANGUAGES:
        command = [str(ROOT / ".venv-rasa/bin/python"), "-W", "ignore", "-m", "bot.rasa_components.evaluate"]
        command += ["--model", "models/rasa", "--data", f"tests/nlu/{language}.jsonl", "--json"]
        environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the evaluation of {language} failed:\n{done.stderr[-3000:]}")
        result = json.loads(done.stdout.splitlines()[-1])
        for name, aim in AIMS.items():
            against = f"aim: at least {aim}" if aim else ""
            figures.append(Figure(f"{language}: {name}, n={result['n']}", result[name], "", against, aim))
        figures.append(Figure(f"{language}: p50", result["p50_ms"], "ms"))
    return figures
