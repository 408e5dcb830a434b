"""kamengine: an event-sourced, plugin-based KPI engine for key account management."""

from __future__ import annotations

from kamengine.errors import KamengineError
from kamengine.event import EventData, EventType, Upcast
from kamengine.extensions import (
    Importer,
    Linted,
    LintFinding,
    LintRule,
    Notice,
    Notifier,
    OutputFormat,
    Table,
)
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
    "Importer",
    "KamengineError",
    "Latest",
    "LintFinding",
    "LintRule",
    "Linted",
    "Mean",
    "MeanOfParts",
    "Notice",
    "Notifier",
    "Operand",
    "OutputFormat",
    "Overlap",
    "Params",
    "Projection",
    "Quantile",
    "Ratio",
    "Simulation",
    "SimulationPlan",
    "Sum",
    "Table",
    "TenureWeights",
    "Upcast",
    "hookimpl",
]
