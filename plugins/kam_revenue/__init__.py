"""Revenue: what deals and customers bring in, and how surely and quickly."""

from __future__ import annotations

from collections.abc import Iterable

from kam_revenue.acquisition import (
    CLIENT_ACQUISITION_CONVERSION,
    CLIENT_ACQUISITION_CONVERSION_BY_TOUCH,
    CLIENT_ACQUISITION_RATE,
)
from kam_revenue.campaigns import CAMPAIGN_CONVERSION_RATE
from kam_revenue.conversion import OPPORTUNITY_CONVERSION_RATE, WIN_RATE
from kam_revenue.conversion_per_touch import CONVERSION_PER_TOUCH
from kam_revenue.expansion import (
    CROSS_SELL_RATE,
    CROSS_SELL_RATE_BY_DEALS,
    EXPANSION_PROPENSITY_SHARE,
    EXPANSION_REVENUE,
    UPSELL_RATE,
    UPSELL_RATE_BY_ACCOUNTS,
)
from kam_revenue.leads import LEAD_MANAGEMENT, REFERRED_LEAD_SHARE
from kam_revenue.lifetime_value import CUSTOMER_LIFETIME_VALUE
from kam_revenue.opportunities import NEW_BUSINESS_OPPORTUNITIES, NUMBER_OF_REFERRALS
from kam_revenue.product_mix import PRODUCT_MIX_ALIGNMENT
from kam_revenue.revenue_per_account import REVENUE_PER_ACCOUNT
from kam_revenue.sales_sources import (
    NEW_TO_REPEAT_SALES_RATIO,
    QUOTA_ATTAINMENT,
    REFERRAL_SALES_SHARE,
)
from kam_revenue.time_to_close import TIME_TO_CLOSE, TIME_TO_CLOSE_P50, TIME_TO_CLOSE_P90
from kam_revenue.touches_to_closure import TOUCHES_TO_CLOSURE
from kamengine.hookspecs import hookimpl
from kamengine.kpi import KPI


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register the revenue KPIs."""
    return (
        CONVERSION_PER_TOUCH,
        CAMPAIGN_CONVERSION_RATE,
        CLIENT_ACQUISITION_CONVERSION,
        CLIENT_ACQUISITION_CONVERSION_BY_TOUCH,
        CLIENT_ACQUISITION_RATE,
        CROSS_SELL_RATE,
        CROSS_SELL_RATE_BY_DEALS,
        CUSTOMER_LIFETIME_VALUE,
        EXPANSION_PROPENSITY_SHARE,
        EXPANSION_REVENUE,
        LEAD_MANAGEMENT,
        NEW_BUSINESS_OPPORTUNITIES,
        NEW_TO_REPEAT_SALES_RATIO,
        NUMBER_OF_REFERRALS,
        OPPORTUNITY_CONVERSION_RATE,
        PRODUCT_MIX_ALIGNMENT,
        QUOTA_ATTAINMENT,
        REFERRAL_SALES_SHARE,
        REFERRED_LEAD_SHARE,
        REVENUE_PER_ACCOUNT,
        TIME_TO_CLOSE,
        TIME_TO_CLOSE_P50,
        TIME_TO_CLOSE_P90,
        TOUCHES_TO_CLOSURE,
        UPSELL_RATE,
        UPSELL_RATE_BY_ACCOUNTS,
        WIN_RATE,
    )
