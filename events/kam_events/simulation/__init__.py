"""An invented organisation, for demonstrations, benchmarks and tests.

Each account has a latent health that drives how often it is touched, what it answers, what goes
wrong, and whether it stays. There is a story in it: one account is neglected and leaves, one is
being forgotten right now, one manager takes over a portfolio in mid-quarter, one excels.
"""

from __future__ import annotations

from collections.abc import Iterator

from kam_events.simulation.names import EXCELLENT, FADING, HEIR, LEAVER, NEGLECTED
from kamengine.hookspecs import Simulation, SimulationPlan

__all__ = ["EXCELLENT", "FADING", "HEIR", "LEAVER", "NEGLECTED", "SIMULATIONS", "lines"]


def lines(plan: SimulationPlan) -> Iterator[bytes]:
    """Yield the organisation's history, one event a line; what invents it loads when it begins."""
    from kam_events.simulation import organisation  # noqa: PLC0415 - few commands need it

    return organisation.lines(plan)


SIMULATIONS = (
    Simulation(
        name="organisation",
        doc="Key accounts, their managers and their years together, down to the last touch.",
        lines=lines,
    ),
)
