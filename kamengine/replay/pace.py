"""How far a replay is as a whole, so that somebody can tell how long it will take."""

from __future__ import annotations

SHARES = {"events": 0.25, "projections": 0.12, "evidence": 0.30, "values": 0.33}
"""What part of its time a replay from nothing spends on each stage, in their order; measured
with two million events. Where less is to be done, it is only sooner done."""


def share_done(stage: str, done: int, total: int) -> float | None:
    """Return what part of a replay is done, from 0 to 1; None where nobody knows.

    Args:
        stage: What it is at.
        done: How far that is.
        total: How far it goes; 0 where that isn't known.
    """
    if stage not in SHARES or not total:
        return None
    stages = list(SHARES)
    before = sum(SHARES[s] for s in stages[: stages.index(stage)])
    return before + SHARES[stage] * min(done / total, 1.0)
