"""Accounts: when they were open, what they were like, who owned them, how they were scored."""

from __future__ import annotations

from kam_events.declaration import Family
from kam_events.fields import Id, OneToTen, check_some
from kamengine.event import EventData
from kamengine.projection import Projection

FAMILY = Family("accounts and people")


class AccountOpened(EventData, frozen=True):
    """An account comes under management; its manager owns it until another is assigned."""

    name: str
    segment: str | None = None
    tier: str | None = None
    industry: str | None = None
    region: str | None = None
    parent_account_id: Id | None = None


class AccountChanged(EventData, frozen=True):
    """An account gets another name, segment, tier, industry or region; the rest stays."""

    name: str | None = None
    segment: str | None = None
    tier: str | None = None
    industry: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        check_some(self)


class AccountClosed(EventData, frozen=True):
    """An account is given up."""

    reason: str | None = None


class AccountOwnerAssigned(EventData, frozen=True):
    """A manager takes an account over, and keeps it until the next one does."""

    role: str = "owner"


class AccountMerged(EventData, frozen=True):
    """An account becomes part of another, and its events count there."""

    into_account_id: Id


class KeyAccountScored(EventData, frozen=True):
    """An account is rated on one criterion of key-account selection; null: it doesn't apply."""

    criterion: Id
    score: OneToTen | None
    scorer_id: Id | None = None


class NamedListSet(EventData, frozen=True):
    """A list of named accounts is drawn up, in place of the list of that name before it."""

    list_id: Id
    account_ids: tuple[Id, ...]


EVENT_TYPES = (
    FAMILY.event("account.opened", AccountOpened, follows_merge=False),
    FAMILY.event("account.changed", AccountChanged, follows_merge=False),
    FAMILY.event("account.closed", AccountClosed, follows_merge=False),
    FAMILY.event(
        "account.owner_assigned", AccountOwnerAssigned, manager="required", follows_merge=False
    ),
    FAMILY.event("account.merged", AccountMerged, merges_into="into_account_id"),
    FAMILY.event("key_account.scored", KeyAccountScored),
    FAMILY.event("named_list.set", NamedListSet, account="none", manager="none"),
)

ACCOUNT_SPELLS = Projection(
    name="account_spells",
    doc="One row per unbroken time that an account is open.",
    key=("account_id", "open_event"),
    sql="""
WITH steps AS (
    SELECT account_id, occurred_at, id, event_id, TRUE AS opens FROM account_opened
    UNION ALL
    SELECT account_id, occurred_at, id, event_id, FALSE AS opens FROM account_closed
    UNION ALL
    SELECT account_id, occurred_at, id, event_id, FALSE AS opens FROM account_merged
),

-- to open what is open, or close what is closed, changes nothing
turns AS (
    SELECT account_id, occurred_at, id, event_id, opens
    FROM (
        SELECT
            *,
            lag(opens, 1, FALSE) OVER (
                PARTITION BY account_id ORDER BY occurred_at, id
            ) AS was_open
        FROM steps
    ) AS compared
    WHERE opens <> was_open
),

spells AS (
    SELECT
        account_id,
        opens,
        occurred_at AS opened_at,
        event_id AS open_event,
        lead(occurred_at) OVER later AS closed_at,
        lead(event_id) OVER later AS close_event
    FROM turns
    WINDOW later AS (PARTITION BY account_id ORDER BY occurred_at, id)
)

SELECT account_id, opened_at, closed_at, open_event, close_event
FROM spells
WHERE opens
""",
)

ACCOUNT_ATTRIBUTES = Projection(
    name="account_attributes",
    doc="One row per account and interval during which nothing about it changed.",
    key=("account_id", "valid_from"),
    sql="""
WITH statements AS (
    SELECT
        opened.account_id, opened.occurred_at, opened.id, opened.event_id,
        name, segment, tier, industry, region, parent_account_id
    FROM account_opened AS opened
    INNER JOIN account_spells AS spell ON spell.open_event = opened.event_id
    UNION ALL
    SELECT
        account_id, occurred_at, id, event_id,
        name, segment, tier, industry, region, NULL AS parent_account_id
    FROM account_changed
),

-- what a statement leaves out stays as it was
carried AS (
    SELECT
        account_id,
        last_value(name IGNORE NULLS) OVER so_far AS name,
        last_value(segment IGNORE NULLS) OVER so_far AS segment,
        last_value(tier IGNORE NULLS) OVER so_far AS tier,
        last_value(industry IGNORE NULLS) OVER so_far AS industry,
        last_value(region IGNORE NULLS) OVER so_far AS region,
        last_value(parent_account_id IGNORE NULLS) OVER so_far AS parent_account_id,
        occurred_at AS valid_from,
        lead(occurred_at) OVER (PARTITION BY account_id ORDER BY occurred_at, id) AS valid_to,
        event_id
    FROM statements
    WINDOW so_far AS (
        PARTITION BY account_id ORDER BY occurred_at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)

-- an empty interval was replaced at the instant it began
SELECT *
FROM carried
WHERE valid_to IS NULL OR valid_from < valid_to
""",
)

