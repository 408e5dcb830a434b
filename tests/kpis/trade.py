"""What oracles share: what was sold, to whom and for how much, and leads, from the raw events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

import msgspec

from kamengine.periods import Window
from tests.kpis.money import Rates
from tests.kpis.talk import completed
from tests.kpis.tally import Event, Key, Tally, Values, around, of_type


class Trade(msgspec.Struct, kw_only=True):
    """A deal as last stated, with what it is worth in all, and of each product."""

    account: str | None
    deal_id: str
    steps: list[Event] = []
    amount: Decimal | None = None
    products: dict[str, Decimal | None] = {}

    def _of(self, step: str) -> list[Event]:
        return [event for event in self.steps if event["type"] == f"deal.{step}"]

    @property
    def opened_at(self) -> dt.datetime | None:
        opened = self._of("opened")
        return opened[0]["occurred_at"] if opened else None

    @property
    def closed_at(self) -> dt.datetime | None:
        closed = self._of("closed")
        return closed[-1]["occurred_at"] if closed else None

    @property
    def outcome(self) -> str | None:
        closed = self._of("closed")
        return closed[-1]["data"]["outcome"] if closed else None

    @property
    def manager(self) -> str | None:
        named = [event["manager_id"] for event in self._of("closed") if event["manager_id"]]
        opened = self._of("opened")
        return named[-1] if named else opened[0]["manager_id"] if opened else None

    def last(self, field: str) -> str | None:
        """Return what was last said in a field."""
        said = [e["data"][field] for e in self.steps if e["data"].get(field) is not None]
        return said[-1] if said else None


def trades(events: list[Event]) -> list[Trade]:
    """Read the deals out of the events."""
    told = of_type(events, "deal.opened", "deal.stage_changed", "deal.closed")
    named = {e["data"]["deal_id"]: e["account_id"] for e in told if e["account_id"] is not None}
    found: dict[tuple[str | None, str], Trade] = {}
    for event in told:
        deal_id = event["data"]["deal_id"]
        account = event["account_id"] or named.get(deal_id)
        trade = found.setdefault((account, deal_id), Trade(account=account, deal_id=deal_id))
        trade.steps.append(event)
    rates = Rates(events)
    for trade in found.values():
        _price(trade, rates)
    return list(found.values())


def _price(trade: Trade, rates: Rates) -> None:
    """Work out what a deal is worth: a closing's word goes before any other."""
    for event in trade._of("closed")[::-1] + trade.steps[::-1]:
        stated = _stated(event["data"])
        if stated is not None:
            currency = event["data"].get("currency")
            if event["type"] == "deal.stage_changed":
                opened = trade._of("opened")
                currency = opened[-1]["data"].get("currency") if opened else None
            trade.amount = rates.convert(stated, currency, event["occurred_at"])
            break
    with_products = [event for event in trade.steps if event["data"].get("products")]
    for event in with_products[-1:]:
        data, so_far, given = event["data"], Decimal(0), Decimal(0)
        for product, amount in sorted(data["products"].items()):
            so_far += Decimal(str(amount))
            whole = rates.convert(so_far, data.get("currency"), event["occurred_at"])
            trade.products[product] = None if whole is None else whole - given
            given = whole or Decimal(0)


def _stated(data: Event) -> Decimal | None:
    if data.get("amount") is not None:
        return Decimal(str(data["amount"]))
    products = data.get("products")
    return sum((Decimal(str(a)) for a in products.values()), Decimal(0)) if products else None


class Doubtful:
    """A tally that leaves out every value to which something unknown belongs."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._unknown: set[tuple[str, str]] = set()

    def add(
        self, account: str | None, window: Window, numerator: Decimal | None, below: Decimal | int
    ) -> None:
        """Let a pair count; an unknown numerator spoils the account's value and the whole."""
        if numerator is None:
            self._unknown |= {("organisation", window.period), (account or "", window.period)}
        else:
            self.tally.add(account, window, numerator, below)

    def known(self, values: Values) -> Values:
        """Return the values into which nothing unknown went."""
        return {key: value for key, value in values.items() if key[1:] not in self._unknown}


def won(events: list[Event]) -> Iterator[Trade]:
    """Yield the deals that were won."""
    return (trade for trade in trades(events) if trade.outcome == "won")


def decided(events: list[Event], windows: list[Window], kind: str) -> Values:
    """Return the share of won deals among those of a kind that were closed."""
    tally = Tally()
    for trade in trades(events):
        if trade.closed_at is not None and trade.last("kind") == kind:
            for window in around(windows, trade.closed_at):
                tally.add(trade.account, window, int(trade.outcome == "won"))
    return tally.ratios()


def buyers(
    events: list[Event], windows: list[Window], kind: str, customers: Callable[[Window], set[str]]
) -> Values:
    """Return the share of some customers of each window who have bought a kind of deal in it."""
    tally, bought = Tally(), [t for t in won(events) if t.last("kind") == kind]
    for window in windows:
        lucky = {
            t.account for t in bought if t.closed_at and window in around([window], t.closed_at)
        }
        for account in customers(window):
            tally.add(account, window, int(account in lucky))
    return tally.ratios()


class Lead(msgspec.Struct, kw_only=True):
    """A lead, with the first event of each of its steps."""

    lead_id: str
    created: Event | None = None
    qualified: Event | None = None
    converted: Event | None = None


def leads(events: Iterable[Event]) -> list[Lead]:
    """Read the leads out of the events."""
    found: dict[str, Lead] = defaultdict(lambda: Lead(lead_id=""))
    for event in of_type(events, "lead.created", "lead.qualified", "lead.converted"):
        lead, step = found[event["data"]["lead_id"]], event["type"].split(".")[1]
        if getattr(lead, step) is None:
            setattr(lead, step, event)
    return list(found.values())


def organisation(window: Window) -> Key:
    """Return the key of the organisation's value."""
    return ("organisation", "organisation", window.period)


def outreach(events: list[Event]) -> list[tuple[tuple[str | None, str | None], Event]]:
    """List the touches that we began, with the account or else the prospect that each is with."""
    found = []
    for touch in completed(events):
        data = touch["data"]
        prospect = data.get("prospect_id") if touch["account_id"] is None else None
        known = touch["account_id"] is not None or prospect is not None
        if known and data.get("direction") != "inbound":
            found.append(((touch["account_id"], prospect), touch))
    return found
