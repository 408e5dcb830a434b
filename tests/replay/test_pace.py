"""How far a replay is: it only ever grows, from nothing to all, and is told only where known."""

from __future__ import annotations

import pytest

from kamengine.replay.pace import SHARES, share_done
from kamengine.replay.replay import Replayer
from tests.bakery import NOW, Shop
from tests.replay.crash import orders


def test_the_shares_are_a_whole() -> None:
    """All stages together are the replay."""
    assert sum(SHARES.values()) == pytest.approx(1)


def test_half_of_the_second_stage_is_the_first_and_half_of_its_own() -> None:
    """What is behind counts whole, what is under way in part."""
    assert share_done("projections", 5, 10) == pytest.approx(0.25 + 0.06)
    assert share_done("values", 7, 7) == pytest.approx(1)


def test_nothing_is_told_of_what_nobody_knows() -> None:
    """Another stage, or one whose end isn't known, says nothing of the whole."""
    assert share_done("appending bytes", 5, 10) is None
    assert share_done("events", 5, 0) is None


def test_a_replay_tells_how_far_it_is_and_never_goes_back(shop: Shop) -> None:
    """Every stage tells its end; the events end with the last one that is new."""
    shop.deliver(*orders("old", 0, 50))
    shop.append(*orders("new", 0, 30))
    told: list[tuple[str, int, int]] = []
    replayer = Replayer(
        shop.workspace,
        shop.registry,
        shop.settings,
        shop.courier,
        lambda stage, done, total: told.append((stage, done, total)),
    )
    replayer.replay(NOW)
    assert ("events", 30, 30) in told
    assert {stage for stage, _, _ in told} == set(SHARES)
    shares = [share_done(*each) for each in told]
    assert None not in shares
    assert shares == sorted(shares, key=lambda s: s or 0)
