"""What an organisation may have written: packs and YAML that say one thing or another.

The vocabulary and three KPIs are those that ship, cut down so that a replay is quick. Beside them
is a pack that is made on the fly, as somebody who edits a KPI would.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import msgspec

from kam_events.surveys import SURVEY_RESPONSES, SurveyRespondedV1
from kamengine import plugins
from kamengine.event import EventType
from kamengine.kpi import KPI, Formula, Operand, Params, Sum
from kamengine.plugins import Registry
from kamengine.replay.narrowing import narrowed
from kamengine.settings import Settings
from tests.bakery import Pack

SHIPPED = ("customer_churn_rate", "nps", "win_rate")
OWN = ("minutes_a_win", "touch_minutes")
KPIS = (*SHIPPED, *OWN)

BESIDE = ("managers", "team_membership")
EVENTS = ("account.opened", "account.closed", "account.merged")


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """What packs and YAML say.

    Attributes:
        at_least: How long a touch is to be counted, by the parameter of a KPI.
        counted: What is counted of it, by that KPI's SQL.
        version: The version that this KPI calls itself.
        own: Whether there are that KPI and the formula over it.
        answer: Which of several statements of an answer counts, by a projection.
        survey: The version of the event type of answers.
        active_by: What decides who is a customer.
        target: Of the minutes.
        weight: Of them.
        fiscal: The month in which the year begins.
        zone: Where days begin.
        kinds: Which periods are kept ready.
        as_of: The last day that counts in a period still open.
    """

    at_least: int = 0
    counted: Literal["minutes", "2 * minutes"] = "minutes"
    version: int = 1
    own: bool = True
    answer: Literal["last", "first"] = "last"
    survey: int = 1
    active_by: Literal["contracts", "accounts"] = "contracts"
    target: int = 100
    weight: int = 1
    fiscal: int = 1
    zone: str = "UTC"
    kinds: str = "month, quarter, year"
    as_of: str | None = None


OPTIONS: dict[str, tuple[Any, ...]] = {
    "at_least": (0, 30),
    "counted": ("minutes", "2 * minutes"),
    "version": (1, 2),
    "own": (True, False),
    "answer": ("last", "first"),
    "survey": (1, 2),
    "active_by": ("contracts", "accounts"),
    "target": (100, 200),
    "weight": (1, 3),
    "fiscal": (1, 4),
    "zone": ("UTC", "Europe/Berlin", "America/New_York"),
    "kinds": ("month, quarter, year", "month, quarter"),
    "as_of": (None, "2026-02-10", "2026-12-31"),
}
"""Every part of a wording, with what it may say."""


def reworded(wording: Wording, edits: Iterable[tuple[str, int]]) -> Wording:
    """Return what packs and YAML say after edits, each of which makes a part say another thing."""
    for name, number in edits:
        others = [option for option in OPTIONS[name] if option != getattr(wording, name)]
        wording = msgspec.structs.replace(wording, **{name: others[number % len(others)]})
    return wording


class Minutes(Params, frozen=True):
    """Which touches count."""

    at_least: int = 0


def own_kpis(wording: Wording) -> tuple[KPI, ...]:
    """Return the KPIs of the pack that is made on the fly."""
    told: dict[str, Any] = {
        "doc": "Ours.",
        "family": "relationship",
        "timing": "leading",
        "unit": "minutes",
        "better": "higher",
    }
    minutes = KPI(
        id="touch_minutes",
        version=wording.version,
        title="Minutes with customers",
        value=Sum(),
        params=Minutes(),
        empty="zero",
        sql=f"""
SELECT account_id, manager_id, occurred_at, {wording.counted} AS numerator, event_id,
    channel AS part
FROM touches
WHERE minutes >= $at_least
""",
        **told,
    )
    formula = KPI(
        id="minutes_a_win",
        version=1,
        title="Minutes a win",
        value=Formula(
            operands={"minutes": Operand(kpi="touch_minutes"), "wins": Operand(kpi="win_rate")},
            numerator="minutes",
            denominator="wins_numerator",
        ),
        **told,
    )
    return (minutes, formula)


@cache
def shipped() -> Registry:
    """Return what ships, cut down to what these histories speak of."""
    whole = plugins.load()
    few = narrowed(whole, SHIPPED, Settings(), beside=(*BESIDE, "touches"))
    few.event_types |= {name: whole.event_types[name] for name in EVENTS}
    return few


@cache
def registry_of(wording: Wording) -> Registry:
    """Return the registry of whoever has these packs installed."""
    registry = copy.copy(shipped())
    registry.event_types = dict(registry.event_types)
    registry.projections = dict(registry.projections)
    registry.kpis = dict(registry.kpis)
    registry.packs, registry.pack_of = list(registry.packs), dict(registry.pack_of)
    if wording.survey == 1:
        answered = registry.event_types["survey.responded"]
        registry.event_types["survey.responded"] = EventType(
            name=answered.name,
            data=SurveyRespondedV1,
            doc=answered.doc,
            account=answered.account,
            manager=answered.manager,
        )
    if wording.answer == "first":
        first = SURVEY_RESPONSES.sql.replace("occurred_at DESC, id DESC", "occurred_at, id")
        registry.projections["survey_responses"] = msgspec.structs.replace(
            SURVEY_RESPONSES, sql=first
        )
    if wording.own:
        taken = registry.add("house", Pack((), (), own_kpis(wording)))
        assert taken.status == "loaded", taken.reason
    return registry


def config_of(wording: Wording) -> dict[str, str]:
    """Return the files of the config, by name."""
    pinned = f"as_of: {wording.as_of}\n" if wording.as_of else ""
    own_goal = (
        f"touch_minutes:\n  target: {{floor: 0, target: {wording.target}}}\n"
        f"  params: {{at_least: {wording.at_least}}}\n"
    )
    return {
        "organisation": (
            f"name: House\nreporting_currency: EUR\ntime_zone: {wording.zone}\n"
            f"fiscal_year: {{starts: {wording.fiscal}, named_by: end}}\n"
            f"periods: [{wording.kinds}]\nactive_by: {wording.active_by}\n{pinned}"
        ),
        "kpis": (
            "nps:\n  target: {floor: 0, target: 50}\n"
            "win_rate:\n  target: {floor: 0%, target: 50%}\n"
            "customer_churn_rate:\n  target: {floor: 50%, target: 10%}\n"
            + (own_goal if wording.own else "")
        ),
        "scorecards": (
            "everybody:\n  for: [account, manager]\n  kpis:\n"
            "    nps: 1\n    win_rate: 1\n    customer_churn_rate: 1\n"
            + (f"    touch_minutes: {wording.weight}\n" if wording.own else "")
        ),
    }
