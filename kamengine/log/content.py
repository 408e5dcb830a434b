"""Whether two events of the same id are the same event."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

FIELDS = ("type", "version", "account_id", "manager_id", "occurred_at", "source", "data")
"""What the producer of an event says, beside its id."""


def differences(one: Sequence[object], other: Sequence[object]) -> list[str]:
    """Name the fields in which two contents differ, a payload's by their own names.

    Args:
        one: The values of `FIELDS`, ``data`` as JSON text.
        other: Likewise.
    """
    if tuple(one) == tuple(other):
        return []
    names = [n for n, a, b in zip(FIELDS[:-1], one, other, strict=False) if a != b]
    return names + _payload_differences(str(one[-1]), str(other[-1]))


def same_payload(one: str, other: str) -> bool:
    """Tell whether two texts of JSON say the same."""
    return one == other or _parse(one) == _parse(other)


def _payload_differences(one: str, other: str) -> list[str]:
    if one == other:
        return []
    a, b = _parse(one), _parse(other)
    if not isinstance(a, dict) or not isinstance(b, dict):
        return [] if a == b else ["data"]
    return [f"data.{k}" for k in sorted({*a, *b}) if (k in a, a.get(k)) != (k in b, b.get(k))]


def _parse(text: str) -> object:
    """Parse JSON so that ``==`` compares what it says: no digit lost, and true is not 1."""
    return _typed(json.loads(text, parse_float=Decimal, parse_int=Decimal))


def _typed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return ("bool", value) if isinstance(value, bool) else value
