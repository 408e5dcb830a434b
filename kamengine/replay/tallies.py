"""Numerators and denominators of many kept values at once, and nothing else of them."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from kamengine.kpi import SubjectType
from kamengine.replay.book import Book

Tally = tuple[Decimal, Decimal]
"""What stands above the line, and below it."""


class Tallies(Book):
    """Reads them from the book."""

    def of(
        self,
        kpi: str,
        subject_type: SubjectType,
        period: str,
        subjects: Collection[str] | None = None,
    ) -> dict[str, Tally]:
        """Return those of a KPI at a grain in a period, by subject, where there is a value.

        Args:
            kpi: The KPI's id.
            subject_type: The grain.
            period: The period.
            subjects: Only these; None for all.
        """
        query = """
            SELECT subject, numerator, denominator FROM "values"
            WHERE kpi = ? AND subject_type = ? AND period = ?
                AND numerator IS NOT NULL AND denominator IS NOT NULL
        """
        with self._open() as connection:
            if subjects is None:
                rows = connection.execute(query, [kpi, str(subject_type), period]).fetchall()
            else:
                one = f"{query} AND subject = ?"
                rows = [
                    row
                    for subject in sorted(subjects)
                    for row in connection.execute(one, [kpi, str(subject_type), period, subject])
                ]
        return {subject: (Decimal(above), Decimal(below)) for subject, above, below in rows}
