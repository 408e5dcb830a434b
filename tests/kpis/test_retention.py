"""What the retention KPIs promise beyond single cases."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from kamengine.courier.client import Courier
from kamengine.kpi import SubjectType
from kamengine.plugins import Registry
from kamengine.testing.cases import Case, Expectation, run_case
from kamengine.value import Value
from tests.kpis.conftest import Simulated

GRAINS: tuple[SubjectType, ...] = ("account", "manager", "team", "segment", "organisation")


def test_two_hundred_customers(registry: Registry, tmp_path: Path, courier: Courier) -> None:
    """Of 200 customers 14 are lost; 3 who came and went inside the window change nothing."""
    staying = [_signed(f"staying-{n}", "2025-06-01", "2027-06-01") for n in range(186)]
    lost = [_signed(f"lost-{n}", "2025-06-01", f"2026-05-{n + 2:02}") for n in range(14)]
    passing = [_signed(f"passing-{n}", "2026-04-10", "2026-06-10") for n in range(3)]
    of: dict[str, str] = {"by": "organisation", "subject": "organisation", "period": "2026-Q2"}
    case = Case(
        name="200, 14 and 3",
        given=(*staying, *lost, *passing),
        expect=(
            _expect(of, value="0.07", numerator=14, denominator=200, count=200),
            _expect(of, kpi="retention_rate", value="0.93", numerator=186, denominator=200),
            _expect(of, kpi="customers_won_and_lost", value=3, count=3),
        ),
    )
    assert list(run_case(case, "customer_churn_rate", registry, tmp_path, courier)) == []


def test_gross_never_above_net_nor_above_one(simulated: Simulated) -> None:
    """Gross revenue retention leaves out gains, so it's at most 1 and at most net."""
    gross = _values("gross_revenue_retention", simulated)
    net = _values("net_revenue_retention", simulated)
    assert gross.keys() == net.keys()
    assert len(gross) > 1000
    assert all(_exact(value) <= min(Fraction(1), _exact(net[key])) for key, value in gross.items())
    assert any(_exact(net[key]) > 1 for key in gross)


def test_churn_and_retention_add_up_but_for_those_who_came_back(simulated: Simulated) -> None:
    """Whoever isn't retained churned; who both churned and is retained came back."""
    churn = _values("customer_churn_rate", simulated)
    retention = _values("retention_rate", simulated)
    accounts = [key for key in churn if key[0] == "account"]
    sums = {key: _exact(churn[key]) + _exact(retention[key]) for key in accounts}
    assert set(sums.values()) == {1, 2}
    starters = {(k[0], k[2]): v.denominator for k, v in churn.items() if k[0] == "organisation"}
    kept = {(k[0], k[2]): v.denominator for k, v in retention.items() if k[0] == "organisation"}
    assert starters == kept


def test_no_rebid_is_part_of_all_renewals(simulated: Simulated) -> None:
    """Without rebids there are at most as many renewals, of the same contracts."""
    every = _values("contract_renewal_rate", simulated)
    no_rebid = _values("contract_renewal_rate_no_rebid", simulated)
    assert {k: v.denominator for k, v in every.items()} == {
        k: v.denominator for k, v in no_rebid.items()
    }
    assert all(_exact(no_rebid[key]) <= _exact(value) for key, value in every.items())
    assert any(_exact(no_rebid[key]) < _exact(value) for key, value in every.items())


def test_nps_stays_within_its_bounds(simulated: Simulated) -> None:
    """No mix of answers leads beyond 100 points either way."""
    scores = _values("nps", simulated)
    assert {_exact(value) for value in scores.values()} >= {-100, 100}
    assert all(-100 <= _exact(value) <= 100 for value in scores.values())


def test_no_row_is_lost_or_told_twice_in_a_roll_up(simulated: Simulated) -> None:
    """Accounts add up to the organisation; managers and teams to the part that they answer for."""
    kept = _values("customer_churn_rate", simulated)
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (grain, _, period), value in kept.items():
        sums[grain, period] += value.denominator or 0
    periods = {period for _, _, period in kept}
    assert all(sums["account", p] == sums["organisation", p] for p in periods)
    assert all(sums["team", p] <= sums["manager", p] <= sums["account", p] for p in periods)
    assert any(sums["team", p] for p in periods)


def test_a_value_is_explained_by_every_event_it_rests_on(simulated: Simulated) -> None:
    """What an account is worth rests on its contract and on each amendment in force."""
    reader = simulated.reader
    kpi = reader.registry.kpi("net_revenue_retention")
    window = next(w for w in simulated.windows if w.period == "2024")
    told = reader.explain(kpi, "organisation", window, "organisation")
    assert sum(row.numerator or 0 for row in told.evidence) == told.value.numerator
    assert sum(row.denominator for row in told.evidence) == told.value.denominator
    assert all(row.positions for row in told.evidence)
    assert any(len(row.positions) > 2 for row in told.evidence)


def _signed(account: str, starts_on: str, ends_on: str) -> dict[str, object]:
    return {
        "id": f"{account}-signed",
        "type": "contract.signed",
        "account_id": account,
        "occurred_at": "2025-06-01",
        "data": {
            "contract_id": "k1",
            "starts_on": starts_on,
            "ends_on": ends_on,
            "annual_value": 100,
        },
    }


def _expect(of: dict[str, str], **wanted: str | int) -> Expectation:
    return Expectation(**of, **wanted)  # type: ignore[arg-type]


def _values(kpi_id: str, simulated: Simulated) -> dict[tuple[str, str, str], Value]:
    reader = simulated.reader
    kpi = reader.registry.kpi(kpi_id)
    return {
        (value.subject_type, value.subject, value.period): value
        for grain in GRAINS
        for value in reader.book.values(kpi, grain)
        if value.status == "ok"
    }


def _exact(value: Value) -> Fraction:
    assert value.numerator is not None
    assert value.denominator is not None
    return Fraction(value.numerator) / Fraction(value.denominator)
