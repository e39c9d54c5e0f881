from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kb_index import builder, reuse
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.errors import BuildLocked, IndexFormatError, IndexMismatch, SourceError
from kb_index.index_store import current_version, version_path
from kb_index.progress import Step
from kb_index.search import KnowledgeIndex
from kb_index.versions import builder_lock

ROOT = Path(__file__).resolve().parents[3]
FILES = [
    "content.sqlite",
    "vectors/en.faiss",
    "lexical/es/vocabulary.txt",
    "lexical/es/scores.npy",
    "learned/report.json",
    "learned/lexicon/en-es.json",
]


class CountingEncoder(Encoder):
    """The real encoder, which also notes what it was asked to encode."""

    def __init__(self, encoder: Encoder) -> None:
        self.__dict__.update(encoder.__dict__)
        self.passages: list[str] = []

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> np.ndarray:
        self.passages += texts
        return super().encode_passages(texts, progress=progress)


@pytest.fixture
def counting(encoder: Encoder) -> CountingEncoder:
    return CountingEncoder(encoder)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_unchanged_rebuild_encodes_nothing_and_keeps_the_version(
    help_center: Path, index: Path, counting: CountingEncoder
) -> None:
    first = build_index([help_center], index, counting)
    assert first.changed
    assert first.encoded == first.passages == len(counting.passages) > 0
    counting.passages.clear()
    second = build_index([help_center], index, counting)
    assert not second.changed
    assert (second.version, second.passages, second.reused) == (first.version, first.passages, first.passages)
    assert counting.passages == []


def test_only_the_section_that_changed_is_encoded_again(
    help_center: Path, index: Path, counting: CountingEncoder
) -> None:
    build_index([help_center], index, counting)
    counting.passages.clear()
    rewrite(help_center / "en" / "depreciation.md", "Run the calculation", "Run the monthly calculation")
    report = build_index([help_center], index, counting)
    assert (report.changed, report.encoded) == (True, 1)
    assert "Run the monthly calculation" in counting.passages[0]


def test_reused_vectors_are_those_a_build_from_scratch_gives(help_center: Path, index: Path, encoder: Encoder) -> None:
    build_index([help_center], index, encoder)
    rewrite(help_center / "en" / "bank-reconciliation.md", "entered twice", "posted two times")
    build_index([help_center], index, encoder)
    build_index([help_center], index.parent / "scratch", encoder)
    for query in ("void a check", "difference in reconciliation", "monthly depreciation"):
        outcomes = [
            KnowledgeIndex.open(place, encoder).search(query, language="en").results
            for place in (index, index.parent / "scratch")
        ]
        assert outcomes[0] == outcomes[1] != []


def test_a_removed_article_is_no_longer_found(help_center: Path, index: Path, encoder: Encoder) -> None:
    build_index([help_center], index, encoder)
    (help_center / "en" / "depreciation.md").unlink()
    report = build_index([help_center], index, encoder)
    assert (report.changed, report.encoded, report.articles) == (True, 0, 4)
    opened = KnowledgeIndex.open(index, encoder)
    assert opened.article("en", "depreciation") is None
    assert "depreciation" not in [r.article for r in opened.search("run depreciation", language="en").results]


def test_bad_files_are_reported_and_the_rest_is_built(help_center: Path, index: Path, encoder: Encoder) -> None:
    (help_center / "broken.md").write_text("no front matter")
    report = build_index([help_center], index, encoder)
    assert report.articles == 5
    assert [problem.path for problem in report.problems] == [str(help_center / "broken.md")]


def test_a_source_without_any_usable_article_leaves_the_old_index(
    help_center: Path, index: Path, encoder: Encoder, tmp_path: Path
) -> None:
    version = build_index([help_center], index, encoder).version
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="no usable article"):
        build_index([tmp_path / "empty"], index, encoder)
    assert current_version(index) == version


def test_progress_tells_the_phases_in_order_and_runs_to_the_number_of_passages_to_encode(
    help_center: Path, index: Path, encoder: Encoder
) -> None:
    steps: list[Step] = []
    report = build_index([help_center], index, encoder, progress=steps.append)
    phases = list(dict.fromkeys(step.phase for step in steps))
    learning = ["learning translations", "learning what is asked"]
    before, after = ["reading sources", "cutting articles", "encoding passages"], ["vector search", "writing"]
    assert phases == [*before, "word index", *learning, *after]
    encoding = [step for step in steps if step.phase == "encoding passages"]
    assert (encoding[0].done, encoding[0].share) == (0, 0.0)
    assert (encoding[-1].done, encoding[-1].total, encoding[-1].share) == (report.encoded, report.encoded, 1.0)
    assert [step.share for step in encoding] == sorted(step.share for step in encoding)


