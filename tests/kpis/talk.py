"""What oracles share: touches as last stated, contacts and owners, read from the raw events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from kamengine.periods import Window
from tests.kpis.cover import DAY, Book
from tests.kpis.tally import Event, of_type

KEY_ROLES = {"exec_sponsor", "decision_maker", "champion"}
SPOKEN = {"call", "video", "meeting"}


def completed(events: list[Event]) -> list[Event]:
    """Return the touches that took place, with an account or without, as last stated."""
    last: dict[tuple[str | None, str], Event] = {}
    for event in of_type(events, "touch.logged"):
        last[event["account_id"], event["data"].get("touch_id") or event["id"]] = event
    return [t for t in last.values() if t["data"].get("status", "completed") == "completed"]


def two_way(touch: Event) -> bool:
    """Whether the customer took part in a completed touch."""
    data = touch["data"]
    answered = data.get("direction") == "inbound" or data.get("replied_at") is not None
    return data["channel"] in SPOKEN or answered


def first_owned(events: list[Event]) -> dict[str, dt.datetime]:
    """Map each account to the moment from which somebody owned it."""
    found: dict[str, dt.datetime] = {}
    for event in of_type(events, "account.opened", "account.owner_assigned"):
        is_owner = event["data"].get("role", "owner") == "owner"
        if event["manager_id"] is not None and is_owner:
            found.setdefault(event["account_id"], event["occurred_at"])
    return found


def active_at_end(book: Book, windows: list[Window]) -> Iterator[tuple[str, Window]]:
    """Yield each account that is a customer on a window's last day, with that window."""
    for window in windows:
        for account in book.accounts:
            if book.covered(account, window.end - DAY):
                yield account, window


class Contact:
    """A contact's story, told by its events."""

    def __init__(self) -> None:
        self.steps: list[Event] = []

    def tell(self, event: Event) -> None:
        """Add what happened next."""
        self.steps.append(event)

    def role(self, moment: dt.datetime) -> str | None:
        """Return the role just before a moment; None where the contact isn't on file then."""
        present, role = False, None
        for step in self.steps:
            if step["occurred_at"] < moment:
                role = step["data"].get("role") or role
                if step["type"] != "contact.changed":
                    present = step["type"] == "contact.added"
        return role if present else None

    @property
    def known_at(self) -> dt.datetime:
        """When the contact first came on file."""
        added: list[dt.datetime] = [
            step["occurred_at"] for step in self.steps if step["type"] == "contact.added"
        ]
        return min(added)


def contacts(events: list[Event]) -> dict[str, dict[str, Contact]]:
    """Map accounts to contact ids to their stories."""
    found: dict[str, dict[str, Contact]] = defaultdict(lambda: defaultdict(Contact))
    for event in of_type(events, "contact.added", "contact.changed", "contact.left"):
        found[event["account_id"]][event["data"]["contact_id"]].tell(event)
    return found


def meetings(touches: list[Event]) -> dict[tuple[str, str], list[dt.datetime]]:
    """Map account and contact to the moments of the touches that name them."""
    found: dict[tuple[str, str], list[dt.datetime]] = defaultdict(list)
    for touch in touches:
        for contact in touch["data"].get("contact_ids") or ():
            found[touch["account_id"], contact].append(touch["occurred_at"])
    return found
