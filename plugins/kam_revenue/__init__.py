"""Revenue: what deals and customers bring in, and how surely and quickly."""

from __future__ import annotations

from collections.abc import Iterable

from kam_revenue.acquisition import (
    CLIENT_ACQUISITION_CONVERSION,
    CLIENT_ACQUISITION_CONVERSION_BY_TOUCH,
    CLIENT_ACQUISITION_RATE,
)
from kam_revenue.campaigns import CAMPAIGN_CONVERSION_RATE
from kam_revenue.contracts_signed import CONTRACTS_SIGNED
from kam_revenue.conversion import OPPORTUNITY_CONVERSION_RATE, WIN_RATE
from kam_revenue.conversion_per_touch import CONVERSION_PER_TOUCH
from kam_revenue.cost_to_serve import (
    COST_TO_SERVE_RATIO,
    COST_TO_SERVE_RATIO_PREVIOUS,
    COST_TO_SERVE_REDUCTION,
)
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
from kam_revenue.lifetime_value_variants import (
    CUSTOMER_LIFETIME_VALUE_HISTORIC,
    CUSTOMER_LIFETIME_VALUE_MARGIN,
)
from kam_revenue.margin_improvement import PROFIT_MARGIN_IMPROVEMENT
from kam_revenue.opportunities import NEW_BUSINESS_OPPORTUNITIES, NUMBER_OF_REFERRALS
from kam_revenue.organic_growth import ORGANIC_GROWTH_RATE
from kam_revenue.plan_execution import ACCOUNT_PLAN_EXECUTION
from kam_revenue.product_mix import PRODUCT_MIX_ALIGNMENT
from kam_revenue.product_utilisation import PRODUCT_UTILISATION, UNDER_USED_PRODUCTS
from kam_revenue.profitability import (
    ACCOUNT_PROFITABILITY,
    ACCOUNT_PROFITABILITY_AMOUNT,
    UNPROFITABLE_CUSTOMERS,
    UNPROFITABLE_CUSTOMERS_SHARE,
)
from kam_revenue.repeat_customers import REPEAT_CUSTOMER_SHARE
from kam_revenue.revenue_per_account import REVENUE_PER_ACCOUNT
from kam_revenue.sales_sources import (
    NEW_TO_REPEAT_SALES_RATIO,
    QUOTA_ATTAINMENT,
    REFERRAL_SALES_SHARE,
)
from kam_revenue.scope_expansion import SCOPE_EXPANSION_RATE
from kam_revenue.share_of_wallet import SHARE_OF_WALLET
from kam_revenue.time_to_close import TIME_TO_CLOSE, TIME_TO_CLOSE_P50, TIME_TO_CLOSE_P90
from kam_revenue.time_to_implement import TIME_TO_IMPLEMENT, TIME_TO_IMPLEMENT_OPEN
from kam_revenue.touches_to_closure import TOUCHES_TO_CLOSURE
from kamengine.hookspecs import hookimpl
from kamengine.kpi import KPI

kamengine_api = "1.0"


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register the revenue KPIs."""
    return (
        ACCOUNT_PLAN_EXECUTION,
        ACCOUNT_PROFITABILITY,
        ACCOUNT_PROFITABILITY_AMOUNT,
        CAMPAIGN_CONVERSION_RATE,
        CLIENT_ACQUISITION_CONVERSION,
        CLIENT_ACQUISITION_CONVERSION_BY_TOUCH,
        CLIENT_ACQUISITION_RATE,
        CONTRACTS_SIGNED,
        CONVERSION_PER_TOUCH,
        COST_TO_SERVE_RATIO,
        COST_TO_SERVE_RATIO_PREVIOUS,
        COST_TO_SERVE_REDUCTION,
        CROSS_SELL_RATE,
        CROSS_SELL_RATE_BY_DEALS,
        CUSTOMER_LIFETIME_VALUE,
        CUSTOMER_LIFETIME_VALUE_HISTORIC,
        CUSTOMER_LIFETIME_VALUE_MARGIN,
        EXPANSION_PROPENSITY_SHARE,
        EXPANSION_REVENUE,
        LEAD_MANAGEMENT,
        NEW_BUSINESS_OPPORTUNITIES,
        NEW_TO_REPEAT_SALES_RATIO,
        NUMBER_OF_REFERRALS,
        OPPORTUNITY_CONVERSION_RATE,
        ORGANIC_GROWTH_RATE,
        PRODUCT_MIX_ALIGNMENT,
        PRODUCT_UTILISATION,
        PROFIT_MARGIN_IMPROVEMENT,
        QUOTA_ATTAINMENT,
        REFERRAL_SALES_SHARE,
        REFERRED_LEAD_SHARE,
        REPEAT_CUSTOMER_SHARE,
        REVENUE_PER_ACCOUNT,
        SCOPE_EXPANSION_RATE,
        SHARE_OF_WALLET,
        TIME_TO_CLOSE,
        TIME_TO_CLOSE_P50,
        TIME_TO_CLOSE_P90,
        TIME_TO_IMPLEMENT,
        TIME_TO_IMPLEMENT_OPEN,
        TOUCHES_TO_CLOSURE,
        UNDER_USED_PRODUCTS,
        UNPROFITABLE_CUSTOMERS,
        UNPROFITABLE_CUSTOMERS_SHARE,
        UPSELL_RATE,
        UPSELL_RATE_BY_ACCOUNTS,
        WIN_RATE,
    )
