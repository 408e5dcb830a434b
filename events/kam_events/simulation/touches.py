"""Touches: the bulk of all events, so that they are what makes up the number asked for."""

from __future__ import annotations

from kam_events.simulation.calendar import DAY, OPENING, WORKING_HOURS, Month
from kam_events.simulation.dice import table
from kam_events.simulation.world import Stretch, World

CHANNELS = table({"email": 44, "call": 23, "video": 14, "meeting": 9, "chat": 7, "other": 3})
MINUTES = {
    "email": (0, 0),
    "call": (5, 45),
    "video": (20, 75),
    "meeting": (30, 120),
    "chat": (2, 15),
    "other": (5, 40),
}
PURPOSES = table({"operational": 45, "support": 20, "strategic": 12}) + (None,) * 23
FAILED = ("cancelled", "cancelled", "no_show")
TIER_CADENCE = {"A": 2.4, "B": 1.1, "C": 0.5}
SEGMENT_CADENCE = {"enterprise": 1.4, "mid-market": 1.0, "small": 0.7}

WRITTEN = frozenset({"email", "chat"})
ABOUT_A_DEAL = 0.5
CONTINUES_THREAD = 0.6
FAILS = 0.06
RATED = 0.25
REPLIED_TO = 0.6
STANDS_IN = 0.03
TO_PROSPECTS = 0.02


def weight(stretch: Stretch) -> float:
    """Return how much contact an account gets in a month, against the others."""
    account = stretch.account
    return (
        TIER_CADENCE[account.tier]
        * SEGMENT_CADENCE[account.segment]
        * account.attention[stretch.month.index]
        * stretch.energy
        * stretch.share
    )


def touch_all(world: World, stretches: list[Stretch], month: Month, touches: int) -> None:
    """Spread a month's touches over its accounts, and some over prospects."""
    to_prospects = round(touches * TO_PROSPECTS)
    weights = [weight(stretch) for stretch in stretches]
    each = (touches - to_prospects) / (sum(weights) or 1.0)
    for stretch, part in zip(stretches, weights, strict=True):
        touch_account(world, stretch, world.dice.rounded(each * part))
    present = world.present(month.start, month.end)
    for _ in range(to_prospects):
        channel = world.dice.pick(CHANNELS)
        data: dict[str, object] = {
            "channel": channel,
            "direction": "outbound",
            "minutes": world.dice.whole(*MINUTES[channel]) or None,
            "prospect_id": f"prospect-{world.dice.whole(1, 40 * len(present))}",
        }
        at = world.calendar.working_moment(world.dice, month.start, month.end)
        world.timeline.add(at, "touch.logged", data, manager=world.dice.pick(present).id)


def touch_account(world: World, stretch: Stretch, touches: int) -> None:
    """Put down an account's touches of a month."""
    account, dice = stretch.account, world.dice
    days = world.calendar.workdays(stretch.start, stretch.end)
    handed_over = account.owner(stretch.end - 1) != stretch.owner
    threads: list[str] = []
    for _ in range(touches if days else 0):
        at = dice.pick(days) + OPENING + int(dice.random() * WORKING_HOURS)
        if not stretch.start <= at < stretch.end:
            continue
        data = _touch(world, stretch, threads)
        deal = next((d for d, opened, closes in account.deals if opened <= at < closes), None)
        if deal and dice.random() < ABOUT_A_DEAL:
            data["deal_id"] = deal
        _answer(world, at, data)
        manager = account.owner(at) if handed_over else stretch.owner
        if dice.random() < STANDS_IN:
            manager = dice.pick(world.present(stretch.month.start, stretch.month.end)).id
        world.timeline.add(at, "touch.logged", data, account=account.id, manager=manager)


def _touch(world: World, stretch: Stretch, threads: list[str]) -> dict[str, object]:
    """Return a touch's payload: who spoke with whom, how, for how long, and to what end."""
    dice = world.dice
    random = dice.random
    channel = dice.pick(CHANNELS)
    inbound = random() < 0.15 + 0.35 * stretch.health
    data: dict[str, object] = {
        "channel": channel,
        "direction": "inbound" if inbound else "outbound",
    }
    if channel in WRITTEN:
        if not threads or random() > CONTINUES_THREAD:
            threads.append(world.fresh("thread"))
        data["thread_id"] = threads[-1]
    else:
        low, high = MINUTES[channel]
        data["minutes"] = low + int(random() * (high - low))
        if random() < RATED:
            data["quality"] = min(5, max(1, round(1.5 + 3 * stretch.health + random())))
        if random() < FAILS:
            data["status"] = dice.pick(FAILED)
    contacts = stretch.account.contacts
    first = int(random() * len(contacts))
    data["contact_ids"] = [c.id for c in contacts[first : first + 1 + int(random() * 2.4)]]
    data["purpose"] = dice.pick(PURPOSES)
    return data


def _answer(world: World, at: int, data: dict[str, object]) -> None:
    """Say when an outbound message that starts a thread was replied to, if it was."""
    if data["channel"] == "email" and data["direction"] == "outbound":
        replied_at = at + int(world.dice.skewed(600, 40 * DAY))
        if replied_at < world.calendar.end and world.dice.random() < REPLIED_TO:
            data["replied_at"] = world.calendar.text(replied_at)
