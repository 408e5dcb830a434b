"""A file in the workspace that says what each replay did."""

from __future__ import annotations

from kamengine import Notice, Notifier


def _notify(notice: Notice) -> None:
    parked = ", ".join(notice.newly_parked) or "nothing"
    with (notice.workspace / "field.log").open("a", encoding="utf-8") as log:
        log.write(f"{notice.position}: {len(notice.recomputed)} recomputed, parked: {parked}\n")


FIELD_LOG = Notifier(name="field-log", doc="Writes field.log in the workspace.", notify=_notify)
