"""Scope expansion: customers whose contracts were widened."""

from __future__ import annotations

from kamengine import KPI, Ratio

SCOPE_EXPANSION_RATE = KPI(
    id="scope_expansion_rate",
    version=1,
    title="Scope expansion rate",
    doc="""
    The share of the customers at the start of the window whose contracts were widened in it.

    Inputs: `contract.amended`; `customer_spells` for who is a customer.

    Shape: one row per window and account that was a customer at its first instant: `1` if an
    amendment that raises a contract's annual value took effect in the window, else `0`, over `1`.
    `part` says whether the account was expanded.

    Unit: % (kept as a ratio).

    Empty and null rule: without a customer at the start there is no value.

    Decisions: an amendment counts on the day on which it takes effect, not when it is told. Several
    of one account count once; one that raises counts even where another lowers. Only the sign
    matters, so no exchange rate is needed. A new or a renewed contract is no amendment. An
    expansion counts for the owner on the day it first took effect, else for the owner at the
    window's end.

    Source: seed 0 names it (expanded statements of work); the formula is ours.

    Example: of 40 customers on 1 April 6 had an amendment with a positive value effective by
    30 June: 6/40 = 0.15.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="customers at the start whose contracts were widened",
    denominator="customers at the start",
    source="seed 0",
    sql="""
WITH starters AS (
    SELECT windows.period, spell.account_id, spell.start_event
    FROM windows
    INNER JOIN customer_spells AS spell
        ON spell.starts_at <= windows.t0
        AND (spell.ends_at IS NULL OR windows.t0 < spell.ends_at)
),

widenings AS (
    SELECT account_id, local_start(effective_on) AS effective_at, event_id
    FROM contract_amended
    WHERE annual_value_change > 0
),

expansions AS (
    SELECT
        windows.period,
        widening.account_id,
        min(widening.effective_at) AS expanded_at,
        list_sort(array_agg(widening.event_id)) AS event_ids
    FROM windows
    INNER JOIN widenings AS widening
        ON widening.effective_at >= windows.t0
        AND widening.effective_at < windows.t1
    GROUP BY windows.period, widening.account_id
)

SELECT
    starters.period,
    starters.account_id,
    expansions.expanded_at AS occurred_at,
    CASE WHEN expansions.period IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE WHEN expansions.period IS NULL THEN 'as before' ELSE 'expanded' END AS part,
    CASE
        WHEN expansions.period IS NULL THEN [starters.start_event]
        ELSE list_concat([starters.start_event], coalesce(expansions.event_ids, []))
    END AS event_id
FROM starters
LEFT JOIN expansions
    ON expansions.period = starters.period
    AND expansions.account_id = starters.account_id
""",
)
