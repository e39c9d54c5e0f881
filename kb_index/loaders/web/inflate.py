"""Decompresses gzip from strangers without ever holding more than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

GZIP_MAGIC = b"\x1f\x8b"


class TooLarge(Exception):
    """More bytes than the limit allows; the text says how many were allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit:,} bytes")


class BadGzip(Exception):
    """Not gzip, damaged, or cut off."""


def gather(pieces: Iterable[bytes], limit: int) -> bytes:
    """Joins the pieces. Raises TooLarge as soon as there are more than `limit` bytes."""
    joined = bytearray()
    for piece in pieces:
        joined += piece
        if len(joined) > limit:
            raise TooLarge(limit)
    return bytes(joined)


def gunzip(pieces: Iterable[bytes], limit: int) -> bytes:
    """Joins the pieces and decompresses them. Raises TooLarge beyond `limit` bytes of output, and BadGzip."""
    plain = bytearray()
    member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                if member.eof:
                    member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                plain += member.decompress(rest, limit + 1 - len(plain))
                if len(plain) > limit:
                    raise TooLarge(limit)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise BadGzip(f"its compression is damaged ({error})") from error
    if not member.eof:
        raise BadGzip("its compressed content is cut off")
    return bytes(plain)
