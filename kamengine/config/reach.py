"""Whom config reaches: who has a KPI and why, and what reaches nobody, or no longer does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kamengine.config.complaint import Complaint, Problem, complain
from kamengine.config.difference_checks import NOUNS, every_change
from kamengine.config.model import Config
from kamengine.config.reader import Path
from kamengine.config.resolution import nearest, resolve
from kamengine.config.resolved import RemovedKPI, ResolvedKPI, ResolvedScorecard
from kamengine.config.rules import Subject, rule_of
from kamengine.config.section import AUDIENCES, When
from kamengine.plugins import Registry
from kamengine.suggestions import suggest

GUESSED = 20
"""Unknown names up to which each gets a guess at what was meant; more are no misspellings."""


class Has(msgspec.Struct, frozen=True, kw_only=True):
    """A subject who has a KPI on a scorecard, or has it no longer because it was removed.

    Attributes:
        scorecard: The subject's, as it holds.
        kpi: The KPI on it, or its removal.
    """

    scorecard: ResolvedScorecard
    kpi: ResolvedKPI | RemovedKPI


def who(
    config: Config, registry: Registry, subjects: Iterable[Subject], when: When, kpi: str
) -> Iterator[Has]:
    """Yield everybody who has a KPI, by which scorecard or difference, and who is spared it."""
    for subject in subjects:
        for audience in AUDIENCES:
            if nearest(config.scorecards, subject, when, audience) is None:
                continue
            card = resolve(config, registry, subject, when, audience)
            found: list[ResolvedKPI | RemovedKPI] = [*card.kpis, *card.removed]
            yield from (Has(scorecard=card, kpi=each) for each in found if each.id == kpi)


def expired(config: Config, day: dt.date) -> Iterator[Complaint]:
    """Yield each difference that no longer holds on a day."""
    for path, changes in every_change(config):
        for bucket, kpi, entry in changes.entries():
            until = changes.span(entry).until
            if until is not None and until <= day:
                what = f"The {NOUNS[bucket]} of {kpi!r} for {path[-1]!r} expired on {until}"
                hint = "renew it, or delete it once no period before is scored any more"
                problem = Problem(what=what, hint=hint, severity="warning")
                yield complain(config.place(*path, bucket, kpi), problem)


def unmatched(config: Config, subjects: Sequence[Subject], when: When) -> Iterator[Complaint]:
    """Yield each rule, and each name, that matches nobody.

    Args:
        config: What is written.
        subjects: Everybody there is, with what is known of them.
        when: The day on which rules have to hold to be looked at.
    """
    yield from _strangers(config, subjects)
    taken = _taken(config, subjects, when)
    for name, card in config.scorecards.items():
        if not card.holds_on(when.day) or name in taken:
            continue
        rule = rule_of(card.applies_to, card.carriers)
        fitting = [subject for subject in subjects if rule.matches(subject)]
        what = f"Scorecard {name!r} is nobody's: it matches {_plural(card.carriers)}"
        hint = "look at applies_to"
        if fitting:
            what = f"Scorecard {name!r} is nobody's: all whom it matches have a nearer one"
            hint = f"`kamengine config show --{fitting[0].type} {fitting[0].id}` says which"
        path: Path = ("scorecards", name, "applies_to")
        yield _warn(config, path, Problem(what=what, hint=hint, severity="warning"))
    for name, override in config.overrides.items():
        rule = rule_of(override.applies_to, override.carriers)
        if not any(rule.matches(subject) for subject in subjects):
            what = f"Override {name!r} matches {_plural(override.carriers)}"
            problem = Problem(what=what, hint="look at applies_to", severity="warning")
            yield _warn(config, ("overrides", name, "applies_to"), problem)


def _taken(config: Config, subjects: Sequence[Subject], when: When) -> set[str]:
    found = (
        nearest(config.scorecards, subject, when, audience)
        for subject in subjects
        for audience in AUDIENCES
    )
    return {name for name in found if name is not None}


def _strangers(config: Config, subjects: Sequence[Subject]) -> Iterator[Complaint]:
    """Yield each account and manager that is named and that no event knows."""
    known = {
        kind: {subject.id for subject in subjects if subject.type == kind}
        for kind in ("account", "manager")
    }
    strange = [named for named in _names(config) if named[2] not in known[named[1]]]
    for path, kind, name in strange:
        near = suggest(name, known[kind]) if len(strange) <= GUESSED else None
        hint = near or "check its spelling, or delete it"
        problem = Problem(what=f"No event knows this {kind}", hint=hint, severity="warning")
        yield complain(config.place(*path), problem, name)


def _names(config: Config) -> Iterator[tuple[Path, str, str]]:
    for account in config.accounts:
        yield ("accounts", account), "account", account
    for manager in config.managers:
        yield ("managers", manager), "manager", manager
    rules = [(("scorecards", name), card.applies_to) for name, card in config.scorecards.items()]
    rules += [(("overrides", name), each.applies_to) for name, each in config.overrides.items()]
    for path, applies_to in rules:
        for kind, named in (("account", applies_to.accounts), ("manager", applies_to.managers)):
            for at, name in enumerate(named):
                yield (*path, "applies_to", f"{kind}s", str(at)), kind, name


def _warn(config: Config, path: Path, problem: Problem) -> Complaint:
    return complain(config.place(*path), problem)


def _plural(carriers: Sequence[str]) -> str:
    return f"no {' or '.join(carriers)}"
