"""A mapping file as a mapping, or as complaints with their lines."""

from __future__ import annotations

import re
from collections.abc import Container
from collections.abc import Mapping as Dict
from pathlib import Path as File

import msgspec
import yaml

from kamengine.config.complaint import Complaint, Place, Problem, complain
from kamengine.config.document import Document, is_null
from kamengine.errors import MappingError
from kamengine.event import EventType
from kamengine.mapping import check
from kamengine.mapping.declaration import Mapping, Skip
from kamengine.mapping.field import FieldLike, Part, Scalar
from kamengine.mapping.finding import Finding, Path, in_words
from kamengine.suggestions import suggest

_DEEPEST = 32
"""No mapping nests half as deep; a file that goes on and on must not exhaust the stack."""

_QUOTES = frozenset("'\"|>")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|(\[\.\.\.\])")
_QUOTED = re.compile(r"`(\w+)`")
_VALUE_TYPES: dict[str | int, object] = {"data": FieldLike, "map": Scalar | None}
"""What the values of the free-form parts are: msgspec doesn't say in which of them it failed."""

_PARTS: list[type[Part]] = [*Part.__subclasses__(), Skip]
_KEYS = sorted({f.encode_name for part in _PARTS for f in msgspec.structs.fields(part)})


def read_mapping(
    file: File, types: Dict[str, EventType], readers: Container[str] = ()
) -> tuple[Mapping | None, list[Complaint]]:
    """Read and check a mapping file.

    Args:
        file: The YAML file.
        types: The event types that there are, by name.
        readers: The names of the importers that there are.

    Returns:
        The mapping, and no complaints; or None, and what is wrong with the file.

    Raises:
        MappingError: The file can't be opened.
    """
    try:
        document = Document(str(file), file.read_bytes())
    except OSError as error:
        what = f"The mapping can't be read ({error.strerror})"
        raise MappingError(what, value=str(file)) from error
    tree = _Tree(document)
    if document.complaints:
        return None, document.complaints
    try:
        mapping = msgspec.convert(tree.plain, Mapping)
    except msgspec.ValidationError as error:
        return None, [tree.complaint(_finding(error, tree.plain, Mapping))]
    complaints = [tree.complaint(finding) for finding in check.findings(mapping, types, readers)]
    return (None if complaints else mapping), complaints


class _Tree:
    """A document as plain values, and the place of each."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._places: dict[Path, Place] = {(): document.place(document.root)}
        self.plain = self._value(document.root, (), ())

    def complaint(self, finding: Finding) -> Complaint:
        """Put a finding in its place: its own, or that of the nearest part around it."""
        path = finding.path
        while path not in self._places:
            path = path[:-1]
        problem = Problem(what=finding.what, hint=finding.hint)
        return complain(self._places[path], problem, finding.value)

    def _value(self, node: yaml.Node, path: Path, above: tuple[yaml.Node, ...]) -> object:
        if node in above or len(above) > _DEEPEST:
            what = "This part holds itself" if node in above else "This is nested too deep"
            self._document.complain(node, Problem(what=what))
            return None
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            places = {i: self._document.place(item) for i, item in enumerate(node.value)}
            children: dict[str | int, yaml.Node] = dict(enumerate(node.value))
        else:
            entries = self._document.entries(node) if isinstance(node, yaml.MappingNode) else []
            places = {key.value: self._document.place(key) for key, _ in entries}
            children = {key.value: value for key, value in entries}
        self._places.update({(*path, step): place for step, place in places.items()})
        values = {k: self._value(n, (*path, k), (*above, node)) for k, n in children.items()}
        return list(values.values()) if isinstance(node, yaml.SequenceNode) else values


def _scalar(node: yaml.ScalarNode) -> Scalar | None:
    """Type a word as YAML 1.2 does: ``no`` is a word, ``007`` too, and so is a date."""
    word = str(node.value)
    if node.style in _QUOTES:
        return word
    if is_null(node):
        return None
    if word in ("true", "false"):
        return word == "true"
    if _INTEGER.fullmatch(word):
        return int(word)
    return float(word) if _DECIMAL.fullmatch(word) else word


def _finding(error: msgspec.ValidationError, tree: object, expected: object) -> Finding:
    """Find the part that msgspec stumbled over, and say what is wrong in an admin's words."""
    said, _, place = str(error).partition(" - at `$")
    path: Path = ()
    for name, index, somewhere in _STEP.findall(place.rstrip("`")):
        if somewhere:
            inner = _culprit(tree, _VALUE_TYPES.get(path[-1] if path else "", expected))
            return (
                msgspec.structs.replace(inner, path=path + inner.path)
                if inner
                else Finding(path, said)
            )
        step = int(index) if index else name
        path = (*path, step)
        tree = tree[step]  # type: ignore[index]
    return _worded(said, path, tree)


def _culprit(values: object, kind: object) -> Finding | None:
    for key, value in values.items() if isinstance(values, dict) else ():
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            inner = _finding(error, value, kind)
            return msgspec.structs.replace(inner, path=(key, *inner.path))
    return None


def _worded(said: str, path: Path, value: object) -> Finding:
    names = _QUOTED.findall(said)
    shown = None if value is None or isinstance(value, dict | list) else str(value)
    if "unknown field" in said:
        hint = suggest(names[0], _KEYS) or "delete it, or look it up in docs/importing.md"
        return Finding((*path, names[0]), "There is no key of that name here", names[0], hint)
    if "missing required field" in said:
        return Finding(path, f"The key {names[0]!r} is missing here")
    if "Invalid enum value" in said:
        return Finding(path, "This must be reject, pass or default", shown)
    if path == ("name",):
        what = "A mapping's name is lower case: letters, digits and _.-, at most 64"
        return Finding(path, what, shown, "write it as crm or survey-tool")
    words = in_words(said) or f"this can't be used ({said.replace('`', '')})"
    quotes = "put it in quotes" if "a text" in words and isinstance(value, int | float) else None
    return Finding(path, words[0].upper() + words[1:], shown, quotes)
