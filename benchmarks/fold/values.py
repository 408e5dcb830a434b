"""From cells to values: pooled at five grains, divided, and stored."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from benchmarks.fold.cells import Cell
from benchmarks.fold.moments import MILLION, rounded

SCHEMA = """
CREATE TABLE "values" (
    kpi TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    period TEXT NOT NULL,
    numerator TEXT,
    denominator TEXT,
    count INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (kpi, subject_type, period, subject)
) STRICT, WITHOUT ROWID
"""

SUMS = frozenset({"sales_revenue", "customers_won_and_lost", "number_of_contacts"})
"""KPIs that are sums: they are divided by one, however many rows there are."""

QUANTILES = {"time_to_close": 86_400, "issue_resolution_time": 3_600}
TENTHS = {"p50": 5, "p90": 9}
CAP_YEARS = 10
MONTH_IN_YEARS = Decimal("0.083333333")

Key: TypeAlias = tuple[str, str, str]
"""A grain, a period and a subject."""

Row: TypeAlias = tuple[str, str, str, str, str | None, str | None, int, float | None]


class Pooled:
    """What a KPI comes to for one subject and month."""

    __slots__ = ("count", "denominator", "numerator", "samples")

    def __init__(self) -> None:
        self.numerator = self.denominator = self.count = 0
        self.samples: list[int] = []


def pooled(cells: Iterable[Cell], periods: list[str]) -> dict[str, dict[Key, Pooled]]:
    """Add cells up for everybody whom they belong to."""
    kpis: defaultdict[str, defaultdict[Key, Pooled]] = defaultdict(lambda: defaultdict(Pooled))
    for cell in cells:
        period = periods[cell.month]
        subjects = (
            ("account", cell.account),
            ("manager", cell.manager),
            ("team", cell.team),
            ("segment", cell.segment),
            ("organisation", "organisation"),
        )
        keys = [(grain, period, subject) for grain, subject in subjects if subject is not None]
        for kpi, tally in cell.tallies.items():
            sums = kpis[kpi]
            for key in keys:
                total = sums[key]
                total.numerator += tally.numerator
                total.denominator += tally.denominator
                total.count += tally.count
                if tally.samples:
                    total.samples += tally.samples
    return kpis  # type: ignore[return-value]


def rows(kpis: dict[str, dict[Key, Pooled]]) -> Iterator[Row]:
    """Yield the values of all KPIs, in the order in which the table keeps them."""
    for kpi, sums in sorted(kpis.items()):
        ordered = sorted(sums.items())
        for key, total in ordered:
            yield _row(kpi, key, total.numerator, MILLION if kpi in SUMS else total.denominator, total.count)
        if kpi in QUANTILES:
            for name, tenths in TENTHS.items():
                for key, total in ordered:
                    middle = _quantile(sorted(total.samples), tenths)
                    yield _row(f"{kpi}_{name}", key, middle, QUANTILES[kpi] * MILLION, total.count)
        if kpi == "key_account_score":
            for key, total in ordered:
                known = total.denominator != 0
                yield _row("key_account_score_total", key, total.numerator, MILLION, total.count, known)
        if kpi == "revenue_per_account":
            churn = kpis.get("customer_churn_rate", {})
            for key, total in ordered:
                yield _lifetime(key, total, churn.get(("organisation", key[1], "organisation")))


def _lifetime(key: Key, revenue: Pooled, churn: Pooled | None) -> Row:
    """Return a year's revenue times the years that customers stay, ten at most."""
    kpi = "customer_lifetime_value"
    if churn is None:
        return _text(kpi, key, None, None, revenue.count, None)
    capped = MONTH_IN_YEARS * churn.denominator > CAP_YEARS * churn.numerator
    above = 12 * CAP_YEARS * MILLION if capped else churn.denominator
    below = MILLION if capped else churn.numerator
    numerator = rounded(revenue.numerator * above, MILLION)
    denominator = rounded(revenue.denominator * below, MILLION)
    known = revenue.denominator != 0 and churn.denominator != 0
    return _row(kpi, key, numerator, denominator, revenue.count, known)


def _quantile(samples: list[int], tenths: int) -> int:
    """Return a quantile by linear interpolation between its neighbours."""
    place, rest = divmod(tenths * (len(samples) - 1), 10)
    low = samples[place]
    return low if not rest else low + rounded((samples[place + 1] - low) * rest, 10)


def _row(
    kpi: str, key: Key, numerator: int, denominator: int, count: int, known: bool = True
) -> Row:
    value = float(numerator) / float(denominator) if known and denominator else None
    return _text(kpi, key, _digits(numerator), _digits(denominator), count, value)


def _text(
    kpi: str, key: Key, above: str | None, below: str | None, count: int, value: float | None
) -> Row:
    grain, period, subject = key
    return (kpi, grain, subject, period, above, below, count, value)


def _digits(number: int) -> str:
    """Return millionths as the shortest decimal."""
    whole, rest = divmod(abs(number), MILLION)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{rest:06d}".rstrip("0") if rest else f"{sign}{whole}"


def store(path: Path, values: Iterable[Row]) -> None:
    """Write values into a new SQLite file, in one transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN")
    connection.execute(SCHEMA)
    connection.executemany('INSERT INTO "values" VALUES (?, ?, ?, ?, ?, ?, ?, ?)', values)
    connection.execute("COMMIT")
    connection.close()
