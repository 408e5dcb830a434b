"""How well accounts are over time, and which contracts that leads them to."""

from __future__ import annotations

import datetime as dt

from kam_events.simulation import names
from kam_events.simulation.accounts import Account, Term
from kam_events.simulation.calendar import DAY, HOUR, Calendar, add_months
from kam_events.simulation.dice import Dice, table

TERM_MONTHS = table({12: 60, 24: 25, 36: 15})
SIGNED_LATE, REPLACED_EARLY = 0.05, 0.05
QUIET_MONTHS = 10
"""How long before it leaves the neglected account begins to be forgotten."""
LEAVES_AFTER = 0.78
"""The part of the history after which the neglected account leaves."""
FADING_MONTHS = 7
FADING_ENDS_IN_DAYS = 45


def live(account: Account, calendar: Calendar, dice: Dice, lift: float) -> None:
    """Settle an account's health and, from it, its contracts and when it is a customer.

    Args:
        account: It is filled in place.
        calendar: The simulated time.
        dice: Chance.
        lift: What its first manager adds to its health.
    """
    account.health = _health(len(calendar.months), dice, lift)
    account.attention = [0.35 + 0.9 * health for health in account.health]
    if account.id == names.NEGLECTED:
        leaves = int(LEAVES_AFTER * len(calendar.months))
        _forget(account, leaves, QUIET_MONTHS)
        account.terms = _yearly_terms(account, calendar, calendar.months[leaves].first)
        account.terms[-1].fate = "not_renewed"
    elif account.id == names.FADING:
        _forget(account, len(calendar.months), FADING_MONTHS)
        ends_on = calendar.date(calendar.end) + dt.timedelta(FADING_ENDS_IN_DAYS)
        account.terms = _yearly_terms(account, calendar, ends_on)
    else:
        account.terms = _terms(account, calendar, dice)
    account.spans = _spans(account, calendar)