def test_the_previous_version_is_kept_and_older_ones_go(help_center: Path, index: Path, encoder: Encoder) -> None:
    versions = []
    for old, new in (("machines", "ships"), ("ships", "boats"), ("boats", "cars")):
        rewrite(help_center / "en" / "depreciation.md", old, new)
        versions.append(build_index([help_center], index, encoder).version)
    assert sorted(path.name for path in (index / "versions").iterdir()) == sorted(versions[1:])
    assert (index / "previous").read_text().strip() == versions[1]


def test_a_second_builder_is_turned_away_while_one_works(help_center: Path, index: Path, encoder: Encoder) -> None:
    with builder_lock(index), pytest.raises(BuildLocked, match=f"process {os.getpid()}"):
        build_index([help_center], index, encoder)
    assert build_index([help_center], index, encoder).changed


def test_a_killed_build_leaves_the_old_index_serving_and_the_next_one_cleans_up(
    help_center: Path, index: Path, encoder: Encoder
) -> None:
    version = build_index([help_center], index, encoder).version
    rewrite(help_center / "en" / "depreciation.md", "machines", "ships")
    script = (
        "import sys, time; from pathlib import Path\n"
        "from kb_index import builder; from kb_index.encoder import Encoder\n"
        "def stall(*_): print('writing', flush=True); time.sleep(60)\n"
        "builder.publish_version = stall\n"
        "builder.build_index([sys.argv[1]], Path(sys.argv[2]), Encoder.load(sys.argv[3]))\n"
    )
    arguments = [sys.executable, "-c", script, str(help_center), str(index), str(ROOT / "models" / "encoder")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"writing\n"
        killed.send_signal(signal.SIGKILL)
    leftovers = list((index / "versions").glob(".building-*"))
    assert len(leftovers) == 1
    opened = KnowledgeIndex.open(index, encoder)
    assert opened.version == version
    assert opened.search("void a check", language="en").results[0].article == "void-a-check"
    assert build_index([help_center], index, encoder).changed
    assert not leftovers[0].exists()


def test_a_running_search_picks_up_the_new_version_and_keeps_the_old_one_until_then(
    help_center: Path, index: Path, encoder: Encoder
) -> None:
    build_index([help_center], index, encoder)
    opened = KnowledgeIndex.open(index, encoder)
    assert not opened.reload_if_changed()
    for old, word in (("asset book", "ship book"), ("ship book", "boat book")):
        rewrite(help_center / "en" / "depreciation.md", old, word)
        build_index([help_center], index, encoder)
        assert word not in opened.search("depreciation of machines", language="en").results[0].snippet
        assert opened.reload_if_changed()
        assert word in opened.search("depreciation of machines", language="en").results[0].snippet


def test_a_new_version_that_cannot_be_opened_leaves_the_old_one_serving(
    help_center: Path, index: Path, encoder: Encoder
) -> None:
    build_index([help_center], index, encoder)
    opened = KnowledgeIndex.open(index, encoder)
    (index / "current").write_text("20200101T000000Z-000000\n")
    with pytest.raises(IndexFormatError, match="frontdesk kb build"):
        opened.reload_if_changed()
    assert opened.search("void a check", language="en").results


@pytest.fixture
def built(help_center: Path, index: Path, encoder: Encoder) -> Path:
    """The version folder of a fresh index."""
    return version_path(index, build_index([help_center], index, encoder).version)


def edit_meta(version: Path, **changes: object) -> None:
    meta = json.loads((version / "meta.json").read_text())
    (version / "meta.json").write_text(json.dumps(meta | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 99}, "format 99, this program reads 1"),
        ({"encoder_fingerprint": "0123456789abcdef", "encoder_name": "other-model"}, "other-model"),
        ({"dimension": 768}, "dimension 768"),
    ],
)
def test_an_index_of_another_format_or_encoder_is_refused_saying_what_differs_and_what_to_run(
    built: Path, index: Path, encoder: Encoder, changes: dict[str, object], message: str
) -> None:
    edit_meta(built, **changes)
    with pytest.raises(IndexMismatch, match=message) as refusal:
        KnowledgeIndex.open(index, encoder)
    assert f"frontdesk kb build --index {index}" in str(refusal.value)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_a_missing_or_truncated_file_is_named(
    built: Path, index: Path, encoder: Encoder, name: str, damage: str
) -> None:
    if damage == "missing":
        (built / name).unlink()
    else:
        os.truncate(built / name, 10)
    with pytest.raises(IndexFormatError, match=name) as refusal:
        KnowledgeIndex.open(index, encoder)
    assert "frontdesk kb build" in str(refusal.value)


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_foreign_content_is_refused(built: Path, index: Path, encoder: Encoder, name: str) -> None:
    (built / name).write_bytes(os.urandom((built / name).stat().st_size))
    with pytest.raises(IndexFormatError):
        KnowledgeIndex.open(index, encoder)


