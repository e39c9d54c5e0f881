"""The content decides what a file is; the name must not promise something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.desk.file_types import EXTENSIONS, file_type
from tests.support import sample_files as files

OFFICE = "application/vnd.openxmlformats-officedocument."


def media_type(tmp_path: Path, content: bytes, name: str) -> str | None:
    file = tmp_path / "upload"
    file.write_bytes(content)
    found = file_type(file, name)
    return found.media_type if found else None


ACCEPTED = [
    (files.PNG, "a.png", "image/png"),
    (files.JPEG, "a.jpg", "image/jpeg"),
    (files.JPEG, "a.JPEG", "image/jpeg"),
    (files.GIF, "a.gif", "image/gif"),
    (files.WEBP, "a.webp", "image/webp"),
    (files.PDF, "a.pdf", "application/pdf"),
    (files.TEXT, "a.txt", "text/plain"),
    (files.TEXT, "a.log", "text/plain"),
    (files.OLD_TEXT, "a.txt", "text/plain"),
    (files.UTF16_TEXT, "a.txt", "text/plain"),
    (files.CSV, "a.csv", "text/csv"),
    (files.XLSX, "a.xlsx", OFFICE + "spreadsheetml.sheet"),
    (files.DOCX, "a.docx", OFFICE + "wordprocessingml.document"),
    (files.MP4, "a.mp4", "video/mp4"),
    (files.WEBM, "a.webm", "video/webm"),
    (files.ZIP, "a.zip", "application/zip"),
]


@pytest.mark.parametrize(("content", "name", "expected"), ACCEPTED)
def test_every_kind_of_the_list_is_taken(tmp_path: Path, content: bytes, name: str, expected: str) -> None:
    assert media_type(tmp_path, content, name) == expected


def test_the_list_is_that_of_the_contract_and_each_of_it_is_tried_above() -> None:
    promised = {"png", "jpg", "gif", "webp", "pdf", "txt", "log", "csv", "xlsx", "docx", "mp4", "webm", "zip"}
    assert set(EXTENSIONS) == promised | {"jpeg"}
    assert {Path(name).suffix[1:].lower() for _, name, _ in ACCEPTED} == set(EXTENSIONS)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (files.PNG, "screenshot.jpg", "image/png"),
        (files.WEBM, "recording.mp4", "video/webm"),
        (files.XLSX, "tables.zip", OFFICE + "spreadsheetml.sheet"),
        (files.CSV, "export.txt", "text/plain"),
        (files.PNG, "clipboard", "image/png"),
        (files.TEXT, "README", "text/plain"),
    ],
)
def test_a_name_may_be_a_little_off_or_say_nothing(tmp_path: Path, content: bytes, name: str, expected: str) -> None:
    assert media_type(tmp_path, content, name) == expected


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.PROGRAM, "setup.exe"),
        (files.PROGRAM, "invoice.pdf"),
        (files.PROGRAM, "notes.txt"),
        (files.PROGRAM, "tool"),
        (files.ELF, "data.log"),
        (files.PNG, "picture.exe"),
        (files.PNG, "picture.txt"),
        (files.TEXT, "page.html"),
        (files.TEXT, "drawing.svg"),
        (files.TEXT, "script.js"),
        (files.TEXT, "invoice.pdf"),
        (files.TEXT, "photo.png"),
        (files.PDF, "notes.txt"),
        (files.ZIP, "letter.docx"),
        (files.XLSX, "letter.docx"),
        (files.DOCX, "tables.xlsx"),
        (files.MACROS, "tables.xlsx"),
        (files.MACROS, "tables.zip"),
        (files.BROKEN_ZIP, "logs.zip"),
        (files.HEIC, "photo.mp4"),
        (files.MOV, "film.mp4"),
        (files.MKV, "film.webm"),
        (b"text with \x00 inside", "notes.txt"),
        (b"plain\x07bell", "notes.log"),
        ("text with \x00 inside".encode("utf-16"), "notes.txt"),
        (b"\xff\xfea", "notes.txt"),
        (b"\xff\xfe\x00\xd8", "notes.txt"),
    ],
)
def test_everything_else_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    assert media_type(tmp_path, content, name) is None


def test_a_control_character_far_into_a_large_text_is_found(tmp_path: Path) -> None:
    line = b"2026-03-16 all is well\n" * 100_000
    assert media_type(tmp_path, line, "a.log") == "text/plain"
    assert media_type(tmp_path, line + b"\x00", "a.log") is None


@given(content=st.binary(max_size=300), name=st.sampled_from([f"a.{extension}" for extension in EXTENSIONS] + ["a"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_no_content_breaks_the_check(tmp_path: Path, content: bytes, name: str) -> None:
    for head in (b"", b"PK\x03\x04", b"PK\x05\x06", b"\xff\xfe", b"\x1aE\xdf\xa3"):
        media_type(tmp_path, head + content, name)
