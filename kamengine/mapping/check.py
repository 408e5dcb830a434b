"""What can be said against a mapping before the first row is read."""

from __future__ import annotations

from collections.abc import Container, Iterator
from collections.abc import Mapping as Dict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from kamengine.event import EventData, EventType
from kamengine.mapping import check_field
from kamengine.mapping.declaration import Condition, EventRule, Format, Mapping, Source, targets_of
from kamengine.mapping.field import field_of
from kamengine.mapping.finding import Finding, Path
from kamengine.suggestions import suggest

_TESTS = {"equals": "equals", "one_of": "in", "not_in": "not_in", "empty": "empty"}
_ENVELOPE_TYPES: dict[str, object] = {
    "account_id": str,
    "manager_id": str,
    "occurred_at": check_field.INSTANT,
    "recorded_at": check_field.INSTANT,
}


def findings(
    mapping: Mapping, types: Dict[str, EventType], readers: Container[str] = ()
) -> Iterator[Finding]:
    """Yield all that is wrong with a mapping, from top to bottom.

    Args:
        mapping: The mapping.
        types: The event types that there are, by name.
        readers: The names of the importers that there are.
    """
    if mapping.time_zone is not None and not _is_zone(mapping.time_zone):
        hint = "write it as Europe/Berlin"
        yield Finding(("time_zone",), "No time zone has this name", mapping.time_zone, hint)
    for number, source in enumerate(mapping.sources):
        yield from _of_reader(("sources", number), source, readers)
        yield from _of_source(("sources", number), source, types)


def _of_reader(path: Path, source: Source, readers: Container[str]) -> Iterator[Finding]:
    if source.reader is None:
        return
    if source.reader not in readers:
        hint = "`kamengine plugins list` shows which packs have importers; CSV needs none"
        yield Finding(
            (*path, "reader"), "No pack has an importer of this name", source.reader, hint
        )
    if source.format != Format():
        what = f"`format` is for CSV, and {source.reader} reads these files"
        yield Finding((*path, "format"), what, None, "delete one of the two")


def _of_source(path: Path, source: Source, types: Dict[str, EventType]) -> Iterator[Finding]:
    if not _is_encoding(source.format.encoding):
        place = (*path, "format", "encoding")
        yield Finding(place, "No encoding has this name", source.format.encoding)
    for number, skip in enumerate(source.skip):
        yield from _of_condition((*path, "skip", number), skip)
    for number, rule in enumerate(source.events):
        here = (*path, "events", number)
        yield from _of_id((*here, "id"), rule, source.events[:number])
        yield from _of_rule(here, rule, types)


def _of_condition(path: Path, condition: Condition) -> Iterator[Finding]:
    stated = [key for name, key in _TESTS.items() if getattr(condition, name) is not None]
    if len(stated) != 1:
        what = f"A condition states exactly one of {', '.join(_TESTS.values())}"
        yield Finding(path, what, " and ".join(stated) or None)


def _of_id(path: Path, rule: EventRule, earlier: tuple[EventRule, ...]) -> Iterator[Finding]:
    declared = field_of(rule.id)
    fixed = declared.template is not None and "{" not in declared.template
    if declared.default is not None:
        what, value = "Rows without an id would share this one", str(declared.default)
        yield Finding((*path, "default"), what, value, "delete it: such rows are rejected")
    elif fixed or declared.constant is not None:
        hint = "name a column that tells rows apart: {opportunity_id}"
        yield Finding(path, "Every row would have the same id", str(rule.id), hint)
    for other in earlier:
        # Two rules may share an id where their conditions never hold for the same row.
        if field_of(other.id) == declared and not (other.conditions and rule.conditions):
            hint = "add a word that tells them apart: {opportunity_id}-closed"
            yield Finding(path, f"The {other.type} of the same row has this id too", None, hint)


def _of_rule(path: Path, rule: EventRule, types: Dict[str, EventType]) -> Iterator[Finding]:
    for number, condition in enumerate(rule.conditions):
        place = (*path, "when", number) if isinstance(rule.when, tuple) else (*path, "when")
        yield from _of_condition(place, condition)
    event_type = types.get(rule.type)
    data = event_type.data_of(rule.version) if event_type else None
    if event_type is None:
        hint = suggest(rule.type, types) or "`kamengine events types` shows all"
        yield Finding((*path, "type"), "There is no event type of that name", rule.type, hint)
    elif data is None:
        place = (*path, "version")
        hint = f"the versions go from 1 to {event_type.version}"
        yield Finding(place, f"{rule.type} has no such version", str(rule.version), hint)
    else:
        yield from _of_envelope(path, rule, event_type)
        yield from _of_payload((*path, "data"), rule, data)
    for name, field in targets_of(rule).items():
        target = _target(name, data)
        yield from check_field.findings((*path, *name.split(".", 1)), field, target)


def _of_envelope(path: Path, rule: EventRule, event_type: EventType) -> Iterator[Finding]:
    keys = (("account_id", event_type.account), ("manager_id", event_type.manager))
    for key, presence in keys:
        given = getattr(rule, key) is not None
        if given and presence == "none":
            yield Finding((*path, key), f"{rule.type} carries no {key}", None, "delete it")
        if not given and presence == "required":
            yield Finding(path, f"{rule.type} needs {key}", None, f"add `{key}: `")


def _of_payload(path: Path, rule: EventRule, data: type[EventData]) -> Iterator[Finding]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(data)}
    for name in rule.data:
        if name not in fields:
            known = f"its fields are {', '.join(fields)}" if fields else "it has none"
            hint = suggest(name, fields) or known
            yield Finding((*path, name), f"{rule.type} has no field of that name", name, hint)
    for name, field in fields.items():
        if field.required and name not in rule.data:
            yield Finding(path, f"{rule.type} needs {name!r}", None, f"add `{name}: ` under `data`")


def _target(name: str, data: type[EventData] | None) -> object:
    if not name.startswith("data."):
        return _ENVELOPE_TYPES.get(name)
    fields = msgspec.structs.fields(data) if data else ()
    return next((f.type for f in fields if f"data.{f.encode_name}" == name), None)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True
