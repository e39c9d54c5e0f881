"""The running desk picks up new versions beside its searches."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest

from kb_index.builder import build_index
from kb_index.content import ArticleEntry, Content
from kb_index.encoder import Encoder
from kb_index.index_store import current_version, version_path
from kb_index.search import KnowledgeIndex
from kb_index.watch import IndexWatch


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def opened(help_center: Path, index: Path, encoder: Encoder) -> KnowledgeIndex:
    build_index([help_center], index, encoder)
    return KnowledgeIndex.open(index, encoder)


def publish_another(help_center: Path, index: Path, encoder: Encoder) -> str:
    article = help_center / "en" / "depreciation.md"
    article.write_text(article.read_text() + "\nPost the calculation.\n")
    return build_index([help_center], index, encoder).version


def test_a_new_version_is_picked_up_without_anybody_asking_for_it(
    opened: KnowledgeIndex, help_center: Path, index: Path, encoder: Encoder
) -> None:
    with IndexWatch(opened, every_s=0.01) as watch:
        version = publish_another(help_center, index, encoder)
        deadline = time.monotonic() + 10
        while opened.version != version and time.monotonic() < deadline:
            time.sleep(0.01)
    assert opened.version == version
    assert watch.problem == ""


def test_a_version_that_cannot_be_opened_is_reported_once_and_the_next_good_one_is_taken(
    opened: KnowledgeIndex, help_center: Path, index: Path, encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    serving = opened.version
    bad = publish_another(help_center, index, encoder)
    shutil.rmtree(version_path(index, bad) / "vectors")
    watch = IndexWatch(opened)
    watch.look()
    watch.look()
    assert "vectors" in watch.problem
    assert [record.levelname for record in caplog.records if record.name == "kb_index.watch"] == ["WARNING"]
    assert opened.version == serving
    assert opened.search("void a check", language="en").results
    good = publish_another(help_center, index, encoder)
    watch.look()
    assert (opened.version, watch.problem) == (good, "")


def test_a_version_that_is_replaced_while_it_is_opened_is_no_problem(
    opened: KnowledgeIndex, help_center: Path, index: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reload = opened.reload_if_changed

    def overtaken() -> bool:
        missed = current_version(index)
        assert missed is not None
        shutil.rmtree(version_path(index, missed))
        try:
            return reload()
        finally:
            publish_another(help_center, index, encoder)

    publish_another(help_center, index, encoder)
    watch = IndexWatch(opened)
    with monkeypatch.context() as patch:
        patch.setattr(opened, "reload_if_changed", overtaken)
        watch.look()
    assert watch.problem == ""
    watch.look()
    assert opened.version == current_version(index)


def test_searches_go_on_while_a_version_that_takes_long_is_opened(
    opened: KnowledgeIndex, help_center: Path, index: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, may_end = threading.Event(), threading.Event()
    entries = Content.entries

    def slowly(content: Content) -> list[ArticleEntry]:
        opening.set()
        assert may_end.wait(30)
        return entries(content)

    version = publish_another(help_center, index, encoder)
    former = opened.version
    monkeypatch.setattr(Content, "entries", slowly)
    with IndexWatch(opened, every_s=0.01):
        assert opening.wait(30)
        for _ in range(10):
            assert opened.search("void a printed check", language="en").results[0].article == "void-a-check"
        assert opened.version == former
        may_end.set()
        deadline = time.monotonic() + 10
        while opened.version != version and time.monotonic() < deadline:
            time.sleep(0.01)
    assert opened.version == version
