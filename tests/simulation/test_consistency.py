from __future__ import annotations

import datetime as dt
from collections import defaultdict

from tests.simulation.conftest import Event, instant


def of(events: list[Event], *types: str) -> list[Event]:
    return [e for e in events if e["type"] in types]


def first_by(events: list[Event], kind: str, field: str) -> dict[str, int]:
    """Map an id to the place in the log of the first event of a type that states it."""
    places: dict[str, int] = {}
    for place, event in enumerate(events):
        if event["type"] == kind:
            places.setdefault(event["data"][field], place)
    return places


def assert_follows(events: list[Event], later: str, earlier: str, field: str) -> None:
    """Each event of one type comes after one of another with the same id, and there are some."""
    places = first_by(events, earlier, field)
    followers = [(p, e["data"][field]) for p, e in enumerate(events) if e["type"] == later]
    assert followers
    assert all(key in places and places[key] < place for place, key in followers)


def test_nothing_happens_to_an_account_before_it_is_opened(events: list[Event]) -> None:
    """An account's first event is its opening; it is opened once."""
    seen: set[str] = set()
    for event in events:
        account = event.get("account_id")
        if account is not None and account not in seen:
            assert event["type"] == "account.opened"
            seen.add(account)
    assert len(seen) == len(of(events, "account.opened")) == 60


def test_nobody_acts_before_being_hired(events: list[Event]) -> None:
    """A manager's first event is the hiring."""
    seen: set[str] = set()
    for event in events:
        manager = event.get("manager_id")
        if manager is not None and manager not in seen:
            assert event["type"] == "manager.hired"
            seen.add(manager)
    assert len(seen) == 8


def test_nobody_touches_an_account_after_leaving(events: list[Event]) -> None:
    """After manager.left the manager's id appears no more."""
    gone: set[str] = set()
    for event in events:
        assert event.get("manager_id") not in gone
        if event["type"] == "manager.left":
            gone.add(event["manager_id"])
    assert gone


def test_accounts_have_an_owner_before_they_are_touched(events: list[Event]) -> None:
    """Every touch of an account comes after somebody was made its owner."""
    owned: set[str] = set()
    for event in of(events, "account.owner_assigned", "touch.logged"):
        if event["type"] == "account.owner_assigned":
            owned.add(event["account_id"])
        elif "account_id" in event:
            assert event["account_id"] in owned


def test_only_people_who_are_there_are_spoken_with(events: list[Event]) -> None:
    """The contacts of a touch were added to that account before and haven't left it."""
    there: dict[str, set[str]] = defaultdict(set)
    for event in of(events, "contact.added", "contact.left", "touch.logged"):
        data, account = event["data"], event.get("account_id", "")
        if event["type"] == "contact.added":
            there[account].add(data["contact_id"])
        elif event["type"] == "contact.left":
            there[account].remove(data["contact_id"])
        else:
            assert set(data.get("contact_ids", ())) <= there[account]


def test_who_answers_a_survey_is_a_contact_of_that_account(events: list[Event]) -> None:
    """Every answer of a customer comes from a contact that was added to the account before."""
    added: set[tuple[str, str]] = set()
    for event in of(events, "contact.added", "survey.responded"):
        key = (event.get("account_id"), event["data"].get("contact_id"))
        if event["type"] == "contact.added":
            added.add(key)
        elif event["data"]["kind"] != "esat":
            assert key in added


def test_deals_are_opened_then_staged_then_closed_once(events: list[Event]) -> None:
    """A deal is closed at most once and after its opening, and some are still open."""
    assert_follows(events, "deal.closed", "deal.opened", "deal_id")
    assert_follows(events, "deal.stage_changed", "deal.opened", "deal_id")
    closed = [e["data"]["deal_id"] for e in of(events, "deal.closed")]
    opened = [e["data"]["deal_id"] for e in of(events, "deal.opened")]
    assert len(set(closed)) == len(closed) < len(opened) == len(set(opened))
    stages: dict[str, list[float]] = defaultdict(list)
    for event in of(events, "deal.stage_changed"):
        stages[event["data"]["deal_id"]].append(event["data"]["probability"])
    assert all(steps == sorted(steps) for steps in stages.values())


def test_touches_about_a_deal_lie_between_its_opening_and_closing(events: list[Event]) -> None:
    """A touch names a deal only of its own account and while the deal is open."""
    running: dict[str, str] = {}
    tagged = 0
    for event in of(events, "deal.opened", "deal.closed", "touch.logged"):
        deal = event["data"].get("deal_id")
        if event["type"] == "deal.opened":
            running[deal] = event["account_id"]
        elif event["type"] == "deal.closed":
            del running[deal]
        elif deal is not None:
            tagged += 1
            assert running[deal] == event["account_id"]
    assert tagged > len(of(events, "deal.opened"))


def test_a_deals_products_add_up_to_its_amount(events: list[Event]) -> None:
    """The parts by product sum to the amount to the cent."""
    for event in of(events, "deal.opened", "deal.closed"):
        data = event["data"]
        if "products" in data:
            cents = sum(int(part.replace(".", "")) for part in data["products"].values())
            assert cents == int(data["amount"].replace(".", ""))


