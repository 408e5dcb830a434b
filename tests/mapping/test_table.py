"""CSV files, sound and broken, as rows."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.errors import MappingError
from kamengine.mapping.declaration import Format
from kamengine.mapping.table import Row, rows_of


def rows(path: Path, content: bytes, form: Format | None = None, *needed: str) -> list[Row]:
    path = path / "t.csv"
    path.write_bytes(content)
    return list(rows_of(path, form or Format(), dict.fromkeys(needed, "id of deal.opened")))


def test_rows_know_their_lines(tmp_path: Path) -> None:
    """A row's line is the one that it starts on, whatever line ends its cells hold."""
    found = rows(tmp_path, b'a,b\r\n1,"x\ny"\r\n\r\n , \r\n2,z\r\n')
    assert found == [
        Row(2, '1,"x\ny"\r\n', {"a": "1", "b": "x\ny"}),
        Row(6, "2,z\r\n", {"a": "2", "b": "z"}),
    ]


def test_format(tmp_path: Path) -> None:
    """Delimiter, encoding, quotes and the names of columns are as declared."""
    form = Format(delimiter=";", encoding="cp1252", quote="'", columns=("a", "b"))
    assert rows(tmp_path, b"1;'M\xfcller; S\xf6hne'\n", form) == [
        Row(1, "1;'Müller; Söhne'\n", {"a": "1", "b": "Müller; Söhne"})
    ]
    assert rows(tmp_path, b'a\n"x\n', Format(quote=None)) == [Row(2, '"x\n', {"a": '"x'})]


def test_byte_order_mark(tmp_path: Path) -> None:
    """A byte order mark, as spreadsheets write it, is no part of the first column's name."""
    assert rows(tmp_path, b"\xef\xbb\xbfa\n1\n", None, "a") == [Row(2, "1\n", {"a": "1"})]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"1\n", "It has 1 cells where 2 have a name"),
        (b"1,2,3\n", "It has 3 cells where 2 have a name"),
        (b"1,\xff\n", "Column b holds bytes that aren't text in this encoding"),
        (b'1,"x"y\n', "This row can't be read (',' expected after '\"')"),
    ],
)
def test_broken_rows(tmp_path: Path, line: bytes, problem: str) -> None:
    """A broken row says why, and the rows behind it are read."""
    broken, sound = rows(tmp_path, b"a,b\n" + line + b"3,4\n")
    assert broken == Row(2, line.decode("utf-8", "surrogateescape"), problem=problem)
    assert sound == Row(3, "3,4\n", {"a": "3", "b": "4"})


def test_an_open_quote(tmp_path: Path) -> None:
    """A quote that is never closed says how far it reached."""
    (row,) = rows(tmp_path, b'a,b\n1,"x\n2,y\n3,z\n')
    assert (row.line, row.text) == (2, '1,"x\n2,y\n3,z\n')
    assert row.problem == "This row can't be read, up to line 4 (unexpected end of data)"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "This file has no header; if its first line is data"),
        (b"\n1,2\n", "This file has no header"),
        (b"a,a\n", "t.csv:1: Two columns have the same name: 'a'"),
        (b"stages,b\n", "no column 'stage', which id of deal.opened asks for; did you mean"),
        (b"x,y\n", "no column 'stage', which id of deal.opened asks for; its columns are x, y"),
    ],
)  # fmt: skip
def test_headers(tmp_path: Path, content: bytes, expected: str) -> None:
    """A file without the columns that the mapping asks for is refused before its first row."""
    with pytest.raises(MappingError) as caught:
        rows(tmp_path, content, None, "stage")
    assert expected in str(caught.value)


def test_nameless_columns(tmp_path: Path) -> None:
    """Columns without a name, as spreadsheets leave them behind, are passed over."""
    assert rows(tmp_path, b"a,,\n1,,\n", None, "a")[0].cells["a"] == "1"


def test_unreadable_files(tmp_path: Path) -> None:
    """A folder, a missing file and text of another encoding are one clear error each."""
    with pytest.raises(MappingError, match="This file can't be read"):
        list(rows_of(tmp_path, Format(), {}))
    with pytest.raises(MappingError, match="This file can't be read"):
        list(rows_of(tmp_path / "absent.csv", Format(), {}))
    with pytest.raises(MappingError, match="isn't utf-16 text"):
        rows(tmp_path, b"a,b\n1,2\n", Format(encoding="utf-16"))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL).filter(lambda row: "".join(row).strip()), max_size=8))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, written: object) -> None:
    """Whatever cells a CSV writer writes, they are read as they were, line by line."""
    assert isinstance(written, list)
    file = tmp_path_factory.mktemp("t") / "t.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([("a", "b"), *written])
    found = list(rows_of(file, Format(), {"a": "-", "b": "-"}))
    assert [(row.cells["a"], row.cells["b"]) for row in found] == written
    content = file.read_bytes().decode()
    assert "a,b\r\n" + "".join(row.text for row in found) == content
    lines = content.split("\n")
    assert all(lines[row.line - 1] == row.text.split("\n")[0] for row in found)
