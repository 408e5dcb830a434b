"""Contracts: what they cover, what they are worth over time, and how they end."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from kam_events.conversion import converted, problem, rate_of
from kam_events.declaration import Family
from kam_events.fields import Currency, Id, Measured, Money, Months, check_order
from kamengine.event import EventData
from kamengine.projection import Projection

FAMILY = Family("contracts, renewals, risk")


class ContractSigned(Measured, frozen=True):
    """A contract covers the account from ``starts_on`` up to, not including, ``ends_on``."""

    contract_id: Id
    starts_on: dt.date
    ends_on: dt.date
    annual_value: Money
    currency: Currency | None = None
    term_months: Months | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_order("starts_on", self.starts_on, "ends_on", self.ends_on)


class ContractAmended(Measured, frozen=True):
    """The annual value of a contract changes, in the contract's own currency."""

    contract_id: Id
    effective_on: dt.date
    annual_value_change: Money


class ContractRenewed(Measured, frozen=True):
    """A new contract takes the place of a prior one from ``starts_on``."""

    contract_id: Id
    prior_contract_id: Id
    starts_on: dt.date
    ends_on: dt.date
    annual_value: Money
    currency: Currency | None = None
    term_months: Months | None = None
    rebid: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_order("starts_on", self.starts_on, "ends_on", self.ends_on)
        if self.contract_id == self.prior_contract_id:
            raise ValueError(f"`prior_contract_id` {self.contract_id} is the contract itself")


class ContractEnded(EventData, frozen=True):
    """A contract no longer covers the account from ``effective_on``."""

    contract_id: Id
    effective_on: dt.date
    reason: Literal["cancelled", "not_renewed", "superseded"]


EVENT_TYPES = (
    FAMILY.event("contract.signed", ContractSigned),
    FAMILY.event("contract.amended", ContractAmended),
    FAMILY.event("contract.renewed", ContractRenewed),
    FAMILY.event("contract.ended", ContractEnded),
)

CONTRACTS = Projection(
    name="contracts",
    doc="One row per contract, with the instant at which it truly ends and why.",
    key=("account_id", "contract_id"),
    sql=f"""
WITH statements AS (
    SELECT
        account_id, contract_id, NULL AS prior_contract_id, starts_on, ends_on, annual_value,
        currency, term_months, NULL AS rebid, occurred_at, id, event_id
    FROM contract_signed
    UNION ALL
    SELECT
        account_id, contract_id, prior_contract_id, starts_on, ends_on, annual_value,
        currency, term_months, rebid, occurred_at, id, event_id
    FROM contract_renewed
),

terms AS (
    SELECT
        *,
        min(occurred_at) OVER (PARTITION BY account_id, contract_id) AS signed_at,
        row_number() OVER (
            PARTITION BY account_id, contract_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM statements
),

-- a renewal stated again may name another prior contract: only the latest counts
renewals AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, contract_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM contract_renewed
),

successors AS (
    SELECT
        *,
        local_start(starts_on) AS takes_over_at,
        row_number() OVER (
            PARTITION BY account_id, prior_contract_id ORDER BY occurred_at DESC, id DESC
        ) AS place
    FROM renewals
    WHERE recency = 1
),

endings AS (
    SELECT
        *,
        local_start(effective_on) AS effective_at,
        row_number() OVER (
            PARTITION BY account_id, contract_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM contract_ended
),

bounded AS (
    SELECT
        terms.*,
        origin.prior_contract_id AS prior_id,
        local_start(terms.starts_on) AS starts_at,
        local_start(terms.ends_on) AS planned_ends_at,
        successor.contract_id AS renewed_by,
        successor.occurred_at AS renewed_at,
        successor.rebid AS successor_rebid,
        successor.event_id AS successor_event,
        successor.takes_over_at,
        ending.effective_at,
        ending.reason,
        ending.event_id AS ending_event
    FROM terms
    LEFT JOIN renewals AS origin
        ON origin.account_id = terms.account_id
        AND origin.contract_id = terms.contract_id
        AND origin.recency = 1
    LEFT JOIN successors AS successor
        ON successor.account_id = terms.account_id
        AND successor.prior_contract_id = terms.contract_id
        AND successor.place = 1
    LEFT JOIN endings AS ending
        ON ending.account_id = terms.account_id
        AND ending.contract_id = terms.contract_id
        AND ending.recency = 1
    WHERE terms.recency = 1
),

-- least() leaves out what is NULL: no successor, no ending
ended AS (
    SELECT
        *,
        greatest(starts_at, least(planned_ends_at, takes_over_at, effective_at)) AS ends_at,
        coalesce(currency, $reporting_currency) AS stated_currency
    FROM bounded
)

SELECT
    ended.account_id,
    ended.contract_id,
    ended.prior_id AS prior_contract_id,
    ended.signed_at,
    ended.starts_on,
    ended.ends_on AS planned_ends_on,
    local_date(ended.ends_at) AS ends_on,
    ended.starts_at,
    ended.planned_ends_at,
    ended.ends_at,
    {converted("ended.annual_value")} AS annual_value,
    ended.stated_currency AS currency,
    ended.term_months,
    ended.renewed_by,
    ended.renewed_at,
    ended.successor_rebid AS rebid,
    CASE
        WHEN ended.reason IS NOT NULL THEN ended.reason
        WHEN ended.renewed_by IS NOT NULL THEN 'renewed'
        ELSE 'lapsed'
    END AS ended_reason,
    ended.event_id,
    CASE
        WHEN ended.effective_at <= ended.ends_at THEN ended.ending_event
        WHEN ended.takes_over_at <= ended.ends_at THEN ended.successor_event
        ELSE coalesce(ended.ending_event, ended.event_id)
    END AS end_event,
    {problem("ended.annual_value", "ended.stated_currency", "ended.occurred_at")} AS problem
FROM ended
{rate_of("ended.stated_currency", "ended.occurred_at")}
""",
)

