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
SEEDED = frozenset({"random.Random", "random.seed"})
"""Of the module ``random``, what gives the same each time: where a seed is given."""

NETWORK = frozenset(
    {
        "aiohttp", "boto3", "ftplib", "grpc", "http", "httpx", "imaplib", "paramiko", "poplib",
        "requests", "smtplib", "socket", "ssl", "telnetlib", "urllib3", "websockets", "xmlrpc",
    }
)  # fmt: skip
"""Modules that speak to other machines, and ``urllib.request``."""


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
            spoken = [module for module in _modules(node) if _is_network(module)]
            if spoken:
                yield node, f"it imports {spoken[0]}, which speaks to other machines"
        elif isinstance(node, ast.Call):
            called = _full_name(node.func, names)
            if called in CLOCK:
                yield node, f"it reads the clock: {called}()"
            elif called in CHANCE or called.startswith("secrets.") or _is_unseeded(called, node):
                yield node, f"it rests on chance: {called}()"


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.level or node.module is None:
        return []
    return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]


def _is_network(module: str) -> bool:
    return module.partition(".")[0] in NETWORK or module.startswith("urllib.request")


def _is_unseeded(called: str, call: ast.Call) -> bool:
    if called in SEEDED:
        return not call.args and not call.keywords
    return called.startswith("random.")


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


def _full_name(function: ast.expr, names: dict[str, str]) -> str:
    """Return the dotted name of what is called, from its module on; empty where it has none."""
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    if not isinstance(function, ast.Name) or function.id not in names:
        return ""
    return ".".join([names[function.id], *reversed(parts)])
