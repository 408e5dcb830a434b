"""Money and what stands behind it: revenue, costs, usage, wallets, exchange rates, results."""

from __future__ import annotations

from kam_events.simulation import names
from kam_events.simulation.calendar import HOUR, Month, add_months
from kam_events.simulation.world import Stretch, World, money

COSTS, USAGE, WALLETS = 0.022, 0.02, 0.003
"""The part of all events that each of these makes up."""

EURO_IN_DOLLARS = 1.09


def post_month(world: World, stretch: Stretch) -> None:
    """Put down what an account was billed in a month, and what it cost, used and could spend."""
    closing = stretch.month.end - 6 * HOUR + world.dice.whole(0, HOUR)
    if stretch.end < stretch.month.end or not stretch.account.next_term:
        return
    account, value = stretch.account, stretch.account.value / 12
    period = {"period_start": stretch.month.first, "period_end": stretch.month.after}
    weight = sum(range(1, len(account.products) + 1))
    for place, product in enumerate(account.products, 1):
        amount = value * place / weight * world.dice.real(0.95, 1.05)
        data: dict[str, object] = {
            "amount": money(amount),
            "currency": account.currency,
            **period,
            "product": product,
            "order_id": world.fresh("invoice"),
        }
        world.log(stretch, closing, "revenue.recognized", data)
    _costs(world, stretch, closing)
    _usage(world, stretch, closing)
    _wallet(world, stretch, closing)


def post_organisation(world: World, month: Month) -> None:
    """Put down the month's results, acquisition cost and exchange rate of the organisation."""
    dice, add = world.dice, world.timeline.add
    rate = EURO_IN_DOLLARS + 0.05 * dice.real(-1, 1)
    fx: dict[str, object] = {
        "from_currency": "EUR",
        "to_currency": "USD",
        "rate": f"{rate:.4f}",
    }
    add(month.start, "fx.rate_set", fx)
    closing = month.end - 3 * HOUR
    period = {"period_start": month.first, "period_end": month.after}
    yearly = sum(a.value for a in world.accounts if a.spans[0][0] < month.start < a.ends_at)
    spent = money(yearly / 12 * dice.real(0.02, 0.05))
    add(closing, "cost.recorded", {"amount": spent, "kind": "acquisition", **period})
    income = money(yearly / 12 * dice.real(0.05, 0.16))
    add(closing, "pnl.posted", {"line": "net_income", "amount": income, **period})


def _costs(world: World, stretch: Stretch, closing: int) -> None:
    every = world.rhythm(COSTS, 2)
    if (stretch.month.index + 1) % every:
        return
    account, dice = stretch.account, world.dice
    period = {
        "period_start": add_months(stretch.month.first, 1 - every),
        "period_end": stretch.month.after,
    }
    serving = 0.08 + 0.5 * (1 - stretch.health) * dice.random()
    for kind, part in (("cogs", dice.real(0.3, 0.45)), ("cost_to_serve", serving)):
        data: dict[str, object] = {
            "amount": money(account.value / 12 * every * part),
            "currency": account.currency,
            "kind": kind,
            **period,
        }
        world.log(stretch, closing, "cost.recorded", data)


def _usage(world: World, stretch: Stretch, closing: int) -> None:
    products = stretch.account.products
    every = world.rhythm(USAGE, len(products))
    if (stretch.month.index + 1) % every:
        return
    period = {"period_start": stretch.month.first, "period_end": stretch.month.after}
    for product in products:
        entitled = 10 * max(1, round(stretch.account.value / 10_000 / len(products)))
        used = round(entitled * min(1.1, stretch.health * world.dice.real(0.7, 1.3)))
        data: dict[str, object] = {
            "product": product,
            "used": used,
            "entitled": entitled,
            **period,
        }
        world.log(stretch, closing, "usage.measured", data)


def _wallet(world: World, stretch: Stretch, closing: int) -> None:
    if not stretch.due(max(6, world.rhythm(WALLETS, 1))):
        return
    account = stretch.account
    first = add_months(stretch.month.first, -11)
    data: dict[str, object] = {
        "category": world.dice.pick(names.PRODUCTS),
        "total_spend": money(account.value * world.dice.skewed(1.3, 6)),
        "currency": account.currency,
        "period_start": first,
        "period_end": stretch.month.after,
    }
    world.log(stretch, closing, "wallet.estimated", data)
