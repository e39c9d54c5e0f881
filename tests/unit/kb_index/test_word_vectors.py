"""Nearness by word vectors, on those of the real encoder."""

from __future__ import annotations

import mmap
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb_index import word_vectors
from kb_index.encoder import TOKENIZER, Encoder
from kb_index.errors import WordVectorsError
from kb_index.word_vectors import SCALE, TABLE, WordVectors

ROOT = Path(__file__).resolve().parents[3]
ANSWERS = [
    "Renew the consent of the bank, then new statement lines arrive again.",
    "A printed check is voided in the check register.",
    "After five wrong passwords the login is locked for half an hour.",
]
TEXTS = [*ANSWERS, "", "Ein Scheck wird storniert, nicht gelöscht.", "check check check", "😡"]


@pytest.fixture(scope="module")
def vectors(encoder: Encoder) -> WordVectors:
    return WordVectors.load(encoder.directory, encoder.tokenizer)


@pytest.fixture
def copied(encoder: Encoder, tmp_path: Path) -> Path:
    """A copy of the two files, to be damaged."""
    for name in (TABLE, TOKENIZER):
        shutil.copy(encoder.directory / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("how do I void a cheque", 1),
        ("el banco ya no manda movimientos", 0),
        ("mot de passe incorrect, compte bloqué", 2),
        ("Scheck stornieren", 1),
        ("Passwort falsch, Anmeldung gesperrt", 2),
    ],
)
def test_the_text_that_answers_is_nearest_in_the_questions_language_and_in_others(
    vectors: WordVectors, question: str, answer: int
) -> None:
    assert int(np.argmax(vectors.nearness(question)(ANSWERS))) == answer


def test_a_text_is_as_near_as_can_be_to_itself_then_to_its_translation(vectors: WordVectors) -> None:
    itself, translation, other = vectors.nearness("password")(["password", "contraseña", "invoice"])
    assert 1 >= itself > 0.98 > translation > other + 0.5


def test_what_a_text_says_besides_takes_nothing_away(vectors: WordVectors) -> None:
    short, long = vectors.nearness("void a check")(["void a check", "First you void a check, then you file the paper."])
    assert long == pytest.approx(short)


def test_a_rating_depends_neither_on_the_texts_beside_it_nor_on_what_was_asked_before(
    vectors: WordVectors, encoder: Encoder
) -> None:
    rate = vectors.nearness("Scheck stornieren")
    together = rate(TEXTS)
    assert [rate([text])[0] for text in TEXTS] == together
    assert rate(TEXTS[::-1]) == together[::-1]
    fresh = WordVectors.load(encoder.directory, encoder.tokenizer)
    assert fresh.nearness("Scheck stornieren")(TEXTS) == together


