"""The pointers of an index directory: which version serves, which did before, which waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.errors import IndexFormatError
from kb_index.index_store import current_version, previous_version, staged_version


def test_an_empty_directory_has_no_version_of_any_kind(tmp_path: Path) -> None:
    assert (current_version(tmp_path), previous_version(tmp_path), staged_version(tmp_path)) == (None, None, None)


def test_the_previous_version_is_the_first_named_one_that_does_not_serve(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("v2\n")
    (tmp_path / "previous").write_text("v2\nv1\n")
    assert previous_version(tmp_path) == "v1"
    (tmp_path / "current").write_text("v1\n")
    assert previous_version(tmp_path) == "v2"
    (tmp_path / "current").write_text("v3\n")
    assert previous_version(tmp_path) == "v2"


def test_a_version_that_serves_is_not_staged_any_more(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("v1\n")
    (tmp_path / "staged").write_text("v2\n")
    assert staged_version(tmp_path) == "v2"
    (tmp_path / "current").write_text("v2\n")
    assert staged_version(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"../../etc", b"v1/..\n", b".building-x\n", b"v1\n\nv2"])
def test_a_pointer_that_names_no_version_is_refused_saying_what_to_run(tmp_path: Path, content: bytes) -> None:
    for pointer, look_up in (("current", current_version), ("previous", previous_version), ("staged", staged_version)):
        (tmp_path / pointer).write_bytes(content)
        with pytest.raises(IndexFormatError, match=pointer):
            look_up(tmp_path)
        (tmp_path / pointer).unlink()
