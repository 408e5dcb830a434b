"""The story in the simulated organisation is there in its numbers."""

from __future__ import annotations

from kam_events.simulation import HEIR, LEAVER, NEGLECTED
from kamengine.value import Value
from tests.kpis.conftest import Simulated
from tests.kpis.tally import of_type


def value(simulated: Simulated, kpi: str, account: str, period: str) -> Value:
    window = next(w for w in simulated.windows if w.period == period)
    return simulated.answers.value(simulated.reader.registry.kpi(kpi), "account", window, account)


def test_every_kpi_has_a_value(simulated: Simulated) -> None:
    """Whatever is asked of a demonstration, some period of the organisation answers."""
    silent = [
        kpi.id
        for kpi in simulated.reader.registry.kpis.values()
        if not any(
            found.status == "ok"
            for window in simulated.windows
            for found in simulated.answers.values(kpi, "organisation", window)
        )
    ]
    assert silent == []


def test_the_neglected_account_is_heard_of_less_and_less_and_leaves(simulated: Simulated) -> None:
    """Its gap grows month by month until its contract ends, and in that quarter it is lost."""
    (ended,) = (
        e for e in of_type(simulated.events, "contract.ended") if e["account_id"] == NEGLECTED
    )
    months = [w for w in simulated.windows if w.kind == "month" and w.t1 <= ended["occurred_at"]]
    gaps = [value(simulated, "contact_gap_days", NEGLECTED, w.period).value for w in months[-4:]]
    known = [gap for gap in gaps if gap is not None]
    assert len(known) == 4
    assert known == sorted(known)
    assert known[-1] > 90
    quarters = [w.period for w in simulated.windows if w.kind == "quarter"]
    lost = [q for q in quarters if value(simulated, "customer_churn_rate", NEGLECTED, q).value == 1]
    assert len(lost) == 1
    last = simulated.windows[[w.period for w in simulated.windows].index(lost[0])]
    assert last.t0 <= ended["occurred_at"] <= last.t1


def test_an_inherited_account_is_weighed_by_both_tenures(simulated: Simulated) -> None:
    """In the quarter of the handover some days are the leaver's, and the others the heir's."""
    (left,) = (e for e in of_type(simulated.events, "manager.left") if e["manager_id"] == LEAVER)
    window = next(
        w for w in simulated.windows if w.kind == "quarter" and w.t0 <= left["occurred_at"] < w.t1
    )
    score = simulated.reader.registry.kpi("kam_scorecard_score")
    inherited = 0
    for found in simulated.answers.values(score, "account", window):
        stints = simulated.answers.composed(score, "account", window, found.subject).stints
        managers = [stint.service.manager for stint in stints]
        if {LEAVER, HEIR} <= set(managers):
            inherited += 1
            assert managers.index(LEAVER) < managers.index(HEIR)
            assert 80 <= sum(stint.days for stint in stints) <= 92
    assert inherited >= 2
