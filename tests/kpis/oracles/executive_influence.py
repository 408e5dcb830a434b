"""For each window's end, ask of every contact whether they decide and what they weigh."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.bonds import DECIDES, customers_so_far, influence
from tests.kpis.cover import DAY, Book
from tests.kpis.talk import Contact, contacts
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for account, window, people in known(events, windows):
        deciding = [p for p in people.values() if p.role(window.t1) in DECIDES]
        tally.add(account, window, sum(influence(p, window.t1) for p in deciding))
    return tally.sums()


def known(
    events: list[Event], windows: list[Window]
) -> list[tuple[str, Window, dict[str, Contact]]]:
    """List the accounts that are asked about at each window's end, with all their contacts."""
    book, was_customer, people = Book(events), customers_so_far(events), contacts(events)
    found = []
    for window in windows:
        for account in {*book.accounts, *people}:
            of_account = people.get(account, {})
            met = any(p.known_at < window.t1 for p in of_account.values() if p.known_at)
            is_customer = book.covered(account, window.end - DAY)
            if is_customer or (met and not was_customer(account, window.end)):
                found.append((account, window, of_account))
    return found
