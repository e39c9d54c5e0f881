"""What an index learns from its articles, how long it keeps it, and when it learns anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kb_index.builder import BuildReport, build_index
from kb_index.encoder import Encoder
from kb_index.errors import IndexFormatError
from kb_index.index_store import version_path
from kb_index.learning import Learned, LearningReport, centring
from kb_index.progress import Step
from kb_index.search import KnowledgeIndex

ARTICLES = 42
"""In both languages together; one in twenty may change until everything is learned anew."""


@pytest.fixture(scope="module")
def first(
    tmp_path_factory: pytest.TempPathFactory, write_translated: Callable[[Path], None], encoder: Encoder
) -> tuple[Path, BuildReport]:
    """A folder with a help center in articles/ and its index in index/, to be copied, and the report of the build."""
    root = tmp_path_factory.mktemp("learning")
    write_translated(root / "articles")
    return root, build_index([root / "articles"], root / "index", encoder)


class HelpCenter:
    """Articles and their index, the test's own to change."""

    def __init__(self, root: Path, encoder: Encoder) -> None:
        self.root, self.encoder = root, encoder
        self.phases: list[str] = []
        """Of the latest build."""

    @property
    def index(self) -> Path:
        return self.root / "index"

    def change(self, *articles: str) -> None:
        for article in articles:
            path = self.root / "articles" / f"{article}.md"
            path.write_text(path.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")

    def build(self) -> BuildReport:
        steps: list[Step] = []
        report = build_index([self.root / "articles"], self.index, self.encoder, progress=steps.append)
        self.phases = [step.phase for step in steps]
        return report

    def learned(self, version: str) -> Path:
        return version_path(self.index, version) / "learned"


@pytest.fixture
def center(first: tuple[Path, BuildReport], tmp_path: Path, encoder: Encoder) -> HelpCenter:
    shutil.copytree(first[0], tmp_path / "copy")
    copy = HelpCenter(tmp_path / "copy", encoder)
    # The sources' paths are part of a version: only from here on is a build without changes up to date.
    copy.build()
    return copy


def test_the_report_says_what_was_learned_and_is_kept_with_the_version(first: tuple[Path, BuildReport]) -> None:
    root, report = first
    assert report.articles == ARTICLES
    assert report.learning.texts > 2 * ARTICLES
    assert report.learning.translations > 20
    assert report.learning.changed_since == 0
    assert 0 <= report.learning.before <= 1 and 0 <= report.learning.after <= 1
    assert report.learning.adapter == (version_path(root / "index", report.version) / "learned/adapter.npy").exists()
    assert Learned.load(version_path(root / "index", report.version) / "learned").report == report.learning


@pytest.mark.parametrize(
    ("spanish", "english"),
    [("facturas", "invoice"), ("cheque", "check"), ("presupuestos", "budget"), ("aprobar", "approve")],
)
def test_words_of_one_language_are_translated_into_terms_of_the_other(
    translated_index: KnowledgeIndex, encoder: Encoder, spanish: str, english: str
) -> None:
    for word, other, asked, articles in ((spanish, english, "es", "en"), (english, spanish, "en", "es")):
        question = translated_index.question(word, encoder.encode_queries([word])[0], asked)
        words = question.words[articles]
        assert max(words, key=words.__getitem__) == translated_index.ranker(articles).lexical.terms_of(other)[0]
        assert question.known[articles] == 1


def test_what_was_learned_is_the_same_after_saving_and_loading(first: tuple[Path, BuildReport], tmp_path: Path) -> None:
    root, report = first
    learned = Learned.load(version_path(root / "index", report.version) / "learned")
    learned.save(tmp_path / "learned")
    loaded = Learned.load(tmp_path / "learned")
    assert loaded.report == learned.report
    assert len(loaded.lexicon) == len(learned.lexicon) == report.learning.translations
    asked = (["factur", "chequ"], "es", "en", lambda term: False)
    assert loaded.lexicon.translate(*asked) == learned.lexicon.translate(*asked)
    assert loaded.adapter.learned == learned.adapter.learned


def test_the_same_articles_teach_the_same_wherever_they_lie(
    first: tuple[Path, BuildReport], tmp_path: Path, encoder: Encoder
) -> None:
    root, report = first
    shutil.copytree(root / "articles", tmp_path / "elsewhere")
    again = build_index([tmp_path / "elsewhere"], tmp_path / "index", encoder)
    one, other = (
        version_path(place, version) / "learned"
        for place, version in ((root / "index", report.version), (tmp_path / "index", again.version))
    )
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    assert [(one / file).read_bytes() for file in files] == [(other / file).read_bytes() for file in files]


def test_it_stays_when_few_articles_change_and_each_change_is_counted(
    center: HelpCenter, first: tuple[Path, BuildReport]
) -> None:
    center.change("en/themes")
    report = center.build()
    assert report.changed
    assert not any(phase.startswith("learning") for phase in center.phases)
    assert report.learning.changed_since == 1
    assert report.learning.texts == first[1].learning.texts
    (center.root / "articles/en/themes.md").unlink()
    assert center.build().learning.changed_since == 2


def test_it_is_learned_anew_when_more_than_one_in_twenty_changed_in_one_build_or_in_several(
    center: HelpCenter,
) -> None:
    center.change("en/themes", "en/print-a-check", "es/print-a-check")
    assert center.build().learning.changed_since == 0
    assert "learning what is asked" in center.phases
    center.change("en/themes")
    assert center.build().learning.changed_since == 1
    center.change("en/void-a-check", "es/void-a-check")
    assert center.build().learning.changed_since == 0
    assert "learning what is asked" in center.phases


def test_a_build_without_changes_writes_no_version_and_reports_what_was_learned_before(center: HelpCenter) -> None:
    center.change("en/themes")
    before = center.build()
    kept = sorted((center.index / "versions").rglob("*"))
    again = center.build()
    assert not again.changed
    assert (again.version, again.learning) == (before.version, before.learning)
    assert again.learning.changed_since == 1
    assert sorted((center.index / "versions").rglob("*")) == kept


def test_an_index_without_what_it_learned_is_refused_with_what_to_run(center: HelpCenter, encoder: Encoder) -> None:
    version = center.build().version
    shutil.rmtree(center.learned(version))
    with pytest.raises(IndexFormatError, match=r"lacks .*learned.*frontdesk kb build --index"):
        KnowledgeIndex.open(center.index, encoder)
    assert center.build().changed
    assert KnowledgeIndex.open(center.index, encoder).search("void a check", language="en").results


def test_an_index_from_before_indexes_learned_is_refused_and_learns_with_the_next_build_without_encoding_anew(
    center: HelpCenter, encoder: Encoder
) -> None:
    version = center.build().version
    shutil.rmtree(center.learned(version))
    description = version_path(center.index, version) / "meta.json"
    meta = json.loads(description.read_text())
    meta["files"] = {name: size for name, size in meta["files"].items() if not name.startswith("learned")}
    del meta["learning_version"]
    description.write_text(json.dumps(meta))
    with pytest.raises(IndexFormatError, match=r"learned.*frontdesk kb build --index"):
        KnowledgeIndex.open(center.index, encoder)
    report = center.build()
    assert (report.changed, report.encoded) == (True, 0)
    assert report.learning.translations > 20
    assert KnowledgeIndex.open(center.index, encoder).search("void a check", language="en").results


def test_one_language_teaches_no_translations(
    tmp_path: Path, encoder: Encoder, first: tuple[Path, BuildReport]
) -> None:
    report = build_index([first[0] / "articles" / "es"], tmp_path / "index", encoder)
    assert report.learning.translations == 0
    assert report.learning.texts > 0
    assert KnowledgeIndex.open(tmp_path / "index", encoder).search("anular un cheque", language="es").results


def test_an_article_that_has_no_short_text_teaches_nothing_and_is_built(tmp_path: Path, encoder: Encoder) -> None:
    title = "A very long title about checks " * 10
    (tmp_path / "long.md").write_text(f"---\nid: long\nlanguage: en\ntitle: {title}\n---\nOpen the register.")
    report = build_index([tmp_path / "long.md"], tmp_path / "index", encoder)
    assert report.learning == LearningReport()
    assert KnowledgeIndex.open(tmp_path / "index", encoder).search("check register", language="en").results


def test_the_mean_of_few_passages_counts_little_and_that_of_many_most() -> None:
    assert centring(0) == 0
    assert centring(5) < 0.1
    assert centring(5_000) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("content", [b"", b"[1]", b"3", b'{"texts": 1, "of another program": 2}', b"\xff"])
def test_a_damaged_report_is_refused(tmp_path: Path, content: bytes) -> None:
    Learned().save(tmp_path / "learned")
    assert Learned.load(tmp_path / "learned").report == LearningReport()
    (tmp_path / "learned" / "report.json").write_bytes(content)
    with pytest.raises((ValueError, TypeError)):
        Learned.load(tmp_path / "learned")


@pytest.mark.parametrize(
    ("changed", "articles", "stays"), [(0, 1, True), (1, 19, False), (1, 20, True), (5, 100, True), (6, 100, False)]
)
def test_one_article_in_twenty_may_change(changed: int, articles: int, stays: bool) -> None:
    assert Learned().may_stay(changed, articles) is stays
    assert not Learned().after_changes(1).may_stay(articles // 20, articles)
