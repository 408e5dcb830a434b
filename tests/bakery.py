"""A pack that knows of bakeries' customers, small enough to be worked out by hand.

Customers (accounts) place orders and rate breads; sellers (managers) look after customers and
belong to shops (teams). It has a KPI of each way that evidence becomes a value.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from kamengine.courier.client import Courier
from kamengine.event import EventData, EventType
from kamengine.hookspecs import hookimpl
from kamengine.kpi import (
    KPI,
    Distinct,
    Formula,
    Latest,
    Mean,
    MeanOfParts,
    Operand,
    Params,
    Quantile,
    Ratio,
    Sum,
    Value,
)
from kamengine.log.contract import NewEvent
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.projection import Projection
from kamengine.replay.outcome import Replayed
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.settings import Settings
from kamengine.workspace import Workspace

NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


class CustomerChanged(EventData, frozen=True):
    """A customer is of a segment from now on."""

    segment: str


class CustomerAssigned(EventData, frozen=True):
    """A seller looks after a customer from now on."""


class CustomerMerged(EventData, frozen=True):
    """A customer turns out to be another one."""

    into: str


class SellerJoined(EventData, frozen=True):
    """A seller belongs to a shop from now on."""

    shop: str


class OrderPlaced(EventData, frozen=True):
    """Somebody, known or not, buys a bread."""

    order: str
    amount: Decimal
    paid: Decimal = Decimal(0)
    bread: str | None = None


class OrderPaid(EventData, frozen=True):
    """More of an order is paid; who pays needn't say which customer they are."""

    order: str
    amount: Decimal


class BreadRated(EventData, frozen=True):
    """A customer says what they think of a bread."""

    bread: str
    score: Decimal | None = None


class PriceSet(EventData, frozen=True):
    """A bread's list price, the same for everybody."""

    bread: str
    price: Decimal


CUSTOMER_CHANGED = EventType(name="customer.changed", data=CustomerChanged, doc="A segment.")
CUSTOMER_ASSIGNED = EventType(
    name="customer.assigned", data=CustomerAssigned, doc="An owner.", manager="required"
)
CUSTOMER_MERGED = EventType(
    name="customer.merged", data=CustomerMerged, doc="A merge.", merges_into="into"
)
SELLER_JOINED = EventType(
    name="seller.joined", data=SellerJoined, doc="A shop.", account="none", manager="required"
)
ORDER_PLACED = EventType(name="order.placed", data=OrderPlaced, doc="An order.", account="optional")
ORDER_PAID = EventType(name="order.paid", data=OrderPaid, doc="Money.", account="optional")
BREAD_RATED = EventType(name="bread.rated", data=BreadRated, doc="A rating.")
PRICE_SET = EventType(name="price.set", data=PriceSet, doc="A price.", account="none")

EVENT_TYPES = (
    CUSTOMER_CHANGED,
    CUSTOMER_ASSIGNED,
    CUSTOMER_MERGED,
    SELLER_JOINED,
    ORDER_PLACED,
    ORDER_PAID,
    BREAD_RATED,
    PRICE_SET,
)


def intervals(name: str, doc: str, who: str, what: str, facts: str) -> Projection:
    """Return a projection of what holds for whom, until something else does."""
    return Projection(
        name=name,
        doc=doc,
        key=(who, "valid_from"),
        sql=f"""
WITH stated AS (
    SELECT
        {who},
        {what},
        occurred_at AS valid_from,
        lead(occurred_at) OVER (PARTITION BY {who} ORDER BY occurred_at, id) AS valid_to
    FROM {facts}
)

SELECT {who}, {what}, valid_from, valid_to
FROM stated
WHERE valid_to IS NULL OR valid_from < valid_to
""",
    )


