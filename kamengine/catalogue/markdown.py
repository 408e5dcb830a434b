"""Markdown, and the docstrings that become Markdown."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence

_SECTION = re.compile(r"^(Attributes|Args|Returns|Raises|Yields|Example):$")
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*)$")
_RULE = re.compile(r"^=+(  =+)+$")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; a column that is empty in every row is left out."""
    cells = [[_cell(value) for value in row] for row in rows]
    used = [i for i in range(len(heads)) if any(row[i] for row in cells)]
    lines = [
        [heads[i] for i in used],
        ["---" for _ in used],
        *([row[i] for i in used] for row in cells),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    """Return a word or an expression as code."""
    return f"`{text}`" if text else ""


def fenced(text: str, language: str = "") -> str:
    """Return a block of code."""
    return f"```{language}\n{text.strip(chr(10))}\n```"


def folded(summary: str, text: str) -> str:
    """Return a part that the reader unfolds."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def prose(docstring: str | None) -> str:
    """Return a docstring's text as Markdown, without its sections."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    end = next((i for i, line in enumerate(lines) if _SECTION.match(line)), len(lines))
    return _tables(lines[:end]).strip().replace("``", "`")


def example(docstring: str | None) -> str:
    """Return the code under a docstring's ``Example:``, in double quotes as code is written."""
    _, _, code = inspect.cleandoc(docstring or "").partition("\nExample:\n")
    return textwrap.dedent(code).strip().replace("'''", '"""')


def attributes(docstring: str | None) -> dict[str, str]:
    """Return what a docstring says of each attribute."""
    found: dict[str, str] = {}
    name = ""
    inside = False
    for line in inspect.cleandoc(docstring or "").splitlines():
        if _SECTION.match(line):
            inside = line == "Attributes:"
        elif inside and (match := _ATTRIBUTE.match(line)):
            name = match[1]
            found[name] = match[2]
        elif inside and line.strip() and name:
            found[name] += f" {line.strip()}"
    return {name: text.replace("``", "`") for name, text in found.items()}


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _tables(lines: list[str]) -> str:
    """Turn tables between rules of equal signs into Markdown; other lines stay."""
    kept: list[str] = []
    rows: list[list[str]] = []
    inside, column = False, 0
    for line in lines:
        if _RULE.match(line):
            if inside:
                kept.append(table(("column", "meaning"), rows))
            inside, column, rows = not inside, line.index(" =") + 1, []
        elif not inside:
            kept.append(line)
        elif line[:column].strip():
            rows.append([line[:column].strip(), line[column:].strip()])
        else:
            rows[-1][1] += f" {line.strip()}"
    return "\n".join(kept)
