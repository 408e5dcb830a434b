"""Values that are stale: computed anew from evidence, KPI by KPI, for what changed alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

import msgspec
import pyarrow as pa

from kamengine.engine import evidence, formulas, valuation
from kamengine.engine.connection import Connection, MachineError
from kamengine.engine.lanes import LANES, Lanes, Outcome, running
from kamengine.engine.session import SHARED, listed, name, quote
from kamengine.engine.windows import set_windows
from kamengine.errors import KamengineError
from kamengine.kpi import KPI, Formula
from kamengine.periods import Window
from kamengine.replay.eras import Timeline
from kamengine.replay.series import Scope
from kamengine.replay.upkeep import Upkeep

BOOK_ROW = """
SELECT
    {key},
    {numerator} AS numerator,
    {denominator} AS denominator,
    count,
    value,
    status,
    reason
FROM ({values})
{join}
{where}
{order}
"""

NAMED = {
    "key": "{kpi} AS kpi, subject_type, subject, period",
    "join": "",
    "order": "",
}
"""How rows tell which value each is: by the names of its series."""

NUMBERED = {
    "key": "series, subject",
    "join": """LEFT JOIN (
    SELECT subject_type, period, series
    FROM {shared}.series_numbers
    WHERE kpi = {kpi}
) USING (subject_type, period)""",
    "order": "ORDER BY series, subject",
}
"""Or by its number, as the book's points do. One without a number would be refused, not lost."""


class Revalued(msgspec.Struct, frozen=True, kw_only=True):
    """One KPI's stale values, or those of the periods for which it is computed in one way.

    Attributes:
        kpi: The KPI's id.
        name: The name under which its evidence is gathered.
        rows: As the book holds them; where they have numbers of series, in the order of its key.
            Empty where there is a problem.
        problem: Why they can't be computed.
    """

    kpi: str
    name: str
    rows: pa.Table
    problem: str | None = None


