"""Turns text into vectors at run time: onnxruntime and tokenizers over the directory that `encoder_build` wrote.

Runs in both processes (Python 3.10 and newer) and is the only run-time module that imports onnxruntime.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

FloatArray = npt.NDArray[np.float32]

FORMAT = "frontdesk-encoder-1"
MANIFEST = "encoder.json"
MODEL = "onnx/model_int8.onnx"
TOKENIZER = "tokenizer.json"

# No token of the usual vocabularies is longer than 16 characters; text past this many cannot reach the model.
_CHARACTERS_PER_TOKEN = 16
# Texts that one task of a worker encodes: enough to hide the cost of the hand-over, few enough to share evenly.
_TEXTS_PER_TASK = 4
_SURROGATES = re.compile("[\ud800-\udfff]")
_HOW_TO_BUILD = "build one with `make encoder` (or `python -m kb_index.encoder_build --model bundled --out DIR`)"


class EncoderError(RuntimeError):
    """The encoder directory cannot be used, or a text cannot be encoded. The message says which and what to do."""


def available_cpus() -> int:
    """CPUs that this process may use (its affinity where the system tells it, else all)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def directory_fingerprint(directory: Path, query_prefix: str, passage_prefix: str, max_tokens: int) -> str:
    """SHA-256 (hex) over everything that decides a vector: model, tokenizer, prefixes, length limit."""
    digest = hashlib.sha256()
    for name in (MODEL, TOKENIZER):
        with (directory / name).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    digest.update(json.dumps([query_prefix, passage_prefix, max_tokens]).encode("utf-8"))
    return digest.hexdigest()


