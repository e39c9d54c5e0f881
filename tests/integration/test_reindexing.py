"""A running desk takes over new versions of its help center, and a rollback, without failing or stalling a request."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from tests.support.client import Desk
from tests.support.stack import ROOT, Stack, running_stack

ASKING = 4
QUESTION = {"q": "post the monthly depreciation", "language": "en"}
PATIENCE_S = 60


def write(folder: Path, word: str) -> None:
    """An article that shows by one word which version of the help center it belongs to."""
    folder.mkdir(exist_ok=True)
    (folder / "depreciation.md").write_text(
        "---\nid: depreciation\nlanguage: en\ntitle: Post the monthly depreciation\n"
        f"description: Post the monthly depreciation of {word}.\n---\n"
        f"# Post the monthly depreciation\n\nPost the monthly depreciation of {word} at the end of the period.\n",
        encoding="utf-8",
    )
    (folder / "checks.md").write_text(
        "---\nid: checks\nlanguage: en\ntitle: Void a printed check\n---\n# Void a printed check\n\nVoid it.\n",
        encoding="utf-8",
    )


def kb(command: str, folder: Path, *arguments: str) -> None:
    subprocess.run(
        [ROOT / ".venv/bin/frontdesk", "kb", command, "--index", folder / "index", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")},
        check=True,
        capture_output=True,
    )


@dataclass
class Asking:
    """Threads that ask the same question for as long as it runs, each over a connection of its own."""

    base: str
    over: threading.Event = field(default_factory=threading.Event)
    last: str = ""
    """The word that the snippet of the last answer of any thread names."""

    def ask(self) -> tuple[int, list[str]]:
        """How many answers one thread got, all with status 200, and the words they named, repetitions left out."""
        count, words = 0, [""]
        with httpx2.Client(base_url=self.base, trust_env=False, timeout=30) as http:
            while not self.over.is_set():
                reply = http.get("/api/kb/search", params=QUESTION)
                assert reply.status_code == 200, reply.text
                named = re.search(r"depreciation of (\w+)", reply.text)
                assert named is not None, reply.text
                word, count = named.group(1), count + 1
                if word != words[-1]:
                    words.append(word)
                self.last = word
                time.sleep(0.01)
        return count, words[1:]

    def wait_for(self, word: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.last != word:
            assert time.monotonic() < deadline, f"no answer names {word!r}; the last one was about {self.last!r}"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reindexing")


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    """A desk with a small help center of its own, about machines to begin with."""
    write(folder / "articles", "machines")
    kb("build", folder, "--source", str(folder / "articles"))
    with running_stack(folder, FRONTDESK_INDEX=str(folder / "index")) as running:
        yield running


def test_every_question_is_answered_while_versions_are_published_and_rolled_back(stack: Stack, folder: Path) -> None:
    asking = Asking(stack.base)
    with ThreadPoolExecutor(ASKING) as pool:
        running: list[Future[tuple[int, list[str]]]] = [pool.submit(asking.ask) for _ in range(ASKING)]
        try:
            asking.wait_for("machines")
            for word in ("ships", "vehicles"):
                write(folder / "articles", word)
                kb("build", folder, "--source", str(folder / "articles"))
                asking.wait_for(word)
            kb("rollback", folder)
            asking.wait_for("ships")
        finally:
            asking.over.set()
        answered = [future.result() for future in running]
    assert all(count > 20 for count, _ in answered)
    assert [words for _, words in answered] == [["machines", "ships", "vehicles", "ships"]] * ASKING


def test_a_conversation_hears_of_the_version_that_serves(stack: Stack, folder: Path) -> None:
    write(folder / "articles", "buildings")
    kb("build", folder, "--source", str(folder / "articles"), "--stage")
    with Desk(stack.base) as desk:
        before = desk.talk(language="en")
        before.say("How do I post the monthly depreciation?")
        kb("publish", folder)
        deadline = time.monotonic() + PATIENCE_S
        shown = ""
        while "buildings" not in shown and time.monotonic() < deadline:
            after = desk.talk(language="en")
            after.say("How do I post the monthly depreciation?")
            shown = str(after.messages)
    assert "buildings" not in str(before.messages)
    assert "depreciation" in str(before.messages)
    assert "buildings" in shown


def test_a_version_that_cannot_be_used_leaves_the_desk_answering_from_the_former_one(
    stack: Stack, folder: Path
) -> None:
    serving = (folder / "index" / "current").read_text()
    try:
        (folder / "index" / "current").write_text("20200101T000000Z-000000\n")
        with httpx2.Client(base_url=stack.base, trust_env=False, timeout=30) as http:
            deadline = time.monotonic() + PATIENCE_S
            ready = http.get("/readyz")
            while "index_problem" not in ready.json() and time.monotonic() < deadline:
                time.sleep(0.1)
                ready = http.get("/readyz")
            assert ready.status_code == 200
            assert "20200101T000000Z-000000" in ready.json()["index_problem"]
            assert http.get("/api/kb/search", params=QUESTION).json()["results"]
    finally:
        (folder / "index" / "current").write_text(serving)
