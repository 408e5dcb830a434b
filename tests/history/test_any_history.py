"""Any history: played step by step it equals one replay of its log, and no answer ever changes."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kamengine.cli import main
from kamengine.courier import client
from kamengine.courier.client import Courier
from tests.history.chronicle import Chronicle, Told, labelled
from tests.history.steps import Day, histories

THOROUGH = settings.get_current_profile_name() == "thorough"


@pytest.fixture
def courier(bakery_courier: Courier, monkeypatch: pytest.MonkeyPatch) -> Courier:
    """A courier that runs already, lent to whatever looks back: to start one takes a while."""

    def lent(selecting: str = "TRUE") -> AbstractContextManager[Courier]:
        return contextlib.nullcontext(bakery_courier) if selecting == "TRUE" else Courier(selecting)

    monkeypatch.setattr(client, "Courier", lent)
    return bakery_courier


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="history-") as path:
        yield Path(path)


def differing(now: Told, then: Told) -> dict[str, tuple[bytes | None, bytes | None]]:
    """Return the answers that are others now than they were then."""
    asked = sorted(now.keys() | then.keys())
    return {" ".join(a): (then.get(a), now.get(a)) for a in asked if now.get(a) != then.get(a)}


PROPERTY = settings(
    max_examples=300 if THOROUGH else 3,
    deadline=None,
    derandomize=not THOROUGH,
    phases=(*Phase,) if THOROUGH else (Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@PROPERTY
@given(data=st.data(), days=histories)
def test_step_by_step_equals_one_replay_and_every_answer_stays(
    data: st.DataObject, days: list[Day], folder: Path, courier: Courier
) -> None:
    """Whatever was done, and in whatever order."""
    here = Chronicle(Path(tempfile.mkdtemp(dir=folder)), courier)
    then = {day: here.ask() for day in here.play(days)}
    here.replay()
    there = here.at_once(Path(tempfile.mkdtemp(dir=folder)))
    assert there.book() == here.book()
    for day, told in then.items():
        assert differing(here.ask(as_known=day), told) == {}
    day = data.draw(st.sampled_from(sorted(then)))
    assert differing(there.ask(as_known=day), then[day]) == {}
    carried = labelled(then[day])
    for label, told in carried.items():
        found = here.by_label(label, as_known=day)
        assert differing({asked: found[asked] for asked in told}, told) == {}
    labels = st.sampled_from(sorted(here.labels() | carried.keys()))
    for label in data.draw(st.sets(labels, min_size=1, max_size=None if THOROUGH else 2)):
        assert differing(there.by_label(label), here.by_label(label)) == {}


ASKED = (
    ("values", "--kpi", "nps", "--by", "account"),
    ("values", "--kpi", "touch_minutes", "--by", "manager", "--period", "2026-01"),
    ("scorecard", "--account", "acme", "--period", "2026-01"),
    ("scorecard", "--manager", "kim", "--period", "2026-Q1"),
    ("explain", "--kpi", "customer_churn_rate", "--organisation", "--period", "2026-Q1"),
)


@settings(PROPERTY, max_examples=20 if THOROUGH else 1)
@given(days=histories)
def test_whoever_asks_by_command_reads_the_same(
    days: list[Day], folder: Path, courier: Courier
) -> None:
    """What a command printed on a day, it prints whenever it is asked for that day."""
    here = Chronicle(Path(tempfile.mkdtemp(dir=folder)), courier)
    then = {(day, asked): printed(here, asked) for day in here.play(days) for asked in ASKED}
    for (day, asked), answer in then.items():
        assert printed(here, (*asked, "--as-known", day)) == answer


def printed(here: Chronicle, command: tuple[str, ...]) -> tuple[int, str]:
    """Return the exit code of a command, and what it printed for programs."""
    arguments = [*command, "--format", "json"]
    done = CliRunner().invoke(main, arguments, obj=here.office.app)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout
