"""kamengine: an event-sourced, plugin-based KPI engine for key account management."""

from __future__ import annotations

from kamengine.errors import KamengineError
from kamengine.event import EventData, EventType, Upcast
from kamengine.hookspecs import Simulation, SimulationPlan, hookimpl
from kamengine.kpi import (
    KPI,
    Distinct,
    Formula,
    Latest,
    Mean,
    MeanOfParts,
    Operand,
    Params,
    Quantile,
    Ratio,
    Sum,
)
from kamengine.projection import Projection

__version__ = "0.1.0"

__all__ = [
    "KPI",
    "Distinct",
    "EventData",
    "EventType",
    "Formula",
    "KamengineError",
    "Latest",
    "Mean",
    "MeanOfParts",
    "Operand",
    "Params",
    "Projection",
    "Quantile",
    "Ratio",
    "Simulation",
    "SimulationPlan",
    "Sum",
    "Upcast",
    "hookimpl",
]
