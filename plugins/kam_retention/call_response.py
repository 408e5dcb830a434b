"""How long callers wait until somebody answers."""

from __future__ import annotations

from kamengine import KPI, Mean

SECONDS_PER_MINUTE = 60

CALL_RESPONSE_TIME = KPI(
    id="call_response_time",
    version=1,
    title="Call response time",
    doc="""
    How long a customer who calls waits on average until somebody answers.

    Inputs: `call.received` and `call.answered`, by way of `calls`.

    Shape: one row per answered call, the seconds from the call to its first answer, at the moment
    of the call. They are added up over the number of calls. `part` is who answered.

    Unit: minutes of the clock, nights and weekends included.

    Empty and null rule: without an answered call in the window there is no value. A call that
    nobody answered has no wait that could be measured and isn't in it. A call answered before it
    came leaves the value undefined until the log is put right.

    Decisions: an answer is that to the call or the call back, whichever is first. A call counts in
    the window in which it came, and for the owner of the account then, whoever answered. Nobody is
    held to control it unless an organisation says otherwise: it hangs on when customers call and on
    who sits at the telephone, and seed 1 names it as the metric that cost its author a bonus.

    Source: seed 1 names it, as a bad example; the formula is the field's standard.

    Example: calls answered after 1, 2 and 9 minutes: 12 minutes over 3 calls = 4 minutes.
    """,
    family="retention",
    timing="lagging",
    unit="minutes",
    better="lower",
    value=Mean(per=SECONDS_PER_MINUTE),
    sql="""
SELECT
    account_id,
    received_at AS occurred_at,
    CASE
        WHEN answered_at >= received_at THEN seconds_between(received_at, answered_at)
    END AS numerator,
    answered_by AS part,
    [received_event, answered_event] AS event_id,
    CASE
        WHEN answered_at < received_at
            THEN 'call ' || call_id || ' of ' || account_id || ' is answered before it came'
    END AS problem
FROM calls
WHERE answered_at IS NOT NULL
""",
    controllable_by=(),
    source="seed 1; field standard",
    numerator="seconds from the call to its answer",
    denominator="answered calls",
)
