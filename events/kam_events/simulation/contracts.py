"""Contracts as they are signed, amended, renewed and ended, and accounts with them."""

from __future__ import annotations

import datetime as dt

from kam_events.simulation import names
from kam_events.simulation.accounts import Account, Term
from kam_events.simulation.calendar import DAY, HOUR
from kam_events.simulation.deals import follow_renewal
from kam_events.simulation.world import Stretch, World, money

OFTEN_CLOSED = 0.6
SHRINKS = 0.03
REASONS = ("price", "competitor", "budget", "no longer needed")


def follow_contracts(world: World, stretch: Stretch) -> None:
    """Put down what happens to an account's contracts in a month, in the order of time."""
    account, end = stretch.account, stretch.end
    if world.dice.happens(SHRINKS * (1 - stretch.health)):
        account.amendments.append((world.moment(stretch), -account.value * 0.12))
    account.amendments.sort()
    while account.next_term < len(account.terms):
        term = account.terms[account.next_term]
        if term.signed_at >= end:
            break
        _amend(world, account, term.signed_at)
        _sign(world, stretch, term)
        account.next_term += 1
    _amend(world, account, end)
    if account.merges_into and end == account.ends_at:
        _merge(world, stretch, account.merges_into)


def _sign(world: World, stretch: Stretch, term: Term) -> None:
    account, dice = stretch.account, world.dice
    if account.next_term:
        change = 0.93 + 0.17 * stretch.health + dice.real(-0.05, 0.05)
        account.value = round(account.value * change, 2)
    data: dict[str, object] = {
        "contract_id": term.contract_id,
        "prior_contract_id": term.prior,
        "starts_on": term.starts_on,
        "ends_on": term.ends_on,
        "annual_value": money(account.value),
        "currency": account.currency,
        "term_months": term.months,
    }
    if term.prior is None:
        world.log(stretch, term.signed_at, "contract.signed", data)
        live_at = world.calendar.at(term.starts_on) + dice.whole(15, 80) * DAY + 12 * HOUR
        if live_at > term.signed_at:
            data = {"contract_id": term.contract_id}
            world.log(stretch, live_at, "onboarding.completed", data)
    else:
        data["rebid"] = True if term.rebid else None
        world.log(stretch, term.signed_at, "contract.renewed", data)
    _settle_end(world, stretch, term)
    follow_renewal(world, stretch.account, term)


def _settle_end(world: World, stretch: Stretch, term: Term) -> None:
    """Put down a contract's end, and the account's, as far as anyone writes them down."""
    dice, calendar = world.dice, world.calendar
    ended_on = term.ended_on or term.ends_on
    at = max(calendar.at(ended_on) - dice.whole(0, 20) * DAY + 9 * HOUR, term.signed_at + DAY)
    reasons = {"superseded": "superseded", "not_renewed": "not_renewed", "cancelled": "cancelled"}
    if term.fate in reasons:
        data: dict[str, object] = {
            "contract_id": term.contract_id,
            "effective_on": ended_on,
            "reason": reasons[term.fate],
        }
        if stretch.account.merges_into and term is stretch.account.terms[-1]:
            at = stretch.account.ends_at
        world.log(stretch, at, "contract.ended", data)
    final = term is stretch.account.terms[-1] and term.fate in ("not_renewed", "cancelled")
    if final and (stretch.account.id == names.NEGLECTED or dice.happens(OFTEN_CLOSED)):
        closed_at = max(at, calendar.at(ended_on)) + dice.whole(3, 40) * DAY
        world.log(stretch, closed_at, "account.closed", {"reason": dice.pick(REASONS)})


def _amend(world: World, account: Account, until: int) -> None:
    """Put down the changes of a contract's value that are due before a second."""
    while account.amendments and account.amendments[0][0] < until:
        at, change = account.amendments.pop(0)
        term = account.terms[account.next_term - 1]
        effective_on = max(world.calendar.date(at) + dt.timedelta(1), term.starts_on)
        if not account.next_term or effective_on >= (term.ended_on or term.ends_on):
            continue
        account.value = round(account.value + change, 2)
        data: dict[str, object] = {
            "contract_id": term.contract_id,
            "effective_on": effective_on,
            "annual_value_change": money(change),
        }
        world.timeline.add(at, "contract.amended", data, account=account.id)


def _merge(world: World, stretch: Stretch, into: Account) -> None:
    """Let an account become part of another one, which takes over what its contract is worth."""
    account = stretch.account
    world.log(stretch, account.ends_at, "account.merged", {"into_account_id": into.id})
    into.amendments.append((account.ends_at + HOUR, account.value))