def test_contracts_are_renewed_amended_and_ended_after_they_were_signed(
    events: list[Event],
) -> None:
    """Whatever happens to a contract happens after it came into being, signed or renewed."""
    known: dict[str, tuple[str, str]] = {}
    ended: dict[str, str] = {}
    for event in events:
        data = event["data"]
        if event["type"] in ("contract.signed", "contract.renewed"):
            assert data["contract_id"] not in known
            assert data["starts_on"] < data["ends_on"]
            known[data["contract_id"]] = (event["account_id"], data["ends_on"])
        if event["type"] == "contract.renewed":
            account, ends_on = known[data["prior_contract_id"]]
            assert account == event["account_id"]
            assert data["starts_on"] <= ends_on
        if event["type"] in ("contract.amended", "contract.ended"):
            assert data["contract_id"] not in ended
            assert data["effective_on"] <= known[data["contract_id"]][1]
        if event["type"] == "contract.ended":
            ended[data["contract_id"]] = data["reason"]
    assert set(ended.values()) == {"cancelled", "not_renewed", "superseded"}


def test_contracts_come_to_every_kind_of_end(events: list[Event]) -> None:
    """Some renewals are early, some late, some rebid; some contracts lapse without a word."""
    renewals = of(events, "contract.renewed")
    ends = {
        e["data"]["contract_id"]: e["data"]["ends_on"]
        for e in of(events, "contract.signed", "contract.renewed")
    }
    before = [e["occurred_at"][:10] < ends[e["data"]["prior_contract_id"]] for e in renewals]
    assert any(before)
    assert not all(before)
    assert 0 < sum("rebid" in e["data"] for e in renewals) < len(renewals) / 2
    followed = {e["data"]["prior_contract_id"] for e in renewals}
    ended = {e["data"]["contract_id"] for e in of(events, "contract.ended")}
    last_day = events[-1]["occurred_at"][:10]
    assert any(c not in followed | ended for c, ends_on in ends.items() if ends_on < last_day)


def test_issues_are_resolved_and_reopened_in_turn(events: list[Event]) -> None:
    """An issue is opened, then resolved; only a resolved one is reopened; some stay open."""
    state: dict[str, str] = {}
    allowed = {
        "issue.opened": {None},
        "issue.resolved": {"issue.opened", "issue.reopened"},
        "issue.reopened": {"issue.resolved"},
    }
    for event in of(events, *allowed):
        issue = event["data"]["issue_id"]
        assert state.get(issue) in allowed[event["type"]]
        state[issue] = event["type"]
    assert of(events, "issue.reopened")
    assert "issue.opened" in state.values()


def test_what_refers_to_something_comes_after_it(events: list[Event]) -> None:
    """Leads, calls, reviews, actions, goals, proposals, sightings and trainings keep their order."""
    assert_follows(events, "lead.qualified", "lead.created", "lead_id")
    assert_follows(events, "lead.converted", "lead.created", "lead_id")
    assert_follows(events, "call.answered", "call.received", "call_id")
    assert_follows(events, "review.held", "review.scheduled", "review_id")
    assert_follows(events, "plan.scored", "plan.published", "plan_id")
    assert_follows(events, "plan.action_set", "plan.published", "plan_id")
    assert_follows(events, "plan.action_completed", "plan.action_set", "action_id")
    assert_follows(events, "goal.progressed", "goal.set", "goal_id")
    assert_follows(events, "proposal.rated", "proposal.submitted", "proposal_id")
    assert_follows(events, "competitor.responded", "competitor.sighted", "sighting_id")
    assert_follows(events, "reference.withdrawn", "reference.agreed", "contact_id")
    assert_follows(events, "training.completed", "training.assigned", "course_id")
    assert_follows(events, "onboarding.completed", "contract.signed", "contract_id")


def test_revenue_is_posted_once_a_month_for_an_account_and_product(events: list[Event]) -> None:
    """No account is billed twice for the same product and month, nor for more than a month."""
    posted = [
        (e["account_id"], e["data"]["product"], e["data"]["period_start"])
        for e in of(events, "revenue.recognized")
    ]
    assert len(set(posted)) == len(posted)
    for event in of(events, "revenue.recognized"):
        start, end = (
            dt.date.fromisoformat(event["data"][f]) for f in ("period_start", "period_end")
        )
        assert start.day == end.day == 1
        assert 28 <= (end - start).days <= 31
        assert start <= instant(event).date() < end


def test_a_rate_stands_before_anything_is_billed_in_euros(events: list[Event]) -> None:
    """The first exchange rate is the first event that knows of euros."""
    euros = [
        e for e in events if "EUR" in (e["data"].get("currency"), e["data"].get("from_currency"))
    ]
    assert euros[0]["type"] == "fx.rate_set"
    assert any(e["type"] == "revenue.recognized" for e in euros)


def test_some_criteria_do_not_apply(events: list[Event]) -> None:
    """A key account's score is null now and then, and otherwise from 1 to 10."""
    scores = [e["data"]["score"] for e in of(events, "key_account.scored")]
    assert 0.05 < scores.count(None) / len(scores) < 0.2
    assert {s for s in scores if s is not None} <= set(range(1, 11))


def test_some_people_answer_twice_in_a_quarter(events: list[Event]) -> None:
    """Somebody's later answer replaces an earlier one, so that taking the latest matters."""
    answers = [
        (e["data"]["contact_id"], e["data"]["survey_id"])
        for e in of(events, "survey.responded")
        if e["data"]["kind"] == "nps"
    ]
    assert len(set(answers)) < len(answers)
