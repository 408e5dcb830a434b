"""Where pooling turns a direction around: each part goes one way, and the whole the other.

A quotient of sums can fall although every part's rises, because the weights moved towards parts
with lower quotients (Simpson's paradox). Whoever reads only the whole, or only the parts, would
draw the wrong conclusion, so it is said.
"""

from __future__ import annotations

from collections.abc import Mapping

from kamengine.report.pooling import Sums, sum_of

ENOUGH = 2
"""Parts that must have gone the other way before it is worth saying."""


def reversal(now: Mapping[str, Sums], then: Mapping[str, Sums], parts: str) -> str | None:
    """Say whether all parts with a value in both periods went one way, and the whole the other.

    Args:
        now: What each part adds up to.
        then: Likewise, in the period before.
        parts: What the parts are, in the plural: ``accounts``, ``teams``.
    """
    if not now or not then:
        return None
    whole = _direction(sum_of(now.values()), sum_of(then.values()))
    each = [_direction(now[name], then[name]) for name in now.keys() & then.keys()]
    moved = [way for way in each if way is not None]
    against = [way for way in moved if way == -(whole or 0)]
    if not whole or len(against) < ENOUGH or any(way == whole for way in moved):
        return None
    went, fell = ("rose", "fell") if whole < 0 else ("fell", "rose")
    still = len(moved) - len(against)
    others = f" ({still} stayed as they were)" if still else ""
    return (
        f"Each of the {len(against)} {parts} with a value in both periods that moved {went}"
        f"{others}, and yet the whole {fell}: more of the weight lies with {parts} whose values"
        f" are {'lower' if whole < 0 else 'higher'}. Look at the parts before you judge the whole."
    )


def _direction(now: Sums, then: Sums) -> int | None:
    """Return 1 for up, -1 for down, 0 for neither; None without two values."""
    after, before = now.quotient, then.quotient
    if after is None or before is None:
        return None
    return (after > before) - (after < before)
