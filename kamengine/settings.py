"""What an organisation decides about its own numbers, as the engine needs to know it."""

from __future__ import annotations

from typing import Literal

import msgspec

from kamengine.kpi import KPI, Params
from kamengine.periods import Calendar


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one definition may cost before it is stopped and parked.

    They are far above what a sound definition takes, and change no value.

    Attributes:
        seconds: How long one of its steps may take: deriving its rows, or valuing them.
        memory: How much memory its query may hold, with a unit: ``800MB``. What doesn't fit is
            written to disk first.
        spill: How much it may write there; None for nine tenths of what the disk has left.
    """

    seconds: float = 900
    memory: str = "800MB"
    spill: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a workspace's config that decides values, and whether there are any.

    Attributes:
        calendar: Time zone and fiscal year.
        kinds: The kinds of period whose values are kept ready.
        reporting_currency: ISO 4217.
        active_by: Whether contracts or account.opened/closed decide that an account is active.
        params: KPI id to parameters, where they differ from the KPI's own.
        as_of: Pins "now" for this workspace (a demonstration, say); None for the clock.
        limits: What one definition may cost.
    """

    calendar: Calendar = Calendar()
    kinds: tuple[str, ...] = ("month", "quarter", "year")
    reporting_currency: str = "USD"
    active_by: Literal["contracts", "accounts"] = "contracts"
    params: dict[str, Params] = {}
    as_of: str | None = None
    limits: Limits = Limits()

    @property
    def shared_params(self) -> dict[str, object]:
        """What every definition's SQL may use."""
        return {
            "reporting_currency": self.reporting_currency,
            "active_by": self.active_by,
        }

    def params_of(self, kpi: KPI) -> Params:
        """Return a KPI's parameters: those that config sets, else its defaults."""
        return self.params.get(kpi.id, kpi.params)
