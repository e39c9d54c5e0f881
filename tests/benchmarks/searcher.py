"""A process that only searches, to see how much memory that takes: `python -m tests.benchmarks.searcher < TASK`.

TASK is JSON: {"encoder": DIR, "index": DIR or null, "questions": [[language, text], …]}. Without an index the questions
are only encoded. Prints {"rss", "pss", "uss"} in bytes, taken after the last question.
"""

from __future__ import annotations

import json
import sys

import psutil

from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex


def main() -> None:
    task = json.load(sys.stdin)
    encoder = Encoder.load(task["encoder"])
    index = task["index"] and KnowledgeIndex.open(task["index"], encoder)
    for language, text in task["questions"]:
        if index:
            index.search(text, language=language)
        else:
            encoder.encode_queries([text])
    used = psutil.Process().memory_full_info()
    print(json.dumps({kind: getattr(used, kind) for kind in ("rss", "pss", "uss")}))


if __name__ == "__main__":
    main()
