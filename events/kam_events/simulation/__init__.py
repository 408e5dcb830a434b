"""An invented organisation, for demonstrations, benchmarks and tests.

Each account has a latent health that drives how often it is touched, what it answers, what goes
wrong, and whether it stays. There is a story in it: one account is neglected and leaves, one is
being forgotten right now, one manager takes over a portfolio in mid-quarter, one excels.
"""

from __future__ import annotations

from kam_events.simulation.names import EXCELLENT, FADING, HEIR, LEAVER, NEGLECTED
from kam_events.simulation.organisation import lines
from kamengine.hookspecs import Simulation

__all__ = ["EXCELLENT", "FADING", "HEIR", "LEAVER", "NEGLECTED", "SIMULATIONS", "lines"]

SIMULATIONS = (
    Simulation(
        name="organisation",
        doc="Key accounts, their managers and their years together, down to the last touch.",
        lines=lines,
    ),
)