CONTRACT_VALUES = Projection(
    name="contract_values",
    doc="One row per contract and interval during which its annual value stood still.",
    key=("account_id", "contract_id", "valid_from"),
    sql=f"""
WITH amendments AS (
    SELECT
        contract.account_id,
        contract.contract_id,
        contract.starts_at,
        contract.currency,
        local_start(amended.effective_on) AS effective_at,
        amended.annual_value_change AS stated,
        amended.occurred_at,
        amended.id,
        amended.event_id
    FROM contract_amended AS amended
    INNER JOIN contracts AS contract
        ON contract.account_id = amended.account_id
        AND contract.contract_id = amended.contract_id
),

changes AS (
    SELECT
        account_id, contract_id, starts_at AS changed_at, 1 AS turn, NULL AS told_at, NULL AS id,
        annual_value AS change, event_id, problem
    FROM contracts
    UNION ALL
    SELECT
        amended.account_id,
        amended.contract_id,
        greatest(amended.starts_at, amended.effective_at) AS changed_at,
        2 AS turn,
        amended.occurred_at AS told_at,
        amended.id,
        {converted("amended.stated")} AS change,
        amended.event_id,
        {problem("amended.stated", "amended.currency", "amended.occurred_at")} AS problem
    FROM amendments AS amended
    {rate_of("amended.currency", "amended.occurred_at")}
),

running AS (
    SELECT
        account_id,
        contract_id,
        sum(change) OVER so_far AS annual_value,
        changed_at AS valid_from,
        lead(changed_at) OVER (
            PARTITION BY account_id, contract_id ORDER BY changed_at, turn, told_at, id
        ) AS next_change,
        event_id,
        last_value(problem IGNORE NULLS) OVER so_far AS problem
    FROM changes
    WINDOW so_far AS (
        PARTITION BY account_id, contract_id ORDER BY changed_at, turn, told_at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),

intervals AS (
    SELECT
        account_id,
        contract_id,
        running.annual_value,
        running.valid_from,
        running.event_id,
        running.problem,
        least(running.next_change, contract.ends_at) AS valid_to
    FROM running
    INNER JOIN contracts AS contract USING (account_id, contract_id)
)

-- a sum that lacks one part isn't known
SELECT
    account_id,
    contract_id,
    CASE WHEN problem IS NULL THEN annual_value END AS annual_value,
    valid_from,
    valid_to,
    event_id,
    problem
FROM intervals
WHERE valid_from < valid_to
""",
)

