"""Revenue: what deals and customers bring in, and how surely and quickly."""

from __future__ import annotations

from collections.abc import Iterable

from kam_revenue.conversion import OPPORTUNITY_CONVERSION_RATE, WIN_RATE
from kam_revenue.conversion_per_touch import CONVERSION_PER_TOUCH
from kam_revenue.lifetime_value import CUSTOMER_LIFETIME_VALUE
from kam_revenue.revenue_per_account import REVENUE_PER_ACCOUNT
from kam_revenue.time_to_close import TIME_TO_CLOSE, TIME_TO_CLOSE_P50, TIME_TO_CLOSE_P90
from kam_revenue.touches_to_closure import TOUCHES_TO_CLOSURE
from kamengine.hookspecs import hookimpl
from kamengine.kpi import KPI


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register the revenue KPIs."""
    return (
        CONVERSION_PER_TOUCH,
        CUSTOMER_LIFETIME_VALUE,
        OPPORTUNITY_CONVERSION_RATE,
        REVENUE_PER_ACCOUNT,
        TIME_TO_CLOSE,
        TIME_TO_CLOSE_P50,
        TIME_TO_CLOSE_P90,
        TOUCHES_TO_CLOSURE,
        WIN_RATE,
    )
