"""A pack in quarantine keeps nobody from the values that were applied, and takes nothing away."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from kamengine.cli import main
from kamengine.history.ledger import appliances
from kamengine.plugins import Registry
from tests.bakery import EVENT_TYPES, FEW, PROJECTIONS, TURNOVER, Pack, event, kpi
from tests.history.office import CARDS, KPIS_YAML, Office

EXTRA = kpi("extra", TURNOVER.value, TURNOVER.sql.replace("$at_least", "0"), empty="zero")
NAMING = CARDS + "    extra: 0\n"


def registry(sql: str) -> Registry:
    """Return the bakery's definitions and a second pack with one KPI, quarantined or not."""
    found = Registry()
    found.add("bakery", Pack(EVENT_TYPES, PROJECTIONS, FEW))
    extra = kpi("extra", TURNOVER.value, sql, empty="zero")
    found.add("extra", Pack((), (), (extra,)))
    return found


SOUND, BROKEN = registry(EXTRA.sql), registry("SELECT nothing FROM nowhere(")


def run(office: Office, *words: str) -> Result:
    return CliRunner().invoke(main, words, obj=office.app)


@pytest.fixture
def serving(office: Office) -> Office:
    office.registry = SOUND
    office.write(scorecards=NAMING)
    return office


ORDER = event("1", "order.placed", "2026-01-05", "acme", order="1", amount="30")


def test_what_a_quarantined_pack_had_is_not_applied_away(serving: Office) -> None:
    """An apply is refused with the pack's name; its KPI stays in force and is computed."""
    serving.deliver(ORDER)
    assert [pack.name for pack in BROKEN.quarantined] == ["extra"]
    serving.registry = BROKEN
    found = json.loads(run(serving, "plan", "--format", "json").stdout)
    assert "pack in quarantine: extra" in found["problems"]["extra"]
    done = run(serving, "apply", "--yes", "--why", "no matter")
    assert (done.exit_code, "pack in quarantine: extra" in done.output) == (2, True)
    assert len(appliances(serving.app.log)) == 1
    serving.deliver(event("2", "order.placed", "2026-01-06", "acme", order="2", amount="5"))
    assert serving.value("extra", "account", "2026-01", "acme").value == 35


def test_an_uninstalled_pack_is_applied_away(serving: Office) -> None:
    """Who takes it out of the machine and of the config means it."""
    serving.deliver(ORDER)
    serving.registry = Registry()
    serving.registry.add("bakery", Pack(EVENT_TYPES, PROJECTIONS, FEW))
    serving.write(scorecards=CARDS)
    assert run(serving, "apply", "--yes", "--why", "it is gone").exit_code == 0


def test_what_was_applied_without_a_pack_goes_on_when_it_is_mended(serving: Office) -> None:
    """The config on record names a KPI that wasn't there; all else is served, then it comes too."""
    serving.registry = BROKEN
    serving.deliver(ORDER)
    serving.registry = SOUND
    serving.write(kpis=KPIS_YAML)
    assert serving.value("turnover", "account", "2026-01", "acme").value == 30
    assert run(serving, "plan").exit_code == 1
    done = run(serving, "apply", "--yes", "--why", "it is mended")
    assert done.exit_code == 0, done.output
    assert serving.value("extra", "account", "2026-01", "acme").value == 30
