"""Deals, revenue, issues, surveys and scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from benchmarks.fold.cells import Account, Cell, Event, Ledger, Organisation
from benchmarks.fold.moments import MILLION, Months, day_of, micros, millionths, rounded
from benchmarks.fold.touches import Talks

DAY, HOUR = 86_400, 3_600
PROMOTES, PASSIVE, CONTENT = 9, 7, 4
CSAT_SCALE = (1, 5)


class Deal:
    """A deal, as far as its steps have told."""

    def __init__(self) -> None:
        self.opened: Event | None = None
        self.closed: Event | None = None
        self.outcome: str | None = None
        self.opened_by: str | None = None
        self.closed_by: str | None = None


def settle_deals(account: Account, ledger: Ledger, talks: Talks) -> None:
    """Count deals opened, won and lost, how long those won took, and after how many touches."""
    for deal_id, deal in _deals(account.deals).items():
        opened, closed, won = deal.opened, deal.closed, deal.outcome == "won"
        manager = deal.closed_by or deal.opened_by
        if opened and (cell := ledger.cell(opened.at, manager)):
            events = [step.position for step in (opened, closed) if step]
            cell.add("opportunity_conversion_rate", MILLION * won, MILLION, events)
        if closed is None or (cell := ledger.cell(closed.at, manager)) is None:
            continue
        cell.add("win_rate", MILLION * won, MILLION, (closed.position,))
        if not won:
            continue
        if opened and opened.at <= closed.at:
            events = [opened.position, closed.position]
            _sample(cell, "time_to_close", micros(opened.at, closed.at), DAY, events)
        counted = [
            position
            for at, position in talks.of_deal.get(deal_id, ())
            if at <= closed.at and (opened is None or opened.at <= at)
        ]
        events = [closed.position, *counted]
        cell.add("touches_to_closure", MILLION * len(counted), MILLION, events)


def _deals(events: list[Event]) -> dict[str, Deal]:
    deals: defaultdict[str, Deal] = defaultdict(Deal)
    for event in sorted(events):
        deal = deals[event.data["deal_id"]]
        if event.kind == "deal.opened":
            if deal.opened is None:
                deal.opened = event
            deal.opened_by = deal.opened_by or event.manager
        elif event.kind == "deal.closed":
            deal.closed, deal.closed_by = event, event.manager or deal.closed_by
            deal.outcome = event.data["outcome"]
    return deals


def _sample(cell: Cell, kpi: str, length: int, per: int, events: Iterable[int]) -> None:
    cell.add(kpi, length, per * MILLION, events)
    cell.tallies[kpi].samples.append(length)


def settle_revenue(
    account: Account, ledger: Ledger, organisation: Organisation, months: Months
) -> None:
    """Add up revenue in the months that it was earned in."""
    for at, _, position, _, manager, data in account.revenue:
        amount = organisation.worth(millionths(data["amount"]), data.get("currency"), at)
        for moment, part in _parts(data, amount, months):
            owned = ledger.cell(moment)
            if owned is None:
                continue
            owned.add("revenue_per_account", part, 0, (position,))
            earned = (ledger.cell(moment, manager) or owned) if manager else owned
            earned.add("sales_revenue", part, MILLION, (position,))


def _parts(data: dict[str, Any], amount: int, months: Months) -> list[tuple[datetime, int]]:
    """Return an amount month by month, by days; parts are differences of rounded positions."""
    start, end = day_of(data["period_start"]), day_of(data["period_end"])
    if (end - timedelta(days=1)).replace(day=1) == start.replace(day=1):
        return [(months.start(start), amount)]
    parts, days, part_start = [], (end - start).days, start
    while part_start < end:
        following = min(_next_month(part_start), end)
        before, so_far = (part_start - start).days, (following - start).days
        part = rounded(amount * so_far, days) - rounded(amount * before, days)
        parts.append((months.start(part_start), part))
        part_start = following
    return parts


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def settle_issues(account: Account, ledger: Ledger) -> None:
    """Measure how long issues took that stayed resolved.

    Raises:
        ValueError: One was resolved before it was opened.
    """
    opened: dict[str, Event] = {}
    turned: dict[str, Event] = {}
    for event in sorted(account.issues):
        if event.kind == "issue.opened":
            opened.setdefault(event.data["issue_id"], event)
        else:
            turned[event.data["issue_id"]] = event
    for issue, first in opened.items():
        last = turned.get(issue)
        if last is None or last.kind == "issue.reopened":
            continue
        if last.at < first.at:
            raise ValueError(f"{issue} of {account.name} is resolved before it is opened")
        if cell := ledger.cell(last.at):
            length = micros(first.at, last.at)
            _sample(cell, "issue_resolution_time", length, HOUR, (first.position, last.position))


def settle_answers(account: Account, ledger: Ledger) -> None:
    """Rate answers; of those that a contact gives in a month, the last one counts for NPS."""
    answers = {e.data.get("response_id") or e.id: e for e in sorted(account.answers)}
    latest: dict[tuple[int, str], tuple[datetime, int, Cell, Event]] = {}
    for answer_id, event in answers.items():
        cell = ledger.cell(event.at, None if account.name else event.manager)
        if cell is None:
            continue
        score, kind = event.data["score"], event.data["kind"]
        if kind == "csat" and _scale(event.data) == CSAT_SCALE:
            cell.add("csat", MILLION * (score >= CONTENT), MILLION, (event.position,))
        if kind == "nps":
            contact = event.data.get("contact_id")
            item = f"contact {contact}" if contact else f"answer {answer_id}"
            rating = MILLION * 100 * ((score >= PROMOTES) - (score < PASSIVE))
            key = (cell.month, item)
            if key not in latest or latest[key][:2] <= (event.at, rating):
                latest[key] = (event.at, rating, cell, event)
    for _, rating, cell, event in latest.values():
        cell.add("nps", rating, MILLION, (event.position,))


def _scale(data: dict[str, Any]) -> tuple[object, object]:
    return data.get("scale_min", CSAT_SCALE[0]), data.get("scale_max", CSAT_SCALE[1])


def settle_scores(account: Account, ledger: Ledger, months: Months) -> None:
    """Let the last score of each criterion stand at every month's end until the next one."""
    standing: dict[str, Event] = {}
    waiting = sorted(account.scores, key=_by_score)
    place = 0
    for month in range(len(months)):
        while place < len(waiting) and waiting[place].at < months.turns[month + 1]:
            standing[waiting[place].data["criterion"]] = waiting[place]
            place += 1
        for event in standing.values():
            score = event.data["score"]
            value, weight = (0, 0) if score is None else (millionths(score), MILLION)
            cell = ledger.in_month(event.at, month)
            cell.add("key_account_score", value, weight, (event.position,))


def _by_score(event: Event) -> tuple[datetime, int, bool, str]:
    score = event.data["score"]
    return event.at, millionths(score or 0), score is not None, event.id