class Encoder:
    """A loaded sentence encoder. Safe to share between threads.

    Every text is run on its own, without padding: its vector does not depend on the texts beside it, so a vector
    stored in an index equals the one computed for the same text alone. Many texts are spread over `threads` workers.

    Attributes: `directory` it was loaded from, `name` of the model, `dimension` of its vectors, `max_tokens` it reads
    (special tokens and prefix included, the rest of a text is ignored), `fingerprint` that changes whenever the same
    text may give another vector.
    """

    directory: Path
    name: str
    dimension: int
    max_tokens: int
    fingerprint: str
    query_prefix: str
    passage_prefix: str

    def __init__(
        self,
        directory: Path,
        manifest: dict[str, Any],
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        threads: int,
    ) -> None:
        """Use `Encoder.load`; this only takes what it has read and checked."""
        self.directory = directory
        self.name = manifest["name"]
        self.dimension = manifest["dimension"]
        self.max_tokens = manifest["max_tokens"]
        self.fingerprint = manifest["fingerprint"]
        self.query_prefix = manifest["query_prefix"]
        self.passage_prefix = manifest["passage_prefix"]
        self._session = session
        self._tokenizer = tokenizer
        self._content_tokens = self.max_tokens - tokenizer.num_special_tokens_to_add(False)
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._pool_lock = threading.Lock()

    @classmethod
    def load(cls, directory: Path | str, threads: int | None = None) -> Encoder:
        """Load the encoder in `directory`.

        `threads` is how many texts are encoded at the same time (default: the CPUs this process may use); one text
        always takes one thread. Raises EncoderError for a missing, foreign or damaged directory.
        """
        directory = Path(directory)
        if threads is None:
            threads = available_cpus()
        if threads < 1:
            raise ValueError(f"threads must be at least 1, got {threads}")
        manifest = _read_manifest(directory)
        try:
            fingerprint = directory_fingerprint(
                directory, manifest["query_prefix"], manifest["passage_prefix"], manifest["max_tokens"]
            )
        except OSError as error:
            raise EncoderError(f"the encoder in {directory} is incomplete ({error}); {_HOW_TO_BUILD}") from error
        if fingerprint != manifest["fingerprint"]:
            raise EncoderError(
                f"the encoder in {directory} does not match its own fingerprint: a file was changed or cut short; "
                f"{_HOW_TO_BUILD}"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Both libraries raise a different bare Exception subclass for each way in which a file can be unusable.
        try:
            session = onnxruntime.InferenceSession(str(directory / MODEL), options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_file(str(directory / TOKENIZER))
        except Exception as error:
            raise EncoderError(f"the encoder in {directory} cannot be loaded: {error}; {_HOW_TO_BUILD}") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(directory, manifest, session, tokenizer, threads)

    def encode_queries(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """Vectors of questions: float32, shape (len(texts), dimension), rows in order, L2-normalised.

        `progress` is told, from this thread, how many are done so far. Raises TypeError for a text that is not a str,
        EncoderError for one that the model cannot encode.
        """
        return self._encode(self.query_prefix, texts, progress)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """Vectors of passages, as `encode_queries`."""
        return self._encode(self.passage_prefix, texts, progress)

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole `text` itself: no prefix, no special tokens, nothing cut off."""
        return len(self._tokenizer.encode(_SURROGATES.sub("\ufffd", text), add_special_tokens=False).ids)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Where each of those tokens lies in `text`, as (start, end) character positions."""
        spans = self._tokenizer.encode(_SURROGATES.sub("\ufffd", text), add_special_tokens=False).offsets
        return [(int(start), int(end)) for start, end in spans]

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, without truncation and padding, for others to share: it is large. Nobody may change it."""
        return self._tokenizer

    @property
    def passage_tokens(self) -> int:
        """How many tokens of a passage's own text the model reads: `max_tokens` less special tokens and prefix."""
        return self._content_tokens - self.count_tokens(self.passage_prefix.strip())

    def _encode(self, prefix: str, texts: Sequence[str], progress: Callable[[int], None] | None) -> FloatArray:
        prepared = self._prepare(prefix, texts)
        vectors = np.empty((len(prepared), self.dimension), dtype=np.float32)
        # Longest first, so that no worker starts the longest text when the others have finished.
        order = sorted(range(len(prepared)), key=lambda row: len(prepared[row]), reverse=True)
        per_task = max(1, min(_TEXTS_PER_TASK, len(order) // self._threads))
        tasks = [order[start : start + per_task] for start in range(0, len(order), per_task)]
        if self._threads == 1 or len(prepared) == 1:
            done = 0
            for rows in tasks:
                done += self._fill(vectors, prepared, rows)
                if progress is not None:
                    progress(done)
            return vectors
        futures = [self._workers().submit(self._fill, vectors, prepared, rows) for rows in tasks]
        try:
            done = 0
            for future in as_completed(futures):
                done += future.result()
                if progress is not None:
                    progress(done)
        finally:
            for future in futures:
                future.cancel()
        return vectors

    def _prepare(self, prefix: str, texts: Sequence[str]) -> list[str]:
        if isinstance(texts, (str, bytes)):
            raise TypeError("texts must be a sequence of str, not one text: pass [text]")
        limit = self.max_tokens * _CHARACTERS_PER_TOKEN
        prepared: list[str] = []
        for position, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"texts[{position}] must be str, got {type(text).__name__}")
            prepared.append(prefix + _SURROGATES.sub("\ufffd", text.strip()[:limit]))
        return prepared

    def _workers(self) -> ThreadPoolExecutor:
        # Made on first use, so that a process which forks after loading does not inherit a pool without threads.
        with self._pool_lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")
            return self._pool

    def _fill(self, vectors: FloatArray, prepared: list[str], rows: list[int]) -> int:
        for row in rows:
            vectors[row] = self._run(prepared[row], row)
        return len(rows)

    def _run(self, text: str, position: int) -> FloatArray:
        encoding: Encoding = self._tokenizer.encode(text, add_special_tokens=False)
        encoding.truncate(self._content_tokens)
        ids = np.array([self._tokenizer.post_process(encoding).ids], dtype=np.int64)
        if ids.shape[1] == 0:
            raise EncoderError(f"texts[{position}] has no token that the model {self.name} knows")
        try:
            (output,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        except Exception as error:
            raise EncoderError(f"the model {self.name} failed on texts[{position}]: {error}") from error
        vector: FloatArray = output[0]
        if not np.isfinite(vector).all():
            raise EncoderError(f"the model {self.name} gave no finite vector for texts[{position}]")
        return vector


def _read_manifest(directory: Path) -> dict[str, Any]:
    path = directory / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EncoderError(
            f"there is no encoder in {directory} ({error.strerror or error}); {_HOW_TO_BUILD}"
        ) from error
    except ValueError as error:
        raise EncoderError(f"{path} is not readable as JSON ({error}); {_HOW_TO_BUILD}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise EncoderError(f"{path} does not describe an encoder of format {FORMAT}; {_HOW_TO_BUILD}")
    kinds = {"name": str, "dimension": int, "max_tokens": int, "fingerprint": str}
    kinds |= {"query_prefix": str, "passage_prefix": str}
    for key, kind in kinds.items():
        if not isinstance(manifest.get(key), kind):
            raise EncoderError(f"{path}: {key!r} must be {kind.__name__}, got {manifest.get(key)!r}; {_HOW_TO_BUILD}")
    return manifest
