from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.compounds import CompoundSplitter
from kb_index.errors import IndexFormatError

WORDS = frozenset({"bank", "abstimmung", "zahlung", "eingang", "rechnung", "kunden"})


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("bankabstimmung", ("bank", "abstimmung")),
        ("zahlungseingang", ("zahlung", "eingang")),
        ("kundenrechnung", ("kunden", "rechnung")),
        ("abstimmung", ()),
        ("bankunbekannt", ()),
        ("bank", ()),
        ("bank" * 1000, ()),
    ],
)
def test_a_word_is_split_only_into_two_known_words(word: str, parts: tuple[str, ...]) -> None:
    assert CompoundSplitter(WORDS).parts(word) == parts


def test_only_words_of_several_articles_become_parts() -> None:
    splitter = CompoundSplitter.learn([frozenset({"bank", "eingang"})] * 3 + [frozenset({"lager"})])
    assert splitter.parts("bankeingang") == ("bank", "eingang")
    assert splitter.parts("banklager") == ()


def test_it_is_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    CompoundSplitter(WORDS).save(tmp_path / "words.json")
    assert CompoundSplitter.load(tmp_path / "words.json").parts("bankabstimmung") == ("bank", "abstimmung")


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.json").write_text("{}")
    with pytest.raises(IndexFormatError, match=r"words\.json"):
        CompoundSplitter.load(tmp_path / "words.json")
