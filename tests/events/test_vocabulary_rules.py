"""What holds for every event type and every projection of the vocabulary."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from kam_events import FAMILIES
from kam_events.touches import TouchLogged
from kamengine.event import EventType, columns_of
from kamengine.plugins import Registry
from kamengine.projection import Projection
from tests.events.history import ENVELOPE, History

PROJECTIONS = [p for family in FAMILIES for p in family.PROJECTIONS]
EVENT_TYPES = [t for family in FAMILIES for t in family.EVENT_TYPES]

HEADINGS = {
    "accounts and people",
    "touches, plans, outcomes",
    "deals and money",
    "contracts, renewals, risk",
    "surveys and learning",
}

DAY = "2026-01-{:02}T12:00:00"
JANUARY = {"period_start": "2026-01-20", "period_end": "2026-02-20"}
"""A period that ends in another month, so that it is cut."""

UNDERSTOOD = {"importance": 3, "understanding": 4, "validated_by_customer": True}

PROSPECT: dict[str, Any] = {"deal_id": "prospect", "manager": "kim", "kind": "new"}

STATEMENTS: list[tuple[str, dict[str, Any]]] = [
    ("account.opened", {"name": "A", "segment": "smb", "manager": "kim"}),
    ("account.changed", {"segment": "enterprise"}),
    ("account.owner_assigned", {"manager": "lee"}),
    ("account.closed", {}),
    ("account.opened", {"name": "A"}),
    ("contact.added", {"contact_id": "c", "role": "champion"}),
    ("contact.changed", {"contact_id": "c", "role": "user"}),
    ("manager.hired", {"manager": "kim", "name": "Kim", "hired_on": "2020-01-01", "team": "n"}),
    ("manager.team_assigned", {"manager": "kim", "team": "s"}),
    ("key_account.scored", {"criterion": "fit", "score": 3}),
    ("key_account.scored", {"criterion": "fit", "score": 4}),
    ("touch.logged", {"manager": "kim", "channel": "email", "thread_id": "t"}),
    ("touch.logged", {"manager": "kim", "channel": "call", "contact_ids": ["c"], "touch_id": "x"}),
    ("touch.logged", {"manager": "kim", "channel": "call", "contact_ids": ["c"], "touch_id": "x"}),
    ("review.scheduled", {"manager": "kim", "review_id": "r", "due_on": "2026-02-01"}),
    ("review.held", {"manager": "kim", "review_id": "r"}),
    ("named_list.set", {"list_id": "strategic", "account_ids": ["acme", "zeta"]}),
    ("plan.published", {"manager": "kim", "plan_id": "p", "version": 1}),
    ("plan.scored", {"plan_id": "p", "criterion": "c", "score": 3, "max": 5, "weight": 1}),
    ("plan.scored", {"plan_id": "p", "criterion": "c", "score": 4, "max": 5, "weight": 1}),
    ("needs.assessed", {"need_id": "n", **UNDERSTOOD}),
    ("needs.assessed", {"need_id": "n", **UNDERSTOOD}),
    ("proposal.submitted", {"proposal_id": "p", "need_ids": ["n"]}),
    ("proposal.rated", {"proposal_id": "p", "score": 4, "rater": "customer"}),
    ("mention.captured", {"mention_id": "m", "channel": "news", "sentiment": "positive"}),
    ("reference.agreed", {"contact_id": "c"}),
    ("reference.withdrawn", {}),
    ("plan.action_set", {"action_id": "a", "plan_id": "p", "due_on": "2026-02-01"}),
    ("plan.action_completed", {"action_id": "a"}),
    (
        "goal.set",
        {"goal_id": "g", "owner": "us", "baseline": 0, "target": 1, "due_on": "2026-02-01"},
    ),
    ("goal.progressed", {"goal_id": "g", "value": 1}),
    ("referral.received", {"referral_id": "r"}),
    ("lead.created", {"lead_id": "l"}),
    ("lead.converted", {"lead_id": "l"}),
    ("deal.opened", {"manager": "kim", "deal_id": "d", "kind": "new", "amount": 5}),
    ("deal.stage_changed", {"deal_id": "d", "stage": "s", "probability": "0.5"}),
    (
        "deal.closed",
        {"deal_id": "d", "outcome": "won", "amount": 4, "currency": "EUR", "products": {"p": 3}},
    ),
    ("fx.rate_set", {"from_currency": "EUR", "to_currency": "USD", "rate": "1.1"}),
    ("revenue.recognized", {"amount": 10, "currency": "EUR", **JANUARY}),
    ("cost.recorded", {"amount": 10, "kind": "cogs", **JANUARY}),
    ("pnl.posted", {"line": "net_income", "amount": 10, **JANUARY}),
    ("wallet.estimated", {"category": "crm", "total_spend": 10, **JANUARY}),
    ("wallet.estimated", {"category": "crm", "total_spend": 11, **JANUARY}),
    ("usage.measured", {"product": "crm", "used": 1, "entitled": 3, **JANUARY}),
    ("usage.measured", {"product": "crm", "used": 2, "entitled": 3, **JANUARY}),
    ("onboarding.completed", {"contract_id": "c1"}),
    (
        "contract.signed",
        {
            "contract_id": "c1",
            "starts_on": "2026-01-01",
            "ends_on": "2026-03-01",
            "annual_value": 9,
        },
    ),
    (
        "contract.renewed",
        {
            "contract_id": "c2",
            "prior_contract_id": "c1",
            "starts_on": "2026-02-01",
            "ends_on": "2027-02-01",
            "annual_value": 9,
        },
    ),
    (
        "contract.amended",
        {"contract_id": "c2", "effective_on": "2026-05-01", "annual_value_change": 1},
    ),
    (
        "contract.ended",
        {"contract_id": "c2", "effective_on": "2026-06-01", "reason": "cancelled"},
    ),
    ("issue.opened", {"issue_id": "i"}),
    ("issue.resolved", {"issue_id": "i"}),
    ("competitor.sighted", {"sighting_id": "s"}),
    ("competitor.responded", {"sighting_id": "s"}),
    ("risk.assessed", {"likelihood": "0.5", "impact": 9}),
    ("supplier.status_changed", {"category": "paper", "status": "sole"}),
    ("supplier.counted", {"category": "paper", "count": 3}),
    ("call.received", {"call_id": "c"}),
    ("call.answered", {"call_id": "c"}),
    ("survey.responded", {"kind": "csat", "score": 4, "scale_min": 1, "scale_max": 5}),
    (
        "assessment.completed",
        {"manager": "kim", "instrument": "i", "competency": "c", "score": 3, "max": 4},
    ),
    ("training.assigned", {"manager": "kim", "course_id": "c", "due_on": "2026-02-01"}),
    ("training.completed", {"manager": "kim", "course_id": "c"}),
    ("campaign.targeted", {"campaign_id": "c"}),
    ("campaign.targeted", {"campaign_id": "c"}),
    ("propensity.scored", {"kind": "upsell", "probability": "0.5"}),
    ("propensity.scored", {"kind": "upsell", "probability": "0.6"}),
    ("web.visits_counted", {"visits": 9, **JANUARY}),
    ("web.goal_counted", {"goal_id": "demo", "count": 2, **JANUARY}),
]
"""Something for every projection, with things stated twice."""


@pytest.fixture
def busy(history: History) -> History:
    """Two accounts, and no account, with the same facts under the same ids; a shared deal."""
    for account in ("acme", "zeta", None):
        for place, (name, data) in enumerate(STATEMENTS):
            presence = history.registry.event_types[name].account
            if account or (presence != "required" and not name.startswith("deal.")):
                instant = DAY.format(place % 28 + 1)
                history.state(name, instant, id=f"{account} {place}", account=account, **data)
    history.state("deal.opened", DAY.format(3), id="prospect", account=None, **PROSPECT)
    history.state("deal.closed", DAY.format(9), id="won", deal_id="prospect", outcome="won")
    return history


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: str(p.name))
class TestEveryProjection:
    def test_its_key_is_unique(self, busy: History, projection: Projection) -> None:
        """No two rows have the same key, and there are rows to tell."""
        rows = busy.rows(projection.name, ", ".join(projection.key))
        assert rows
        assert len(set(rows)) == len(rows)

    def test_an_account_has_the_same_rows_alone_as_among_others(
        self, busy: History, projection: Projection
    ) -> None:
        """Rows of an account rest on its own facts and on those of no account: nothing else."""
        columns = busy.columns(projection.name)
        if "account_id" not in columns:
            return
        among, alone = (
            [row for row in busy.rows(projection.name, ", ".join(columns), account=account)
             if row[columns.index("account_id")] == "acme"]
            for account in (None, "acme")
        )  # fmt: skip
        assert among
        assert alone == among

    def test_it_says_in_one_sentence_what_a_row_is(
        self, registry: Registry, projection: Projection
    ) -> None:
        """The documentation and the command line show the sentence."""
        assert projection.doc.startswith(("One row per ", "The account of each deal"))
        assert projection.doc.endswith(".")
        assert registry.projections[projection.name] is projection


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda t: str(t.name))
class TestEveryEventType:
    def test_it_is_named_and_explained(self, registry: Registry, event_type: EventType) -> None:
        """``noun.verb``, one sentence of meaning, and the heading that it stands under."""
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event_type.name)
        assert re.fullmatch(r"[A-Z][^\n]+\.", event_type.doc)
        assert event_type.family in HEADINGS
        assert registry.event_types[event_type.name] is event_type

    def test_no_field_takes_the_place_of_an_envelope_column(
        self, registry: Registry, event_type: EventType
    ) -> None:
        """A fact table has one column of a name."""
        for version in range(1, event_type.version + 1):
            data = registry.event_types[event_type.name].data_of(version)
            assert data is not None
            assert not set(columns_of(data)) & set(ENVELOPE)


def test_the_vocabulary_is_complete(registry: Registry) -> None:
    """Every type of the five families is there; the programme's own come with its commands."""
    assert len(registry.fact_types) == 69
    assert {t.family for t in registry.fact_types.values()} == HEADINGS


