"""Which KPIs are measured: those that the project began with, or the whole catalogue."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from kamengine.plugins import Registry, load
from kamengine.replay.narrowing import narrowed
from kamengine.settings import Settings

Selection: TypeAlias = Literal["foundation", "catalogue"]

AS_OF = "2026-06-30"
SETTINGS = Settings(kinds=("month",), as_of=AS_OF)

FOUNDATION = (
    "contact_gap_days",
    "contract_renewal_rate",
    "contract_renewal_rate_no_rebid",
    "csat",
    "customer_churn_rate",
    "customer_interaction_time",
    "customer_lifetime_value",
    "customers_won_and_lost",
    "gross_revenue_retention",
    "inbound_interaction_share",
    "issue_resolution_time",
    "issue_resolution_time_p50",
    "issue_resolution_time_p90",
    "key_account_score",
    "key_account_score_total",
    "key_contact_gap_days",
    "net_revenue_retention",
    "nps",
    "number_of_contacts",
    "opportunity_conversion_rate",
    "retention_rate",
    "revenue_per_account",
    "sales_revenue",
    "time_to_close",
    "time_to_close_p50",
    "time_to_close_p90",
    "touches_to_closure",
    "win_rate",
)


def packs(selection: str) -> Registry:
    """Return the packs with the selected KPIs, and all event types: all events are decoded.

    Raises:
        ValueError: There is no such selection.
    """
    registry = load()
    if selection == "catalogue":
        return registry
    if selection not in get_args(Selection):
        raise ValueError(selection)
    narrow = narrowed(registry, FOUNDATION, SETTINGS)
    narrow.event_types = registry.event_types
    return narrow
