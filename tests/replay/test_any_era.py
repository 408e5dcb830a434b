"""Any eras, any path: each period has the values that its definitions give to all periods alone."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamengine.courier.client import Courier
from kamengine.log.contract import NewEvent
from kamengine.plugins import Registry
from kamengine.settings import Settings
from tests.bakery import KPIS, PROJECTIONS, Pack, Row, edited, edited_projection, registry_of
from tests.replay.test_any_path import histories
from tests.replay.test_eras import Bakery

SETTINGS = Settings(as_of="2026-04-15")
DAYS = [dt.date(2026, *day) for day in ((1, 1), (2, 1), (2, 10), (3, 1), (4, 1), (6, 1))]
DRAWN = {"turnover", "breads_bought", "per_bread", "standing_ratings", "returning"}
"""One of each kind that eras could part wrongly; each costs every replay some 30 ms."""

REGISTRIES: dict[str, Registry] = {}
PARTS: dict[str, dict[str, object]] = {
    "as it was": {},
    "a KPI edited": {"kpis": edited("turnover", sql=KPIS[0].sql + " AND amount > 20")},
    "a KPI broken": {"kpis": edited("turnover", sql="SELECT 1 AS one")},
    "KPIs gone": {"kpis": [k for k in KPIS if k.id not in {"standing_ratings", "per_bread"}]},
    "an anchored KPI edited": {
        "kpis": edited(
            "returning",
            sql=next(k.sql for k in KPIS if k.id == "returning") + "\n"
            "WHERE firsts.account_id <> 'acme'",
        )
    },
    "a projection edited": {
        "projections": edited_projection("orders", PROJECTIONS[3].sql.replace("= 1", "<= 2"))
    },
    "a projection broken": {
        "projections": edited_projection("orders", "SELECT nope FROM price_set")
    },
    "owners told otherwise": {
        "projections": edited_projection(
            "ownership",
            PROJECTIONS[0].sql.replace("WHERE valid_to", "WHERE manager_id = 'kim' AND valid_to"),
        )
    },
    "ownership gone": {"projections": PROJECTIONS[1:]},
}


def registry(change: str) -> Registry:
    """Return the bakery's registry after a change, with only some of its KPIs."""
    if change not in REGISTRIES:
        parts = {"kpis": KPIS, **PARTS[change]}
        kpis = [k for k in parts.pop("kpis") if k.id in DRAWN]  # type: ignore[attr-defined]
        REGISTRIES[change] = registry_of(Pack(kpis=kpis, **parts))  # type: ignore[arg-type]
    return REGISTRIES[change]


Eras = list[tuple[dt.date | None, str]]

eras = st.builds(
    lambda first, later: [(None, first), *sorted(later.items())],
    st.sampled_from(sorted(PARTS)),
    st.dictionaries(st.sampled_from(DAYS), st.sampled_from(sorted(PARTS)), max_size=2),
)


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="eras-"))
    yield path
    shutil.rmtree(path)


def bakery(folder: Path, courier: Courier) -> Bakery:
    return Bakery(Path(tempfile.mkdtemp(dir=folder)), courier, settings=SETTINGS)


def put_in_force(shop: Bakery, found: Eras) -> None:
    shop.turn(*((since, registry(change)) for since, change in found))


def expected(found: Eras, history: list[NewEvent], folder: Path, courier: Courier) -> list[Row]:
    """Return what each period has where its definitions hold for all of them, put together."""
    rows: list[Row] = []
    ends = [*(since for since, _ in found[1:]), dt.date.max]
    for (since, change), until in zip(found, ends, strict=True):
        alone = bakery(folder, courier)
        put_in_force(alone, [(None, change)])
        alone.append(*sorted(history, key=lambda e: (e[5], e[0])))
        alone.replay()
        rows += [r for r in alone.rows() if (since or dt.date.min) <= start(r[3]) < until]  # type: ignore[operator]
    return sorted(rows, key=lambda r: tuple(map(str, r[:4])))


def start(period: object) -> dt.date:
    return SETTINGS.calendar.window(str(period)).start


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), history=histories, found=st.lists(eras, min_size=1, max_size=3))
def test_each_period_has_the_values_of_its_own_definitions(
    data: st.DataObject,
    history: list[NewEvent],
    found: list[Eras],
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """Whatever was in force before, however events come in, and however it is replayed."""
    shop = bakery(folder, bakery_courier)
    delivered = data.draw(st.permutations(history))
    cuts = data.draw(st.lists(st.integers(0, len(history)), min_size=len(found)).map(sorted))
    cuts = [*cuts[: len(found)], len(history)]
    put_in_force(shop, found[0])
    shop.deliver(*delivered[: cuts[0]])
    for now, first, last in zip(found, cuts, cuts[1:], strict=False):
        put_in_force(shop, now)
        if data.draw(st.booleans()):  # a plan leaves its tables in the file that is worked on
            with shop.replayer().rehearsing() as rehearsal:
                list(rehearsal.revaluation.values(rehearsal.stale))
        shop.deliver(*delivered[first:last])
    shop.append(*history)
    shop.replay()
    wanted = expected(found[-1], history, folder, bakery_courier)
    rows = sorted(shop.rows(), key=lambda r: tuple(map(str, r[:4])))
    assert [r for r in rows if r not in set(wanted)] == []
    assert rows == wanted