OWNERSHIP = intervals(
    "ownership", "Who looks after whom.", "account_id", "manager_id", "customer_assigned"
)
ATTRIBUTES = intervals(
    "account_attributes", "Segments.", "account_id", "segment", "customer_changed"
)
MEMBERSHIP = intervals("team_membership", "Shops.", "manager_id", "shop AS team", "seller_joined")
MEMBERSHIP = msgspec.structs.replace(
    MEMBERSHIP,
    sql=MEMBERSHIP.sql.replace("SELECT manager_id, shop AS team", "SELECT manager_id, team"),
)
ORDERS = Projection(
    name="orders",
    doc="One row per customer and order, with what was paid for it, by whomever.",
    key=("account_id", "order"),
    sql="""
WITH placed AS (
    SELECT
        account_id, manager_id, "order", occurred_at, event_id, amount, paid, bread,
        row_number() OVER (PARTITION BY account_id, "order" ORDER BY occurred_at, id) AS recency
    FROM order_placed
),

payments AS (
    SELECT "order", sum(amount) AS amount
    FROM order_paid
    WHERE account_id IS NULL
    GROUP BY "order"
)

SELECT
    placed.account_id,
    placed.manager_id,
    placed."order",
    placed.occurred_at,
    placed.event_id,
    placed.amount,
    placed.paid + coalesce(payments.amount, 0) AS paid,
    placed.bread
FROM placed
LEFT JOIN payments USING ("order")
WHERE placed.recency = 1
""",
)
BREADS = Projection(
    name="breads",
    doc="One row per bread: what it earned so far.",
    key=("bread",),
    sql="SELECT bread, sum(amount) AS earned FROM order_placed"
    " WHERE bread IS NOT NULL GROUP BY bread",
)
PROJECTIONS = (OWNERSHIP, ATTRIBUTES, MEMBERSHIP, ORDERS, BREADS)


class TurnoverParams(Params, frozen=True):
    """What counts as an order."""

    at_least: Decimal = Decimal(0)


ORDERED = """
SELECT account_id, manager_id, occurred_at, {numerator} AS numerator, event_id
FROM orders
"""


def kpi(kpi_id: str, value: Value, sql: str = "", **rest: Any) -> KPI:
    """Return a KPI of which only what matters here is told."""
    told: dict[str, Any] = {
        "version": 1,
        "title": kpi_id,
        "doc": kpi_id,
        "family": "revenue",
        "timing": "lagging",
        "unit": "money",
        "better": "higher",
    }
    return KPI(id=kpi_id, value=value, sql=sql, **(told | rest))


