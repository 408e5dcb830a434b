"""Series of values, by number: which numbers they have, and which points of them are to go."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import msgspec
import pyarrow as pa

from kamengine.engine.session import listed
from kamengine.kpi import SUBJECT_TYPES
from kamengine.replay.book import Book

Name: TypeAlias = tuple[str, str, str]
"""What tells a series from others: KPI, grain and period."""

COLUMNS = pa.schema(
    [
        ("series", pa.int64()),
        ("kpi", pa.string()),
        ("subject_type", pa.string()),
        ("period", pa.string()),
    ]
)

FEW = 50
"""So many subjects at most are looked up in each series; for more, the series are read through."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which values are meant: those of some series, or in some of these only some subjects'.

    Attributes:
        series: The condition that picks the series, by KPI, grain and period.
        entire: The condition that picks those of them that are meant with every subject.
        subjects: Whose values are meant in the others.
    """

    series: str
    entire: str = "TRUE"
    subjects: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """The condition that picks the values from the book."""
        some = f" OR subject IN ({listed(self.subjects)})" if self.subjects else ""
        return f"{self.series} AND ({self.entire}{some})"

    def deletions(self) -> list[str]:
        """Return the statements that delete the values; the series keep their numbers."""
        found = [_deletion(f"{self.series} AND ({self.entire})")]
        if self.subjects:
            subject = "subject" if len(self.subjects) <= FEW else "+subject"  # no index for that
            found.append(f"{_deletion(self.series)} AND {subject} IN ({listed(self.subjects)})")
        return found


class Numbering(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of series.

    Attributes:
        series: Each with its number.
        added: Those of them that the book has to learn of.
    """

    series: pa.Table
    added: pa.Table


class Series(Book):
    """Numbers the series of the book; only a replay may, for it is alone with it."""

    def numbered(self, wanted: Mapping[str, Collection[str]]) -> Numbering:
        """Return the numbers of series, those that they have and new ones.

        Args:
            wanted: KPI to the periods for which it may have values, at whatever grain.
        """
        periods = set[str]().union(*wanted.values())
        query = f"""
            SELECT kpi, subject_type, period, series FROM series
            WHERE kpi IN ({listed(wanted)}) AND subject_type IN ({listed(SUBJECT_TYPES)})
                AND period IN ({listed(periods)})
        """
        with self._open() as connection:
            known = {(k, g, p): series for k, g, p, series in connection.execute(query)}
            (last,) = connection.execute("SELECT coalesce(max(series), 0) FROM series").fetchone()
        names: list[Name] = [
            (kpi, grain, period)
            for kpi, own in sorted(wanted.items())
            for grain in SUBJECT_TYPES
            for period in sorted(own)
        ]
        added = [name for name in names if name not in known]
        known |= {name: number for number, name in enumerate(added, start=last + 1)}
        return Numbering(series=_table(names, known), added=_table(added, known))


def belonging(kpi: str, periods: set[str] | None) -> str:
    """Return the condition that picks a KPI's series, of all periods or of some."""
    whole = f"kpi IN ({listed([kpi])})"
    return whole if periods is None else f"{whole} AND period IN ({listed(periods)})"


def forgetting(condition: str) -> list[str]:
    """Return the statements that delete series with all their values.

    Args:
        condition: What picks them, by KPI, grain and period.
    """
    return [_deletion(condition), f"DELETE FROM series WHERE {condition}"]


def _deletion(condition: str) -> str:
    return f"DELETE FROM points WHERE series IN (SELECT series FROM series WHERE {condition})"


def _table(names: Sequence[Name], numbers: Mapping[Name, int]) -> pa.Table:
    columns = zip(*names, strict=True) if names else ((), (), ())
    return pa.table([[numbers[name] for name in names], *columns], schema=COLUMNS)
