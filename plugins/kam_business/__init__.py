"""Business: what the organisation earns, and which accounts are worth being key accounts."""

from __future__ import annotations

from collections.abc import Iterable

from kam_business.kam_scorecard_score import KAM_SCORECARD_SCORE
from kam_business.key_account_score import KEY_ACCOUNT_SCORE, KEY_ACCOUNT_SCORE_TOTAL
from kam_business.leads import (
    LEAD_CONVERSION_RATE,
    QUALIFIED_LEADS,
    QUALIFIED_LEADS_PER_MONTH,
)
from kam_business.sales_revenue import SALES_REVENUE
from kamengine import KPI, hookimpl


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register every KPI of this pack."""
    return (
        KAM_SCORECARD_SCORE,
        KEY_ACCOUNT_SCORE,
        KEY_ACCOUNT_SCORE_TOTAL,
        LEAD_CONVERSION_RATE,
        QUALIFIED_LEADS,
        QUALIFIED_LEADS_PER_MONTH,
        SALES_REVENUE,
    )
