"""Learning: whether our managers are trained and coached, get better, and are content."""

from __future__ import annotations

from collections.abc import Iterable

from kam_learning.certifications import INDUSTRY_CERTIFICATIONS
from kam_learning.coaching import COACHING_HOURS
from kam_learning.feedback import FEEDBACK_SCORE
from kam_learning.satisfaction import EMPLOYEE_SATISFACTION
from kam_learning.skills import CONTINUOUS_IMPROVEMENT_RATE, SKILL_ASSESSMENT_SCORE
from kam_learning.training import TRAINING_COMPLETION_RATE
from kamengine import KPI, hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register every KPI of this pack."""
    return (
        COACHING_HOURS,
        CONTINUOUS_IMPROVEMENT_RATE,
        EMPLOYEE_SATISFACTION,
        FEEDBACK_SCORE,
        INDUSTRY_CERTIFICATIONS,
        SKILL_ASSESSMENT_SCORE,
        TRAINING_COMPLETION_RATE,
    )
