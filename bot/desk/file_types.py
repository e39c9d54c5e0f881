"""Tells what an uploaded file is from its content, and lets through only kinds that the desk takes."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass
from pathlib import Path

TEXT, IMAGE, VIDEO, DOCUMENT, ARCHIVE = "text", "image", "video", "document", "archive"


@dataclass(frozen=True)
class FileType:
    """A kind of file: the family of kinds for which its name may stand, and its media type."""

    family: str
    media_type: str


PNG = FileType(IMAGE, "image/png")
JPEG = FileType(IMAGE, "image/jpeg")
GIF = FileType(IMAGE, "image/gif")
WEBP = FileType(IMAGE, "image/webp")
PDF = FileType(DOCUMENT, "application/pdf")
PLAIN = FileType(TEXT, "text/plain")
CSV = FileType(TEXT, "text/csv")
XLSX = FileType(ARCHIVE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
DOCX = FileType(ARCHIVE, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
ZIP = FileType(ARCHIVE, "application/zip")
MP4 = FileType(VIDEO, "video/mp4")
WEBM = FileType(VIDEO, "video/webm")

EXTENSIONS = {
    "png": PNG,
    "jpg": JPEG,
    "jpeg": JPEG,
    "gif": GIF,
    "webp": WEBP,
    "pdf": PDF,
    "txt": PLAIN,
    "log": PLAIN,
    "csv": CSV,
    "xlsx": XLSX,
    "docx": DOCX,
    "mp4": MP4,
    "webm": WEBM,
    "zip": ZIP,
}

_HEAD = 4096
_BLOCK = 1 << 20
# Terminal colours and form feeds stand in real log files.
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\b\x1b") | {127}
_BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Major brands of MPEG-4 video; those of pictures (heic, avif) and of QuickTime are other kinds of file.
_MP4_BRANDS = (b"iso", b"mp4", b"avc1", b"M4V", b"dash", b"MSNV")


def file_type(file: Path, name: str) -> FileType | None:
    """The file's type if the desk takes it, else None; reads the whole file.

    The content decides. The name must not promise another family of kinds: a PNG may be called .jpg, but not .txt, and
    what is called .docx must be one. A name without extension promises nothing.
    """
    found = _by_content(file)
    extension = Path(name).suffix[1:].lower()
    if not extension or found is None:
        return found
    promised = EXTENSIONS.get(extension)
    if promised is None or promised.family != found.family:
        return None
    if found.family == ARCHIVE:
        return found if promised in (found, ZIP) else None
    return promised if found.family == TEXT else found


def _by_content(file: Path) -> FileType | None:
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    if head[4:8] == b"ftyp":
        return MP4 if head[8:12].startswith(_MP4_BRANDS) else None
    if head.startswith(b"\x1aE\xdf\xa3"):
        # The header names the document type: Matroska itself is another kind.
        return WEBM if b"webm" in head[:64] else None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(file)
    return PLAIN if _is_text(file) else None


def _archive(file: Path) -> FileType | None:
    """Which of the formats that are zip archives inside; nothing is unpacked. None for damaged ones and macros."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names:
        return ZIP
    if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
        return None
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else ZIP


def _is_text(file: Path) -> bool:
    """UTF-16 with its mark, UTF-8, or an older encoding of eight bits; never with control characters."""
    with file.open("rb") as stream:
        encoding = _BYTE_ORDER_MARKS.get(stream.read(2))
    return _decodes(file, encoding) if encoding else _has_no_control_bytes(file)


def _decodes(file: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with file.open("rb") as stream:
        try:
            while block := stream.read(_BLOCK):
                if any(ord(character) in _CONTROL for character in decoder.decode(block)):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _has_no_control_bytes(file: Path) -> bool:
    with file.open("rb") as stream:
        return all(not block.translate(None, _NOT_CONTROL) for block in iter(lambda: stream.read(_BLOCK), b""))


_NOT_CONTROL = bytes(set(range(256)) - _CONTROL)