def test_words_that_are_forgotten_to_save_memory_are_read_again(
    encoder: Encoder, vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = vectors.nearness("void a check")(TEXTS)
    monkeypatch.setattr(word_vectors, "_MOST_WORDS_KEPT", 3)
    forgetful = WordVectors.load(encoder.directory, encoder.tokenizer)
    assert [forgetful.nearness("void a check")(TEXTS) for _ in range(3)] == [expected] * 3


def test_without_words_nothing_is_near(vectors: WordVectors) -> None:
    assert vectors.nearness("")(["a text"]) == [0.0]
    assert vectors.nearness(" \n")(["a text", ""]) == [0.0, 0.0]
    assert vectors.nearness("void")(["", " ", "void"])[:2] == [0.0, 0.0]
    assert vectors.nearness("void")([]) == []


@settings(max_examples=80, deadline=None)
@given(question=st.text(max_size=80), texts=st.lists(st.text(max_size=80), max_size=4))
@example(question="\ud800 lone", texts=["\udfff", "nul \0 byte"])
@example(question="<s></s><pad><mask><unk>", texts=["<mask>", "😀" * 500])
@example(question="a" * 5_000, texts=["銀行の残高が合わない" * 300])
@example(question="void a check " * 2_000, texts=["void a check " * 2_000])
def test_any_texts_are_rated_between_0_and_1(vectors: WordVectors, question: str, texts: list[str]) -> None:
    ratings = vectors.nearness(question)(texts)
    assert len(ratings) == len(texts)
    assert all(type(rating) is float and 0 <= rating <= 1 for rating in ratings)


def test_threads_that_share_it_get_their_own_ratings(
    encoder: Encoder, vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = ["void a check", "Scheck stornieren", "el banco", "mot de passe"]
    expected = {question: vectors.nearness(question)(TEXTS) for question in questions}
    monkeypatch.setattr(word_vectors, "_MOST_WORDS_KEPT", 20)  # so that they also forget under each other's hands
    shared = WordVectors.load(encoder.directory, encoder.tokenizer)
    wrong: list[str] = []

    def work(question: str) -> None:
        for _ in range(50):
            if shared.nearness(question)(TEXTS) != expected[question]:
                wrong.append(question)

    threads = [threading.Thread(target=work, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_it_reads_the_tokenizer_itself_when_there_is_none_to_share(encoder: Encoder, vectors: WordVectors) -> None:
    alone = WordVectors.load(encoder.directory)
    assert alone.nearness("void a check")(TEXTS) == vectors.nearness("void a check")(TEXTS)


def test_the_table_is_mapped_so_that_processes_share_it(vectors: WordVectors) -> None:
    assert vectors.nearness("void")(["void"]) > [0.9]
    held: Any = vectors._table
    while isinstance(held, np.ndarray):
        held = held.base
    assert isinstance(held, mmap.mmap)


def test_an_encoder_built_before_there_were_word_vectors_says_what_to_run(copied: Path, encoder: Encoder) -> None:
    (copied / TABLE).unlink()
    with pytest.raises(WordVectorsError, match=rf"{copied} has no {TABLE}; run `make encoder` .*--word-vectors --out"):
        WordVectors.load(copied, encoder.tokenizer)


@pytest.mark.parametrize("size", [0, 60, -1])
def test_a_table_cut_short_is_refused_with_what_to_run(copied: Path, encoder: Encoder, size: int) -> None:
    with (copied / TABLE).open("r+b") as file:
        file.truncate(size if size >= 0 else (copied / TABLE).stat().st_size - 1)
    with pytest.raises(WordVectorsError, match=r"cannot be read \(.*\); run `make encoder`"):
        WordVectors.load(copied, encoder.tokenizer)


@pytest.mark.parametrize(
    "table", [np.zeros((9, 64), np.int8), np.zeros((260_000, 2), np.float16), np.zeros(300_000, np.int8)]
)
def test_a_table_of_another_model_is_refused(copied: Path, encoder: Encoder, table: np.ndarray) -> None:
    np.save(copied / TABLE, table)
    with pytest.raises(WordVectorsError, match=r"holds \w+ \(.*\), not int8 vectors of the tokenizer's 250,0\d\d word"):
        WordVectors.load(copied, encoder.tokenizer)


def test_an_unreadable_tokenizer_is_named(copied: Path) -> None:
    (copied / TOKENIZER).write_text("{")
    with pytest.raises(WordVectorsError, match=f"{copied / TOKENIZER} cannot be read"):
        WordVectors.load(copied)


def test_the_bundled_encoders_table_holds_unit_vectors(encoder: Encoder) -> None:
    table = np.load(encoder.directory / TABLE, mmap_mode="r")
    assert table.dtype == np.int8 and table.shape[1] == 64
    lengths = np.linalg.norm(table[5:5_000].astype(np.float32) / SCALE, axis=1)
    np.testing.assert_allclose(lengths, 1, atol=0.03)


def test_it_runs_without_the_model_and_the_libraries_that_build_it() -> None:
    code = (
        "import sys, kb_index.word_vectors\n"
        "print(sorted({'torch', 'transformers', 'onnxruntime', 'safetensors', 'faiss'} & sys.modules.keys()))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"
