"""How much searching and building the index cost over the encoder alone, which does the unavoidable work."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from kb_index.builder import build_index
from kb_index.chunker import passages_of
from kb_index.encoder import MODEL, TOKENIZER, Encoder
from kb_index.loaders import load_sources
from kb_index.search import KnowledgeIndex
from tests.benchmarks.figures import Figure, milliseconds, percentile
from tests.benchmarks.large_index import write_large_index
from tests.support.stack import ROOT

ENCODER, INDEX, ARTICLES = ROOT / "models/encoder", ROOT / "kb_index/index", ROOT / "kb_index/articles"
LANGUAGES = ("en", "es", "fr", "de")
ROUNDS, LARGE_ROUNDS = 4, 2
GROWN = ((34_000, LANGUAGES, 1.5), (300_000, LANGUAGES, 2.0))
"""Passages, languages, and how many encoder calls a search may take."""
IN_ONE_LANGUAGE = ((34_000, ("en",), 1.5), (300_000, ("en",), 2.0))
SEARCHES = 200
PASSAGES = 300
BATCH = 16


def search() -> list[Figure]:
    """ms of a search in the product's own index and of encoding the same question, taken alternately."""
    encoder = Encoder.load(ENCODER)
    return _against_encoder("", KnowledgeIndex.open(INDEX, encoder), encoder, _all_questions(), ROUNDS)


def large_search(grown: Sequence[tuple[int, Sequence[str], float]] = GROWN) -> list[Figure]:
    """The same in help centers grown from the product's articles, and MiB of a process that does nothing else."""
    encoder = Encoder.load(ENCODER)
    bare = _memory(None, _all_questions())
    figures = [Figure("encoder alone: RSS", bare["rss"], "MiB")]
    for passages, languages, aim in grown:
        name = f"{passages:,} passages, {len(languages)} language{'s' * (len(languages) > 1)}: "
        questions = [(language, text) for language, text in _all_questions() if language in languages]
        with tempfile.TemporaryDirectory() as folder:
            took, methods = milliseconds(write_large_index, INDEX, Path(folder), encoder, languages, passages)
            index = KnowledgeIndex.open(folder, encoder)
            figures += _against_encoder(name, index, encoder, questions, LARGE_ROUNDS, aim)
            used = _memory(folder, questions)
        figures += [
            Figure(f"{name}RSS", used["rss"], "MiB", "encoder alone", bare["rss"]),
            Figure(f"{name}PSS", used["pss"], "MiB", "its RSS", used["rss"]),
            Figure(f"{name}made", took / 1000, "s", f"vector search: {methods[languages[0]]}"),
        ]
    return figures


def _against_encoder(
    name: str,
    index: KnowledgeIndex,
    encoder: Encoder,
    questions: Sequence[tuple[str, str]],
    rounds: int,
    aim: float = 1.5,
) -> list[Figure]:
    searching: list[float] = []
    ordering: list[float] = []
    encoding: list[float] = []
    for measured in range(-1, rounds):
        for language, text in questions:
            whole = partial(index.search, text, language=language)
            calls: list[tuple[list[float], Callable[[], object]]] = [
                (encoding, partial(encoder.encode_queries, [text])),
                (ordering, partial(whole, snippets=False)),
                (searching, whole),
            ]
            # Whoever comes second finds warm caches.
            for times, call in calls if measured % 2 else reversed(calls):
                took, _ = milliseconds(call)
                if measured >= 0:
                    times.append(took)
    figures = []
    for share in (50, 95):
        value, reference = percentile(searching, share), percentile(encoding, share)
        against = f"bare encoder call, p{share}: {reference:.1f} ms" + f" (aim: at most {aim})" * (share == 50)
        figures.append(Figure(f"{name}search: p{share}", value, "ms", against, reference))
        if share == 50:
            without = percentile(ordering, share)
            figures.append(Figure(f"{name}search without snippets: p{share}", without, "ms", against, reference))
    return figures


def _memory(index: str | None, questions: Sequence[tuple[str, str]]) -> dict[str, float]:
    """MiB by kind of a fresh process that opened the index, if any, and searched `SEARCHES` times."""
    asked = [questions[number % len(questions)] for number in range(SEARCHES)]
    task = json.dumps({"encoder": str(ENCODER), "index": index, "questions": asked})
    command = [sys.executable, "-m", "tests.benchmarks.searcher"]
    done = subprocess.run(command, cwd=ROOT, input=task, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the process that searches failed:\n{done.stderr[-3000:]}")
    return {kind: used / 2**20 for kind, used in json.loads(done.stdout).items()}


def _all_questions() -> list[tuple[str, str]]:
    return [(language, text) for language in LANGUAGES for text in _questions(language)]


def _questions(language: str) -> list[str]:
    lines = (ROOT / f"tests/nlu/{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["text"] for row in map(json.loads, lines) if row["intent"] == "ask_question"]


def build() -> list[Figure]:
    """Passages a second of the whole index build and of onnxruntime alone, the better of two runs each."""
    encoder = Encoder.load(ENCODER)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles"
        texts: list[str] = []
        for article in load_sources([ARTICLES]).articles:
            if len(texts) >= PASSAGES:
                break
            texts += [encoder.passage_prefix + p.encoded for p in passages_of(article, encoder.count_tokens)]
            place = source / Path(article.source).relative_to(ARTICLES)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(article.source, place)
        building, bare = [], []
        for run in range(2):
            bare.append(milliseconds(_encode_sorted, texts)[0])
            took, report = milliseconds(build_index, [source], Path(folder) / f"index{run}", encoder)
            if report.encoded != len(texts):
                raise RuntimeError(f"the build encoded {report.encoded} passages instead of {len(texts)}")
            building.append(took)
    rate, bare_rate = (len(texts) / min(times) * 1000 for times in (building, bare))
    against = f"bare onnxruntime, sorted by length: {bare_rate:.1f} passages/s (aim: at least 0.9)"
    return [Figure(f"index build, {len(texts)} passages", rate, "passages/s", against, bare_rate)]


def _encode_sorted(texts: list[str]) -> None:
    """Batches of passages of like length, padded, on one onnxruntime session with its default threads."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(ENCODER / MODEL), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(ENCODER / TOKENIZER))
    tokenizer.enable_truncation(512)
    tokenizer.no_padding()
    encoded = sorted(tokenizer.encode_batch(texts), key=lambda encoding: len(encoding.ids))
    for start in range(0, len(encoded), BATCH):
        batch = encoded[start : start + BATCH]
        for encoding in batch:
            encoding.pad(len(batch[-1].ids))
        ids = np.array([encoding.ids for encoding in batch], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in batch], dtype=np.int64)
        session.run(None, {"input_ids": ids, "attention_mask": mask})
