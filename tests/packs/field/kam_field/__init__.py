"""Visits of service technicians: an example of everything that a pack may register."""

from __future__ import annotations

from collections.abc import Iterable

import click

from kam_field.board import field_board
from kam_field.markdown import MARKDOWN
from kam_field.measures import FIELD_HOURS, FIRST_TIME_FIX_SHARE, SITE_VISITS
from kam_field.notices import FIELD_LOG
from kam_field.pairs import SHARE_WITH_HOURS
from kam_field.report import RULED_REPORT
from kam_field.rounds import ROUNDS
from kam_field.visits import SITE_VISITED, VISITS
from kamengine import (
    KPI,
    EventType,
    Importer,
    LintRule,
    Notifier,
    OutputFormat,
    Projection,
    Simulation,
    hookimpl,
)

kamengine_api = "1.0"


@hookimpl
def kamengine_event_types() -> Iterable[EventType]:
    return [SITE_VISITED]


@hookimpl
def kamengine_projections() -> Iterable[Projection]:
    return [VISITS]


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    return [FIELD_HOURS, FIRST_TIME_FIX_SHARE, SITE_VISITS]


@hookimpl
def kamengine_simulations() -> Iterable[Simulation]:
    return [ROUNDS]


@hookimpl
def kamengine_lint_rules() -> Iterable[LintRule]:
    return [SHARE_WITH_HOURS]


@hookimpl
def kamengine_importers() -> Iterable[Importer]:
    return [RULED_REPORT]


@hookimpl
def kamengine_notifiers() -> Iterable[Notifier]:
    return [FIELD_LOG]


@hookimpl
def kamengine_output_formats() -> Iterable[OutputFormat]:
    return [MARKDOWN]


@hookimpl
def kamengine_commands() -> Iterable[click.Command]:
    return [field_board]
