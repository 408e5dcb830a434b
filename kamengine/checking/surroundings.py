"""What a pack's Python may not do: look at the clock, roll dice, or speak to the network.

What a number rests on is in the log. A pack's Python only declares, so it has no need of either;
where it does more than declare (a notifier that posts, say), the line says so: ``# no number rests
on this: it posts what was computed``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import msgspec

from kamengine.checking.finding import Finding
from kamengine.checking.subject import Subject

EXCUSE = "# no number rests on this"
MEND = f"let events say it; or, where no number can rest on it, end the line with `{EXCUSE}: why`"

CLOCK = (
    frozenset(
        f"datetime.{name}"
        for name in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
    )
    | frozenset(
        f"time.{name}{unit}"
        for name in ("time", "monotonic", "perf_counter", "process_time")
        for unit in ("", "_ns")
    )
    | {"time.localtime", "time.gmtime", "time.ctime"}
)
CHANCE = frozenset({"uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getrandom"})
DICE = ("random.", "secrets.", "numpy.random.")
SEEDED = frozenset({"random.Random", "random.seed", "numpy.random.default_rng"})
"""Of these modules, what gives the same each time: where a seed is given."""

HIDING = frozenset({"datetime", "os", "random", "secrets", "time", "uuid"})
"""Modules of which not everything may be imported: nobody could tell what is called."""

NETWORK = frozenset(
    {
        "aiohttp", "boto3", "ftplib", "grpc", "http", "httpx", "imaplib", "paramiko", "poplib",
        "requests", "smtplib", "socket", "ssl", "telnetlib", "urllib3", "websockets", "xmlrpc",
    }
)  # fmt: skip
"""Modules that speak to other machines, and ``urllib.request``."""

PROGRAMS = frozenset({"subprocess", "os.system", "os.popen", "os.execv", "os.execvp"})
"""What starts other programs, which may do all of the above."""


def surroundings(subject: Subject) -> Iterator[Finding]:
    """Find what reads the clock, chance or the network in a pack's modules."""
    for file, text in subject.sources.items():
        lines = text.splitlines()
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            what, mend = f"it isn't Python: {error.msg}", "mend it, or leave it out of the package"
            found = Finding(check="surroundings", of=file, what=what, mend=mend)
            yield msgspec.structs.replace(found, file=file, line=error.lineno)
            continue
        for node, what in _faults(tree):
            if EXCUSE not in lines[node.lineno - 1]:
                yield Finding(
                    check="surroundings",
                    of=file,
                    what=what,
                    mend=MEND,
                    file=file,
                    line=node.lineno,
                    column=node.col_offset + 1,
                )


def _faults(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            told = _of_import(node)
        elif isinstance(node, ast.Call):
            told = _of_call(node, names)
        elif isinstance(node, ast.Attribute | ast.Name):  # it needn't be called here to be called
            told = _of_word(_full_name(node, names))
        else:
            continue
        if told:
            yield node, told


def _of_import(node: ast.Import | ast.ImportFrom) -> str | None:
    for module in _modules(node):
        if told := _of_module(module):
            return told
    if isinstance(node, ast.ImportFrom) and node.module in HIDING and node.names[0].name == "*":
        return f"it imports everything from {node.module}, and nobody can tell what it calls"
    return None


def _of_call(node: ast.Call, names: dict[str, str]) -> str | None:
    called = _full_name(node.func, names)
    if called in SEEDED and not node.args and not node.keywords:
        return f"it rests on chance: {called}()"
    by_name = isinstance(node.func, ast.Name) and node.func.id == "__import__"
    if (by_name or called == "importlib.import_module") and node.args:
        named = node.args[0]
        if isinstance(named, ast.Constant) and isinstance(named.value, str):
            return _of_module(named.value)
    return None


def _of_word(word: str) -> str | None:
    if word in CLOCK:
        return f"it reads the clock: {word}()"
    if word in CHANCE or (word.startswith(DICE) and word not in SEEDED):
        return f"it rests on chance: {word}()"
    if word in PROGRAMS and "." in word:
        return f"it starts another program: {word}()"
    return None


def _of_module(module: str) -> str | None:
    if module.partition(".")[0] in NETWORK or module.startswith("urllib.request"):
        return f"it imports {module}, which speaks to other machines"
    if module.partition(".")[0] in PROGRAMS:
        return f"it imports {module}, which starts other programs"
    return None


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.level or node.module is None:
        return []
    return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]


def _imported(tree: ast.Module) -> dict[str, str]:
    """Return what names stand for that are imported: ``dt`` for ``datetime``."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    return names


def _full_name(word: ast.expr, names: dict[str, str]) -> str:
    """Return the dotted name of what a word stands for; empty where no module has it."""
    parts: list[str] = []
    while isinstance(word, ast.Attribute):
        parts.append(word.attr)
        word = word.value
    if not isinstance(word, ast.Name) or word.id not in names:
        return ""
    return ".".join([names[word.id], *reversed(parts)])
