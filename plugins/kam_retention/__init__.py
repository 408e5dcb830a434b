"""Retention: who stays, what they are worth, and whether they are content."""

from __future__ import annotations

from collections.abc import Iterable

from kam_retention.call_response import CALL_RESPONSE_TIME
from kam_retention.competitor_response import COMPETITOR_RESPONSE_ON_TIME, COMPETITOR_RESPONSE_TIME
from kam_retention.contract_length import CONTRACT_LENGTH_INCREASE
from kam_retention.contract_renewal import CONTRACT_RENEWAL_RATE, CONTRACT_RENEWAL_RATE_NO_REBID
from kam_retention.csat import CSAT
from kam_retention.customer_churn import (
    CUSTOMER_CHURN_RATE,
    CUSTOMERS_WON_AND_LOST,
    RETENTION_RATE,
)
from kam_retention.defection_risk import ACCOUNTS_AT_RISK_SHARE, CUSTOMER_DEFECTION_RISK
from kam_retention.issue_resolution import (
    ISSUE_RESOLUTION_TIME,
    ISSUE_RESOLUTION_TIME_P50,
    ISSUE_RESOLUTION_TIME_P90,
)
from kam_retention.nps import NPS
from kam_retention.open_issues import OPEN_ISSUE_AGE
from kam_retention.revenue_retention import (
    GROSS_REVENUE_RETENTION,
    NET_REVENUE_RETENTION,
    RECURRING_REVENUE,
)
from kam_retention.supplier_standing import (
    PREFERRED_SUPPLIER_SHARE,
    SUPPLIER_CONSOLIDATION_RATE,
)
from kam_retention.support_cases import (
    SUPPORT_CASE_RATE,
    SUPPORT_CASE_RATE_BEFORE,
    SUPPORT_CASE_RATE_CHANGE,
)
from kamengine import KPI, Projection, hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_projections() -> Iterable[Projection]:
    """Register what several of these KPIs read."""
    return (RECURRING_REVENUE,)


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register every KPI of this pack."""
    return (
        ACCOUNTS_AT_RISK_SHARE,
        CALL_RESPONSE_TIME,
        COMPETITOR_RESPONSE_ON_TIME,
        COMPETITOR_RESPONSE_TIME,
        CONTRACT_LENGTH_INCREASE,
        CONTRACT_RENEWAL_RATE,
        CONTRACT_RENEWAL_RATE_NO_REBID,
        CSAT,
        CUSTOMERS_WON_AND_LOST,
        CUSTOMER_CHURN_RATE,
        CUSTOMER_DEFECTION_RISK,
        GROSS_REVENUE_RETENTION,
        ISSUE_RESOLUTION_TIME,
        ISSUE_RESOLUTION_TIME_P50,
        ISSUE_RESOLUTION_TIME_P90,
        NET_REVENUE_RETENTION,
        NPS,
        OPEN_ISSUE_AGE,
        PREFERRED_SUPPLIER_SHARE,
        RETENTION_RATE,
        SUPPLIER_CONSOLIDATION_RATE,
        SUPPORT_CASE_RATE,
        SUPPORT_CASE_RATE_BEFORE,
        SUPPORT_CASE_RATE_CHANGE,
    )