def merge_some(accounts: list[Account], calendar: Calendar) -> None:
    """Let one account in two hundred become part of its neighbour."""
    for place in range(len(accounts) // 20, len(accounts) - 1, 200):
        account, into = accounts[place], accounts[place + 1]
        at = int(0.6 * calendar.end) // DAY * DAY + 9 * HOUR
        term = next((t for t in account.terms if _covers(t, calendar.date(at))), None)
        settled = [a.currency is None and len(a.spans) == 1 for a in (account, into)]
        if term is None or not all(settled) or not into.opened_at < at < into.ends_at - 90 * DAY:
            continue
        account.terms = account.terms[: account.terms.index(term) + 1]
        term.fate, term.ended_on = "superseded", calendar.date(at)
        account.spans = [(account.opened_at, at)]
        account.merges_into = into


def _covers(term: Term, day: dt.date) -> bool:
    return term.starts_on <= day < (term.ended_on or term.ends_on)


def _health(months: int, dice: Dice, lift: float) -> list[float]:
    level = 0.35 + 0.6 * dice.random() ** 0.7 + lift
    health, path = level, []
    for _ in range(months):
        if dice.happens(0.006):
            level -= 0.3
        if dice.happens(0.006):
            level += 0.15
        health += 0.15 * (min(level, 1.0) - health) + dice.real(-0.06, 0.06)
        path.append(min(max(health, 0.03), 0.99))
        health = path[-1]
    return path


def _forget(account: Account, until: int, over: int) -> None:
    """Let health and attention fade to nothing before a month; attention goes first."""
    for month in range(max(0, until - over), len(account.health)):
        remaining = max(0.0, (until - month) / over)
        account.health[month] = max(0.03, account.health[month] * remaining)
        account.attention[month] *= max(0.0, 2 * remaining - 1)


def _yearly_terms(account: Account, calendar: Calendar, ends_on: dt.date) -> list[Term]:
    """Return contracts of a year each, the last of which ends on a given day."""
    starts = [add_months(ends_on, -12)]
    while starts[0] > calendar.first_day:
        starts.insert(0, add_months(starts[0], -12))
    terms: list[Term] = []
    for starts_on in starts:
        signed_at = max(account.opened_at + HOUR, calendar.at(starts_on) - 30 * DAY + 10 * HOUR)
        term = _term(account, len(terms), signed_at, starts_on, 12)
        if terms:
            terms[-1].fate, term.prior = "renewed", terms[-1].contract_id
        terms.append(term)
    return terms


def _terms(account: Account, calendar: Calendar, dice: Dice) -> list[Term]:
    months = dice.pick(TERM_MONTHS)
    if account.opened_at < DAY:
        signed_at = account.opened_at + HOUR
        starts_on = calendar.first_day - dt.timedelta(dice.whole(0, int(months * 30) - 15))
    else:
        signed_at = calendar.working_moment(
            dice, account.opened_at + 20 * DAY, account.opened_at + 90 * DAY
        )
        starts_on = calendar.date(signed_at) + dt.timedelta(dice.whole(1, 20))
    terms = [_term(account, 0, signed_at, starts_on, months)]
    while terms[-1].fate == "running" and calendar.at(terms[-1].ends_on) < calendar.end:
        following = _end(account, terms, calendar, dice)
        if following is None:
            break
        terms.append(following)
    return terms


def _end(account: Account, terms: list[Term], calendar: Calendar, dice: Dice) -> Term | None:
    """Settle how the last contract ends, and return the one that follows it, if any."""
    term = terms[-1]
    health = account.health[calendar.month(calendar.at(term.ends_on))]
    ends_at = calendar.at(term.ends_on)
    if dice.happens(0.15 + 0.82 * min(1.0, 1.3 * health)):
        return _renew(account, terms, calendar, dice, health)
    if dice.happens(0.25) and ends_at > 120 * DAY:
        term.fate = "cancelled"
        earliest = max(term.starts_on + dt.timedelta(45), calendar.first_day + dt.timedelta(45))
        days = (term.ends_on - earliest).days
        if days > 0:
            term.ended_on = term.ends_on - dt.timedelta(dice.whole(1, min(days, 150)))
        return None
    term.fate = "lapsed" if dice.happens(0.35) else "not_renewed"
    if dice.happens(0.12):
        return _return(account, terms, calendar, dice)
    return None


def _renew(
    account: Account, terms: list[Term], calendar: Calendar, dice: Dice, health: float
) -> Term:
    term = terms[-1]
    term.fate, starts_on = "renewed", term.ends_on
    signed_at = calendar.at(term.ends_on) - dice.whole(5, 90) * DAY + dice.whole(8, 16) * HOUR
    how = dice.random()
    if how < SIGNED_LATE:
        signed_at = calendar.at(term.ends_on) + dice.whole(3, 25) * DAY + 10 * HOUR
    elif how < SIGNED_LATE + REPLACED_EARLY:
        term.fate = "superseded"
        starts_on = term.ends_on - dt.timedelta(dice.whole(60, 120))
        term.ended_on = starts_on
        signed_at = calendar.at(starts_on) - dice.whole(2, 20) * DAY + 11 * HOUR
    signed_at = max(signed_at, term.signed_at + DAY)
    following = _term(account, len(terms), signed_at, starts_on, dice.pick(TERM_MONTHS))
    following.prior = term.contract_id
    following.rebid = dice.happens(0.05 + 0.3 * (1 - health))
    return following


def _return(account: Account, terms: list[Term], calendar: Calendar, dice: Dice) -> Term:
    """Bring a lost account back with a new contract some months later."""
    starts_on = terms[-1].ends_on + dt.timedelta(dice.whole(100, 260))
    signed_at = calendar.at(starts_on) - dice.whole(3, 15) * DAY + 10 * HOUR
    return _term(account, len(terms), signed_at, starts_on, 12)


def _term(account: Account, number: int, signed_at: int, starts_on: dt.date, months: int) -> Term:
    ends_on = add_months(starts_on, months)
    return Term(f"{account.id}-c{number + 1}", signed_at, starts_on, ends_on, months)


def _spans(account: Account, calendar: Calendar) -> list[tuple[int, int]]:
    """Join the contracts into runs; an account that comes back does so 60 days before it signs."""
    spans: list[tuple[int, int]] = []
    start = account.opened_at
    for term in account.terms:
        if spans and term.prior is None:
            start = max(spans[-1][1], term.signed_at - 60 * DAY)
        elif spans:
            start = spans.pop()[0]
        over = calendar.at(term.ended_on or term.ends_on)
        running = term.fate in ("running", "renewed", "superseded")
        spans.append((start, calendar.end if running else min(over, calendar.end)))
    return [span for span in spans if span[0] < calendar.end]