@pytest.mark.parametrize("name", ["learned/report.json", "learned/lexicon/en-es.json"])
def test_a_build_repairs_damage_to_what_was_learned_although_no_article_changed(
    built: Path, index: Path, help_center: Path, encoder: Encoder, name: str
) -> None:
    (built / name).write_bytes(b"x" * (built / name).stat().st_size)
    report = build_index([help_center], index, encoder)
    assert report.changed
    assert f"{built / 'learned'} is damaged" in report.rebuilt_because
    assert KnowledgeIndex.open(index, encoder).search("void a check", language="en").results


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../../etc", b"[1, 2]"])
def test_a_damaged_pointer_or_description_is_refused(
    built: Path, index: Path, encoder: Encoder, content: bytes
) -> None:
    (index / "current").write_bytes(content)
    with pytest.raises(IndexFormatError):
        KnowledgeIndex.open(index, encoder)
    (index / "current").write_text(built.name)
    (built / "meta.json").write_bytes(content)
    with pytest.raises(IndexFormatError, match="frontdesk kb build"):
        KnowledgeIndex.open(index, encoder)


def test_a_build_over_a_damaged_index_starts_from_scratch_and_says_why(
    built: Path, index: Path, help_center: Path, encoder: Encoder
) -> None:
    shutil.rmtree(built / "vectors")
    report = build_index([help_center], index, encoder)
    assert report.reused == 0
    assert "vectors" in report.rebuilt_because
    assert KnowledgeIndex.open(index, encoder).search("void a check", language="en").results


def test_another_chunker_version_cuts_again_but_keeps_vectors_of_equal_texts(
    built: Path, index: Path, help_center: Path, counting: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (builder, reuse):
        monkeypatch.setattr(module, "CHUNKER_VERSION", builder.CHUNKER_VERSION + 1)
    report = build_index([help_center], index, counting)
    assert (report.changed, report.encoded) == (True, 0)


def test_a_directory_without_an_index_says_how_to_build_one(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(IndexFormatError, match="frontdesk kb build"):
        KnowledgeIndex.open(tmp_path, encoder)


def test_an_unchanged_rebuild_of_many_articles_is_quick(tmp_path: Path, index: Path, encoder: Encoder) -> None:
    for number in range(300):
        fields = f"id: a{number}\nlanguage: en\ntitle: Same title\ndescription: Same text\n"
        (tmp_path / f"{number}.md").write_text(f"---\n{fields}---\n# Same title\n\nSame text.")
    build_index([tmp_path], index, encoder)
    started = time.perf_counter()
    assert not build_index([tmp_path], index, encoder).changed
    assert time.perf_counter() - started < 1


def test_searches_of_many_threads_go_on_while_new_versions_are_picked_up(
    help_center: Path, index: Path, encoder: Encoder
) -> None:
    build_index([help_center], index, encoder)
    opened = KnowledgeIndex.open(index, encoder)
    done = threading.Event()

    def ask() -> int:
        answered = 0
        while not done.is_set():
            assert opened.search("void a printed check", language="en").results[0].article == "void-a-check"
            opened.reload_if_changed()
            answered += 1
        return answered

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for old, new in (("machines", "ships"), ("ships", "boats"), ("boats", "cars")):
            rewrite(help_center / "en" / "depreciation.md", old, new)
            version = build_index([help_center], index, encoder).version
        done.set()
        assert all(future.result() > 0 for future in asking)
    opened.reload_if_changed()
    assert opened.version == version
