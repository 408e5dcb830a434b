"""Acquisition: whom we contact, and what comes of it, by channel and by number of touches."""

from __future__ import annotations

from kamengine.kpi import KPI, Distinct, Latest

CLIENT_ACQUISITION_RATE = KPI(
    id="client_acquisition_rate",
    version=1,
    title="Client acquisition rate (outreach)",
    doc="""How many different prospects and customers a manager contacted.

Inputs: touch.logged; outreach.

Shape: one row per completed touch that began with us; the value is the number of different accounts
and prospects among them. `part` is the channel.

Unit: accounts and prospects.

Empty and null rule: nobody contacted is a true 0. A touch that names neither an account nor a
prospect counts nowhere.

Decisions: contacted is whoever had a completed touch that they didn't begin themselves; a touch
without a direction is taken for ours. A touch with an account is one with that account, whichever
prospect it names. It counts for the manager who made it: a manager's value is the KPI as the seed
has it; a team's counts whoever two of its managers contacted once.

Source: seed 2 names it; the count is ours.

Example: 5 calls to one customer, an e-mail to another, and one to a prospect without an account: 3.
""",
    family="revenue",
    timing="leading",
    kind="activity",
    unit="contacted",
    better="higher",
    value=Distinct(),
    empty="zero",
    numerator="different accounts and prospects contacted",
    source="seed 2",
    sql="""
SELECT
    account_id,
    manager_id,
    occurred_at,
    coalesce('prospect ' || prospect_id, 'account') AS item,
    channel AS part,
    event_id
FROM outreach
""",
)

DOC = """{meaning}

Inputs: touch.logged, deal.opened, deal.closed; outreach.

Shape: one row per completed touch that began with us; numerator 1 where a won deal came after it
and before the next touch, else 0. A pursuit is what lies between two won deals of an account; of
each pursuit only the latest touch in the window counts. The value is the ratio of the sums. `part`
is {part}.

Unit: %, as a ratio (0.1 for 10 %).

Empty and null rule: nobody contacted in the window leaves it undefined.

Decisions: whoever was contacted in the window counts once for each pursuit, at the last touch, and
as won where that touch was the last before the winning, whenever that was: so each won deal that
was pursued counts in one month, that of its last touch. A touch at the very moment of the winning
led to it. A pursuit still going on counts as not won, until it is. A prospect without an account
is won by a deal without an account that one of their touches names. A pursuit counts for the
manager who made its latest touch in the window.{decision}

Source: seed 2 speaks of it; the formula is ours.

Example: {example}
"""


def _conversion(kpi_id: str, title: str, column: str, **words: str) -> KPI:
    """Declare the conversion of outreach, broken down by a column of ``outreach``."""
    return KPI(
        id=kpi_id,
        version=1,
        title=title,
        doc=DOC.format(**words),
        family="revenue",
        timing="lagging",
        unit="%",
        better="higher",
        value=Latest(),
        numerator="accounts and prospects won after their latest touch",
        denominator="accounts and prospects contacted",
        source="seed 2",
        sql=f"""
SELECT
    account_id,
    manager_id,
    occurred_at,
    coalesce('prospect ' || prospect_id || ', ', '') || 'pursuit ' || pursuit AS item,
    CASE WHEN won_event IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE WHEN won_event IS NULL THEN [event_id] ELSE [event_id, won_event] END AS event_id,
    {column} AS part
FROM outreach
""",
    )


CLIENT_ACQUISITION_CONVERSION = _conversion(
    "client_acquisition_conversion",
    "Client acquisition conversion",
    "channel",
    meaning="Of those whom we contacted in the window, how many we won, channel by channel.",
    part="the channel of the latest touch",
    decision="",
    example="10 customers contacted in May, 6 at last by e-mail and 4 by phone; 1 of the former and"
    " 2 of the\nlatter then bought: 3/10, by e-mail 1/6, by phone 2/4.",
)

CLIENT_ACQUISITION_CONVERSION_BY_TOUCH = _conversion(
    "client_acquisition_conversion_by_touch",
    "Client acquisition conversion, by touch number",
    "CAST(touch_number AS VARCHAR)",
    meaning="Of those whom we contacted in the window, how many we won, by the number of touches.",
    part="the number of touches in the pursuit up to that one",
    decision=" The value is that of\nclient_acquisition_conversion; only its parts are others.",
    example="10 customers contacted in May, 7 for the first time and 3 for the fourth; 2 of the"
    " former and\n1 of the latter then bought: 3/10, at the first touch 2/7, at the fourth 1/3.",
)