TURNOVER = kpi(
    "turnover",
    Sum(),
    ORDERED.format(numerator="amount") + "WHERE amount >= $at_least",
    params=TurnoverParams(),
    empty="zero",
)
KPIS = (
    TURNOVER,
    kpi("turnover_in_dozens", Sum(per=12), ORDERED.format(numerator="amount")),
    kpi(
        "paid_share",
        Ratio(),
        "SELECT account_id, manager_id, occurred_at, paid AS numerator, amount AS denominator,"
        " event_id, bread AS part FROM orders",
        min_count=2,
        denominator="money ordered",
    ),
    kpi("order_mean", Mean(per=10), ORDERED.format(numerator="amount")),
    kpi("order_third", Quantile(q=Decimal("0.3")), ORDERED.format(numerator="amount")),
    kpi(
        "breads_bought",
        Distinct(),
        "SELECT account_id, occurred_at, bread AS item, event_id FROM orders"
        " WHERE bread IS NOT NULL",
    ),
    kpi(
        "last_ratings",
        Latest(),
        "SELECT account_id, occurred_at, score AS numerator, 10 AS denominator, event_id,"
        " bread AS item FROM bread_rated WHERE score IS NOT NULL",
    ),
    kpi(
        "standing_ratings",
        Latest(carried=True),
        "SELECT account_id, occurred_at, score AS numerator, 10 AS denominator, event_id,"
        " bread AS item, CASE WHEN score IS NULL THEN 'no opinion' END AS problem"
        " FROM bread_rated",
    ),
    kpi(
        "bread_mean",
        MeanOfParts(),
        "SELECT account_id, manager_id, occurred_at, amount AS numerator, bread AS part,"
        " bread AS item, event_id FROM orders",
        min_items=2,
    ),
    kpi(
        "returning",
        Ratio(),
        """
WITH firsts AS (
    SELECT account_id, min(occurred_at) AS first_at, arg_min(event_id, occurred_at) AS event_id
    FROM orders
    WHERE account_id IS NOT NULL
    GROUP BY account_id
)

SELECT
    firsts.account_id,
    windows.period,
    CAST(EXISTS (
        SELECT 1 FROM orders
        WHERE orders.account_id = firsts.account_id
        AND orders.occurred_at >= windows.t0 AND orders.occurred_at < windows.t1
    ) AS INTEGER) AS numerator,
    1 AS denominator,
    firsts.event_id
FROM firsts
INNER JOIN windows ON firsts.first_at < windows.t0
""",
    ),
    kpi(
        "growth",
        Ratio(),
        """
WITH held AS (
    SELECT period, t0, t1, 1 AS above, 0 AS below, 'now' AS part FROM windows
    UNION ALL
    SELECT period, previous_t0, previous_t1, -1, 1, 'before' FROM windows
    UNION ALL
    SELECT period, year_ago, t0, 0, 1, 'a year' FROM windows
    UNION ALL
    SELECT period, year_t0, t1, 2, 0, 'to date' FROM windows
    UNION ALL
    SELECT period, prior_t0, prior_t1, -2, 0, 'to date, a year ago' FROM windows
)

SELECT
    orders.account_id,
    held.period,
    held.above * orders.amount AS numerator,
    held.below * orders.amount AS denominator,
    orders.event_id,
    held.part
FROM orders
INNER JOIN held ON orders.occurred_at >= held.t0 AND orders.occurred_at < held.t1
""",
    ),
    kpi(
        "orders_a_month",
        Ratio(),
        """
WITH firsts AS (
    SELECT account_id, min(occurred_at) AS first_at
    FROM orders
    WHERE account_id IS NOT NULL
    GROUP BY account_id
)

SELECT account_id, NULL AS period, occurred_at, 1 AS numerator, 0 AS denominator, event_id
FROM orders
UNION ALL
SELECT
    firsts.account_id,
    window_months.period,
    window_months.t0 AS occurred_at,
    0 AS numerator,
    window_months.share AS denominator,
    NULL AS event_id
FROM firsts
INNER JOIN window_months ON firsts.first_at < window_months.t1
""",
    ),
    kpi(
        "seller_orders",
        Sum(),
        "SELECT manager_id, occurred_at, 1 AS numerator, event_id FROM order_placed"
        " WHERE manager_id IS NOT NULL",
        empty="zero",
    ),
    kpi(
        "list_value",
        Sum(),
        """
WITH prices AS (
    SELECT
        bread, price, occurred_at AS valid_from,
        lead(occurred_at) OVER (PARTITION BY bread ORDER BY occurred_at, id) AS valid_to
    FROM price_set
)

SELECT
    orders.account_id, orders.occurred_at, prices.price AS numerator, orders.event_id,
    CASE WHEN prices.price IS NULL THEN 'no price of ' || orders.bread END AS problem
FROM orders
LEFT JOIN prices
    ON prices.bread = orders.bread
    AND prices.valid_from <= orders.occurred_at
    AND (prices.valid_to IS NULL OR orders.occurred_at < prices.valid_to)
WHERE orders.bread IS NOT NULL
""",
    ),
    kpi(
        "bread_rank",
        Sum(),
        "SELECT occurred_at, earned AS numerator, event_id FROM orders"
        " INNER JOIN breads USING (bread) WHERE account_id IS NOT NULL",
    ),
    kpi(
        "per_bread",
        Formula(
            operands={
                "money": Operand(kpi="turnover", empty=Decimal(0)),
                "breads": Operand(kpi="breads_bought"),
            },
            numerator="money",
            denominator="breads",
        ),
    ),
    kpi(
        "share_of_all",
        Formula(
            operands={
                "own": Operand(kpi="turnover"),
                "whole": Operand(kpi="turnover", of="organisation"),
            },
            numerator="own_numerator",
            denominator="whole_numerator",
            flag="CASE WHEN own_numerator = whole_numerator THEN 'all of it' END",
        ),
        unit="%",
    ),
)


FEW = tuple(k for k in KPIS if k.id in {"turnover", "standing_ratings", "orders_a_month"})
"""For tests that replay often: each KPI costs a replay some 30 ms, however few the events."""


class Pack:
    """A pack of given parts, the bakery's where none are given."""

    def __init__(
        self,
        event_types: Iterable[EventType] = EVENT_TYPES,
        projections: Iterable[Projection] = PROJECTIONS,
        kpis: Iterable[KPI] = KPIS,
    ) -> None:
        self.parts = (tuple(event_types), tuple(projections), tuple(kpis))

    @hookimpl
    def kamengine_event_types(self) -> Iterable[EventType]:
        return self.parts[0]

    @hookimpl
    def kamengine_projections(self) -> Iterable[Projection]:
        return self.parts[1]

    @hookimpl
    def kamengine_kpis(self) -> Iterable[KPI]:
        return self.parts[2]


