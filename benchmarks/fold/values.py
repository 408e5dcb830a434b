"""From cells to values: pooled at five grains, divided, and stored."""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from benchmarks.fold.cells import Cell
from benchmarks.fold.moments import MILLION, Months, rounded

VALUES = """
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

EVIDENCE = """
CREATE TABLE evidence (
    kpi TEXT NOT NULL,
    period TEXT NOT NULL,
    account TEXT,
    manager TEXT,
    team TEXT,
    segment TEXT,
    numerator TEXT NOT NULL,
    denominator TEXT NOT NULL,
    events BLOB NOT NULL
) STRICT
"""
"""Events are positions in the log, as 64-bit integers side by side."""

SUMS = frozenset({"sales_revenue", "customers_won_and_lost", "number_of_contacts"})
"""KPIs that are sums: they are divided by one, however many rows there are."""

QUANTILES = {"time_to_close": 86_400, "issue_resolution_time": 3_600}
TENTHS = {"p50": 5, "p90": 9}
CAP_YEARS = 10
BILLIONTH = Decimal("0.000000001")

Key: TypeAlias = tuple[str, str, str]
"""A grain, a period and a subject."""

Row: TypeAlias = tuple[str, str, str, str, str | None, str | None, int, float | None]


class Pooled:
    """What a KPI comes to for one subject and month."""

    __slots__ = ("count", "denominator", "numerator", "samples")

    def __init__(self) -> None:
        self.numerator = self.denominator = self.count = 0
        self.samples: list[int] = []


def pooled(cells: Iterable[Cell], months: Months) -> dict[str, dict[Key, Pooled]]:
    """Add cells up for everybody whom they belong to."""
    kpis: defaultdict[str, defaultdict[Key, Pooled]] = defaultdict(lambda: defaultdict(Pooled))
    for cell in cells:
        period = months.periods[cell.month]
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


def rows(kpis: dict[str, dict[Key, Pooled]], months: Months) -> Iterator[Row]:
    """Yield the values of all KPIs, each in the order in which the table keeps them."""
    for kpi, sums in kpis.items():
        ordered = sorted(sums.items())
        if kpi in SUMS:
            yield from (_row(kpi, k, p.numerator, MILLION, p.count) for k, p in ordered)
            continue
        yield from (_row(kpi, k, p.numerator, p.denominator, p.count) for k, p in ordered)
        if kpi in QUANTILES:
            yield from _quantiles(kpi, ordered)
        elif kpi == "key_account_score":
            total = "key_account_score_total"
            for key, score in ordered:
                known = score.denominator != 0
                yield _row(total, key, score.numerator, MILLION, score.count, known=known)
        elif kpi == "revenue_per_account":
            yield from _lifetimes(ordered, kpis.get("customer_churn_rate", {}), months)


def _quantiles(kpi: str, ordered: list[tuple[Key, Pooled]]) -> Iterator[Row]:
    per = QUANTILES[kpi] * MILLION
    for name, tenths in TENTHS.items():
        for key, total in ordered:
            total.samples.sort()
            yield _row(f"{kpi}_{name}", key, _quantile(total.samples, tenths), per, total.count)


def _lifetimes(
    ordered: list[tuple[Key, Pooled]], churns: dict[Key, Pooled], months: Months
) -> Iterator[Row]:
    """Yield a year's revenue times the years that customers stay, ten at most."""
    kpi = "customer_lifetime_value"
    years = {
        period: (Decimal(share) / MILLION / 12).quantize(BILLIONTH)
        for period, share in zip(months.periods, months.shares, strict=True)
    }
    for key, revenue in ordered:
        grain, period, subject = key
        churn = churns.get(("organisation", period, "organisation"))
        if churn is None:
            yield kpi, grain, subject, period, None, None, revenue.count, None
            continue
        above, below = churn.denominator, churn.numerator
        if years[period] * churn.denominator > CAP_YEARS * churn.numerator:
            above, below = 12 * CAP_YEARS * MILLION, int(round(years[period] * 12, 6) * MILLION)
        numerator = rounded(revenue.numerator * above, MILLION)
        denominator = rounded(revenue.denominator * below, MILLION)
        known = revenue.denominator != 0 and churn.denominator != 0
        yield _row(kpi, key, numerator, denominator, revenue.count, known=known)


def _quantile(samples: list[int], tenths: int) -> int:
    """Return a quantile by linear interpolation between its neighbours."""
    place, rest = divmod(tenths * (len(samples) - 1), 10)
    low = samples[place]
    return low if not rest else low + rounded((samples[place + 1] - low) * rest, 10)


def _row(
    kpi: str, key: Key, numerator: int, denominator: int, count: int, *, known: bool = True
) -> Row:
    grain, period, subject = key
    value = float(numerator) / float(denominator) if known and denominator else None
    return kpi, grain, subject, period, _digits(numerator), _digits(denominator), count, value


def _digits(number: int) -> str:
    """Return millionths as the shortest decimal."""
    whole, rest = divmod(number, MILLION)
    if not rest:
        return str(whole)
    if number < 0:
        return "-" + _digits(-number)
    return f"{whole}.{rest:06d}".rstrip("0")


def store(path: Path, values: Iterable[Row], cells: Iterable[Cell], months: Months) -> None:
    """Write values and the evidence behind them into a new SQLite file, in one transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN")
    connection.execute(VALUES)
    connection.execute(EVIDENCE)
    connection.executemany('INSERT INTO "values" VALUES (?, ?, ?, ?, ?, ?, ?, ?)', values)
    evidence = _evidence(cells, months)
    connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", evidence)
    connection.execute("COMMIT")
    connection.close()


def _evidence(cells: Iterable[Cell], months: Months) -> Iterator[tuple[object, ...]]:
    """Yield what was added up in each cell, with the positions of the events that it rests on."""
    for cell in cells:
        whose = (months.periods[cell.month], cell.account, cell.manager, cell.team, cell.segment)
        for kpi, tally in cell.tallies.items():
            sums = (_digits(tally.numerator), _digits(tally.denominator))
            yield (kpi, *whose, *sums, array("q", tally.events).tobytes())