def test_touches_are_validated_without_a_call_into_python() -> None:
    """Most of a log is touches: a check in Python would be paid at every append."""
    assert not hasattr(TouchLogged, "__post_init__")


@pytest.mark.parametrize(
    ("name", "data", "clause"),
    [
        ("account.changed", {}, "nothing is changed; state at least one of name, segment, tier"),
        (
            "contact.changed",
            {"contact_id": "c"},
            "nothing is changed; state at least one of role, influence",
        ),
        ("contact.added", {"contact_id": "", "role": "user"}, "Expected `str` of length >= 1"),
        ("contact.added", {"contact_id": "c", "role": "boss"}, "Invalid enum value 'boss'"),
        (
            "contact.added",
            {"contact_id": "c", "role": "user", "influence": 11},
            "Expected `int` <= 10",
        ),
        ("key_account.scored", {"criterion": "fit", "score": 0}, "Expected `int` >= 1"),
        ("key_account.scored", {"criterion": "fit"}, "Object missing required field `score`"),
        ("touch.logged", {"channel": "fax"}, "Invalid enum value 'fax'"),
        ("touch.logged", {"channel": "call", "quality": 6}, "Expected `int` <= 5"),
        ("touch.logged", {"channel": "call", "minutes": -1}, "Expected `int` >= 0"),
        (
            "touch.logged",
            {"channel": "chat", "replied_at": "2026-01-01T00:00:00"},
            "Expected `datetime` with a timezone component",
        ),
        (
            "plan.scored",
            {"plan_id": "p", "criterion": "c", "score": 6, "max": 5, "weight": 1},
            "`score` 6 isn't on a scale from 0 to `max` 5",
        ),
        (
            "plan.scored",
            {"plan_id": "p", "criterion": "c", "score": 1, "max": 5, "weight": 1_000_001},
            "`weight` must lie between 0 and 1000000",
        ),
        (
            "plan.scored",
            {"plan_id": "p", "criterion": "c", "score": 1, "max": 10**10, "weight": 1},
            "`max` must lie between 0 and 1000000000",
        ),
        (
            "collaboration.rated",
            {"rater_id": "r", "score": 0, "scale_max": 5},
            "`score` 0 isn't on a scale from 1 to 5",
        ),
        (
            "goal.set",
            {"goal_id": "g", "owner": "us", "baseline": 1, "target": 1, "due_on": "2026-01-01"},
            "`target` must differ from `baseline`; both are 1",
        ),
        ("deal.closed", {"deal_id": "d", "outcome": "open"}, "Invalid enum value 'open'"),
        (
            "deal.opened",
            {"deal_id": "d", "kind": "new", "probability": "1.01"},
            "`probability` must lie between 0 and 1",
        ),
        (
            "deal.opened",
            {"deal_id": "d", "kind": "new", "products": {"crm": "Infinity"}},
            "`products.crm` must be a finite number, not Infinity",
        ),
        (
            "deal.opened",
            {"deal_id": "d", "kind": "new", "amount": "0.1234567"},
            "`amount` has more than 6 digits after the point",
        ),
        (
            "deal.opened",
            {"deal_id": "d", "kind": "new", "amount": "1.0000000000000000000000000000000001"},
            "`amount` has more than 6 digits after the point",
        ),
        (
            "deal.opened",
            {"deal_id": "d", "kind": "new", "amount": 10**18 + 1},
            "`amount` must lie between -1000000000000000000 and 1000000000000000000",
        ),
        (
            "deal.opened",
            {"deal_id": "d", "kind": "new", "currency": "usd"},
            "Expected `str` matching regex",
        ),
        (
            "revenue.recognized",
            {"amount": 1, "period_start": "2026-01-01", "period_end": "2026-01-01"},
            "`period_end` 2026-01-01 must come after `period_start` 2026-01-01",
        ),
        (
            "cost.recorded",
            {"amount": 1, "kind": "cogs", "period_start": "0001-01-01", "period_end": "9999-01-01"},
            "`period_start` and `period_end` lie more than 100 years apart",
        ),
        (
            "fx.rate_set",
            {"from_currency": "EUR", "to_currency": "USD", "rate": 0},
            "`rate` must lie between 0.000001 and 100000000",
        ),
        (
            "fx.rate_set",
            {"from_currency": "EUR", "to_currency": "EUR", "rate": 2},
            "`rate` of EUR to itself must be 1",
        ),
        (
            "contract.signed",
            {
                "contract_id": "c",
                "starts_on": "2026-02-01",
                "ends_on": "2026-01-01",
                "annual_value": 1,
            },
            "`ends_on` 2026-01-01 must come after `starts_on` 2026-02-01",
        ),
        (
            "contract.renewed",
            {
                "contract_id": "c",
                "prior_contract_id": "c",
                "starts_on": "2026-01-01",
                "ends_on": "2027-01-01",
                "annual_value": 1,
            },
            "`prior_contract_id` c is the contract itself",
        ),
        ("risk.assessed", {"likelihood": 2, "impact": 1}, "`likelihood` must lie between 0 and 1"),
    ],
)
def test_what_cant_be_is_refused_in_one_clause(
    registry: Registry, name: str, data: dict[str, object], clause: str
) -> None:
    """Each range and each rule across fields says what it found and what it wants."""
    with pytest.raises(msgspec.ValidationError, match="^" + re.escape(clause)):
        msgspec.convert(data, registry.event_types[name].data)