CUSTOMER_SPELLS = Projection(
    name="customer_spells",
    doc="One row per account and unbroken run of cover: active at an instant is one comparison.",
    key=("account_id", "starts_at"),
    sql="""
WITH cover AS (
    SELECT
        *,
        max(ends_at) OVER (
            PARTITION BY account_id ORDER BY starts_at, ends_at, contract_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM contracts
    WHERE $active_by = 'contracts' AND starts_at < ends_at
),

-- half open: a contract that starts where cover ends goes on with it
runs AS (
    SELECT
        *,
        sum(CASE WHEN covered_until >= starts_at THEN 0 ELSE 1 END) OVER (
            PARTITION BY account_id ORDER BY starts_at, ends_at, contract_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM cover
),

placed AS (
    SELECT
        *,
        min(starts_at) OVER (PARTITION BY account_id, run) AS run_starts_at,
        first_value(event_id) OVER (
            PARTITION BY account_id, run ORDER BY starts_at, ends_at, contract_id
        ) AS start_event,
        row_number() OVER (
            PARTITION BY account_id, run ORDER BY ends_at DESC, contract_id DESC
        ) AS place
    FROM runs
)

SELECT
    account_id, run_starts_at AS starts_at, ends_at, start_event, end_event, ended_reason
FROM placed
WHERE place = 1
UNION ALL
SELECT
    account_id, opened_at AS starts_at, closed_at AS ends_at,
    open_event AS start_event, close_event AS end_event,
    CASE WHEN closed_at IS NOT NULL THEN 'closed' END AS ended_reason
FROM account_spells
WHERE $active_by = 'accounts' AND (closed_at IS NULL OR opened_at < closed_at)
""",
)

ACTIVE_STRETCHES = Projection(
    name="active_stretches",
    doc="One row per account and stretch of being active under one owner, segment and team.",
    key=("account_id", "starts_at"),
    sql="""
WITH changes AS (
    SELECT account_id, starts_at AS changed_at FROM customer_spells
    UNION
    SELECT account_id, ends_at FROM customer_spells WHERE ends_at IS NOT NULL
    UNION
    SELECT account_id, valid_from FROM ownership
    UNION
    SELECT account_id, valid_from FROM account_attributes
    UNION
    SELECT owned.account_id, unnest([member.valid_from, member.valid_to]) AS changed_at
    FROM ownership AS owned
    INNER JOIN team_membership AS member ON member.manager_id = owned.manager_id
),

stretches AS (
    SELECT
        account_id,
        changed_at AS starts_at,
        lead(changed_at) OVER (PARTITION BY account_id ORDER BY changed_at) AS ends_at
    FROM changes
    WHERE changed_at IS NOT NULL
)

SELECT stretch.account_id, stretch.starts_at, stretch.ends_at
FROM stretches AS stretch
INNER JOIN customer_spells AS spell
    ON spell.account_id = stretch.account_id
    AND spell.starts_at <= stretch.starts_at
    AND (spell.ends_at IS NULL OR stretch.starts_at < spell.ends_at)
""",
)

IMPLEMENTATIONS = Projection(
    name="implementations",
    doc="One row per contract with its signing and the moment when it was first up and running.",
    key=("account_id", "contract_id"),
    sql="""
-- what is up and running was so from the first time that it was said
WITH completions AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, contract_id ORDER BY occurred_at, id
        ) AS place
    FROM onboarding_completed
),

first_completions AS (SELECT * FROM completions WHERE place = 1)

SELECT
    account_id,
    contract_id,
    contract.prior_contract_id,
    contract.signed_at,
    live.occurred_at AS live_at,
    contract.ends_at,
    contract.event_id AS signed_event,
    live.event_id AS live_event
FROM contracts AS contract
LEFT JOIN first_completions AS live USING (account_id, contract_id)
""",
)

PROJECTIONS = (CONTRACTS, CONTRACT_VALUES, CUSTOMER_SPELLS, ACTIVE_STRETCHES, IMPLEMENTATIONS)
