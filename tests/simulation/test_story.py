from __future__ import annotations

from collections import Counter, defaultdict
from statistics import mean

import pytest

from kam_events.simulation import EXCELLENT, FADING, HEIR, LEAVER, NEGLECTED
from tests.simulation.conftest import Event, instant


def touches_by_month(events: list[Event], account: str) -> Counter[str]:
    return Counter(
        e["occurred_at"][:7]
        for e in events
        if e["type"] == "touch.logged" and e.get("account_id") == account
    )


def test_the_neglected_account_falls_silent_and_leaves(events: list[Event]) -> None:
    """Nobody touches it in its last four months; then its contract ends and it is closed."""
    (end,) = (e for e in events if e["type"] == "contract.ended" and e["account_id"] == NEGLECTED)
    touches = [
        e for e in events if e["type"] == "touch.logged" and e.get("account_id") == NEGLECTED
    ]
    assert end["data"]["reason"] == "not_renewed"
    assert (instant(end) - instant(touches[-1])).days > 120
    closing = [e for e in events if e["type"] == "account.closed" and e["account_id"] == NEGLECTED]
    assert len(closing) == 1


def test_the_fading_account_has_not_been_touched_lately_and_still_has_a_contract(
    events: list[Event],
) -> None:
    """It has been silent for two months or more, and its contract ends within two months."""
    last_day = events[-1]["occurred_at"][:10]
    assert max(touches_by_month(events, FADING)) < "2026-05"
    ends = [
        e["data"]["ends_on"]
        for e in events
        if e["type"] in ("contract.signed", "contract.renewed") and e["account_id"] == FADING
    ]
    assert last_day < max(ends) < "2026-09-01"


def test_a_manager_takes_over_a_portfolio_in_the_middle_of_a_quarter(events: list[Event]) -> None:
    """All accounts of the leaver go to the heir at one instant, more than a month into a quarter."""
    owners: dict[str, str] = {}
    handed: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event["type"] == "account.owner_assigned":
            before = owners.get(event["account_id"])
            owners[event["account_id"]] = event["manager_id"]
            if before == LEAVER and event["manager_id"] == HEIR:
                handed[event["occurred_at"]].add(event["account_id"])
    assert LEAVER not in owners.values()
    ((when, accounts),) = handed.items()
    assert len(accounts) >= 3
    assert int(when[5:7]) % 3 == 2
    left = next(e for e in events if e["type"] == "manager.left")
    assert left["manager_id"] == LEAVER
    assert left["occurred_at"] > when


def test_the_excellent_manager_is_recommended_more_than_the_others(events: list[Event]) -> None:
    """The mean nps score of the excellent manager's accounts is above that of all others."""
    owners: dict[str, str] = {}
    scores: dict[bool, list[int]] = {True: [], False: []}
    for event in events:
        if event["type"] == "account.owner_assigned":
            owners[event["account_id"]] = event["manager_id"]
        if event["type"] == "survey.responded" and event["data"]["kind"] == "nps":
            scores[owners[event["account_id"]] == EXCELLENT].append(event["data"]["score"])
    assert mean(scores[True]) > mean(scores[False]) + 0.3


@pytest.mark.parametrize(("more", "less"), [("A", "B"), ("B", "C")])
def test_higher_tiers_are_touched_more_often(events: list[Event], more: str, less: str) -> None:
    """An account of a higher tier has more touches than one of a lower tier, on average."""
    tiers = {e["account_id"]: e["data"]["tier"] for e in events if e["type"] == "account.opened"}
    touches = Counter(e.get("account_id") for e in events if e["type"] == "touch.logged")
    average = {t: mean(touches[a] for a in tiers if tiers[a] == t) for t in (more, less)}
    assert average[more] > 1.3 * average[less]


def test_about_a_tenth_of_the_accounts_leave_each_year(events: list[Event]) -> None:
    """Over three years between a tenth and half of the accounts see their contract end for good."""
    last: dict[str, str] = {}
    for event in events:
        if event["type"] in ("contract.signed", "contract.renewed", "contract.ended"):
            last[event["account_id"]] = event["type"]
    lost = sum(kind == "contract.ended" for kind in last.values())
    assert 0.08 < lost / len(last) < 0.5
