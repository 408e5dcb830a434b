"""Whether pooling turns a direction around, told by kept values alone, without their evidence.

Where the parts' values make exactly the whole, in both periods, they say as much as its evidence.
Where they don't (an account that changed hands, a manager who changed teams), nothing is said, and
it takes the evidence to tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache, partial

from kamengine.config.section import Carrier
from kamengine.kpi import KPI
from kamengine.periods import Window
from kamengine.replay.reading import Reader
from kamengine.replay.tallies import Tallies
from kamengine.report.pooling import ADDITIVE, Sums, adds_up, divisor, sum_of
from kamengine.report.reversal import reversal
from kamengine.scorecard.service import services
from kamengine.value import Value

BELOW: dict[Carrier, tuple[Carrier, ...]] = {
    "manager": ("account",),
    "team": ("manager", "account"),
    "organisation": ("team", "manager", "account"),
}
"""What a pooled number is taken apart into, the largest parts first."""


class Turned:
    """Tells it of one subject's numbers.

    Args:
        reader: Reads what was replayed.
        carrier: The kind of subject.
        subject: Which.
        window: The period.
        previous: The one before.
    """

    def __init__(
        self, reader: Reader, carrier: Carrier, subject: str, window: Window, previous: Window
    ) -> None:
        self._reader, self._carrier, self._subject = reader, carrier, subject
        self._windows = (window, previous)
        self._tallies = Tallies(reader.workspace.values_path)
        self._members = cache(partial(_members, reader, carrier, subject))

    def notes(self, kpi: KPI, now: Value, then: Value | None) -> Iterator[str]:
        """Yield a sentence where all parts of a number went the other way than it did."""
        if then is None or not isinstance(kpi.value, ADDITIVE) or divisor(kpi) is not None:
            return
        for part in BELOW.get(self._carrier, ()):
            one, other = (
                self._parts(kpi, part, value, window)
                for value, window in zip((now, then), self._windows, strict=True)
            )
            whole = sum_of(one.values()) if one and other else Sums(Fraction(0))
            if whole.denominator and (said := reversal(one, other, f"{part}s")):
                yield said
                return

    def _parts(self, kpi: KPI, part: Carrier, value: Value, window: Window) -> dict[str, Sums]:
        """Return what each part has of a value; nothing unless they make exactly it."""
        below = self._carrier != "organisation"
        subjects = self._members(part, window) if below else None
        found = self._tallies.of(kpi.id, part, window.period, subjects)
        sums = {name: Sums(Fraction(a), Fraction(b)) for name, (a, b) in found.items()}
        return sums if adds_up(kpi, value, sums) else {}


def _members(
    reader: Reader, carrier: Carrier, subject: str, part: Carrier, window: Window
) -> frozenset[str]:
    """Return the managers that a team had, or the accounts that they or a manager had."""
    managers = frozenset({subject})
    if carrier == "team":
        served = services(reader.at(window), "team", window).get(subject, [])
        managers = frozenset(service.manager for service in served)
    if part == "manager":
        return managers
    owned = services(reader.at(window), "account", window).items()
    return frozenset(name for name, by in owned if any(s.manager in managers for s in by))
