"""What the engine needs to know of the config."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from kamengine.config.model import Config
from kamengine.periods import Calendar
from kamengine.plugins import Registry
from kamengine.settings import Limits, Settings


def settings_of(config: Config, registry: Registry) -> Settings:
    """Return the part of the config that decides values.

    A KPI that no loaded pack has is left out: there is nothing to set its parameters on.
    """
    organisation = config.organisation
    kpis = [registry.kpis[name] for name in config.kpis if name in registry.kpis]
    return Settings(
        calendar=Calendar(
            time_zone=ZoneInfo(organisation.time_zone),
            fiscal_start=organisation.fiscal_year.starts,
            fiscal_named_by=organisation.fiscal_year.named_by,
        ),
        kinds=organisation.periods,
        reporting_currency=organisation.reporting_currency,
        active_by=organisation.active_by,
        params={kpi.id: config.params_of(kpi) for kpi in kpis if config.kpis[kpi.id].params},
        as_of=organisation.as_of.isoformat() if organisation.as_of else None,
        limits=Limits(**msgspec.structs.asdict(organisation.limits)),
    )