ACCOUNTS = Projection(
    name="accounts",
    doc="One row per account, as it is after its latest change.",
    key=("account_id",),
    sql="""
WITH latest_spells AS (
    SELECT
        account_id,
        min(opened_at) OVER (PARTITION BY account_id) AS opened_at,
        closed_at,
        first_value(open_event) OVER earlier AS event_id,
        lead(open_event) OVER earlier AS next_spell
    FROM account_spells
    WINDOW earlier AS (PARTITION BY account_id ORDER BY opened_at, closed_at NULLS LAST)
)

SELECT
    account_id, name, segment, tier, industry, region, parent_account_id,
    opened_at, closed_at, spell.event_id
FROM latest_spells AS spell
INNER JOIN account_attributes AS attributes USING (account_id)
WHERE spell.next_spell IS NULL AND attributes.valid_to IS NULL
""",
)

OWNERSHIP = Projection(
    name="ownership",
    doc="One row per account and interval during which one manager owned it.",
    key=("account_id", "valid_from"),
    sql="""
WITH assignments AS (
    SELECT account_id, manager_id, occurred_at, id, event_id
    FROM account_owner_assigned
    WHERE role = 'owner'
),

first_assignments AS (
    SELECT account_id, min(occurred_at) AS first_at
    FROM assignments
    GROUP BY account_id
),

-- who opens an account owns it until somebody is assigned
takeovers AS (
    SELECT account_id, manager_id, occurred_at, id, event_id FROM assignments
    UNION ALL
    SELECT opened.account_id, manager_id, occurred_at, id, event_id
    FROM account_opened AS opened
    INNER JOIN account_spells AS spell ON spell.open_event = opened.event_id
    LEFT JOIN first_assignments AS assigned ON assigned.account_id = opened.account_id
    WHERE manager_id IS NOT NULL AND (first_at IS NULL OR occurred_at < first_at)
),

intervals AS (
    SELECT
        account_id,
        manager_id,
        occurred_at AS valid_from,
        lead(occurred_at) OVER (PARTITION BY account_id ORDER BY occurred_at, id) AS valid_to,
        event_id
    FROM takeovers
)

SELECT *
FROM intervals
WHERE valid_to IS NULL OR valid_from < valid_to
""",
)

KEY_ACCOUNT_SCORES = Projection(
    name="key_account_scores",
    doc="One row per rating of an account on a criterion; a score of NULL says it doesn't apply.",
    key=("account_id", "criterion", "scorer_id", "occurred_at"),
    sql="""
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, criterion, scorer_id, occurred_at ORDER BY id DESC
        ) AS recency
    FROM key_account_scored
)

SELECT account_id, criterion, score, scorer_id, occurred_at, event_id
FROM ranked
WHERE recency = 1
""",
)

NAMED_ACCOUNTS = Projection(
    name="named_accounts",
    doc="One row per list of named accounts, account on it, and interval in which the list held.",
    key=("list_id", "member_id", "valid_from"),
    # no column account_id: who is on a list isn't told by the facts of that account alone
    sql="""
WITH lists AS (
    SELECT
        list_id,
        account_ids,
        occurred_at AS valid_from,
        lead(occurred_at) OVER (PARTITION BY list_id ORDER BY occurred_at, id) AS valid_to,
        event_id
    FROM named_list_set
),

members AS (
    SELECT list_id, unnest(account_ids) AS member_id, valid_from, valid_to, event_id
    FROM lists
    WHERE valid_to IS NULL OR valid_from < valid_to
),

merges AS (
    SELECT
        account_id,
        into_account_id,
        row_number() OVER (PARTITION BY account_id ORDER BY occurred_at DESC, id DESC) AS recency
    FROM account_merged
),

-- chains of merges are followed in strides, twice as long each time: one, two, four, eight
strides_1 AS (SELECT account_id, into_account_id FROM merges WHERE recency = 1),

strides_2 AS (
    SELECT near.account_id, coalesce(far.into_account_id, near.into_account_id) AS into_account_id
    FROM strides_1 AS near
    LEFT JOIN strides_1 AS far ON far.account_id = near.into_account_id
),

strides_4 AS (
    SELECT near.account_id, coalesce(far.into_account_id, near.into_account_id) AS into_account_id
    FROM strides_2 AS near
    LEFT JOIN strides_2 AS far ON far.account_id = near.into_account_id
),

strides_8 AS (
    SELECT near.account_id, coalesce(far.into_account_id, near.into_account_id) AS into_account_id
    FROM strides_4 AS near
    LEFT JOIN strides_4 AS far ON far.account_id = near.into_account_id
),

-- a chain that leads back into itself has no end to stand for it
survivors AS (
    SELECT strides_8.account_id, strides_8.into_account_id
    FROM strides_8
    LEFT JOIN strides_1 AS onward ON onward.account_id = strides_8.into_account_id
    WHERE onward.account_id IS NULL
)

-- whoever was merged stands on the list as the account that goes on
SELECT DISTINCT
    members.list_id,
    coalesce(survivors.into_account_id, members.member_id) AS member_id,
    members.valid_from,
    members.valid_to,
    members.event_id
FROM members
LEFT JOIN survivors ON survivors.account_id = members.member_id
""",
)

PROJECTIONS = (
    ACCOUNT_SPELLS,
    ACCOUNT_ATTRIBUTES,
    ACCOUNTS,
    OWNERSHIP,
    KEY_ACCOUNT_SCORES,
    NAMED_ACCOUNTS,
)
