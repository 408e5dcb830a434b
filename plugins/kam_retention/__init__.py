"""Retention: who stays, what they are worth, and whether they are content."""

from __future__ import annotations

from collections.abc import Iterable

from kam_retention.contract_renewal import CONTRACT_RENEWAL_RATE, CONTRACT_RENEWAL_RATE_NO_REBID
from kam_retention.csat import CSAT
from kam_retention.customer_churn import (
    CUSTOMER_CHURN_RATE,
    CUSTOMERS_WON_AND_LOST,
    RETENTION_RATE,
)
from kam_retention.issue_resolution import (
    ISSUE_RESOLUTION_TIME,
    ISSUE_RESOLUTION_TIME_P50,
    ISSUE_RESOLUTION_TIME_P90,
)
from kam_retention.nps import NPS
from kam_retention.revenue_retention import (
    GROSS_REVENUE_RETENTION,
    NET_REVENUE_RETENTION,
    RECURRING_REVENUE,
)
from kamengine import KPI, Projection, hookimpl


@hookimpl
def kamengine_projections() -> Iterable[Projection]:
    """Register what several of these KPIs read."""
    return (RECURRING_REVENUE,)


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register every KPI of this pack."""
    return (
        CONTRACT_RENEWAL_RATE,
        CONTRACT_RENEWAL_RATE_NO_REBID,
        CSAT,
        CUSTOMERS_WON_AND_LOST,
        CUSTOMER_CHURN_RATE,
        GROSS_REVENUE_RETENTION,
        ISSUE_RESOLUTION_TIME,
        ISSUE_RESOLUTION_TIME_P50,
        ISSUE_RESOLUTION_TIME_P90,
        NET_REVENUE_RETENTION,
        NPS,
        RETENTION_RATE,
    )
