"""The checks that single words of config must pass: names of KPIs, currencies, time zones."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable

from kamengine.config.complaint import Check, Problem
from kamengine.config.currencies import CURRENCIES
from kamengine.errors import PeriodError
from kamengine.kpi import KPI
from kamengine.periods import KINDS, Calendar
from kamengine.plugins import Registry
from kamengine.suggestions import suggest

LEAST_MEGABYTES = 100

_SIZE = re.compile(r"([1-9][0-9]{0,5})(MB|GB|TB)")
_MEGABYTES = {"MB": 1, "GB": 1_000, "TB": 1_000_000}


def checks(registry: Registry) -> dict[str, Check]:
    """Return the checks by the name that the model calls them."""
    return {
        "kpi": lambda word: check_kpi(word, registry),
        "weight": check_weight,
        "currency": check_currency,
        "time_zone": check_time_zone,
        "size": check_size,
        "goal_period": check_goal_period,
        "tier": lambda _: None,
        "segment": lambda _: None,
    }


def check_kpi(word: str, registry: Registry) -> Problem | None:
    """A KPI must be registered; where packs are quarantined, it may be in one of them.

    So it may have been when the config was applied.
    """
    if word in registry.kpis:
        return _deprecated(registry.kpis[word])
    near = suggest(word, registry.kpis)
    broken = ", ".join(p.name for p in registry.quarantined)
    if broken:
        hint = f"it may be in a quarantined pack ({broken}): see `kamengine plugins list`"
        hint = f"{hint}; otherwise: {near}" if near else hint
        return Problem(what="No loaded pack has this KPI", hint=hint, severity="warning")
    if registry.recorded:
        hint = "`kamengine plan` shows what would be applied"
        return Problem(what="This KPI isn't in force", hint=hint, severity="warning")
    hint = near or "`kamengine kpis list` shows all"
    return Problem(what="There is no KPI of that name", hint=hint)


def _deprecated(kpi: KPI) -> Problem | None:
    if not kpi.replaced_by:
        return None
    what, hint = "This KPI is deprecated", f"{kpi.replaced_by} replaces it"
    return Problem(what=what, hint=hint, severity="warning")


def check_weight(word: str) -> Problem | None:
    """A weight is a plain number, 0 or more."""
    if word.startswith("-"):
        return Problem(what="A weight must be 0 or more", hint="0 shows a KPI without counting it")
    if word.endswith("%"):
        hint = "weights are relative to each other; write the number alone"
        return Problem(what="A weight has no percent sign", hint=hint)
    return None


def check_currency(word: str) -> Problem | None:
    """A currency is an ISO 4217 code."""
    if word in CURRENCIES:
        return None
    near = suggest(word.upper(), CURRENCIES)
    hint = near or "use an ISO 4217 code, such as EUR"
    return Problem(what="There is no currency of that code", hint=hint)


def check_size(word: str) -> Problem | None:
    """An amount of memory has a unit, and is enough to work with."""
    found = _SIZE.fullmatch(word)
    if found is None:
        return Problem(what="This is no amount of memory", hint="write it as 800MB or 4GB")
    if int(found[1]) * _MEGABYTES[found[2]] < LEAST_MEGABYTES:
        what = f"Nothing can be computed in less than {LEAST_MEGABYTES}MB"
        return Problem(what=what, hint="write it as 800MB or 4GB")
    return None


def check_time_zone(word: str) -> Problem | None:
    """A time zone is an IANA name."""
    try:
        zoneinfo.ZoneInfo(word)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        hint = _nearest_zone(word) or "use an IANA name, such as Europe/Berlin"
        return Problem(what="There is no time zone of that name", hint=hint)
    return None


def check_goal_period(word: str) -> Problem | None:
    """A goal is for a period, or for a sort of period."""
    if word in KINDS:
        return None
    try:
        Calendar().window(word)
    except PeriodError:
        hint = suggest(word, KINDS) or f"{', '.join(KINDS)}, or one period such as 2026-Q3"
        return Problem(what="This is neither a period nor a sort of period", hint=hint)
    return None


def one_of(kind: str, known: Iterable[str]) -> Check:
    """Return a check against the names that the organisation listed; none listed, all pass."""
    names = tuple(known)

    def check(word: str) -> Problem | None:
        if not names or word in names:
            return None
        hint = suggest(word, names) or f"organisation.yaml lists {', '.join(names)}"
        return Problem(what=f"There is no {kind} of that name", hint=hint)

    return check


def _nearest_zone(word: str) -> str | None:
    """Suggest a zone by its whole name, or by its city alone: ``Berlin`` is ``Europe/Berlin``."""
    zones = zoneinfo.available_timezones()
    city = re.sub(r"\s+", "_", word.strip()).casefold()
    by_city = [z for z in sorted(zones) if z.rpartition("/")[2].casefold() == city]
    return f"did you mean {by_city[0]!r}?" if by_city else suggest(word, zones)
