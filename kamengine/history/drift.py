"""Whether anything isn't as it was applied: told by what is written, without computing anything."""

from __future__ import annotations

import msgspec

from kamengine.config.model import Config
from kamengine.errors import ConfigError
from kamengine.history.declared import Definition, alike, definitions_of, described
from kamengine.history.definitions import Definitions


def drift(before: Definitions, after: Definitions) -> list[str]:
    """Name what isn't as it was applied; quicker than `changes`, for it computes nothing.

    Args:
        before: What was applied.
        after: What packs and YAML say now.
    """
    old, new = definitions_of(before.registry), definitions_of(after.registry)
    names = [
        key[1]
        for key in sorted(old.keys() | new.keys())
        if key not in old or key not in new or not _same(old[key], new[key])
    ]
    same_files = before.files.contents == after.files.contents
    if not same_files and _says_otherwise(before, after):
        names.append("config")
    return names


def _same(old: Definition, new: Definition) -> bool:
    """Tell whether two mean the same; what was applied and is as it was, is the very same."""
    return old is new or alike(described(old), described(new))


def _says_otherwise(before: Definitions, after: Definitions) -> bool:
    """Tell whether the config as written means something else; one that can't be read does."""
    try:
        written = after.config
    except ConfigError:
        return True
    return bool(config_changes(before.config, written))


def config_changes(before: Config | None, after: Config) -> list[str]:
    """Name the parts of the config that say something else, as ``scorecards.growth``."""
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
