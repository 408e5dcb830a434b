"""kamengine: an event-sourced, plugin-based KPI engine for key account management."""

from __future__ import annotations

from kamengine.errors import KamengineError
from kamengine.event import EventData, EventType, Upcast
from kamengine.hookspecs import Simulation, SimulationPlan, hookimpl
from kamengine.kpi import (
    KPI,
    Composite,
    Distinct,
    Formula,
    Latest,
    Mean,
    MeanOfParts,
    Operand,
    Overlap,
    Params,
    Quantile,
    Ratio,
    Sum,
    TenureWeights,
)
from kamengine.projection import Projection

__version__ = "0.1.0"

__all__ = [
    "KPI",
    "Composite",
    "Distinct",
    "EventData",
    "EventType",
    "Formula",
    "KamengineError",
    "Latest",
    "Mean",
    "MeanOfParts",
    "Operand",
    "Overlap",
    "Params",
    "Projection",
    "Quantile",
    "Ratio",
    "Simulation",
    "SimulationPlan",
    "Sum",
    "TenureWeights",
    "Upcast",
    "hookimpl",
]
