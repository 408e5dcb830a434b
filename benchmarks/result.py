"""What a measured process tells the one that measures it: one line of JSON, its last."""

from __future__ import annotations

import sys

import msgspec


class Result(msgspec.Struct, frozen=True):
    """What a process did, by its own clock.

    Attributes:
        seconds: How long the measured part took, without preparations.
        events: How many events it dealt with.
        times: How many times as long it took as what it was measured beside, if there was that.
    """

    seconds: float
    events: int
    times: float | None = None


def tell(result: Result) -> None:
    """Write a result where `hear` looks for it."""
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")


def hear(output: bytes) -> Result:
    """Read the result from what a process wrote."""
    return msgspec.json.decode(output.splitlines()[-1], type=Result)
