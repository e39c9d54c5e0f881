"""Measures intent recognition of a trained model on a JSON-lines file of {"text", "intent"}."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from sklearn.metrics import accuracy_score, f1_score

OUT_OF_SCOPE = "out_of_scope"
FALLBACK_INTENT = "nlu_fallback"


class EvaluationError(Exception):
    """The data or the model cannot be used; the message says why."""


def read_rows(path: Path) -> list[dict[str, str]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row["text"], str) or not isinstance(row["intent"], str):
                raise TypeError("text and intent must be strings")
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(f'{path}, line {number}: expected {{"text", "intent"}}: {error}') from error
        rows.append(row)
    if not rows:
        raise EvaluationError(f"{path} holds no rows.")
    return rows


async def predict(model: str, texts: list[str]) -> tuple[list[str], list[float]]:
    """The best real intent of each text, and the milliseconds each took."""
    import structlog
    from rasa.core.agent import load_agent

    # Rasa logs every message it parses to stdout, where the result belongs.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    agent = await load_agent(model_path=model)
    if not agent.is_ready():
        raise EvaluationError(f"There is no trained model at {model}. Run `make train`.")
    await agent.parse_message("warm up")
    intents, times = [], []
    for text in texts:
        start = time.perf_counter()
        parsed = await agent.parse_message(text)
        times.append((time.perf_counter() - start) * 1000)
        ranking = parsed.get("intent_ranking") or [parsed["intent"]]
        intents.append(next(i["name"] for i in ranking if i["name"] != FALLBACK_INTENT) or OUT_OF_SCOPE)
    return intents, times


def report(rows: list[dict[str, str]], predicted: list[str], times: list[float]) -> dict[str, Any]:
    """Accuracy, macro-F1, out-of-scope recall and precision (None without such rows), p50 in ms, and the errors."""
    expected = [row["intent"] for row in rows]
    hits = sum(e == p == OUT_OF_SCOPE for e, p in zip(expected, predicted))
    in_data, said = expected.count(OUT_OF_SCOPE), predicted.count(OUT_OF_SCOPE)
    return {
        "n": len(rows),
        "accuracy": round(accuracy_score(expected, predicted), 4),
        "macro_f1": round(f1_score(expected, predicted, average="macro", labels=sorted(set(expected))), 4),
        "oos_recall": round(hits / in_data, 4) if in_data else None,
        "oos_precision": round(hits / said, 4) if said else None,
        "p50_ms": round(statistics.median(times), 2),
        "errors": [
            {"text": row["text"], "intent": e, "predicted": p} for row, e, p in zip(rows, expected, predicted) if e != p
        ],
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="models/rasa", help="model file, or directory whose newest model is used")
    options.add_argument("--data", type=Path, required=True, help='JSON lines of {"text", "intent"}')
    options.add_argument("--json", action="store_true", help="print one JSON object")
    given = options.parse_args()
    try:
        rows = read_rows(given.data)
        predicted, times = asyncio.run(predict(given.model, [row["text"] for row in rows]))
    except (EvaluationError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    result = report(rows, predicted, times)
    if given.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for name, value in result.items():
            if name != "errors":
                print(f"{name:14} {value}")
        for error in result["errors"]:
            print(f"  {error['intent']} taken for {error['predicted']}: {error['text']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
