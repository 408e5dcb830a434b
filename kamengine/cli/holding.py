"""Which config holds for a period, and what the log knows of those for whom it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, cast

import click
import msgspec

from kamengine.cli.context import App
from kamengine.cli.output import note
from kamengine.config.model import Config
from kamengine.config.rules import LOOKED_AT, Subject
from kamengine.config.section import Carrier
from kamengine.config.words import one_of
from kamengine.errors import KamengineError
from kamengine.plugins import Registry

if TYPE_CHECKING:
    from kamengine.periods import Window
    from kamengine.scorecard.subjects import Directory
    from kamengine.settings import Settings


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """The config that a question about a period is answered by.

    Attributes:
        config: The config.
        registry: The KPIs that are there with it.
        stands: Whether it was applied, or is only written.
    """

    config: Config
    registry: Registry
    stands: Literal["applied", "written"]


def holding(app: App, window: Window, *, applied: bool) -> Holding:
    """Return what is written, or what was applied where a period keeps that.

    Args:
        app: The run.
        window: The period.
        applied: Answer by what was applied, be something else written or not.
    """
    present, written = app.definitions, app.written
    spell = present.at(window.start)
    if spell is not present:
        following = present.spells[present.spells.index(spell) + 1]
        note(
            f"Note: {window.period} keeps the config that holds for periods before"
            f" {following.since}; its lines are those of the files that were applied then."
        )
    elif not applied and present.files.contents != written.files.contents:
        if app.applied:
            note("Note: this isn't applied yet; --applied shows what scorecards go by.")
        return Holding(config=written.config, registry=app.registry, stands="written")
    stands: Literal["applied", "written"] = "applied" if app.applied else "written"
    return Holding(config=spell.config, registry=spell.registry, stands=stands)


def window_of(app: App, period: str | None) -> Window:
    """Return a period's window, or that of the quarter that holds the last day that counts."""
    return window_in(app.settings, app.clock(), period)


def window_in(settings: Settings, now: dt.datetime, period: str | None = None) -> Window:
    """Return the same by an organisation's settings."""
    calendar = settings.calendar
    as_of = calendar.as_of(settings.as_of, now)
    last = calendar.local_date(as_of - dt.timedelta(microseconds=1))
    return calendar.window(period or calendar.period_of("quarter", last), as_of)


def directory(app: App, config: Config, window: Window, *, whole: bool = False) -> Directory:
    """Return everybody whom a config's rules can tell apart."""
    from kamengine.scorecard.subjects import Directory

    return Directory(app.reader.at(window), config, window, whole=whole)


def known_of(
    app: App, config: Config, carrier: Carrier, subject: str, window: Window
) -> dict[str, str]:
    """Return what the log knows of a subject; nothing, said aloud, before the first replay."""
    from kamengine.scorecard.subjects import looks_at_managers

    if carrier != "account" and not looks_at_managers(config, carrier):
        return {}
    try:
        if carrier == "account":
            app.reader.attributes(subject, window.t1)
        return dict(directory(app, config, window).subject(carrier, subject).attributes)
    except KamengineError as error:
        what = "tier and segment" if carrier == "account" else "team and tenure"
        note(f"Note: {what} of {subject} aren't known here. {error}")
        return {}


def supposed(
    app: App, config: Config, subject: Subject, window: Window, given: Mapping[str, object]
) -> Subject:
    """Return a subject as if it had other attributes.

    Args:
        app: The run.
        config: Lists the tiers and segments, and has the rules.
        subject: As the log knows it.
        window: The period.
        given: What is supposed, by attribute; what is None isn't.

    Raises:
        click.UsageError: Such a subject has no such attribute, or there is no such tier or
            segment.
    """
    asked = {name: str(value) for name, value in given.items() if value is not None}
    strange = [name for name in asked if KEYS.get(name, name) not in LOOKED_AT[subject.type]]
    if strange:
        raise click.UsageError(f"--{OPTIONS.get(strange[0], strange[0])} is of no {subject.type}.")
    known = {"tier": config.organisation.tiers, "segment": config.organisation.segments}
    for name in known.keys() & asked.keys():
        if problem := one_of(name, known[name])(asked[name]):
            raise click.UsageError(f"{problem.what}: {asked[name]!r}; {problem.hint}.")
    owner = asked.get("manager")
    of_owner = dict(subject.attributes)
    if owner is not None:
        for name in ("team", "tenure"):
            of_owner.pop(name, None)
        of_owner |= _known_of_manager(app, config, owner, window)
    return msgspec.structs.replace(subject, attributes=of_owner | asked)


OPTIONS = {"manager": "owned-by", "team": "in-team"}
"""The options that aren't called as the attribute is, since these name subjects."""

KEYS = {"manager": "managers"}
"""The attributes that rules call otherwise."""


def _known_of_manager(app: App, config: Config, manager: str, window: Window) -> dict[str, str]:
    found = directory(app, config, window, whole=True).managers
    if manager not in found:
        note(f"Note: no event knows of a manager {manager} who was here in {window.period}.")
    return found.get(manager, {})


def subject_of(app: App, config: Config, carrier: str, subject: str, window: Window) -> Subject:
    """Return whom a question is about, with what the log knows of them."""
    kind = cast("Carrier", carrier)
    known = known_of(app, config, kind, subject, window)
    return Subject(id=subject, type=kind, attributes=known)
