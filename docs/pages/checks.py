"""``docs/checks.md``: what `kamengine plugins check` looks for, and which badge it is for."""

from __future__ import annotations

from kamengine.catalogue.markdown import code, table
from kamengine.checking.checks import CHECKS
from kamengine.checking.finding import BADGES, Badge
from kamengine.checking.surroundings import EXCUSE

INTRO = """# The gate

`kamengine plugins check kam-acme` looks a pack over. Each finding says what is wrong, where, and
how to mend it. What comes of it is a badge:

| badge | says of the pack |
| --- | --- |
| bronze | It does no harm: it is declared in full, reads what there is, and computes. |
| silver | Its numbers are those worked out by hand, whatever the way in which events arrive. |
| gold | Its numbers were found twice, by ways that share nothing. |

A badge needs all checks of its own and of those below. A *fault* is something wrong, and makes the
exit code 1. What is *missing* (a KPI without cases, or without an independent query) is no fault,
and costs the badge; `--badge silver` says which one is wanted, and lacking it makes the exit code 1
as well. A *warning* is of what will be wrong one day, and costs nothing yet. `--format json` has
every finding with its place."""

REST = f"""## What the numbers are tried on

Events of the types that the pack's KPIs go back to, some thousands: those of the pack's own cases,
each in accounts of its own; a simulated organisation, where a pack brings one; and events by
chance, made from what the payloads allow. They are the same in every run. They are delivered at
once, account by account, batch by batch, and in no order, and replayed each time.

## The independent query

A KPI's file of cases may carry a second way to the same numbers, `independent:`. It is one query,
written by somebody who has not looked at the KPI's, and adds up by itself. It reads event types,
`windows` and `window_months`, and no projection: what both rest on, both have wrong. It may use the
KPI's `$parameters`, and any SQL of DuckDB. It returns

| column | |
| --- | --- |
| `period` | from `windows` |
| `numerator` | exact |
| `denominator` | where it isn't 1 |
| `account_id` | where it speaks of accounts |
| `manager_id` | where it speaks of managers; with neither, it speaks of the organisation |

and both must agree for every period and every subject, to the last digit: numerator over
denominator, and who has a value at all. Where the engine itself rounds (`Quantile`, `Overlap`,
`MeanOfParts`, `Formula`), to the sixth digit.

## Clock, chance and network

SQL that reads them isn't even loaded. A pack's Python declares, and has no need of them: the
modules of its package are looked through for the clock, for dice without a seed, for imports of
what speaks to other machines, and for what starts other programs. Where a line has a reason that
concerns no number (a notifier that posts), end it with `{EXCUSE}: why`."""


def page() -> str:
    """Return the page."""
    return "\n\n".join([INTRO, *map(_section, BADGES[1:]), REST])


def _section(badge: Badge) -> str:
    rows = [(code(check.name), check.holds) for check in CHECKS if check.badge == badge]
    return f"## For {badge}\n\n{table(('check', 'what must hold'), rows)}"
