"""What is other than it was: definitions added, changed and removed, and what rests on them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from kamengine.config.model import Config
from kamengine.engine import evidence
from kamengine.history.declared import TELLING, Content, Key, Sort, alike, normal
from kamengine.history.definitions import Definitions
from kamengine.replay import graph as graphs

What: TypeAlias = Literal["added", "changed", "removed", "rests"]

BINDING = ("reporting_currency", "active_by")
"""Parameters that every definition may name; they belong to the organisation."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A definition that is other than it was, or rests on one.

    Attributes:
        sort: KPI, projection or event type.
        name: Its name.
        change: ``rests`` where it is as it was and something under it isn't.
        reasons: What is different, in words.
        label: What the KPI's values would carry; None for what isn't a KPI with values.
        replaces: What they carry now.
        sql: The difference of the SQL, as a unified diff; empty where there is none.
        params: Parameter to what it was and what it would be.
        unversioned: Whether the definition changed and its version number didn't.
    """

    sort: Sort
    name: str
    change: What
    reasons: tuple[str, ...]
    label: str | None = None
    replaces: str | None = None
    sql: str = ""
    params: dict[str, tuple[str | None, str | None]] = {}
    unversioned: bool = False


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """All that is other than it was.

    Attributes:
        definitions: By sort and name.
        config: The parts of the config that say something else, as ``scorecards.growth``.
    """

    definitions: tuple[Change, ...]
    config: tuple[str, ...]

    def __bool__(self) -> bool:
        """Tell whether there is anything to apply."""
        return bool(self.definitions or self.config)


def changes(before: Definitions | None, after: Definitions) -> Changes:
    """Compare what was applied with what would be.

    Args:
        before: None where nothing was applied yet.
        after: What packs and YAML say now.
    """
    old = before.contents if before else {}
    keys = sorted(old.keys() | after.contents.keys())
    own = [change for key in keys if (change := _own_change(key, before, after)) is not None]
    touched = {(c.sort, c.name) for c in own}
    resting = [] if before is None else list(_resting(touched, before, after))
    return Changes(
        definitions=tuple(sorted((*own, *resting), key=lambda c: (c.sort, c.name))),
        config=tuple(_config_changes(before.config if before else None, after.config)),
    )


def drift(before: Definitions, after: Definitions) -> list[str]:
    """Name what isn't as it was applied; quicker than `changes`, for it computes nothing.

    Args:
        before: What was applied.
        after: What packs and YAML say now.
    """
    old, new = before.contents, after.contents
    names = [
        key[1]
        for key in sorted(old.keys() | new.keys())
        if key not in old or key not in new or not alike(old[key], new[key])
    ]
    same_files = before.files.contents == after.files.contents
    if not same_files and _config_changes(before.config, after.config):
        names.append("config")
    return names


def _own_change(key: Key, before: Definitions | None, after: Definitions) -> Change | None:
    old = before.contents.get(key) if before else None
    new = after.contents.get(key)
    label, replaces = _labels(key, before, after)
    if old is None or new is None:
        what: What = "added" if old is None else "removed"
        return Change(
            sort=key[0], name=key[1], change=what, reasons=(), label=label, replaces=replaces
        )
    params = _params(key, before, after)
    if alike(old, new) and not params:
        return None
    fields = _fields(old, new)
    return Change(
        sort=key[0],
        name=key[1],
        change="changed",
        reasons=(*(f"its {f} changed" for f in fields), *(f"${p} changed" for p in params)),
        sql=_difference(str(old.get("sql", "")), str(new.get("sql", ""))),
        params=params,
        unversioned=bool(fields) and old.get("version") == new.get("version") is not None,
        label=label,
        replaces=replaces,
    )


def _labels(
    key: Key, before: Definitions | None, after: Definitions
) -> tuple[str | None, str | None]:
    """Return what a KPI's values would carry, and what they carry now."""
    if key[0] != "kpi":
        return None, None
    return after.labels.get(key[1]), before.labels.get(key[1]) if before else None


def _fields(old: Content, new: Content) -> list[str]:
    """Name the parts of a definition that mean something else."""
    return [
        name
        for name in sorted(old.keys() | new.keys())
        if name not in TELLING
        and old.get(name) != new.get(name)
        and not (name == "sql" and normal(old["sql"]) == normal(new["sql"]))
    ]


def _params(
    key: Key, before: Definitions | None, after: Definitions
) -> dict[str, tuple[str | None, str | None]]:
    """Return the parameters that are bound to something else, as SQL literals."""
    sort, name = key
    if sort != "kpi" or before is None:
        return {}
    old = graphs.literal_params(before.registry.kpis[name], before.settings)
    new = graphs.literal_params(after.registry.kpis[name], after.settings)
    own = (old.keys() | new.keys()) - set(BINDING)
    return {p: (old.get(p), new.get(p)) for p in sorted(own) if old.get(p) != new.get(p)}


def _difference(old: str, new: str) -> str:
    one, other = normal(old).splitlines(), normal(new).splitlines()
    lines = difflib.unified_diff(one, other, "applied", "written", lineterm="", n=2)
    return "\n".join(lines)


def _resting(touched: set[Key], before: Definitions, after: Definitions) -> Iterator[Change]:
    """Yield the KPIs that are as they were, and whose values are made in another way."""
    for name in sorted(before.labels.keys() & after.labels.keys()):
        old, new = before.labels[name], after.labels[name]
        if old != new and ("kpi", name) not in touched:
            reasons = tuple(_under(name, before, after))
            yield Change(
                sort="kpi", name=name, change="rests", reasons=reasons, label=new, replaces=old
            )


def _under(kpi: str, before: Definitions, after: Definitions) -> Iterator[str]:
    """Say what a KPI rests on that is other than it was."""
    if before.settings.calendar != after.settings.calendar:
        yield "the calendar changed"
    found = _own_print(kpi, before) != _own_print(kpi, after)
    for name in BINDING if found else ():
        if before.settings.shared_params[name] != after.settings.shared_params[name]:
            yield f"${name} changed"
    for relation in sorted(after.graph.below([kpi, *evidence.ATTRIBUTION]) - {kpi}):
        old, new = _own_print(relation, before), _own_print(relation, after)
        if old != new:
            found = True
            yield f"it reads {relation}, which changed"
    if not found and before.graph.calendar == after.graph.calendar:
        yield "the engine computes it in another way"


def _own_print(relation: str, definitions: Definitions) -> str | None:
    graph = definitions.graph
    node = (graph.facts | graph.projections | graph.kpis).get(relation)
    return node.own if node else None


def _config_changes(before: Config | None, after: Config) -> list[str]:
    old = _flat(before) if before else {}
    new = _flat(after)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _flat(config: Config) -> dict[str, object]:
    """Return what the config says, two levels deep, whatever place it says it in."""
    found: dict[str, object] = {}
    for field in config.__struct_fields__:
        if field == "places":
            continue
        part = msgspec.to_builtins(getattr(config, field), enc_hook=repr)
        entries = part.items() if isinstance(part, dict) else ()
        found |= {f"{field}.{name}": value for name, value in entries}
        if not entries:
            found[field] = part
    return found
