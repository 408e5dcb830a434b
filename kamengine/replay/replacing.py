"""Values put in the place of those that are stale, in a transaction of the book."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence

from kamengine.courier.client import Writer
from kamengine.replay.ahead import ahead
from kamengine.replay.book import Book
from kamengine.replay.revaluation import Revaluation, Revalued
from kamengine.replay.series import Scope, Series


def replacing(
    revaluation: Revaluation, stale: Sequence[str], book: Book, writer: Writer
) -> Generator[Revalued, None, None]:
    """Yield each KPI's values when they lie in the transaction.

    What they replace is deleted while they are computed. A KPI whose values can't be computed loses
    all that it has.

    Args:
        revaluation: Computes them.
        stale: Names under which the evidence of KPIs is gathered, formulas after their operands.
        book: Where they are to stand.
        writer: Of the transaction.
    """
    scopes = [revaluation.scope(name) for name in stale]
    numbering = Series(book.path).numbered(revaluation.periods(stale))
    if numbering.added.num_rows:
        writer.send("series", numbering.added.to_reader())
    with contextlib.closing(ahead(revaluation.values(stale, numbering.series))) as coming:
        for scope in scopes:
            _delete(scope, writer)
            found = next(coming)
            if found.problem is None:
                writer.send("points", found.rows.to_reader())
            else:
                _delete(revaluation.whole(found.name), writer)
            yield found


def _delete(scope: Scope, writer: Writer) -> None:
    for statement in scope.deletions():
        writer.run(statement)
