"""How every projection turns money into the reporting currency: one rule, said once.

An amount is converted at the rate that held when its event occurred, and rounded to six digits.
Where no rate held it is NULL, and a sentence says so. The three pieces of SQL go together.
"""

from __future__ import annotations


def rate_of(currency: str, occurred_at: str) -> str:
    """Return the join that finds a currency's rate at an instant, as ``fx.rate``."""
    return f"""LEFT JOIN fx_rates AS fx
    ON fx.from_currency = {currency}
    AND fx.to_currency = $reporting_currency
    AND fx.valid_from <= {occurred_at}
    AND (fx.valid_to IS NULL OR {occurred_at} < fx.valid_to)"""


def converted(amount: str) -> str:
    """Return the amount in the reporting currency, beside `rate_of`."""
    return f"CAST(round({amount} * fx.rate, 6) AS DECIMAL(38, 6))"


def problem(amount: str, currency: str, occurred_at: str) -> str:
    """Return what keeps the amount from being converted, or NULL, beside `rate_of`."""
    return f"""CASE WHEN {amount} IS NOT NULL AND fx.rate IS NULL THEN
        'no rate ' || {currency} || ' to ' || $reporting_currency
        || ' on ' || CAST(local_date({occurred_at}) AS VARCHAR)
    END"""
