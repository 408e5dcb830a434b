"""A YAML file as a tree of nodes that know their lines."""

from __future__ import annotations

import yaml

from kamengine.config.complaint import Complaint, Place, Problem, complain

LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = (
    yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
)

_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"
_KINDS = ("null", "bool", "int", "float", "str", "seq", "map", "timestamp", "merge", "value")
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in _KINDS)


class Document:
    """One YAML file, parsed.

    Only the tree is taken from YAML, not its guesses about types: ``no`` stays the word it is
    (and so may be Norway), ``0.1`` the number as it was typed, and ``1`` an account's name.

    Attributes:
        file: The name to show.
        root: The outermost node; an empty mapping for an empty file.
        complaints: What stopped the parser, and what was found wrong with keys so far.
    """

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self.complaints: list[Complaint] = []
        self._pairs: dict[int, list[tuple[yaml.ScalarNode, yaml.Node]]] = {}
        self.root = self._compose(content) or _nothing()

    def place(self, node: yaml.Node) -> Place:
        """Return where a node begins."""
        mark = node.start_mark
        text = node.value if isinstance(node, yaml.ScalarNode) else None
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1, text=text)

    def entry_place(self, key: yaml.Node, value: yaml.Node) -> Place:
        """Return where an entry of a mapping begins, with what it is set to."""
        mark = key.start_mark
        text = value.value if isinstance(value, yaml.ScalarNode) else None
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1, text=text)

    def complain(self, node: yaml.Node, problem: Problem, value: str | None = None) -> None:
        """Note a problem with a node."""
        self.complaints.append(complain(self.place(node), problem, value))

    def entries(self, node: yaml.MappingNode) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        """Return a mapping's keys and values, with ``<<`` merged in.

        Duplicate keys and keys that are no words are complained of; the first one counts.
        """
        if id(node) not in self._pairs:
            self._pairs[id(node)] = []  # a mapping that merges itself finds this and stops
            self._pairs[id(node)] = self._merge(node)
        return self._pairs[id(node)]

    def _merge(self, node: yaml.MappingNode) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        own: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            elif not isinstance(key, yaml.ScalarNode) or is_null(key):
                self.complain(key, Problem(what="A key must be a word", hint="quote it"))
            elif key.value in own:
                first = own[key.value][0].start_mark.line + 1
                hint = f"it stands in line {first} already; keep one of the two"
                self.complain(key, Problem(what="This key is given twice", hint=hint), key.value)
            else:
                own[key.value] = (key, value)
        for other in merged:
            self._inherit(own, other)
        return list(own.values())

    def _inherit(self, own: dict[str, tuple[yaml.ScalarNode, yaml.Node]], other: yaml.Node) -> None:
        if not isinstance(other, yaml.MappingNode):
            hint = "name a mapping, as in `<<: *defaults`"
            self.complain(other, Problem(what="Only a mapping can be merged with <<", hint=hint))
            return
        for key, value in self.entries(other):
            own.setdefault(key.value, (key, value))

    def _compose(self, content: bytes) -> yaml.Node | None:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            problem = Problem(what="This isn't UTF-8 text", hint="save the file as UTF-8")
            self._stop(line, 1, problem, f"byte 0x{content[error.start]:02x}")
            return None
        odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
        if odd:
            line = text.count("\n", 0, odd.start()) + 1
            problem = Problem(what="This line holds a control character", hint="delete it")
            self._stop(line, 1, problem, odd.group())
            return None
        try:
            return yaml.compose(text, Loader=LOADER)
        except yaml.MarkedYAMLError as error:
            self._stop(*_explain(error, text))
        return None

    def _stop(self, line: int, column: int, problem: Problem, value: str | None = None) -> None:
        place = Place(file=self.file, line=line, column=column)
        self.complaints.append(complain(place, problem, value))


def is_null(node: yaml.Node) -> bool:
    """Tell whether nothing is written: an empty value, ``~`` or ``null``."""
    return node.tag == _NULL and isinstance(node, yaml.ScalarNode)


def is_tagged(node: yaml.Node) -> bool:
    """Tell whether a node carries a tag that means something only elsewhere, ``!like_this``."""
    return node.tag not in _PLAIN_TAGS


def _nothing() -> yaml.MappingNode:
    start = yaml.Mark("", 0, 0, 0, None, 0)
    return yaml.MappingNode("tag:yaml.org,2002:map", [], start, start)


def _explain(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, Problem, str | None]:
    """Turn the parser's words into a place and a problem that an admin can act on."""
    mark = error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    lines = text.splitlines()
    line = lines[number] if number < len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        problem = Problem(what="A tab indents this line", hint="indent with spaces")
        return number + 1, 1, problem, None
    if error.context_mark and "quoted scalar" in str(error.context):
        problem = Problem(what="The quote that opens here is never closed", hint="close it")
        return error.context_mark.line + 1, error.context_mark.column + 1, problem, None
    said = str(error.problem or error.context)
    what = f"This isn't YAML ({said})"
    return (
        number + 1,
        mark.column + 1 if mark else 1,
        Problem(what=what, hint=_hint(said)),
        (line.strip() or None),
    )


def _hint(said: str) -> str:
    if "mapping values" in said:
        return "indent it like its neighbours, and quote a text that holds a colon"
    if "alias" in said:
        return "define the anchor with & above its first use"
    if "single document" in said:
        return "keep one document in a file; delete the line ---"
    if "cannot start" in said:
        return "put quotes around the text"
    return "look at the indentation, the colons and the brackets here and in the line above"
