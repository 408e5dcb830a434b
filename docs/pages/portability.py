"""``docs/portability.md``: which SQL runs on DuckDB and on Spark alike."""

from __future__ import annotations

from collections.abc import Iterable

from docs.pages.markdown import code, fenced, table
from kamengine.inspection import name_of
from kamengine.kpi import KPI
from kamengine.plugins import Registry
from kamengine.portability import spark
from kamengine.portability.functions import MACROS, UNREPEATABLE, Function, listed
from kamengine.projection import Projection

INTRO = """# Portable SQL

A pack's SQL is DuckDB's. So that it can run on Spark as well, with the same values to the last
digit, it keeps to what means the same on both. A pack is quarantined whose SQL doesn't;
`kamengine plugins list` names line and column, and what to write instead.
"""

DECLARING = """## What can't be portable

Say why, in the declaration. Such a definition, and what reads it, runs on DuckDB alone:

```python
Projection(..., duckdb_only="Names are matched by how they sound, which Spark can't.")
```
"""

REPEATING = """## What no definition may do

A replay has to bring back the same values, to the last digit. Nothing that would keep it from that
can be declared away:
"""

CONSTRUCTS = """## Syntax

Common table expressions, joins on conditions (`INNER`, `LEFT`, `FULL`, `CROSS`, `SEMI`, `ANTI`),
`UNION`, `EXISTS`, `IN`, `CASE`, window functions and named windows, `FILTER` on aggregates, and
`QUALIFY` beside named columns are portable. These aren't:

| instead of | write |
| --- | --- |
| `ASOF JOIN` | a join of intervals: `lead()` tells where each ends |
| `a / b` | numerator and denominator, which the engine divides; or `quotient(a, b)` |
| `a // b`, `a % b` | `a // nullif(b, 0)`, `a % nullif(b, 0)` |
| `date + INTERVAL 1 MONTH` | `months_after(date, 1)` |
| `ends_at - starts_at` | `seconds_between(starts_at, ends_at)`; `date_diff('day', a, b)` of dates |
| `CAST(x AS INTEGER)` of a fraction | `CAST(round(x) AS INTEGER)`, or of `floor(x)` |
| `DOUBLE` | `DECIMAL(38, 6)` |
| `l[1]`, lambdas, comprehensions | `unnest(l)` in a CTE, and SQL over its rows |
| `FROM t, unnest(t.l)` | `SELECT unnest(l) AS item FROM t` |
| `DISTINCT ON`, `first(x)`, `any_value(x)` | `row_number()` and a condition, or `max(x)` |
| `(a, b) IN (SELECT (a, b) ...)` | `(a, b) IN (SELECT a, b ...)` |
| `GROUP BY ALL`, `ORDER BY 1`, `COLUMNS(...)` | the columns' names |
| `WITH RECURSIVE` | the steps |

A product of two decimals has six digits on Spark and twelve on DuckDB: `round(a * b, 6)`.
"""

FUNCTIONS = """## Functions

What isn't here isn't portable until somebody has tried it on both engines.
"""

TESTING = """## In a pack's own tests

All that is wrong with a definition at once, and its SQL as Spark gets it:

```python
from kamengine.inspection import queries
from kamengine.portability.spark import rendered

for where, query in queries(MY_KPI):
    for finding in query.findings:
        print(where, finding.line, finding.column, finding.word, finding.fault.mend)
    print(rendered(query.text, where))
```
"""


def page(registry: Registry) -> str:
    """Return the page."""
    varying = (
        (reason, ", ".join(map(code, names.split()))) for reason, names in UNREPEATABLE.items()
    )
    parts = [
        INTRO,
        DECLARING,
        _declared(registry),
        REPEATING,
        table(("it would rest on", "functions"), varying),
        "Nor may it read files, settings or other databases, draw samples, number rows without an"
        " order, or keep the first few without one.",
        CONSTRUCTS,
        FUNCTIONS,
        _functions(listed()),
        "## Macros\n\nThe engine's own, where the engines differ, each with one meaning. On Spark:",
        fenced(";\n\n".join(spark.macros("Europe/Berlin")), "sql"),
        _functions(MACROS.values()),
        TESTING,
    ]
    return "\n\n".join(part.strip() for part in parts)


def _declared(registry: Registry) -> str:
    definitions: list[KPI | Projection] = [
        *registry.projections.values(),
        *registry.kpis.values(),
    ]
    alone = [
        (code(name_of(definition)), definition.duckdb_only)
        for definition in definitions
        if definition.duckdb_only
    ]
    if not alone:
        return "Of what ships with kamengine, nothing does."
    return table(("runs on DuckDB alone", "because"), alone)


def _functions(functions: Iterable[Function]) -> str:
    rows = [
        (
            ", ".join(code(name) for name in (function.name, *function.aliases)),
            code(function.spark),
            code(function.example),
            code(function.gives),
            function.note,
        )
        for function in functions
    ]
    return table(("DuckDB", "Spark", "example", "gives", "note"), rows)
