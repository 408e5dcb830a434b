"""Amendments as a state file knows them: which are in force, and what they do to staged events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa

from kamengine.courier.client import Courier
from kamengine.engine.decode import RETRACTED
from kamengine.engine.session import STATE, Session
from kamengine.log.amendments import voided
from kamengine.replay.derived import is_there

STATED = f"{STATE}.amendments.stated"
"""Every amendment: where it stands, the position of what it amends, and what it says."""

IN_FORCE = f"{STATE}.amendments.in_force"
"""One row per event that isn't what it was appended as."""

TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {STATE}.amendments;
CREATE TABLE IF NOT EXISTS {STATED} (
    position BIGINT,
    id VARCHAR,
    retracts BOOLEAN,
    target BIGINT,
    version INTEGER,
    data VARCHAR
);
CREATE TABLE IF NOT EXISTS {IN_FORCE} (
    event_id BIGINT,
    retracted BOOLEAN,
    corrected_by VARCHAR,
    version INTEGER,
    data VARCHAR
);
"""

STATE_THEM = f"""
INSERT INTO {STATED}
SELECT
    CAST(position AS BIGINT),
    CAST(id AS VARCHAR),
    CAST(retracts AS BOOLEAN),
    CAST(target AS BIGINT),
    CAST(version AS INTEGER),
    CAST(data AS VARCHAR)
FROM incoming
"""

OF_AMENDMENTS = f"""
SELECT retraction.position, retraction.target
FROM {STATED} AS retraction
INNER JOIN {STATED} AS retracted ON retracted.position = retraction.target
WHERE retraction.retracts
"""

PUT_IN_FORCE = """
CREATE OR REPLACE TABLE {in_force} AS
SELECT
    target AS event_id,
    bool_or(retracts) AS retracted,
    arg_max(id, position) FILTER (WHERE NOT retracts) AS corrected_by,
    arg_max(version, position) FILTER (WHERE NOT retracts) AS version,
    arg_max(data, position) FILTER (WHERE NOT retracts) AS data
FROM {stated}
WHERE
    position NOT IN ({void})
    AND target NOT IN (SELECT position FROM {stated})
GROUP BY target
"""

AMENDED_SINCE = """
WITH RECURSIVE amended AS (
    SELECT target FROM {stated} WHERE position > {after}
    UNION
    SELECT onward.target
    FROM amended
    INNER JOIN {stated} AS onward ON onward.position = amended.target
)

SELECT target
FROM amended
WHERE target <= {after} AND target NOT IN (SELECT position FROM {stated})
ORDER BY target
"""

AMEND_STAGE = f"""
UPDATE stage
SET
    code = CASE WHEN in_force.retracted THEN {RETRACTED} ELSE stage.code END,
    version = coalesce(in_force.version, stage.version),
    data = coalesce(in_force.data, stage.data)
FROM {IN_FORCE} AS in_force
WHERE in_force.event_id = stage.event_id
"""


class Amendments:
    """The amendments up to a position of the log.

    Args:
        session: On the state file that keeps them.

    Attributes:
        amended: Positions of known events that `take` found to be spoken of anew. Each is to be
            decoded again, also where it comes out as before: the file that readers are shown may
            have it otherwise.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._some = False
        self.amended: Sequence[int] = ()

    def take(self, courier: Courier, log: Path, after: int, upto: int) -> None:
        """Read the amendments between two positions, and find which of all are in force.

        Args:
            courier: Reads the log.
            log: The log's file.
            after: The last event that the state file knows.
            upto: The last one that it is to know: what comes later changes nothing.
        """
        run, value = self._session.run, self._session.value
        run(TABLES)
        known = value(f"SELECT count(*) FROM {STATED}")
        # what a replay that was broken off had read ahead
        run(f"DELETE FROM {STATED} WHERE position > {after}")
        batches = list(courier.amendments(log, after=after, upto=upto)) if upto > after else []
        if batches:
            with self._session.lending("incoming", pa.Table.from_batches(batches)):
                run(STATE_THEM)
        if batches or value(f"SELECT count(*) FROM {STATED}") < known:
            self._put_in_force()
            found = self._session.rows(AMENDED_SINCE.format(stated=STATED, after=after))
            self.amended = [row[0] for row in found]
        self._some = value(f"SELECT count(*) FROM {IN_FORCE}") > 0

    def apply(self) -> None:
        """Make the staged events what they are by the amendments in force."""
        if self._some:
            self._session.run(AMEND_STAGE)

    def retracted(self) -> list[int]:
        """Return the positions of the events that never were."""
        rows = self._session.rows(f"SELECT event_id FROM {IN_FORCE} WHERE retracted")
        return [row[0] for row in rows]

    def _put_in_force(self) -> None:
        void = voided(self._session.rows(OF_AMENDMENTS))
        listed = ", ".join(map(str, sorted(void))) or "-1"
        self._session.run(PUT_IN_FORCE.format(in_force=IN_FORCE, stated=STATED, void=listed))


def corrections(session: Session, positions: Collection[int]) -> dict[int, str]:
    """Map those of some positions whose event is corrected to the id of the correction."""
    if not is_there(session, IN_FORCE):  # the file is an older kamengine's
        return {}
    rows = session.rows(f"SELECT event_id, corrected_by FROM {IN_FORCE} WHERE NOT retracted")
    return {event_id: by for event_id, by in rows if event_id in positions}
