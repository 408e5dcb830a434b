"""An invented technician who goes from account to account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

from kamengine import Simulation, SimulationPlan


def _lines(plan: SimulationPlan) -> Iterator[bytes]:
    first = date.fromisoformat(plan.first_day)
    for number in range(plan.events):
        event = {
            "id": f"visit-{number}",
            "type": "site.visited",
            "version": 2,
            "account_id": f"account-{number % plan.accounts}",
            "occurred_at": f"{first + timedelta(days=number)}T09:00:00Z",
            "data": {"visit_id": f"v{number}", "minutes": 30 + number % 4 * 15},
        }
        yield json.dumps(event).encode()


ROUNDS = Simulation(name="rounds", doc="One visit a day, from account to account.", lines=_lines)