def registry_of(*packs: Pack) -> Registry:
    """Return a registry that took the packs, every one of them."""
    registry = Registry()
    for number, pack in enumerate(packs or (Pack(),)):
        taken = registry.add(f"pack_{number}", pack)
        assert taken.status == "loaded", taken.reason
    return registry


def edited(kpi_id: str, **changes: Any) -> tuple[KPI, ...]:
    """Return the bakery's KPIs with one of them changed."""
    return tuple(msgspec.structs.replace(k, **changes) if k.id == kpi_id else k for k in KPIS)


def edited_projection(name: str, sql: str) -> tuple[Projection, ...]:
    """Return the bakery's projections with one of them changed."""
    return tuple(msgspec.structs.replace(p, sql=sql) if p.name == name else p for p in PROJECTIONS)


def at(text: str) -> dt.datetime:
    """Read an instant, in UTC where it has no offset."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def event(
    event_id: str,
    type_name: str,
    occurred: str | dt.datetime,
    account: str | None = None,
    manager: str | None = None,
    version: int = 1,
    **data: object,
) -> NewEvent:
    """Return an event fit for the log."""
    moment = at(occurred) if isinstance(occurred, str) else occurred
    micros = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    text = json.dumps(data, default=str, ensure_ascii=False)
    return (event_id, type_name, version, account, manager, micros, None, None, text)


Row = tuple[object, ...]


class Shop:
    """A workspace with the bakery's pack, and what tests do with it."""

    def __init__(
        self,
        folder: Path,
        courier: Courier,
        registry: Registry | None = None,
        settings: Settings | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.workspace = Workspace(folder)
        self.courier = courier
        self.registry = registry or registry_of()
        self.settings = settings or Settings(as_of="2026-12-31")

    def append(self, *events: NewEvent) -> None:
        SQLiteEventLog(self.workspace.log_path, lambda: NOW).append(events)

    def replay(
        self,
        *,
        full: bool = False,
        as_of: str | None = None,
        retry: bool = False,
        account: str | None = None,
    ) -> Replayed:
        replayer = Replayer(self.workspace, self.registry, self.settings, self.courier)
        return replayer.replay(NOW, full=full, as_of=as_of, retry=retry, account=account)

    def deliver(self, *events: NewEvent) -> Replayed:
        """Append events and replay."""
        self.append(*events)
        return self.replay()

    def reader(self) -> Reader:
        return Reader(self.workspace, self.registry, self.settings)

    def rows(self, where: str = "TRUE") -> list[Row]:
        """Return the values table as it is in the file."""
        return rows_of(self.workspace.values_path, where)

    def value(
        self, kpi_id: str, period: str, subject: str = "organisation", by: str = "organisation"
    ) -> Row:
        """Return numerator, denominator, count, value, status and reason; or nothing."""
        found = self.rows(
            f"kpi = '{kpi_id}' AND period = '{period}' AND subject_type = '{by}'"
            f" AND subject = '{subject}'"
        )
        return found[0][4:] if found else ()


def rows_of(values: Path, where: str = "TRUE") -> list[Row]:
    """Return the rows of a values table, in the order of its key."""
    connection = sqlite3.connect(values)
    try:
        query = f'SELECT * FROM "values" WHERE {where} ORDER BY kpi, subject_type, period, subject'
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def rebuilt(shop: Shop, events: Sequence[NewEvent], folder: Path, as_of: str | None = None) -> Shop:
    """Return a shop that got the events at once, in the order in which they occurred.

    Its first replay begins from nothing, and parks what fails.
    """
    other = Shop(folder, shop.courier, shop.registry, shop.settings)
    if events:
        other.append(*sorted(events, key=lambda e: (e[5], e[0])))
    other.replay(as_of=as_of)
    return other


def assert_as_rebuilt(
    shop: Shop, events: Sequence[NewEvent], folder: Path, as_of: str | None = None
) -> None:
    """Compare a shop's values, every column of every row, with those of a full rebuild."""
    expected = rebuilt(shop, events, folder, as_of).rows()
    found = shop.rows()
    assert [row for row in found if row not in set(expected)] == []
    assert found == expected
