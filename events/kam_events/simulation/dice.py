"""Chance that is the same everywhere: everything here rests on `random()` alone."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice(random.Random):
    """A random source whose draws don't change between versions of Python.

    Python promises that of ``random()`` only, so the other draws are made from it here.
    """

    def happens(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of the items, all equally likely."""
        return items[int(self.random() * len(items))]

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """Return this many different items (or all there are), in no particular order."""
        pool = list(items)
        return [pool.pop(int(self.random() * len(pool))) for _ in range(min(count, len(pool)))]

    def whole(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def real(self, low: float, high: float) -> float:
        """Return a number between low and high."""
        return low + self.random() * (high - low)

    def skewed(self, low: float, high: float) -> float:
        """Return a number between low and high whose logarithm is spread evenly."""
        return low * math.exp(self.random() * math.log(high / low))

    def rounded(self, mean: float) -> int:
        """Round up or down at random, so that the mean is kept."""
        return int(mean + self.random())

    def arrivals(self, mean: float) -> int:
        """Return a Poisson count."""
        limit, count, product = math.exp(-mean), 0, self.random()
        while product > limit:
            count += 1
            product *= self.random()
        return count


def table(weights: dict[Item, int]) -> tuple[Item, ...]:
    """Lay weighted items out, each as often as its weight, so that `Dice.pick` obeys them."""
    return tuple(item for item, weight in weights.items() for _ in range(weight))
