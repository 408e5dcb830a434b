"""Leads, campaigns and deals, from the first idea to won or lost."""

from __future__ import annotations

from kam_events.simulation.accounts import Account, Term
from kam_events.simulation.calendar import DAY, HOUR, MINUTE
from kam_events.simulation.dice import table
from kam_events.simulation.world import Stretch, World, money

DEALS, LEADS, CAMPAIGNS, PROPENSITIES = 0.045, 0.008, 0.003, 0.005
"""The part of all events that each of these makes up."""

KINDS = table({"upsell": 40, "cross_sell": 32, "new_stream": 20, "reactivation": 8})
STAGES = (("qualified", 0.25), ("proposal", 0.5), ("negotiation", 0.75))
LOST_BECAUSE = ("price", "timing", "competitor", "no budget", "no decision")
LEAD_SOURCES = table({"website": 35, "event": 20, "referral": 25, "outbound": 20})
CAMPAIGN_DAYS = 60
CHANGES_CONTRACT = frozenset({"upsell", "cross_sell", "new_stream"})


def open_deals(world: World, stretch: Stretch) -> None:
    """Open the month's deals of an account and put down how each will go."""
    dice, account = world.dice, stretch.account
    account.deals = [deal for deal in account.deals if deal[2] > stretch.start]
    mean = world.rate(DEALS, 4.2) * stretch.share * (0.5 + 0.8 * stretch.health)
    for _ in range(dice.arrivals(mean)):
        won = dice.happens(min(0.9, (0.15 + 0.35 * stretch.health) * stretch.energy))
        opened_at = world.moment(stretch)
        closes_at = world.calendar.at_work(opened_at + int(dice.skewed(12, 160) * DAY))
        kind = dice.pick(KINDS)
        amount = round(account.value * dice.skewed(0.02, 0.25), 2)
        _deal(world, account, kind, amount, opened_at=opened_at, closes_at=closes_at, won=won)
        if won and kind in CHANGES_CONTRACT and closes_at < account.ends_at:
            account.amendments.append((closes_at + 2 * DAY, round(amount * 0.3, 2)))


def follow_renewal(world: World, account: Account, term: Term) -> None:
    """Put down the deal about what follows a contract, as soon as the contract is signed."""
    calendar = world.calendar
    after = account.terms.index(term) + 1
    following = account.terms[after] if after < len(account.terms) else None
    won = following is not None and following.prior == term.contract_id
    closes_at = following.signed_at if following and won else calendar.at(term.ends_on) - 6 * DAY
    opened_at = max(closes_at - 100 * DAY, term.signed_at + 2 * HOUR)
    if account.merges_into is None and opened_at < min(closes_at, account.ends_at):
        when = {"opened_at": opened_at, "closes_at": closes_at}
        _deal(world, account, "renewal", account.value, **when, won=won)


def target_and_score(world: World, stretch: Stretch) -> None:
    """Aim campaigns at some accounts, estimate what they may buy, and collect referrals."""
    dice, account, month = world.dice, stretch.account, stretch.month
    if month.number % 3 == 1 and dice.happens(min(0.9, 3 * world.rate(CAMPAIGNS, 1))):
        campaign = f"{month.first:%Y}-q{month.number // 3 + 1}"
        at = world.moment(stretch)
        world.log(stretch, at, "campaign.targeted", {"campaign_id": campaign})
        account.campaign = (campaign, at)
    if stretch.due(world.rhythm(PROPENSITIES, 3)):
        at = world.moment(stretch)
        for kind, level in (
            ("upsell", stretch.health),
            ("cross_sell", 0.8 * stretch.health),
            ("churn", 1 - stretch.health),
        ):
            probability = round(min(max(level + dice.real(-0.15, 0.15), 0.01), 0.99), 2)
            data: dict[str, object] = {"kind": kind, "probability": probability, "model": "gbm-2"}
            world.log(stretch, at, "propensity.scored", data)
    if dice.happens(0.03 * stretch.health):
        account.referral = world.fresh("referral")
        data = {"referral_id": account.referral, "contact_id": world.contact(stretch).id}
        world.log(stretch, world.moment(stretch), "referral.received", data)


