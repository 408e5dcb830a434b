"""JSON Schemas of the YAML files, for editors: they complete keys, explain and check them.

They are made of the same structs that files are read into, and a key's description is what its
struct's docstring says of it. What only holds between settings, `config check` tells.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from kamengine.config.currencies import CURRENCIES
from kamengine.config.folder import SHAPES
from kamengine.config.model import Organisation
from kamengine.config.shapes import fields_of, is_struct, unwrap
from kamengine.kpi import KPI
from kamengine.plugins import Registry

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PERCENT = r"^[-+]?(\d+\.?\d*|\.\d+) ?%$"
PERIOD = (
    r"^(month|quarter|year|week|\d{4}|\d{4}-Q[1-4]|\d{4}-(0[1-9]|1[0-2])|\d{4}-W\d{2}"
    r"|trailing-[1-9]\d{0,3}[md]@\d{4}-\d{2}-\d{2})$"
)
SIZE = r"^([1-9][0-9]{2,5}MB|[1-9][0-9]{0,5}(GB|TB))$"
FOLDER = ".schema"
"""Where a workspace's config folder keeps them."""


def schemas(registry: Registry, organisation: Organisation | None = None) -> dict[str, Schema]:
    """Return a schema for each file of a config folder, by its name without the ending.

    Args:
        registry: Its KPIs and their parameters are what may be named.
        organisation: Its tiers and segments, where it lists them.
    """
    return {name: _Writer(registry, organisation).file(name) for name in SHAPES}


def described(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return what the docstrings of a struct and of those it inherits from say of each field."""
    found: dict[str, str] = {}
    for each in reversed(inspect.getmro(struct)):
        found.update(_attributes(inspect.cleandoc(each.__doc__ or "")))
    return found


@lru_cache(maxsize=256)
def _attributes(doc: str) -> dict[str, str]:
    """Read the section ``Attributes:`` of a docstring in Google form."""
    _, _, section = doc.partition("Attributes:\n")
    entries = re.findall(r"^    (\w+): (.*(?:\n {6,}.*)*)", section, re.MULTILINE)
    return {name: _plain(text) for name, text in entries}


def _plain(text: str) -> str:
    """Write a docstring's words as people read them in an editor."""
    words = re.sub(r"^`\w+`: ", "", " ".join(text.split()).replace("``", "`"))
    return words[:1].upper() + words[1:]


class _Writer:
    """Writes one file's schema; each struct once, under ``$defs``."""

    def __init__(self, registry: Registry, organisation: Organisation | None) -> None:
        self._registry = registry
        self._words: dict[str, Schema] = {
            "currency": {"enum": sorted(CURRENCIES)},
            "goal_period": {"type": ["string", "integer"], "pattern": PERIOD},
            "size": {"type": "string", "pattern": SIZE},
            "weight": {"type": "number", "minimum": 0},
            **_listed(organisation),
        }
        self._defs: dict[str, Schema] = {}
        self._whole = False

    def file(self, name: str) -> Schema:
        self._whole = name in {"kpis", "scorecards"}
        root = self._of(SHAPES[name])
        title = f"kamengine: {name}.yaml"
        return {"$schema": DIALECT, "title": title, **root, "$defs": self._defs}

    def _of(self, declared: Any, kpi: KPI | None = None) -> Schema:
        base, extra = unwrap(declared)
        origin, arguments = typing.get_origin(base), typing.get_args(base)
        if "fields_at" in extra:
            return self._params(kpi)
        if origin is dict:
            return self._mapping(*arguments)
        if origin is tuple:
            item = self._of(arguments[0], kpi)
            return {"anyOf": [item, {"type": "array", "items": item}]}
        if is_struct(base):
            return self._struct(base, kpi)
        if extra.get("check") in self._words:
            return dict(self._words[extra["check"]])
        return _leaf(declared, extra)

    def _mapping(self, keys: Any, values: Any) -> Schema:
        _, extra = unwrap(keys)
        if extra.get("check") != "kpi":
            return {"type": ["object", "null"], "additionalProperties": self._of(values)}
        name = f"KPI_{unwrap(values)[0].__name__}"
        if name not in self._defs:
            self._defs[name] = {}
            self._defs[name] = {
                "type": ["object", "null"],
                "properties": {
                    kpi.id: {**self._of(values, kpi), "description": self._meaning(kpi)}
                    for kpi in sorted(self._registry.kpis.values(), key=lambda k: k.id)
                },
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}

    def _struct(self, struct: type[msgspec.Struct], kpi: KPI | None = None) -> Schema:
        """Return a reference to a struct; one that looks at a KPI's parameters is that KPI's."""
        settable = kpi is not None and bool(fields_of(type(kpi.params)))
        own = settable and "params" in fields_of(struct)
        name = f"{struct.__name__}_{kpi.id}" if own and kpi else struct.__name__
        if name not in self._defs:
            self._defs[name] = {}
            self._defs[name] = self._object(struct, kpi if own else None)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, struct: type[msgspec.Struct], kpi: KPI | None) -> Schema:
        fields, told = fields_of(struct), described(struct)
        required = [key for key, field in fields.items() if field.required]
        whole: Schema = {
            "type": "object" if required else ["object", "null"],
            "properties": {
                key: {**self._of(field.type, kpi), "description": told[field.name]}
                for key, field in fields.items()
            },
            "additionalProperties": False,
        }
        if required:
            whole["required"] = required
        shorthand = getattr(struct, "shorthand", None)
        if shorthand is None:
            return whole
        return {"anyOf": [self._of(fields[shorthand].type), whole]}

    def _meaning(self, kpi: KPI) -> str:
        """Say what a KPI is; what it means, where KPIs are chosen."""
        better = "best inside a band" if kpi.better == "band" else f"{kpi.better} is better"
        meaning = f" {_plain(kpi.meaning)}" if self._whole else ""
        return f"{kpi.title} ({kpi.unit}, {better}).{meaning}"

    def _params(self, kpi: KPI | None) -> Schema:
        if kpi is None:
            return {"type": ["object", "null"], "maxProperties": 0}
        return self._struct(type(kpi.params))


def _leaf(declared: Any, extra: Mapping[str, Any]) -> Schema:
    base, _ = unwrap(declared)
    if base is Decimal:
        percent = [{"type": "string", "pattern": PERCENT}] if "percent" in extra else []
        return {"anyOf": [{"type": "number"}, *percent]} if percent else {"type": "number"}
    if base is str:
        return {"type": ["string", "number"], "minLength": 1}
    if typing.get_origin(base) is not None:
        return {"enum": list(typing.get_args(base))}
    plain = msgspec.json.schema(declared)
    bounds = [each for each in plain.get("anyOf", [plain]) if each.get("type") != "null"]
    return {key: value for key, value in bounds[0].items() if key != "default"}


def _listed(organisation: Organisation | None) -> dict[str, Schema]:
    if organisation is None:
        return {}
    names: dict[str, Iterable[str]] = {
        "tier": organisation.tiers,
        "segment": organisation.segments,
    }
    return {check: {"enum": list(listed)} for check, listed in names.items() if listed}
