"""For each window's end, find the plan in force and what it was last given on each criterion."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    published, scores = defaultdict(list), defaultdict(list)
    for event in of_type(events, "plan.published"):
        published[event["account_id"]].append(event)
    for event in of_type(events, "plan.scored"):
        scores[event["account_id"]].append(event)
    tally = Tally()
    for window in windows:
        for account in published:
            plan = _in_force(published[account], window)
            if plan is None:
                continue
            latest = {
                event["data"]["criterion"]: event["data"]
                for event in scores[account]
                if event["data"]["plan_id"] == plan["data"]["plan_id"]
                and plan["occurred_at"] <= event["occurred_at"] < window.t1
            }
            for data in latest.values():
                weight = Decimal(data["weight"])
                tally.add(account, window, weight * data["score"], weight * data["max"])
    return tally.ratios()


def _in_force(published: list[Event], window: Window) -> Event | None:
    first: dict[tuple[str, int], Event] = {}
    for event in published:
        first.setdefault((event["data"]["plan_id"], event["data"]["version"]), event)
    so_far = [event for event in first.values() if event["occurred_at"] < window.t1]
    return max(
        so_far, key=lambda e: (e["occurred_at"], e["data"]["version"], e["id"]), default=None
    )
