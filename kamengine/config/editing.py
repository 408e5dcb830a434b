"""Editing YAML that people wrote: their comments, order and layout stay as they are.

Only here is YAML written. Reading it, with a line for every complaint, is `document`'s.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from kamengine.config.document import LOADER
from kamengine.config.goals import is_percentage
from kamengine.config.levels import LEVELS, Band, Goal
from kamengine.kpi import KPI


def with_goal(
    text: str, keys: Sequence[str], kpi: KPI, goal: Goal, since: dt.date | None = None
) -> str:
    """Return a YAML file's text with a goal added to a KPI.

    A goal that stands there already goes on to hold until the new one begins, so that periods
    before are scored as they were.

    Args:
        text: What the file holds.
        keys: The keys that lead to the KPI's settings.
        kpi: The KPI.
        goal: What to write.
        since: The first day on which it holds.
    """
    writer = _yaml()
    writer.indent(**_indents(text))
    whole = writer.load(text)
    whole = _mapping() if whole is None else whole
    settings = _settings(whole, keys)
    key = "band" if isinstance(goal, Band) else "target"
    before = settings.get(key)
    count = len(before) if isinstance(before, list) else 1
    goals = _added(before, _goal(kpi, goal, since))
    if goals is not before and isinstance(goals, list):
        _take_along(settings, key, before)
    settings[key] = goals
    if isinstance(goals, list) and len(goals) > count:
        _pass_on(goals)
    written = io.StringIO()
    writer.dump(whole, written)
    return written.getvalue()


def write(file: Path, text: str) -> None:
    """Replace a file in one step, so that nobody reads half of it."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def _indents(text: str) -> dict[str, int]:
    """Return how far the file indents, by the first mapping and the first list under a key."""
    found = {"mapping": 2, "sequence": 4, "offset": 2}
    nested = list(_nested(yaml.compose(text, Loader=LOADER)))
    for column, value in nested:
        if isinstance(value, yaml.MappingNode) and value.start_mark.column > column:
            found["mapping"] = value.start_mark.column - column
            break
    for column, value in nested:
        if isinstance(value, yaml.SequenceNode) and value.value:
            found["offset"] = value.start_mark.column - column
            found["sequence"] = value.value[0].start_mark.column - column
            break
    return found


def _nested(node: yaml.Node | None) -> Iterator[tuple[int, yaml.Node]]:
    """Yield each mapping and list on lines of its own, with the column of the key above it."""
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return
    for key, value in node.value:
        if isinstance(value, yaml.CollectionNode) and not value.flow_style:
            yield key.start_mark.column, value
            yield from _nested(value)


def _yaml() -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only who writes waits for it

    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 10**6
    return writer


def _mapping(*, flow: bool = False) -> Any:
    from ruamel.yaml.comments import CommentedMap  # noqa: PLC0415

    mapping = CommentedMap()
    if flow:
        mapping.fa.set_flow_style()
    return mapping


def _settings(whole: Any, keys: Sequence[str]) -> Any:
    """Return the mapping at the end of a path; what is missing of it is added.

    A weight alone (``nps: 15``) becomes a mapping with that weight.
    """
    here = whole
    for key in keys:
        if not isinstance(here.get(key), dict):
            inner = _mapping(flow=here.get(key) is not None)
            if here.get(key) is not None:
                inner["weight"] = here[key]
            here[key] = inner
        here = here[key]
    return here


def _added(present: Any, goal: Any) -> Any:
    """Put a goal beside those that stand there, in place of one that begins on the same day."""
    from ruamel.yaml.comments import CommentedSeq  # noqa: PLC0415

    if present is None:
        return goal
    goals = present if isinstance(present, list) else CommentedSeq([present])
    kept = [at for at, each in enumerate(goals) if each.get("from") == goal.get("from")]
    if not kept:
        goals.append(goal)
    elif goals is not present:
        return goal
    else:
        goals[kept[0]] = goal
    return goals


def _take_along(settings: Any, key: str, goal: Any) -> None:
    """Let the comment beside a goal stand once where the goal becomes one of a list.

    It is known of the key and of the goal: behind a goal on one line it goes along with that,
    and above a goal of several lines it stays with the key.
    """
    if goal.fa.flow_style():
        settings.ca.items.pop(key, None)
    else:
        goal.ca.comment = None


def _pass_on(goals: Any) -> None:
    """Let what stands below the list, comments and blank lines, stand below the new last goal.

    ruamel keeps it with the comment of what was last before.
    """
    from ruamel.yaml.error import CommentMark  # noqa: PLC0415
    from ruamel.yaml.tokens import CommentToken  # noqa: PLC0415

    *_, last, new = goals
    inner = last.ca.items.get(list(last)[-1]) or [None] * 3
    beside = goals.ca.items.get(len(goals) - 2) or [None]
    token = beside[0] or (last.ca.comment or [None])[0] or inner[2]
    if token is not None:
        own, _, below = token.value.partition("\n")
        token.value = f"{own}\n"
        new.ca.comment = [CommentToken(f"\n{below}", CommentMark(0), None), None]


def _goal(kpi: KPI, goal: Goal, since: dt.date | None) -> Any:
    mapping = _mapping(flow=True)
    if since is not None:
        mapping["from"] = since
    for name in LEVELS:
        level = getattr(goal, name, None)
        if level is not None:
            mapping[name] = _level(level, kpi)
    return mapping


def _level(level: Decimal, kpi: KPI) -> object:
    shown = level.scaleb(2) if is_percentage(kpi) else level
    number = int(shown) if shown == shown.to_integral_value() else float(shown)
    return f"{number}%" if is_percentage(kpi) else number
