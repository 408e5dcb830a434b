"""What the list says of its examples, as Python values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from kamengine.periods import Calendar

BERLIN = Calendar(time_zone=ZoneInfo("Europe/Berlin"))


def value_of(gives: str) -> object:
    """Read a value as Python writes it."""
    return eval(gives, {"datetime": dt, "Decimal": Decimal})
