"""Is a pack's every declaration complete: names, words, parameters?"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from decimal import Decimal

from kamengine.api import UnstatedWarning
from kamengine.checking.finding import Finding
from kamengine.checking.subject import Subject
from kamengine.kpi import KPI, Composite, Formula, Ratio
from kamengine.testing.documentation import faults

ID = re.compile(r"[a-z][a-z0-9_]*")
EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
PARAMETER_TYPES = (str, bool, int, Decimal)


def contracted(subject: Subject) -> Iterator[Finding]:
    """Tell what the contract warned of when the pack was loaded."""
    for told in subject.pack.warnings:
        what, _, mend = told.rpartition("; ")
        yield Finding(
            check="contract",
            of=subject.pack.name,
            what=what or told,
            mend=mend if what else "docs/contract.md says how the contract changes",
            kind="fault" if told == str(UnstatedWarning()) else "warning",
        )


def declared(subject: Subject) -> Iterator[Finding]:
    """Find declarations that leave out what their readers need."""
    for kpi in subject.kpis:
        for what, mend in _of_kpi(kpi):
            yield Finding(check="declaration", of=f"KPI {kpi.id}", what=what, mend=mend)
    for projection in subject.projections:
        if not ID.fullmatch(projection.name):
            yield _misnamed(f"projection {projection.name}", "small letters, digits and _")
        if not projection.key:
            yield Finding(
                check="declaration",
                of=f"projection {projection.name}",
                what="it has no key",
                mend="name the columns that are unique together: key=(...)",
            )
        yield from _one_sentence(f"projection {projection.name}", projection.doc)
    for event_type in subject.event_types:
        if not EVENT_NAME.fullmatch(event_type.name):
            yield _misnamed(f"event type {event_type.name}", "noun.verb_in_the_past")
        yield from _one_sentence(f"event type {event_type.name}", event_type.doc)


def documented(subject: Subject) -> Iterator[Finding]:
    """Find KPIs whose documentation isn't in form."""
    for kpi in subject.kpis:
        if told := "; ".join(faults(kpi)):
            mend = "docs/writing-a-kpi.md says what `doc` has to answer, in which order"
            yield Finding(check="documentation", of=f"KPI {kpi.id}", what=told, mend=mend)


def parameterised(subject: Subject) -> Iterator[Finding]:
    """Find parameters without a type that SQL has, without a meaning, or without a use."""
    for kpi in subject.kpis:
        used = _parameters_used(kpi)
        hints = typing.get_type_hints(type(kpi.params))
        meanings = type(kpi.params).__doc__ or ""
        for name, hint in hints.items():
            for what, mend in _of_parameter(name, hint, meanings):
                yield Finding(check="parameters", of=f"KPI {kpi.id}", what=what, mend=mend)
            if used is not None and name not in used:
                yield Finding(
                    check="parameters",
                    of=f"KPI {kpi.id}",
                    what=f"its SQL never reads `{name}`",
                    mend=f"write ${name} where it is meant, or leave it out of the parameters",
                )


def _of_kpi(kpi: KPI) -> Iterator[tuple[str, str]]:
    if not ID.fullmatch(kpi.id):
        yield "its id isn't a name", "write small letters, digits and _"
    if not kpi.title.strip():
        yield "it has no title", "say in two or three words what people call it"
    if not kpi.unit.strip():
        yield "it has no unit", "say what the value is in: %, hours, points, count"
    if kpi.version < 1:
        yield f"its version is {kpi.version}", "begin with 1"
    if isinstance(kpi.value, Ratio) and not kpi.denominator:
        yield "`denominator` says nothing", "say in words what a ratio divides by"
    if not kpi.sql.strip() and not isinstance(kpi.value, Formula | Composite):
        yield "it has no SQL", "write the query that returns its evidence"


def _misnamed(of: str, form: str) -> Finding:
    return Finding(check="declaration", of=of, what="its name isn't in form", mend=f"write {form}")


def _one_sentence(of: str, doc: str) -> Iterator[Finding]:
    text = " ".join(doc.split())
    if not text.endswith(".") or ". " in text:
        yield Finding(
            check="declaration",
            of=of,
            what=f"`doc` isn't one sentence: {text[:60]!r}",
            mend="say the meaning in one sentence, with a full stop",
        )


def _parameters_used(kpi: KPI) -> set[str] | None:
    """Return the parameters that a KPI's SQL reads; None where the engine reads them itself."""
    if isinstance(kpi.value, Composite):
        return None
    if isinstance(kpi.value, Formula):  # its parameters are columns there, and need no $
        written = (kpi.value.numerator, kpi.value.denominator, kpi.value.flag or "")
        return set(re.findall(r"\w+", " ".join(written)))
    return set(re.findall(r"\$(\w+)", kpi.sql))


def _of_parameter(name: str, hint: object, meanings: str) -> Iterator[tuple[str, str]]:
    if not _has_sql_type(hint):
        yield (
            f"`{name}` has a type that SQL can't be given exactly",
            "use str, bool, int, Decimal, a tuple of them, or a dict from str to them",
        )
    if not re.search(rf"(?m)^\s*{re.escape(name)}: \S", meanings):
        yield f"`{name}` has no meaning", "describe it under `Attributes:` in the class's docstring"


def _has_sql_type(hint: object) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _has_sql_type(arguments[0])
    if origin is typing.Literal:
        return all(isinstance(a, PARAMETER_TYPES) for a in arguments)
    if origin in (typing.Union, types.UnionType):
        return all(a is type(None) or _has_sql_type(a) for a in arguments)
    if origin is tuple:
        return all(a is Ellipsis or _has_sql_type(a) for a in arguments)
    if origin is dict:
        return arguments[0] is str and _has_sql_type(arguments[1])
    return hint in PARAMETER_TYPES
