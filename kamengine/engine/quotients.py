"""Dividing exact sums in SQL."""

from __future__ import annotations

QUOTIENT = """CAST(CAST(numerator * 1000000 AS HUGEINT) AS DOUBLE)
            / CAST(CAST(denominator * 1000000 AS HUGEINT) AS DOUBLE)"""
"""Both sides as whole millionths: the quotient is rounded once, not three times."""

MILLIONTHS = """CAST(CAST((
            2000000 * CAST(numerator * 1000000 AS HUGEINT)
            + sign(numerator) * CAST(denominator * 1000000 AS HUGEINT)
        ) // nullif(2 * CAST(denominator * 1000000 AS HUGEINT), 0) AS DECIMAL(38, 0)) * 0.000001
            AS DECIMAL(38, 6))"""
"""The quotient in six digits, halves away from zero, without a DOUBLE on the way. The division of
whole numbers cuts off what is left; the denominator must not be negative."""
