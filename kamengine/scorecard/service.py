"""Who answered for whom in a period, day by day: read from what was replayed."""

from __future__ import annotations

from collections import defaultdict

from kamengine.engine.evidence import MEMBERSHIP, OWNERSHIP
from kamengine.engine.session import quote
from kamengine.kpi import SubjectType
from kamengine.periods import Window
from kamengine.replay.derived import kept
from kamengine.replay.reading import Reader
from kamengine.replay.subjects import MANAGERS
from kamengine.scorecard.tenure import Service

WHOLE = """
    SELECT {subject} AS subject, manager_id, NULL AS valid_from, NULL AS valid_to
    FROM {{relation}}
"""
HELD = """
    SELECT {subject} AS subject, manager_id, valid_from, valid_to
    FROM {{relation}}
"""
HOLDING: dict[SubjectType, tuple[str, str]] = {
    "account": (OWNERSHIP, HELD.format(subject="account_id")),
    "manager": (MANAGERS, WHOLE.format(subject="manager_id")),
    "team": (MEMBERSHIP, HELD.format(subject="team")),
    "organisation": (MANAGERS, WHOLE.format(subject="'organisation'")),
}
"""For each grain the projection that says who answers for it, and the query that asks it."""

DAYS = """
WITH holding AS (
    {holding}
),

-- a day belongs to whoever has the subject when it ends
days AS (
    SELECT
        holding.subject,
        holding.manager_id,
        managers.hired_on,
        greatest(
            {start}, coalesce(local_date(holding.valid_from), {start}),
            coalesce(managers.hired_on, {start})
        ) AS start_date,
        least(
            {end}, coalesce(local_date(holding.valid_to), {end}),
            coalesce(local_date(managers.left_at), {end})
        ) AS end_date,
        managers.event_id
    FROM holding
    LEFT JOIN {managers} AS managers USING (manager_id)
)

SELECT *
FROM days
WHERE start_date < end_date
ORDER BY subject, start_date, manager_id
"""


def services(reader: Reader, subject_type: SubjectType, window: Window) -> dict[str, list[Service]]:
    """Return, for each subject, who answered for it on which days of a window.

    A manager answers for themselves and for the organisation while employed; for a team while
    a member of it; for an account while owning it.
    """
    if subject_type not in HOLDING:
        return {}
    relation, holding = HOLDING[subject_type]
    with reader.session() as session:
        held, managers = (kept(session, reader.derived, each) for each in (relation, MANAGERS))
        if held is None or managers is None:
            return {}
        query = DAYS.format(
            holding=holding.format(relation=held).strip(),
            managers=managers,
            start=f"DATE {quote(window.start.isoformat())}",
            end=f"DATE {quote(window.end.isoformat())}",
        )
        rows = session.rows(query)
    found: dict[str, list[Service]] = defaultdict(list)
    for subject, manager, hired_on, start, end, position in rows:
        found[subject].append(
            Service(manager=manager, hired_on=hired_on, start=start, end=end, position=position)
        )
    return found