def find_leads(world: World, month_start: int, month_end: int) -> None:
    """Put down the month's leads that come to nothing, or not yet to anything."""
    dice, timeline = world.dice, world.timeline
    customers = [a for a in world.accounts if a.spans[0][0] < month_start < a.ends_at]
    present = world.present(month_start, month_end + 40 * DAY)
    for _ in range(dice.arrivals(min(world.rate(LEADS, 1.5) * len(customers), 300.0))):
        lead, manager = world.fresh("lead"), dice.pick(present).id
        at = world.calendar.working_moment(dice, month_start, month_end)
        source = dice.pick(LEAD_SOURCES)
        referrer = dice.pick(customers).id if source == "referral" else None
        data: dict[str, object] = {
            "lead_id": lead,
            "source": source,
            "referring_account_id": referrer,
        }
        timeline.add(at, "lead.created", data, manager=manager)
        if dice.happens(0.5):
            at += dice.whole(2, 40) * DAY
            timeline.add(at, "lead.qualified", {"lead_id": lead}, manager=manager)


def convert_lead(world: World, account: Account) -> None:
    """Put down the lead that a new account was before it was opened."""
    dice, opened_at = world.dice, account.opened_at
    created_at = opened_at - dice.whole(8, 25) * DAY
    lead: dict[str, object] = {"lead_id": world.fresh("lead")}
    created = {**lead, "source": dice.pick(LEAD_SOURCES)}
    world.timeline.add(created_at, "lead.created", created)
    world.timeline.add((created_at + opened_at) // 2, "lead.qualified", lead)
    world.timeline.add(opened_at + HOUR, "lead.converted", {**lead, "account_id": account.id})


def win_account(world: World, account: Account) -> None:
    """Put down the deal that makes a customer of a new account."""
    when = {
        "opened_at": account.opened_at + 2 * HOUR,
        "closes_at": account.terms[0].signed_at - HOUR,
    }
    _deal(world, account, "new", account.value, **when, won=True)


def _deal(
    world: World,
    account: Account,
    kind: str,
    amount: float,
    *,
    opened_at: int,
    closes_at: int,
    won: bool,
) -> None:
    """Put down a deal's opening, its stages and its end; who leaves loses what is open."""
    if closes_at >= account.ends_at < world.calendar.end:
        won, closes_at = False, account.ends_at - MINUTE
    if closes_at <= opened_at:
        return
    dice, calendar, add = world.dice, world.calendar, world.timeline.add
    deal = world.fresh("deal")
    account.deals.append((deal, opened_at, closes_at))
    opened: dict[str, object] = {
        "deal_id": deal,
        "kind": kind,
        **_worth(world, account, amount),
        "probability": 0.1,
        **_origin(account, kind, opened_at),
    }
    owner = account.owner(opened_at)
    add(opened_at, "deal.opened", opened, account=account.id, manager=owner)
    reached = len(STAGES) if won else dice.whole(1, len(STAGES))
    for number, (stage, probability) in enumerate(STAGES[:reached], 1):
        at = calendar.at_work(opened_at + (closes_at - opened_at) * number // (reached + 1))
        if not opened_at < at < closes_at:
            continue
        staged: dict[str, object] = {"deal_id": deal, "stage": stage, "probability": probability}
        add(at, "deal.stage_changed", staged, account=account.id)
    closed: dict[str, object] = {"deal_id": deal, "outcome": "won" if won else "lost"}
    if won:
        closed.update(_worth(world, account, round(amount * dice.real(0.85, 1.1), 2)))
    else:
        closed["reason"] = dice.pick(LOST_BECAUSE)
    owner = account.owner(closes_at)
    add(closes_at, "deal.closed", closed, account=account.id, manager=owner)


def _origin(account: Account, kind: str, opened_at: int) -> dict[str, object]:
    """Return which campaign or referral a deal comes from, if any."""
    if kind == "new_stream" and account.referral:
        referral, account.referral = account.referral, None
        return {"referral_id": referral}
    if kind in CHANGES_CONTRACT and account.campaign:
        campaign, targeted_at = account.campaign
        if targeted_at < opened_at < targeted_at + CAMPAIGN_DAYS * DAY:
            return {"campaign_id": campaign}
    return {}


def _worth(world: World, account: Account, amount: float) -> dict[str, object]:
    """Return a deal's amount, split between one or two products to the cent."""
    chosen = world.dice.some(account.products, world.dice.whole(1, 2))
    cents = round(amount * 100)
    first = cents * 7 // 10 if len(chosen) > 1 else cents
    parts = (money(first / 100), money((cents - first) / 100))
    return {
        "amount": money(cents / 100),
        "currency": account.currency,
        "products": dict(zip(chosen, parts, strict=False)),
    }
