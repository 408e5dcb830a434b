"""What we stand to lose: the expected loss, and how many accounts are at risk."""

from __future__ import annotations

from decimal import Decimal

from kamengine import KPI, Params, Ratio, Sum

STANDING = """
-- the last word on each customer's risk at each window's end
WITH standing AS (
    SELECT
        windows.period,
        risk.account_id,
        risk.likelihood,
        risk.impact,
        risk.model,
        risk.event_id,
        risk.problem
    FROM windows
    INNER JOIN risks AS risk
        ON risk.valid_from < windows.t1
        AND (risk.valid_to IS NULL OR risk.valid_to >= windows.t1)
    INNER JOIN customer_spells AS spell
        ON spell.account_id = risk.account_id
        AND spell.starts_at < windows.t1
        AND (spell.ends_at IS NULL OR spell.ends_at >= windows.t1)
)
"""

CUSTOMER_DEFECTION_RISK = KPI(
    id="customer_defection_risk",
    version=1,
    title="Customer defection risk",
    doc="""
    How much we must expect to lose with the customers that we have, by the last assessment of each.

    Inputs: `risk.assessed` (with `fx.rate_set`), by way of `risks`; `customer_spells` for who is a
    customer.

    Shape: one row per window and account that is active and has been assessed at the window's last
    instant: the likelihood times the impact of its last assessment. `part` is the model. A roll-up
    adds up the expected losses of its accounts.

    Unit: money, in the reporting currency.

    Empty and null rule: without an assessed customer there is no value: nothing assessed isn't
    nothing to lose. An impact that can't be converted leaves the value undefined and says which
    rate is missing.

    Decisions: an assessment stands until the account is assessed again, however old it is, by
    whatever model: two models don't count twice. Impact is converted at the rate of the day of its
    assessment, and the product rounded to six digits. An account that is no customer any more has
    nothing left to lose. The owner at the window's end answers for it.

    Source: seed 1 names it; expected loss is the field's standard measure of risk.

    Example: 0.2 of 100,000 and 0.5 of 30,000: 20,000 + 15,000 = 35,000.
    """,
    family="retention",
    timing="leading",
    unit="money",
    better="lower",
    value=Sum(),
    sql=f"""{STANDING}
SELECT
    account_id,
    period,
    CAST(round(impact * CAST(likelihood AS DECIMAL(18, 6)), 6) AS DECIMAL(38, 6)) AS numerator,
    model AS part,
    event_id,
    problem
FROM standing
""",
    source="seed 1; field standard",
    numerator="likelihood times impact of each customer's last assessment",
)


class Alarm(Params, frozen=True):
    """When an account is at risk.

    Attributes:
        likelihood: The least likelihood of loss that puts it there.
    """

    likelihood: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        if not (self.likelihood.is_finite() and 0 <= self.likelihood <= 1):
            raise ValueError(f"`likelihood` is {self.likelihood}; it must lie between 0 and 1")


ACCOUNTS_AT_RISK_SHARE = KPI(
    id="accounts_at_risk_share",
    version=1,
    title="Accounts at risk",
    doc="""
    The share of the assessed customers that are likely to leave.

    Inputs: `risk.assessed`, by way of `risks`; `customer_spells` for who is a customer.

    Shape: one row per window and account that is active and has been assessed at the window's last
    instant, `1` if the likelihood of its last assessment is at least `likelihood` (0.5) and `0` if
    not, over `1`. `part` is the model.

    Unit: % (kept as a ratio, 0.25 for 25 %).

    Empty and null rule: without an assessed customer there is no value. A customer whom nobody
    assessed is neither at risk nor safe, and stays out.

    Decisions: as for `customer_defection_risk`. A missing exchange rate is no matter: the impact
    isn't asked for.

    Source: seed 1 names the at-risk score; the share is ours.

    Example: likelihoods of 0.2, 0.5, 0.1 and 0.9, and a customer not assessed: 2/4 = 0.5.
    """,
    family="retention",
    timing="leading",
    unit="%",
    better="lower",
    value=Ratio(),
    params=Alarm(),
    sql=f"""{STANDING}
SELECT
    account_id,
    period,
    CASE WHEN likelihood >= $likelihood THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    model AS part,
    event_id
FROM standing
""",
    source="seed 1; the share is ours",
    numerator="customers whose likelihood of loss is high",
    denominator="customers whose risk has been assessed",
)
