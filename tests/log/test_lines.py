from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from kamengine.log.lines import Block, Overlong, read_blocks


@given(
    lines=st.lists(st.integers(0, 14).map(lambda n: b"x" * n)),
    ended=st.booleans(),
    limit=st.integers(1, 9),
)
def test_lines_come_out_as_they_went_in(lines: list[bytes], ended: bool, limit: int) -> None:
    """Whatever the lengths and the limit, each line appears once under its number."""
    text = b"\n".join(lines) + (b"\n" if ended else b"")
    found = []
    for block in read_blocks(io.BytesIO(text), limit):
        if isinstance(block, Overlong):
            assert block.size == len(block.start) > limit
            found.append((block.number, block.start))
        else:
            own = block.text.removesuffix(b"\n").split(b"\n")
            assert max(map(len, own)) <= limit
            found += [(block.first + i, line) for i, line in enumerate(own)]
    expected = text.removesuffix(b"\n").split(b"\n") if text else []
    assert found == list(enumerate(expected, 1))


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    """Files saved by Windows programs start with one."""
    blocks = list(read_blocks(io.BytesIO(b"\xef\xbb\xbf{}\n")))
    assert blocks == [Block(1, b"{}\n")]


def test_of_an_endless_line_only_the_start_is_held() -> None:
    """A line of 40 MB is read through, and 16 MiB of it are kept."""
    (line,) = read_blocks(io.BytesIO(b"x" * 40_000_000))
    assert isinstance(line, Overlong)
    assert (line.size, len(line.start)) == (40_000_000, 16 * 1024 * 1024)
