"""Business: what the organisation earns, and which accounts are worth being key accounts."""

from __future__ import annotations

from collections.abc import Iterable

from kam_business.acquisition_cost import CUSTOMER_ACQUISITION_COST
from kam_business.gross_margin import GROSS_MARGIN, GROSS_MARGIN_PREVIOUS
from kam_business.kam_scorecard_score import KAM_SCORECARD_SCORE
from kam_business.key_account_score import KEY_ACCOUNT_SCORE, KEY_ACCOUNT_SCORE_TOTAL
from kam_business.leads import (
    LEAD_CONVERSION_RATE,
    QUALIFIED_LEADS,
    QUALIFIED_LEADS_PER_MONTH,
)
from kam_business.net_profit_margin import NET_INCOME, NET_PROFIT_MARGIN
from kam_business.sales_growth import SALES_GROWTH_YTD
from kam_business.sales_revenue import SALES_REVENUE
from kam_business.website import (
    WEBSITE_GOAL_ACTIONS,
    WEBSITE_TRAFFIC,
    WEBSITE_UNIQUE_VISITORS,
)
from kamengine import KPI, hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register every KPI of this pack."""
    return (
        CUSTOMER_ACQUISITION_COST,
        GROSS_MARGIN,
        GROSS_MARGIN_PREVIOUS,
        KAM_SCORECARD_SCORE,
        KEY_ACCOUNT_SCORE,
        KEY_ACCOUNT_SCORE_TOTAL,
        LEAD_CONVERSION_RATE,
        NET_INCOME,
        NET_PROFIT_MARGIN,
        QUALIFIED_LEADS,
        QUALIFIED_LEADS_PER_MONTH,
        SALES_GROWTH_YTD,
        SALES_REVENUE,
        WEBSITE_GOAL_ACTIONS,
        WEBSITE_TRAFFIC,
        WEBSITE_UNIQUE_VISITORS,
    )
