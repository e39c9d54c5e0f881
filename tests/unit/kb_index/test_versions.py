"""Which version serves: staging, publishing and rolling back, also where a command died half-way."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from kb_index import versions
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.errors import BuildLocked, IndexFormatError, IndexMismatch, KnowledgeError, NoSuchVersion
from kb_index.index_store import current_version, previous_version, staged_version, version_path
from kb_index.search import KnowledgeIndex
from kb_index.versions import builder_lock, find_version, kept_versions, publish_staged, roll_back


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def article(help_center: Path) -> Path:
    """The article whose word for the assets the tests change from version to version."""
    return help_center / "en" / "depreciation.md"


def say(article: Path, word: str) -> None:
    text = article.read_text(encoding="utf-8")
    head, _, rest = text.partition("Choose the ")
    article.write_text(f"{head}Choose the {word}{rest[rest.index(' book') :]}", encoding="utf-8")


def answer(index: Path, encoder: Encoder) -> str:
    """The snippet that a desk which opens the index now would show."""
    outcome = KnowledgeIndex.open(index, encoder).search("monthly depreciation", language="en")
    return outcome.results[0].snippet


@pytest.fixture
def two(help_center: Path, article: Path, index: Path, encoder: Encoder) -> tuple[str, str]:
    """An index built twice, about ships and then about boats: (previous, current)."""
    names = []
    for word in ("ships", "boats"):
        say(article, word)
        names.append(build_index([help_center], index, encoder).version)
    return names[0], names[1]


def folders(index: Path) -> set[str]:
    return {path.name for path in (index / "versions").iterdir()}


def test_a_rollback_lets_the_former_version_serve_and_a_second_one_returns(
    two: tuple[str, str], index: Path, encoder: Encoder
) -> None:
    assert "boats" in answer(index, encoder)
    serving = roll_back(index, encoder)
    assert (serving.name, serving.role, serving.articles) == (two[0], "current", 5)
    assert serving.built_at.endswith("+00:00")
    assert "ships" in answer(index, encoder)
    assert roll_back(index, encoder).name == two[1]
    assert "boats" in answer(index, encoder)
    assert roll_back(index, encoder).name == two[0]


def test_a_running_search_follows_the_rollback(two: tuple[str, str], index: Path, encoder: Encoder) -> None:
    opened = KnowledgeIndex.open(index, encoder)
    roll_back(index, encoder)
    assert opened.reload_if_changed()
    assert opened.version == two[0]


def test_a_rollback_that_dies_before_the_swap_changed_nothing_and_can_be_repeated(
    two: tuple[str, str], index: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(source: Path, target: Path) -> None:
        if target.name == "current":
            raise KeyboardInterrupt
        rename(source, target)

    rename = os.replace
    monkeypatch.setattr(versions.os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        roll_back(index, encoder)
    assert (current_version(index), previous_version(index)) == (two[1], two[0])
    monkeypatch.undo()
    assert roll_back(index, encoder).name == two[0]
    assert previous_version(index) == two[1]


def test_a_build_that_dies_after_the_swap_leaves_a_version_to_roll_back_to(
    two: tuple[str, str],
    index: Path,
    help_center: Path,
    article: Path,
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def replace(source: Path, target: Path) -> None:
        rename(source, target)
        if target.name == "current":
            raise KeyboardInterrupt

    rename = os.replace
    monkeypatch.setattr(versions.os, "replace", replace)
    say(article, "cars")
    with pytest.raises(KeyboardInterrupt):
        build_index([help_center], index, encoder)
    monkeypatch.undo()
    assert "cars" in answer(index, encoder)
    assert previous_version(index) == two[0]
    assert roll_back(index, encoder).name == two[0]
    say(article, "trucks")
    build_index([help_center], index, encoder)
    assert folders(index) == {current_version(index), two[0]}


def test_without_a_previous_version_a_rollback_says_so_and_changes_nothing(
    help_center: Path, index: Path, encoder: Encoder
) -> None:
    only = build_index([help_center], index, encoder).version
    with pytest.raises(NoSuchVersion, match=f"no previous version in {index}"):
        roll_back(index, encoder)
    assert current_version(index) == only


def test_where_no_index_is_nothing_is_rolled_back_and_no_folder_appears(index: Path, encoder: Encoder) -> None:
    with pytest.raises(NoSuchVersion, match=r"there is no index in .*; run: frontdesk kb build"):
        roll_back(index, encoder)
    assert not index.exists()


def test_a_rollback_waits_for_nobody_while_a_build_runs(two: tuple[str, str], index: Path, encoder: Encoder) -> None:
    with builder_lock(index), pytest.raises(BuildLocked, match=f"process {os.getpid()}"):
        roll_back(index, encoder)
    assert current_version(index) == two[1]


@pytest.mark.parametrize("damage", ["gone", "cut", "other encoder"])
def test_a_version_that_cannot_serve_is_not_rolled_back_to(
    two: tuple[str, str], index: Path, encoder: Encoder, damage: str
) -> None:
    former = version_path(index, two[0])
    if damage == "gone":
        shutil.rmtree(former)
    elif damage == "cut":
        os.truncate(former / "content.sqlite", 10)
    else:
        meta = json.loads((former / "meta.json").read_text())
        (former / "meta.json").write_text(json.dumps(meta | {"encoder_fingerprint": "0" * 64}))
    with pytest.raises(IndexMismatch if damage == "other encoder" else IndexFormatError):
        roll_back(index, encoder)
    assert current_version(index) == two[1]
    assert "boats" in answer(index, encoder)


def test_a_damaged_version_that_serves_can_be_rolled_back_from(
    two: tuple[str, str], index: Path, encoder: Encoder
) -> None:
    shutil.rmtree(version_path(index, two[1]) / "vectors")
    assert roll_back(index, encoder).name == two[0]
    assert "ships" in answer(index, encoder)


def test_a_build_after_a_rollback_keeps_the_version_that_serves_as_the_previous_one(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    roll_back(index, encoder)
    say(article, "cars")
    newest = build_index([help_center], index, encoder).version
    assert folders(index) == {newest, two[0]}
    assert previous_version(index) == two[0]
    assert roll_back(index, encoder).name == two[0]


def test_after_a_rollback_a_build_of_what_serves_is_up_to_date_and_one_of_the_newer_texts_is_not(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    roll_back(index, encoder)
    say(article, "ships")
    assert build_index([help_center], index, encoder).version == two[0]
    say(article, "boats")
    again = build_index([help_center], index, encoder)
    assert again.changed
    assert again.encoded == 0, "the version that was rolled back still had the vectors"
    assert "boats" in answer(index, encoder)


def test_a_staged_version_serves_only_when_it_is_published(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    say(article, "cars")
    report = build_index([help_center], index, encoder, stage=True)
    assert (report.changed, report.staged) == (True, True)
    assert staged_version(index) == report.version
    assert "boats" in answer(index, encoder)
    assert previous_version(index) == two[0]
    assert publish_staged(index, encoder).name == report.version
    assert "cars" in answer(index, encoder)
    assert (staged_version(index), previous_version(index)) == (None, two[1])
    assert folders(index) == {report.version, two[1]}
    with pytest.raises(NoSuchVersion, match=r"no staged version in .*kb build .*--stage"):
        publish_staged(index, encoder)


def test_a_rollback_leaves_the_staged_version_alone(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    say(article, "cars")
    staged = build_index([help_center], index, encoder, stage=True).version
    roll_back(index, encoder)
    assert (staged_version(index), current_version(index)) == (staged, two[0])
    publish_staged(index, encoder)
    assert previous_version(index) == two[0]


def test_staging_twice_keeps_one_and_encodes_only_what_changed_since(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    check = help_center / "en" / "void-a-check.md"
    check.write_text(check.read_text().replace("keeps its number", "keeps its old number"))
    first = build_index([help_center], index, encoder, stage=True)
    assert build_index([help_center], index, encoder, stage=True).version == first.version
    say(article, "cars")
    second = build_index([help_center], index, encoder, stage=True)
    assert (first.encoded, second.encoded) == (1, 1)
    assert folders(index) == {*two, second.version}


def test_the_next_build_removes_what_was_staged(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    say(article, "cars")
    staged = build_index([help_center], index, encoder, stage=True).version
    say(article, "trucks")
    newest = build_index([help_center], index, encoder).version
    assert staged_version(index) is None
    assert folders(index) == {newest, two[1]}
    assert staged != newest


def test_staging_what_already_serves_leaves_nothing_staged(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    say(article, "cars")
    build_index([help_center], index, encoder, stage=True)
    say(article, "boats")
    report = build_index([help_center], index, encoder, stage=True)
    assert (report.changed, report.staged, report.version) == (False, False, two[1])
    assert staged_version(index) is None
    assert folders(index) == set(two)


def test_a_first_version_can_be_staged_but_nothing_serves_before_it_is_published(
    help_center: Path, index: Path, encoder: Encoder
) -> None:
    build_index([help_center], index, encoder, stage=True)
    with pytest.raises(IndexFormatError, match="there is no index"):
        KnowledgeIndex.open(index, encoder)
    publish_staged(index, encoder)
    assert KnowledgeIndex.open(index, encoder).search("void a check", language="en").results


def test_versions_are_listed_with_what_they_hold_and_damage_is_named(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder
) -> None:
    article.unlink()
    staged = build_index([help_center], index, encoder, stage=True).version
    os.truncate(version_path(index, two[0]) / "content.sqlite", 10)
    listed = kept_versions(index)
    assert [(v.name, v.role, v.articles) for v in listed] == [
        (two[1], "current", 5),
        (two[0], "previous", 0),
        (staged, "staged", 4),
    ]
    assert "content.sqlite is damaged" in listed[1].damage
    assert listed[0].damage == ""


def test_an_index_of_the_time_before_rollbacks_can_be_rolled_back(
    two: tuple[str, str], index: Path, encoder: Encoder
) -> None:
    assert (index / "previous").read_text() == f"{two[0]}\n"
    assert roll_back(index, encoder).name == two[0]


def test_a_version_is_named_by_its_role_or_its_name(two: tuple[str, str], index: Path) -> None:
    elsewhere = Path("elsewhere")
    assert find_version(str(index), elsewhere) == (index, two[1])
    assert find_version(f"{index}@current", elsewhere) == (index, two[1])
    assert find_version(f"{index}@previous", elsewhere) == (index, two[0])
    assert find_version(f"{index}@{two[0]}", elsewhere) == (index, two[0])
    assert find_version("@previous", index) == (index, two[0])


def test_a_folder_whose_name_has_an_at_sign_is_a_folder(help_center: Path, tmp_path: Path, encoder: Encoder) -> None:
    place = tmp_path / "help@work"
    version = build_index([help_center], place, encoder).version
    assert find_version(str(place), tmp_path) == (place, version)
    assert find_version(f"{place}@current", tmp_path) == (place, version)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("INDEX@20200101T000000Z-000000", "there is no version '20200101T000000Z-000000' in .*; there are 2"),
        ("INDEX@staged", "there is no staged version"),
        ("INDEX@../../etc", "there is no version '../../etc'"),
        ("nowhere@current", "there is no index in nowhere"),
    ],
)
def test_a_version_that_is_not_there_is_refused_with_the_ones_there_are(
    two: tuple[str, str], index: Path, reference: str, message: str
) -> None:
    with pytest.raises(NoSuchVersion, match=message):
        find_version(reference.replace("INDEX", str(index)), index)


@pytest.mark.parametrize("pointer", ["previous", "staged"])
def test_a_damaged_pointer_is_named_and_does_not_stand_in_the_way_of_a_build(
    two: tuple[str, str], help_center: Path, article: Path, index: Path, encoder: Encoder, pointer: str
) -> None:
    (index / pointer).write_bytes(b"../../etc\n")
    with pytest.raises(KnowledgeError, match=f"{pointer} is damaged"):
        {"previous": roll_back, "staged": publish_staged}[pointer](index, encoder)
    for word, stage in (("cars", True), ("trucks", False)):
        say(article, word)
        assert build_index([help_center], index, encoder, stage=stage).changed
    assert previous_version(index) == two[1]
    assert staged_version(index) is None
