"""Whether what is different for some is complete, can take hold, and contradicts nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from kamengine.config.changes import AnyChange, Change, Changes
from kamengine.config.complaint import Complaint, Problem, complain
from kamengine.config.model import Programme
from kamengine.config.reader import Path
from kamengine.config.rules import rule_of, shared
from kamengine.config.section import Carrier
from kamengine.suggestions import suggest

NOUNS = {"add": "addition", "remove": "removal", "change": "change"}


def every_change(programme: Programme) -> Iterator[tuple[Path, Changes]]:
    """Yield whatever holds differences, with its path, from far to near."""
    for name, override in programme.overrides.items():
        yield ("overrides", name), override
    for account, changes in programme.accounts.items():
        yield ("accounts", account), changes
    for manager, settings in programme.managers.items():
        yield ("managers", manager), settings


def check_changes(programme: Programme, path: Path, changes: Changes) -> Iterator[Complaint]:
    """Yield what is wrong inside one entry: each difference needs its reason, author and end."""
    seen: dict[str, str] = {}
    for bucket, kpi, entry in changes.entries():
        place = programme.place(*path, bucket, kpi)
        if kpi in seen:
            what = f"{path[-1]!r} has {kpi!r} under both {seen[kpi]!r} and {bucket!r}"
            yield complain(place, Problem(what=what, hint="keep one of the two"))
        seen[kpi] = bucket
        for problem in _problems(path[-1], bucket, kpi, entry, changes):
            yield complain(place, problem)


def _problems(
    whose: str, bucket: str, kpi: str, entry: AnyChange, changes: Changes
) -> Iterator[Problem]:
    named = f"The {NOUNS[bucket]} of {kpi!r} for {whose!r}"
    if isinstance(entry, Change) and not (
        entry.weight or entry.goals or entry.min_count is not None
    ):
        hint = "give a weight, a target or a band"
        yield Problem(what=f"{named} changes nothing", hint=hint)
    if not (entry.author or changes.author):
        hint = f"add `author: ` to it, or once for all of {whose!r}"
        yield Problem(what=f"{named} doesn't say who decided so", hint=hint)
    held = changes.span(entry)
    if held.until is None:
        hint = f"add `until: ` and a date to it, or once for all of {whose!r}; a scorecard of"
        hint = f"{hint} their own is what holds for good"
        yield Problem(what=f"{named} has no end", hint=hint)
    elif held.since is not None and held.until <= held.since:
        what = f"{named} never holds: it begins on {held.since} and ends before {held.until}"
        hint = "`until` is the first day on which it holds no more; put it after `from`"
        yield Problem(what=what, hint=hint)


def check_conflicts(programme: Programme) -> Iterator[Complaint]:
    """Two overrides that are equally near must not both say something of one KPI."""
    rules = {
        name: rule_of(override.applies_to, override.carriers)
        for name, override in programme.overrides.items()
    }
    for (a, one), (b, other) in itertools.combinations(programme.overrides.items(), 2):
        if not set(one.audience) & set(other.audience):
            continue
        whom = shared(rules[a], rules[b], [rules[a], rules[b]])
        if whom is None:
            continue
        for bucket, kpi, entry in other.entries():
            if any(
                theirs == kpi and one.span(each).meets(other.span(entry))
                for _, theirs, each in one.entries()
            ):
                what = f"Overrides {a!r} and {b!r} are equally near to {whom}, and both have"
                problem = Problem(what=f"{what} {kpi!r}", hint="narrow one, or join the two")
                yield complain(programme.place("overrides", b, bucket, kpi), problem)


def check_reach(programme: Programme) -> Iterator[Complaint]:
    """A change or removal of a KPI that no scorecard of its kind has can never take hold."""
    added = frozenset(kpi for _, changes in every_change(programme) for kpi in changes.add)
    known: dict[tuple[object, ...], frozenset[str]] = {}
    for path, changes in every_change(programme):
        carriers: tuple[Carrier, ...] = getattr(changes, "carriers", ("account",))
        key = (carriers, changes.audience)
        if key not in known:
            known[key] = added | _on_cards(programme, carriers, changes)
        reached = known[key]
        for bucket, kpi, _ in changes.entries():
            if bucket == "add" or kpi in reached:
                continue
            whose = " or ".join(f"{carrier}s" for carrier in carriers)
            what = f"No scorecard for {whose} has {kpi!r}, so there is none to {bucket}"
            hint = suggest(kpi, reached) or "add it, or delete this entry"
            yield complain(programme.place(*path, bucket, kpi), Problem(what=what, hint=hint))


def _on_cards(
    programme: Programme, carriers: tuple[Carrier, ...], changes: Changes
) -> frozenset[str]:
    """Return the KPIs on the scorecards that an entry is about."""
    cards = [
        card
        for card in programme.scorecards.values()
        if set(carriers) & set(card.carriers) and card.audience in changes.audience
    ]
    return frozenset(kpi for card in cards for kpi in card.kpis)
