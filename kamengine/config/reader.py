"""From nodes to settings: every value typed, every complaint with its line."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import msgspec
import yaml

from kamengine.config.complaint import Check, Place, Problem, complain
from kamengine.config.document import Document, is_null, is_tagged
from kamengine.config.shapes import expectation, fields_of, from_text, unwrap
from kamengine.suggestions import suggest

Path: TypeAlias = tuple[str, ...]
"""The keys that lead to a setting, the kind of file first: ``("kpis", "nps", "target")``."""

FieldsAt: TypeAlias = Callable[[Path], type[msgspec.Struct] | None]
"""Says which struct types the entries of a mapping, where that depends on what stands above."""

T = TypeVar("T")


class Reader:
    """Reads documents into frozen structs, collects complaints and remembers every place.

    Types are those that msgspec takes. An annotation may carry, in ``Meta(extra=...)``:
    ``check``, the name of a check that the word must pass; ``percent``, that a number may be
    written as ``92%``; ``fields_at``, that a mapping's entries are the fields of a struct found
    elsewhere. A struct with a ``shorthand`` field may be written as that field alone, and a
    list of one without brackets.

    Attributes:
        places: Where each setting is written.
    """

    def __init__(
        self, checks: Mapping[str, Check], fields_at: Mapping[str, FieldsAt] | None = None
    ) -> None:
        self.places: dict[Path, Place] = {}
        self._checks = checks
        self._fields_at = fields_at or {}

    def read(self, document: Document, shape: type[T], path: Path) -> T | None:
        """Read a whole document; None, and complaints in the document, where that fails."""
        if any(c.severity == "error" for c in document.complaints):
            return None
        self.places[path] = document.place(document.root)
        return typing.cast("T | None", _Reading(self, document).value(document.root, shape, path))

    def check(self, name: str, word: str) -> Problem | None:
        """Look at a word with a named check."""
        return self._checks[name](word)

    def fields(self, name: str, path: Path) -> type[msgspec.Struct] | None:
        """Return the struct that types a mapping, where that depends on what stands above."""
        return self._fields_at[name](path)


class _Reading:
    """The reading of one document; None stands for what could not be read."""

    def __init__(self, reader: Reader, document: Document) -> None:
        self._reader = reader
        self._document = document

    def value(self, node: yaml.Node, declared: Any, path: Path) -> object | None:
        base, extra = unwrap(declared)
        if is_tagged(node):
            problem = Problem(what="Tags have no meaning here", hint="delete it")
            self._document.complain(node, problem, node.tag)
            return None
        if "fields_at" in extra:
            struct = self._reader.fields(extra["fields_at"], path)
            return self._fields(node, struct, path) if struct else {}
        if typing.get_origin(base) is dict:
            keys, values = typing.get_args(base)
            return self._mapping(node, keys, values, path)
        if typing.get_origin(base) is tuple:
            return self._sequence(node, typing.get_args(base)[0], path)
        if isinstance(base, type) and issubclass(base, msgspec.Struct):
            return self._struct(node, base, path)
        return self._leaf(node, declared, path)

    def _struct(self, node: yaml.Node, struct: type[msgspec.Struct], path: Path) -> object | None:
        shorthand = getattr(struct, "shorthand", None)
        if shorthand and isinstance(node, yaml.ScalarNode) and not is_null(node):
            inner = (*path, shorthand)
            self._reader.places[inner] = self._reader.places[path]
            short = self.value(node, fields_of(struct)[shorthand].type, inner)
            return None if short is None else struct(**{shorthand: short})
        given = self._fields(node, struct, path)
        return None if given is None else self._build(struct, given, path)

    def _build(
        self, struct: type[msgspec.Struct], given: dict[str, object], path: Path
    ) -> object | None:
        fields = fields_of(struct)
        missing = [f for f in fields.values() if f.required and given.get(f.name) is None]
        for field in missing:
            if field.name not in given:
                what = f"{_name(path)} lacks the key {field.encode_name!r}"
                hint = f"add `{field.encode_name}: `, {expectation(field.type)}"
                place = self._reader.places[path]
                problem = Problem(what=what, hint=hint)
                self._document.complaints.append(complain(place, problem))
        if missing:
            return None
        return struct(**{name: value for name, value in given.items() if value is not None})

    def _fields(
        self, node: yaml.Node, struct: type[msgspec.Struct], path: Path
    ) -> dict[str, object] | None:
        """Read the fields that are given, by name; one that can't be read is None."""
        fields = fields_of(struct)
        entries = self._entries(node, path, f"the keys {', '.join(fields)}")
        if entries is None:
            return None
        given: dict[str, object] = {}
        for key, value in entries:
            field = fields.get(key.value)
            if field is None:
                known = f"the keys here are {', '.join(fields)}" if fields else "delete it"
                hint = suggest(key.value, fields) or known
                problem = Problem(what=f"{_name(path)} has no key of that name", hint=hint)
                self._document.complain(key, problem, key.value)
            elif not is_null(value):
                inner = (*path, key.value)
                self._reader.places[inner] = self._document.entry_place(key, value)
                given[field.name] = self.value(value, field.type, inner)
        return given

    def _mapping(
        self, node: yaml.Node, key_type: Any, value_type: Any, path: Path
    ) -> dict[str, object] | None:
        entries = self._entries(node, path, "a mapping of names to settings")
        if entries is None:
            return None
        found: dict[str, object] = {}
        for key, value in entries:
            inner = (*path, key.value)
            self._reader.places[inner] = self._document.entry_place(key, value)
            name = self._leaf(key, key_type, path)
            content = self.value(value, value_type, inner)
            if name is not None and content is not None:
                found[key.value] = content
        return found

    def _sequence(self, node: yaml.Node, item_type: Any, path: Path) -> object | None:
        if not isinstance(node, yaml.SequenceNode):
            single = self.value(node, item_type, path)
            return None if single is None else (single,)
        read = [
            self._item(item, item_type, (*path, str(number)))
            for number, item in enumerate(node.value)
        ]
        return None if any(item is None for item in read) else tuple(read)

    def _item(self, node: yaml.Node, item_type: Any, path: Path) -> object | None:
        self._reader.places[path] = self._document.place(node)
        return self.value(node, item_type, path)

    def _leaf(self, node: yaml.Node, declared: Any, path: Path) -> object | None:
        _, extra = unwrap(declared)
        if not isinstance(node, yaml.ScalarNode) or is_null(node):
            self._refuse(node, declared, path)
            return None
        problem = self._reader.check(extra["check"], node.value) if "check" in extra else None
        if problem:
            self._document.complain(node, problem, node.value)
            if problem.severity == "error":
                return None
        value = from_text(node.value, declared)
        if value is None:
            self._refuse(node, declared, path)
        return value

    def _entries(
        self, node: yaml.Node, path: Path, expected: str
    ) -> list[tuple[yaml.ScalarNode, yaml.Node]] | None:
        if is_null(node):
            return []
        if isinstance(node, yaml.MappingNode):
            return self._document.entries(node)
        self._document.complain(
            node, Problem(what=f"{_name(path)} must hold {expected}"), _shown(node)
        )
        return None

    def _refuse(self, node: yaml.Node, declared: Any, path: Path) -> None:
        what = f"{_name(path)} must be {expectation(declared)}"
        choices = typing.get_args(unwrap(declared)[0]) or ()
        hint = suggest(str(node.value), choices) if isinstance(node, yaml.ScalarNode) else None
        self._document.complain(node, Problem(what=what, hint=hint), _shown(node))


def _name(path: Path) -> str:
    """Name a setting by its key; one of a list by the key of the list."""
    named = next((key for key in reversed(path[1:]) if not key.isdigit()), None)
    return "This file" if len(path) == 1 else repr(named or path[-1])


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return "nothing" if is_null(node) else str(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
