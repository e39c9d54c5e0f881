"""Translations of search terms, learned from texts that translate each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_index.lexicon import Lexicon, Table, learn_tables

VERBS = {"aprobar": "approve", "anular": "void", "imprimir": "print"}
NOUNS = {"factura": "invoice", "cheque": "check", "pago": "payment", "cuenta": "account"}
ALIGNED = [([verb, noun], [VERBS[verb], NOUNS[noun]]) for verb in VERBS for noun in NOUNS]
"""Every verb with every noun, so that no two words always come together."""


def known_nowhere(term: str) -> bool:
    return False


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    forward, backward = learn_tables(ALIGNED)
    return Lexicon({("es", "en"): forward, ("en", "es"): backward})


@pytest.mark.parametrize(("spanish", "english"), [*VERBS.items(), *NOUNS.items()])
def test_each_word_learns_its_translation_in_both_directions(lexicon: Lexicon, spanish: str, english: str) -> None:
    for word, source, target, meant in ((spanish, "es", "en", english), (english, "en", "es", spanish)):
        weights, found = lexicon.translate([word], source, target, known_nowhere)
        assert max(weights, key=weights.__getitem__) == meant
        assert weights[meant] > 0.8
        assert found == 1


def test_a_text_becomes_the_terms_it_is_translated_by_with_how_likely_each_is(lexicon: Lexicon) -> None:
    weights, found = lexicon.translate(["aprobar", "factura"], "es", "en", known_nowhere)
    assert set(sorted(weights, key=weights.__getitem__)[-2:]) == {"approve", "invoice"}
    assert all(0 < chance <= 1 for chance in weights.values())
    assert found == 1


def test_an_unknown_word_has_no_translation_and_lowers_the_share(lexicon: Lexicon) -> None:
    assert lexicon.translate(["jirafa"], "es", "en", known_nowhere) == ({}, 0.0)
    weights, found = lexicon.translate(["factura", "jirafa"], "es", "en", known_nowhere)
    assert found == 0.5
    assert weights == lexicon.translate(["factura"], "es", "en", known_nowhere)[0]


def test_names_and_codes_that_the_other_language_has_too_pass_as_they_are(lexicon: Lexicon) -> None:
    weights, found = lexicon.translate(["gw0011", "factura"], "es", "en", {"gw0011", "factura"}.__contains__)
    assert (weights["gw0011"], found) == (1.0, 1.0)
    assert "factura" not in weights, "what has a translation is translated even if the other language knows the word"


def test_the_likeliest_of_two_chances_counts_for_a_term() -> None:
    lexicon = Lexicon({("es", "en"): {"cuenta": [("account", 0.4)], "cuentas": [("account", 0.9), ("bill", 0.1)]}})
    for words in (["cuenta", "cuentas"], ["cuentas", "cuenta"]):
        assert lexicon.translate(words, "es", "en", known_nowhere)[0] == {"account": 0.9, "bill": 0.1}


def test_languages_that_were_never_paired_share_only_what_both_know(lexicon: Lexicon) -> None:
    assert lexicon.translate(["factura"], "es", "fr", known_nowhere) == ({}, 0.0)
    assert lexicon.translate(["gw0011"], "es", "fr", {"gw0011"}.__contains__) == ({"gw0011": 1.0}, 1.0)
    assert lexicon.translate([], "es", "en", known_nowhere) == ({}, 0.0)


def test_a_saved_lexicon_says_the_same_when_it_is_loaded(lexicon: Lexicon, tmp_path: Path) -> None:
    accented = Lexicon({("es", "en"): {"año": [("year", 0.75)]}, ("fr", "de"): {"ecriture": [("buchung", 0.5)]}})
    for number, saved in enumerate((lexicon, accented, Lexicon({}))):
        saved.save(tmp_path / str(number))
        loaded = Lexicon.load(tmp_path / str(number))
        assert len(loaded) == len(saved)
        for word in (*VERBS, *NOUNS, "año"):
            asked = ([word], "es", "en", known_nowhere)
            assert loaded.translate(*asked) == saved.translate(*asked)
    assert Lexicon.load(tmp_path / "1").translate(["ecriture"], "fr", "de", known_nowhere)[0] == {"buchung": 0.5}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"3", b"null", b'{"a": 3}', b'{"a": [3]}', b'{"a": [["b"]]}', b"\xff\xfe"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    Lexicon({("es", "en"): {"a": [("b", 0.5)]}}).save(tmp_path / "lexicon")
    (tmp_path / "lexicon" / "es-en.json").write_bytes(content)
    with pytest.raises(ValueError):
        Lexicon.load(tmp_path / "lexicon")


def test_a_missing_folder_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Lexicon.load(tmp_path / "nowhere")


@pytest.mark.parametrize("units", [[], [([], [])], [(["a"], [])], [([], ["a"])]])
def test_without_texts_in_both_languages_there_is_nothing_to_learn(units: list[tuple[list[str], list[str]]]) -> None:
    assert learn_tables(units) == ({}, {})


UNITS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcde"), max_size=5), st.lists(st.sampled_from("vwxyz"), max_size=5)),
    max_size=12,
)


def chances(units: Sequence[tuple[list[str], list[str]]]) -> tuple[dict[str, dict[str, float]], ...]:
    """IBM model 1 word by word as the paper writes it: (chances, counts) by source and target term."""
    sets = [(list(dict.fromkeys(left)), list(dict.fromkeys(right))) for left, right in units]
    chance: dict[str, dict[str, float]] = defaultdict(dict)
    for left, right in sets:
        for s in left:
            chance[s] |= dict.fromkeys(right, 1.0)
    counts = {s: dict(row) for s, row in chance.items()}
    for turn in range(6):
        chance = {s: {t: n / sum(row.values()) for t, n in row.items()} for s, row in counts.items() if row}
        if turn == 5:
            break
        counts = {s: dict.fromkeys(row, 0.0) for s, row in chance.items()}
        for left, right in sets:
            for t in right:
                explained = sum(chance[s][t] for s in left)
                for s in left:
                    counts[s][t] += chance[s][t] / explained
    return chance, counts


@settings(max_examples=60, deadline=None)
@given(UNITS)
def test_the_chances_are_those_of_the_model_computed_word_by_word(units: list[tuple[list[str], list[str]]]) -> None:
    for table, pairs in zip(learn_tables(units), (units, [(right, left) for left, right in units]), strict=True):
        chance, counts = chances(pairs)
        for word, row in chance.items():
            sure = {t for t, c in row.items() if c > 0.041 and counts[word][t] > 0.801}
            allowed = {t for t, c in row.items() if c > 0.039 and counts[word][t] > 0.799}
            found = dict(table.get(word, []))
            assert set(found) <= allowed
            assert len(found) >= min(3, len(sure))
            for term, value in found.items():
                assert value == pytest.approx(row[term], abs=6e-4)
            left_out = [row[term] for term in sure - set(found)]
            assert not left_out or max(left_out) <= min(found.values()) + 1e-3
        assert table.keys() <= chance.keys()


@given(UNITS)
def test_the_same_texts_teach_the_same(units: list[tuple[list[str], list[str]]]) -> None:
    def likeliest_first(table: Table) -> bool:
        return all([c for _, c in row] == sorted((c for _, c in row), reverse=True) for row in table.values())

    learned = learn_tables(units)
    assert learned == learn_tables(list(units))
    assert all(map(likeliest_first, learned))


def test_only_the_beginning_of_a_long_text_is_paired() -> None:
    left, right = [f"a{n}" for n in range(50)], [f"b{n}" for n in range(50)]
    forward, backward = learn_tables([(left, right)] * 3 + [(["a0"], ["b0"])] * 60)
    assert forward["a0"][0][0] == "b0"
    assert "a45" not in forward and "b45" not in backward