class Revaluation:
    """Computes the values that an upkeep made stale.

    Args:
        upkeep: What it did, and the session that it did it in.
        timeline: The KPIs, and which periods each answers for.
        windows: Every window that is kept.
    """

    def __init__(
        self,
        upkeep: Upkeep,
        timeline: Timeline,
        windows: Sequence[Window],
    ) -> None:
        self.session = upkeep.session
        self.effects = upkeep.effects
        self.graph = upkeep.graph
        self.timeline = timeline
        self.registry = timeline.registry
        self.windows = {w.period: w for w in windows}
        self.as_of = max((w.t1 for w in windows), default=None)
        self.moved = {w.period for w in upkeep.moved_windows}
        self._offered = frozenset(self.windows)
        self._operands: set[str] = set()
        self._kept_for: dict[str, frozenset[str]] = {}
        self._failed: dict[str, KamengineError] = {}

    def periods(self, stale: Iterable[str]) -> dict[str, set[str]]:
        """Return KPI to the periods for which values of it are stale.

        Args:
            stale: Names under which evidence is gathered.
        """
        found: dict[str, set[str]] = {}
        for kpi_id in stale:
            own = self._stale_periods(self.registry.kpi(kpi_id))
            found.setdefault(self.timeline.kpi_of(kpi_id), set()).update(own)
        return found

    def values(self, stale: Sequence[str], series: pa.Table | None = None) -> Iterator[Revalued]:
        """Yield each KPI's stale values; one that fails costs only itself.

        Args:
            stale: Ids of KPIs, formulas after their operands.
            series: The numbers by which rows are to name their series; None to have the names.

        Raises:
            MachineError: It isn't the KPI's fault.
        """
        if series is not None:
            self.session.share("series_numbers", series)
        form = NAMED if series is None else NUMBERED
        kpis = [self.registry.kpi(kpi_id) for kpi_id in stale]
        formulas = [k for k in kpis if _is_formula(k)]
        self._operands = {o.id for formula in formulas for o in self._read_by(formula).values()}
        for periods, alike in groupby(kpis, key=self._stale_periods):
            yield from self._valued(list(alike), periods, form)

    def _valued(
        self, kpis: Sequence[KPI], periods: frozenset[str], form: Mapping[str, str]
    ) -> Iterator[Revalued]:
        """Yield the values of KPIs that are stale for the same periods, some at a time."""
        self._offer(periods)
        self._keep_operands(kpis, periods)
        jobs = {kpi.id: partial(self._rows, kpi, periods, form) for kpi in kpis}
        with Lanes(self.session, jobs, in_flight=LANES) as valued:
            for kpi_id, outcome in valued:
                yield self._revalued(self.registry.kpi(kpi_id), outcome)

    def _revalued(self, kpi: KPI, outcome: Outcome[pa.Table]) -> Revalued:
        plain = self.timeline.kpi_of(kpi.id)
        try:
            return Revalued(kpi=plain, name=kpi.id, rows=outcome())
        except MachineError:
            raise
        except KamengineError as error:
            return Revalued(kpi=plain, name=kpi.id, rows=pa.table({}), problem=str(error))

    def _rows(
        self, kpi: KPI, periods: frozenset[str], form: Mapping[str, str], connection: Connection
    ) -> pa.Table:
        """Return a KPI's values as the book holds them."""
        effect = self.effects[kpi.id]
        where = "" if effect.whole or _is_formula(kpi) else _only_stale(self.moved | effect.ripened)
        plain = quote(self.timeline.kpi_of(kpi.id))
        query = BOOK_ROW.format(
            **{part: text.format(kpi=plain, shared=SHARED) for part, text in form.items()},
            numerator=_written("numerator"),
            denominator=_written("denominator"),
            values=self._query(kpi, periods),
            where=where,
        )
        return connection.table(query)

    def _query(self, kpi: KPI, periods: frozenset[str]) -> str:
        if not _is_formula(kpi):
            if kpi.id in self._operands:
                return f"SELECT * FROM {self._kept(kpi)}"
            return valuation.valued(kpi, self._evidence(kpi, periods))
        relations = {operand: self._kept(read) for operand, read in self._read_by(kpi).items()}
        return formulas.formula(kpi, self.timeline.literal_params(kpi), relations)

    def _read_by(self, formula: KPI) -> dict[str, KPI]:
        """Return the KPIs of the same era that a formula reads, by its names for them."""
        value, operand_of = formula.value, self.timeline.operand_of
        assert isinstance(value, Formula), "asked for by whoever calls"  # noqa: S101
        operands = {name: operand_of(formula.id, read.kpi) for name, read in value.operands.items()}
        return {name: self.registry.kpi(kpi_id) for name, kpi_id in operands.items()}

    def _keep_operands(self, kpis: Iterable[KPI], periods: frozenset[str]) -> None:
        """Compute the values of operands once for all that read them, and keep them."""
        asked = {k.id for k in kpis if k.id in self._operands}
        asked |= {o.id for k in kpis if _is_formula(k) for o in self._read_by(k).values()}
        operands = [self.registry.kpi(k) for k in sorted(asked) if self._kept_for.get(k) != periods]
        jobs = {operand.id: running(self._keeping(operand, periods)) for operand in operands}
        with Lanes(self.session, jobs) as kept:
            for kpi_id, outcome in kept:
                self._kept_for[kpi_id] = periods
                self._failed.pop(kpi_id, None)
                try:
                    outcome()
                except MachineError:
                    raise
                except KamengineError as error:
                    self._failed[kpi_id] = error

    def _keeping(self, operand: KPI, periods: frozenset[str]) -> str:
        query = valuation.valued(operand, self._evidence(operand, periods))
        table = name(f"values_{operand.id}")
        return f"CREATE OR REPLACE TABLE {SHARED}.{table} AS {query}"

    def _kept(self, operand: KPI) -> str:
        """Return the table of an operand's values.

        Raises:
            KamengineError: They couldn't be computed.
        """
        if operand.id in self._failed:
            raise self._failed[operand.id]
        return f"{SHARED}.{name(f'values_{operand.id}')}"

    def scope(self, kpi_id: str) -> Scope:
        """Return which values of a KPI are about to be replaced."""
        kpi, effect = self.registry.kpi(kpi_id), self.effects[kpi_id]
        if effect.whole:
            return self.whole(kpi_id)
        plain = quote(self.timeline.kpi_of(kpi.id))
        series = f"kpi = {plain} AND period IN ({listed(effect.periods)})"
        if _is_formula(kpi):
            return Scope(series=series)
        accounts = self.session.rows(f"SELECT account_id FROM {SHARED}.stale_accounts")
        ripened = listed(self.moved | effect.ripened)
        return Scope(
            series=series,
            entire=f"subject_type <> 'account' OR period IN ({ripened})",
            subjects=tuple(account for (account,) in accounts),
        )

    def whole(self, kpi_id: str) -> Scope:
        """Return all values that a KPI answers for."""
        clause = f"kpi = {quote(self.timeline.kpi_of(kpi_id))}"
        if not self.timeline.is_bound(kpi_id):
            return Scope(series=clause)
        own = self._own(self.registry.kpi(kpi_id))
        return Scope(series=f"{clause} AND period IN ({listed(own)})")

    def _own(self, kpi: KPI) -> set[str]:
        return self.timeline.own(kpi.id, self.windows.values())

    def _evidence(self, kpi: KPI, periods: frozenset[str]) -> str:
        """The evidence that can fall into the windows asked for: the rest isn't even read."""
        table = evidence.evidence_table(kpi.id)
        if self.graph.kpis[kpi.id].ripens and self.as_of is not None:
            table = evidence.ripe(table, self.as_of)
        if len(periods) == len(self.windows) or _looks_back(kpi):
            return table
        t0 = min(self.windows[p].t0 for p in periods)
        t1 = max(self.windows[p].t1 for p in periods)
        return f"""(
            SELECT * FROM {table}
            WHERE period IS NULL AND occurred_at >= {_timestamp(t0)}
                AND occurred_at < {_timestamp(t1)}
            UNION ALL
            SELECT * FROM {table}
            WHERE period IN ({listed(periods)})
        )"""

    def _stale_periods(self, kpi: KPI) -> frozenset[str]:
        effect = self.effects[kpi.id]
        return frozenset(self._own(kpi) if effect.whole else effect.periods & set(self.windows))

    def _offer(self, wanted: frozenset[str]) -> None:
        if wanted != self._offered:
            set_windows(self.session, [self.windows[p] for p in sorted(wanted)])
            self._offered = wanted


def _is_formula(kpi: KPI) -> bool:
    return isinstance(kpi.value, Formula)


def _written(side: str) -> str:
    """Write a decimal without the zeros that say nothing; most are whole, which is soon done."""
    text = f"CAST({side} AS VARCHAR)"
    return (
        f"CASE WHEN ends_with({text}, '.000000') THEN left({text}, -7)"
        f" ELSE rtrim(rtrim({text}, '0'), '.') END"
    )


def _looks_back(kpi: KPI) -> bool:
    """Whether rows from before a window count in it."""
    return getattr(kpi.value, "carried", False)


def _only_stale(moved: set[str]) -> str:
    return f"""WHERE subject_type <> 'account'
    OR period IN ({listed(moved)})
    OR subject IN (SELECT account_id FROM {SHARED}.stale_accounts)"""


def _timestamp(moment: dt.datetime) -> str:
    return f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'"
