"""Reading lines in blocks, however long a line is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

BLOCK_BYTES = 256 * 1024
LINE_LIMIT = 1024 * 1024
KEPT_OF_OVERLONG = 16 * 1024 * 1024

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Block(msgspec.Struct, frozen=True):
    """Some whole lines.

    Attributes:
        first: The number of the first line, from 1.
        text: The lines, with their ends.
    """

    first: int
    text: bytes


class Overlong(msgspec.Struct, frozen=True):
    """A line longer than the limit.

    Attributes:
        number: Its number, from 1.
        size: Its length in bytes.
        start: The line, or as much of it as was kept.
    """

    number: int
    size: int
    start: bytes


def read_blocks(stream: BinaryIO, limit: int = LINE_LIMIT) -> Iterator[Block | Overlong]:
    """Yield the lines of a stream, many at a time.

    No more than ``limit`` bytes of a line are held, and of an overlong one what is kept of it.
    """
    size = min(BLOCK_BYTES, limit)
    number, rest = 1, stream.read(size).removeprefix(_BYTE_ORDER_MARK)
    while rest:
        end = rest.find(b"\n")
        if (end if end >= 0 else len(rest)) > limit:
            overlong, rest = _skip(stream, rest, number, size)
            number += 1
            yield overlong
            rest = rest or stream.read(size)
            continue
        more = stream.read(size)
        if end < 0 and more:
            rest += more
            continue
        cut = rest.rfind(b"\n") + 1 if more else len(rest)
        yield Block(number, rest[:cut])
        number += rest.count(b"\n", 0, cut)
        rest = rest[cut:] + more


def _skip(stream: BinaryIO, rest: bytes, number: int, size: int) -> tuple[Overlong, bytes]:
    """Read to the end of an overlong line; return it and what was read behind it."""
    kept, length = bytearray(), 0
    while rest:
        line, end, behind = rest.partition(b"\n")
        kept += line[: KEPT_OF_OVERLONG - len(kept)]
        length += len(line)
        if end:
            return Overlong(number, length, bytes(kept)), behind
        rest = stream.read(size)
    return Overlong(number, length, bytes(kept)), b""
